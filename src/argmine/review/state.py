"""A reading of a paper in the making: what was judged so far, and what may be done to it.

A `State` is immutable; `perform` gives the next one. Sentences are counted from 1 and units named as in annotation
files: "17" is the sentence or its first unit, "17b" and "17c" its further units. Cuts are code point offsets into the
paper's text, each before a letter, so that anchors find them again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeGuard

from argmine.annotation.files import RelationSet
from argmine.argument_map import support_cycle
from argmine.paper import Paper
from argmine.scheme import DEFAULT, Attribution, Scheme
from argmine.text import LetterStream, full_digest, letter_offsets

MAX_PARTS: Final = 26
"""A sentence and its further units b to z."""

_NAME: Final = re.compile(r"([1-9]\d{0,8})([b-z]?)")


class Refused(Exception):
    """The operation can't be done; the message says why, for the annotator."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The judgement of one unit; `label` may be the scheme's for no unit."""

    label: str
    attribution: Attribution = Attribution.OWN
    unsure: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence that somebody has touched: `cuts` divide it into one unit more than there are cuts. A mark is None
    while its unit has no label yet."""

    marks: tuple[Mark | None, ...] = (None,)
    cuts: tuple[int, ...] = ()

    @property
    def checked(self) -> bool:
        return all(self.marks)


_UNTOUCHED: Final = Entry()
Pair = tuple[str, str]
Fix = tuple[str, ...]
"""`("merge", "21", "22")`, `("split", "17")`, `("not_body", "40")`."""


class Point(NamedTuple):
    """What is chosen with the whole paper read: a sentence for a `place`, an answer to the problem on a sentence (the
    `other`, 0 where the paper has none), or a run of sentences, from first to last, in which not the author speaks."""

    kind: Literal["key_point", "answer", "voice"]
    place: str
    sentence: int
    other: int = 0


Value = int | str
"""A key point's grade, 1 for an answer, whose a voice is; 0 or "" for what somebody proposes and is decided against."""


@dataclass(frozen=True)
class State:
    """All that an annotator has said of a paper: judged sentences, relations by their ends, corrections.

    `rejected` are pairs of units between which there is no relation, though somebody proposes one. They have the names
    that they have there, and stand in `in_order`. `points` are the key points, answers and voices.
    """

    entries: Mapping[int, Entry] = field(default_factory=dict)
    relations: Mapping[Pair, str] = field(default_factory=dict)
    fixes: frozenset[Fix] = frozenset()
    rejected: frozenset[Pair] = frozenset()
    points: Mapping[Point, Value] = field(default_factory=dict)

    @cached_property
    def related(self) -> frozenset[frozenset[str]]:
        return frozenset(map(frozenset, self.relations))

    @cached_property
    def unrelated(self) -> frozenset[frozenset[str]]:
        return frozenset(map(self.heads, self.rejected))

    def entry(self, n: int) -> Entry:
        return self.entries.get(n, _UNTOUCHED)

    def mark(self, unit: str) -> Mark | None:
        n, part = split_name(unit)
        marks = self.entry(n).marks
        return marks[part] if part < len(marks) else None

    def group(self, n: int) -> tuple[int, ...]:
        """The sentences that are one with this one, itself included."""
        for fix in self.fixes:
            if fix[0] == "merge" and str(n) in fix[1:]:
                return tuple(map(int, fix[1:]))
        return (n,)

    def head(self, unit: str) -> str:
        """The unit itself, or that of the first sentence of its merged group, which bears the group's relations."""
        if not self.fixes:
            return unit
        n, part = split_name(unit)
        return unit_name(self.group(n)[0], part)

    def heads(self, pair: Pair) -> frozenset[str]:
        """The two units of a pair, whichever way it runs; one where they are the same by now."""
        return frozenset(map(self.head, pair))


