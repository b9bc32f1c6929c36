"""Doing something hostile in a child process that has bounds of its own."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import traceback
from collections.abc import Callable

import pytest

from argmine.errors import ArgmineError

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
RESULT, STOPPED = "result", "stopped by its bounds"


def outcome(function: Callable[[], object], *, seconds: int = 20, mebibytes: int = 1024) -> str:
    """RESULT, or the one line of an `ArgmineError`, or STOPPED for what took more time or memory than given.

    Time is the processor's; whatever waits for three times as long on the clock is stopped too.

    Fails the test for any other exception, or a process that dies.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        said = ""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(3 * seconds)
        try:
            said = _bounded(function, seconds, mebibytes)
        finally:
            with contextlib.suppress(OSError):
                os.write(theirs, said[-4000:].encode("utf-8", "replace"))
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        by = os.WTERMSIG(status)
        assert by in {signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM}, f"killed by signal {by}"
        return STOPPED
    said = data.decode("utf-8", "replace")
    assert not said.startswith("Traceback"), said
    return said


def _bounded(function: Callable[[], object], seconds: int, mebibytes: int) -> str:
    with open("/proc/self/statm") as facts:
        now = int(facts.read().split()[0]) * resource.getpagesize()
    bytes_ = now + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    try:
        function()
    except ArgmineError as why:
        return str(why)
    except MemoryError:
        return STOPPED
    except BaseException:
        return traceback.format_exc()
    return RESULT
