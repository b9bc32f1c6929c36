"""Children that overrun, die or fail cost their own paper only."""

import os
import time
from pathlib import Path

import pytest

from argmine.errors import UsageError
from argmine.inputs import Input
from argmine.pipeline import Row
from argmine.workers import Limits, do_all


class Work:
    """Does what a paper's name says."""

    def __call__(self, item: Input) -> Row:
        match item.stem.split("-")[0]:
            case "hang":
                time.sleep(600)
            case "die":
                os._exit(9)
            case "eat":
                bytearray(8 * 1024**3)
            case "misuse":
                raise UsageError("no model")
        return Row(item.stem, item.path.name, sentences=os.getpid())


def items(*names):
    return [Input(Path(f"{name}.pdf"), name, "0") for name in names]


def errors(rows):
    return {row.stem: row.error for _, row in rows}


def test_without_limits_the_papers_are_done_in_this_process():
    rows = list(do_all(Work(), items("a", "b"), Limits()))
    assert [(item.stem, row.sentences) for item, row in rows] == [("a", os.getpid()), ("b", os.getpid())]


def test_with_jobs_the_papers_are_done_in_other_processes():
    rows = [row for _, row in do_all(Work(), items("a", "b", "c"), Limits(jobs=2))]
    assert sorted(row.stem for row in rows) == ["a", "b", "c"]
    assert os.getpid() not in {row.sentences for row in rows}


def test_a_paper_that_takes_too_long_is_stopped_and_the_others_are_done():
    found = errors(do_all(Work(), items("hang", "a"), Limits(timeout=0.5)))
    assert found == {"hang": "hang.pdf: took longer than 0.5 s; allow more with --timeout", "a": None}


def test_a_process_that_dies_costs_its_own_paper_only():
    found = errors(do_all(Work(), items("a", "die", "b"), Limits(jobs=2)))
    assert found["die"].startswith("die.pdf: its process died")
    assert (found["a"], found["b"]) == (None, None)


def test_a_paper_that_needs_too_much_memory_says_so():
    found = errors(do_all(Work(), items("eat", "a"), Limits(max_memory=4096)))
    assert found == {"eat": "eat.pdf: needs more than 4096 MiB; allow more with --max-memory", "a": None}


def test_wrong_usage_ends_the_run():
    with pytest.raises(UsageError, match="no model"):
        list(do_all(Work(), items("misuse", "a"), Limits(jobs=2)))
