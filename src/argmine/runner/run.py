"""Many papers into one folder: each by the pipeline, then what is about all of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self, TypedDict, Unpack

from argmine import __version__
from argmine.errors import ArgmineError, OutputError, UsageError
from argmine.inputs import MOST_MEBIBYTES, Input, Row, Skipped, find_inputs, name_inputs
from argmine.io import Lock, sweep
from argmine.isolation import Step
from argmine.isolation.sandbox import Confinement
from argmine.runner.job import MINE_OUTPUTS, STAMP_FILE, Job
from argmine.runner.journal import JOURNAL_FILE, Journal
from argmine.runner.overview import write_overview
from argmine.runner.worker_pool import ATTEMPTS, Engine, Limits, Watch, do_all

_MOST_LISTED: Final = 32 << 20  # characters of all listings that are kept for the overview: of some thousand papers


@dataclass(frozen=True, slots=True)
class Done:
    """A paper that a run has finished with: its row, and whether it was tried now.

    One that was not is up to date, or was set aside by an earlier run: then its row holds the reason.
    """

    row: Row
    made: bool


class RunOptions(TypedDict, total=False):
    """What may be said of a run, here or on a cluster.

    `exclude` and `follow_links` are as in `find_inputs`, `max_size` is in MiB. `force` does everything again (once:
    where that is stopped it goes on too), `retry` only what was set aside. `on_start` is called with each paper that is
    begun, `on_step` with how far one is that a child process does.
    """

    exclude: Sequence[str]
    force: bool
    retry: bool
    limits: Limits
    max_size: int | None
    follow_links: bool
    on_start: Callable[[Input], None]
    on_step: Callable[[Input, Step], None]


class BaseRun:
    """What every run keeps: the papers finished so far, with their listings as far as there is room for them, and what
    was passed over as it is of a kind that argmine doesn't read."""

    def __init__(self, job: Job, options: RunOptions) -> None:
        self.job = job
        self.limits, self.on_start = options.get("limits") or Limits(), options.get("on_start")
        self.on_step = options.get("on_step")
        self._force, self._retry = options.get("force", False), options.get("retry", False)
        self._max_size = options.get("max_size", MOST_MEBIBYTES)
        self._done: dict[str, Done] = {}
        self._room = _MOST_LISTED
        self.skipped: list[Skipped] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: Any) -> None:
        """Nothing is held unless a run says so."""

    def _finished(self, key: str, done: Done) -> Done:
        self._room -= len(done.row.listing or "")
        kept = done if self._room > 0 else replace(done, row=replace(done.row, listing=None))
        self._done[key] = kept  # without its listing the overview reads the paper's map
        return done


