"""Child processes that work for argmine: their limits, their sandbox, their sign of life.

What takes long calls `beat` once a page, block or window of sentences, so that whoever watches can tell slow work from
none, and says how far it is where it knows. It calls the listener of this process (`on_beat`), if any, no more than a
few times a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

_PAUSE: Final = 0.25  # seconds between two calls of the listener


class Step(NamedTuple):
    """How far a piece of work is: `done` of `total`, of what `what` says ("pages read")."""

    what: str
    done: int
    total: int

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,} {self.what}"


_listener: Callable[[], None] | None = None
_step: Step | None = None
_next: float = 0.0  # the time, on `time.monotonic`'s clock, before which the listener is not called again
_own = False


def beat(what: str = "", done: int = 0, total: int = 0) -> None:
    """Say that work goes on, and how far it is (see `Step`) where that is known. Costs some hundred nanoseconds; what
    the listener raises goes through."""
    global _next, _step
    if what:
        _step = Step(what, done, total)
    if _listener is None:
        return
    now = time.monotonic()
    if now >= _next:
        _next = now + _PAUSE
        _listener()


def step() -> Step | None:
    """How far the work of this process is, as it said last; None where it has not."""
    return _step


def begin() -> None:
    """Another piece of work begins, which has not said how far it is."""
    global _step
    _step = None


def on_beat(listener: Callable[[], None] | None) -> None:
    """Have `listener` called while work goes on, from the next `beat` on; None ends it. The last one given counts."""
    global _listener, _next
    _listener, _next = listener, 0.0


def own_process() -> None:
    """Say that this process runs argmine and nothing else."""
    global _own
    _own = True


@contextmanager
def without_torch() -> Iterator[None]:
    """Within it torch can't be imported, in a process of argmine's own that hasn't done so; afterwards it can.

    Where torch is installed spaCy imports it, which takes a second or two and 180 MiB in every process, and nothing of
    argmine's uses torch through spaCy. In somebody else's program it stays as it is: other pipelines there may.
    """
    modules: dict[str, Any] = sys.modules
    if not _own or "torch" in modules:
        yield
        return
    modules["torch"] = None  # so the import system is told that there is no such module
    try:
        yield
    finally:
        del modules["torch"]
