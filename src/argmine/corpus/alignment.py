"""Pairs of units of two papers that speak to each other: the same claim, an answer to an open challenge, a conflict.

Candidates are the pairs that are nearest in meaning; each is checked by rules, and those that fail are counted by the
reason. A pair that passes is a row for a person to judge, with both texts: nothing here decides who is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from argmine.corpus.entry import Entry, plural_of
from argmine.corpus.wording import Meaning, opposed, surfaces, words
from argmine.render.salience import Salience
from argmine.scheme import Attribution, Scheme
from argmine.text import letters

LEAST: Final = 0.12
"""Similarity from which a pair is a candidate."""
_LEAST_OPPOSED: Final = 0.2
"""Similarity from which opposite wordings are shown: a negation is soon found, a conflict seldom."""
_PER_UNIT: Final = 3
"""How many candidates a unit has at most among the units of all other papers."""
_SHARED: Final = 2
"""Least content words that both must hold, context included."""
_LEAST_SAID: Final = 3
"""Least content words of a unit: "They should not build it" tells nothing alone."""
_CHUNK: Final = 512
BUDGET: Final = 4000
"""Most units of a label that are compared with each other. Past it each paper sends in its share."""

_FEW_WORDS: Final = "too few words in common"


@dataclass(frozen=True, slots=True)
class Said:
    """A unit that may speak to others': `paper` is its paper's number, `context` what stands around it."""

    paper: int
    id: str
    label: str
    text: str
    context: str
    role: str
    page: int | None
    open: bool
    answers: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two units of two papers; in an answer `one` is the challenge and `other` what may answer it."""

    kind: str
    one: Said
    other: Said
    similarity: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The pairs that passed, best first within each kind, and how many candidates were rejected, by reason. `units` of
    `units_of` were looked at."""

    pairs: tuple[Pair, ...]
    candidates: int
    rejected: dict[str, int]
    units: int
    units_of: int


def positions(scheme: Scheme) -> tuple[str, ...]:
    """The labels by which papers may say the same or the opposite: recommendations and claims, else all labels."""
    told = {scheme.place("recommendations"), scheme.place("thesis")}
    problem = scheme.place("problems")
    return tuple(n for n in scheme.unit_labels if n in told) or tuple(n for n in scheme.unit_labels if n != problem)


def pair_kinds(scheme: Scheme) -> dict[str, str]:
    """The kinds of pairs with their titles, in the order in which they are shown."""
    problem, labels = scheme.place("problems"), positions(scheme)
    kinds = {"answer": f"One leaves a {problem} open, the other offers an answer"} if problem else {}
    kinds |= {_opposed(scheme, n): f"Opposed {plural_of(scheme, n)}, by their wording" for n in labels}
    kinds |= {f"same {n}": f"The same {n} in both" for n in labels}
    return kinds | ({f"shared {problem}": "Both leave it open"} if problem else {})


def _opposed(scheme: Scheme, label: str) -> str:
    return f"opposed {plural_of(scheme, label)}"


def said_in(number: int, entry: Entry, most: int | None) -> tuple[list[Said], int]:
    """The units of a map that may speak to others': its own positions and its problems; and how many there are. With
    `most`, no more of each label than that: the first by salience."""
    amap, facts = entry.amap, entry.facts
    scheme = amap.labels
    problem, call, labels = scheme.place("problems"), scheme.place("recommendations"), positions(scheme)
    rule = scheme.gap(problem) if problem else None
    answering = {c.relation for c in rule.closed_by if c.side == "into"} if rule else set()
    by_id = {f.unit.id: f for f in facts}
    found: dict[str, list[Said]] = {}
    for before, fact in zip((None, *facts), facts, strict=False):
        unit = fact.unit
        if unit.label != problem and (unit.label not in labels or unit.attribution is Attribution.REPORTED):
            continue
        outgoing = amap.outgoing(unit)
        linked = [by_id[r.source] for r in amap.incoming(unit)] + [by_id[r.target] for r in outgoing]
        if before is not None and before.unit.section == unit.section:
            linked.append(before)
        around = " ".join(dict.fromkeys(f.unit.text[:400] for f in linked[:6]))
        answers = any(r.label in answering and by_id[r.target].unit.label == problem for r in outgoing)
        said = Said(
            paper=number,
            id=unit.id,
            label=unit.label,
            text=unit.text[:1000],
            context=f"{fact.section} {around}",
            role=fact.role,
            page=unit.page,
            open=unit.label == problem and bool(fact.open),
            answers=unit.label == call or answers,
        )
        found.setdefault(unit.label, []).append(said)
    every = [s for some in found.values() for s in some]
    if most is None:
        return every, len(every)
    rank = Salience(amap).rank
    first = {s.id for some in found.values() for s in sorted(some, key=lambda s: rank[s.id])[:most]}
    return [s for s in every if s.id in first], len(every)


def align(
    said: Sequence[Said],
    scheme: Scheme,
    dense: NDArray[np.float32] | None = None,
    *,
    limit: int = 200,
    units_of: int | None = None,
) -> Alignment:
    """The pairs of units of different papers that speak to each other, at most `limit` of each kind. `dense` are the
    model's vectors of these units, in their order; `units_of` tells of how many units these are a choice."""
    meaning = Meaning([s.text for s in said], [s.context for s in said], dense)
    stems = [set(words(s.text)) for s in said]
    wide = [own | set(words(s.context)) for own, s in zip(stems, said, strict=True)]
    kinds = pair_kinds(scheme)
    rejected: Counter[str] = Counter()
    found: dict[str, list[Pair]] = {kind: [] for kind in kinds}
    candidates = 0
    for family, rows, columns in _families(said, scheme):
        for i, j, likeness in _nearest(said, meaning, rows, columns):
            candidates += 1
            one, other, shared, around = said[i], said[j], stems[i] & stems[j], wide[i] & wide[j]
            if min(len(stems[i]), len(stems[j])) < _LEAST_SAID:
                rejected["one says too little by itself"] += 1
            elif (kind := _kind(family, one, other, shared, around, meaning, likeness, scheme)) not in kinds:
                rejected[kind] += 1
            else:
                rarest = sorted(shared or around, key=lambda w: (-meaning.idf.get(w, 0.0), w))[:6]
                forms = surfaces(f"{one.text} {one.context}")
                found[kind].append(Pair(kind, one, other, likeness, tuple(forms[w] for w in rarest)))
    for pairs in found.values():
        pairs.sort(key=lambda p: (-p.similarity, p.one.paper, p.one.id, p.other.id))
    kept = tuple(pair for pairs in found.values() for pair in pairs[:limit])
    if cut := sum(map(len, found.values())) - len(kept):
        rejected["further down the list"] += cut
    return Alignment(kept, candidates, dict(sorted(rejected.items())), len(said), units_of or len(said))


