"""A process that does one piece of work after another under limits, and ends with the process that started it.

What it does may be in a stranger's hands once a hostile file has got hold of a library. So it works in a sandbox
where its work says below which folders it writes, and what it says is never unpickled: it comes as messages of a tag,
a length and bytes, read as they arrive, so that half a message keeps nobody waiting.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import re
import shutil
import signal
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from argmine import errors
from argmine.errors import ArgmineError, OutputError, ReadError, UsageError
from argmine.io import TEMPORARY, load_json, write_whole
from argmine.isolation import Step, begin, on_beat, own_process, step
from argmine.isolation.sandbox import Confinement, Sandboxing, confine, limit

Work = Callable[[Any], bytes]
"""What a child does with what it is given; picklable.

It may have: `prepare()`, called once before the first piece; `modules`, names of modules to import before the sandbox
closes, when Python can still keep their compiled form; `writable`, the folders below which it writes, without which
there is no sandbox; `scratch`, where its folder for temporary files is made (the system's).
"""
Item = Any

_PATIENCE: Final = 3600.0  # seconds after which work without a limit is looked at again
_START: Final = 300.0
"""Seconds that a process may take to load its libraries and the model, on a machine that has other work."""
_STARTS: Final = 3  # how often in a row a process may die before its first piece of work; more is no accident
_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_THREAD_LIMIT": "1",
    "JOBLIB_MULTIPROCESSING": "0",
}
"""What holds the numerical libraries to one thread and process; they read it while they are loaded."""
_WORN: Final = 0.75  # the share of its memory from which on a process is not given more work
_HEAD: Final = struct.Struct(">cQ")
_LONGEST: Final = 1 << 30  # bytes of an answer; no paper's is longer
_CHUNK: Final = 1 << 20
_WORDS: Final = re.compile(r"[a-z ]{1,40}")
_MOST_STEPS: Final = 10**9
_READY, _BEAT, _RESULT, _FAILED, _ERROR, _MEMORY = b"s", b".", b"r", b"f", b"e", b"m"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one piece of work may take, and in which sandbox. None is no limit.

    `timeout` and `progress` are seconds of wall time: in all, and without a sign of life; `memory` is in MiB.
    """

    timeout: float | None = None
    progress: float | None = None
    memory: int | None = None
    sandbox: Sandboxing = "auto"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child says of its work; `failed` names a mistake of argmine's, nothing at all means that it died."""

    result: bytes | None = None
    failed: str | None = None
    out_of_memory: bool = False
    died: bool = False


class Child:
    """A process that is starting, idle, at work on `item`, or not there. It ends with the process that started it.

    It has one thread a library, so that processes don't fight for cores. `confinement` is None until it says, and so is
    `step`, how far it is with its item.
    """

    def __init__(self, work: Work, bounds: Bounds) -> None:
        self._work, self.bounds = work, bounds
        self.item: Item | None = None
        self.alive = False
        self.confinement: Confinement | None = None
        self.pipe: Connection
        self._messages: _Messages
        self._process: BaseProcess | None = None
        self._scratch: Path | None = None
        self._ready = self._used = False
        self._failed_starts = 0
        self._since = self._beat = 0.0
        self.step: Step | None = None

    @property
    def idle(self) -> bool:
        return self.alive and self._ready and self.item is None

    @property
    def worn(self) -> bool:
        """Whether it holds so much memory that the next piece of work would not have what it may take.

        Libraries keep what they once took: then a new process is better. Only Linux tells.
        """
        if self.bounds.memory is None or self._process is None or not self._used:
            return False
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_bytes().split()[5])
        except (OSError, ValueError, IndexError):
            return False
        return pages * os.sysconf("SC_PAGE_SIZE") > _WORN * (self.bounds.memory << 20)

    @property
    def waited_for(self) -> bool:
        """Whether something will come through its pipe: that it is ready, or an answer."""
        return self.alive and not self.idle

    def start(self) -> None:
        """Start the process without waiting for it. Raises ArgmineError where the system has no room for it."""
        self.join()
        context = multiprocessing.get_context("spawn")
        self.item, self._ready, self._used, self._since = None, False, False, time.monotonic()
        try:
            self.pipe, theirs = context.Pipe()
            self._messages = _Messages(self.pipe)
            self._scratch = self._new_scratch()
            arguments = theirs, self._work, self.bounds, self._scratch
            process = context.Process(target=_serve, args=arguments, daemon=True)
            with _as_children_start():
                process.start()
                self._process, self.alive = process, True
            theirs.close()
        except OSError as why:
            if why.errno in errors.FULL:
                raise OutputError(tempfile.gettempdir(), why) from why
            raise ArgmineError(f"a child process could not be started ({why.strerror}); try fewer --jobs") from why

    def restart(self) -> None:
        self.kill()
        self.start()

    def check_start(self) -> None:
        """Take in that the process is ready; start another where it died or hangs on the way, but not for ever."""
        for tag, payload in self._messages.arrived():
            if tag == _ERROR:
                raise _unpacked_error(payload)
            if tag == _READY:
                self.confinement = Confinement(**load_json(payload))
                self._ready, self._failed_starts = True, 0
                return
        if not self._messages.over and self.time_left() > 0:
            return
        self._failed_starts += 1
        if self._failed_starts >= _STARTS:
            less = self.bounds.memory is not None
            more = "; is --max-memory below what a process needs before its paper?" if less else ""
            raise UsageError(f"a child process could not be started in {_STARTS} attempts{more}")
        self.restart()

    def give(self, item: Item) -> bool:
        """Start on a piece of work, whose clock starts now. False where the process is gone."""
        try:
            self.pipe.send(item)
        except OSError:
            return False
        self.item, self._since, self._used, self.step = item, time.monotonic(), True, None
        self._beat = self._since
        return True

    def time_left(self) -> float:
        now = time.monotonic()
        if not self._ready:
            return max(0.0, self._since + _START - now)
        left = self._since + (self.bounds.timeout or _PATIENCE) - now
        if self.bounds.progress is not None:
            left = min(left, self._beat + self.bounds.progress - now)
        return max(0.0, left)

    def answer(self) -> Answer | None:
        """What it says of its work, after which it is idle or gone; None while at it. Raises what its work raises."""
        for tag, payload in self._messages.arrived():
            if tag == _BEAT:
                self._beat = time.monotonic()
                self.step = _unpacked_step(payload) or self.step
                continue
            self.item = None
            if tag == _ERROR:
                raise _unpacked_error(payload)
            if tag == _RESULT:
                return Answer(payload)
            return Answer(failed=payload.decode("utf-8", "replace")) if tag == _FAILED else Answer(out_of_memory=True)
        if not self._messages.over:
            return None
        self.item = None
        return Answer(died=True)

    def overrun(self) -> Overrun:
        bounds = self.bounds
        if bounds.timeout is not None and time.monotonic() - self._since >= bounds.timeout:
            return Overrun(f"took longer than {bounds.timeout:g} s", "--timeout")
        return Overrun(f"made no progress for {bounds.progress or _PATIENCE:g} s", "--progress-timeout")

    def too_large(self) -> Overrun:
        return Overrun(f"needs more than {self.bounds.memory} MiB", "--max-memory")

    def do(self, item: Item) -> bytes:
        """Do one piece of work and wait for it. Raises what the work raises, and Overrun where it can't be ended."""
        if self.worn:
            self.kill()
        while self.item is None:
            if not self.alive:
                self.start()
            elif self.waited_for:
                wait([self.pipe], timeout=self.time_left())
                self.check_start()
            elif not self.give(item):
                self.restart()  # it was killed while it had nothing to do
        while (answer := self.answer()) is None:
            if self.time_left() <= 0:
                why = self.overrun()
                self.kill()
                raise why
            wait([self.pipe], timeout=self.time_left())
        if answer.result is not None:
            return answer.result
        if answer.failed is not None:
            raise Overrun(f"could not be done, {answer.failed}")
        self.kill()
        if answer.out_of_memory:
            raise self.too_large()
        raise Overrun("ended the process that was at it", "" if self.bounds.memory is None else "--max-memory")

    def kill(self) -> None:
        if not self.alive or self._process is None:
            return
        self.alive, self.item = False, None
        self.pipe.close()
        if os.name == "posix" and self._process.is_alive() and self._process.pid:
            with suppress(OSError):  # it may not have come to lead a group yet
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def join(self) -> None:
        """Wait until a killed process is gone, but not for one that the system can't end; then its scratch goes."""
        if self._process is not None and not self.alive:
            self._process.join(5.0)
        if self._scratch is not None and not self.alive:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def _new_scratch(self) -> Path | None:
        if self.bounds.sandbox == "never" or getattr(self._work, "writable", None) is None:
            return None
        above = getattr(self._work, "scratch", None)
        made = Path(above or tempfile.gettempdir()) / token_hex(8).join(TEMPORARY)
        made.mkdir(mode=0o700)
        return made


