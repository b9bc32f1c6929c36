"""One tree of errors, and what is missing. A message says what happened, where, and what to do, on one line."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from os import PathLike, fspath
from typing import Final

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})  # a full disk, which is nobody's fault but the machine's
EXTRAS: Final = {
    "analysis": {"pandas": "pandas", "scipy": "scipy", "sklearn": "scikit-learn"},
    "formats": {"cassis": "dkpro-cassis"},
    "review": {"starlette": "starlette", "uvicorn": "uvicorn"},
}
"""The modules that extras bring and that nothing else needs, with their packages."""
_OBEYED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(message: str) -> str:
    """A message without line breaks, as names of files and words of other libraries may hold, and `printable`."""
    return printable(" ".join(message.split()))


def printable(text: str, keep: str = "") -> str:
    """A text that a terminal shows and doesn't obey: control characters, marks that turn the direction of writing and
    halves of characters become escapes as JSON has them ("\\u001b"), but for those in `keep`."""
    return _OBEYED.sub(lambda m: m[0] if m[0] in keep else f"\\u{ord(m[0]):04x}", text)


def some_of(names: Sequence[str], most: int = 3) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class ArgmineError(Exception):
    """Base of every error that argmine raises on purpose. Its message is one line."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class UsageError(ArgmineError):
    """The command or call cannot mean anything: wrong options, no input. Exit code 2."""


class OutputError(ArgmineError):
    """Nothing can be written where the outputs go: the disk is full, the folder is gone or closed to writing.

    It ends a run, as every other paper would fail too; what is done is kept, and the same command goes on.
    """

    def __init__(self, path: str | PathLike[str], why: OSError) -> None:
        self.path = fspath(path)
        self.errno = why.errno
        super().__init__(path, why)

    def __str__(self) -> str:
        again = "and type the same command again: what is done is kept"
        match self.errno:
            case code if code in FULL:
                advice = f"make room {again}"
            case errno.ENOENT | errno.ENOTDIR:
                advice = f"the folder was removed or its disk is gone: see to it {again}"
            case _:
                advice = f"change that, or choose another --out, {again}"
        return one_line(f"{self.path}: can't be written to ({os.strerror(self.errno or 0)}); {advice}")

    def __reduce__(self) -> tuple[type[OutputError], tuple[str, OSError]]:
        return type(self), (self.path, OSError(self.errno, ""))


class _PlacedError(ArgmineError):
    """What is wrong in a file: its `path`, the `page` or `line` (from 1) where known, and the `reason`, with advice."""

    def __init__(
        self, path: str | PathLike[str], reason: str, *, page: int | None = None, line: int | None = None
    ) -> None:
        self.path, self.reason, self.page, self.line = fspath(path), reason, page, line
        super().__init__(path, reason)

    def __str__(self) -> str:
        page = "" if self.page is None else f", page {self.page}"
        line = "" if self.line is None else f", line {self.line}"
        return one_line(f"{self.path}{page}{line}: {self.reason}")


class ReadError(_PlacedError):
    """A paper could not be read."""


class FormatError(_PlacedError):
    """A structured file (paper.json, map.json, another tool's format) is not of the form that is read."""


class AnnotationError(_PlacedError):
    """A line of an annotation file is wrong."""


class ModelError(ArgmineError):
    """A model is missing, incomplete or of another version."""


def need(extra: str, what: str) -> None:
    """Raise UsageError that says how to install an extra where it is not: "`what` needs pandas; install it with …"."""
    if lacking := [package for module, package in EXTRAS[extra].items() if find_spec(module) is None]:
        named = " and ".join(filter(None, (", ".join(lacking[:-1]), lacking[-1])))
        them = "it" if len(lacking) == 1 else "them"
        raise UsageError(f"{what} needs {named}; install {them} with: pip install 'argmine[{extra}]'")


@contextmanager
def writing(path: str | PathLike[str]) -> Iterator[None]:
    """Errors of writing within it become one that names the path: an OutputError of a full disk, else a UsageError."""
    try:
        yield
    except OSError as why:
        if why.errno in FULL:
            raise OutputError(path, why) from why
        raise UsageError(f"{fspath(path)}: can't be written ({why.strerror})") from why
