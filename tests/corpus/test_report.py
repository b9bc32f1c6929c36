"""The report's files, the command, and the page as text."""

from __future__ import annotations

import csv
import json
import re

import pytest
from typer.testing import CliRunner

from argmine.cli import app
from argmine.corpus.comparison import RELATION_FIELDS, UNIT_FIELDS, compare, entry_of
from argmine.corpus.page import comparison_html
from argmine.corpus.report import FILES, write_comparison

from .conftest import essay, make, save, with_thesis


def run(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def table(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_command_writes_the_report(maps, tmp_path):
    done = run(maps, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == list(FILES)
    assert len(table(tmp_path / "out" / "papers.csv")) == 3
    assert len(table(tmp_path / "out" / "units.csv")) == 24
    assert len(table(tmp_path / "out" / "relations.csv")) == 15


def test_every_file_of_the_report_is_on_the_disk_before_it_gets_its_name(maps, tmp_path, unsynced):
    assert run(maps, "--out", tmp_path / "out").exit_code == 0
    assert unsynced == []


def test_the_tables_are_those_of_the_api(maps, tmp_path):
    found = write_comparison([maps], tmp_path / "out")
    assert list(found.units.columns) == list(UNIT_FIELDS)
    assert list(found.relations.columns) == list(RELATION_FIELDS)
    assert found.units["unit"].tolist() == [r["unit"] for r in table(tmp_path / "out" / "units.csv")]
    assert found.papers["claim"].tolist() == [2, 2, 2]


def test_a_papers_thesis_stands_in_table_and_page_where_its_map_has_one(tmp_path):
    found = compare(
        [entry_of(with_thesis(essay("hedge"), "t5")[1], name="hedge"), entry_of(essay("tree")[1], name="tree")]
    )
    assert found.papers["thesis"].tolist() == ["The next part turns to costs.", ""]
    page = comparison_html(found, tmp_path)
    assert page.count("<b>argues</b>") == 1
    assert "<b>argues</b> The next part turns to costs." in page


def test_a_failed_map_gives_exit_code_1_and_the_rest_whole(maps, tmp_path):
    (maps / "hedge" / "map.json").write_text("{", encoding="utf-8")
    done = run(maps, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert len(table(tmp_path / "out" / "papers.csv")) == 2
    assert json.loads((tmp_path / "out" / "comparison.json").read_text())["left_out"][0]["name"] == "hedge"


def test_a_duplicate_is_no_failure(maps, tmp_path):
    save(maps / "twin", *essay("hedge"))
    done = run(maps, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "left out: twin" in done.output


def test_wrong_usage_leaves_nothing_behind(maps, tmp_path):
    assert run(maps / "nowhere", "--out", tmp_path / "out").exit_code == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_two_runs_give_the_same_bytes(maps, tmp_path):
    for out in ("a", "b"):
        write_comparison([maps], tmp_path / out)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_cell_is_no_formula(tmp_path):
    save(tmp_path / "m" / "bad", *make([("=A", "claim", "=SUM(A1) is no claim.")], title="=cmd"))
    write_comparison([tmp_path / "m"], tmp_path / "out")
    assert table(tmp_path / "out" / "units.csv")[0]["text"] == "'=SUM(A1) is no claim."
    assert table(tmp_path / "out" / "papers.csv")[0]["title"] == "'=cmd"


def test_the_page_links_to_the_units_on_their_maps(maps, tmp_path):
    write_comparison([maps], tmp_path / "out")
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert 'href="../maps/hedge/map.html#t7"' in page


def test_the_page_holds_nothing_from_elsewhere(maps, tmp_path):
    page = comparison_html(compare([maps]), tmp_path)
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert " style=" not in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\u2028'\"`"])
def test_hostile_text_stays_text(tmp_path, text):
    said = [(text, "challenge", f"{text} one risk remains open."), (text, "recommendation", f"{text} do it now.")]
    made = [make(said, title=f"{text} {n}") for n in range(2)]
    page = comparison_html(compare([entry_of(m, p, name=f"{text}{n}") for n, (p, m) in enumerate(made)]), tmp_path)
    assert "<script>alert" not in page
    assert "<img" not in page


def test_one_map_and_none_have_a_page(maps, tmp_path):
    assert "one map only" in comparison_html(compare([maps / "hedge"]), tmp_path)
    save(tmp_path / "e", *make([("A", None, "Nothing.")]))
    assert "Nothing to compare" in comparison_html(compare([tmp_path / "e"]), tmp_path)


def test_help_has_an_example():
    for command in ("compare", "find"):
        assert "Example: argmine" in CliRunner().invoke(app, [command, "--help"]).output