@dataclass(frozen=True)
class Text:
    """What of a paper a reading needs: where its sentences stand and can be cut, and what they may be called."""

    paper: Paper
    stream: LetterStream
    digest: str
    scheme: Scheme = DEFAULT

    @classmethod
    def of(cls, paper: Paper, scheme: Scheme = DEFAULT) -> Text:
        stream = LetterStream.of_paper(paper)
        return cls(paper, stream, full_digest(stream.text), scheme)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The sentences' numbers by their ids."""
        return {sentence.id: n for n, sentence in enumerate(self.paper.sentences, 1)}

    def is_unit(self, mark: Mark | None) -> TypeGuard[Mark]:
        return mark is not None and mark.label != self.scheme.none

    def has(self, n: int) -> bool:
        """Whether there is a sentence n with letters, which alone can be anchored."""
        return 1 <= n <= len(self.paper.sentences) and self.stream.length(n - 1) > 0

    def count(self) -> int:
        return sum(self.has(n + 1) for n in range(len(self.paper.sentences)))

    def cut(self, n: int, at: int) -> int | None:
        """The place of the first letter at or after `at` in sentence n, None where that leaves one side empty."""
        sentence = self.paper.sentences[n - 1]
        offsets = letter_offsets(self.paper.slice(sentence))
        before = next((k for k, o in enumerate(offsets) if sentence.start + o >= at), None)
        if before is None or before == 0 or offsets[before] == offsets[before - 1]:
            return None
        return sentence.start + offsets[before]


@lru_cache(maxsize=1 << 15)
def split_name(unit: str) -> tuple[int, int]:
    """A unit's sentence number and part (0 for the first). Raises Refused for what is no unit's name."""
    found = _NAME.fullmatch(unit)
    if found is None:
        raise Refused(f"{unit[:20]!r} names no unit")
    return int(found[1]), ord(found[2]) - ord("a") if found[2] else 0


def in_order(pair: Pair) -> Pair:
    first, second = sorted(pair, key=split_name)
    return first, second


def unit_name(n: int, part: int) -> str:
    return str(n) if part == 0 else f"{n}{chr(ord('a') + part)}"


def set_mark(state: State, text: Text, unit: str, mark: Mark | None) -> State:
    """Judge a unit (None: take the judgement back). Relations that the new label can't have go.

    All sentences of a merged group get the judgement. Raises Refused for a further unit that would be none: a cut
    there says nothing, so it is taken back instead.
    """
    n, part = placed_at(state, text, unit)
    is_none = mark is not None and not text.is_unit(mark)
    if part > 0 and is_none:
        raise Refused("a further unit of a split sentence has a label; Backspace joins it to the one before")
    if len(state.group(n)) == 1 and ("not_body", str(n)) in state.fixes and not is_none:
        state = replace(state, fixes=state.fixes - {("not_body", str(n))})
    changed = {}
    for member in state.group(n):
        old = state.entry(member)
        changed[member] = replace(old, marks=(*old.marks[:part], mark, *old.marks[part + 1 :]))
    return _with(state, text, changed)


def clear(state: State, text: Text, unit: str) -> State:
    """Make a sentence one that nobody has looked at: its judgement, cuts, relations and rejected relations go."""
    n, _ = placed_at(state, text, unit)
    gone = dict.fromkeys(state.group(n), _UNTOUCHED)
    fixes = state.fixes - {("split", str(n)), ("not_body", str(n))}
    rejected = frozenset(p for p in state.rejected if not gone.keys() & {split_name(end)[0] for end in p})
    return _with(state, text, gone, fixes=fixes, rejected=rejected)


