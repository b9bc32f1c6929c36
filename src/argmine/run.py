"""Many papers into one folder: each by the pipeline, then what is about all of them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from argmine.argument import ArgumentMap
from argmine.errors import ArgmineError, UsageError
from argmine.inputs import Input, find_inputs, name_inputs
from argmine.paper import Paper
from argmine.pipeline import MINE_OUTPUTS, Job, Row
from argmine.stamp import STAMP_FILE, code_digest, write_atomically
from argmine.workers import Limits, do_all

if TYPE_CHECKING:
    from argmine.show.index import PaperUnits


@dataclass(frozen=True, slots=True)
class Done:
    """A paper that a run has finished with: its row, and whether it was made now or already up to date."""

    row: Row
    made: bool


class Run:
    """One call of `mine` or `read`.

    `papers()` does the papers and yields each when it is finished; `finish()` writes the overview. `inputs` are the
    papers found, `errors` what was given but is no paper, `done` the papers finished so far, in the inputs' order.
    """

    def __init__(
        self,
        specs: Sequence[str],
        job: Job,
        *,
        exclude: Sequence[str] = (),
        force: bool = False,
        limits: Limits | None = None,
        samples_link: str | None = None,
    ) -> None:
        from argmine.read import SUFFIXES

        paths, errors = find_inputs(specs, SUFFIXES, [*exclude, str(job.out)])
        self.job = job
        self.out = job.out
        self.inputs = name_inputs(paths)
        self.errors: list[ArgmineError] = list(errors)
        self._force = force
        self._limits = limits or Limits()
        self._samples_link = samples_link
        self._done: dict[str, Done] = {}

    @property
    def done(self) -> list[Done]:
        """The papers finished so far, in the inputs' order."""
        return [self._done[item.stem] for item in self.inputs if item.stem in self._done]

    def papers(self) -> Iterator[Done]:
        """Do the papers that are not up to date, yielding each as it is finished (up to date ones first)."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise UsageError(f"{self.out}: can't be made a folder for outputs ({why.strerror})") from why
        todo: list[Input] = []
        for item in self.inputs:
            row = None if self._force else self.job.current(item)
            if row is None:
                todo.append(item)
            else:
                self._done[item.stem] = Done(row, made=False)
                yield self._done[item.stem]
        for item, row in do_all(self.job, todo, self._limits):
            self._done[item.stem] = Done(row, made=True)
            yield self._done[item.stem]

    def prune(self) -> list[str]:
        """Remove the outputs of papers that are no longer among the inputs; only what argmine wrote there itself."""
        keep = {item.stem for item in self.inputs}
        gone = []
        for folder in sorted(self.out.iterdir()) if self.out.is_dir() else []:
            if folder.name in keep or folder.is_symlink() or not (folder / STAMP_FILE).is_file():
                continue
            for name in (*MINE_OUTPUTS, STAMP_FILE):
                (folder / name).unlink(missing_ok=True)
            if not any(folder.iterdir()):
                shutil.rmtree(folder)
            gone.append(folder.name)
        return gone

    def finish(self) -> None:
        """Write index.html, summary.json and units.csv over all the papers of this run."""
        if self.job.only_read:
            return
        rows = [done.row for done in self.done]
        self._write_overview(rows)
        summary = {"schema": "argmine/summary/1", "papers": [asdict(r) for r in rows]}
        _write_if_new(
            self.out / "summary.json", json.dumps(summary, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        )
        table = self.out / "units.csv"
        with_map = {r.stem for r in rows if r.map}
        if any(d.made for d in self.done) or not table.exists() or _listed(table) != with_map:
            write_atomically(table, units_csv(self.out, [r.stem for r in rows if r.map]))

    def _write_overview(self, rows: Sequence[Row]) -> None:
        """Write index.html (and units.js where it needs it), unless they were made from just this."""
        from argmine.show.overview import INDEX_FILE, UNITS_FILE, PaperRow, overview_files

        title = f"Argument maps: {self.out.resolve().name}"
        made_from = self._overview_digest(title, rows)
        index = self.out / INDEX_FILE
        if index.is_file():
            page = index.read_bytes()
            apart = f'src="{UNITS_FILE}"'.encode() in page[-100_000:]
            if made_from.encode() in page[:4096] and (not apart or (self.out / UNITS_FILE).is_file()):
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
        units = [paper_units(self.out, r) for r in rows if r.map]
        files = overview_files(papers, units, title=title, samples_link=self._samples_link, made_from=made_from)
        for name, text in files.items():
            _write_if_new(self.out / name, text)
        if UNITS_FILE not in files:
            (self.out / UNITS_FILE).unlink(missing_ok=True)

    def _overview_digest(self, title: str, rows: Sequence[Row]) -> str:
        """Digest of all that the overview is made from: each paper's stamp stands for its map."""
        made_from = [code_digest(), title, self._samples_link, [asdict(r) for r in rows]]
        whole = sha256(json.dumps(made_from, sort_keys=True).encode())
        for row in rows:
            stamp = self.out / row.stem / STAMP_FILE
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


def _listed(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["paper"] for row in csv.DictReader(lines)}


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
