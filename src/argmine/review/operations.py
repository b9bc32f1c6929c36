"""What the page may ask for, and how it is done. Checked here, where it comes in, and nowhere else."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from argmine.paper import first_fault
from argmine.review import points
from argmine.review import state as states
from argmine.review.decisions import AGREED, Decisions
from argmine.review.state import Entry, Mark, Point, Refused, State, Text
from argmine.review.suggestions import Proposal
from argmine.scheme import DEFAULT, Attribution, Scheme

MAX_NOTE: Final = 4000
MAX_WHOSE: Final = 200


def _plain(note: str) -> str:
    return unicodedata.normalize("NFC", "".join(c for c in note if c in "\n\t" or c.isprintable())).strip()


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}[b-z]?$")]
Number = Annotated[int, Field(ge=1, strict=True)]
Label = Annotated[str, Field(max_length=80)]


class SetLabel(_Asked):
    op: Literal["label"]
    unit: Name
    label: Label
    attribution: Attribution | None = None


class SetAttribution(_Asked):
    op: Literal["attribution"]
    unit: Name
    attribution: Attribution


class SetUnsure(_Asked):
    op: Literal["unsure"]
    unit: Name
    unsure: bool = Field(strict=True)


class SetNote(_Asked):
    op: Literal["note"]
    unit: Name
    note: Annotated[str, Field(max_length=MAX_NOTE), AfterValidator(_plain)]


class Undivided(_Asked):
    """Take a sentence's judgement back, or join a unit to the one before."""

    op: Literal["clear", "join"]
    unit: Name


class Split(_Asked):
    op: Literal["split"]
    sentence: Number
    at: int = Field(ge=0, strict=True)
    border: bool = Field(default=False, strict=True)


class Relate(_Asked):
    op: Literal["relate"]
    source: Name
    target: Name
    label: Label


class Unrelate(_Asked):
    op: Literal["unrelate"]
    source: Name
    target: Name


class Reject(_Asked):
    op: Literal["reject"]
    source: Name
    target: Name
    rejected: bool = Field(default=True, strict=True)


class Correct(_Asked):
    op: Literal["fix"]
    fix: Literal["merge", "not_body"]
    sentence: Number


class Take(_Asked):
    op: Literal["take"]
    sentence: Number
    whose: Annotated[str, Field(max_length=100)]


class Grade(_Asked):
    """Choose a sentence for a place of the paper's key points; 0 takes it back."""

    op: Literal["key_point"]
    place: Label
    sentence: Number
    grade: Annotated[int, Field(ge=0, le=2, strict=True)]


class SetAnswer(_Asked):
    """Say that a sentence answers a problem, None that the paper has no answer, or take that back."""

    op: Literal["answer"]
    problem: Number
    sentence: Number | None
    there: bool = Field(default=True, strict=True)


class SetVoice(_Asked):
    """Say who speaks from a first sentence to a last; "" takes it back."""

    op: Literal["voice"]
    sentences: tuple[Number, Number]
    whose: Annotated[str, Field(max_length=MAX_WHOSE), AfterValidator(_plain)]


class Agree(_Asked):
    op: Literal["agree"]


class Step(_Asked):
    op: Literal["undo", "redo"]


Judging = SetLabel | SetAttribution | SetUnsure | SetNote
Choosing = Grade | SetAnswer | SetVoice
Operation = Judging | Undivided | Split | Relate | Unrelate | Reject | Correct | Take | Choosing | Agree | Step
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Annotated[Operation, Field(discriminator="op")])


def parse(data: Any, scheme: Scheme = DEFAULT) -> Operation:
    """An operation from the page's JSON, whose labels are a scheme's. Raises Refused for what is none."""
    try:
        asked = _OPERATION.validate_python(data)
    except ValidationError as why:
        raise Refused(f"no operation of this page ({first_fault(why, '')})") from why
    if isinstance(asked, SetLabel | Relate):
        known = scheme.labels if isinstance(asked, SetLabel) else scheme.relation_labels
        if asked.label not in known:
            raise Refused(f"no operation of this page ({asked.op}.label: Input should be {' or '.join(known)})")
    return asked


