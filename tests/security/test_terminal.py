"""What a file's name, a title or a text says is shown by the terminal and never obeyed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from argmine.cli import app
from argmine.errors import ArgmineError, FormatError, ReadError, UsageError, printable

from .conftest import poisoned, write_mined

HOSTILE = "\x1b]0;owned\x07\x1b[2Jq\x9b31m\u202eevil\u2066"


def obeyed(text: str) -> set[str]:
    """The characters that a terminal would act on."""
    return {c for c in text if c != "\n" and not c.isprintable()}


def call(*arguments: object) -> str:
    """Both streams of a command."""
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.mark.parametrize("char", [*"\x00\x07\x08\x1b\x7f\x9b\r\n", "\u2028", "\u202e", "\ud800"])
def test_signs_become_escapes_as_json_has_them(char: str) -> None:
    assert printable(f"a{char}b") == f"a\\u{ord(char):04x}b"
    assert json.loads(f'"{printable(char)}"') == char


def test_other_scripts_and_signs_are_left_alone() -> None:
    text = "é 漢字 שלום 👩‍👧 ﬁ – ’ \u00ad"
    assert printable(text) == text


@pytest.mark.parametrize(
    "why",
    [UsageError(f"{HOSTILE}\nline"), ReadError(HOSTILE, HOSTILE), FormatError(HOSTILE, f"{HOSTILE}\n"),
     ArgmineError(HOSTILE)],
)  # fmt: skip
def test_every_error_is_one_line_without_signs(why: ArgmineError) -> None:
    assert not obeyed(str(why))
    assert "\n" not in str(why)


def test_a_file_that_cannot_be_read_is_named_without_signs(tmp_path: Path) -> None:
    path = tmp_path / f"{HOSTILE}.txt"
    path.touch()
    said = call("read", path, "--out", tmp_path / "out")
    assert "is empty" in said
    assert not obeyed(said)


def test_a_paper_that_is_done_is_named_without_signs(tmp_path: Path, text_paper) -> None:
    said = call("read", text_paper(f"{HOSTILE}.txt"), "--out", tmp_path / "out")
    assert "2 sentences" in said
    assert not obeyed(said)


def test_a_name_over_two_lines_makes_no_line_of_its_own(tmp_path: Path, text_paper) -> None:
    said = call("read", text_paper("a\nerror: all papers are lost.txt"), "--out", tmp_path / "out")
    assert not [line for line in said.splitlines() if line.startswith("error")]


def test_find_shows_units_without_signs(tmp_path: Path) -> None:
    folder = write_mined(tmp_path / "build" / "one", *poisoned(HOSTILE))
    said = call("find", folder.parent, "--label", "claim")
    assert "owned" in said
    assert not obeyed(said)


def test_diff_shows_units_without_signs(tmp_path: Path) -> None:
    paper, amap = poisoned(HOSTILE)
    one = write_mined(tmp_path / "one", paper, amap)
    two = write_mined(tmp_path / "two", paper, amap.model_copy(update={"units": amap.units[:3], "relations": ()}))
    said = call("diff", one, two)
    assert "owned" in said
    assert not obeyed(said)


def test_check_shows_what_is_wrong_without_signs(tmp_path: Path) -> None:
    path = tmp_path / "annotations" / "paper" / "A.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"type": HOSTILE}, ensure_ascii=False) + "\n", encoding="utf-8")
    said = call("check", path)
    assert "A.jsonl, line 1" in said
    assert not obeyed(said)


def test_the_log_in_json_stays_json(tmp_path: Path, text_paper) -> None:
    said = call("read", text_paper(f"{HOSTILE}.txt"), "--out", tmp_path / "out", "--log-json", "--quiet")
    events = [json.loads(line) for line in said.splitlines()]
    assert f"{HOSTILE}.txt" in [event.get("file") for event in events]
    assert not obeyed(said)
