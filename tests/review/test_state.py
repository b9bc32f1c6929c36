"""What may be done to a reading, and that it never comes out of shape."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.annotation.files import read_annotations
from argmine.annotation.gold_dataset import project
from argmine.review.journal import apply, between, patch_data, patch_from
from argmine.review.operations import parse, perform
from argmine.review.readings import Writer, load
from argmine.review.state import Entry, Mark, Refused, State, Text, cut, set_mark
from argmine.scheme import DEFAULT, Attribution

from .conftest import header, make_paper

TEXT = Text.of(make_paper())


def do(state, *operations, text=TEXT):
    for operation in operations:
        state = perform(state, text, parse(operation), {})
    return state


def label(unit, name, **more):
    return {"op": "label", "unit": unit, "label": name, **more}


def at(n, words):
    """The offset of some words of sentence n in the paper's text."""
    start = TEXT.paper.sentences[n - 1].start
    return start + TEXT.paper.slice(TEXT.paper.sentences[n - 1]).index(words)


def split(n, words, **more):
    return {"op": "split", "sentence": n, "at": at(n, words), **more}


def relate(source, target, name):
    return {"op": "relate", "source": source, "target": target, "label": name}


def test_a_label_may_be_changed_and_keeps_what_else_was_said():
    state = do(State(), label("1", "claim"), {"op": "unsure", "unit": "1", "unsure": True}, label("1", "challenge"))
    assert state.mark("1") == Mark("challenge", unsure=True)


def test_none_is_nobodys_view():
    state = do(State(), label("1", "claim", attribution="reported"), label("1", "none"))
    assert state.mark("1") == Mark(DEFAULT.none, Attribution.OWN)


def test_a_split_gives_both_units_the_label():
    state = do(State(), label("1", "motivation"), split(1, "shade should"))
    assert [m.label for m in state.entry(1).marks] == ["motivation", "motivation"]


def test_a_cut_stands_before_the_next_letter():
    state = do(State(), split(5, "🌳"))
    assert TEXT.paper.text[state.entry(5).cuts[0] :].startswith("often die")


@pytest.mark.parametrize("place", [0, 10_000])
def test_no_side_of_a_split_may_be_empty(place):
    with pytest.raises(Refused, match="each side needs letters"):
        cut(State(), TEXT, 1, place)


def test_relations_of_units_behind_a_new_cut_keep_their_unit():
    state = do(State(), label("5", "claim"), split(5, "and pay"), label("7", "claim"), relate("5b", "7", "supports"))
    state = do(state, split(5, "so that"))
    assert set(state.relations) == {("5c", "7")}


def test_joining_gives_the_relations_to_the_unit_before():
    state = do(State(), label("5", "claim"), split(5, "and pay"), label("7", "claim"), relate("5b", "7", "supports"))
    assert set(do(state, {"op": "join", "unit": "5b"}).relations) == {("5", "7")}


def test_a_further_unit_is_never_none():
    with pytest.raises(Refused, match="has a label"):
        do(State(), label("1", "claim"), split(1, "shade should"), label("1b", "none"))


def test_relations_go_with_a_label_that_cannot_have_them():
    state = do(State(), label("1", "motivation"), label("2", "claim"), relate("1", "2", "motivates"))
    assert do(state, label("2", "evidence")).relations == {}


@pytest.mark.parametrize(
    ("source", "target", "name", "why"),
    [
        ("2", "2", "supports", "to itself"),
        ("2", "3", "supports", "label it first"),
        ("2", "1", "addresses", "addresses runs from claim or recommendation to challenge"),
        ("99", "2", "supports", "there is no unit 99"),
    ],
)
def test_relations_that_the_scheme_has_not_are_refused(source, target, name, why):
    state = do(State(), label("1", "motivation"), label("2", "claim"))
    with pytest.raises(Refused, match=why):
        do(state, relate(source, target, name))


def test_supports_never_run_in_a_circle():
    state = do(State(), *(label(n, "claim") for n in "123"), relate("1", "2", "supports"), relate("2", "3", "supports"))
    with pytest.raises(Refused, match="circle"):
        do(state, relate("3", "1", "supports"))


def test_a_second_relation_between_two_units_replaces_the_first():
    state = do(State(), label("1", "claim"), label("2", "claim"), relate("1", "2", "supports"))
    assert do(state, relate("2", "1", "attacks")).relations == {("2", "1"): "attacks"}


def test_merged_sentences_share_their_label():
    state = do(State(), label("1", "claim"), {"op": "fix", "fix": "merge", "sentence": 1}, label("2", "challenge"))
    assert [state.mark(n).label for n in "12"] == ["challenge", "challenge"]
    assert state.fixes == {("merge", "1", "2")}


def test_a_merge_can_be_taken_back():
    merge = {"op": "fix", "fix": "merge", "sentence": 1}
    assert do(State(), merge, merge | {"sentence": 2}).fixes == frozenset()


def test_no_body_text_is_none():
    state = do(State(), label("3", "claim"), {"op": "fix", "fix": "not_body", "sentence": 3})
    assert state.mark("3") == Mark(DEFAULT.none)
    assert do(state, label("3", "claim")).fixes == frozenset()


def test_a_wrong_border_is_a_split_with_a_fix():
    assert do(State(), split(1, "shade should", border=True)).fixes == {("split", "1")}


def test_a_sentence_without_letters_is_left_out():
    assert TEXT.count() == 7
    with pytest.raises(Refused, match="no letters"):
        do(State(), label("4", "claim"))


