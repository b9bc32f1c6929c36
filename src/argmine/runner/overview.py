"""What is about all papers of a run: the overview page, their rows as JSON, their units as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from argmine.argument_map import ArgumentMap
from argmine.cells import guarded, unguarded
from argmine.inputs import Row
from argmine.io import holds, open_regular, write_atomically
from argmine.paper import Frozen, Paper
from argmine.runner.job import code_digest, stamp_bytes

if TYPE_CHECKING:
    from argmine.render.overview import PaperUnits

FORMER_INDEX: Final = "units.js"  # the index that earlier versions kept beside a large page, as a script
_HEAD: Final = "paper", "unit", "label", "score", "attribution", "section", "page", "start", "end", "text", "relations"
_LEFT_OUT: Final[dict[str, Any]] = {"amap": {"units": {"__all__": {"boxes", "note", "scores"}}, "scores": True}}


class Listing(Frozen):
    """A map as the overview lists its units: without boxes, notes and what it scored, with its sections' titles."""

    amap: ArgumentMap
    titles: dict[str, str]

    @classmethod
    def of(cls, amap: ArgumentMap, paper: Paper) -> str:
        """The listing of a map that was just made, as JSON."""
        found = cls.model_construct(amap=amap, titles={s.id: s.title for s in paper.sections})
        return found.model_dump_json(by_alias=True, exclude=_LEFT_OUT)


def write_overview(
    out: Path, rows: Sequence[Row], samples_link: str | None = None, *, anew: bool = True, keep: bool = True
) -> None:
    """Write index.html, summary.json and units.csv of the papers whose outputs are `out`/<stem>. Raises OSError.

    What stands there and was made from just this is left alone; units.csv cannot tell, and is looked at where `anew`
    says that maps may have changed since. Maps without a listing in their row are read, each once at most, and where
    there are many kept in a store beside them (`argmine.corpus.cache`) unless `keep` is False.
    """
    from argmine.render.overview import INDEX_FILE, PaperUnits, index_html, said_first

    title = f"Argument maps: {out.resolve().name}"
    made_from = _digest(out, title, rows, samples_link)
    mined = [r for r in rows if r.map]
    table, page = out / "units.csv", out / INDEX_FILE
    index_due = not _stands(page, made_from)
    table_due = anew or _listed(table) != {r.stem for r in mined}
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(_HEAD)

    def units() -> Iterator[PaperUnits]:
        for row, found in zip(mined, _listings(out, mined, keep), strict=True):
            lines.writerows(_unit_rows(row.stem, found))
            amap, name = found.amap, row.title or row.stem
            yield PaperUnits(name, row.map or "", amap.units, found.titles, amap.labels, said_first(amap))

    passing = units() if index_due or table_due else iter(())
    if index_due:
        html = index_html(rows, passing, title=title, samples_link=samples_link, made_from=made_from)
        _write_if_new(page, html)
        with suppress(OSError):
            (out / FORMER_INDEX).unlink()
    for _ in passing:
        pass
    summary = {"schema": "argmine/summary/1", "papers": [r.facts() for r in rows]}
    _write_if_new(out / "summary.json", json.dumps(summary, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    if table_due:
        _write_if_new(table, text.getvalue())


def _stands(page: Path, made_from: str) -> bool:
    try:
        with open_regular(page, follow=False) as file:
            return made_from.encode() in file.read(4096)
    except OSError:
        return False


def _digest(out: Path, title: str, rows: Sequence[Row], samples_link: str | None) -> str:
    """Digest of all that the overview is made from: each paper's stamp stands for its map."""
    made_from = [code_digest(), title, samples_link, [r.facts() for r in rows]]
    whole = sha256(json.dumps(made_from, sort_keys=True).encode())
    for row in rows:
        whole.update(stamp_bytes(out / row.stem) or b"-")
    return whole.hexdigest()


def _listings(out: Path, rows: Sequence[Row], keep: bool) -> Iterator[Listing]:
    """The papers' maps, one at a time: out of their rows where the run has just made them, else from their files."""
    unlisted = [r.stem for r in rows if r.listing is None]
    read = _read(out, unlisted, keep)
    for row in rows:
        if row.listing is None:
            yield next(read)
            continue
        try:
            yield Listing.model_validate_json(row.listing)
        except ValidationError:  # it comes from a process that may be in a stranger's hands
            yield from _read(out, [row.stem], keep=False)


def _read(out: Path, stems: Sequence[str], keep: bool) -> Iterator[Listing]:
    if stems:
        from argmine.corpus.cache import read_maps

        for entry in read_maps(out, stems, keep=keep):
            titles = {s.id: s.title for s in entry.outline.sections} if entry.outline else {}
            yield Listing.model_construct(amap=entry.amap, titles=titles)


def _unit_rows(stem: str, found: Listing) -> Iterator[list[Any]]:
    for u in found.amap.units:
        related = "; ".join(f"{r.label} {r.target}" for r in found.amap.outgoing(u))
        place = found.titles.get(u.section or "", ""), u.page, u.start, u.end
        row = stem, u.id, u.label, u.score, u.attribution, *place, u.text, related
        yield [guarded(cell) if isinstance(cell, str) else cell for cell in row]


def _listed(path: Path) -> set[str] | None:
    # The papers in a table of units, None where there is no such table.
    try:
        with open_regular(path, follow=False) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as lines:
            return {unguarded(row["paper"]) for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError, csv.Error):
        return None


def _write_if_new(path: Path, text: str) -> None:
    if not holds(path, text.encode()):
        write_atomically(path, text)
