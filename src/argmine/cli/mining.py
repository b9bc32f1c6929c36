"""`mine` and `read`: many papers into a folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from argmine.cli.base import (
    FootnotesOption,
    ForceOption,
    Inputs,
    JobsOption,
    JsonOption,
    LogJsonOption,
    MaxMemoryOption,
    ModelOption,
    Ocr,
    OcrOption,
    PasswordOption,
    QuietOption,
    Reader,
    ReaderOption,
    TimeoutOption,
    app,
    count,
    print_table,
    reporting,
    say,
)
from argmine.errors import ArgmineError

if TYPE_CHECKING:
    from argmine.pipeline import ReadOptions, Row
    from argmine.run import Run


class _Progress:
    """Says which paper is being done: people get a line each, --log-json an object, --quiet nothing but errors."""

    def __init__(self, total: int, quiet: bool, log_json: bool) -> None:
        self.total, self.quiet, self.log_json = total, quiet, log_json
        self.count = 0
        self.began = time.monotonic()

    def paper(self, row: Row, made: bool) -> None:
        self.count += 1
        seconds, self.began = time.monotonic() - self.began, time.monotonic()
        if self.log_json:
            event = {"event": "error" if row.error else "made" if made else "current", "paper": row.stem,
                     "file": row.file, "error": row.error, "seconds": round(seconds, 3)}  # fmt: skip
            say(json.dumps(event, ensure_ascii=False))
        elif row.error:
            say(f"error: {row.error}")
        elif made and not self.quiet:
            units, relations = count(sum(row.units.values()), "unit"), count(row.relations, "relation")
            found = f"{units}, {relations}" if row.map else count(row.sentences, "sentence")
            say(f"[{self.count}/{self.total}] {row.file}: {found} ({seconds:.1f} s)")

    def input_error(self, why: ArgmineError) -> None:
        say(json.dumps({"event": "error", "error": str(why)}) if self.log_json else f"error: {why}")


def _run(
    run: Run, quiet: bool, log_json: bool, table: Callable[[Run], None], *, prune: bool, allow_empty: bool
) -> None:
    progress = _Progress(len(run.inputs), quiet, log_json)
    errors = [] if allow_empty and not run.inputs else run.errors
    for why in errors:
        progress.input_error(why)
    for done in run.papers():
        progress.paper(done.row, done.made)
    if prune:
        for stem in run.prune():
            if not quiet and not log_json:
                say(f"removed {run.out / stem}: its paper is gone")
    if run.inputs or allow_empty:
        run.finish()
        table(run)
    if errors or any(done.row.error for done in run.done):
        raise typer.Exit(1)


@app.command(epilog="Example: argmine mine corpus/ --out build")
def mine(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder that gets a folder a paper, and the overview.")],
    model: ModelOption = None,
    reader: ReaderOption = Reader.PDFIUM,
    ocr: OcrOption = Ocr.AUTO,
    password: PasswordOption = None,
    footnotes: FootnotesOption = False,
    any_language: Annotated[
        bool, typer.Option("--any-language", help="Tag papers that aren't in English too.")
    ] = False,
    jobs: JobsOption = 1,
    timeout: TimeoutOption = 600.0,
    max_memory: MaxMemoryOption = None,
    annotations: Annotated[
        Path | None, typer.Option("--annotations", help="Gold to score the maps against, a folder a paper.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="A file or folder to leave out of folders and globs.")
    ] = None,
    pages: Annotated[
        bool, typer.Option("--pages", help="Put pictures of a PDF's pages into its map.html (0.1 to 0.2 MB a page).")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove outputs whose paper is no longer given.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="It is no error if there is no paper yet.")
    ] = False,
    samples_link: Annotated[str | None, typer.Option("--samples-link", hidden=True)] = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    log_json: LogJsonOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make an argument map of each paper: DIR/<paper>/map.html, map.json, summary.md, paper.json, and an overview.

    Papers whose outputs are up to date are passed over, so adding one paper to a folder takes seconds.
    """
    from argmine.pipeline import Job
    from argmine.run import Run
    from argmine.workers import Limits

    with reporting():
        job = Job(
            out, _options(reader, ocr, password, footnotes), model_path=model, annotations=annotations,
            any_language=any_language, pages=pages,
        )  # fmt: skip
        limits = Limits(jobs, timeout or None, max_memory)
        run = Run(inputs, job, exclude=exclude or (), force=force, limits=limits, samples_link=samples_link)
        table = _nothing if quiet and not as_json else _json_table if as_json else _map_table
        _run(run, quiet, log_json, table, prune=prune, allow_empty=allow_empty)


@app.command(epilog="Example: argmine read paper.pdf --out out")
def read(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder that gets a folder a paper.")],
    reader: ReaderOption = Reader.PDFIUM,
    ocr: OcrOption = Ocr.AUTO,
    password: PasswordOption = None,
    footnotes: FootnotesOption = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Write pictures of a PDF's pages with what was read drawn on them.")
    ] = False,
    jobs: JobsOption = 1,
    timeout: TimeoutOption = 600.0,
    max_memory: MaxMemoryOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    log_json: LogJsonOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read papers only: DIR/<paper>/paper.json with text, sections, sentences, references and where each stands."""
    from argmine.pipeline import Job
    from argmine.run import Run
    from argmine.workers import Limits

    with reporting():
        job = Job(out, _options(reader, ocr, password, footnotes), only_read=True, debug=debug)
        run = Run(inputs, job, force=force, limits=Limits(jobs, timeout or None, max_memory))
        table = _nothing if quiet and not as_json else _json_table if as_json else _read_table
        _run(run, quiet, log_json, table, prune=False, allow_empty=False)


def _options(reader: Reader, ocr: Ocr, password: str | None, footnotes: bool) -> ReadOptions:
    from argmine.pipeline import ReadOptions

    return ReadOptions(reader=reader.value, ocr=ocr.value, password=password, footnotes=footnotes)


def _nothing(_: Run) -> None:
    return None


def _json_table(run: Run) -> None:
    from dataclasses import asdict

    print(json.dumps([asdict(d.row) for d in run.done], ensure_ascii=False, sort_keys=True, indent=1))


def _map_table(run: Run) -> None:
    from argmine.labels import LABELS

    head = ["paper", "pages", "sections", *(f"{label}s" if label != "evidence" else label for label in LABELS)]
    rows: list[list[Any]] = [
        [d.row.stem, d.row.pages, d.row.sections, *(d.row.units.get(label, 0) for label in LABELS), d.row.relations,
         d.row.gold_score, run.out / d.row.map]
        for d in run.done
        if d.row.map
    ]  # fmt: skip
    print_table([*head, "relations", "score", "map"], rows)
    made = sum(d.made for d in run.done)
    failed = sum(d.row.error is not None for d in run.done) + len(run.errors if run.inputs else ())
    tail = f", {failed} failed" if failed else ""
    if run.inputs:
        say(f"{made - sum(d.row.error is not None for d in run.done)} mined, {len(run.done) - made} up to date{tail}; "
             f"overview: {run.out / 'index.html'}")  # fmt: skip


def _read_table(run: Run) -> None:
    rows: list[list[Any]] = [
        [d.row.stem, d.row.pages, d.row.sections, d.row.sentences, run.out / d.row.stem / "paper.json"]
        for d in run.done
        if not d.row.error
    ]
    print_table(["paper", "pages", "sections", "sentences", "file"], rows)
