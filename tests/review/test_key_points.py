"""Key points, answers and voices are marked, undone, kept over crashes, decided between two readings, never dropped."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.annotation.files import AnnotationFile, read_annotations
from argmine.annotation.key_points import KeyPoints, lay_over, lines_of
from argmine.argument_map import Answer, ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, MapVoice, PaperRef
from argmine.errors import AnnotationError
from argmine.review.journal import apply, between, patch_data, patch_from
from argmine.review.loading import adjudication, readings_to_decide
from argmine.review.operations import parse, perform
from argmine.review.page import Page, latest
from argmine.review.points import is_problem, proposed_by, undecided
from argmine.review.readings import load
from argmine.review.session import open_session
from argmine.review.state import Point, Refused, State, Text
from argmine.review.suggestions import Proposal, agreed, suggestions

from .conftest import SAID, header, left, make_paper
from .test_journal import ask, crash
from .test_state import answer, choices, choose, do, label, operations, voice

TEXT = Text.of(make_paper())
CHOSEN = KeyPoints("me", {"thesis": {"t1": 2}, "problems": {"t7": 2}}, (("t7", "t8"),), (("t2", "t3", "Author"),))


def thesis(n):
    return Point("key_point", "thesis", n)


def problem(n):
    return Point("key_point", "problems", n)


def answered(n, by):
    return Point("answer", "", n, by)


def open_(folder, annotator="me"):
    return open_session(TEXT, folder, annotator, header(TEXT, annotator))


@pytest.fixture
def folder(text, tmp_path):
    """A reading that has nothing but key points."""
    lines = lines_of(CHOSEN, text.paper, text.stream, text.numbers, ())
    AnnotationFile("small", header(text), (), **lines).write(tmp_path / "small" / "me.jsonl")
    return tmp_path / "small"


def test_a_label_changes_none_of_them(text, folder):
    before = read_annotations(folder / "me.jsonl")
    session, _ = open_session(text, folder, "me", header(text))
    session.perform(parse({"op": "label", "unit": "1", "label": "claim"}), session.revision)
    session.close()
    after = read_annotations(folder / "me.jsonl")
    assert after.points == before.points
    assert [line.n for line in after.sentences] == [1]
    assert {line.n for line in after.anchors} == {line.n for line in before.anchors} - {1}


def test_those_that_do_not_stand_in_the_text_refuse_it(folder):
    other = Text.of(make_paper(tuple("Another sentence stands here." if s == SAID[6] else s for s in SAID)))
    before = (folder / "me.jsonl").read_bytes()
    with pytest.raises(AnnotationError, match=r"2 of its key points.*argmine migrate"):
        open_session(other, folder, "me", header(other))
    assert (folder / "me.jsonl").read_bytes() == before


def test_what_is_marked_stands_in_the_file(tmp_path):
    session, _ = open_(tmp_path)
    ask(
        session, choose("thesis", 1), choose("thesis", 8, 1), choose("problems", 7), answer(7, 8), voice(2, 3, "Author")
    )
    session.close()
    file = read_annotations(tmp_path / "me.jsonl")
    assert [(p.place, p.sentence, p.grade) for p in file.key_points] == [
        ("thesis", 1, 2), ("thesis", 8, 1), ("problems", 7, 2),
    ]  # fmt: skip
    assert [(a.problem, a.sentence) for a in file.answers] == [(7, 8)]
    assert [(v.sentences, v.whose) for v in file.voices] == [((2, 3), "Author")]
    assert {a.n for a in file.anchors} == {1, 2, 3, 7, 8}
    assert file.sentences == ()
    assert left(tmp_path) == ["me.jsonl"]


def test_a_grade_of_nothing_takes_it_back():
    assert do(State(), choose("thesis", 1), choose("thesis", 1, 0)) == State()


def test_no_answer_and_an_answer_exclude_each_other():
    state = do(State(), choose("problems", 7), answer(7, 8), answer(7, 1), answer(7, None))
    assert set(state.points) == {problem(7), answered(7, 0)}
    assert set(do(state, answer(7, 8)).points) == {problem(7), answered(7, 8)}


def test_answers_go_with_the_last_place_that_makes_it_a_problem():
    state = do(State(), choose("problems", 7), choose("open", 7, 1), answer(7, 8), choose("problems", 7, 0))
    assert answered(7, 8) in state.points
    assert do(state, choose("open", 7, 0)) == State()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (answer(7, 8), "choose it first"),
        (choose("thesis", 4), "no letters"),
        (choose("thesis", 99), "there is no unit 99"),
        (choose("grounds", 1), "no place 'grounds'"),
        (choose("thesis", 1, 3), "no operation"),
        (voice(3, 3, "Author"), "two sentences or more"),
        (voice(5, 2, "Author"), "two sentences or more"),
        (voice(1, 2, "x" * 201), "no operation"),
    ],
)
def test_what_the_scheme_has_not_is_refused(asked, why):
    with pytest.raises(Refused, match=why):
        do(State(), asked)


everything = st.one_of(choices, choices, operations, st.sampled_from([{"op": "undo"}, {"op": "redo"}]))


@given(asked=st.lists(everything, max_size=40), data=st.data())
def test_whatever_is_marked_a_crash_and_a_new_start_give_the_same_file(asked, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    session, _ = open_(folder)
    at = data.draw(st.integers(0, len(asked)))
    for i, operation in enumerate(asked):
        if i == at:
            before = session.state, session.steps
            crash(session)
            session, _ = open_(folder)
            assert (session.state, session.steps) == before
        try:
            ask(session, operation)
        except Refused:
            continue
    state = session.state
    session.close()
    path = folder / "me.jsonl"
    if state == State() and not path.exists():
        return
    written = path.read_bytes()
    file = read_annotations(path)
    assert load(file, TEXT).state.points == state.points
    again, _ = open_(folder)
    assert again.state == state
    again.close()
    assert path.read_bytes() == written


@given(asked=st.lists(everything, max_size=40))
def test_undone_to_the_first_and_redone_it_is_as_it_was(asked, tmp_path_factory):
    session, _ = open_(tmp_path_factory.mktemp("small"))
    for operation in asked:
        try:
            ask(session, operation)
        except Refused:
            continue
    after, steps = session.state, session.steps[0]
    ask(session, *[{"op": "undo"}] * steps)
    assert session.state == State()
    ask(session, *[{"op": "redo"}] * steps)
    assert session.state == after
    crash(session)


@given(st.lists(choices, max_size=40))
def test_whatever_is_marked_holds_together(asked):
    states = [State()]
    for operation in asked:
        try:
            states.append(do(states[-1], operation))
        except Refused:
            continue
    for before, after in pairwise(states):
        there = patch_from(json.loads(json.dumps(patch_data(between(before, after)))))
        assert apply(before, there) == after
        for point in after.points:
            if point.kind == "answer":
                assert (
                    problem(point.sentence) in after.points
                    or Point("key_point", "open", point.sentence) in after.points
                )
                assert not (point.other and answered(point.sentence, 0) in after.points)


def test_a_journal_of_a_version_that_left_them_to_the_file_drops_none(folder):
    session, _ = open_(folder)
    ask(session, label("1", "claim"))
    crash(session)
    journal = folder / "me.journal"
    first, *rest = (json.loads(line) for line in journal.read_text().splitlines())
    del first["state"]["points"]
    for record in rest:
        del record["patch"]["points"]
    journal.write_text("".join(json.dumps(line) + "\n" for line in [first, *rest]))
    for _ in range(2):
        session, _ = open_(folder)
        assert session.state.points[thesis(1)] == 2
        assert session.state.mark("1").label == "claim"
        crash(session)


def test_a_place_that_the_scheme_has_not_is_no_line_of_a_journal():
    with pytest.raises(ValueError, match="no places"):
        patch_from({"entries": [], "relations": [], "fixes": [], "points": [[["key_point", "moral", 1, 0], 2]]})


@pytest.fixture
def suggested():
    """A model's map with key points, an answer and a voice."""
    paper = TEXT.paper
    span = {s.id: {"start": s.start, "end": s.end, "text": paper.slice(s)} for s in paper.sentences}

    def point(id, score):
        return KeyPoint(sentence=id, score=score, **span[id])

    points = MapKeyPoints(
        thesis=(point("t1", 0.8),), problems=(point("t7", 0.7),),
        answers=(Answer(problem="t7", sentence="t8", score=0.6, **span["t8"]),),
    )  # fmt: skip
    voices = (MapVoice(start=span["t2"]["start"], end=span["t3"]["end"], sentences=("t2", "t3"), whose="Author"),)
    made = MadeBy(kind="model", name="x")
    return suggestions(
        TEXT, ArgumentMap(paper=PaperRef.of(paper), made_by=made, key_points=points, voices=voices), None
    )


