"""What others say of the paper that is being read: a model's suggestions, or the readings to decide between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from argmine.annotation.files import sentence_of
from argmine.argument_map import ArgumentMap, round_scores
from argmine.review.journal import entry_data
from argmine.review.points import of_map as points_of_map
from argmine.review.readings import of_map
from argmine.review.state import Entry, Mark, Pair, Point, State, Text

if TYPE_CHECKING:
    from argmine.model.model import Model


@dataclass(frozen=True, slots=True)
class Proposal:
    """One voice. `scores` are a model's probabilities by sentence, in the order of the scheme's labels. `digest` is the
    sha256 of a reader's file."""

    name: str
    kind: Literal["model", "reader"]
    state: State
    scores: Mapping[int, Sequence[float]] = field(default_factory=dict)
    relation_scores: Mapping[Pair, float] = field(default_factory=dict)
    digest: str = ""
    point_scores: Mapping[Point, float] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "entries": [[n, entry_data(entry)] for n, entry in self.state.entries.items()],
            "scores": [[n, list(scores)] for n, scores in self.scores.items()],
            "relations": [
                [*pair, label, self.relation_scores.get(pair)] for pair, label in self.state.relations.items()
            ],
            "points": [[list(p), value, self.point_scores.get(p)] for p, value in self.state.points.items()],
        }


def suggestions(text: Text, amap: ArgumentMap | None, model: Model | None) -> Proposal | None:
    """A model's suggestions: those of an existing map, else those that the model makes; None where there are neither.

    The probabilities of sentences that are no units in the map are the model's, where it is the one that made the map.
    """
    paper, labels = text.paper, text.scheme.labels
    if amap is None:
        if model is None:
            return None
        amap = model.predict(paper)
    number = {s.id: n for n, s in enumerate(paper.sentences, 1) if text.has(n)}
    state = of_map(amap, text, set(number.values()))
    scores = {
        number[unit.sentence]: [unit.scores.get(label, 0.0) for label in labels]
        for unit in amap.units
        if unit.scores and unit.sentence in number
    }
    if model is not None and amap.made_by.sha256 == (model.sha256 or None):
        for n, row in enumerate(model.sentence_scores(paper).tolist(), 1):
            if text.has(n) and n not in scores:
                rounded = round_scores(dict(zip(labels, row, strict=True)))
                scores[n] = [rounded[label] for label in labels]
    by_id = {relation.id: relation.score for relation in amap.relations}
    ids = {pair: ">".join(paper.sentences[sentence_of(end) - 1].id for end in pair) for pair in state.relations}
    drawn = {pair: score for pair, id in ids.items() if (score := by_id.get(id)) is not None}
    points, likely = points_of_map(amap, text)
    return Proposal("model", "model", replace(state, points=points), scores, drawn, point_scores=likely)


def agreed(one: State, other: State, none: str | None) -> State:
    """What two readings say alike: sentences with the same cuts, labels and attributions, their relations, and key
    points with the same grade. Doubts and notes of either are kept. Whose view a unit is doesn't matter where it is
    `none`."""

    def judged(entry: Entry) -> tuple[object, ...]:
        return entry.cuts, *(m and (m.label, m.label == none or m.attribution) for m in entry.marks)

    entries: dict[int, Entry] = {}
    for n, entry in one.entries.items():
        second = other.entries.get(n)
        if second is None or not (entry.checked and second.checked) or judged(entry) != judged(second):
            continue
        marks: list[Mark | None] = []
        for mine, theirs in zip(entry.marks, second.marks, strict=True):
            if mine is not None and theirs is not None:  # as both are checked
                notes = dict.fromkeys(note for note in (mine.note, theirs.note) if note)
                marks.append(replace(mine, unsure=mine.unsure or theirs.unsure, note=" / ".join(notes) or None))
        entries[n] = Entry(tuple(marks), entry.cuts)
    relations = {pair: label for pair, label in one.relations.items() if other.relations.get(pair) == label}
    points = {point: value for point, value in one.points.items() if other.points.get(point) == value}
    return State(entries, relations, one.fixes & other.fixes, points=points)


def uncertainty(proposal: Proposal) -> dict[int, float]:
    """How unsure a model is of each sentence: one minus the probability of the likeliest label."""
    return {n: 1.0 - max(scores) for n, scores in proposal.scores.items()}


def ordered(text: Text, proposal: Proposal, state: State, order: str) -> list[int]:
    """Sentence numbers, those most worth an annotator's time first; empty for the text's own order."""
    if order == "text":
        return []
    if order == "queue":
        from argmine.annotation.queue import review_order

        given = sorted(proposal.scores)
        texts = [text.paper.slice(text.paper.sentences[n - 1]) for n in given]
        done = [i for i, n in enumerate(given) if n in state.entries]
        scores = np.array([proposal.scores[n] for n in given], dtype=np.float64)
        return [given[i] for i in review_order(texts, scores, done, text.scheme)]
    doubt = uncertainty(proposal)
    return sorted((n for n in doubt if text.has(n)), key=lambda n: (-doubt[n], n))
