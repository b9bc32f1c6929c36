"""Which units stand for a paper: the ranking behind the summary and behind what the map shows at first.

A unit's weight is the product of

* the square root of its own probability (1 where an annotator made the map);
* its *pull*, a damped Katz centrality (Katz 1953) over the relations, logarithmic so that a well documented detail
  does not outrank the thesis;
* where it stands: abstract, introduction and conclusion say what a paper is about, method and background less so;
* whether it is a thesis: it supports no further claim, or opens its section's run of units with the same label;
* how well it can be read alone: whose position it is, its length, whether it opens by pointing back or going on.

No part knows a topic, a journal or a file. Ties are broken by the order of the text, so equal input gives equal output.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from argmine.argument import ArgumentMap, Relation, Unit
from argmine.labels import Attribution, Label, RelationLabel
from argmine.paper import Paper, Section

_RELATION_WEIGHT: Final = {
    RelationLabel.SUPPORTS: 1.0,
    RelationLabel.ADDRESSES: 0.7,
    RelationLabel.MOTIVATES: 0.7,
    RelationLabel.ATTACKS: 0.4,  # what a paper argues against is discussed, therefore not marginal
}
_INTO: Final = 0.5
"""How much of a source's pull its target inherits."""
_OUT_OF: Final = 0.15
"""How much of a target's pull its source inherits: a premise of the thesis matters more than one of a detail."""
_ROUNDS: Final = 5
_DOCUMENTED: Final = 0.75
"""Keeps a claim with many links, a model's as likely as a paper's, from outranking what the conclusion says."""

_ROLE_WEIGHT: Final = {
    "abstract": 1.35, "conclusion": 1.35, "introduction": 1.15, "discussion": 1.15, "recommendation": 1.1,
    "limitation": 1.0, "result": 1.05, "background": 0.85, "method": 0.8, "other": 1.0,
}  # fmt: skip
_POINTS_BACK: Final = frozenset({
    "this", "these", "those", "that", "it", "they", "he", "she", "such", "aforementioned", "above", "latter",
    "former", "second", "third", "doing", "also",
})  # fmt: skip
_GOES_ON: Final = frozenset({
    "however", "therefore", "thus", "hence", "so", "instead", "both", "meanwhile", "moreover", "furthermore",
    "consequently", "conversely", "similarly", "likewise", "otherwise", "secondly", "thirdly", "finally",
    "nevertheless", "nonetheless", "and", "but",
})  # fmt: skip
_HEAD: Final = 4
"""In the first words of a sentence a pronoun points to the sentence before; later ones mostly point into it."""
_SHORT: Final = 45
"""Below this many characters a sentence is often a fragment or a list's label; so is one without a stop at its end."""
_LONG: Final = 350
_SAME: Final = 0.5
"""Share of common words from which two units count as saying the same."""
_SAME_SECTION: Final = 0.8
_SAME_CHAPTER: Final = 0.85
"""Each unit chosen from a section, and from the chapter that it stands in, lowers the next one's chance by these."""