def _families(said: Sequence[Said], scheme: Scheme) -> Iterator[tuple[str, list[int], list[int]]]:
    of = {label: [i for i, s in enumerate(said) if s.label == label] for label in scheme.unit_labels}
    for label in positions(scheme):
        yield label, of[label], of[label]
    if problem := scheme.place("problems"):
        unaddressed = [i for i in of[problem] if said[i].open]
        yield "answer", unaddressed, [i for label in positions(scheme) for i in of[label] if said[i].answers]
        yield problem, unaddressed, unaddressed


def _kind(
    family: str,
    one: Said,
    other: Said,
    shared: set[str],
    around: set[str],
    meaning: Meaning,
    likeness: float,
    scheme: Scheme,
) -> str:
    if letters(one.text) == letters(other.text):
        return "the same sentence stands in both"
    if len(around) < _SHARED:
        return _FEW_WORDS
    if family == "answer":
        return "answer" if shared or len(around) > _SHARED else _FEW_WORDS
    if len(shared) < _SHARED:
        return _FEW_WORDS
    if family == scheme.place("problems"):
        return f"shared {family}"
    against = opposed(one.text, other.text, shared, meaning.idf)
    if against is None:
        return "their leaning is not clear"
    if against and likeness < _LEAST_OPPOSED:
        return "too far apart for a conflict"
    return _opposed(scheme, family) if against else f"same {family}"


def _nearest(
    said: Sequence[Said], meaning: Meaning, rows: Sequence[int], columns: Sequence[int]
) -> Iterable[tuple[int, int, float]]:
    """The pairs of different papers nearest in meaning, each once: each unit's best among those of all others."""
    if not rows or not columns:
        return
    papers, among = np.array([s.paper for s in said]), np.array(columns)
    mirrored = list(rows) == list(columns)
    seen: set[tuple[int, int]] = set()
    for start in range(0, len(rows), _CHUNK):
        part = np.array(rows[start : start + _CHUNK])
        found = meaning.similar(part, among)
        found[papers[part][:, None] == papers[among][None]] = 0
        best = np.argsort(-found, axis=1, kind="stable")[:, :_PER_UNIT]
        for r, c in zip(*np.nonzero(np.take_along_axis(found, best, axis=1) >= np.float64(LEAST)), strict=True):
            i, j = int(part[r]), int(among[best[r, c]])
            likeness = float(found[r, best[r, c]])
            if mirrored and said[i].paper > said[j].paper:
                i, j = j, i
            if (i, j) not in seen:
                seen.add((i, j))
                yield i, j, likeness
