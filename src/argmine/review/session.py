"""One annotator at work on one paper: the state, its history, and the two files that hold it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from argmine.annotation.files import AnnotationFile, Header, read_annotations
from argmine.errors import AnnotationError, ArgmineError, UsageError
from argmine.io import take_lock
from argmine.review.decisions import Decisions
from argmine.review.disk import Draft, keep, make_folder, make_last, open_own, put, read_own
from argmine.review.journal import JOURNAL, History, Journal, Kind, Patch, apply, between, replay
from argmine.review.operations import Operation, Step, perform
from argmine.review.readings import Loaded, Writer, load
from argmine.review.state import Refused, State, Text
from argmine.review.suggestions import Proposal


class Stale(Exception):
    """The page that asked doesn't show the latest state."""


class Unsaved(Exception):
    """The disk refused the change; the state is as before."""


class Unfinished(ArgmineError):
    """The disk refused the clean end; the journal has every change that was answered."""

    def __init__(self, path: Path, journal: Path, why: OSError) -> None:
        super().__init__(
            f"{path}: can't be written to ({why.strerror or why}); every change is kept in {journal.name}: make room, "
            "and the same command goes on"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation did. `lost` counts relations that went because their ends can't have them any more.
    `impossible` says of relations that a reader drew that they can't be any more, and why."""

    revision: int
    patch: Patch
    lost: int = 0
    impossible: Sequence[str] = ()


class Session:
    """An open reading. Made by `open_session`; `close` it at the end."""

    def __init__(self, text: Text, path: Path, history: History, writer: Writer, journal: Journal, lock: _Lock) -> None:
        self.text, self.path = text, path
        self.earlier_parents: tuple[str, ...] = ()
        self._history, self._writer, self._journal, self._lock = history, writer, journal, lock
        self.show(())

    def show(self, proposals: Iterable[Proposal]) -> None:
        self.proposals = {proposal.name: proposal for proposal in proposals}
        self.decisions = Decisions.between(self.proposals, self.text)

    @property
    def state(self) -> State:
        return self._history.state

    @property
    def revision(self) -> int:
        """How many changes led here. A page that names another one shows something old."""
        return self._history.revision

    @property
    def assisted(self) -> bool:
        """Whether this reading was made with suggestions in sight."""
        return self._history.assisted or self._writer.header.mode == "assisted"

    @property
    def header(self) -> Header:
        return self._writer.header.model_copy(update={"mode": "assisted" if self.assisted else "blind"})

    @property
    def steps(self) -> tuple[int, int]:
        return len(self._history.undo), len(self._history.redo)

    def checked(self) -> int:
        return sum(entry.checked for entry in self.state.entries.values())

    def perform(self, asked: Operation, revision: int) -> Answer:
        """Do what the page asks, on disk before this returns. Raises Stale where the page shows another revision,
        Refused where it can't be done, Unsaved where the disk can't hold it."""
        if revision != self.revision:
            raise Stale
        kind: Kind = "do"
        before = self.state
        if isinstance(asked, Step):
            kind = asked.op
            steps = self._history.undo if kind == "undo" else self._history.redo
            if not steps:
                raise Refused(f"there is nothing to {kind}")
            patch = steps[-1]
        else:
            patch = between(before, perform(before, self.text, asked, self.proposals))
        if not patch:
            return Answer(self.revision, patch)
        after = apply(before, patch)
        data = self._writer.data(after, assisted=self.assisted)
        digest = sha256(data).hexdigest()
        draft = Draft(self.path, data)
        try:
            self._journal.move(kind, patch, digest, draft.begin)
        except OSError as why:
            draft.drop()
            raise Unsaved(why.strerror or str(why)) from why
        self._history.move(kind, patch)
        self._history.snapshots.add(digest)
        with suppress(OSError):  # the journal has everything, so a disk without room for both costs nothing here
            draft.finish()
        gone = sum(label is None for label in patch.relations.values())
        stepped = isinstance(asked, Step)
        asked_for = stepped or asked.op in {"unrelate", "reject", "clear"}
        said = () if stepped or self.decisions is None else self.decisions.now_impossible(before, after)
        return Answer(self.revision, patch, 0 if asked_for else gone, said)

    def show_suggestions(self) -> None:
        """Record that this reading is assisted from now on. Raises Unsaved where the disk can't hold that."""
        if self.assisted:
            return
        data = self._writer.data(self.state, assisted=True)
        digest = sha256(data).hexdigest()
        try:
            self._journal.note("assisted", digest)
        except OSError as why:
            raise Unsaved(why.strerror or str(why)) from why
        self._history.assisted = True
        self._history.snapshots.add(digest)
        if self.path.exists():
            with suppress(OSError):
                put(self.path, data)

    def close(self) -> None:
        """End cleanly: the journal goes where the annotation file says it all, else it shrinks to the state. Raises
        Unfinished where the disk can't hold that. Then the journal is as it was, and has every change."""
        try:
            self._finish()
        except OSError as why:
            self._journal.close()
            raise Unfinished(self.path, self._journal.path, why) from why
        finally:
            self._lock.release()

    def _finish(self) -> None:
        """Bring the annotation file to the disk for good, and only then let go of what the journal has beyond it."""
        data = self._writer.data(self.state, assisted=self.assisted)
        digest = sha256(data).hexdigest()
        if self.state != State() or self.path.exists():
            if digest not in self._history.snapshots:  # else a crash after this would take the file for somebody else's
                self._journal.note("snapshot", digest)
            make_last(self.path, data)
        if self.state == State() or load(read_annotations(self.path), self.text).state == self.state:
            self._journal.remove()
        else:
            self._history.snapshots = {digest}
            self._journal.begin(self._history)
            self._journal.close()


def open_session(
    text: Text, folder: Path, annotator: str, header: Header, *, with_text: bool | None = None
) -> tuple[Session, list[str]]:
    """Open an annotator's reading in a paper's folder, new or gone on with, and say what the annotator should know.

    `header` is that of a new file; an existing one keeps its own, but for the parents. `with_text` None keeps texts in
    the file where it or another reading of the paper has them.
    Raises UsageError where the reading is open elsewhere, AnnotationError where the file doesn't fit the paper.
    """
    path = folder / f"{annotator}.jsonl"
    make_folder(folder)
    notes: list[str] = []
    lock = _Lock(folder / f".{annotator}.lock", path)
    journal = Journal(path.with_suffix(JOURNAL), text.scheme)
    try:
        found = _replayed(journal.path, text, notes)
        file = _file(path, found is not None, notes)
        earlier = file.header.parents if file is not None else ()
        if file is not None:
            if file.labels.vocabulary != text.scheme.vocabulary:
                raise AnnotationError(path, "is annotated by another scheme than the one given")
            parents = header.parents or earlier
            header = file.header.model_copy(update={"parents": parents, "letters_sha256": text.digest})
        if with_text is None:
            with_text = any(_has_text(other) for other in sorted(folder.glob("*.jsonl")))
        history, length = _history(text, path, file, found, notes)
        writer = Writer(text, folder.name, header, with_text=with_text)
        if length is None:
            journal.begin(history)
        else:
            journal.resume(length)
        session = Session(text, path, history, writer, journal, lock)
        session.earlier_parents = earlier
        return session, notes
    except BaseException:
        journal.close()
        lock.release()
        raise


def _replayed(journal: Path, text: Text, notes: list[str]) -> tuple[History, int] | None:
    found = replay(journal, text.scheme) if os.path.lexists(journal) else None
    if found is None:
        return None
    history, length = found
    if history.text != text.digest:
        raise AnnotationError(journal, "is of another text of the paper; argmine migrate carries annotations over")
    if read_own(journal)[length:].endswith(b"\n"):
        notes.append(
            f"the last line of {journal.name} is garbled and left out; a copy is {keep(journal, copy=True).name}"
        )
    return found


def _file(path: Path, in_journal: bool, notes: list[str]) -> AnnotationFile | None:
    """The annotation file, None where there is none or an empty one. One that can't be read is put aside where a
    journal has all that was judged."""
    if not os.path.lexists(path) or not read_own(path, alone=False):
        return None
    try:
        return read_annotations(path)
    except AnnotationError as why:
        if not in_journal:
            raise
        kept = keep(path, copy=False)
        notes.append(f"{path.name} {why.reason}; it is kept as {kept.name}, and the journal has every change")
        return None


def _history(
    text: Text, path: Path, file: AnnotationFile | None, found: tuple[History, int] | None, notes: list[str]
) -> tuple[History, int | None]:
    """The history to go on from: the journal's, unless the annotation file was changed by somebody else since."""
    now = sha256(read_own(path, alone=False)).hexdigest() if file is not None else None
    if found is not None:
        history, length = found
        if now is None or now in history.snapshots:
            if history.undo or history.redo:
                notes.append(f"the last session didn't end cleanly; all of its {history.revision} changes are here")
            if history.knows_points or file is None:
                return history, length
            history.state = replace(history.state, points=_laid(text, path, file).state.points)
            return history, None
        kept = keep(path.with_suffix(JOURNAL), copy=False)
        notes.append(f"{path.name} was changed by another program since; its journal is kept as {kept.name}")
    if file is None:
        return History(text.digest), None
    loaded = _laid(text, path, file)
    if loaded.moved:
        moved = f"{len(loaded.moved)} of its sentences have other borders in this text and were carried over"
        notes.append(f"{moved}; the file as it was is kept as {keep(path, copy=True).name}")
    assisted = file.header.mode == "assisted"
    return History(text.digest, loaded.state, assisted=assisted, snapshots={now} if now else set()), None


def _laid(text: Text, path: Path, file: AnnotationFile) -> Loaded:
    """The file over the paper. Raises AnnotationError where part of it has no place there."""
    loaded = load(file, text)
    if loaded.missing or loaded.lost:
        lost = f"{len(loaded.missing)} of its {len(file.sentences)} sentences"
        if not loaded.missing:
            lost = f"{len(loaded.lost)} of its key points, answers and voices"
        raise AnnotationError(
            path, f"{lost} don't stand in this text of the paper; argmine migrate carries the file over to it"
        )
    return loaded


def _has_text(path: Path) -> bool:
    try:
        return any(line.text is not None for line in read_annotations(path).sentences[:1])
    except AnnotationError:
        return False


class _Lock:
    """Keeps a second server from the same reading, where the system can lock files. The file stays: removing it would
    let two others lock two files. Raises UsageError where another server has it."""

    def __init__(self, path: Path, reading: Path) -> None:
        self._handle: int | None = open_own(path, os.O_RDWR | os.O_CREAT)
        try:
            take_lock(self._handle)
        except OSError as why:
            self.release()
            raise UsageError(f"{reading} is open in another argmine review; go on there, or end it first") from why

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def changed_since(parents: Sequence[str], now: Sequence[str]) -> bool:
    return bool(parents) and set(parents) != set(now)
