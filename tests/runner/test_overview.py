"""What is written about all papers of a run together."""

import csv

import pytest

from argmine.argument_map import ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, PaperRef, Relation, Unit
from argmine.corpus.cache import CACHE_FILE
from argmine.inputs import Row
from argmine.paper import Block, Paper, Section, Sentence, Source
from argmine.runner.overview import write_overview


@pytest.fixture
def mined(tmp_path):
    text = "=HYPERLINK(1) is bad. Two."
    paper = Paper(
        source=Source(file="a.txt", sha256="0", media_type="text/plain", reader="text"),
        text=text,
        sections=(Section(id="s1", title="+1", level=1, start=0, end=len(text)),),
        blocks=(Block(id="b1", type="paragraph", start=0, end=len(text), section="s1"),),
        sentences=(
            Sentence(id="t1", start=0, end=21, block="b1", section="s1"),
            Sentence(id="t2", start=22, end=26, block="b1", section="s1"),
        ),
    )
    amap = ArgumentMap(
        paper=PaperRef(file="a.txt", sha256="0", text_sha256="0"),
        made_by=MadeBy(kind="model", name="test"),
        units=(
            Unit(id="t1", sentence="t1", label="claim", start=0, end=21, text=text[:21], section="s1"),
            Unit(id="t2", sentence="t2", label="evidence", start=22, end=26, text="Two.", section="s1"),
        ),
        relations=(Relation.between("t2", "t1", "supports"),),
    )
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "paper.json").write_text(paper.to_json())
    (folder / "map.json").write_text(amap.to_json())
    return tmp_path


def test_the_overview_tells_what_a_paper_argues_first(mined):
    file = mined / "a" / "map.json"
    point = KeyPoint(sentence="t2", unit="t2", start=22, end=26, text="Two.")
    amap = ArgumentMap.from_file(file).model_copy(update={"key_points": MapKeyPoints(thesis=(point,))})
    file.write_text(amap.to_json())
    write_overview(mined, [Row("a", "a.txt", map="a/map.html")])
    assert (
        '<a class="said-first" href="a/map.html#t2" dir="auto"><b>argues</b> Two.</a>'
        in (mined / "index.html").read_text()
    )


def units_csv(out, stems):
    write_overview(out, [Row(stem, f"{stem}.txt", map=f"{stem}/map.html") for stem in stems])
    return (out / "units.csv").read_text()


def test_units_csv_has_a_line_a_unit_with_its_relations(mined):
    rows = list(csv.DictReader(units_csv(mined, ["a"]).splitlines()))
    assert [(r["paper"], r["unit"], r["label"], r["relations"]) for r in rows] == [
        ("a", "t1", "claim", ""),
        ("a", "t2", "evidence", "supports t1"),
    ]


def test_no_cell_of_units_csv_is_a_formula(mined):
    row = next(csv.DictReader(units_csv(mined, ["a"]).splitlines()))
    assert (row["text"][:2], row["section"]) == ("'=", "'+1")


def test_each_map_is_read_once_for_page_and_table(mined, monkeypatch):
    read = []
    whole = ArgumentMap.from_file
    monkeypatch.setattr(ArgumentMap, "from_file", lambda path: read.append(path.parent.name) or whole(path))
    units_csv(mined, ["a"])
    assert read == ["a"]
    assert "is bad." in (mined / "index.html").read_text()


def test_what_stands_there_is_not_read_again(mined, monkeypatch):
    rows = [Row("a", "a.txt", map="a/map.html")]
    write_overview(mined, rows)
    monkeypatch.setattr(ArgumentMap, "from_file", None)
    write_overview(mined, rows, anew=False)


def test_a_store_changes_no_byte(mined, monkeypatch):
    files = "index.html", "units.csv", "summary.json"
    units_csv(mined, ["a"])
    without = [(mined / name).read_bytes() for name in files]
    assert not (mined / CACHE_FILE).exists()
    monkeypatch.setattr("argmine.corpus.cache.read_maps.__defaults__", (1,))
    monkeypatch.setattr("argmine.corpus.cache._YOUNG_NS", 0)
    for _ in range(2):
        for name in files:
            (mined / name).unlink()
        units_csv(mined, ["a"])
        assert [(mined / name).read_bytes() for name in files] == without
    assert (mined / CACHE_FILE).exists()


def test_a_script_of_an_earlier_version_beside_the_page_is_removed(mined):
    (mined / "units.js").write_text("globalThis.argmineUnits = {};")
    units_csv(mined, ["a"])
    assert not (mined / "units.js").exists()
