"""`mine` and `read`: many papers into a folder."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

from typer import Exit, Option

from argmine.cli import base as cli
from argmine.errors import ArgmineError, UsageError
from argmine.inputs import MOST_MEBIBYTES, MOST_PAGES, Unsearched, is_web_address
from argmine.isolation.sandbox import PROGRESS, TIMEOUT

if TYPE_CHECKING:
    from argmine.cli.progress import Report
    from argmine.runner.cluster.remote import RemoteRun
    from argmine.runner.run import Run

    AnyRun = Run | RemoteRun


def _run(
    make: Callable[[Report], AnyRun],
    table: Callable[[AnyRun], None],
    *,
    quiet: bool,
    log_json: bool,
    as_json: bool,
    prune: bool = False,
    allow_empty: bool = False,
) -> None:
    from argmine.cli.progress import report as report_of

    report = report_of(quiet=quiet, log_json=log_json)
    code = 0
    try:
        with stoppable():
            run = make(report)
            report.begin(len(run.inputs))
            wanted = bool(run.inputs) or allow_empty
            errors = [e for e in run.errors if run.inputs or not allow_empty or isinstance(e, Unsearched)]
            for why in errors:
                report.error(why)
            for skipped in run.skipped:
                report.skipped(skipped)
            with run:
                for done in run.papers():
                    report.paper(done)
                for stem in run.prune() if prune else ():
                    report.removed(run.out / stem)
                if wanted:
                    run.finish()
            report.close()
            report.finish(run)
            if wanted and as_json:
                cli.print_json([d.row.facts() for d in run.done])
            elif wanted and not quiet:
                table(run)
            code = int(bool(errors) or any(done.row.error for done in run.done))
    except Stopped as why:
        report.close()
        report.stopped()
        code = why.code
    except ArgmineError as why:
        report.close()
        report.error(why)
        code = 2 if isinstance(why, UsageError) else 1
    finally:
        report.close()
    if code:
        raise Exit(code)


@cli.app.command(epilog="Example: argmine mine corpus/ --out build")
def mine(
    inputs: cli.Inputs,
    out: Annotated[str, Option("--out", "-o", help="The folder that gets a folder a paper, and the overview.")],
    model: cli.ModelOption = None,
    reader: cli.ReaderOption = "pdfium",
    ocr: cli.OcrOption = "auto",
    password: cli.PasswordOption = None,
    footnotes: cli.FootnotesOption = False,
    any_language: Annotated[bool, Option("--any-language", help="Tag papers that aren't in English too.")] = False,
    jobs: cli.JobsOption = None,
    timeout: cli.TimeoutOption = TIMEOUT,
    progress_timeout: cli.ProgressOption = PROGRESS,
    max_memory: cli.MaxMemoryOption = None,
    sandbox: cli.SandboxOption = "auto",
    max_pages: cli.MaxPagesOption = MOST_PAGES,
    max_file_size: cli.MaxFileSizeOption = MOST_MEBIBYTES,
    scheduler: cli.SchedulerOption = None,
    annotations: Annotated[Path | None, Option(help="Gold to score the maps against, a folder a paper.")] = None,
    exclude: Annotated[list[str] | None, Option(help="A file or folder to leave out of folders and globs.")] = None,
    follow_links: cli.FollowLinksOption = False,
    pages: Annotated[
        bool, Option("--pages", help="Put pictures of a PDF's pages into its map.html (0.1 to 0.2 MB a page).")
    ] = False,
    prune: Annotated[bool, Option("--prune", help="Remove outputs whose paper is no longer given.")] = False,
    allow_empty: Annotated[bool, Option("--allow-empty", help="It is no error if there is no paper yet.")] = False,
    samples_link: Annotated[str | None, Option(hidden=True)] = None,
    force: cli.ForceOption = False,
    retry: cli.RetryOption = False,
    quiet: cli.QuietOption = False,
    log_json: cli.LogJsonOption = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Make an argument map of each paper: DIR/<paper>/map.html, map.json, summary.md, paper.json, and an overview.

    Papers whose outputs are up to date are passed over, so adding one paper to a folder takes seconds, and a run that
    was stopped or killed goes on when the same command is typed again. With --scheduler papers and DIR may be fsspec
    addresses (s3://bucket/papers).
    """
    from argmine.model.model import model_note
    from argmine.readers import ReadOptions
    from argmine.runner.job import Job
    from argmine.runner.run import Run, RunOptions
    from argmine.runner.worker_pool import Limits

    def make(report: Report) -> AnyRun:
        if note := model_note(model):
            report.model(note)
        reading = ReadOptions(reader, ocr, password, footnotes, max_pages or None)
        job = Job(Path(out), reading, model, annotations, any_language, pages=pages)
        options = RunOptions(
            exclude=exclude or (),
            force=force,
            retry=retry,
            max_size=max_file_size or None,
            follow_links=follow_links,
            limits=Limits.of(jobs, timeout, progress_timeout, max_memory, sandbox),
            on_start=report.start,
            on_step=report.step,
        )
        addressed = any("://" in each and not is_web_address(each) for each in inputs)
        if scheduler is not None or "://" in out or addressed:
            from argmine.runner.cluster.remote import open_run

            return open_run(scheduler, inputs, job, out, **options)
        return Run(inputs, job, samples_link=samples_link, on_confined=report.confined, **options)

    _run(make, _map_table, quiet=quiet, log_json=log_json, as_json=as_json, prune=prune, allow_empty=allow_empty)


