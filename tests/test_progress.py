"""Counts, rates and times of a run, on a clock of the test's own."""

import json
from pathlib import Path

import pytest

from argmine.cli import progress as progress_module
from argmine.cli.progress import JsonLines, Lines, Progress, Report, duration
from argmine.inputs import Input, Row
from argmine.isolation import Step
from argmine.runner.run import Done


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def item(n):
    return Input(Path(f"{n}.pdf"), str(n), "")


def done(n, *, made=True, error=None):
    return Done(Row(str(n), f"{n}.pdf", error=error), made)


@pytest.fixture
def clock():
    return Clock()


def run(progress, clock, papers, seconds):
    for n in range(papers):
        progress.start(item(n))
        clock.now += seconds
        progress.end(done(n))


def test_papers_are_counted_by_what_became_of_them(clock):
    progress = Progress(5, clock)
    for each in (done(1), done(2, made=False), done(3, error="x"), done(4, made=False, error="x")):
        progress.end(each)
    assert (progress.made, progress.current, progress.failed, progress.done) == (1, 1, 2, 4)


def test_nothing_is_said_of_the_rate_before_a_few_are_done(clock):
    progress = Progress(100, clock)
    run(progress, clock, 2, 3.0)
    assert (progress.rate, progress.left) == (None, None)


def test_rate_and_time_left_are_those_of_the_papers_done(clock):
    progress = Progress(100, clock)
    run(progress, clock, 10, 3.0)
    assert (progress.rate, progress.left) == (20.0, 270.0)


def test_the_rate_is_that_of_late(clock):
    progress = Progress(2000, clock)
    run(progress, clock, 300, 60.0)
    run(progress, clock, 300, 1.0)
    assert progress.rate == pytest.approx(60.0)


def test_papers_up_to_date_make_nothing_look_faster(clock):
    progress = Progress(100, clock)
    for n in range(50):
        progress.end(done(n, made=False))
    run(progress, clock, 10, 3.0)
    assert (progress.rate, progress.left) == (20.0, 120.0)


def test_a_papers_time_is_its_own(clock):
    progress = Progress(2, clock)
    progress.start(item(1))
    clock.now = 5.0
    progress.start(item(2))
    clock.now = 7.0
    assert progress.doing == ["1.pdf", "2.pdf"]
    assert (progress.end(done(2)), progress.end(done(1))) == (2.0, 7.0)
    assert progress.doing == []


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (5000, "83 min"), (9000, "2 h 30 min")]
)
def test_times_are_said_as_people_do(seconds, said):
    assert duration(seconds) == said


def test_a_paper_under_way_says_how_far_it_is_until_it_is_done(clock):
    progress = Progress(2, clock)
    progress.start(item(1))
    clock.now += 5
    progress.start(item(2))
    assert progress.step(item(2), Step("pages read", 3, 1299)) == 0.0
    assert progress.doing == ["1.pdf", "2.pdf (3 of 1,299 pages read)"]
    progress.end(done(2))
    assert progress.doing == ["1.pdf"]


@pytest.fixture
def said(monkeypatch, clock):
    """The lines that are said, with every Progress on the test's clock."""
    lines = []
    monkeypatch.setattr(progress_module.cli, "say", lines.append)
    monkeypatch.setattr(progress_module.Progress.__init__, "__defaults__", (clock,))
    return lines


def steps(report, clock, papers, seconds):
    """Each of these papers says four times a second how far it is, for some seconds."""
    report.begin(len(papers))
    for n in papers:
        report.start(item(n))
    for k in range(4 * seconds):
        clock.now += 0.25
        for n in papers:
            report.step(item(n), Step("pages read", k, 4 * seconds))


def test_a_line_each_half_minute_says_how_far_long_papers_are(said, clock):
    steps(Lines(), clock, [1, 2], 100)
    assert len(said) == 3
    assert said[0].startswith("at work: 1.pdf (")
    assert "2.pdf (" in said[0]


def test_short_papers_say_nothing_on_their_way(said, clock):
    report = Lines()
    report.begin(50)
    for n in range(50):
        report.start(item(n))
        clock.now += 20
        report.step(item(n), Step("pages read", 3, 4))
        report.progress.end(done(n))
    assert said == []


def test_events_say_how_far_each_paper_is_every_ten_seconds(said, clock):
    steps(JsonLines(), clock, [1, 2], 35)
    events = [json.loads(line) for line in said]
    found = [(e["paper"], e["what"], e["done"], e["total"]) for e in events if e["event"] == "step"]
    assert [paper for paper, *_ in found] == ["1", "2"] * 3
    assert found[0] == ("1", "pages read", 39, 140)


def test_errors_alone_say_nothing_of_it(said, clock):
    steps(Report(), clock, [1], 100)
    assert said == []
