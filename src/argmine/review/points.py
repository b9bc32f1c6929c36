"""Key points, answers and voices of a reading: what may be done to them, and their way from and to files and maps.

Grades, answers and whose a voice is can be taken back by 0, False and "". What somebody proposes is then decided
against, and else it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from argmine.annotation.key_points import KeyPoints
from argmine.argument_map import ANSWERED, ArgumentMap
from argmine.review.state import Point, Refused, State, Text, Value, placed_at

Points = Mapping[Point, Value]


def grade(state: State, text: Text, place: str, n: int, value: int, proposed: AbstractSet[Point]) -> State:
    """Choose sentence n for a place. The answers to one that is no problem any more go with it."""
    if place not in text.scheme.key_points:
        raise Refused(f"the scheme has no place {place!r} for key points")
    placed_at(state, text, str(n))
    after = _put(state, {Point("key_point", place, n): value}, proposed)
    if place in ANSWERED and not is_problem(after.points, n):
        after = _put(
            after, {p: 0 for p, said in after.points.items() if p.kind == "answer" and p.sentence == n and said}
        )
    return after


def answer(
    state: State, text: Text, problem: int, sentence: int | None, *, there: bool, proposed: AbstractSet[Point]
) -> State:
    """Say which sentence answers a problem, None for that the paper has no answer: the two exclude each other."""
    for n in (problem, problem if sentence is None else sentence):
        placed_at(state, text, str(n))
    said: dict[Point, Value] = {Point("answer", "", problem, sentence or 0): int(there)}
    if there:
        if not is_problem(state.points, problem):
            raise Refused(f"{problem} is chosen for none of the problems, nor as open; choose it first")
        others = (p for p in state.points.keys() | proposed if p.kind == "answer" and p.sentence == problem)
        said |= {p: 0 for p in others if bool(p.other) != bool(sentence)}
    return _put(state, said, proposed)


def voice(state: State, text: Text, first: int, last: int, whose: str, proposed: AbstractSet[Point]) -> State:
    """Say who speaks in the sentences from first to last, where it is not the author."""
    for n in (first, last):
        placed_at(state, text, str(n))
    if last <= first:
        raise Refused("a voice runs over two sentences or more, from its first to its last")
    return _put(state, {Point("voice", "", first, last): whose}, proposed)


def is_problem(points: Points, n: int) -> bool:
    return any(points.get(Point("key_point", place, n)) for place in ANSWERED)


def undecided(proposed: Iterable[Point], state: State) -> list[Point]:
    """What is proposed and not decided yet, in the text's order, places first, since answers hang on them; of answers
    those to what is or may be a problem."""
    left = sorted((p for p in proposed if p not in state.points), key=lambda p: (p.sentence, not p.place, p))
    asked = {p.sentence for p in left if p.kind == "key_point" and p.place in ANSWERED}
    return [p for p in left if p.kind != "answer" or p.sentence in asked or is_problem(state.points, p.sentence)]


def _put(state: State, said: Points, proposed: AbstractSet[Point] = frozenset()) -> State:
    points = {p: value for p, value in {**state.points, **said}.items() if value or p not in said or p in proposed}
    return replace(state, points=points)


def of_key_points(chosen: KeyPoints, text: Text) -> dict[Point, Value]:
    """What a file's reader chose, by the numbers of the paper's sentences."""
    number = text.numbers
    points: dict[Point, Value] = {
        Point("key_point", place, number[id]): value
        for place, grades in chosen.places.items()
        for id, value in grades.items()
    }
    points |= {Point("answer", "", number[a], 0 if b is None else number[b]): 1 for a, b in chosen.answers}
    return points | {Point("voice", "", number[a], number[b]): whose for a, b, whose in chosen.voices}


def as_key_points(points: Points, text: Text) -> KeyPoints:
    """The same the other way, without what is decided against; in the order of places and sentences."""
    ids = [sentence.id for sentence in text.paper.sentences]
    places: dict[str, dict[str, int]] = {place: {} for place in text.scheme.key_points}
    answers: list[tuple[str, str | None]] = []
    voices: list[tuple[str, str, str]] = []
    for point, value in sorted(points.items()):
        here, other = ids[point.sentence - 1], ids[point.other - 1] if point.other else None
        if isinstance(value, str) and other is not None:
            voices += [(here, other, value)] if value else []
        elif value and point.kind == "key_point":
            places[point.place][here] = int(value)
        elif value:
            answers.append((here, other))
    return KeyPoints("", places, tuple(answers), tuple(voices))


def of_map(amap: ArgumentMap, text: Text) -> tuple[dict[Point, Value], dict[Point, float]]:
    """What a map says, as far as it can be said here, and how likely each is. All of it is among the best."""
    found: list[tuple[Point, Value, float | None]] = []
    number = {id: n for id, n in text.numbers.items() if text.has(n)}
    if amap.key_points is not None:
        for place in text.scheme.key_points:
            entries = (e for e in amap.key_points.place(place) if e.sentence in number)
            found += [(Point("key_point", place, number[e.sentence]), 2, e.score) for e in entries]
        for a in amap.key_points.answers:
            if {a.problem, a.sentence} <= number.keys():
                found.append((Point("answer", "", number[a.problem], number[a.sentence]), 1, a.score))
    for v in amap.voices:
        if number.keys() >= set(v.sentences) and v.sentences[0] != v.sentences[1]:
            found.append((Point("voice", "", *(number[id] for id in v.sentences)), v.whose, v.score))
    return {p: value for p, value, _ in found}, {p: score for p, _, score in found if score is not None}


def proposed_by(states: Iterable[State]) -> set[Point]:
    return {point for state in states for point in state.points}