@dataclass(frozen=True)
class Ranking:
    """The weights of a map's units and the questions that the summary and the map ask of them."""

    paper: Paper
    amap: ArgumentMap

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The units by id, in the order of the text."""
        return {u.id: u for u in self.amap.units}

    @cached_property
    def _sections(self) -> dict[str, Section]:
        return {s.id: s for s in self.paper.sections}

    @cached_property
    def incoming(self) -> dict[str, list[Relation]]:
        """The relations that have a unit as their target."""
        return _by(self.amap.relations, "target")

    @cached_property
    def outgoing(self) -> dict[str, list[Relation]]:
        """The relations that have a unit as their source."""
        return _by(self.amap.relations, "source")

    @cached_property
    def pull(self) -> dict[str, float]:
        """The damped centrality of each unit: its own probability and what flows to it along the relations."""
        own = {u.id: _certainty(u.score) for u in self.amap.units}
        pull = dict(own)
        for _ in range(_ROUNDS):
            new = dict(own)
            for r in self.amap.relations:
                weight = _RELATION_WEIGHT[r.label] * _certainty(r.score)
                new[r.target] += _INTO * weight * pull[r.source]
                new[r.source] += _OUT_OF * weight * pull[r.target]
            pull = new
        return pull

    @cached_property
    def weight(self) -> dict[str, float]:
        """The weight of each unit, above 0. It orders units of one label; it is no probability."""
        openers = self._openers()
        return {u.id: self._weigh(u, u.id in openers) for u in self.amap.units}

    def _weigh(self, unit: Unit, opens: bool) -> float:
        weight = math.sqrt(_certainty(unit.score)) * math.pow(math.log1p(self.pull[unit.id]), _DOCUMENTED)
        weight *= _ROLE_WEIGHT[self.role(unit)]
        if unit.label is Label.CLAIM and self._serves_no_claim(unit):
            weight *= 1.2
        if opens:
            weight *= 1.1
        if unit.attribution is Attribution.REPORTED:
            weight *= 0.7
        if len(unit.text) < _SHORT:
            weight *= 0.6
        elif len(unit.text) > _LONG:
            weight *= 0.85
        if unit.text[-1] == ":" or unit.text[-1].isalnum():
            weight *= 0.6
        head = [word.casefold().strip(",.:;()") for word in unit.text[:200].split(None, _HEAD)[:_HEAD]]
        if not _POINTS_BACK.isdisjoint(head):
            weight *= 0.75
        if head and head[0] in _GOES_ON:
            weight *= 0.9
        return weight * (0.9 if unit.unsure else 1.0)

    def _serves_no_claim(self, unit: Unit) -> bool:
        return not any(
            r.label is RelationLabel.SUPPORTS and self.units[r.target].label is Label.CLAIM
            for r in self.outgoing.get(unit.id, ())
        )

    def _openers(self) -> frozenset[str]:
        seen: set[tuple[str | None, Label]] = set()
        openers = []
        for unit in self.amap.units:
            if (unit.section, unit.label) not in seen:
                seen.add((unit.section, unit.label))
                openers.append(unit.id)
        return frozenset(openers)

    def chapter(self, unit: Unit) -> str:
        """The id of the outermost section that the unit stands in, empty without one."""
        section, seen = self._sections.get(unit.section or ""), {""}
        while section is not None and section.parent in self._sections and section.id not in seen:
            seen.add(section.id)
            section = self._sections[section.parent]
        return section.id if section is not None else ""

    def role(self, unit: Unit) -> str:
        """The role of the unit's section, or of the nearest section above it that has one."""
        section = self._sections.get(unit.section or "")
        seen: set[str] = set()
        while section is not None and section.role == "other" and section.id not in seen:
            seen.add(section.id)
            section = self._sections.get(section.parent or "")
        return section.role if section is not None else "other"

    def top(self, units: Iterable[Unit], limit: int, beside: Iterable[Unit] = ()) -> list[Unit]:
        """The heaviest `limit` of `units`, none of which repeats another one or one of `beside`, in falling order."""
        waiting = sorted(units, key=lambda u: (-self.weight[u.id], u.start))
        chosen: list[Unit] = []
        said = [_words(u.text) for u in beside]
        taken: Counter[str] = Counter()
        chapters: Counter[str] = Counter()

        def worth(unit: Unit) -> tuple[float, int]:
            crowd = _SAME_SECTION ** taken[unit.section or ""] * _SAME_CHAPTER ** chapters[self.chapter(unit)]
            return self.weight[unit.id] * crowd, -unit.start

        while waiting and len(chosen) < limit:
            best = max(waiting, key=worth)
            waiting.remove(best)
            words = _words(best.text)
            if any(_overlap(words, other) >= _SAME for other in said):
                continue
            said.append(words)
            taken[best.section or ""] += 1
            chapters[self.chapter(best)] += 1
            chosen.append(best)
        return chosen

    def labelled(self, label: Label) -> list[Unit]:
        """The units with this label in the order of the text."""
        return [u for u in self.amap.units if u.label is label]

    def answers(self, challenge: Unit) -> list[Unit]:
        """What the paper puts forward against a challenge, best first.

        That is what `addresses` it, and what it `motivates`: the scheme reads both as a challenge and its remedy.
        """
        found = [
            self.units[r.source] for r in self.incoming.get(challenge.id, ()) if r.label is RelationLabel.ADDRESSES
        ]
        found += [
            self.units[r.target]
            for r in self.outgoing.get(challenge.id, ())
            if r.label is RelationLabel.MOTIVATES and self.units[r.target].label is Label.RECOMMENDATION
        ]
        return sorted(found, key=lambda u: (u.label is not Label.RECOMMENDATION, -self.weight[u.id], u.start))

    def answered_by(self, unit: Unit) -> list[Unit]:
        """The challenges that a unit answers, best first: `answers` read from its other end."""
        ids = [r.target for r in self.outgoing.get(unit.id, ()) if r.label is RelationLabel.ADDRESSES]
        ids += [r.source for r in self.incoming.get(unit.id, ()) if r.label is RelationLabel.MOTIVATES]
        found = [self.units[i] for i in ids if self.units[i].label is Label.CHALLENGE]
        return sorted(found, key=lambda u: (-self.weight[u.id], u.start))


