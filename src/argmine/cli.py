"""The command line: parses, calls the API, prints. No logic of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from argmine import __version__
from argmine.errors import ArgmineError, UsageError

if TYPE_CHECKING:
    from argmine.pipeline import ReadOptions, Row
    from argmine.run import Run

app = typer.Typer(
    name="argmine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Read papers for their arguments: claims, motivations, challenges, recommendations, evidence, links.",
    epilog="Example: argmine mine paper.pdf --out out",
)


class Reader(StrEnum):
    """The PDF readers."""

    PDFIUM = "pdfium"
    PDFPLUMBER = "pdfplumber"


class Ocr(StrEnum):
    """When to use optical character recognition."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Papers (PDF, .txt, .md, JATS .xml, paper.json), folders or globs."),
]
Gold = Annotated[
    list[Path],
    typer.Argument(
        metavar="GOLD...", help="Annotation files or folders, a bank folder, or a sentence corpus (.jsonl)."
    ),
]
ReaderOption = Annotated[Reader, typer.Option("--reader", help="Which library reads PDFs.")]
OcrOption = Annotated[Ocr, typer.Option("--ocr", help="Whether to recognise the text of scanned pages.")]
PasswordOption = Annotated[str | None, typer.Option("--password", help="Opens encrypted PDFs.")]
FootnotesOption = Annotated[bool, typer.Option("--footnotes", help="Take footnotes for part of the body.")]
JobsOption = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many papers to do at once.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0, help="Seconds that one paper may take; 0: no limit.")]
MaxMemoryOption = Annotated[
    int | None, typer.Option("--max-memory", min=1, help="MiB of memory that one paper may take (no limit).")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Do again what is up to date.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
LogJsonOption = Annotated[bool, typer.Option("--log-json", help="Report progress on stderr as JSON lines.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A trained model (models/local if there is one, else the shipped one).")
]
PapersOption = Annotated[
    list[Path] | None,
    typer.Option("--papers", help="Where the annotated papers are: files, folders, mined folders (corpus and build)."),
]


def _version(value: bool) -> None:
    if value:
        print(f"argmine {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read papers for their arguments."""


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _fail(why: ArgmineError) -> NoReturn:
    _say(f"error: {why}")
    raise typer.Exit(2 if isinstance(why, UsageError) else 1)


@contextmanager
def _errors() -> Iterator[None]:
    """Turn argmine's own errors into one line on stderr and the contract's exit code."""
    try:
        yield
    except ArgmineError as why:
        _fail(why)


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
            _say(json.dumps(event, ensure_ascii=False))
        elif row.error:
            _say(f"error: {row.error}")
        elif made and not self.quiet:
            units, relations = _count(sum(row.units.values()), "unit"), _count(row.relations, "relation")
            found = f"{units}, {relations}" if row.map else _count(row.sentences, "sentence")
            _say(f"[{self.count}/{self.total}] {row.file}: {found} ({seconds:.1f} s)")

    def input_error(self, why: ArgmineError) -> None:
        _say(json.dumps({"event": "error", "error": str(why)}) if self.log_json else f"error: {why}")


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
                _say(f"removed {run.out / stem}: its paper is gone")
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

    with _errors():
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

    with _errors():
        job = Job(out, _options(reader, ocr, password, footnotes), only_read=True, debug=debug)
        run = Run(inputs, job, force=force, limits=Limits(jobs, timeout or None, max_memory))
        table = _nothing if quiet and not as_json else _json_table if as_json else _read_table
        _run(run, quiet, log_json, table, prune=False, allow_empty=False)


@app.command(epilog="Example: argmine train annotations/ --papers corpus/ --out models/local")
def train(
    gold: Gold,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the model goes.")] = Path("models/local"),
    papers: PapersOption = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed and gold give the same model.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that was trained on more sentences.")] = False,
) -> None:
    """Train a model on annotated papers. The shipped model is never overwritten."""
    from argmine.annotate.gold import load_gold
    from argmine.pipeline import papers_at
    from argmine.train import train_model

    with _errors():
        items, report = load_gold(gold, papers_at(papers or _default_papers()))
        _say(report.line())
        meta = train_model(items, out, seed=seed, force=force, progress=_say)
        print(f"{out}: trained on {meta['sentences']} sentences of {meta['papers']} papers")
        if out == Path("models/local"):
            _say("models/local is used from now on; `argmine evaluate` says what it is worth, deleting it goes back")


@app.command(epilog="Example: argmine evaluate annotations/ --folds 5 --report scores.json")
def evaluate(
    gold: Gold,
    model: ModelOption = None,
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="Train and score by folds of papers instead of a model.")
    ] = None,
    maps: Annotated[Path | None, typer.Option("--maps", help="Write each paper's map to DIR/<slug>/map.json.")] = None,
    gold_units: Annotated[
        bool, typer.Option("--gold-units", help="Take the units from gold, predict links only.")
    ] = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write all figures as JSON.")] = None,
    papers: PapersOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Deals the folds and draws the bootstrap.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Score a model, or training itself by folds of papers, on annotated papers, beside baselines."""
    from argmine.annotate.gold import load_gold
    from argmine.evaluate import evaluate_gold, report_table, write_maps
    from argmine.pipeline import papers_at
    from argmine.stamp import write_atomically

    with _errors():
        items, resolved = load_gold(gold, papers_at(papers or _default_papers()), every_reading=False)
        _say(resolved.line())
        results = evaluate_gold(items, model=model, folds=folds, gold_units=gold_units, seed=seed, progress=_say)
        if maps is not None:
            write_maps(results, maps)
        text = json.dumps(results.scores, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        if report is not None:
            report.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(report, text)
        print(text if as_json else report_table(results.scores), end="")


@app.command(epilog="Example: argmine show build/paper/map.json")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A map.json, its folder, or another tool's map (xAIF).")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the page here instead of opening a browser.")
    ] = None,
) -> None:
    """Open an existing map in the browser, with the paper.json beside it; without one its units alone."""
    from argmine.reopen import reopen
    from argmine.stamp import write_atomically

    with _errors():
        opened = reopen(file)
        if opened.note:
            _say(opened.note)
        page = opened.html()
        if out is not None:
            try:
                out.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(out, page)
            except OSError as why:
                raise UsageError(f"{out}: can't be written ({why.strerror})") from why
        else:
            import tempfile
            import webbrowser

            with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as made:
                made.write(page)
            out = Path(made.name)
            webbrowser.open(out.as_uri())
        print(out)


@app.command(epilog="Example: argmine convert build/paper/map.json --to xaif --out paper.xaif.json")
def convert(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A map.json, its folder, or another tool's file.")],
    to: Annotated[
        str,
        typer.Option("--to", metavar="FORMAT", help="map, aif, xaif, argdown, web-annotation, graphml, dot, csv, ..."),
    ],
    source: Annotated[
        str | None, typer.Option("--from", metavar="FORMAT", help="FILE's format, where its content does not tell.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here instead of to stdout.")] = None,
    text: Annotated[
        Path | None, typer.Option("--text", help="The text that FILE points into: .txt, paper.json or the paper.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--map", help="CSV of two columns: a foreign label, what it means in the scheme.")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write what could not be kept as JSON.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Keep what is good of a file with errors.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Convert a map from and to other tools' formats; what the target can't hold is said on stderr, with counts."""
    from argmine.export.convert import convert as convert_file
    from argmine.export.convert import write_converted
    from argmine.stamp import write_atomically

    with _errors():
        done = convert_file(file, to, source=source, text=text, labels=labels, partial=partial)
        if not quiet:
            for line in done.lines():
                _say(line)
        if report is not None:
            try:
                report.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(report, done.report())
            except OSError as why:
                raise UsageError(f"{report}: can't be written ({why.strerror})") from why
        if out is None:
            sys.stdout.buffer.write(done.text.encode())
        else:
            for path in write_converted(done, to, out):
                print(path)


class Schema(StrEnum):
    """The files that have a JSON Schema."""

    PAPER = "paper"
    MAP = "map"


@app.command(epilog="Example: argmine schema map > map.schema.json")
def schema(kind: Annotated[Schema, typer.Argument(help="Whose schema: paper.json's or map.json's.")]) -> None:
    """Print the JSON Schema of paper.json or map.json, made from the types."""
    from argmine.schema import schema_of

    print(json.dumps(schema_of(kind.value), indent=1, sort_keys=True))


@app.command(epilog="Example: argmine highlight paper.pdf out/paper/map.json --out paper-highlighted.pdf")
def highlight(
    pdf: Annotated[Path, typer.Argument(metavar="PDF", help="The PDF that the map was made from.")],
    map_file: Annotated[Path, typer.Argument(metavar="MAP", help="Its map.json.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the highlighted copy goes.")],
    password: PasswordOption = None,
    force: Annotated[bool, typer.Option("--force", help="Go on where the map was made from another file.")] = False,
) -> None:
    """Write a copy of a PDF with each unit highlighted in its label's colour, and a note on what it does."""
    from argmine.argument import ArgumentMap
    from argmine.highlight import highlight_pdf

    with _errors():
        done = highlight_pdf(pdf, ArgumentMap.from_file(map_file), out, password=password, force=force)
    tail = f", {len(done.left_out)} have no place on a page" if done.left_out else ""
    _say(f"{out}: {done.units} units highlighted{tail}")


@app.command(epilog="Example: argmine diff before/paper/map.json after/paper/map.json --out diff.html")
def diff(
    before: Annotated[
        Path, typer.Argument(metavar="MAP", help="A map.json or its folder, or an annotation file (.jsonl).")
    ],
    after: Annotated[Path, typer.Argument(metavar="MAP", help="Another map of the same paper.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a page that shows both maps on one text.")
    ] = None,
    papers: PapersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two maps of one paper: of two models, two annotators, before and after."""
    from argmine.errors import FormatError
    from argmine.reopen import reopen_pair
    from argmine.show.diffpage import compare_opened
    from argmine.stamp import write_atomically

    with _errors():
        one, two = reopen_pair(before, after, papers or _default_papers())
        try:
            compared = compare_opened(one, two)
        except ValueError as why:
            reason = f"can't be compared with {before}: {why}; carry one over with argmine migrate, or mine both anew"
            raise FormatError(after, reason) from why
        if out is not None:
            try:
                out.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(out, compared.html())
            except OSError as why:
                raise UsageError(f"{out}: can't be written ({why.strerror})") from why
    for note in compared.notes:
        _say(note)
    found = compared.diff
    text = json.dumps(found.data(), ensure_ascii=False, sort_keys=True, indent=1) + "\n" if as_json else found.text()
    print(text, end="")


def _options(reader: Reader, ocr: Ocr, password: str | None, footnotes: bool) -> ReadOptions:
    from argmine.pipeline import ReadOptions

    return ReadOptions(reader=reader.value, ocr=ocr.value, password=password, footnotes=footnotes)


def _default_papers() -> list[Path]:
    return [p for p in (Path("corpus"), Path("build")) if p.is_dir()]


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
    _print_table([*head, "relations", "score", "map"], rows)
    made = sum(d.made for d in run.done)
    failed = sum(d.row.error is not None for d in run.done) + len(run.errors if run.inputs else ())
    tail = f", {failed} failed" if failed else ""
    if run.inputs:
        _say(f"{made - sum(d.row.error is not None for d in run.done)} mined, {len(run.done) - made} up to date{tail}; "
             f"overview: {run.out / 'index.html'}")  # fmt: skip


def _read_table(run: Run) -> None:
    rows: list[list[Any]] = [
        [d.row.stem, d.row.pages, d.row.sections, d.row.sentences, run.out / d.row.stem / "paper.json"]
        for d in run.done
        if not d.row.error
    ]
    _print_table(["paper", "pages", "sections", "sentences", "file"], rows)


def _print_table(head: list[str], rows: list[list[Any]]) -> None:
    """A plain table: columns as wide as their content, numbers to the right. No terminal needed, none assumed."""
    if not rows:
        return
    cells = [[_cell(c) for c in row] for row in rows]
    widths = [max(len(h), *(len(r[i]) for r in cells)) for i, h in enumerate(head)]
    right = [all(not isinstance(r[i], str | Path) for r in rows) for i in range(len(head))]
    for line in [head, *cells]:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)]
        print("  ".join(parts).rstrip())


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def main() -> None:
    """The console script's entry."""
    try:
        app()
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        sys.stderr.close()
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
