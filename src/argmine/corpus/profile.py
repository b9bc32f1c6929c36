"""What one map amounts to in numbers: labels by place, relations, support trees, gaps, with the model's error.

A map that a model made carries calibrated probabilities, and the numbers that are expected under them are nearer to
gold than counting labels is (docs/compare.md has the figures of the held-out papers). But a model's errors within a
paper go together: the deviations from gold are wider than independent errors would make them, so intervals are widened
by `SPREAD`, with which nine in ten to all of those papers lie within their 95 % interval (`research/bench_compare.py
intervals`). Sentences that the model took for no unit are not in a map and not in its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.argument_map import ArgumentMap, Unit
from argmine.corpus.entry import PLACES, ROLES, THIRDS, Entry, Outline, UnitFact, picked, plural_of
from argmine.paper import role_of
from argmine.render.words import cut
from argmine.scheme import Attribution, Gap, Scheme

SPREAD: Final = 1.8
"""How much wider than for independent errors an interval is; measured on the held-out predictions."""
_Z: Final = 1.96
BINS: Final = 10
"""Points of the curve of a label's position."""
_THESIS: Final = 600
"""Longest text of a thesis; hardly any sentence is longer, and the map has the whole."""
_KNOWN: Final = 0.5
"""Share of units in sections with a role from which a paper's roles serve as its axis."""

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number counted on the map, what is expected under the probabilities, and its 95 % interval. `value` is None
    where there is nothing to count on; an annotator's map is taken as it stands: no width."""

    value: float | None
    expected: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, value: float | None, expected: float | None = None, sd: float = 0.0, top: float = math.inf) -> Estimate:
        """An estimate with an interval of `sd` widened by SPREAD, within 0 and `top`."""
        if value is None:
            return UNKNOWN
        middle = value if expected is None else expected
        reach = _Z * SPREAD * sd
        return cls(float(value), middle, max(0.0, middle - reach), min(top, middle + reach))

    def differs(self, other: Estimate) -> bool | None:
        """Whether two numbers differ by more than the model's error; None where one is not known."""
        if self.expected is None or other.expected is None:
            return None
        gap = abs(self.expected - other.expected)
        return gap > math.hypot(self._reach, other._reach) and gap > 1e-9

    @property
    def half_width(self) -> float:
        return ((self.high or 0.0) - (self.low or 0.0)) / 2

    @property
    def _reach(self) -> float:
        """Half the interval's width, on the side that no border has cut."""
        middle, low, high = self.expected, self.low, self.high
        return 0.0 if middle is None or low is None or high is None else max(middle - low, high - middle)

    def columns(self, name: str, *, counted: bool = True) -> Iterator[tuple[str, float | None]]:
        if counted:
            yield name, rounded(self.value)
        yield f"{name}_expected", rounded(self.expected)
        yield f"{name}_low", rounded(self.low)
        yield f"{name}_high", rounded(self.high)


UNKNOWN: Final = Estimate(None, None, None, None)


def rounded(value: float | None) -> float | None:
    """A number as the tables hold it."""
    return None if value is None else round(float(value), 4)


def gap_measures(scheme: Scheme) -> dict[str, Gap]:
    """The measures of what is missing, by their names, in the order in which readers see the labels."""
    gaps = (gap for label in scheme.to_read if (gap := scheme.gap(label)) is not None)
    return {f"{g.name}_{plural_of(scheme, g.label).replace(' ', '_')}": g for g in gaps}


def ratio(scheme: Scheme) -> tuple[str, str] | None:
    """The labels of what is offered as evidence and of what it is offered for, where the scheme tells them."""
    grounds, thesis = scheme.place("grounds"), scheme.place("thesis")
    return (grounds, thesis) if grounds and thesis else None


def measures_of(scheme: Scheme) -> dict[str, str]:
    """The measures of a paper beside its labels, with their names for people."""
    found = {}
    if ends := ratio(scheme):
        found["_per_".join(ends)] = " per ".join(ends).capitalize()
    if scheme.attribution:
        found["reported_share"] = "Share of units that report others' positions"
    if scheme.relations:
        found["relations_per_unit"] = "Relations per unit"
    for name, gap in gap_measures(scheme).items():
        found[name] = f"Share of {gap.title[:1].lower()}{gap.title[1:]}"
    if scheme.acyclic:
        found["tree_depth"] = "Mean depth of support trees"
        found["tree_width"] = "Mean width of support trees"
        found["deepest_tree"] = "Longest chain of supports"
        found["widest_tree"] = "Most supports abreast"
    return found


def shown_measures(scheme: Scheme) -> dict[str, str]:
    """The measures that a short table shows, with the heads of their columns."""
    ends = ratio(scheme) or ()
    found = {"_per_".join(ends): " per ".join(ends)} if ends else {}
    told = (scheme.place("thesis"), scheme.place("problems"))
    return found | {name: gap.name for name, gap in gap_measures(scheme).items() if gap.label in told}


