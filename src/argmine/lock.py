"""One run at a time into a folder, by a lock that vanishes with its process, however that ends."""

from __future__ import annotations

import errno
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from argmine.errors import UsageError
from argmine.io import FOREIGN, load_json, open_own

LOCK_FILE: Final = ".argmine.lock"
_BUSY: Final = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_NONE: Final = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_BYTE: Final = 1 << 30
"""Where Windows locks its byte: behind all that is read, since nobody else may read what is locked there."""


class Lock:
    """A folder that is held until `release` or this process's end.

    Raises UsageError where another process holds it or something else stands in the place of the lock's file, OSError
    where the lock's file can't be written. On file systems
    that have no locks nothing is held: outputs are whole all the same, but two runs may do the same work.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._handle = open_own(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT)
        except OSError as why:
            if why.errno not in FOREIGN:
                raise
            raise UsageError(
                f"{folder / LOCK_FILE}: can't be this folder's lock ({why.strerror}); remove it, or choose another "
                "--out"
            ) from why
        try:
            take(self._handle)
        except OSError as why:
            if why.errno in _NONE:
                return
            holder = _holder(os.read(self._handle, 1000))
            os.close(self._handle)
            if why.errno in _BUSY:
                raise UsageError(
                    f"{folder}: another run is writing into this folder ({holder}); wait for its end, stop it, "
                    "or choose another --out"
                ) from why
            raise
        now = datetime.now(UTC).isoformat(timespec="seconds")
        facts = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": now})
        with suppress(OSError):  # a full disk must not keep anybody from holding the folder
            os.ftruncate(self._handle, 0)
            os.write(self._handle, facts.encode())

    def release(self) -> None:
        """Let others have the folder. The file stays: removing it would let two others lock two files."""
        with suppress(OSError):
            os.ftruncate(self._handle, 0)
        os.close(self._handle)


def take(handle: int) -> None:
    """Lock an open file until it is closed. Raises OSError where another process has it, or the system has no locks."""
    if os.name == "nt":
        import msvcrt

        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(facts: bytes) -> str:
    """Who holds the lock, as far as the file says."""
    try:
        said = load_json(facts)
        return f"process {int(said['pid'])} on {str(said['host'])[:80]!s}, since {str(said['since'])[:40]}"
    except (ValueError, KeyError, TypeError):
        return "its process is unknown"
