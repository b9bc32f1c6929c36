"""*Unaddressed* is one thing: page, highlights, comparison and `find` name the same units; the summary counts."""

import pytest

from argmine.corpus.comparison import entry_of, unit_rows
from argmine.corpus.find import find, question
from argmine.render.highlight import notes_of
from argmine.render.page import map_html
from argmine.render.summary import summary_md

from .conftest import make, with_points
from .test_page import data_of


def test_a_map_without_relations_says_of_nothing_that_it_is_unaddressed():
    paper, amap = make([("A", "challenge", "Trees die young."), ("A", "claim", "Water saves them.")])
    assert not any(u["unaddressed"] or u["gap"] for u in data_of(map_html(paper, amap))["units"])
    assert "addressed" not in summary_md(paper, amap)


@pytest.fixture(scope="module")
def problems():
    """Four challenges: addressed by a claim, remedied by what it motivates, motivating a claim, alone."""
    return make(
        [
            ("A", "challenge", "Trees die young in dry summers."), ("A", "claim", "Water saves the young ones."),
            ("A", "challenge", "Nobody waters them."), ("A", "recommendation", "Wardens should water them."),
            ("A", "challenge", "Streets get hotter each year."), ("A", "claim", "Shade will be worth more."),
            ("A", "challenge", "Pipes are old."),
        ],
        [("t2", "t1", "addresses"), ("t3", "t4", "motivates"), ("t5", "t6", "motivates")],
    )  # fmt: skip


def test_every_place_names_the_same_units(problems):
    paper, amap = problems
    entry = entry_of(amap, paper)
    asked = question(None, unaddressed=True)
    named = {
        "map": {u.id for u in amap.unaddressed},
        "page": {u["id"] for u in data_of(map_html(paper, amap))["units"] if u["unaddressed"]},
        "highlights": {id for id, note in notes_of(amap).items() if "Nothing in the paper" in note},
        "compare": {row["unit"] for row in unit_rows(entry) if row["open"] == "unaddressed"},
        "find": {row["unit"] for found in find([entry], asked) for row in found.rows(1)},
    }
    assert set(map(frozenset, named.values())) == {frozenset({"t5", "t7"})}, named


def test_an_answer_among_the_key_points_addresses_a_problem_everywhere(problems):
    paper, amap = with_points(problems, [("t5", "t4"), ("t7", "t6")], problems=["t5"])
    entry = entry_of(amap, paper)
    assert amap.unaddressed == ()
    assert not any(u["gap"] for u in data_of(map_html(paper, amap))["units"] if u["label"] == "challenge")
    assert not [row for row in unit_rows(entry) if row["open"] == "unaddressed"]
    assert not list(find([entry], question(None, unaddressed=True)))
    assert "Of 4 challenges, 4 are addressed" in summary_md(paper, amap)


def test_the_summary_counts_the_others(problems):
    assert "Of 4 challenges, 2 are addressed" in summary_md(*problems)
