"""Doing papers in processes that can be limited and killed.

A hostile or huge PDF can hang or exhaust the libraries that read it, in ways that no exception reaches. With a limit
on time or memory, or more than one job, each paper is done in a child process; when a child overruns or dies, a new one
takes its place and the others go on. A paper whose child overran gets its reason. One whose child died is tried again,
since somebody else may have killed it, and gets its reason when that has happened `ATTEMPTS` times.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Final, Protocol

from argmine.child import Child
from argmine.inputs import Input
from argmine.pipeline import Row

Work = Callable[[Input], Row]
Rows = Generator[tuple[Input, Row], None, None]
ATTEMPTS: Final = 3
"""How often a paper's process may die before the paper is set aside."""
_MOST_JOBS: Final = 4
"""Jobs that are taken unasked: each needs some 500 MiB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many papers at once, and what one may take: seconds of wall time and MiB of memory; None is no limit.

    `jobs` None stands for as many as there are cores, at most 4. `apart` has papers done in child processes whatever
    the other limits are.
    """

    jobs: int | None = 1
    timeout: float | None = None
    max_memory: int | None = None
    apart: bool = False

    @property
    def in_process(self) -> bool:
        """Whether the papers can be done in this very process."""
        return self.jobs is not None and self.jobs <= 1 and self._unlimited and not self.apart

    @property
    def _unlimited(self) -> bool:
        return self.timeout is None and self.max_memory is None

    def processes(self, papers: int) -> int:
        """How many child processes that many papers need."""
        return max(1, min(papers, self.jobs or min(_cores(), _MOST_JOBS)))


class Watch:
    """Told of what becomes of the papers while they are done. This one only counts deaths."""

    def __init__(self) -> None:
        self._deaths: Counter[str] = Counter()

    def started(self, item: Input) -> None:
        """A paper is about to be done."""

    def died(self, item: Input) -> int:
        """A paper's process died while it was on it. Returns how often that has happened."""
        self._deaths[item.stem] += 1
        return self._deaths[item.stem]

    def stopped(self, item: Input, reason: str) -> None:
        """A paper is given up as it overran a limit or killed its process too often; trying it again is no use."""


class Engine(Protocol):
    """A way of doing papers: here `do_all`; a cluster is another."""

    def __call__(self, work: Work, items: Sequence[Input], limits: Limits, watch: Watch, /) -> Rows: ...


def do_all(work: Work, items: Sequence[Input], limits: Limits, watch: Watch | None = None) -> Rows:
    """Do the papers and yield each with its row as it is finished; with one job, in the order given.

    Where `work` has a method `prepare`, each process calls it before its first paper, and its time is no paper's.
    Raises what `work` raises of ArgmineErrors, UsageError where no process can be started. Closing the iterator ends
    all processes.
    """
    watch = watch or Watch()
    if limits.in_process or not items:
        for item in items:
            watch.started(item)
            yield item, work(item)
        return
    children = [Child(work, limits.timeout, limits.max_memory) for _ in range(limits.processes(len(items)))]
    try:
        yield from _drive(children, items, watch)
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.join()


def do_one(child: Child, item: Input, watch: Watch | None = None) -> Row:
    """Do a paper in a child that is kept for others, started where it isn't; as `do_all` does and raises."""
    ((_, row),) = _drive([child], [item], watch or Watch())
    return row


def _drive(children: Sequence[Child], items: Sequence[Input], watch: Watch) -> Rows:
    queue = deque(items)
    left = len(items)
    for child in children:
        if not child.alive:
            child.start()
    while left:
        _hand_out(children, queue, watch)
        waiting = [child for child in children if child.waited_for]
        wait([child.pipe for child in waiting], timeout=min(child.time_left() for child in waiting))
        for child in waiting:
            for item, row in _collect(child, queue, watch):
                left -= 1
                yield item, row


def _hand_out(children: Sequence[Child], queue: deque[Input], watch: Watch) -> None:
    """Give papers to the children that are free, and start those that are needed again."""
    for child in children:
        if not queue or child.waited_for:
            continue
        if not child.alive:
            child.start()
        elif child.idle:
            watch.started(queue[0])
            if child.give(queue[0]):
                queue.popleft()
            else:
                child.restart()  # it was killed while it had nothing to do


def _collect(child: Child, queue: deque[Input], watch: Watch) -> Iterator[tuple[Input, Row]]:
    """The row of a child's paper if it is finished or given up; nothing while it is being done or is tried again."""
    if (item := child.item) is None:
        child.check_start()
        return
    answer = child.answer()
    if answer is None:
        if child.time_left() > 0:
            return
        child.kill()
        reason = f"took longer than {child.timeout:g} s; allow more with --timeout, or try again with --retry"
    elif answer.died:
        child.kill()
        if watch.died(item) < ATTEMPTS:
            queue.append(item)
            return
        more = "" if child.max_memory is None else "allow more with --max-memory, "
        reason = f"its process died {ATTEMPTS} times; {more}leave it out, or try again with --retry"
    elif answer.out_of_memory:
        reason = f"needs more than {child.max_memory} MiB; allow more with --max-memory, or try again with --retry"
    else:
        assert answer.row is not None
        yield item, answer.row
        return
    watch.stopped(item, reason)
    yield item, Row.failed(item, reason)


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
