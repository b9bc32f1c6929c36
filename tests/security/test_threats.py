"""The threat model names, for each of its lines, tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def lines() -> list[list[str]]:
    """The cells of each line of the tables of threats, headings left out."""
    # What each command touches has a test of its own: test_syscalls.py.
    page = re.sub("<!-- syscalls -->.*<!-- /syscalls -->", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows if not row.startswith("| through |")]


@cache
def named_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_the_page_has_its_lines() -> None:
    assert len(lines()) > 50


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[0][:60])
def test_each_line_names_tests_that_exist(line: list[str]) -> None:
    assert len(line) == 3
    named = REFERENCE.findall(line[2])
    assert named
    assert " ".join(f"`{path}::{name}`" for path, name in named) == line[2]
    missing = [f"{path}::{name}" for path, name in named if name not in named_in(ROOT / path)]
    assert missing == []
