"""Changes as patches, for undo and for the page, and the journal: each on disk before it is answered, replayed after a
crash.

One JSON object a line. The first is a `base`, the whole state when the journal was begun; then `do`, `undo` and `redo`
with the patch that each made, and `assisted` where suggestions were shown. A line counts once its newline is there:
what a crash left half-written is cut off. Each line carries the digest of the annotation file as it is written next, so
that a file that somebody else changed is told from one that is just behind; `snapshot` lines say nothing else, where
the file is written anew because its header changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel

from argmine.errors import AnnotationError, UsageError
from argmine.io import JsonError, load_json, sync_folder, write_whole
from argmine.review.disk import open_own, put, read_own
from argmine.review.state import Entry, Fix, Mark, Pair, Point, State, Value
from argmine.scheme import DEFAULT, Scheme

Kind = Literal["do", "undo", "redo"]
JOURNAL: Final = ".journal"


@dataclass(frozen=True, slots=True)
class Patch:
    """New values of what changed; None stands for what is gone, False for a fix or a rejection taken back."""

    entries: Mapping[int, Entry | None]
    relations: Mapping[Pair, str | None]
    fixes: Mapping[Fix, bool]
    rejected: Mapping[Pair, bool] = field(default_factory=dict)
    points: Mapping[Point, Value | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.entries or self.relations or self.fixes or self.rejected or self.points)


def between(before: State, after: State) -> Patch:
    """The patch that makes `after` of `before`."""
    old, new = before.entries, after.entries
    there = {n: e for n, e in new.items() if (was := old.get(n)) is not e and was != e}  # most are the very same
    entries: dict[int, Entry | None] = {**there, **dict.fromkeys(n for n in old if n not in new)}
    relations = _differing(before.relations, after.relations)
    fixes = {fix: fix in after.fixes for fix in sorted(before.fixes ^ after.fixes)}
    rejected = {pair: pair in after.rejected for pair in sorted(before.rejected ^ after.rejected)}
    points = _differing(before.points, after.points)
    return Patch(dict(sorted(entries.items())), relations, fixes, rejected, points)


_K = TypeVar("_K", bound=tuple[str | int, ...])
_V = TypeVar("_V")


def _differing(old: Mapping[_K, _V], new: Mapping[_K, _V]) -> dict[_K, _V | None]:
    """The new values of what changed, None for what is gone."""
    return {key: new.get(key) for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)}


def apply(state: State, patch: Patch) -> State:
    entries = {**state.entries, **patch.entries}
    relations = {**state.relations, **patch.relations}
    points = {**state.points, **patch.points}
    return State(
        {n: entry for n, entry in entries.items() if entry is not None},
        {pair: label for pair, label in relations.items() if label is not None},
        _changed(state.fixes, patch.fixes),
        _changed(state.rejected, patch.rejected),
        {point: value for point, value in points.items() if value is not None},
    )


_T = TypeVar("_T", bound=tuple[str, ...])


def _changed(before: frozenset[_T], changes: Mapping[_T, bool]) -> frozenset[_T]:
    return (before | {x for x, there in changes.items() if there}) - {x for x, there in changes.items() if not there}


def patch_data(patch: Patch) -> dict[str, Any]:
    """A patch as plain data for JSON; `rejected` is there only where it says something."""
    data: dict[str, Any] = {
        "entries": [[n, entry and entry_data(entry)] for n, entry in patch.entries.items()],
        "relations": [[*pair, label] for pair, label in patch.relations.items()],
        "fixes": [[list(fix), there] for fix, there in patch.fixes.items()],
        "points": [[list(point), value] for point, value in patch.points.items()],
    }
    if patch.rejected:
        data["rejected"] = [[*pair, there] for pair, there in patch.rejected.items()]
    return data


class _PatchData(BaseModel):
    entries: list[tuple[int, Entry | None]]
    relations: list[tuple[str, str, str | None]]
    fixes: list[tuple[Fix, bool]]
    rejected: list[tuple[str, str, bool]] = []
    points: list[tuple[Point, Value | None]] = []


def patch_from(data: Any, scheme: Scheme = DEFAULT) -> Patch:
    """The patch in `patch_data`'s form. Raises ValueError for anything else, or where the scheme has no such label."""
    found = _PatchData.model_validate(data)
    for entry in (entry for _, entry in found.entries if entry is not None):
        if len(entry.marks) != len(entry.cuts) + 1:
            raise ValueError("an entry has one mark more than cuts")
        if unknown := {mark.label for mark in entry.marks if mark is not None} - set(scheme.labels):
            raise ValueError(f"{unknown} are no labels of the scheme")
    if unknown := {label for _, _, label in found.relations if label is not None} - set(scheme.relation_labels):
        raise ValueError(f"{unknown} are no relations of the scheme")
    if unknown := {p.place for p, _ in found.points if p.kind == "key_point"} - set(scheme.key_points):
        raise ValueError(f"{unknown} are no places of the scheme")
    return Patch(
        dict(found.entries),
        {(source, target): label for source, target, label in found.relations},
        dict(found.fixes),
        {(one, other): there for one, other, there in found.rejected},
        dict(found.points),
    )


def state_data(state: State) -> dict[str, Any]:
    return patch_data(between(State(), state))


def entry_data(entry: Entry) -> dict[str, Any]:
    return {"cuts": list(entry.cuts), "marks": [mark and _mark_data(mark) for mark in entry.marks]}


def _mark_data(mark: Mark) -> dict[str, Any]:
    data: dict[str, Any] = {"label": mark.label, "attribution": mark.attribution.value}
    if mark.unsure:
        data["unsure"] = True
    if mark.note is not None:
        data["note"] = mark.note
    return data


