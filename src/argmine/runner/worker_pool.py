"""Doing papers in processes that can be limited, confined and killed.

A hostile or huge PDF can hang or exhaust the libraries that read it, in ways that no exception reaches. With a limit
on time or memory, or more than one job, each paper is done in a child process; when a child overruns or dies, a new one
takes its place and the others go on. A paper whose child overran gets its reason. One whose child died is tried again,
since somebody else may have killed it, and gets its reason when that has happened `ATTEMPTS` times.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from argmine.inputs import Input, Row
from argmine.io import load_json
from argmine.isolation import Step
from argmine.isolation.sandbox import PROGRESS, TIMEOUT, Confinement, Sandboxing, memory_for, usable_memory
from argmine.isolation.worker_process import Bounds, Child, Overrun, is_child

Work = Callable[[Input], Row]
Rows = Generator[tuple[Input, Row], None, None]
ATTEMPTS: Final = 3
"""How often a paper's process may die before the paper is set aside."""
_MOST_JOBS: Final = 4  # jobs that are taken unasked
_PER_JOB: Final = 1024  # MiB that there must be for each of them


@dataclass(frozen=True, slots=True)
class Limits:
    """How many papers at once, and what one may take: seconds of wall time and MiB of memory; None is no limit.

    `jobs` None stands for as many as there are cores and memory for, at most 4. `progress` is the time in seconds that
    it may take without a sign of life. `apart` has papers done in child processes whatever the other limits are.
    `memory_unasked` says that `max_memory` was reckoned from this machine's: on another one it is reckoned anew.
    """

    jobs: int | None = 1
    timeout: float | None = None
    max_memory: int | None = None
    apart: bool = False
    progress: float | None = None
    sandbox: Sandboxing = "auto"
    memory_unasked: bool = False

    @classmethod
    def of(
        cls,
        jobs: int | None = None,
        timeout: float = TIMEOUT,
        progress: float = PROGRESS,
        max_memory: int | None = None,
        sandbox: Sandboxing = "auto",
    ) -> Limits:
        """Limits as the options of commands have them: 0 is none, `max_memory` None what `memory_for` gives."""
        jobs = jobs or min(_cores(), _MOST_JOBS, max(1, usable_memory() // 2 // _PER_JOB))
        memory = memory_for(jobs) if max_memory is None else max_memory
        limits = cls(jobs, timeout or None, memory or None, progress=progress or None, sandbox=sandbox)
        return replace(limits, memory_unasked=max_memory is None)

    def here(self) -> Limits:
        """The same on this machine for one job, whose cores are all at work, where they come from another one."""
        memory = memory_for(_cores()) if self.memory_unasked else self.max_memory
        return replace(self, jobs=1, max_memory=memory)

    @property
    def in_process(self) -> bool:
        """Whether the papers can be done in this very process."""
        alone = self.jobs is not None and self.jobs <= 1 and not self.apart and self.sandbox != "always"
        return alone and self.timeout is None and self.max_memory is None and self.progress is None

    def processes(self, papers: int) -> int:
        return max(1, min(papers, self.jobs or min(_cores(), _MOST_JOBS)))


class Watch:
    """Told of what becomes of the papers while they are done. This one only counts deaths."""

    def __init__(self) -> None:
        self.deaths: Counter[str] = Counter()

    def confined(self, confinement: Confinement) -> None:
        """A child process is ready, with this sandbox."""

    def started(self, item: Input) -> None:
        """A paper is about to be done."""

    def step(self, item: Input, step: Step) -> None:
        """How far a paper under way is, said a few times a second at most."""

    def died(self, item: Input) -> int:
        """A paper's process died while it was on it. Returns how often that has happened."""
        self.deaths[item.stem] += 1
        return self.deaths[item.stem]

    def stopped(self, item: Input, reason: str) -> None:
        """A paper is given up as it overran a limit or killed its process too often; trying it again is no use."""


Engine = Callable[[Work, Sequence[Input], Limits, Watch], Rows]
"""A way of doing papers: here `do_all`; a cluster is another."""


def do_all(work: Work, items: Sequence[Input], limits: Limits, watch: Watch | None = None) -> Rows:
    """Do the papers and yield each with its row as it is finished; with one job, in the order given.

    Where `work` has a method `prepare`, each process calls it before its first paper, and its time is no paper's.
    Raises what `work` raises of ArgmineErrors, UsageError where no process can be started. Closing the iterator ends
    all processes. Within a process that is a child already the papers are done right there, under its limits.
    """
    watch = watch or Watch()
    if limits.in_process or not items or is_child():
        for item in items:
            watch.started(item)
            yield item, work(item)
        return
    children = [child_for(work, limits) for _ in range(limits.processes(len(items)))]
    try:
        yield from _drive(children, items, watch)
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.join()


class _AsBytes:
    """Work whose rows come as bytes, which is all that a child may send: the row, and its listing in another line."""

    def __init__(self, work: Work, scratch: Path | None) -> None:
        self._work, self.scratch = work, scratch
        self.prepare = getattr(work, "prepare", None)
        self.modules = getattr(work, "modules", ())
        self.writable = getattr(work, "writable", None)

    def __call__(self, item: Input) -> bytes:
        row = self._work(item)
        return f"{json.dumps(row.facts())}\n{row.listing or ''}".encode()


def child_for(work: Work, limits: Limits, scratch: Path | None = None) -> Child:
    """A child that does papers, not started yet; its temporary files go to `scratch`, else to the system's folder."""
    bounds = Bounds(limits.timeout, limits.progress, limits.max_memory, limits.sandbox)
    return Child(_AsBytes(work, scratch), bounds)


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
    for child in children:
        if not queue or child.waited_for:
            continue
        if not child.alive:
            child.start()
        elif child.worn:
            child.restart()
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
        if child.idle and child.confinement is not None:
            watch.confined(child.confinement)
        return
    answer = child.answer()
    if answer is None:
        if child.time_left() > 0:
            if child.step is not None:
                watch.step(item, child.step)
            return
        reason = _given_up(child.overrun())
        child.kill()
    elif answer.died:
        child.kill()
        if watch.died(item) < ATTEMPTS:
            queue.append(item)
            return
        more = "" if child.bounds.memory is None else "allow more with --max-memory, "
        reason = f"its process died {ATTEMPTS} times; {more}leave it out, or try again with --retry"
    elif answer.out_of_memory:
        child.kill()  # what it holds would be lacking to the next paper
        reason = _given_up(child.too_large())
    elif answer.result is None:
        yield item, Row.failed(item, f"could not be done, {answer.failed}")
        return
    else:
        yield item, _row(item, answer.result)
        return
    watch.stopped(item, reason)
    yield item, Row.failed(item, reason)


def _given_up(why: Overrun) -> str:
    return f"{why}; allow more with {why.option}, or try again with --retry"


def _row(item: Input, data: bytes) -> Row:
    try:  # what a child says may be in a stranger's hands
        facts, _, listing = data.partition(b"\n")
        return replace(Row.from_facts(load_json(facts), item.stem), listing=listing.decode() or None)
    except (ValueError, TypeError):
        return Row.failed(item, "its process said something that can't be understood; leave it out")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
