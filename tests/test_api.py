"""The public API as a user imports it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import argmine

SAMPLE = Path(__file__).parents[1] / "corpus" / "samples" / "health-heat-days.pdf"


@pytest.mark.parametrize("name", argmine.__all__)
def test_every_public_name_is_there(name):
    assert getattr(argmine, name) is not None


def test_read_can_be_called_again_and_again():
    assert argmine.read(SAMPLE).title == argmine.read(str(SAMPLE)).title


def test_read_can_be_called_in_a_fresh_interpreter():
    code = f"import argmine; argmine.read({str(SAMPLE)!r}); print(argmine.read({str(SAMPLE)!r}).source.pages)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "4", done.stderr


def test_mining_in_a_loop_loads_the_model_once(monkeypatch):
    from argmine import pipeline
    from argmine.model.model import Model

    load, loaded = Model.load, []
    monkeypatch.setattr(Model, "load", lambda folder: loaded.append(folder) or load(folder))
    pipeline._loaded.cache_clear()
    paper = argmine.read(SAMPLE)
    assert argmine.mine(paper) == argmine.mine(paper)
    assert len(loaded) == 1


def test_a_model_that_changed_is_loaded_again(tmp_path, monkeypatch):
    from argmine.model.model import Model, shipped_model

    folder = tmp_path / "model"
    shutil.copytree(shipped_model(), folder)
    paper = argmine.read(SAMPLE)
    before = argmine.mine(paper, model=folder)
    meta = folder / "meta.json"
    meta.write_text(meta.read_text().replace('"version"', '"version" '))
    after = argmine.mine(paper, model=folder)
    assert (after.made_by.sha256, after.units) == (Model.load(folder).predict(paper).made_by.sha256, before.units)
    assert after.made_by.sha256 != before.made_by.sha256


def test_load_tells_papers_and_maps_apart(tmp_path):
    paper = argmine.read(SAMPLE)
    amap = argmine.mine(paper)
    (tmp_path / "paper.json").write_text(paper.to_json())
    (tmp_path / "map.json").write_text(amap.to_json())
    assert argmine.load(tmp_path / "paper.json") == paper
    assert argmine.load(tmp_path / "map.json") == amap


def test_load_of_something_else_is_a_clear_error(tmp_path):
    (tmp_path / "x.json").write_text('{"schema": "other/1"}')
    with pytest.raises(argmine.FormatError, match="has the schema 'other/1'"):
        argmine.load(tmp_path / "x.json")


def test_a_paper_in_another_language_is_tagged_only_when_asked_to(tmp_path):
    path = tmp_path / "papier.txt"
    path.write_text(
        "Die Kabel tragen fast den ganzen Verkehr zwischen den Inseln, und niemand bezahlt für ihre Reparatur. "
        "Deshalb sollten die Küstenstaaten gemeinsam einen Fonds gründen, der Reparaturschiffe unterhält. "
        "Im Jahr 2019 hat ein solcher Fonds die Dauer der Reparaturen halbiert.\n" * 3,
        encoding="utf-8",
    )
    paper = argmine.read(path)
    assert paper.language == "de"
    with pytest.raises(argmine.ReadError, match="--any-language"):
        argmine.mine(paper)
    assert argmine.mine(paper, any_language=True).units is not None


def test_what_there_is_is_listed():
    assert dir(argmine) == sorted([*argmine.__all__, "__version__"])


def test_a_text_is_mined_as_it_stands():
    amap = argmine.mine("Towns should plant trees. In 2020 a street with trees was four degrees cooler.")
    assert [unit.text[:5] for unit in amap.units] == ["Towns", "In 20"]


@pytest.mark.parametrize("name", ["my paper.pdf", "nowhere.txt", "nowhere"])
def test_the_name_of_a_file_that_is_not_there_is_no_text(name):
    with pytest.raises(argmine.ReadError, match="does not exist"):
        argmine.mine(name)


def test_an_empty_text_is_no_paper():
    with pytest.raises(argmine.ReadError, match="is empty"):
        argmine.mine(" \n \n")


def test_the_model_is_loaded_once():
    assert argmine.load_model() is argmine.load_model()


def test_a_text_of_one_line_may_be_longer_than_a_files_name():
    text = "Ports must act now, since the quay is old and dues have risen. " * 12
    assert argmine.mine(text.strip()).paper.text_sha256


def test_what_argues_nothing_has_no_key_points():
    prices = "Apples cost 2 marks. Pears cost 3 marks. Plums cost 1 mark. Figs cost 4 marks. Nuts cost 9 marks."
    points = argmine.mine(prices).key_points
    assert points is not None
    assert not any(points.place(name) for name in argmine.argument_map.KEY_POINT_PLACES)
