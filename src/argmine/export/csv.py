"""CSV for spreadsheets: a line a unit, with the relations that start at it."""

from __future__ import annotations

import csv
import io
from typing import Final

from argmine.argument import ArgumentMap
from argmine.export.base import WriteOnly
from argmine.export.report import LossReport, count_losses
from argmine.export.schemes import section_titles
from argmine.paper import Paper

HEAD: Final = ("unit", "label", "score", "attribution", "unsure", "section", "page", "start", "end", "text",
               "citations", "note", "relations")  # fmt: skip
_FORMULA: Final = frozenset("=+-@\t\r\n|%")


class Csv(WriteOnly):
    """A table of the units."""

    name = "csv"
    suffixes = (".csv",)

    def write(self, amap: ArgumentMap, paper: Paper | None) -> tuple[str, LossReport]:
        """UTF-8 without byte order mark; relations as "supports t17 0.64; …"."""
        report = LossReport(self.name)
        holds = ("labels", "score", "attribution", "unsure", "sections", "pages", "offsets", "citations", "note",
                 "relation_scores")  # fmt: skip
        count_losses(report, amap, paper, holds)
        titles = section_titles(amap, paper)
        links: dict[str, list[str]] = {}
        for r in amap.relations:
            score = "" if r.score is None else f" {r.score:.3f}"
            links.setdefault(r.source, []).append(f"{r.label} {r.target}{score}")
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(HEAD)
        for u in amap.units:
            table.writerow([
                safe(u.id), u.label.value, u.score, u.attribution.value, "yes" if u.unsure else "",
                safe(titles.get(u.section or "", "")), u.page, u.start, u.end, safe(u.text),
                safe(" ".join(u.citations)), safe(u.note or ""), safe("; ".join(links.get(u.id, ()))),
            ])  # fmt: skip
        guarded = sum(safe(u.text) != u.text for u in amap.units)
        report.add("guarded", "units begin as a formula would: an apostrophe stands before them", guarded)
        return text.getvalue(), report


def safe(text: str) -> str:
    """A cell's text: what a spreadsheet would take for a formula gets an apostrophe; NUL, which CSV can't hold, goes.

    Spreadsheets skip blanks before they look, so what counts is the first character that is none.
    """
    clean = text.replace("\0", "\ufffd")
    starts = clean[:1] in _FORMULA or clean.lstrip()[:1] in _FORMULA
    return "'" + clean if starts and clean else clean


FORMAT = Csv()
