"""In which order units stand: key points first, then what is linked to them, then what most leads to."""

import pytest

from argmine.argument_map import ArgumentMap
from argmine.render.salience import Salience

from .conftest import with_points


def order(amap: ArgumentMap):
    return [u.id for u in Salience(amap).ordered(amap.units)]


def claims(n):
    return [("A", "claim", f"Claim number {k} is made here.") for k in range(1, n + 1)]


def test_without_relations_and_key_points_it_is_the_texts(make):
    assert order(make(claims(3))[1]) == ["t1", "t2", "t3"]


def test_what_more_leads_to_comes_first(make):
    _, amap = make(claims(4), [("t1", "t3", "supports"), ("t2", "t3", "supports"), ("t3", "t4", "supports")])
    assert order(amap) == ["t3", "t4", "t1", "t2"]
    assert Salience(amap).centrality["t3"] == 2
    assert Salience(amap).centrality["t4"] == 2


def test_neither_score_nor_words_nor_section_play_a_part(make):
    said = [("A", "claim", "It is so."), ("B", "claim", "We argue that trees are shade."), ("C", "claim", "Third.")]
    _, amap = make(said, roles={"A": "method", "B": "abstract"}, unit={"t1": {"score": 0.3}, "t3": {"score": 0.99}})
    assert order(amap) == ["t1", "t2", "t3"]


def test_attacks_in_a_circle_have_an_end(make):
    _, amap = make(claims(2), [("t1", "t2", "attacks")])
    ring = amap.model_copy(update={"relations": (*amap.relations, amap.relations[0].between("t2", "t1", "attacks"))})
    assert order(ring) == ["t1", "t2"]


def test_key_points_come_first_by_their_probability_then_what_is_linked_to_them(make):
    relations = [("t1", "t2", "supports"), ("t6", "t3", "supports")]
    _, amap = with_points(make(claims(6), relations), thesis=["t5", "t3"], reasons=["t4"])
    assert order(amap) == ["t4", "t5", "t3", "t6", "t2", "t1"]


def test_a_key_point_on_no_unit_orders_nothing(make):
    _, amap = with_points(make([*claims(2), ("A", None, "The thesis.")]), thesis=["t3"])
    assert order(amap) == ["t1", "t2"]


def test_a_part_of_a_split_sentence_is_the_unit_on_its_key_point(make):
    paper, amap = make([("A", "claim", "Trees cool, and so do ponds.")])
    part = amap.units[0].model_copy(update={"id": "t1b", "start": amap.units[0].start + 12, "text": "and so do ponds."})
    paper, amap = with_points((paper, amap.model_copy(update={"units": (part,)})), thesis=["t1"])
    assert Salience(amap).chosen == {"t1b": 0.9}


def test_without_key_points_the_graph_shows_some_of_each_label_but_no_evidence(small):
    shown = Salience(small[1]).first_shown()
    assert {small[1].unit(id).label for id in shown} == {"claim", "motivation", "challenge", "recommendation"}


def test_the_graph_shows_key_points_and_what_is_linked_to_them_first(small):
    _, amap = with_points(small, recommendations=["t9"])
    assert Salience(amap).first_shown() == {"t9", "t7", "t10"}


def test_what_a_thesis_is_supported_by_is_folded_below_it(small):
    _, amap = with_points(small, thesis=["t2"], reasons=["t6", "t4"])
    assert Salience(amap).first_shown() == {"t2", "t1"}


def test_a_thesis_that_is_labelled_evidence_is_shown(make):
    _, amap = with_points(make([("A", "evidence", "Streets were four degrees cooler.")]), thesis=["t1"])
    assert Salience(amap).first_shown() == {"t1"}


@pytest.mark.parametrize("chosen", [True, False])
def test_the_limit_holds(make, chosen):
    made = make([(f"S{n}", "challenge", f"Problem number {n} stays.") for n in range(200)])
    _, amap = (
        with_points(
            made,
            problems=[f"t{n}" for n in range(1, 9)],
            why=[f"t{n}" for n in range(9, 18)],
            open=[f"t{n}" for n in range(18, 27)],
            thesis=[f"t{n}" for n in range(27, 36)],
        )
        if chosen
        else made
    )
    assert len(Salience(amap).first_shown()) <= 30


def test_an_empty_map_has_no_order(make):
    salience = Salience(make([("A", None, "Nothing is argued.")])[1])
    assert (salience.rank, salience.by_label(3), salience.first_shown()) == ({}, {}, frozenset())