def proposed(session):
    return [tuple(point) for point in latest(session)["proposed"]]


def test_a_model_proposes_what_its_map_says(tmp_path, suggested):
    session, _ = open_(tmp_path)
    session.show([suggested])
    assert proposed(session) == [thesis(1), Point("voice", "", 2, 3), problem(7), answered(7, 8)]
    assert suggested.point_scores[thesis(1)] == 0.8
    ask(session, choose("thesis", 1, 1))
    assert thesis(1) not in proposed(session)
    session.close()


def test_what_is_rejected_of_it_stays_so_and_never_reaches_the_file(tmp_path, suggested):
    session, _ = open_(tmp_path)
    session.show([suggested])
    ask(session, choose("problems", 7, 0), voice(2, 3, ""))
    assert proposed(session) == [thesis(1)]  # nothing is left to be answered
    session.close()
    again, _ = open_(tmp_path)
    again.show([suggested])
    assert proposed(again) == [thesis(1)]
    again.close()
    assert read_annotations(tmp_path / "me.jsonl").points == ()


def test_a_blind_page_is_told_nothing_of_it(tmp_path, suggested):
    session, _ = open_(tmp_path)
    html, _ = Page(TEXT).html(session)
    assert latest(session)["proposed"] == []
    assert '"proposals":[]' in html
    session.close()


