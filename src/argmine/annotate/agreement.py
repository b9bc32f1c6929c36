"""How far two annotators agree who read the same papers apart and blind.

Sentence labels by Krippendorff's alpha (nominal, `none` as a value; Krippendorff 2011, "Computing Krippendorff's
Alpha-Reliability") and the F1 of one annotator against the other; relations as directed links, alone and with their
label. Intervals are percentile bootstraps over papers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from argmine.annotate.files import AnnotationFile
from argmine.labels import LABELS, NONE


def nominal_alpha(units: Iterable[Sequence[Hashable]]) -> float:
    """Krippendorff's alpha for nominal data.

    `units` holds for each thing judged the values that it was given, one a judge; who gave none is left out. 1 is
    perfect agreement, 0 what chance gives. NaN where fewer than two values can be paired.
    """
    coincidences: Counter[tuple[Hashable, Hashable]] = Counter()
    for values in units:
        m = len(values)
        if m < 2:
            continue
        counts = Counter(values)
        for c, n_c in counts.items():
            for k, n_k in counts.items():
                pairs = n_c * (n_k - (c == k))
                if pairs:
                    coincidences[c, k] += pairs / (m - 1)  # type: ignore[assignment]
    totals: Counter[Hashable] = Counter()
    for (c, _), weight in coincidences.items():
        totals[c] += weight
    n = sum(totals.values())
    if n < 2:
        return float("nan")
    observed = sum(w for (c, k), w in coincidences.items() if c != k)
    expected = (n * n - sum(t * t for t in totals.values())) / (n - 1)
    return 1.0 - observed / expected if expected else 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two independent readings of one paper."""

    slug: str
    first: AnnotationFile
    second: AnnotationFile


def blind_pair(files: Sequence[AnnotationFile]) -> Pair | None:
    """The two blind, independent readings among a paper's annotation files, in the order of the annotators' names."""
    readings = sorted(
        (f for f in files if f.header.role == "independent" and f.header.mode == "blind"),
        key=lambda f: f.header.annotator,
    )
    return Pair(readings[0].slug, readings[0], readings[1]) if len(readings) >= 2 else None


@dataclass(slots=True)
class _Counts:
    """What of one paper, or of several added up, the figures are made from."""

    confusion: Counter[tuple[str, str]]
    links: Counter[str]

    @classmethod
    def of(cls, pair: Pair) -> _Counts:
        first = {s.n: str(s.label) for s in pair.first.sentences}
        second = {s.n: str(s.label) for s in pair.second.sentences}
        confusion = Counter((first[n], second[n]) for n in first.keys() & second.keys())
        one = {(r.source, r.target): r.label for r in pair.first.relations}
        two = {(r.source, r.target): r.label for r in pair.second.relations}
        both = one.keys() & two.keys()
        links = Counter(first=len(one), second=len(two), both=len(both), typed=sum(one[k] is two[k] for k in both))
        return cls(confusion, links)

    @classmethod
    def added(cls, many: Iterable[_Counts]) -> _Counts:
        total = cls(Counter(), Counter())
        for counts in many:
            total.confusion.update(counts.confusion)
            total.links.update(counts.links)
        return total

    def alpha(self) -> float:
        return nominal_alpha(pair for pair, n in self.confusion.items() for _ in range(n))

    def f1(self, label: str) -> float:
        given = sum(n * ((a == label) + (b == label)) for (a, b), n in self.confusion.items())
        return 2 * self.confusion[label, label] / given if given else 0.0

    def macro5(self) -> float:
        return sum(self.f1(label) for label in LABELS) / len(LABELS)

    def link_f1(self, kind: str = "both") -> float:
        given = self.links["first"] + self.links["second"]
        return 2 * self.links[kind] / given if given else 0.0


def agreement(pairs: Sequence[Pair], *, resamples: int = 1000, seed: int = 0) -> dict[str, Any]:
    """The figures over these papers, each with n and a 95 % interval: alpha, F1 a label, macro5, link and typed F1."""
    each = [_Counts.of(pair) for pair in pairs]
    whole = _Counts.added(each)
    draw = random.Random(seed)
    samples = [_Counts.added(draw.choices(each, k=len(each))) for _ in range(resamples)] if each else []

    def figure(of: Callable[[_Counts], float]) -> dict[str, Any]:
        values = sorted(of(s) for s in samples)
        interval = [values[round(q * (len(values) - 1))] for q in (0.025, 0.975)] if values else None
        return {"value": round(of(whole), 4), "interval": [round(v, 4) for v in interval] if interval else None}

    return {
        "papers": len(pairs),
        "sentences": sum(whole.confusion.values()),
        "relations": [whole.links["first"], whole.links["second"]],
        "alpha": figure(_Counts.alpha),
        "macro5": figure(_Counts.macro5),
        "f1": {
            label: {**figure(lambda c, label=label: c.f1(label)), "n": sum(  # type: ignore[misc]
                n for (a, _), n in whole.confusion.items() if a == label
            )}
            for label in (*LABELS, NONE)
        },
        "link": figure(_Counts.link_f1),
        "typed": figure(lambda c: c.link_f1("typed")),
    }  # fmt: skip