@dataclass(frozen=True)
class Profile:
    """One paper in numbers. Arrays are by PLACES and the scheme's labels, shape (14, 5) for the annotation scheme.

    `counts` of units, `expected` and `variance` under the probabilities, `reported` units of others' positions;
    `sentences` by PLACES (None without paper.json); `curve` counts by labels and BINS. `measures` are by name, see
    `measures_of`. `thesis` is the first that the map's first screen shows, empty without key points.
    """

    scheme: Scheme
    name: str
    title: str
    group: str | None
    year: int | None
    language: str | None
    maker: str
    thesis: str
    units: int
    relations: Mapping[str, int]
    counts: Ints
    expected: Floats
    variance: Floats
    reported: Ints
    sentences: Ints | None
    curve: Ints
    measures: Mapping[str, Estimate]

    @property
    def roles_known(self) -> bool:
        """Whether enough units stand in sections of a known role for roles to be this paper's axis."""
        return 1 - float(self.counts[PLACES.index("other")].sum()) / max(1, self.units) >= _KNOWN

    def share(self, label: str, place: str = "whole") -> Estimate:
        """The share of a label among the units of a place."""
        row, column = self._at(label, place)
        total, mass = int(self.counts[row].sum()), float(self.expected[row].sum())
        if not total:
            return UNKNOWN
        value = self.counts[row, column] / total
        if mass <= 0:
            return Estimate.of(value, top=1.0)
        return Estimate.of(value, float(self.expected[row, column]) / mass, self._sd(row, column) / mass, 1.0)

    def count(self, label: str, place: str = "whole") -> Estimate:
        row, column = self._at(label, place)
        return Estimate.of(self.counts[row, column], float(self.expected[row, column]), self._sd(row, column))

    def density(self, label: str, place: str = "whole") -> Estimate:
        """Units with a label to a hundred sentences."""
        row, column = self._at(label, place)
        n = 0 if self.sentences is None else int(self.sentences[row])
        if not n:
            return UNKNOWN
        counted, expected = (100 * float(of[row, column]) / n for of in (self.counts, self.expected))
        return Estimate.of(counted, expected, 100 * self._sd(row, column) / n)

    def of(self, measure: str) -> Estimate:
        """The paper's number on a measure, or the whole paper's share of a label under the name "<label>_share"."""
        return self.measures[measure] if measure in self.measures else self.share(measure.removesuffix("_share"))

    def _at(self, label: str, place: str) -> tuple[int, int]:
        return PLACES.index(place), self.scheme.unit_labels.index(label)

    def _sd(self, row: int, column: int) -> float:
        return math.sqrt(float(self.variance[row, column]))


def probabilities(amap: ArgumentMap) -> NDArray[np.float64]:
    """P(label) of each unit, shape (units, labels); 1 for the label on an annotator's map."""
    labels, certain = amap.labels.unit_labels, amap.made_by.kind == "annotator"
    found = np.zeros((len(amap.units), len(labels)))
    for row, unit in zip(found, amap.units, strict=True):
        if certain or not unit.scores:
            row[labels.index(unit.label)] = 1.0 if certain or unit.score is None else unit.score
        else:
            row[:] = [unit.scores.get(name, 0.0) for name in labels]
    return found


def profile_of(entry: Entry, scheme: Scheme | None = None) -> Profile:
    """A map in numbers. `scheme` is the map's or another that shares its labels."""
    amap, outline, facts, scheme = entry.amap, entry.outline, entry.facts, scheme or entry.amap.labels
    size = (len(PLACES), len(scheme.unit_labels))
    p = probabilities(amap)
    label = np.array([scheme.unit_labels.index(f.unit.label) for f in facts], np.intp)
    rows = np.array([_rows(f.third, f.role) for f in facts], np.intp).reshape(-1, 3)
    counts, reported, curve = (np.zeros(of, np.int32) for of in (size, size, (size[1], BINS)))
    expected, variance = np.zeros(size, np.float32), np.zeros(size, np.float32)
    np.add.at(counts, (rows, label[:, None]), 1)
    np.add.at(reported, (rows, label[:, None]), [[f.unit.attribution is Attribution.REPORTED] for f in facts])
    bins = np.array([min(BINS - 1, int(BINS * f.position)) for f in facts], np.intp)
    np.add.at(curve, (label, bins), 1)
    for places, row in zip(rows, p, strict=True):
        expected[places] += row
        variance[places] += row * (1 - row)
    known = dict(_label_measures(scheme, facts, counts[0], expected[0], variance[0]))
    if amap.relations:
        known |= _relation_measures(scheme, entry, p)
    return Profile(
        scheme=scheme,
        name=entry.place.name,
        title=entry.title,
        group=entry.place.group,
        year=outline.year if outline else None,
        language=outline.language if outline else None,
        maker=entry.maker,
        thesis=next((cut(p.text, _THESIS) for p in (amap.key_points.thesis if amap.key_points else ())), ""),
        units=len(amap.units),
        relations={label: sum(r.label == label for r in amap.relations) for label in scheme.relation_labels},
        counts=counts,
        expected=expected,
        variance=variance,
        reported=reported,
        sentences=_sentences(outline) if outline else None,
        curve=curve,
        measures={name: known.get(name, UNKNOWN) for name in measures_of(scheme)},
    )