class Overrun(Exception):
    """Work was ended by a limit, or by its own death. The message follows a file's name; `option` allows more."""

    def __init__(self, why: str, option: str = "") -> None:
        super().__init__(why)
        self.option = option


class _Messages:
    """The messages that come through a pipe. `over`: the process is gone, or says what no child of ours says."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._data, self.over = pipe, bytearray(), False

    def arrived(self) -> Iterator[tuple[bytes, bytes]]:
        """Tag and content of each message that is there whole. Doesn't wait."""
        self._take()
        while len(self._data) >= _HEAD.size:
            tag, length = _HEAD.unpack_from(self._data)
            if length > _LONGEST or tag not in {_READY, _BEAT, _RESULT, _FAILED, _ERROR, _MEMORY}:
                self.over = True
                self._data.clear()
                return
            end = _HEAD.size + length
            if len(self._data) < end:
                return
            content = bytes(memoryview(self._data)[_HEAD.size : end])
            del self._data[:end]
            yield tag, content

    def _take(self) -> None:
        for _ in range(64):
            try:
                if self.over or not self._pipe.poll():
                    return
                # Windows' pipes keep messages apart and whole.
                posix = os.name == "posix"
                part = os.read(self._pipe.fileno(), _CHUNK) if posix else self._pipe.recv_bytes(_LONGEST)
            except (EOFError, OSError):
                part = b""
            if not part:
                self.over = True
            self._data += part