@dataclass(slots=True)
class History:
    """A state, how it came about, and what can be undone and redone, latest last."""

    text: str
    state: State = field(default_factory=State)
    revision: int = 0
    assisted: bool = False
    undo: list[Patch] = field(default_factory=list)
    redo: list[Patch] = field(default_factory=list)
    snapshots: set[str] = field(default_factory=set)
    knows_points: bool = True
    """False for the journal of a version that left key points to the annotation file."""

    def move(self, kind: Kind, patch: Patch) -> None:
        """Go to the state after a patch. `undo` and `redo` name what this patch itself is."""
        after = apply(self.state, patch)
        back = between(after, self.state)
        if kind == "do":
            self.undo.append(back)
            self.redo.clear()
        elif kind == "undo":
            self.undo.pop()
            self.redo.append(back)
        else:
            self.redo.pop()
            self.undo.append(back)
        self.state = after
        self.revision += 1


class Journal:
    """An open journal. Each method that writes returns when the disk has it; OSError leaves the file as it was."""

    def __init__(self, path: Path, scheme: Scheme = DEFAULT) -> None:
        self.path, self.scheme = path, scheme
        self._handle: int | None = None
        self._length = 0
        self._torn = False

    def begin(self, history: History) -> None:
        """Start anew from a state: written beside and renamed, so that the old journal is whole until then."""
        facts = {"text": history.text, "revision": history.revision, "assisted": history.assisted}
        base = {"type": "base", **facts, "state": state_data(history.state), "snapshots": sorted(history.snapshots)}
        if self.scheme != DEFAULT:
            base["scheme"] = self.scheme.model_dump(mode="json")
        line = _line(base)
        self.close()
        put(self.path, line)
        sync_folder(self.path.parent)
        self._open(len(line))

    def resume(self, length: int) -> None:
        """Go on with a journal that was replayed; what follows its first `length` bytes is cut off."""
        self.close()
        self._open(length)

    def move(self, kind: Kind, patch: Patch, snapshot: str, meanwhile: Callable[[], None] | None = None) -> None:
        """Record a change and the digest of the annotation file that follows from it. `meanwhile` is called before the
        disk is waited for, and raises nothing."""
        self._append({"type": kind, "patch": patch_data(patch), "snapshot": snapshot}, meanwhile)

    def note(self, what: Literal["assisted", "snapshot"], snapshot: str) -> None:
        """Record that suggestions are shown, or just the digest of a file that is written next: its header changed."""
        self._append({"type": what, "snapshot": snapshot})

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def _open(self, length: int) -> None:
        self._handle = open_own(self.path, os.O_RDWR | os.O_APPEND)
        self._length, self._torn = length, True
        self._mend()

    def _append(self, record: Mapping[str, Any], meanwhile: Callable[[], None] | None = None) -> None:
        if self._handle is None:
            raise RuntimeError("the journal isn't open")
        line = _line(record)
        self._mend()
        try:
            write_whole(self._handle, line)
            if meanwhile is not None:
                meanwhile()
            os.fsync(self._handle)
        except BaseException:
            self._torn = True
            with suppress(OSError):  # it is tried again before anything else is written
                self._mend()
            raise
        self._length += len(line)

    def _mend(self) -> None:
        """Cut off what a failed write left behind the last whole line. Raises OSError."""
        if self._torn and self._handle is not None:
            os.ftruncate(self._handle, self._length)
            self._torn = False


def replay(path: Path, scheme: Scheme = DEFAULT) -> tuple[History, int] | None:
    """What a journal says, and how many of its bytes count; None where it is empty.

    Its labels and relations are those of `scheme`. A last line that is no JSON is half of one: a power cut can bring
    the end of a line to the disk without its beginning. It was never answered, and doesn't count. Raises
    AnnotationError with the line for what is no journal.
    """
    try:
        raw = read_own(path)
    except OSError as why:
        raise AnnotationError(path, f"cannot be opened ({why.strerror})") from why
    history: History | None = None
    length = 0
    for number, line in enumerate(raw.split(b"\n")[:-1], 1):
        try:
            record = load_json(line)
        except JsonError:
            if history is not None and length + len(line) + 1 == len(raw):
                break
            record = None
        try:
            if history is None:
                history = _base(record, scheme)
            else:
                _replay(history, record, scheme)
        except (ValueError, KeyError, TypeError, IndexError) as why:
            reason = "is not a line of a review journal; move the file away to go on from the annotation file"
            raise AnnotationError(path, reason, line=number) from why
        length += len(line) + 1
    if raw and history is None:
        raise AnnotationError(path, "has no whole line; move the file away to go on from the annotation file")
    return None if history is None else (history, length)


def journal_scheme(path: Path) -> Scheme | None:
    try:
        base = load_json(read_own(path).partition(b"\n")[0])
        return Scheme.model_validate(base["scheme"]) if "scheme" in base else DEFAULT
    except (OSError, UsageError, ValueError, TypeError):
        return None


def _base(record: Mapping[str, Any], scheme: Scheme) -> History:
    if record["type"] != "base":
        raise ValueError("the first line is no base")
    state = apply(State(), patch_from(record["state"], scheme))
    revision, assisted = int(record["revision"]), bool(record["assisted"])
    snapshots = set(map(str, record["snapshots"]))
    knows = "points" in record["state"]
    return History(str(record["text"]), state, revision, assisted, snapshots=snapshots, knows_points=knows)


def _replay(history: History, record: Mapping[str, Any], scheme: Scheme) -> None:
    match record["type"]:
        case "do" | "undo" | "redo" as kind:
            history.move(kind, patch_from(record["patch"], scheme))
        case "assisted":
            history.assisted = True
        case "snapshot":
            pass
        case unknown:
            raise ValueError(f"unknown type {unknown!r}")
    history.snapshots.add(str(record["snapshot"]))


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