class Run(BaseRun):
    """One call of `mine` or `read`, which holds its output folder while it works.

    `inputs` are the papers found, `errors` what was given but is no paper, `done` the papers finished so far, in the
    inputs' order. Used in a `with` statement the folder is held from one to the other; else by each method while it
    runs. A run that is ended in any way goes on when the same is run again. `on_confined` is called with the sandbox of
    each child process, `engine` is the way in which papers are done.
    """

    def __init__(
        self,
        specs: Sequence[str],
        job: Job,
        *,
        samples_link: str | None = None,
        on_confined: Callable[[Confinement], None] | None = None,
        engine: Engine = do_all,
        **options: Unpack[RunOptions],
    ) -> None:
        from argmine.readers import SUFFIXES
        from argmine.readers.refused import SKIPPED

        super().__init__(job, options)
        self.out = job.out
        barred, follow = [*options.get("exclude", ()), str(job.out)], options.get("follow_links", False)
        paths, errors = find_inputs(specs, SUFFIXES, barred, follow_links=follow, skipped=SKIPPED)
        self.inputs = name_inputs(paths, self._max_size)
        self.skipped = [why for why in errors if isinstance(why, Skipped)]
        self.errors: list[ArgmineError] = [why for why in errors if not isinstance(why, Skipped)]
        self._samples_link, self.on_confined, self._engine = samples_link, on_confined, engine
        self._held = ExitStack()
        self._journal: Journal | None = None
        self._was_whole = False

    def __enter__(self) -> Self:
        self._held.enter_context(self._holding())
        return self

    def __exit__(self, *why: Any) -> None:
        self._held.__exit__(*why)

    @property
    def done(self) -> list[Done]:
        return [self._done[item.stem] for item in self.inputs if item.stem in self._done]

    @property
    def overview(self) -> Path:
        """What to look at first of what `finish` wrote."""
        return self.out / "index.html"

    def papers(self) -> Iterator[Done]:
        """Do the papers that are not up to date, yielding each as it is finished (those without work first).

        Raises UsageError where another run holds the output folder, OutputError where nothing can be written to it,
        ModelError for a model that can't be used.
        """
        with self._holding() as journal:
            watch = _Recorder(self, journal)
            todo = []
            for item in self.inputs:
                if (row := self._known(item, watch)) is None:
                    todo.append(item)
                else:
                    yield self._finished(item.stem, Done(row, made=bool(item.error)))
            if not todo:
                return
            with _writing(self.out):
                facts = {"host": socket.gethostname(), "version": __version__, **self.job.facts(), "force": self._force}
                journal.begin(**facts, papers=len(self.inputs), to_do=len(todo))
            # What was under way when a run ended without a word may have ended it: it mustn't keep the others waiting,
            # and after several times it has a process of its own.
            crashes = {item.stem: journal.crashes(watch.key(item)) for item in todo}
            todo.sort(key=lambda item: crashes[item.stem])
            first = [item for item in todo if crashes[item.stem] < ATTEMPTS]
            alone = todo[len(first) :]
            for items, limits in (first, self.limits), (alone, replace(self.limits, jobs=1, apart=True)):
                if not items:
                    continue
                with closing(self._engine(self.job, items, limits, watch)) as stream:
                    for item, row in stream:
                        watch.ended(item, row)
                        yield self._finished(item.stem, Done(row, made=True))

    def _known(self, item: Input, watch: _Recorder) -> Row | None:
        """The row of a paper that there is nothing to do for, None where there is."""
        if item.error:
            return self.job(item)
        again = self._force and not watch.journal.remade(watch.key(item))
        if not again and (row := self.job.current(item)) is not None:
            return row
        if self._force or self._retry:
            watch.journal.forget(item.stem, watch.key(item))
        reason = watch.journal.aside(item.stem, watch.key(item))
        return None if reason is None else Row.failed(item, reason)

    @contextmanager
    def _holding(self) -> Iterator[Journal]:
        """Hold the output folder, with the journal open; within a `with` statement it is held already."""
        if self._journal is not None:
            yield self._journal
            return
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise UsageError(f"{self.out}: can't be made a folder for outputs ({why.strerror})") from why
        with _writing(self.out):
            lock = Lock(self.out)
        try:
            with _writing(self.out):
                self._journal = Journal(self.out / JOURNAL_FILE)
            self._was_whole = self._journal.whole
            for stem in self._journal.left_open:
                sweep(self.out / stem)
            sweep(self.out)
            try:
                yield self._journal
            except BaseException:
                for stem in self._journal.under_way:  # their processes have just been ended, maybe while they wrote
                    sweep(self.out / stem)
                # A disk that is full can't take this in: then the papers under way count as suspect, once.
                with suppress(OSError):
                    if self._journal.running:
                        self._journal.write("interrupted")
                raise
        finally:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
            lock.release()

    def prune(self) -> list[str]:
        """Remove the outputs of papers that are no longer among the inputs; only what argmine wrote there itself."""
        keep = {item.stem for item in self.inputs}
        gone = []
        with self._holding(), _writing(self.out):
            for folder in sorted(self.out.iterdir()):
                if folder.name in keep or folder.is_symlink() or not (folder / STAMP_FILE).is_file():
                    continue
                for name in (*MINE_OUTPUTS, STAMP_FILE):
                    (folder / name).unlink(missing_ok=True)
                if not any(folder.iterdir()):
                    folder.rmdir()
                gone.append(folder.name)
        return gone

    def finish(self) -> None:
        """Write index.html, summary.json and units.csv over all the papers of this run. Raises OutputError."""
        with self._holding() as journal, _writing(self.out):
            if not self.job.only_read:
                anew = any(done.made for done in self.done) or not self._was_whole
                write_overview(self.out, [done.row for done in self.done], self._samples_link, anew=anew)
            if not journal.whole:
                if not journal.running:
                    journal.begin(papers=len(self.inputs), to_do=0)
                journal.write("finished")


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as why:
        raise OutputError(out, why) from why


def key_of(depends: Sequence[Any], limits: Limits, job: Job) -> str:
    """What a paper goes by among those that failed: digest of what its outputs depend on and of the limits."""
    bounds = limits.timeout, limits.progress, limits.max_memory, job.options.max_pages
    return sha256(json.dumps([*depends, *bounds], sort_keys=True).encode()).hexdigest()[:16]


class _Recorder(Watch):
    """Keeps the journal of the papers that are done."""

    def __init__(self, run: Run, journal: Journal) -> None:
        super().__init__()
        self.journal, self._run = journal, run
        self._keys: dict[str, str] = {}

    def confined(self, confinement: Confinement) -> None:
        if self._run.on_confined is not None:
            self._run.on_confined(confinement)

    def started(self, item: Input) -> None:
        self._write("started", item)
        if self._run.on_start is not None:
            self._run.on_start(item)

    def step(self, item: Input, step: Step) -> None:
        if self._run.on_step is not None:
            self._run.on_step(item, step)

    def died(self, item: Input) -> int:
        sweep(self._run.out / item.stem)
        self._write("died", item)
        return self.journal.deaths(self.key(item))

    def stopped(self, item: Input, reason: str) -> None:
        sweep(self._run.out / item.stem)
        self._write("set aside", item, reason=reason)

    def ended(self, item: Input, row: Row) -> None:
        if row.error is None:
            self._write("made", item)
        elif self.journal.aside(item.stem, self.key(item)) is None:
            self._write("failed", item, reason=row.error)

    def key(self, item: Input) -> str:
        """What the paper goes by in the journal."""
        if item.stem not in self._keys:
            self._keys[item.stem] = key_of([self._run.job.made_from(item)], self._run.limits, self._run.job)
        return self._keys[item.stem]

    def _write(self, event: str, item: Input, **more: str) -> None:
        with _writing(self._run.out):
            self.journal.write(event, paper=item.stem, key=self.key(item), **more)
