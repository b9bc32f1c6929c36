"""What is about all papers of a run: the overview page, their rows as JSON, their units as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from argmine.argument import ArgumentMap
from argmine.paper import Paper
from argmine.pipeline import Row
from argmine.stamp import STAMP_FILE, code_digest, write_atomically

if TYPE_CHECKING:
    from argmine.show.index import PaperUnits


def write_overview(out: Path, rows: Sequence[Row], samples_link: str | None = None, *, anew: bool = True) -> None:
    """Write index.html, summary.json and units.csv of the papers whose outputs are `out`/<stem>.

    What stands there and was made from just this is left alone; units.csv cannot tell, and is looked at where `anew`
    says that maps may have changed since it was written. Raises OSError.
    """
    _write_index(out, rows, samples_link)
    summary = {"schema": "argmine/summary/1", "papers": [asdict(r) for r in rows]}
    _write_if_new(out / "summary.json", json.dumps(summary, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    table = out / "units.csv"
    stems = [r.stem for r in rows if r.map]
    if anew or _listed(table) != set(stems):
        _write_if_new(table, units_csv(out, stems))


def _write_index(out: Path, rows: Sequence[Row], samples_link: str | None) -> None:
    """Write index.html (and units.js where it needs it), unless they were made from just this."""
    from argmine.show.overview import INDEX_FILE, UNITS_FILE, PaperRow, overview_files

    title = f"Argument maps: {out.resolve().name}"
    made_from = _digest(out, title, rows, samples_link)
    index = out / INDEX_FILE
    if index.is_file():
        page = index.read_bytes()
        apart = f'src="{UNITS_FILE}"'.encode() in page[-100_000:]
        if made_from.encode() in page[:4096] and (not apart or (out / UNITS_FILE).is_file()):
            if not apart:
                (out / UNITS_FILE).unlink(missing_ok=True)
            return
    papers = [
        PaperRow(
            stem=r.stem,
            file=r.file,
            title=r.title,
            pages=r.pages,
            sections=r.sections,
            units=r.units,
            relations=r.relations,
            gold_score=r.gold_score,
            map_path=r.map or "",
            summary_path=f"{r.stem}/summary.md" if r.map else "",
            error=r.error,
            warnings=r.warnings,
        )
        for r in rows
    ]
    units = [paper_units(out, r) for r in rows if r.map]
    files = overview_files(papers, units, title=title, samples_link=samples_link, made_from=made_from)
    # The page is the last: it says that all is made from just this.
    for name in sorted(files, key=lambda name: name == INDEX_FILE):
        _write_if_new(out / name, files[name])
    if UNITS_FILE not in files:
        (out / UNITS_FILE).unlink(missing_ok=True)


def _digest(out: Path, title: str, rows: Sequence[Row], samples_link: str | None) -> str:
    """Digest of all that the overview is made from: each paper's stamp stands for its map."""
    made_from = [code_digest(), title, samples_link, [asdict(r) for r in rows]]
    whole = sha256(json.dumps(made_from, sort_keys=True).encode())
    for row in rows:
        stamp = out / row.stem / STAMP_FILE
        whole.update(stamp.read_bytes() if stamp.is_file() else b"-")
    return whole.hexdigest()


def paper_units(out: Path, row: Row) -> PaperUnits:
    """A mined paper's units as the overview searches them."""
    from argmine.show.index import PaperUnits

    paper = Paper.from_file(out / row.stem / "paper.json")
    amap = ArgumentMap.from_file(out / row.stem / "map.json")
    return PaperUnits(row.title or row.stem, row.map or "", amap.units, {s.id: s.title for s in paper.sections})


def units_csv(out: Path, stems: Sequence[str]) -> str:
    """All units of the mined papers `out`/<stem> as CSV, with the relations that start at each."""
    from argmine.export.csv import safe

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    head = "paper", "unit", "label", "score", "attribution", "section", "page", "start", "end", "text", "relations"
    table.writerow(head)
    for stem in stems:
        paper = Paper.from_file(out / stem / "paper.json")
        amap = ArgumentMap.from_file(out / stem / "map.json")
        titles = {s.id: s.title for s in paper.sections}
        links: dict[str, list[str]] = {}
        for r in amap.relations:
            links.setdefault(r.source, []).append(f"{r.label} {r.target}")
        for u in amap.units:
            section, words = safe(titles.get(u.section or "", "")), safe(u.text)
            related = "; ".join(links.get(u.id, ()))
            table.writerow(
                [stem, u.id, u.label, u.score, u.attribution, section, u.page, u.start, u.end, words, related]
            )
    return text.getvalue()


def _listed(path: Path) -> set[str] | None:
    """The papers in a table of units, None where there is no such table."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return {row["paper"] for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError, csv.Error):
        return None


def _write_if_new(path: Path, text: str) -> None:
    if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode():
        write_atomically(path, text)
