"""`argmine convert`: a file in, a file of another format out, and one report of what got lost on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argmine.errors import UsageError
from argmine.export import format_named, read_map, write_map
from argmine.export.base import LabelMap
from argmine.export.report import LossReport
from argmine.export.source import SourceText
from argmine.paper import Paper
from argmine.stamp import write_atomically

PAPER_FILE = "paper.json"


@dataclass(frozen=True, slots=True)
class Converted:
    """The text in the new format, the paper that the map stands on, and both halves of the loss report."""

    text: str
    paper: Paper | None
    read: LossReport
    written: LossReport

    def lines(self) -> list[str]:
        """The losses of both halves, for people."""
        halves = ((f"reading {self.read.format}", self.read), (f"writing {self.written.format}", self.written))
        return [f"{half}: {line}" for half, report in halves for line in report.lines()]

    def report(self) -> str:
        """The losses of both halves as JSON."""
        both: dict[str, Any] = {"read": self.read.as_dict(), "written": self.written.as_dict()}
        return json.dumps(both, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def convert(
    path: Path,
    to: str,
    *,
    source: str | None = None,
    text: Path | None = None,
    labels: Path | None = None,
    partial: bool = False,
) -> Converted:
    """Read a map in one format (`source` None: told by its content) and write it in another.

    `text` is the source text or paper, `labels` the CSV that says what foreign labels mean. A folder stands for its
    map.json. Raises UsageError for formats, options or tables that mean nothing, FormatError for what can't be read.
    """
    format_named(to)
    if path.is_dir():
        path = path / "map.json"
    found = read_map(
        path, format=source, text=None if text is None else SourceText.from_file(text),
        labels=None if labels is None else LabelMap.from_csv(labels), partial=partial,
    )  # fmt: skip
    made, report = write_map(found.map, to, paper=found.paper)
    clean = made.encode("utf-8", "replace").decode("utf-8")
    report.add("surrogates", "halves of characters, which no file can hold: replaced", int(clean != made))
    return Converted(clean, found.paper, found.report, report)


def write_converted(converted: Converted, to: str, out: Path) -> list[Path]:
    """Write what was converted; a map gets its paper beside it, since it can't be shown without. Returns the files.

    Raises UsageError where a paper.json of another text stands there already.
    """
    files = {out: converted.text}
    beside = out.with_name(PAPER_FILE)
    if to == "map" and converted.paper is not None and out.name != PAPER_FILE:
        files[beside] = converted.paper.to_json()
        if beside.exists() and beside.read_bytes() != files[beside].encode():
            raise UsageError(f"{beside}: is another paper's; choose an --out in a folder of its own")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            write_atomically(path, text)
    except OSError as why:
        raise UsageError(f"{out}: can't be written ({why.strerror})") from why
    return list(files)
