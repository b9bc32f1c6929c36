"""No regular expression of the package takes more than time in proportion to what it reads, whatever that is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HELPER = Path(__file__).with_name("redos.py")
USES = {"argmine.readers.heuristics._KINDS": ["fullmatch"]}
"""How patterns in tables are used, where not in every way."""
BOUNDS = {
    r"[^\W_]+$": 20,  # the end of what stands before a mark (read/pdf/lines.py)
    r"[a-z]{1,4}[A-Z]\w*|\w*_\w*|[α-ω].*": 40,  # one word of bounded length (read/sentences.py)
    r",\s*(?:and\s+|&\s*)?|;|\s+(?:and|&)\s+": 300,  # a line of names (read/shape.py)
    r",\s+(?:and\s+)?|\s+(?:and|&)\s+|;\s*": 300,  # the names that a reference begins with (read/references.py)
    r"([^\W\d_][\w'’-]*)-$": 2000,  # a line's end (read/hyphens.py)
    r"(?:https?://|www\.|doi\.org/|doi:\s?10\.)\S*[/._=?&%#~-]$": 2000,
}
"""The longest strings that come to patterns which take time by the square of it, where the code bounds them."""


def slow(size: int, limit: float, most: int, timeout: float) -> dict[str, Any]:
    """What the helper finds, in a process of its own that is killed after `timeout` seconds."""
    options = {
        "size": size, "limit": limit, "most": most, "uses": USES, "bounds": BOUNDS,
        "skipped": ["argmine._models", "argmine.__main__", "argmine.training.encoder", "argmine.runner.cluster"],
    }  # fmt: skip
    command = [sys.executable, str(HELPER), "argmine", json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_no_pattern_blows_up() -> None:
    found = slow(size=1000, limit=0.25, most=40, timeout=300)
    assert found["slow"] == []
    assert found["unknown"] == []
    assert found["patterns"] > 250


@pytest.mark.slow
def test_no_pattern_takes_the_square_of_fifty_thousand_characters() -> None:
    assert slow(size=50_000, limit=2.0, most=40, timeout=1200)["slow"] == []


def test_a_pattern_that_blows_up_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "__init__.py").write_text("import re\nBAD = re.compile(r'(?:\\s*,?\\s*\\w+)+!')\nBAD.search('')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    options = {"size": 1000, "limit": 0.25, "most": 40, "uses": {}, "bounds": {}, "skipped": []}
    command = [sys.executable, str(HELPER), "hostile", json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert len(json.loads(done.stdout)["slow"]) == 1