def test_clearing_makes_a_sentence_one_that_nobody_looked_at():
    state = do(State(), label("1", "claim"), split(1, "shade should"), {"op": "clear", "unit": "1b"})
    assert state == State()


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"op": "drop"}, {"op": "label", "unit": "../1", "label": "claim"},
     {"op": "label", "unit": "1", "label": "thesis"}, {"op": "note", "unit": "1", "note": "x" * 4001},
     {"op": "split", "sentence": "1", "at": 3}, {"op": "label", "unit": "1", "label": "claim", "more": 1}],
)  # fmt: skip
def test_what_is_no_operation_is_refused(data):
    with pytest.raises(Refused):
        parse(data)


def test_a_note_loses_controls():
    state = do(State(), label("1", "claim"), {"op": "note", "unit": "1", "note": " a\x00b\n"})
    assert state.mark("1").note == "ab"


def choose(place, n, grade=2):
    return {"op": "key_point", "place": place, "sentence": n, "grade": grade}


def answer(problem, n, **more):
    return {"op": "answer", "problem": problem, "sentence": n, **more}


def voice(first, last, whose):
    return {"op": "voice", "sentences": [first, last], "whose": whose}


numbers = st.integers(1, 9)
choices = st.one_of(
    st.builds(choose, st.sampled_from(DEFAULT.key_points), numbers, st.integers(0, 2)),
    st.builds(choose, st.sampled_from(["problems", "open"]), numbers, st.integers(0, 2)),
    st.builds(lambda p, s, t: answer(p, s, there=t), numbers, st.one_of(st.none(), numbers), st.booleans()),
    st.builds(voice, numbers, numbers, st.sampled_from(["", "dissent", "the law “of” 1\u00a0May"])),
)
units = st.builds(lambda n, part: f"{n}{part}", st.integers(1, 9), st.sampled_from(["", "", "b", "c"]))
operations = st.one_of(
    st.builds(lambda u, x, a: label(u, x, attribution=a), units, st.sampled_from(DEFAULT.labels),
              st.sampled_from([None, "own", "reported"])),
    st.builds(lambda s, t, x: relate(s, t, x), units, units, st.sampled_from(DEFAULT.relation_labels)),
    st.builds(lambda n, o, b: {"op": "split", "sentence": n, "at": o, "border": b}, st.integers(1, 8),
              st.integers(0, 420), st.booleans()),
    st.builds(lambda u: {"op": "join", "unit": u}, units),
    st.builds(lambda u: {"op": "clear", "unit": u}, units),
    st.builds(lambda n, f: {"op": "fix", "fix": f, "sentence": n}, st.integers(1, 8),
              st.sampled_from(["merge", "not_body"])),
    st.builds(lambda u, on: {"op": "unsure", "unit": u, "unsure": on}, units, st.booleans()),
    st.builds(lambda u, note: {"op": "note", "unit": u, "note": note}, units, st.text(max_size=12)),
    choices,
)  # fmt: skip


def walk(asked):
    """The states on the way through these operations; what is refused changes nothing."""
    state = State()
    yield state
    for operation in asked:
        try:
            state = do(state, operation)
        except Refused:
            continue
        yield state


@given(st.lists(operations, max_size=40))
def test_whatever_is_done_the_state_holds_together(asked):
    for state in walk(asked):
        for n, entry in state.entries.items():
            assert entry != Entry()
            assert len(entry.marks) == len(entry.cuts) + 1
            assert list(entry.cuts) == sorted(set(entry.cuts))
            assert all(m is None or m.label != DEFAULT.none for m in entry.marks[1:])
            assert TEXT.has(n)
        for source, target in state.relations:
            assert (target, source) not in state.relations
            assert all(state.mark(end).label != DEFAULT.none for end in (source, target))
        merged = [n for fix in state.fixes if fix[0] == "merge" for n in fix[1:]]
        assert len(merged) == len(set(merged))


@given(asked=st.lists(operations, max_size=40))
def test_a_written_reading_is_read_back_as_it_was(asked, tmp_path_factory):
    *_, state = walk(asked)
    path = tmp_path_factory.mktemp("small") / "me.jsonl"
    path.write_bytes(Writer(TEXT, "small", header(TEXT), with_text=False).data(state, assisted=False))
    file = read_annotations(path)
    checked = {n: e for n, e in state.entries.items() if e.checked}
    loaded = load(file, TEXT)
    assert loaded.state.entries == checked
    assert loaded.missing == loaded.moved == ()
    if len(checked) == len(state.entries):
        assert loaded.state == state
    gold, missing = project(file, TEXT.paper)
    assert missing == []
    assert len(gold.map.relations) == len(file.relations)


@given(st.lists(operations, max_size=30))
def test_patches_lead_there_and_back(asked):
    states = list(walk(asked))
    for before, after in pairwise(states):
        there, back = between(before, after), between(after, before)
        assert apply(before, patch_from(patch_data(there))) == after
        assert apply(after, patch_from(patch_data(back))) == before


def test_texts_are_kept_only_where_they_may_be(tmp_path):
    state = set_mark(State(), TEXT, "1", Mark("claim"))
    data = Writer(TEXT, "small", header(TEXT), with_text=True).data(state, assisted=False)
    assert b"Towns need cheaper" in data
    assert b"Towns" not in Writer(TEXT, "small", header(TEXT), with_text=False).data(state, assisted=False)
