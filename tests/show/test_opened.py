from pathlib import Path

import pytest

from argmine.errors import FormatError
from argmine.reopen import reopen
from argmine.show.opened import alone

from .conftest import poison


@pytest.fixture
def folder(small, tmp_path):
    """A mined folder: paper.json and map.json."""
    paper, amap = small
    (tmp_path / "paper.json").write_text(paper.to_json(), encoding="utf-8")
    (tmp_path / "map.json").write_text(amap.to_json(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["", "map.json", "paper.json"])
def test_a_map_is_opened_with_the_paper_beside_it(folder, small, name):
    opened = reopen(folder / name)
    assert (opened.paper, opened.amap, opened.note) == (*small, None)
    assert "The article has four parts." in opened.html()


def test_without_its_paper_the_units_are_shown_and_it_says_so(folder, small):
    (folder / "paper.json").unlink()
    opened = reopen(folder)
    html = opened.html()
    assert "no paper.json beside it" in html
    assert "The article has four parts." not in html
    assert all(unit.text in html for unit in small[1].units)


def test_a_paper_of_another_text_is_not_used(folder, make):
    other, _ = make([("A", "claim", "Something else.")])
    (folder / "paper.json").write_text(other.to_json(), encoding="utf-8")
    assert "of another text" in str(reopen(folder).note)


def test_a_broken_paper_is_not_used(folder):
    (folder / "paper.json").write_text("{", encoding="utf-8")
    assert "is not JSON" in str(reopen(folder).note)


def test_a_paper_without_a_map_is_refused_on_one_line(folder):
    (folder / "map.json").unlink()
    with pytest.raises(FormatError, match="without a map"):
        reopen(folder / "paper.json")


def test_what_is_not_there_is_refused_on_one_line(tmp_path):
    with pytest.raises(FormatError, match="cannot be opened"):
        reopen(tmp_path / "map.json")


def test_units_alone_keep_labels_relations_and_pages(small):
    opened = alone(small[1])
    assert [(u.id, u.label, u.page) for u in opened.amap.units] == [(u.id, u.label, u.page) for u in small[1].units]
    assert opened.amap.relations == small[1].relations
    assert opened.saved == small[1]


def test_hostile_units_are_shown_alone(hostile):
    assert "<script>alert" not in alone(poison(hostile)[1]).html()


def test_an_empty_map_is_shown(make):
    assert "No units" in alone(make([("A", None, "Nothing.")])[1]).html()


@pytest.fixture
def command():
    from typer.testing import CliRunner

    from argmine.cli import app

    return lambda *arguments: CliRunner().invoke(app, ["show", *map(str, arguments)])


def test_show_writes_the_page_where_it_is_told(command, folder, tmp_path):
    result = command(folder / "map.json", "--out", tmp_path / "new" / "page.html")
    assert result.exit_code == 0
    assert "On Small Papers" in (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert result.stdout.strip() == str(tmp_path / "new" / "page.html")


def test_show_opens_the_browser(command, folder, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    result = command(folder)
    assert result.exit_code == 0
    assert [uri.startswith("file://") and uri.endswith(".html") for uri in opened] == [True]
    (page,) = result.stdout.split()
    assert "On Small Papers" in Path(page).read_text(encoding="utf-8")
    Path(page).unlink()


def test_show_says_on_one_line_what_is_no_map(command, tmp_path):
    (tmp_path / "no.json").write_text('{"a": 1}', encoding="utf-8")
    result = command(tmp_path / "no.json")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "no.json" in result.stderr