def _rows(third: int, role: str) -> list[int]:
    return [0, 1 + third, 1 + len(THIRDS) + ROLES.index(role)]


def _sentences(outline: Outline) -> Ints | None:
    if not outline.sentences:
        return None
    found = np.zeros(len(PLACES), np.int32)
    # A section's span runs over its subsections: the innermost is the last one that begins before the sentence.
    starts = sorted(outline.sections, key=lambda s: (s.start, s.level))
    at = -1
    for i, sentence in enumerate(outline.sentences):
        while at + 1 < len(starts) and starts[at + 1].start <= sentence.start:
            at += 1
        role = role_of(starts[at].id if at >= 0 else None, outline.sections_by_id)
        found[_rows(min(2, 3 * i // len(outline.sentences)), role)] += 1
    return found


def _label_measures(
    scheme: Scheme, facts: Sequence[UnitFact], counts: Ints, expected: Floats, variance: Floats
) -> Iterator[tuple[str, Estimate]]:
    """The measures that a map has without relations; the arrays are those of the whole paper."""
    if ends := ratio(scheme):
        above, below = (scheme.unit_labels.index(label) for label in ends)
        if counts[below] and expected[below] > 0 and expected[above] > 0:
            found = float(expected[above] / expected[below])
            sd = found * math.sqrt(variance[below] / expected[below] ** 2 + variance[above] / expected[above] ** 2)
            yield "_per_".join(ends), Estimate.of(counts[above] / counts[below], found, sd)
        elif counts[below]:
            yield "_per_".join(ends), Estimate.of(0.0)
    if facts:
        reported = sum(f.unit.attribution is Attribution.REPORTED for f in facts)
        yield "reported_share", Estimate.of(reported / len(facts), top=1.0)


def _relation_measures(scheme: Scheme, entry: Entry, p: NDArray[np.float64]) -> Iterator[tuple[str, Estimate]]:
    amap, units = entry.amap, len(entry.facts)
    # Each relation's probability holds if its two units are there; a missing score is an annotator's certainty.
    scores = [1.0 if r.score is None else r.score for r in amap.relations]
    sd = math.sqrt(sum(s * (1 - s) for s in scores))
    yield "relations_per_unit", Estimate.of(len(scores) / units, sum(scores) / units, sd / units)
    for name, gap in gap_measures(scheme).items():
        yield name, _open_share(entry, p, gap.label)
    if trees := entry.trees:
        yield "tree_depth", Estimate.of(fmean(t.depth for t in trees))
        yield "tree_width", Estimate.of(fmean(t.width for t in trees))
        yield "deepest_tree", Estimate.of(max(t.depth for t in trees))
        yield "widest_tree", Estimate.of(max(t.width for t in trees))


def _open_share(entry: Entry, p: NDArray[np.float64], label: str) -> Estimate:
    amap, facts = entry.amap, entry.facts
    column = amap.labels.unit_labels.index(label)
    rows = [i for i, f in enumerate(facts) if f.unit.label == label]
    weights = [float(p[i, column]) for i in rows]
    if (mass := sum(weights)) <= 0:
        return UNKNOWN
    alone = [_unmet(amap, facts[i].unit) for i in rows]
    share = sum(w * a for w, a in zip(weights, alone, strict=True)) / mass
    # A ratio's variance: whether the unit has the label at all, and whether it is open if it has.
    spread = sum(w * (1 - w) * (a - share) ** 2 + w * a * (1 - a) for w, a in zip(weights, alone, strict=True))
    open = sum(bool(facts[i].open) for i in rows)
    return Estimate.of(open / len(rows), share, math.sqrt(spread) / mass, 1.0)


def _unmet(amap: ArgumentMap, unit: Unit) -> float:
    """The probability that nothing keeps a unit from being open; an annotator's relation is certain."""
    scores = [r.score for r in amap.closing(unit)] or [a.score for a in amap.key_answers(unit)]
    return math.prod(0.0 if score is None else 1 - score for score in scores)


def profile_row(profile: Profile) -> dict[str, Any]:
    """A paper's line in papers.csv: a flat row of everything in the profile but the curve, unknown numbers None."""
    labels = profile.scheme.unit_labels
    row: dict[str, Any] = {"paper": profile.name, **picked(profile, "title", "group", "year", "language", "thesis")}
    row |= {"made_by": profile.maker, "units": profile.units}
    row["sentences"] = None if profile.sentences is None else int(profile.sentences[0])
    row |= {"relations": sum(profile.relations.values()), "roles_known": profile.roles_known}
    for column, label in enumerate(labels):
        row[label] = int(profile.counts[0, column])
        row |= profile.count(label).columns(label, counted=False)
        row[f"{label}_reported"] = int(profile.reported[0, column])
        row |= profile.share(label).columns(f"{label}_share")
        row[f"{label}_per_100_sentences"] = rounded(profile.density(label).value)
    row |= profile.relations
    for name, found in profile.measures.items():
        row |= found.columns(name)
    for r, place in enumerate(PLACES[1:], 1):
        row |= {f"{label}_in_{place.replace(' ', '_')}": int(profile.counts[r, c]) for c, label in enumerate(labels)}
    return row
