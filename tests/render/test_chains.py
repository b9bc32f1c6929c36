import pytest

from argmine.render.layout import lay_out
from argmine.render.page import page_data

from .conftest import with_points


def open_ends(paper, amap):
    """What the page says is missing at the units, by unit."""
    units = page_data(paper, amap, lay_out(paper, amap), {}, amap)["units"]
    return {u["id"]: u["gap"] for u in units if u["gap"]}


def lanes_of(paper, amap):
    """The chains' titles, each with the ids of all the units that stand in it."""
    layout = lay_out(paper, amap)
    return [
        (lane.title, [c.id for c in layout.cards if c.chain == n]) for n, lane in enumerate(layout.chains)
    ]  # fmt: skip


def test_a_whole_chain_stands_in_one_lane(make):
    paper, amap = make(
        [("A", "motivation", "Towns need shade."), ("A", "challenge", "Trees die young."),
         ("A", "claim", "Water in the first years saves them."), ("A", "recommendation", "Towns should water.")],
        [("t1", "t4", "motivates"), ("t4", "t2", "addresses"), ("t3", "t4", "supports")],
    )  # fmt: skip
    assert lanes_of(paper, amap) == [
        ("1: motivation → challenge → claim → recommendation", ["t1", "t2", "t3", "t4"]),
    ]


def test_evidence_stands_in_the_chain_of_what_it_supports(make):
    paper, amap = make(
        [("A", "evidence", "In 2020 half died."), ("A", "challenge", "Trees die young."),
         ("A", "recommendation", "Towns should water.")],
        [("t1", "t2", "supports"), ("t3", "t2", "addresses")],
    )  # fmt: skip
    assert lanes_of(paper, amap) == [("1: challenge → recommendation", ["t1", "t2", "t3"])]


def test_a_challenge_goes_to_the_recommendation_rather_than_to_the_claim_that_answers_it(make):
    paper, amap = make(
        [("A", "challenge", "Trees die young."), ("A", "claim", "Some survive."),
         ("A", "recommendation", "Towns should water.")],
        [("t2", "t1", "addresses"), ("t3", "t1", "addresses")],
    )  # fmt: skip
    assert lanes_of(paper, amap)[0] == ("1: challenge → recommendation", ["t1", "t3"])


@pytest.mark.parametrize(
    ("label", "title", "end"),
    [("challenge", "Challenges that nothing addresses", "no recommendation or claim addresses it"),
     ("recommendation", "Recommendations that nothing motivates", "nothing motivates it"),
     ("claim", "Claims that nothing supports", "nothing supports it")],
)  # fmt: skip
def test_a_unit_with_an_open_end_and_no_chain_stands_in_the_lane_that_says_so(make, label, title, end):
    linked = [("A", "evidence", "In 2020 half died."), ("A", "motivation", "Towns need shade.")]
    paper, amap = make([("A", label, "It stands by itself."), *linked], [("t2", "t3", "supports")])
    assert (title, ["t1"]) in lanes_of(paper, amap)
    assert open_ends(paper, amap) == {"t1": end}


def test_an_end_is_open_inside_a_chain_too(small):
    ends = open_ends(*small)
    assert ends == {
        "t8": "no recommendation or claim addresses it", "t10": "nothing supports it",
    }  # fmt: skip


def test_two_claims_are_no_chain(make):
    paper, amap = make([("A", "claim", "One is so."), ("B", "claim", "Two is so.")], [("t1", "t2", "supports")])
    assert all("→" not in title for title, _ in lanes_of(paper, amap))


def test_attacks_make_no_chain_and_may_run_in_a_circle(make):
    paper, amap = make(
        [("A", "claim", "One is so."), ("A", "recommendation", "Two should be."), ("A", "challenge", "Three is not.")],
        [("t1", "t2", "attacks"), ("t2", "t3", "attacks"), ("t3", "t1", "attacks")],
    )
    assert len(lanes_of(paper, amap)) == 3


def test_the_lanes_of_many_chains_are_few(make):
    said = [("A", label, f"Thing {n} of {label}.") for n in range(60) for label in ("challenge", "recommendation")]
    paper, amap = make(said, [(f"t{2 * n + 2}", f"t{2 * n + 1}", "addresses") for n in range(60)])
    lanes = lanes_of(paper, amap)
    assert [title for title, _ in lanes][-1] == "48 further chains"
    assert sum(len(units) for _, units in lanes) == 120


def test_a_thesis_among_the_key_points_is_a_chain_with_its_reasons(make):
    said = [
        ("A", "claim", "One is so."),
        ("B", "claim", "Two is so."),
        ("C", "challenge", "Three."),
        ("C", "claim", "4."),
    ]
    paper, amap = make(said, [("t1", "t2", "supports"), ("t4", "t3", "addresses")])
    assert lanes_of(*with_points((paper, amap), thesis=["t2"], reasons=["t1"]))[0] == (
        "1: claim with its reasons", ["t1", "t2"],
    )  # fmt: skip


def test_the_chain_of_the_first_key_point_comes_first(make):
    said = [("A", "challenge", "One."), ("A", "claim", "Two."), ("A", "challenge", "Three."), ("A", "claim", "Four.")]
    made = make(said, [("t2", "t1", "addresses"), ("t4", "t3", "addresses")])
    assert [units for _, units in lanes_of(*with_points(made, thesis=["t4"]))] == [["t3", "t4"], ["t1", "t2"]]


def test_a_thesis_that_is_labelled_evidence_stands_in_a_chain(make):
    said = [("A", "evidence", "Streets were cooler."), ("A", "recommendation", "Plant trees.")]
    made = with_points(make(said, [("t1", "t2", "supports")]), thesis=["t1"])
    assert lanes_of(*made) == [("1: evidence → recommendation", ["t1", "t2"])]
