"""How far readers of whole papers agree on key points: one definition, for `argmine agree` and for what is published.

A choice is a sentence under a place, whatever its grade; of answers a problem with its answer or with none; of voices a
sentence that isn't the author's. Each is counted over all pairs of a paper's readings, as F1 of one against the other.
A reading's *first thesis*, the first in the text of its best ones, is accepted where the other reader has it among the
theses. Intervals are percentile bootstraps over papers; fewer than three have none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from itertools import combinations
from typing import Any, Final

import numpy as np

from argmine.annotation.agreement import Array, Pair, draws, figure
from argmine.annotation.disagreements import Disagreement, Kind, differing_relations, interval
from argmine.annotation.files import AnnotationFile
from argmine.metrics import FEWEST, f1

FIRST: Final = "first thesis"
THESIS: Final = "thesis"


def point_agreement(
    papers: Sequence[Sequence[AnnotationFile]], *, resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """The figures over these papers, each with two readings or more: `first thesis` and F1 of each place, of `answers`
    and `voices`. `n` are the choices of the first and the second of the pairs."""
    rows = [[_compared(*pair) for pair in combinations(files, 2)] for files in papers]
    if not rows:
        return {"papers": 0, "figures": {}}
    names = list(rows[0][0])
    each = np.array([[np.sum([pair[name] for pair in pairs], axis=0) for name in names] for pairs in rows])
    again = resamples if len(rows) >= FEWEST else 0
    counts: Array = np.tensordot(draws(len(rows), again, seed), each, axes=1)
    agree = np.where(counts[..., 1:].sum(axis=-1) > 0, f1(counts), np.nan)  # of nothing there is no agreement
    chosen = counts[0, :, 1:].astype(int).tolist()
    return {
        "papers": len(rows),
        "figures": {name: figure(agree[:, i]) | {"n": chosen[i]} for i, name in enumerate(names)},
    }


def _compared(one: AnnotationFile, two: AnnotationFile) -> dict[str, Sequence[float]]:
    """What both chose, what the first and what the second."""
    here, there = _choices(one), _choices(two)
    firsts = _first_thesis(one), _first_thesis(two)
    accepted = sum(first <= other[THESIS] for first, other in zip(firsts, (there, here), strict=True) if first)
    rows: dict[str, Sequence[float]] = {FIRST: (accepted / 2, *map(len, firsts))}  # the F1 of halves is their share
    return rows | {name: (len(here[name] & there[name]), len(here[name]), len(there[name])) for name in here}


def _choices(file: AnnotationFile) -> dict[str, Set[Hashable]]:
    found: dict[str, set[Hashable]] = {place: set() for place in file.labels.key_points}
    for line in file.key_points:
        found[line.place].add(line.sentence)
    answers = {(line.problem, line.sentence) for line in file.answers}
    voices = {n for line in file.voices for n in range(line.sentences[0], line.sentences[1] + 1)}
    return {**found, "answers": answers, "voices": voices}


def _first_thesis(file: AnnotationFile) -> Set[Hashable]:
    theses = sorted((-line.grade, line.sentence) for line in file.key_points if line.place == THESIS)
    return {sentence for _, sentence in theses[:1]}


def point_disagreements(pair: Pair, texts: Mapping[int, str] | None = None) -> list[Disagreement]:
    """What only one of the two chose, or with another grade, in the order of the sentences. `texts` are those of the
    sentences by number, where the files have none."""
    files = pair.first, pair.second
    known = {line.n: line.text for file in files for line in file.sentences if line.text} | dict(texts or {})
    names = pair.first.header.annotator, pair.second.header.annotator
    found = []
    for (kind, place, at), (one, two) in differing_relations(*map(_said, files)).items():
        other = at[1] if len(at) > 1 else None
        ends = known.get(at[0]), None if other is None else known.get(other)
        words = [f"{place} {said}".strip() if said else "–" for said in (one, two)]
        found.append(Disagreement(pair.slug, kind, at[0], other, words[0], words[1], *names, *ends))
    return sorted(found, key=lambda d: d.sentence)


def _said(file: AnnotationFile) -> dict[tuple[Kind, str, tuple[int, ...]], str]:
    said: dict[tuple[Kind, str, tuple[int, ...]], str]
    said = {("key point", line.place, line.names): str(line.grade) for line in file.key_points}
    said |= {("answer", "", a.names): "has no answer" if a.sentence is None else "is answered" for a in file.answers}
    return said | {("voice", "", line.names): line.whose for line in file.voices}


def point_rows(found: Mapping[str, Any]) -> list[list[Any]]:
    """Rows of a table: what, how many choices each has, value, 95 % interval."""
    figures = found["figures"].items()
    return [[name, *of["n"], "–" if of["value"] is None else of["value"], interval(of)] for name, of in figures]
