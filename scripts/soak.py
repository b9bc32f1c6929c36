"""Read very many damaged and hostile files: each must give a paper or one clear line, in time and memory.

    python scripts/soak.py [--n 2000] [--seed 0] [--kinds pdf,xml,json,text,document] [--report FILE]
    python scripts/soak.py --only pdf-17 --keep build/soak      # do one again and keep its file

`--n` counts the files of all kinds together: half of them are PDFs where other kinds are asked for too. The same seed
gives the same files. Exit code 1 where a file gave neither a paper nor a clean error.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.damage import KINDS, make  # noqa: E402

from argmine.errors import ArgmineError  # noqa: E402
from argmine.inputs import Input  # noqa: E402
from argmine.paper import Paper  # noqa: E402
from argmine.pipeline import Ocr, Row, read  # noqa: E402
from argmine.workers import Limits, do_all  # noqa: E402

RESULT, ERROR, STOPPED, FAILURE = "result", "clean error", "stopped bomb", "failure"
LIMITS = Limits(timeout=60.0, max_memory=2048)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input. `seconds` is wall time.

    `state` is RESULT, ERROR, STOPPED or FAILURE. STOPPED is for bombs alone: files that are made to use up time or
    memory inside a library, for which the limits on the child process are the defence.
    """

    name: str
    what: str
    state: str
    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Check:
    """Reads a file and judges what comes of it. The row's title is the state, its error the message."""

    ocr: Ocr = "never"  # tesseract would take most of the time; it runs in a process of its own

    def __call__(self, item: Input) -> Row:
        """The row of an input that exists."""
        state, message = self._judge(item.path)
        return Row(item.stem, item.path.name, title=state, error=message)

    def _judge(self, path: Path) -> tuple[str, str | None]:
        try:
            wrong = flaw(read(path, ocr=self.ocr), made=path.suffix != ".json")
        except ArgmineError as why:
            message = str(why)
            if len(message.splitlines()) != 1 or path.name not in message:
                return FAILURE, f"no line that names the file: {message!r}"
            return ERROR, message
        except MemoryError:
            raise
        except BaseException as why:
            where = traceback.extract_tb(why.__traceback__)[-1]
            return FAILURE, f"{type(why).__name__}: {str(why)[:200]} ({Path(where.filename).name}:{where.lineno})"
        return (FAILURE, wrong) if wrong else (RESULT, None)


@dataclass(frozen=True, slots=True)
class Work:
    """Makes an input by its name and reads it. Runs in a child process; the row's map is what was done to the file."""

    seed: int
    keep: Path | None = None

    def __call__(self, item: Input) -> Row:
        """The row of the input that the item's stem names."""
        case = make(item.stem, self.seed)
        with tempfile.TemporaryDirectory() as folder:
            path = (self.keep or Path(folder)) / (item.stem + case.suffix)
            path.write_bytes(case.data)
            return replace(Check()(Input(path, item.stem, "")), map=case.what)


def flaw(paper: Paper, *, made: bool) -> str | None:
    """What is wrong with a paper that was read; None if it can be written, read again, and has finite boxes.

    `made` says that argmine made it of another format, and not somebody else's program.
    """
    try:
        written = paper.to_json().encode("utf-8")
    except UnicodeEncodeError as why:
        return f"its text cannot be written ({why.reason})"
    if Paper.model_validate_json(written) != paper:
        return "it is another one when it is read again"
    if not paper.sentences:
        return "it has no sentence"
    boxes = [box for spans in (paper.blocks, paper.sentences) for span in spans for box in span.boxes]
    for box in boxes:
        if not all(map(math.isfinite, box)):
            return f"it has the box {tuple(box)}"
        if made and not (box.x0 <= box.x1 and box.y0 <= box.y1 and 0 <= box.start <= box.end <= len(paper.text)):
            return f"it has the box {tuple(box)}, with {len(paper.text)} characters of text"
    return None


def names(n: int, kinds: Sequence[str]) -> list[str]:
    """The names of `n` inputs: half of them PDFs where there are other kinds, the rest shared out evenly."""
    shares = dict.fromkeys(kinds, n // len(kinds))
    if "pdf" in kinds and len(kinds) > 1:
        shares = dict.fromkeys(kinds, (n - n // 2) // (len(kinds) - 1)) | {"pdf": n // 2}
    return [f"{kind}-{i}" for kind, share in shares.items() for i in range(share)]


def soak(
    wanted: Sequence[str], seed: int, *, jobs: int = 1, keep: Path | None = None, limits: Limits = LIMITS
) -> Iterator[Outcome]:
    """Read the inputs of these names in child processes and yield what becomes of each."""
    items = [Input(Path(name), name, "") for name in wanted]
    guarded = Limits(jobs, limits.timeout, limits.max_memory)
    since = time.monotonic()
    for item, row in do_all(Work(seed, keep), items, guarded):
        now = time.monotonic()
        what = row.map or make(item.stem, seed).what
        # Without a title it is the row of a child that overran or died.
        state = row.title or (STOPPED if "bomb" in what else FAILURE)
        yield Outcome(item.stem, what, state, row.error or "", round(now - since, 2))
        since = now


def main() -> int:
    """Run, print the counts and every failure with the command that does it again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--only", help="names of single inputs, separated by commas")
    parser.add_argument("--keep", type=Path, help="folder that the inputs are written to")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--report", type=Path, help="JSON file for all outcomes")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    wanted = options.only.split(",") if options.only else names(options.n, options.kinds.split(","))
    outcomes: list[Outcome] = []
    start = time.monotonic()
    for outcome in soak(wanted, options.seed, jobs=options.jobs, keep=options.keep):
        outcomes.append(outcome)
        if outcome.state == FAILURE or options.only:
            print(f"{outcome.name}: {outcome.state}: {outcome.what}: {outcome.message} ({outcome.seconds} s)")
            if outcome.state == FAILURE:
                print(
                    f"    python scripts/soak.py --seed {options.seed} --only {outcome.name} --keep build/soak",
                    flush=True,
                )
    for kind in KINDS:
        found = Counter(o.state for o in outcomes if o.name.startswith(kind))
        if found:
            slowest = max((o for o in outcomes if o.name.startswith(kind)), key=lambda o: o.seconds)
            counts = ", ".join(f"{found[state]} {state}s" for state in (RESULT, ERROR, STOPPED, FAILURE))
            print(f"{kind}: {counts}; slowest {slowest.name} {slowest.seconds} s ({slowest.what})")
    print(f"{len(outcomes)} files in {time.monotonic() - start:.0f} s")
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps([asdict(o) for o in outcomes], indent=1, ensure_ascii=False) + "\n")
    return int(any(o.state == FAILURE for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