def cut(state: State, text: Text, n: int, at: int, *, border: bool = False) -> State:
    """Divide the unit of sentence n that holds offset `at`; both sides keep its judgement. With `border` a `split` fix
    says that the sentence is truly two. Raises Refused where a side would be empty."""
    placed_at(state, text, str(n))
    if len(state.group(n)) > 1:
        raise Refused("take the merge back before you split (x, then m)")
    old = state.entry(n)
    place = text.cut(n, at)
    fixes = state.fixes | {("split", str(n))} if border else state.fixes
    if place is not None and place in old.cuts and border and ("split", str(n)) not in state.fixes:
        return replace(state, fixes=fixes)
    if place is None or place in old.cuts:
        raise Refused("there is nothing to split here: each side needs letters")
    if len(old.marks) == MAX_PARTS:
        raise Refused(f"a sentence has at most {MAX_PARTS} units")
    part = sum(c < place for c in old.cuts)
    cuts = (*old.cuts[:part], place, *old.cuts[part:])
    mark = old.marks[part]
    second = replace(mark, note=None) if text.is_unit(mark) else None
    marks = (*old.marks[: part + 1], second, *old.marks[part + 1 :])
    moved = {unit_name(n, k): unit_name(n, k + 1) for k in range(part + 1, len(old.marks))}
    entries = {**state.entries, n: Entry(marks, cuts)}
    return replace(state, entries=entries, relations=_renamed(state.relations, moved), fixes=fixes)


def join(state: State, text: Text, unit: str) -> State:
    """Take back the cut before a further unit: the unit before it takes its letters and its relations."""
    n, part = placed_at(state, text, unit)
    if part == 0:
        raise Refused("this unit begins its sentence; x and then m joins two sentences")
    old = state.entry(n)
    marks = (*old.marks[:part], *old.marks[part + 1 :])
    cuts = (*old.cuts[: part - 1], *old.cuts[part:])
    moved = {unit_name(n, k): unit_name(n, k - 1) for k in range(part, len(old.marks))}
    fixes = state.fixes if cuts else state.fixes - {("split", str(n))}
    relations = _renamed(state.relations, moved)
    return _with(state, text, {n: Entry(marks, cuts)}, relations=relations, fixes=fixes)


def relate(state: State, text: Text, source: str, target: str, label: str) -> State:
    """Draw a relation in place of any between the two. Raises Refused where the scheme has no such relation."""
    for unit in (source, target):
        placed_at(state, text, unit)
    head = (state.head(source), state.head(target))
    if head[0] == head[1]:
        raise Refused("a unit has no relation to itself")
    labels: list[str] = []
    for unit in head:
        mark = state.mark(unit)
        if not text.is_unit(mark):
            raise Refused(f"{unit} is no unit yet; label it first")
        labels.append(mark.label)
    scheme = text.scheme
    if not scheme.allows(label, *labels):
        known = scheme.relation(label)
        sources, targets = (
            "any unit" if len(ends) == len(scheme.unit_labels) else " or ".join(sorted(ends))
            for ends in (known.sources, known.targets)
        )
        raise Refused(f"{label} runs from {sources} to {targets}, not from {labels[0]} to {labels[1]}")
    relations = {pair: kept for pair, kept in state.relations.items() if set(pair) != set(head)}
    relations[head] = label
    rejected = frozenset(pair for pair in state.rejected if state.heads(pair) != frozenset(head))
    if ring := _circle(relations, scheme):
        raise Refused(f"the {scheme.reasons} would run in a circle: {' > '.join(ring)}")
    return replace(state, relations=relations, rejected=rejected)


def unrelate(state: State, source: str, target: str) -> State:
    if (source, target) not in state.relations:
        raise Refused(f"there is no relation from {source} to {target}")
    return replace(state, relations={p: label for p, label in state.relations.items() if p != (source, target)})


def reject(state: State, pair: Pair, *, rejected: bool = True) -> State:
    """Say that there is no relation between two units that somebody proposes one between, or take that back."""
    if not rejected:
        return replace(state, rejected=state.rejected - {in_order(pair)})
    ends = state.heads(pair)
    relations = {p: label for p, label in state.relations.items() if frozenset(p) != ends}
    return replace(state, relations=relations, rejected=state.rejected | {in_order(pair)})


def fix_not_body(state: State, text: Text, n: int) -> State:
    """Say that sentence n is no body text, or take that back. It is then judged none, where the scheme has that."""
    placed_at(state, text, str(n))
    if len(state.group(n)) > 1:
        raise Refused("take the merge back first (x, then m)")
    fix = ("not_body", str(n))
    if fix in state.fixes:
        return replace(state, fixes=state.fixes - {fix})
    state = clear(state, text, str(n))
    if text.scheme.none is not None:
        state = set_mark(state, text, str(n), Mark(text.scheme.none))
    return replace(state, fixes=state.fixes | {fix})