def reading(folder, annotator, *asked):
    session, _ = open_(folder, annotator)
    ask(session, *asked)
    session.close()


@pytest.fixture
def two(tmp_path):
    """The adjudication of two readings: alike in a thesis and a problem, in nothing else."""
    reading(
        tmp_path, "A", choose("thesis", 1), choose("thesis", 2), choose("problems", 7), answer(7, 8), choose("why", 3),
        voice(2, 3, "Author"),
    )  # fmt: skip
    reading(tmp_path, "B", choose("thesis", 1), choose("problems", 7), answer(7, None), choose("why", 3, 1))
    return decided(tmp_path)


def decided(folder):
    voices, made = adjudication(TEXT, readings_to_decide(folder, [], "third"))
    session, _ = open_session(TEXT, folder, "third", made.model_copy(update={"annotator": "third"}))
    session.show(voices)
    return session


UNION = {
    thesis(1), thesis(2), problem(7), answered(7, 8), answered(7, 0), Point("key_point", "why", 3),
    Point("voice", "", 2, 3),
}  # fmt: skip


def test_the_union_is_to_be_decided(two):
    assert set(proposed(two)) == UNION
    assert two.decisions.words(two.state) == "0 labels, 0 relations and 7 key points to decide"
    assert two.decisions.places() == [1, 2, 3, 7]


def test_what_both_chose_alike_is_confirmed_together(two):
    ask(two, {"op": "agree"})
    assert two.state.points == {thesis(1): 2, problem(7): 2}
    assert set(proposed(two)) == UNION - {thesis(1), problem(7)}


def test_all_is_decided_and_the_file_holds_what_was_taken(two):
    ask(two, {"op": "agree"}, choose("thesis", 2, 0), answer(7, 8), choose("why", 3, 1), voice(2, 3, "Author"))
    assert proposed(two) == []
    two.close()
    folder = two.path.parent
    chosen, _ = lay_over(read_annotations(folder / "third.jsonl"), TEXT.paper)
    assert chosen.places["thesis"] == {"t1": 2}
    assert chosen.places["why"] == {"t3": 1}
    assert chosen.answers == (("t7", "t8"),)
    assert chosen.voices == (("t2", "t3", "Author"),)
    again = decided(folder)
    assert proposed(again) == []
    again.close()


def test_an_answer_needs_no_decision_where_its_problem_is_none(two):
    ask(two, choose("problems", 7, 0))
    assert not {answered(7, 8), answered(7, 0)} & set(proposed(two))


def test_a_reading_whose_key_points_are_not_in_the_text_is_not_adjudicated(two):
    folder = two.path.parent
    two.close()
    other = Text.of(make_paper(tuple("Another sentence stands here." if s == SAID[6] else s for s in SAID)))
    with pytest.raises(AnnotationError, match=r"2 of its key points, answers and voices.*argmine migrate"):
        adjudication(other, [folder / "A.jsonl", folder / "B.jsonl"])


def test_readings_of_labels_come_before_those_of_key_points_alone(tmp_path):
    for name in "AB":
        reading(tmp_path, name, label("1", "claim"))
        reading(tmp_path, f"K{name}", choose("thesis", 1))
    assert [path.stem for path in readings_to_decide(tmp_path, [], "third")] == ["A", "B"]


@given(st.lists(choices, max_size=25), st.lists(choices, max_size=25), st.lists(choices, max_size=25))
def test_every_choice_of_a_reader_is_decided_moot_or_asked(one, other, decisions):
    def walked(asked, voices):
        state = State()
        for operation in asked:
            try:
                state = perform(state, TEXT, parse(operation), voices)
            except Refused:
                continue
        return state

    a, b = walked(one, {}), walked(other, {})
    named = {"A": a, "B": b, "agreed": agreed(a, b, "none")}
    voices = {name: Proposal(name, "reader", state) for name, state in named.items()}
    state = walked(decisions, voices)
    asked = undecided(proposed_by((a, b)), state)
    for point in {*a.points, *b.points} - set(asked):
        assert point in state.points or (point.kind == "answer" and not is_problem(state.points, point.sentence))
