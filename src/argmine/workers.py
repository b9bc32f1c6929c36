"""Doing papers in processes that can be limited and killed.

A hostile or huge PDF can hang or exhaust the libraries that read it, in ways that no exception reaches. With a limit
on time or memory, or more than one job, each paper is done in a child process; when a child overruns or dies, its
paper gets a reason, a new child takes its place, and the others go on.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from argmine.errors import UsageError
from argmine.inputs import Input
from argmine.pipeline import Row

Work = Callable[[Input], Row]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many papers at once, and what one may take: seconds of wall time and MiB of memory; None is no limit."""

    jobs: int = 1
    timeout: float | None = None
    max_memory: int | None = None

    @property
    def in_process(self) -> bool:
        """Whether the papers can be done in this very process."""
        return self.jobs <= 1 and self.timeout is None and self.max_memory is None


def do_all(work: Work, items: Sequence[Input], limits: Limits) -> Iterator[tuple[Input, Row]]:
    """Do the papers and yield each with its row as it is finished; with one job, in the order given."""
    if limits.in_process or not items:
        for item in items:
            yield item, work(item)
        return
    queue = list(reversed(items))
    children = [_Child(work, limits) for _ in range(min(limits.jobs, len(items)))]
    try:
        while True:
            for child in children:
                if child.item is None and queue:
                    child.give(queue.pop())
            busy = [child for child in children if child.item is not None]
            if not busy:
                return
            wait([child.pipe for child in busy], timeout=min(child.time_left() for child in busy))
            for child in busy:
                row = child.result()
                if row is not None:
                    assert child.item is not None
                    item, child.item = child.item, None
                    yield item, row
    finally:
        for child in children:
            child.stop()


class _Child:
    """A process that does one paper at a time."""

    _PATIENCE = 3600.0

    def __init__(self, work: Work, limits: Limits) -> None:
        self._work, self._limits = work, limits
        self.item: Input | None = None
        self._since = 0.0
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs, self._work, self._limits.max_memory), daemon=True
        )
        self._process.start()
        theirs.close()
        self._ready = False

    def give(self, item: Input) -> None:
        """Start on a paper. The clock starts when the child is up: loading the libraries is not the paper's fault."""
        if not self._ready:
            try:
                self.pipe.recv()
            except EOFError:
                raise UsageError(
                    "a child process could not start; is --max-memory below what Python itself needs?"
                ) from None
            self._ready = True
        self.item, self._since = item, time.monotonic()
        self.pipe.send(item)

    def time_left(self) -> float:
        """Seconds until the paper's time is over."""
        limit = self._PATIENCE if self._limits.timeout is None else self._limits.timeout
        return max(0.0, self._since + limit - time.monotonic())

    def result(self) -> Row | None:
        """The row of the paper if it is finished, failed or overran; None while it is being done."""
        assert self.item is not None
        if self.pipe.poll():
            try:
                answer = self.pipe.recv()
            except (EOFError, OSError):
                return self._replaced("its process died; give it more memory (--max-memory) or leave it out")
            if isinstance(answer, UsageError):
                raise answer
            assert isinstance(answer, Row)
            return answer
        if self._limits.timeout is not None and self.time_left() <= 0:
            return self._replaced(f"took longer than {self._limits.timeout:g} s; allow more with --timeout")
        return None

    def _replaced(self, reason: str) -> Row:
        assert self.item is not None
        self.stop()
        self._start()
        return Row(self.item.stem, self.item.path.name, error=f"{self.item.path}: {reason}")

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.pipe.close()
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, work: Work, max_memory: int | None) -> None:
    """The child's loop: one paper in, one row out."""
    if max_memory is not None:
        _limit_memory(max_memory)
    pipe.send("ready")
    while True:
        try:
            item = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        answer: Row | UsageError
        try:
            answer = work(item)
        except UsageError as why:
            answer = why
        except MemoryError:
            reason = f"needs more than {max_memory} MiB; allow more with --max-memory"
            answer = Row(item.stem, item.path.name, error=f"{item.path}: {reason}")
        except KeyboardInterrupt:
            return
        pipe.send(answer)


def _limit_memory(mebibytes: int) -> None:
    try:
        import resource
    except ImportError:  # no such limit on Windows
        return
    size = mebibytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
