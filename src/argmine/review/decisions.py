"""What there is to decide between two readings: sentences that they judge differently, relations, and key points.

A relation is a question where a reader drew one: whether there is one between the two units, which, and which way it
runs. Where both drew the same it decides itself once its ends are judged. Key points, answers and voices are each to be
decided that a reader chose; those that both chose alike are confirmed together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from argmine.annotation.disagreements import differing_relations
from argmine.review import state as states
from argmine.review.points import proposed_by, undecided
from argmine.review.state import Pair, Point, Refused, State, Text, in_order, split_name
from argmine.review.suggestions import Proposal

AGREED: Final = "agreed"
"""The name of the proposal that holds what two readers agree on."""

Standing = Literal["open", "waiting", "drawn", "rejected", "impossible"]
"""How a question stands: to be decided; decided by both readers, but an end has no judgement yet; decided for a
relation, whichever; decided against one; decided by the judgement of its ends, which can have none that was drawn."""

Drawn = tuple[str, str, str]
"""A relation: source, target, label."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two units with what each reader draws between them, None for nothing. `differs` unless both draw the same."""

    said: tuple[Drawn | None, Drawn | None]
    differs: bool
    text: Text = field(compare=False, repr=False)

    @property
    def first(self) -> Drawn:
        """The first reader's relation, else the second's."""
        found = self.said[0] or self.said[1]
        assert found is not None
        return found

    @property
    def pair(self) -> Pair:
        return self.first[:2]

    def standing(self, state: State) -> tuple[Standing, str]:
        """How it stands, and for what is impossible why."""
        heads = state.heads(self.pair)
        if heads in state.related:
            return "drawn", ""
        if heads in state.unrelated:
            return "rejected", ""
        if why := self._why_not(state, heads):
            return "impossible", why
        judged = all(state.mark(end) is not None for end in heads)
        return ("open" if self.differs or judged else "waiting"), ""

    def _why_not(self, state: State, heads: frozenset[str]) -> str:
        """Why none of what was drawn can be, as far as the ends are judged; empty where one can."""
        if len(heads) == 1:
            return f"{' and '.join(in_order(self.pair))} are one unit now"
        for end in sorted(heads, key=split_name):
            n, part = split_name(end)
            entry, mark = state.entry(n), state.mark(end)
            if mark is not None and not self.text.is_unit(mark):
                return f"{end} is {mark.label}"
            if part >= len(entry.marks) and entry.checked:
                return f"there is no unit {end}"
        why = ""
        for source, target, label in filter(None, self.said):
            ends = [mark.label for end in (source, target) if (mark := state.mark(state.head(end))) is not None]
            if len(ends) < 2 or self.text.scheme.allows(label, *ends):
                return ""
            why = why or f"{label} doesn't run from {' to '.join(ends)}"
        return why


