from dataclasses import replace
from pathlib import Path

import pytest

from argmine.argument_map import MadeBy
from argmine.errors import FormatError, ModelError
from argmine.model.model import Model, shipped_model
from argmine.reopen import alone, explained, reopen

from .conftest import poison, with_points
from .test_page import Page


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


def test_a_paper_that_a_unit_does_not_stand_in_is_not_used_though_its_digest_says_so(folder, small):
    units = (small[1].units[0].model_copy(update={"text": "Another text."}), *small[1].units[1:])
    wrong = small[1].model_copy(update={"units": units})
    (folder / "map.json").write_text(wrong.to_json(), encoding="utf-8")
    opened = reopen(folder)
    assert "of another text" in str(opened.note)
    assert "Another text." in opened.html()


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


def test_key_points_are_shown_alone_too_those_on_no_unit_among_them(small):
    opened = alone(
        with_points(small, [("t7", "t3")], [("t4", "t6", "a critic")], thesis=["t3", "t2"], problems=["t7"])[1]
    )
    opened.amap.check_against(opened.paper)
    text = " ".join(Page(opened.html()).text.split())
    assert text.count("The article has four parts.") == 3  # as thesis, as answer, in the text
    assert "a critic" not in text
    assert opened.saved.voices


def test_hostile_units_are_shown_alone(hostile):
    assert "<script>alert" not in alone(poison(hostile)[1]).html()


def test_an_empty_map_is_shown(make):
    assert "No units" in alone(make([("A", None, "Nothing.")])[1]).html()


def made_by(opened, **fields):
    """The same map, made by another model."""
    by = MadeBy(**{"kind": "model", "name": "m", **fields})
    return replace(opened, saved=opened.saved.model_copy(update={"made_by": by}))


def test_reasons_come_from_the_model_that_made_the_map(folder, small):
    sha256 = Model.load(shipped_model()).sha256
    opened = explained(made_by(reopen(folder), sha256=sha256))
    told = opened.reasons.keys() or opened.unexplained  # not every tagger can tell
    assert told == {u.id for u in small[1].units} or told == "This model's tagger can't tell reasons."


def test_a_map_of_another_model_says_why_there_are_no_reasons(folder):
    opened = explained(made_by(reopen(folder), sha256="0" * 64, version="2"))
    assert opened.reasons == {}
    assert "(m 2, sha256 00000000…) is not here" in opened.html()


def test_a_map_that_names_no_model_file_says_so(folder):
    assert "doesn't say which model" in explained(made_by(reopen(folder))).unexplained


def test_without_its_text_a_map_says_that_reasons_need_it(folder):
    (folder / "paper.json").unlink()
    assert "without the paper's text" in explained(reopen(folder)).unexplained


def test_an_annotators_map_needs_no_models_reasons(folder):
    assert explained(made_by(reopen(folder), kind="annotator")).unexplained == ""


def test_a_given_folder_without_a_model_is_refused(folder, tmp_path):
    with pytest.raises(ModelError):
        explained(made_by(reopen(folder), sha256="0" * 64), tmp_path / "no")


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