def fix_merge(state: State, text: Text, n: int) -> State:
    """Say that sentence n and the next are one, or take that back where it was said of n and the one before. Both get
    the first one's judgement; the second's relations become the first's."""
    placed_at(state, text, str(n))
    group = state.group(n)
    if len(group) > 1 and n == group[-1]:
        kept = group[:-1]
        fixes = state.fixes - {("merge", *map(str, group))}
        return replace(state, fixes=fixes | {("merge", *map(str, kept))} if len(kept) > 1 else fixes)
    after = group[-1] + 1
    if not text.has(after):
        raise Refused("there is no next sentence to merge with")
    whole = (*group, *state.group(after))
    for member in whole:
        if len(state.entry(member).marks) > 1:
            raise Refused(f"sentence {member} is split; join its units first (Backspace)")
        if ("not_body", str(member)) in state.fixes:
            raise Refused(f"sentence {member} is marked as no body text; take that back first (x, then n)")
    others = {f for f in state.fixes if not (f[0] == "merge" and set(f[1:]) & set(map(str, whole)))}
    mark = state.entry(whole[0]).marks[0] or state.entry(after).marks[0]
    relations = _renamed(state.relations, {str(member): str(whole[0]) for member in whole[1:]})
    fixes = frozenset({*others, ("merge", *map(str, whole))})
    return _with(state, text, dict.fromkeys(whole, Entry((mark,))), relations=relations, fixes=fixes)


def take(state: State, text: Text, n: int, entry: Entry) -> State:
    """Give a sentence the judgement of somebody else, whole."""
    placed_at(state, text, str(n))
    if len(state.group(n)) > 1:
        if entry.cuts or entry.marks[0] is None:
            raise Refused("take the merge back first (x, then m)")
        return set_mark(state, text, str(n), entry.marks[0])
    gone = {("not_body", str(n))} if entry.cuts else {("not_body", str(n)), ("split", str(n))}
    return _with(state, text, {n: entry}, fixes=state.fixes - gone)


def placed_at(state: State, text: Text, unit: str) -> tuple[int, int]:
    """A unit's sentence number and part. Raises Refused where there is none, or none that can be anchored."""
    n, part = split_name(unit)
    if not 1 <= n <= len(text.paper.sentences) or part >= len(state.entry(n).marks):
        raise Refused(f"there is no unit {unit}")
    if not text.has(n):
        raise Refused("this sentence has no letters; it is left out of annotations")
    return n, part


def _renamed(relations: Mapping[Pair, str], names: Mapping[str, str]) -> dict[Pair, str]:
    """The relations with other names for their ends; the first of two that meet stays, one to itself goes."""
    kept: dict[Pair, str] = {}
    for (source, target), label in relations.items():
        pair = (names.get(source, source), names.get(target, target))
        if pair[0] != pair[1] and pair not in kept and pair[::-1] not in kept:
            kept[pair] = label
    return kept


def _with(state: State, text: Text, changed: Mapping[int, Entry], **more: Any) -> State:
    """The state with these entries and fields, without the relations whose ends have gone or can't have them, or that
    close a circle."""
    entries = {n: entry for n, entry in {**state.entries, **changed}.items() if entry != _UNTOUCHED}
    state = replace(state, entries=entries, **more)
    kept: dict[Pair, str] = {}
    for pair, label in state.relations.items():
        labels = [mark.label for mark in map(state.mark, pair) if text.is_unit(mark)]
        if len(labels) == 2 and text.scheme.allows(label, *labels):
            kept[pair] = label
    if _circle(kept, text.scheme):
        together = RelationSet(text.scheme)
        kept = {pair: label for pair, label in kept.items() if not together.add(*pair, label)}
    return state if kept.keys() == state.relations.keys() else replace(state, relations=kept)


def _circle(relations: Mapping[Pair, str], scheme: Scheme) -> list[str]:
    return support_cycle(pair for pair, label in relations.items() if label in scheme.acyclic)
