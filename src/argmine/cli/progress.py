"""How far a run is, and what `mine` and `read` say of it: a bar on a terminal, else lines; JSON lines; errors alone."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from argmine.cli import base as cli
from argmine.errors import printable

if TYPE_CHECKING:
    from argmine.errors import ArgmineError
    from argmine.inputs import Input, Skipped
    from argmine.isolation import Step
    from argmine.isolation.sandbox import Confinement
    from argmine.runner.cluster.place import Place
    from argmine.runner.cluster.remote import RemoteRun
    from argmine.runner.run import Done, Run

_WINDOW: Final = 200  # papers that the rate is taken over: enough to even out long and short ones
_FEW: Final = 3  # papers before which nothing is said of the rate
_EVERY: Final = 30.0  # seconds between two lines about the whole run, and about the papers under way
_EVERY_STEP: Final = 10.0  # seconds between two events about a paper under way


class Progress:
    """Counts of a run over `total` papers. Times are seconds of a clock that is never set back."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.made = self.current = self.failed = 0
        self._clock = clock
        self._begun = clock()
        self._doing: dict[str, tuple[str, float]] = {}
        self._steps: dict[str, Step] = {}
        self._ends: deque[float] = deque(maxlen=_WINDOW + 1)

    @property
    def done(self) -> int:
        """Papers that are finished with, up to date and failed ones among them."""
        return self.made + self.current + self.failed

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return self._clock() - self._begun

    @property
    def doing(self) -> list[str]:
        """The files that are being done, longest first, with how far they are where that is known."""
        return [
            f"{file} ({self._steps[stem]})" if stem in self._steps else file
            for stem, (file, _) in sorted(self._doing.items(), key=lambda each: each[1][1])
        ]

    @property
    def rate(self) -> float | None:
        """Papers a minute, of late; None while too few are done to tell."""
        if len(self._ends) <= _FEW or (seconds := self._clock() - self._ends[0]) <= 0:
            return None
        return 60 * (len(self._ends) - 1) / seconds

    @property
    def left(self) -> float | None:
        """Seconds until all are done, if it goes on like this; None while that can't be told."""
        return None if self.rate is None else 60 * (self.total - self.done) / self.rate

    def start(self, item: Input) -> None:
        now = self._clock()
        if not self._ends:
            self._ends.append(now)
        self._doing[item.stem] = item.path.name, now

    def step(self, item: Input, step: Step) -> float:
        """How far a paper is. Returns the seconds since it was begun."""
        now = self._clock()
        self._steps[item.stem] = step
        return now - self._doing.get(item.stem, ("", now))[1]

    def end(self, done: Done) -> float:
        """A paper is finished with. Returns the seconds that it took."""
        if done.row.error is not None:
            self.failed += 1
        elif done.made:
            self.made += 1
        else:
            self.current += 1
        now = self._clock()
        _, since = self._doing.pop(done.row.stem, ("", now))
        self._steps.pop(done.row.stem, None)
        if self._ends and done.made:
            self._ends.append(now)
        return now - since


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 5400:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Report:
    """Errors alone, a line each (`--quiet`). The others say more."""

    def __init__(self) -> None:
        self.progress = Progress(0)

    def begin(self, papers: int) -> None:
        self.progress = Progress(papers)

    def confined(self, confinement: Confinement) -> None:
        """A process that reads papers is ready, with this sandbox."""

    def start(self, item: Input) -> None:
        self.progress.start(item)

    def step(self, item: Input, step: Step) -> None:
        """How far a paper under way is."""

    def paper(self, done: Done) -> None:
        self.show(done, self.progress.end(done))

    def show(self, done: Done, seconds: float) -> None:
        if done.row.error:
            cli.say(f"error: {done.row.error}")

    def error(self, why: ArgmineError) -> None:
        cli.say(f"error: {why}")

    def skipped(self, why: Skipped) -> None:
        """A file in a folder is of a kind that argmine doesn't read."""

    def model(self, note: str) -> None:
        """Another model than the shipped one is used, or models/local is passed over."""

    def removed(self, folder: Path | Place) -> None:
        """The outputs of a paper that is gone were removed."""

    def stopped(self) -> None:
        done, total = self.progress.done, cli.count(self.progress.total, "paper")
        cli.say(f"stopped: {done:,} of {total} done; the same command goes on from there")

    def finish(self, run: Run | RemoteRun) -> None:
        """All is done."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Lines(Report):
    """A line a paper, and one about the whole run now and then."""

    def begin(self, papers: int) -> None:
        super().begin(papers)
        self._said = self._said_doing = 0.0

    def step(self, item: Input, step: Step) -> None:
        progress = self.progress
        if progress.step(item, step) > _EVERY and progress.seconds - self._said_doing > _EVERY:
            self._said_doing = progress.seconds
            cli.say("at work: " + ", ".join(progress.doing))

    def show(self, done: Done, seconds: float) -> None:
        progress = self.progress
        if done.row.error:
            super().show(done, seconds)
        elif done.made:
            cli.say(f"[{progress.done}/{progress.total}] {done.row.file}: {found(done)} ({seconds:.1f} s)")
        if progress.left and progress.rate and progress.seconds - self._said > _EVERY:
            self._said = progress.seconds
            pace = f"{progress.rate:.0f} a minute, {duration(progress.left)} left"
            cli.say(f"{progress.done:,} of {progress.total:,} done, {pace}")

    def skipped(self, why: Skipped) -> None:
        cli.say(f"skipped: {why}")

    def model(self, note: str) -> None:
        cli.say(note)

    def removed(self, folder: Path | Place) -> None:
        cli.say(f"removed {folder}: its paper is gone")


class Bar(Lines):
    """A bar with the papers that are being done; only errors are lines of their own."""

    def begin(self, papers: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        super().begin(papers)
        columns = BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)
        self._bar = RichProgress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)
        self._task = self._bar.add_task(self._words(), total=papers)
        self._bar.start()

    def start(self, item: Input) -> None:
        super().start(item)
        self._bar.update(self._task, description=self._words())

    def step(self, item: Input, step: Step) -> None:
        self.progress.step(item, step)
        self._bar.update(self._task, description=self._words())

    def show(self, done: Done, seconds: float) -> None:
        if done.row.error:
            Report.show(self, done, seconds)
        self._bar.update(self._task, completed=self.progress.done, description=self._words())

    def close(self) -> None:
        if hasattr(self, "_bar"):
            self._bar.stop()

    def _words(self) -> str:
        progress = self.progress
        parts = [f"{progress.done:,} of {progress.total:,}"]
        if progress.rate and progress.left is not None:
            parts += [f"{progress.rate:.0f} a minute", f"{duration(progress.left)} left"]
        return ", ".join(parts) + "  " + printable("  ".join(progress.doing))


class JsonLines(Report):
    """An object a line (`--log-json`); docs/files.md lists the events."""

    def begin(self, papers: int) -> None:
        super().begin(papers)
        self._confinement: Confinement | None = None
        self._told: dict[str, float] = {}  # of each paper under way the seconds at which an event said how far it is
        _say("started", papers=papers)

    def confined(self, confinement: Confinement) -> None:
        if confinement != self._confinement:
            self._confinement = confinement
            _say("sandbox", **confinement.data(), complete=confinement.complete)

    def start(self, item: Input) -> None:
        super().start(item)
        _say("doing", paper=item.stem, file=item.path.name)
        self._told[item.stem] = 0.0

    def step(self, item: Input, step: Step) -> None:
        seconds = self.progress.step(item, step)
        if seconds - self._told.get(item.stem, 0.0) >= _EVERY_STEP:
            self._told[item.stem] = seconds
            _say("step", paper=item.stem, file=item.path.name, seconds=round(seconds, 3), **step._asdict())

    def show(self, done: Done, seconds: float) -> None:
        row, progress = done.row, self.progress
        self._told.pop(row.stem, None)
        what = "error" if row.error else "made" if done.made else "current"
        facts = {"paper": row.stem, "file": row.file, "error": row.error, "seconds": round(seconds, 3)}
        rate, left = progress.rate, progress.left
        facts |= {"done": progress.done, "total": progress.total, "rate": rate and round(rate, 1)}
        _say(what, **facts, eta=None if left is None else round(left))

    def error(self, why: ArgmineError) -> None:
        _say("error", error=str(why))

    def skipped(self, why: Skipped) -> None:
        _say("skipped", file=str(why.path), reason=why.reason)

    def model(self, note: str) -> None:
        _say("model", note=note)

    def removed(self, folder: Path | Place) -> None:
        _say("removed", paper=folder.name)

    def stopped(self) -> None:
        _say("interrupted", done=self.progress.done, total=self.progress.total)

    def finish(self, run: Run | RemoteRun) -> None:
        p = self.progress
        _say("finished", made=p.made, current=p.current, failed=p.failed + len(run.errors), seconds=round(p.seconds, 3))


def report(*, quiet: bool, log_json: bool) -> Report:
    """What fits the options and the terminal."""
    if log_json:
        return JsonLines()
    if quiet:
        return Report()
    return Bar() if sys.stderr.isatty() else Lines()


def found(done: Done) -> str:
    row = done.row
    if not row.map:
        return cli.count(row.sentences, "sentence")
    return f"{cli.count(sum(row.units.values()), 'unit')}, {cli.count(row.relations, 'relation')}"


def _say(event: str, **facts: Any) -> None:
    cli.say(json.dumps({"event": event, **facts}, ensure_ascii=False))
