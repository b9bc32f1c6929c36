"""A process that does one paper at a time, and ends with the process that started it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from argmine.errors import ArgmineError, UsageError
from argmine.imports import own_process
from argmine.inputs import Input
from argmine.pipeline import Row

_PATIENCE: Final = 3600.0
"""Seconds after which a paper without a limit is looked at again."""
_START: Final = 300.0
"""Seconds that a process may take to load its libraries and the model, on a machine that has other work."""
_STARTS: Final = 3
"""How often in a row a process may die before its first paper; more is no accident."""
_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_THREAD_LIMIT": "1",
}  # fmt: skip
"""What holds the numerical libraries to one thread; they read it while they are loaded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child says of its paper: its row; or that it needs more memory; or nothing, as it died."""

    row: Row | None = None
    out_of_memory: bool = False
    died: bool = False


class Child:
    """A process that is starting, idle, doing a paper (`item`), or not there.

    It has one thread a library, so that as many processes as cores don't fight for them, and ends with the process, on
    Linux with the thread, that started it.
    """

    def __init__(self, work: Callable[[Input], Row], timeout: float | None, max_memory: int | None) -> None:
        self._work, self.timeout, self.max_memory = work, timeout, max_memory
        self.item: Input | None = None
        self.alive = False
        self.pipe: Connection
        self._process: BaseProcess | None = None
        self._ready = False
        self._failed_starts = 0
        self._since = 0.0

    @property
    def idle(self) -> bool:
        """Whether it can be given a paper."""
        return self.alive and self._ready and self.item is None

    @property
    def waited_for(self) -> bool:
        """Whether something will come through its pipe: that it is ready, or a paper's row."""
        return self.alive and not self.idle

    def start(self) -> None:
        """Start the process without waiting for it. Raises ArgmineError where the system has no room for it."""
        context = multiprocessing.get_context("spawn")
        self.item, self._ready, self._since = None, False, time.monotonic()
        try:
            self.pipe, theirs = context.Pipe()
            arguments = theirs, self._work, self.max_memory
            process = context.Process(target=_serve, args=arguments, daemon=True)
            with _as_children_start():
                process.start()
                self._process, self.alive = process, True
            theirs.close()
        except OSError as why:
            raise ArgmineError(f"a child process could not be started ({why.strerror}); try fewer --jobs") from why

    def restart(self) -> None:
        """Put a new process in the place of this one."""
        self.kill()
        self.join()
        self.start()

    def check_start(self) -> None:
        """Take in that the process is ready, and start another where it died or hangs on the way.

        Raises the error that keeps it from doing anything, UsageError where it died several times in a row.
        """
        if self.pipe.poll():
            try:
                why = self.pipe.recv()
            except (EOFError, OSError):
                why = None
            else:
                if why is not None:
                    raise why
                self._ready, self._failed_starts = True, 0
                return
        elif self.time_left() > 0:
            return
        self._failed_starts += 1
        if self._failed_starts >= _STARTS:
            more = "" if self.max_memory is None else "; is --max-memory below what a process needs before its paper?"
            raise UsageError(f"a child process could not be started in {_STARTS} attempts{more}")
        self.restart()

    def give(self, item: Input) -> bool:
        """Start on a paper, whose clock starts now. False where the process is gone."""
        try:
            self.pipe.send(item)
        except OSError:
            return False
        self.item, self._since = item, time.monotonic()
        return True

    def time_left(self) -> float:
        """Seconds until the time of what it is doing is over."""
        limit = (self.timeout or _PATIENCE) if self._ready else _START
        return max(0.0, self._since + limit - time.monotonic())

    def answer(self) -> Answer | None:
        """What it says of its paper, after which it is idle or gone; None while it is on it.

        Raises the ArgmineErrors that concern not the paper but the run.
        """
        if not self.pipe.poll():
            return None
        self.item = None
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            return Answer(died=True)
        if isinstance(answer, ArgmineError):
            raise answer
        assert isinstance(answer, Answer)
        return answer

    def kill(self) -> None:
        """End the process and what it has started, whatever they are doing."""
        if not self.alive or self._process is None:
            return
        self.alive, self.item = False, None
        self.pipe.close()
        if os.name == "posix" and self._process.is_alive() and self._process.pid:
            with suppress(OSError):  # it may not have come to lead a group yet
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def join(self) -> None:
        """Wait until a killed process is gone, but not for one that the system can't end."""
        if self._process is not None:
            self._process.join(5.0)


@contextmanager
def _as_children_start() -> Iterator[None]:
    """The environment and signals that a child begins with: one thread a library, and Ctrl-C is its parent's to answer.

    Both have to be there before its interpreter runs the first line.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    masked = hasattr(signal, "pthread_sigmask")
    if masked:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # which takes SIGINT out of the mask
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.environ |= _ONE_THREAD
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)


def _serve(pipe: Connection, work: Callable[[Input], Row], max_memory: int | None) -> None:
    """The child's loop: one paper in, one answer out."""
    _end_with_parent()
    own_process()
    if max_memory is not None:
        _limit_memory(max_memory)
    if (why := _prepare(work, max_memory)) is not None:
        pipe.send(why)
        return
    pipe.send(None)
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_do(work, item))


def _prepare(work: Callable[[Input], Row], max_memory: int | None) -> ArgmineError | None:
    """Make ready for the first paper. Returns what keeps the process from it."""
    prepare = getattr(work, "prepare", None)
    try:
        if prepare is not None:
            prepare()
    except Exception as why:
        # Libraries say it in many ways that they lack memory.
        if max_memory is not None and (not isinstance(why, ArgmineError) or "alloc" in str(why)):
            return UsageError(f"--max-memory {max_memory} is below what a process needs before its first paper")
        return why if isinstance(why, ArgmineError) else ArgmineError(f"can't do any paper, {_mistake(why)}")
    return None


def _do(work: Callable[[Input], Row], item: Input) -> Answer | ArgmineError:
    try:
        return Answer(work(item))
    except ArgmineError as why:
        return why
    except MemoryError:
        return Answer(out_of_memory=True)
    except Exception as why:  # a mistake in argmine costs its paper only
        return Answer(Row.failed(item, f"could not be done, {_mistake(why)}"))


def _mistake(why: Exception) -> str:
    at = traceback.extract_tb(why.__traceback__)[-1]
    where = f"{Path(at.filename).name}:{at.lineno}"
    return f"a mistake of argmine's; please report it ({type(why).__name__}: {why}; {where})"


def _end_with_parent() -> None:
    """See to it that this process is not there without its parent, even if that is killed."""
    if os.name == "posix":
        os.setsid()  # a group of its own, so that it can be ended with what it starts
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    if sys.platform == "linux":  # the thread waits for ever where C code keeps the interpreter's lock
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent.pid:
            os._exit(1)


def _limit_memory(mebibytes: int) -> None:
    """Bound the memory that this process may have for data; without one of Linux's kind, its address space."""
    try:
        import resource
    except ImportError:  # no such limit on Windows
        return
    size = mebibytes * 1024 * 1024
    # Libraries map several times the addresses that they use: a limit on those would have little to do with memory.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    resource.setrlimit(kind, (size, size))