@cli.app.command(epilog="Example: argmine read paper.pdf --out out")
def read(
    inputs: cli.Inputs,
    out: Annotated[Path, Option("--out", "-o", help="The folder that gets a folder a paper.")],
    reader: cli.ReaderOption = "pdfium",
    ocr: cli.OcrOption = "auto",
    password: cli.PasswordOption = None,
    footnotes: cli.FootnotesOption = False,
    debug: Annotated[
        bool, Option("--debug", help="Write pictures of a PDF's pages with what was read drawn on them.")
    ] = False,
    jobs: cli.JobsOption = None,
    timeout: cli.TimeoutOption = TIMEOUT,
    progress_timeout: cli.ProgressOption = PROGRESS,
    max_memory: cli.MaxMemoryOption = None,
    sandbox: cli.SandboxOption = "auto",
    max_pages: cli.MaxPagesOption = MOST_PAGES,
    max_file_size: cli.MaxFileSizeOption = MOST_MEBIBYTES,
    follow_links: cli.FollowLinksOption = False,
    force: cli.ForceOption = False,
    retry: cli.RetryOption = False,
    quiet: cli.QuietOption = False,
    log_json: cli.LogJsonOption = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Read papers only: DIR/<paper>/paper.json with text, sections, sentences, references and where each stands."""
    from argmine.readers import ReadOptions
    from argmine.runner.job import Job
    from argmine.runner.run import Run
    from argmine.runner.worker_pool import Limits

    def make(report: Report) -> Run:
        reading = ReadOptions(reader, ocr, password, footnotes, max_pages or None)
        return Run(
            inputs,
            Job(out, reading, only_read=True, debug=debug),
            force=force,
            retry=retry,
            limits=Limits.of(jobs, timeout, progress_timeout, max_memory, sandbox),
            max_size=max_file_size or None,
            follow_links=follow_links,
            on_start=report.start,
            on_step=report.step,
            on_confined=report.confined,
        )

    _run(make, _read_table, quiet=quiet, log_json=log_json, as_json=as_json)


def _map_table(run: AnyRun) -> None:
    from argmine.scheme import DEFAULT

    own = dict.fromkeys(label for d in run.done for label in d.row.units if label not in DEFAULT.unit_labels)
    usual = DEFAULT.unit_labels if not own or any(d.row.units.keys() - own for d in run.done) else ()
    labels = (*usual, *own)
    head = ["paper", "pages", "sections", *(DEFAULT.plurals.get(label, label) for label in labels)]
    rows = []
    for row in (d.row for d in run.done if d.row.map):
        counts = [row.units.get(label, 0) for label in labels]
        rows.append([row.stem, row.pages, row.sections, *counts, row.relations, row.gold_score, run.out / str(row.map)])
    cli.print_table([*head, "relations", "score", "map"], rows)
    good = [d for d in run.done if d.row.error is None]
    made = sum(d.made for d in good)
    failed = len(run.done) - len(good) + len(run.errors)
    tail = f", {failed} failed" if failed else ""
    if run.inputs:
        cli.say(f"{made} mined, {len(good) - made} up to date{tail}; overview: {run.overview}")


def _read_table(run: AnyRun) -> None:
    rows = [
        [row.stem, row.pages, row.sections, row.sentences, run.out / row.stem / "paper.json"]
        for row in (d.row for d in run.done if not d.row.error)
    ]
    cli.print_table(["paper", "pages", "sections", "sentences", "file"], rows)


class Stopped(BaseException):
    """The user or the system wants the command to end. `code` is the exit code that says so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Within it SIGINT, SIGTERM and SIGHUP raise Stopped; one that comes after that ends the process at once."""
    if threading.current_thread() is not threading.main_thread():  # only there can signals be answered
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def end(number: int, _: FrameType | None) -> None:
        os._exit(128 + number)

    def stop(number: int, _: FrameType | None) -> NoReturn:
        for each in before:
            signal.signal(each, end)
        raise Stopped(number)

    def again(lost: sys.UnraisableHookArgs) -> None:
        """Python drops what is raised while it removes an object; a signal that came just then is sent once more."""
        if not isinstance(lost.exc_value, Stopped):
            hook(lost)
            return
        for each in before:
            signal.signal(each, stop)
        threading.Timer(0.05, _send, [lost.exc_value.code - 128]).start()

    # What is ignored (by nohup) stays so.
    before = {each: signal.getsignal(each) for each in numbers if signal.getsignal(each) is not signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    hook, sys.unraisablehook = sys.unraisablehook, again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for each, handler in before.items():
            signal.signal(each, handler)


def _send(number: int) -> None:
    if os.name == "nt":  # where sending it would end the process, so it is only made to look like one
        _thread.interrupt_main(signal.Signals(number))
    else:
        os.kill(os.getpid(), number)