@dataclass(frozen=True)
class Decisions:
    """All that there is to decide. `sentences` are judged differently, or by one reader alone."""

    readers: tuple[str, str]
    sentences: Sequence[int]
    questions: Sequence[Question]
    points: Sequence[Point] = ()
    """The key points, answers and voices that a reader chose."""
    _known: list[tuple[State, list[tuple[Standing, str]]]] = field(default_factory=list, compare=False, repr=False)
    """How the questions stood in the last two states."""

    @classmethod
    def between(cls, proposals: Mapping[str, Proposal], text: Text) -> Decisions | None:
        """What the two readers among the proposals leave to decide; None where there are no two."""
        if AGREED not in proposals:
            return None
        one, other = (p for name, p in proposals.items() if p.kind == "reader" and name != AGREED)
        alike = proposals[AGREED].state
        differ = disagreements(one.state, other.state, alike, text)
        points = undecided(proposed_by((one.state, other.state)), State())
        return cls((one.name, other.name), differ, questions(one.state, other.state, text), points)

    def standings(self, state: State) -> list[tuple[Standing, str]]:
        for known, found in self._known:
            if known is state:
                return found
        found = [question.standing(state) for question in self.questions]
        self._known[:] = [*self._known[-1:], (state, found)]
        return found

    def places(self) -> list[int]:
        """The sentences at which there is something to decide: labels first, since relations hang on them, key points
        last. A relation is decided at its source, an answer at its problem, a voice where it begins."""
        sources = {split_name(q.pair[0])[0] for q in self.questions if q.differs}
        return list(dict.fromkeys([*self.sentences, *sorted(sources), *(p.sentence for p in self.points)]))

    def left(self, state: State) -> tuple[int, int]:
        """How many labels and relations are still to be decided."""
        labels = sum(n not in state.entries or not state.entry(n).checked for n in self.sentences)
        return labels, sum(standing == "open" for standing, _ in self.standings(state))

    def words(self, state: State) -> str:
        """What is still to be decided, for people."""
        labels, relations, points = (
            f"{n} {what}{'' if n == 1 else 's'}"
            for n, what in zip(
                (*self.left(state), len(undecided(self.points, state))), ("label", "relation", "key point"), strict=True
            )
        )
        return f"{labels}, {relations} and {points} to decide" if self.points else f"{labels} and {relations} to decide"

    def data(self, state: State) -> dict[str, Any]:
        """What the page needs to know: how much is left, and each question with how it stands."""
        labels, relations = self.left(state)
        rows = [[*q.pair, q.differs, *how] for q, how in zip(self.questions, self.standings(state), strict=True)]
        return {"labels": labels, "relations": relations, "questions": rows}

    def settled(self, before: State, after: State, text: Text, *, all_of_them: bool = False) -> State:
        """A state with the relations that both readers drew, as far as the change to it made them possible. With
        `all_of_them` also those that were possible before. One that would close a circle of supports stays open."""
        touched = {n for n in before.entries.keys() | after.entries.keys() if before.entry(n) != after.entry(n)}
        touched |= {int(n) for fix in before.fixes ^ after.fixes for n in fix[1:]}
        for question in self.questions:
            source, target, label = question.first
            at_hand = all_of_them or touched & {split_name(end)[0] for end in question.pair}
            if at_hand and not question.differs and question.standing(after)[0] == "open":
                try:
                    after = states.relate(after, text, source, target, label)
                except Refused:
                    continue
        return after

    def named(self, state: State, pair: Pair) -> list[Pair]:
        """The questions about two units, by the names that they have there."""
        return [q.pair for q in self.questions if state.heads(q.pair) == state.heads(pair)]

    def now_impossible(self, before: State, after: State) -> list[str]:
        """What a change has made impossible of what a reader drew, with the reason, for the annotator."""
        found: list[str] = []
        standings = zip(self.questions, self.standings(before), self.standings(after), strict=True)
        for question, was, (standing, why) in standings:
            if standing != "impossible" or was[0] == "impossible":
                continue
            who: dict[Drawn, list[str]] = {}
            for name, said in zip(self.readers, question.said, strict=True):
                if said is not None:
                    who.setdefault(said, []).append(name)
            drawn = (f"{s} {label} {t} ({' and '.join(names)})" for (s, t, label), names in who.items())
            found.append(f"{', '.join(drawn)} can't be: {why}")
        return found


def disagreements(one: State, other: State, alike: State, text: Text) -> list[int]:
    """The sentences that two readings judge differently, or one alone, in the text's order."""
    touched = one.entries.keys() | other.entries.keys()
    return sorted(n for n in touched if n not in alike.entries and text.has(n))


def questions(one: State, other: State, text: Text) -> list[Question]:
    """All pairs of units that a reader relates, in the text's order. They differ in one where `agree` lists a relation
    too: drawn by one only, with another label, or the other way."""
    differing = {in_order(edge) for edge in differing_relations(one.relations, other.relations)}
    said: list[dict[Pair, Drawn]] = [
        {in_order(pair): (*pair, label) for pair, label in state.relations.items()} for state in (one, other)
    ]
    pairs = sorted(said[0].keys() | said[1].keys(), key=lambda pair: [split_name(end) for end in pair])
    return [Question((said[0].get(pair), said[1].get(pair)), pair in differing, text) for pair in pairs]