@dataclass(frozen=True, slots=True)
class Brief:
    """A paper's argument in a few units; each list falls in weight."""

    claims: tuple[Unit, ...]
    motivations: tuple[Unit, ...]
    open_challenges: tuple[Unit, ...]
    answered_challenges: tuple[Unit, ...]
    recommendations: tuple[Unit, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units of the brief."""
        return (
            *self.claims, *self.motivations, *self.open_challenges, *self.answered_challenges, *self.recommendations,
        )  # fmt: skip


def brief(
    ranking: Ranking, *, claims: int = 5, motivations: int = 3, open_challenges: int = 4, answered: int = 3,
    recommendations: int = 5,
) -> Brief:  # fmt: skip
    """What the paper claims, why it matters, what stays open and what should be done, at most so many of each."""
    challenges = ranking.labelled(Label.CHALLENGE)
    unanswered = ranking.top((c for c in challenges if not ranking.answers(c)), open_challenges)
    return Brief(
        claims=tuple(ranking.top(ranking.labelled(Label.CLAIM), claims)),
        motivations=tuple(ranking.top(ranking.labelled(Label.MOTIVATION), motivations)),
        open_challenges=tuple(unanswered),
        answered_challenges=tuple(ranking.top((c for c in challenges if ranking.answers(c)), answered, unanswered)),
        recommendations=tuple(ranking.top(ranking.labelled(Label.RECOMMENDATION), recommendations)),
    )


def first_shown(ranking: Ranking, limit: int = 30) -> frozenset[str]:
    """The ids of the units that the map shows at first: a brief of it and what hangs on the brief's units.

    Evidence is never among them, nor what only supports a unit of its own label: the map folds both into counts.
    """
    short = brief(ranking, claims=8, motivations=3, open_challenges=4, answered=4, recommendations=6)
    shown = {u.id for u in short.units}
    crowd = Counter((u.section, u.label) for u in short.units)
    for unit in sorted(short.units, key=lambda u: (-ranking.weight[u.id], u.start)):
        for other in _companions(ranking, unit)[:2]:
            place = (other.section, other.label)
            if other.id not in shown and crowd[place] < _CROWD and len(shown) < limit:
                shown.add(other.id)
                crowd[place] += 1
    return frozenset(shown)


_CROWD: Final = 3
"""How many units of a label a section shows before only what the brief itself names is added."""


def _companions(ranking: Ranking, unit: Unit) -> list[Unit]:
    """The challenges, motivations and recommendations at the other ends of a unit's relations, heaviest first."""
    found = [
        ranking.units[r.source if r.target == unit.id else r.target]
        for r in (*ranking.incoming.get(unit.id, ()), *ranking.outgoing.get(unit.id, ()))
    ]
    return sorted(
        (u for u in found if u.label not in (Label.EVIDENCE, Label.CLAIM, unit.label)),
        key=lambda u: (-ranking.weight[u.id], u.start),
    )


def _certainty(score: float | None) -> float:
    return 1.0 if score is None else max(score, 0.01)


def _by(relations: Iterable[Relation], end: str) -> dict[str, list[Relation]]:
    found: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        found[getattr(relation, end)].append(relation)
    return dict(found)


def _words(text: str) -> frozenset[str]:
    """The longer words of a text without case and marks; of an endless text its start."""
    kept = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", text[:2000]).casefold())
    words = kept.split()
    return frozenset(w for w in words if len(w) > 3) or frozenset(words)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """The common share of the smaller set (overlap coefficient), damped where the sizes differ much."""
    if not a or not b:
        return 0.0
    common = len(a & b)
    return max(common / len(a | b), 0.8 * common / min(len(a), len(b)))
