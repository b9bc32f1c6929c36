"""From what the key points' model chose, by positions of sentences, to a map's key points and relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from argmine.argument_map import (
    KEY_POINT_PLACES,
    Answer,
    KeyPoint,
    MapKeyPoints,
    Relation,
    Unit,
    support_cycle,
)
from argmine.paper import Paper
from argmine.scheme import Scheme


def key_points_of(paper: Paper, units: Mapping[str, Unit], chosen: Mapping[str, Any]) -> MapKeyPoints:
    """The key points of a paper; `units` by the ids of their sentences."""

    ids = [s.id for s in paper.sentences]

    def at(position: int, score: float) -> dict[str, Any]:
        s = paper.sentences[position]
        place = {"sentence": s.id, "start": s.start, "end": s.end, "page": s.page}
        return {**place, "text": paper.slice(s), "score": round(score, 3)}

    def point(position: int, score: float) -> KeyPoint:
        unit = units.get(ids[position])
        return KeyPoint(unit=unit.id if unit is not None else None, **at(position, score))

    places = {place: tuple(point(*found) for found in chosen.get(place, ())) for place in KEY_POINT_PLACES}
    answers = tuple(Answer(problem=ids[a], **at(b, score)) for a, b, score in chosen.get("answers", ()))
    return MapKeyPoints(**places, answers=answers)


def relations_of(
    points: MapKeyPoints, units: Mapping[str, Unit], known: Sequence[Relation], scheme: Scheme
) -> tuple[Relation, ...]:
    """The relations that answers and reasons bring, between units that have none yet and where the scheme has one.

    An answer does for its problem what closes such a gap by the scheme; a reason supports the first thesis.
    """
    by_id = {u.id: u for u in units.values()}
    joined = {frozenset((r.source, r.target)) for r in known}
    reasons = [(r.source, r.target) for r in known if r.label in scheme.acyclic]
    found: list[Relation] = []
    for source, target, label, score in _wanted(points, units, scheme):
        pair = frozenset((source, target))
        fits = scheme.allows(label, by_id[source].label, by_id[target].label)
        if len(pair) < 2 or pair in joined or not fits:
            continue
        if label in scheme.acyclic:
            if support_cycle([*reasons, (source, target)]):
                continue
            reasons.append((source, target))
        joined.add(pair)
        found.append(Relation.between(source, target, label, score).model_copy(update={"from_": "key_points"}))
    return tuple(found)


def _wanted(
    points: MapKeyPoints, units: Mapping[str, Unit], scheme: Scheme
) -> Iterable[tuple[str, str, str, float | None]]:
    # What would be related as (source, target, label, score), likeliest labels first.
    for answer in points.answers:
        problem, met = units.get(answer.problem), units.get(answer.sentence)
        gap = scheme.gap(problem.label) if problem else None
        if problem is not None and met is not None and gap is not None:
            for closing in gap.closed_by:
                ends = (met.id, problem.id) if closing.side == "into" else (problem.id, met.id)
                if not closing.others or met.label in closing.others:
                    yield *ends, closing.relation, answer.score
    thesis = points.thesis[0].unit if points.thesis else None
    if thesis is not None:
        for reason in points.reasons:
            if reason.unit is not None:
                for label in scheme.acyclic:
                    yield reason.unit, thesis, label, reason.score
