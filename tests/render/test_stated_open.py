"""What a paper states as open, and what nothing in it addresses: one definition each, wherever they are shown."""

import json
import re

import pytest

from argmine.argument_map import stated_open
from argmine.render.page import map_html
from argmine.render.summary import summary_md


def ids(units):
    return [u.id for u in units]


@pytest.mark.parametrize(("role", "expected"), [("limitation", ["t1"]), ("discussion", []), ("conclusion", [])])
def test_an_own_problem_is_stated_open_where_it_stands_among_the_limitations(make, role, expected):
    made = make([("L", "challenge", "The sample holds only eleven small towns.")], roles={"L": role})
    assert ids(stated_open(*made)) == expected


def test_a_reported_problem_is_no_limit_of_the_paper(make):
    reported = {"t1": {"attribution": "reported"}}
    made = make([("L", "challenge", "Rivals find the method slow.")], roles={"L": "limitation"}, unit=reported)
    assert stated_open(*made) == ()


@pytest.mark.parametrize("said", ["It remains unclear who pays.", "Who would pay for the care of trees?"])
def test_what_the_paper_says_or_asks_is_stated_open_unless_it_is_addressed(make, said):
    spec = [("A", "challenge", said), ("A", "recommendation", "The towns should pay.")]
    assert ids(stated_open(*make(spec))) == ["t1"]
    assert stated_open(*make(spec, [("t2", "t1", "addresses")])) == ()


def test_a_call_for_further_study_is_stated_open(make):
    said = ["Further research is needed on shade at night.", "Towns should plan water."]
    made = make([*(("C", "recommendation", text) for text in said), ("C", "claim", "It remains unclear.")])
    assert ids(stated_open(*made)) == ["t1"]


def test_page_and_summary_count_the_same_problems_as_unaddressed(small):
    _, amap = small
    html = map_html(*small)
    data = json.loads(re.search(r'id="am-data">(.*?)</script>', html)[1])
    assert [u["id"] for u in data["units"] if u["unaddressed"]] == ids(amap.unaddressed) == ["t8"]
    for text in (html, summary_md(*small)):
        assert "Of 2 challenges, 1 is addressed in this paper" in text
