"""What argmine depends on is pinned, named and asked about."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from argmine.model import shipped_model
from argmine.weights import file_digest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts import audit, check_lock, sbom  # noqa: E402
from scripts.packages import installed, locked  # noqa: E402

TAMPERED = """numpy==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:{digest}
pandas==0.1 \\
    --hash=sha256:{digest}
rich==1.0
"""


def test_the_lock_file_pins_all_that_is_needed_with_digests() -> None:
    assert check_lock.problems() == []
    assert len(locked()) > 50
    assert all(len(digest) == 64 for entry in locked() for digest in entry.hashes)


def test_a_lock_file_that_lacks_something_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text(TAMPERED.format(digest="0" * 64), encoding="utf-8")
    monkeypatch.setattr(check_lock, "locked", lambda: locked(path))
    monkeypatch.setattr(check_lock, "locked_here", lambda: {e.name: e for e in locked(path) if e.here})
    found = check_lock.problems()
    assert "rich: has no digest" in found
    assert "argmine needs spacy, which is missing" in found
    assert any(line.startswith("argmine needs pandas>=") for line in found)


def test_a_version_that_is_not_pinned_is_told(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text("rich>=13\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not pinned"):
        locked(path)


def bill() -> dict[str, list[dict[str, object]]]:
    from cyclonedx.output.json import JsonV1Dot6

    data: dict[str, list[dict[str, object]]] = json.loads(JsonV1Dot6(sbom.make_sbom()).output_as_string())
    return data


def test_the_bill_of_materials_is_valid_cyclonedx() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill())) is None


def test_the_bill_of_materials_names_every_package_with_its_licence() -> None:
    parts = {str(c["name"]): c for c in bill()["components"]}
    assert installed().keys() <= parts.keys()
    assert [name for name in installed() if not parts[name].get("licenses")] == []


def test_the_bill_of_materials_names_the_model_with_digest_and_licence() -> None:
    (model,) = [c for c in bill()["components"] if c["type"] == "machine-learning-model"]
    assert model["hashes"] == [{"alg": "SHA-256", "content": file_digest(shipped_model() / "meta.json")}]
    assert model["licenses"] == [{"license": {"id": "MIT"}}]


def test_the_command_writes_the_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    out = tmp_path / "made" / "sbom.json"
    monkeypatch.setattr(sys, "argv", ["sbom.py", "--out", str(out)])
    assert sbom.main() == 0
    assert json.loads(out.read_text(encoding="utf-8"))["bomFormat"] == "CycloneDX"
    assert str(out) in capsys.readouterr().out


KNOWN = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "PYSEC-1", "aliases": [], "fix_versions": ["2.7"]}]}


def answer(monkeypatch: pytest.MonkeyPatch, *answers: list[dict[str, object]] | None) -> None:
    said = iter(answers)
    monkeypatch.setattr(audit, "_ask", lambda pins, service: next(said))
    monkeypatch.setattr(sys, "argv", ["audit.py"])


@pytest.mark.parametrize("canary", [None, [], [{"name": "jinja2", "version": "2.4.1", "skip_reason": "unknown"}]])
def test_an_audit_without_data_says_that_there_was_none(monkeypatch: pytest.MonkeyPatch, capsys, canary) -> None:
    answer(monkeypatch, canary, canary)
    assert audit.main() == 0
    assert capsys.readouterr().out.startswith("no audit: ")


def test_a_vulnerable_package_fails_the_audit(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    answer(monkeypatch, [KNOWN], [KNOWN, {"name": "rich", "version": "1", "vulns": []}])
    assert audit.main() == 1
    assert "jinja2 2.4.1: PYSEC-1, mended in 2.7" in capsys.readouterr().err


def test_an_audit_that_finds_nothing_passes(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    answer(monkeypatch, [KNOWN], [{"name": "rich", "version": "1", "vulns": []}])
    assert audit.main() == 0
    assert "0 vulnerabilities" in capsys.readouterr().out
