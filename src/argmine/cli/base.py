"""What the commands share: the application, options that several take, messages, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer import Argument, Exit, Option

from argmine import __version__
from argmine.errors import FULL, ArgmineError, OutputError, UsageError, printable
from argmine.isolation.sandbox import SANDBOX, Sandboxing
from argmine.readers import Engine, Ocr, named_formats

app = typer.Typer(
    name="argmine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Read papers for their arguments: claims, motivations, challenges, recommendations, evidence, links.",
    epilog="Example: argmine mine paper.pdf --out out",
)

# Options and arguments of several commands. Those that are no flags are named by their parameters.
_PAPERS = f"Papers ({named_formats()}), folders, globs, or @FILE with one of these a line."
Inputs = Annotated[list[str], Argument(metavar="INPUT...", help=_PAPERS)]
_GOLD = "Annotation files or folders, a bank folder, or a sentence corpus (.jsonl)."
Gold = Annotated[list[Path], Argument(metavar="GOLD...", help=_GOLD)]
ReaderOption = Annotated[Engine, Option(help="Which library reads PDFs.")]
OcrOption = Annotated[Ocr, Option(help="Whether to recognise the text of pages that are scanned or say nothing.")]
PasswordOption = Annotated[str | None, Option(help="Opens encrypted PDFs.")]
FootnotesOption = Annotated[bool, Option("--footnotes", help="Take footnotes for part of the body.")]
_JOBS = "How many papers to do at once (as many as there are cores, at most 4)."
JobsOption = Annotated[int | None, Option("--jobs", "-j", min=1, help=_JOBS)]
TimeoutOption = Annotated[float, Option(min=0, help="Seconds that one paper may take; 0: no limit.")]
ProgressOption = Annotated[float, Option(min=0, help="Seconds that one paper may make no progress; 0: no limit.")]
_MEMORY = "MiB of memory that one paper may take (half of the machine's by the jobs, at most 4096); 0: no limit."
MaxMemoryOption = Annotated[int | None, Option(min=0, help=_MEMORY)]
_SANDBOX = "Confine what reads papers: where the kernel can (auto), else stop (always)."
SandboxOption = Annotated[Sandboxing, Option(envvar=SANDBOX, help=_SANDBOX)]
MaxPagesOption = Annotated[int, Option(min=0, help="Pages that a PDF may have; 0: no limit.")]
MaxFileSizeOption = Annotated[int, Option(min=0, help="MiB that a paper's file may have; 0: no limit.")]
_FOLLOW = "Follow links in folders and globs that lead out of them."
FollowLinksOption = Annotated[bool, Option("--follow-links", help=_FOLLOW)]
_RETRY = "Try papers again that overran a limit or killed their process in earlier runs."
RetryOption = Annotated[bool, Option("--retry", help=_RETRY)]
_SCHEDULER = "Have the papers done by a Dask cluster: its scheduler's address (tcp://host:8786) or file, or `local`."
SchedulerOption = Annotated[str | None, Option(help=_SCHEDULER)]
ForceOption = Annotated[bool, Option("--force", help="Do again what is up to date.")]
QuietOption = Annotated[bool, Option("--quiet", "-q", help="Print errors only.")]
LogJsonOption = Annotated[bool, Option("--log-json", help="Report progress on stderr as JSON lines.")]
JsonOption = Annotated[bool, Option("--json", help="Print the table as JSON.")]
_MODEL = "A trained model (models/local where your training made it and found it good, else the shipped one)."
ModelOption = Annotated[Path | None, Option(help=_MODEL)]
_PLACES = "Where the annotated papers are: files, folders, mined folders (corpus and build)."
PapersOption = Annotated[list[Path] | None, Option(help=_PLACES)]


def _version(value: bool) -> None:
    if value:
        print(f"argmine {__version__}")
        raise Exit


@app.callback()
def _root(
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read papers for their arguments."""


def say(message: str) -> None:
    """Print a message of one line to stderr: stdout is for data."""
    print(printable(message), file=sys.stderr, flush=True)


def say_each(kind: str, what: Iterable[object]) -> None:
    """Print a message of one line for each of several, with what kind of message it is before it."""
    for one in what:
        say(f"{kind}: {one}")


def tell(text: str) -> None:
    """Print lines for people to stdout, without what a terminal would obey."""
    print(printable(text, keep="\n"))


def print_json(data: Any, *, sort: bool = True) -> None:
    print(json.dumps(data, ensure_ascii=False, sort_keys=sort, indent=1))


def say_model(model: Path | None) -> None:
    """Say which model is used where that is not plain: another than the shipped one, or models/local passed over."""
    from argmine.model.model import model_note

    if note := model_note(model):
        say(note)


def say_local(out: Path) -> None:
    """Say whether a model that was just trained is used from now on, and how to go back or use it all the same."""
    from argmine.model.folder import is_local, local_model

    if not is_local(out):
        say(f"it is used where --model {out} is given")
    elif note := local_model().note:
        say(note + (f"; deleting {out} goes back" if local_model().taken else ""))


def fail(why: ArgmineError) -> NoReturn:
    """End the command with one line and the contract's exit code."""
    say(f"error: {why}")
    raise Exit(2 if isinstance(why, UsageError) else 1)


@contextmanager
def reporting() -> Iterator[None]:
    """Turn argmine's own errors, and a disk that is full, into one line on stderr and the contract's exit code."""
    try:
        yield
    except ArgmineError as why:
        fail(why)
    except OSError as why:
        if why.errno not in FULL:
            raise
        fail(OutputError(why.filename or Path.cwd(), why))


def end_if(failed: object) -> None:
    """End the command with exit code 1 where something failed, whose message was said before."""
    if failed:
        raise Exit(1)


def places(papers: list[Path] | None) -> list[Path]:
    """Where annotated papers are looked for, also when nobody says."""
    return papers or [p for p in (Path("corpus"), Path("build")) if p.is_dir()]


def print_table(head: list[str], rows: list[list[Any]]) -> None:
    """A plain table: columns as wide as their content, numbers to the right. No terminal needed, none assumed."""
    if not rows:
        return
    cells = [[_cell(c) for c in row] for row in rows]
    widths = [max(len(h), *(len(r[i]) for r in cells)) for i, h in enumerate(head)]
    right = [all(not isinstance(r[i], str | Path) for r in rows) for i in range(len(head))]
    for line in [head, *cells]:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)]
        print("  ".join(parts).rstrip())


def count(n: int, thing: str) -> str:
    """A number with its noun, in the plural where that is right."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def short(text: str, limit: int) -> str:
    """A text on one line, cut where it is longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else printable(str(value))