def _say(pipe: Connection, tag: bytes, content: bytes = b"") -> None:
    message = _HEAD.pack(tag, len(content)) + content
    if os.name == "posix":
        write_whole(pipe.fileno(), message)
    else:
        pipe.send_bytes(message)


@contextmanager
def _as_children_start() -> Iterator[None]:
    """What has to be there before a child's interpreter starts: one thread a library, Ctrl-C for its parent alone."""
    before = dict(os.environ)
    masked = hasattr(signal, "pthread_sigmask")
    if masked:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # which takes SIGINT out of the mask
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.environ |= _ONE_THREAD
    try:
        yield
    finally:
        for name in _ONE_THREAD:
            os.environ.pop(name, None)
        os.environ |= {name: before[name] for name in _ONE_THREAD if name in before}
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)


_serving = False


def is_child() -> bool:
    return _serving


def _serve(pipe: Connection, work: Work, bounds: Bounds, scratch: Path | None) -> None:
    global _serving
    _serving = True
    if os.name == "posix":
        os.setsid()  # a group of its own, so that it can be ended with what it starts
    _end_with_parent()
    own_process()
    limit(bounds.memory)
    tag, content = _made_ready(work, bounds, scratch)
    _say(pipe, tag, content)
    if tag == _ERROR:
        return
    on_beat(lambda: _say(pipe, _BEAT, json.dumps(step()).encode()))
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        _say(pipe, *_do(work, item, bounds))


def _made_ready(work: Work, bounds: Bounds, scratch: Path | None) -> tuple[bytes, bytes]:
    try:
        for name in getattr(work, "modules", ()):
            import_module(name)
        confinement = _confined(work, bounds, scratch)
        _watch_parent()  # its thread must not be there before the sandbox is closed
        if (prepare := getattr(work, "prepare", None)) is not None:
            prepare()
    except (Exception, MemoryError) as why:
        if bounds.memory is not None and (not isinstance(why, ArgmineError) or _lacks_memory(why)):
            why = UsageError(f"--max-memory {bounds.memory} is below what a process needs before its first paper")
        elif not isinstance(why, ArgmineError):
            why = ArgmineError(f"can't do any paper, {_mistake(why)}")
        return _ERROR, _packed_error(why)
    return _READY, json.dumps(confinement.data()).encode()