def perform(state: State, text: Text, asked: Operation, proposals: Mapping[str, Proposal]) -> State:
    """The state after an operation other than undo and redo. Raises Refused with the reason. Between two readings,
    relations that both drew come in as soon as the judgement of their ends lets them."""
    decisions = Decisions.between(proposals, text)
    match asked:
        case Unrelate():
            pair = (asked.source, asked.target)
            after = states.unrelate(state, *pair)
            for named in decisions.named(after, pair) if decisions is not None else ():
                after = states.reject(after, named)  # between two readings that decides what a reader says there
            return after
        case Reject():
            ends = {(asked.source, asked.target), (asked.target, asked.source)}
            if not any(ends & proposal.state.relations.keys() for proposal in proposals.values()):
                raise Refused(f"nobody proposes a relation between {asked.source} and {asked.target}")
            return states.reject(state, (asked.source, asked.target), rejected=asked.rejected)
        case SetLabel() | SetAttribution() | SetUnsure() | SetNote():
            after = states.set_mark(state, text, asked.unit, _judged(state.mark(asked.unit), text, asked))
        case Undivided():
            after = (states.clear if asked.op == "clear" else states.join)(state, text, asked.unit)
        case Split():
            after = states.cut(state, text, asked.sentence, asked.at, border=asked.border)
        case Relate():
            after = states.relate(state, text, asked.source, asked.target, asked.label)
        case Correct():
            after = (states.fix_merge if asked.fix == "merge" else states.fix_not_body)(state, text, asked.sentence)
        case Take():
            whose = proposals.get(asked.whose)
            entry = whose.state.entries.get(asked.sentence) if whose is not None else None
            if entry is None or not entry.checked:
                raise Refused(f"{asked.whose} says nothing of sentence {asked.sentence}")
            after = states.take(state, text, asked.sentence, entry)
        case Grade() | SetAnswer() | SetVoice():
            return _chosen(state, text, asked, points.proposed_by(p.state for p in proposals.values()))
        case Agree():
            after = _agree(state, text, proposals)
        case Step():
            raise ValueError(f"{asked.op} is done elsewhere")
    return after if decisions is None else decisions.settled(state, after, text, all_of_them=isinstance(asked, Agree))


def _chosen(state: State, text: Text, asked: Choosing, proposed: set[Point]) -> State:
    match asked:
        case Grade():
            return points.grade(state, text, asked.place, asked.sentence, asked.grade, proposed)
        case SetAnswer():
            ends = asked.problem, asked.sentence
            return points.answer(state, text, *ends, there=asked.there, proposed=proposed)
        case SetVoice():
            return points.voice(state, text, *asked.sentences, asked.whose, proposed)


def _judged(old: Mark | None, text: Text, asked: Judging) -> Mark:
    """A unit's judgement after a change, which keeps what else was said; what is no unit is nobody's view."""
    if isinstance(asked, SetLabel):
        mark = replace(old or Mark(asked.label), label=asked.label)
        if not text.is_unit(mark):
            return replace(mark, attribution=Attribution.OWN)
        return mark if asked.attribution is None else replace(mark, attribution=asked.attribution)
    if old is None:
        raise Refused("label it first")
    match asked:
        case SetAttribution():
            if not text.is_unit(old):
                raise Refused(f"{old.label} is no unit, so it is nobody's view")
            return replace(old, attribution=asked.attribution)
        case SetUnsure():
            return replace(old, unsure=asked.unsure)
        case SetNote():
            return replace(old, note=asked.note or None)


def _agree(state: State, text: Text, proposals: Mapping[str, Proposal]) -> State:
    """Take over all judgements, corrections and key points that the two readers agree on, where nothing was decided
    yet."""
    if AGREED not in proposals:
        raise Refused("there are no two readings to agree")
    alike = proposals[AGREED].state
    entries = {n: entry for n, entry in alike.entries.items() if n not in state.entries and text.has(n)}
    single = {n: entry for n, entry in entries.items() if len(state.group(n)) == 1}
    after = replace(state, entries={**state.entries, **single}, points={**alike.points, **state.points})
    for fix in sorted(alike.fixes - after.fixes):
        if all(after.entries.get(int(n), Entry()) == entries.get(int(n)) for n in fix[1:]):
            after = replace(after, fixes=after.fixes | {fix})
    return after
