"""What the graphs of a diff are drawn from; where cards and lines stand is the scripts' (tests/js)."""

import random

import pytest

from argmine.argument_map import ArgumentMap, Relation
from argmine.render.diff import diff_maps
from argmine.render.diffpage import diff_html, graph_data
from argmine.reopen import compare_opened
from argmine.scheme import DEFAULT

from .conftest import make, with_points
from .test_diff import changed, opened


def drawn(paper, before, after):
    return graph_data(diff_maps(before, after), paper)


def test_the_graph_of_changes_has_what_changed_and_what_that_is_related_to(small):
    paper, amap = small
    data = drawn(paper, amap, changed(amap, drop=("t7",)))
    kinds = {u["id"]: u["kind"] for u in data["units"]}
    assert [(id, kinds[id]) for id in data["changed"]] == [("u5", "removed"), ("u7", "same")]
    assert [r["word"] for r in data["relations"] if r["kind"] == "removed"] == ["addresses"]
    html = compare_opened(opened(paper, amap), opened(paper, changed(amap, drop=("t7",)))).html()
    assert "only changes, of 2 units and 1 relation:" in html


def test_the_graph_of_everything_has_all_units_and_relations_of_both_maps(small):
    paper, amap = small
    relations = [*amap.relations[1:], Relation.between("t8", "t2", "attacks")]
    data = drawn(paper, amap, changed(amap, relations=relations, t4={"label": "claim"}))
    assert len(data["units"]) == 9
    assert sorted(r["kind"] for r in data["relations"]) == ["added", "removed", *["same"] * 5]


def test_a_relabelled_unit_says_both_labels_and_a_turned_relation_that_it_is(small):
    paper, amap = small
    relations = [Relation.between("t2", "t1", "motivates"), Relation.between("t4", "t2", "attacks")]
    data = drawn(paper, amap, changed(amap, relations=relations, t4={"label": "claim"}))
    assert ("evidence → claim", "E → C") in [(u["names"], u["short"]) for u in data["units"]]
    words = {r["word"] for r in data["relations"] if r["kind"] == "changed"}
    assert words >= {"motivates (turned)", "supports → attacks"}


def test_without_changes_there_is_only_the_graph_of_everything(small):
    paper, amap = small
    assert drawn(paper, amap, amap)["changed"] == []
    html = compare_opened(opened(paper, amap), opened(paper, amap)).html()
    assert 'id="am-graph-all"' in html
    assert 'id="am-graph-changes"' not in html
    assert "Nothing changed" in html


def test_maps_without_units_have_no_graph(make):
    paper, amap = make([("A", None, "A sentence.")])
    html = compare_opened(opened(paper, amap), opened(paper, amap)).html()
    assert "neither map has units" in html
    assert "data-view=" not in html


def test_a_removed_unit_that_an_added_one_covers_is_in_the_graph(small):
    paper, amap = small
    first, second = amap.units[:2]
    whole = first.model_copy(update={"end": second.end, "text": paper.text[first.start : second.end]})
    after = amap.model_copy(update={"units": (whole, *amap.units[2:]), "relations": ()})
    assert len(drawn(paper, amap, after)["units"]) == 9


def test_supports_that_run_in_a_cycle_only_in_both_maps_together_are_drawn(make):
    paper, amap = make([("A", "claim", f"Claim number {n} stands here.") for n in range(3)])
    one = changed(amap, relations=[Relation.between("t1", "t2", "supports"), Relation.between("t2", "t3", "supports")])
    two = changed(amap, relations=[Relation.between("t3", "t1", "supports")])
    kinds = sorted(r["kind"] for r in drawn(paper, one, two)["relations"])
    assert kinds == ["added", "removed", "removed"]


def linked(amap, seed, count):
    """The map with up to `count` supports at random, each to a unit further on."""
    units, pick = [u.id for u in amap.units], random.Random(seed)
    ends = {tuple(sorted(pick.sample(range(len(units)), 2))) for _ in range(count)} if len(units) > 1 else set()
    relations = tuple(Relation.between(units[a], units[b], "supports") for a, b in sorted(ends))
    return ArgumentMap(paper=amap.paper, made_by=amap.made_by, units=amap.units, relations=relations)


@pytest.fixture(scope="module")
def large():
    """Two maps of 2,000 units of which one in ten has another label, with 1,800 relations each."""
    pick = random.Random(7)
    names = [str(pick.choice(DEFAULT.unit_labels)) for _ in range(2000)]
    others = [str(pick.choice(DEFAULT.unit_labels)) if pick.random() < 0.1 else name for name in names]
    (paper, one), (_, two) = (
        make([(f"Section {n // 150}", label, f"Sentence number {n} says in some more words what it has to say.")
              for n, label in enumerate(given)])
        for given in (names, others)
    )  # fmt: skip
    return paper, linked(one, 1, 1800), linked(two, 2, 1800)


@pytest.mark.slow
def test_a_page_of_two_thousand_units_stays_small(large):
    paper, one, two = large
    assert len(diff_html(diff_maps(one, two), paper).encode()) < 2_500_000


def test_key_points_and_voices_are_no_trouble_for_two_maps(small):
    paper, amap = with_points(small, [("t7", "t3")], [("t4", "t6", "a critic")], thesis=["t3", "t2"], problems=["t7"])
    html = diff_html(diff_maps(small[1], amap), paper)
    assert "The article has four parts." in html
    assert "a critic" not in html
