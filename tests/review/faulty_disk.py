"""A disk that fills up, and one whose power is cut: what the system calls of a session come to."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argmine.review import disk

CHANGING = ("write", "fsync", "replace", "unlink", "ftruncate", "mkdir")
"""The calls of `os` by which anything comes to the disk; files are made by `os.open` and `io.open`."""


class PowerCut(BaseException):
    """The machine is off."""


class AtOnce:
    """A thread that is done when it has started."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.start = target

    def join(self) -> None:
        """Nothing to wait for."""


class Disk:
    """Counts the calls that change the disk, writes them down, and has some of them fail.

    `fails` says by a call's number (from 1) and name whether it does; a write that fails has written half.
    """

    def __init__(self, patch: pytest.MonkeyPatch, fails: Callable[[int, str], BaseException | None]) -> None:
        self.count = 0
        self.calls: list[tuple[str, str]] = []
        self._fails = fails
        self._names: dict[int, str] = {}
        self._real_write = os.write
        for name in CHANGING:
            patch.setattr(os, name, self._watched(name, getattr(os, name)))
        patch.setattr(disk, "Thread", AtOnce)  # so that the calls come in one order
        patch.setattr(os, "open", self._opened(os.open))
        patch.setattr(io, "open", self._opened_file(io.open))

    def _step(self, call: str, what: Any) -> None:
        self.count += 1
        why = self._fails(self.count, call)
        if why is not None:
            if call == "write":
                handle, data = what
                self._real_write(handle, bytes(data)[: len(data) // 2])
            raise why
        shown = self._names.get(what[0], "?") if isinstance(what[0], int) else Path(what[0]).name
        if call == "replace":
            shown += f" > {Path(what[1]).name}"
        self.calls.append((call, shown))

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self._step(name, arguments)
            return real(*arguments, **more)

        return call

    def _opened(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if flags & os.O_CREAT and not os.path.exists(path):
                self._step("make", (path,))
            handle = real(path, flags, *more, **named)
            self._names[handle] = Path(path).name
            return handle

        return call

    def _opened_file(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if "x" in mode or "w" in mode:
                self._step("make", (path,))
            file = real(path, mode, *more, **named)
            if not isinstance(path, int):
                self._names[file.fileno()] = Path(path).name
            return file

        return call


def full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")
