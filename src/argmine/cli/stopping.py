"""Ctrl-C and its like: the first ends a command cleanly, the second at once."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Stopped(BaseException):
    """The user or the system wants the command to end. `code` is the exit code that says so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Within it SIGINT, SIGTERM and SIGHUP raise Stopped; one that comes after that ends the process at once."""
    if threading.current_thread() is not threading.main_thread():  # only there can signals be answered
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def end(number: int, _: FrameType | None) -> None:
        os._exit(128 + number)

    def stop(number: int, _: FrameType | None) -> NoReturn:
        for each in before:
            signal.signal(each, end)
        raise Stopped(number)

    def again(lost: sys.UnraisableHookArgs) -> None:
        """Python drops what is raised while it removes an object; a signal that came just then is sent once more."""
        if not isinstance(lost.exc_value, Stopped):
            hook(lost)
            return
        for each in before:
            signal.signal(each, stop)
        threading.Timer(0.05, _send, [lost.exc_value.code - 128]).start()

    # What is ignored (by nohup) stays so.
    before = {each: signal.getsignal(each) for each in numbers if signal.getsignal(each) is not signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    hook, sys.unraisablehook = sys.unraisablehook, again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for each, handler in before.items():
            signal.signal(each, handler)


def _send(number: int) -> None:
    """Send a signal to this very process; on Windows that would end it, so there it is only made to look like one."""
    if os.name == "nt":
        _thread.interrupt_main(signal.Signals(number))
    else:
        os.kill(os.getpid(), number)