def _confined(work: Work, bounds: Bounds, scratch: Path | None) -> Confinement:
    writable: Sequence[Path] | None = getattr(work, "writable", None)
    if writable is None or scratch is None:
        return Confinement()
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    found = confine([*writable, scratch])
    if bounds.sandbox == "always" and not found.complete:
        raise UsageError(
            f"--sandbox always: this system has no whole sandbox (in force would be: {found}); --sandbox auto goes on "
            "with what there is"
        )
    return found


def _do(work: Work, item: Item, bounds: Bounds) -> tuple[bytes, bytes]:
    begin()
    try:
        return _RESULT, work(item)
    except ArgmineError as why:
        return _ERROR, _packed_error(why)
    except MemoryError:
        return _MEMORY, b""
    except Exception as why:  # a mistake in argmine costs its paper only
        if bounds.memory is not None and _lacks_memory(why):
            return _MEMORY, b""
        return _FAILED, _mistake(why).encode("utf-8", "replace")


def _lacks_memory(why: BaseException) -> bool:
    """Whether a library says that it was refused memory, which they do in many ways: "bad allocation", zlib's -4."""
    return "alloc" in str(why) or str(why).startswith("Error -4 ")


def _mistake(why: Exception) -> str:
    at = traceback.extract_tb(why.__traceback__)[-1]
    where = f"{Path(at.filename).name}:{at.lineno}"
    return f"a mistake of argmine's; please report it ({type(why).__name__}: {why}; {where})"


def _end_with_parent() -> None:
    """Have the kernel end this process with the thread that started it, even if that is killed."""
    if sys.platform != "linux":
        return
    parent = multiprocessing.parent_process()
    assert parent is not None
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent.pid:
        os._exit(1)


def _watch_parent() -> None:
    """See to it that this process is not there without its parent, on systems whose kernel doesn't."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:  # waits for ever where C code keeps the interpreter's lock
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_PLAIN: Final = {kind.__name__: kind for kind in (ArgmineError, UsageError, errors.ModelError)}
_LINED: Final = {kind.__name__: kind for kind in (errors.FormatError, errors.AnnotationError)}


def _packed_error(why: ArgmineError) -> bytes:
    known = {*_PLAIN, *_LINED, OutputError.__name__, ReadError.__name__}
    kind = next(k.__name__ for k in type(why).__mro__ if k.__name__ in known)
    facts = {name: getattr(why, name, None) for name in ("path", "reason", "page", "line", "errno")}
    return json.dumps({"kind": kind, "message": Exception.__str__(why), **facts}).encode()


def _unpacked_step(data: bytes) -> Step | None:
    """How far a child says that it is; None where it doesn't, or says what no child of ours says."""
    try:
        what, done, total = load_json(data)
        known = isinstance(what, str) and _WORDS.fullmatch(what) and isinstance(done, int) and isinstance(total, int)
    except (ValueError, TypeError):
        return None
    return Step(what, done, total) if known and 0 <= done <= total <= _MOST_STEPS else None


def _unpacked_error(data: bytes) -> ArgmineError:
    """The error that `_packed_error` packed; an ArgmineError that says so where it is none."""
    try:
        facts = load_json(data)
        kind, path, reason = str(facts["kind"]), str(facts["path"]), str(facts["reason"])
        page, line = (None if facts[name] is None else int(facts[name]) for name in ("page", "line"))
        if kind == OutputError.__name__:
            return OutputError(path, OSError(int(facts["errno"] or 0), ""))
        if kind == ReadError.__name__:
            return ReadError(path, reason, page=page)
        return _LINED[kind](path, reason, line=line) if kind in _LINED else _PLAIN[kind](str(facts["message"]))
    except (ValueError, KeyError, TypeError):
        return ArgmineError("a child process said something that can't be understood; try again")
