"""One tree of errors. A message says what happened, where, and what to do, on one line."""

from __future__ import annotations

from os import PathLike, fspath


def one_line(message: str) -> str:
    """A message without line breaks: names of files and words of other libraries may hold some."""
    return " ".join(message.split())


class ArgmineError(Exception):
    """Base of every error that argmine raises on purpose."""


class UsageError(ArgmineError):
    """The command or call cannot mean anything: wrong options, no input. Exit code 2."""


class ReadError(ArgmineError):
    """A paper could not be read.

    `path` is the file, `page` the page (from 1) where known, `reason` says what is wrong and what to do.
    """

    def __init__(self, path: str | PathLike[str], reason: str, *, page: int | None = None) -> None:
        self.path = fspath(path)
        self.page = page
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        where = self.path if self.page is None else f"{self.path}, page {self.page}"
        return one_line(f"{where}: {self.reason}")


class FormatError(ArgmineError):
    """A structured file (paper.json, map.json, another tool's format) is not of the form that is read.

    `line` counts from 1, None where the file has no lines to speak of.
    """

    def __init__(self, path: str | PathLike[str], reason: str, *, line: int | None = None) -> None:
        self.path = fspath(path)
        self.line = line
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}, line {self.line}"
        return one_line(f"{where}: {self.reason}")


class AnnotationError(ArgmineError):
    """A line of an annotation file is wrong. `line` counts from 1."""

    def __init__(self, path: str | PathLike[str], reason: str, *, line: int | None = None) -> None:
        self.path = fspath(path)
        self.line = line
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}, line {self.line}"
        return one_line(f"{where}: {self.reason}")


class ModelError(ArgmineError):
    """A model is missing, incomplete or of another version."""
