"""The overview over a run's papers: searchable, and written again only where something changed."""

import json
import re

import pytest

from argmine.inputs import Input
from argmine.pipeline import Job, Row
from argmine.run import Done, Run
from argmine.show.index import PaperUnits
from argmine.stamp import write_stamp

from .show.conftest import SMALL, SMALL_RELATIONS, make


@pytest.fixture
def run_over(tmp_path, monkeypatch):
    """A run that has finished with one paper, mined earlier."""
    out = tmp_path / "out"
    folder = out / "small"
    folder.mkdir(parents=True)
    paper, amap = make(SMALL, SMALL_RELATIONS)
    (folder / "paper.json").write_text(paper.to_json(), encoding="utf-8")
    (folder / "map.json").write_text(amap.to_json(), encoding="utf-8")
    write_stamp(folder, {"model": "1"}, {})

    def run():
        made = Run([], Job(out))
        made.inputs = [Input(tmp_path / "small.pdf", "small", "0")]
        row = Row("small", "small.pdf", title="On Small Papers", units={"claim": 3}, map="small/map.html")
        made._done = {"small": Done(row, made=False)}
        return made

    return run


def index_of(run):
    html = (run.out / "index.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="am-index">(.*?)</script>', html)[1])


def test_the_overview_holds_the_units_of_the_mined_papers(run_over):
    run = run_over()
    run.finish()
    [[title, address, _, units]] = index_of(run)["papers"]
    assert (title, address, len(units)) == ("On Small Papers", "small/map.html", 9)


def test_an_overview_that_is_up_to_date_reads_no_map(run_over, monkeypatch):
    run_over().finish()
    monkeypatch.setattr("argmine.run.paper_units", lambda *_: pytest.fail("read a map again"))
    run_over().finish()


def test_a_paper_mined_again_makes_the_overview_again(run_over, monkeypatch):
    run = run_over()
    run.finish()
    write_stamp(run.out / "small", {"model": "2"}, {})
    asked = []
    monkeypatch.setattr("argmine.run.paper_units", lambda *_: asked.append(1) or PaperUnits("a", "b"))
    run_over().finish()
    assert asked


def test_a_lost_index_file_is_written_again(run_over, monkeypatch):
    monkeypatch.setattr("argmine.show.overview.EMBEDDED_LIMIT", 10)
    run = run_over()
    run.finish()
    (run.out / "units.js").unlink()
    run_over().finish()
    assert (run.out / "units.js").is_file()


def test_an_index_file_that_is_no_longer_needed_goes(run_over, monkeypatch):
    run = run_over()
    with monkeypatch.context() as patch:
        patch.setattr("argmine.show.overview.EMBEDDED_LIMIT", 10)
        run.finish()
    write_stamp(run.out / "small", {"model": "2"}, {})
    run_over().finish()
    assert not (run.out / "units.js").exists()
