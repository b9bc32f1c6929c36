"""Children that overrun, die or fail cost their own paper only."""

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from argmine.errors import ArgmineError, ModelError, OutputError, UsageError
from argmine.inputs import Input, Row
from argmine.isolation import beat
from argmine.isolation.worker_process import _unpacked_step
from argmine.runner.worker_pool import Limits, Watch, child_for, do_all, do_one


class Work:
    """Does what a paper's name says."""

    def __call__(self, item: Input) -> Row:
        match item.stem.split("-")[0]:
            case "hang":
                time.sleep(600)
            case "slow":  # but at work
                for done in range(20):
                    time.sleep(0.1)
                    beat("naps taken", done + 1, 20)
            case "die":
                os._exit(9)
            case "eat":
                bytearray(8 * 1024**3)
            case "misuse":
                raise UsageError("no model")
            case "break":
                raise KeyError("x")
            case "threads":
                return Row(item.stem, item.path.name, title=os.environ["OMP_NUM_THREADS"])
            case "orphan":
                Path(item.sha256).write_text(str(os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "600")))
                time.sleep(600)
        return Row(item.stem, item.path.name, sentences=os.getpid())


class Starting:
    """Is prepared as the value of `how` says, and counts its preparations in a folder."""

    def __init__(self, folder, how=""):
        self.folder, self.how = folder, how

    def prepare(self):
        n = len(list(self.folder.iterdir()))
        (self.folder / str(n)).touch()
        if self.how == "dies" or (self.how == "dies once" and n == 0):
            os._exit(9)
        if self.how == "eats":
            bytearray(1024**3)
        if self.how == "breaks":
            raise KeyError("x")
        if self.how == "fails":
            raise ModelError("the model is gone")

    def __call__(self, item: Input) -> Row:
        return Row(item.stem, item.path.name)


class Seen(Watch):
    """Keeps what it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def started(self, item):
        self.told.append(("started", item.stem))

    def died(self, item):
        self.told.append(("died", item.stem))
        return super().died(item)

    def stopped(self, item, reason):
        self.told.append(("stopped", item.stem))


class ByStander:
    """Kills its own process the first time that a paper is done, as somebody else may."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, item: Input) -> Row:
        mark = self.folder / item.stem
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Row(item.stem, item.path.name)


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
    assert found["hang"].startswith("hang.pdf: took longer than 0.5 s; allow more with --timeout")
    assert found["a"] is None


def test_a_paper_that_makes_no_progress_is_stopped_and_a_slow_one_is_not():
    found = errors(do_all(Work(), items("hang", "slow"), Limits(timeout=60, progress=1.0)))
    assert found["hang"] == (
        "hang.pdf: made no progress for 1 s; allow more with --progress-timeout, or try again with --retry"
    )
    assert found["slow"] is None


class Steps(Watch):
    """Remembers how far papers were said to be."""

    def __init__(self):
        super().__init__()
        self.seen = {}

    def step(self, item, step):
        self.seen.setdefault(item.stem, []).append(step)


def test_how_far_each_paper_is_is_told_while_it_is_done():
    watch = Steps()
    assert len(list(do_all(Work(), items("slow", "fine", "slow-2"), Limits(jobs=2, timeout=60), watch))) == 3
    assert watch.seen.keys() == {"slow", "slow-2"}
    for steps in watch.seen.values():
        assert {step.what for step in steps} == {"naps taken"}
        assert [step.done for step in steps] == sorted(step.done for step in steps)


@pytest.mark.parametrize(
    "said",
    [b"", b"null", b"[1, 2, 3]", b'["a", 3, 2]', b'["a", -1, 2]', b'["a", 1.5, 2]', b'["\\u001b", 1, 2]',
     b'["a"]', b'["a", 1, 2, 3]', b'["a", 1, 10000000000]', b"{" * 10_000, b"\xff"],
)  # fmt: skip
def test_what_is_no_step_is_none(said):
    assert _unpacked_step(said) is None


def test_a_paper_that_is_at_work_for_too_long_is_stopped():
    found = errors(do_all(Work(), items("slow"), Limits(timeout=1.0, progress=60)))
    assert found["slow"].startswith("slow.pdf: took longer than 1 s; allow more with --timeout")


def test_a_process_that_dies_costs_its_own_paper_only():
    found = errors(do_all(Work(), items("a", "die", "b"), Limits(jobs=2)))
    assert found["die"].startswith("die.pdf: its process died")
    assert (found["a"], found["b"]) == (None, None)


def test_a_paper_that_needs_too_much_memory_says_so():
    found = errors(do_all(Work(), items("eat", "a"), Limits(max_memory=4096)))
    assert found["eat"].startswith("eat.pdf: needs more than 4096 MiB; allow more with --max-memory")
    assert found["a"] is None


def test_wrong_usage_ends_the_run():
    with pytest.raises(UsageError, match="no model"):
        list(do_all(Work(), items("misuse", "a"), Limits(jobs=2)))


def test_a_paper_whose_process_dies_is_tried_three_times(tmp_path):
    seen = Seen()
    found = errors(do_all(Work(), items("die"), Limits(jobs=2), seen))
    assert found == {"die": "die.pdf: its process died 3 times; leave it out, or try again with --retry"}
    assert seen.told == [("started", "die"), ("died", "die")] * 3 + [("stopped", "die")]


def test_a_paper_whose_process_was_killed_by_somebody_is_done_by_the_next(tmp_path):
    found = errors(do_all(ByStander(tmp_path), items("a", "b"), Limits(jobs=2)))
    assert found == {"a": None, "b": None}


def test_a_paper_that_overran_is_not_tried_again():
    seen = Seen()
    list(do_all(Work(), items("hang"), Limits(timeout=0.2), seen))
    assert seen.told == [("started", "hang"), ("stopped", "hang")]


def test_a_mistake_costs_its_own_paper_and_says_where_it_is():
    found = errors(do_all(Work(), items("break", "a"), Limits(jobs=2)))
    assert found["break"].startswith("break.pdf: could not be done, a mistake of argmine's; please report it (KeyError")
    assert "test_worker_pool.py:" in found["break"]
    assert found["a"] is None


def test_each_process_is_prepared_once(tmp_path):
    rows = list(do_all(Starting(tmp_path), items("a", "b", "c", "d"), Limits(jobs=2)))
    assert len(rows) == 4
    assert 1 <= len(list(tmp_path.iterdir())) <= 2


def test_what_keeps_a_process_from_starting_ends_the_run_with_its_reason(tmp_path):
    with pytest.raises(ModelError, match="the model is gone"):
        list(do_all(Starting(tmp_path, "fails"), items("a"), Limits(jobs=2)))


def test_a_mistake_while_a_process_is_prepared_ends_the_run_with_one_line(tmp_path):
    with pytest.raises(ArgmineError, match="can't do any paper, a mistake of argmine's; please report it"):
        list(do_all(Starting(tmp_path, "breaks"), items("a"), Limits(jobs=2)))


def test_a_process_that_dies_while_it_starts_is_started_again(tmp_path):
    rows = list(do_all(Starting(tmp_path, "dies once"), items("a"), Limits(jobs=2)))
    assert [row.error for _, row in rows] == [None]


def test_processes_that_die_whenever_they_start_end_the_run_with_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"could not be started in 3 attempts$"):
        list(do_all(Starting(tmp_path, "dies"), items("a"), Limits(jobs=2)))


def test_too_little_memory_to_start_says_so(tmp_path):
    with pytest.raises(UsageError, match="--max-memory 512 is below what a process needs"):
        list(do_all(Starting(tmp_path, "eats"), items("a"), Limits(max_memory=512)))


def test_a_process_uses_one_thread_and_leaves_the_parents_environment_alone():
    before = dict(os.environ)
    ((_, row),) = do_all(Work(), items("threads"), Limits(jobs=2))
    assert row.title == "1"
    assert dict(os.environ) == before


def test_jobs_are_as_many_as_cores_but_no_more_than_four_or_papers(monkeypatch):
    monkeypatch.setattr("argmine.runner.worker_pool._cores", lambda: 16)
    assert [Limits(jobs=None).processes(n) for n in (1, 3, 100)] == [1, 3, 4]
    monkeypatch.setattr("argmine.runner.worker_pool._cores", lambda: 2)
    assert Limits(jobs=None).processes(100) == 2
    assert Limits(jobs=8).processes(100) == 8


def test_closing_the_iterator_ends_the_processes():
    with closing(do_all(Work(), items("a", "hang"), Limits(jobs=2))) as rows:
        _, row = next(rows)
    assert not alive(row.sentences)


def test_a_child_can_be_kept_for_the_next_paper():
    child = child_for(Work(), Limits())
    try:
        first, second = (do_one(child, item) for item in items("a", "b"))
        assert first.sentences == second.sentences != os.getpid()
    finally:
        child.kill()
        child.join()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_what_a_paper_has_started_ends_with_its_process(tmp_path):
    (item,) = items("orphan")
    mark = tmp_path / "pid"
    list(do_all(Work(), [Input(item.path, item.stem, str(mark))], Limits(timeout=1.0)))
    deadline = time.monotonic() + 10
    while alive(int(mark.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(int(mark.read_text()))


BUSY = """
import os, re, sys
from pathlib import Path
from argmine.inputs import Input
from argmine.runner.worker_pool import Limits, do_all

def work(item):
    print(os.getpid(), flush=True)
    re.match("(a+)+$", "a" * 60 + "b")  # holds the interpreter's lock for ages

if __name__ == "__main__":
    list(do_all(work, [Input(Path("a"), "a", "")], Limits(jobs=2)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_process_that_no_code_of_ours_can_reach_ends_with_its_parent(tmp_path):
    (tmp_path / "busy.py").write_text(BUSY)
    with subprocess.Popen([sys.executable, tmp_path / "busy.py"], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        time.sleep(0.1)
        parent.kill()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def alive(pid):
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_full_disk_of_temporary_files_ends_the_run_with_one_line(monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", full)
    with pytest.raises(OutputError, match=r"can't be written to \(No space left on device\); make room"):
        list(do_all(Work(), items("a"), Limits(jobs=2)))


def test_a_system_without_room_for_a_process_is_one_line(monkeypatch):
    def full(_):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", full)
    with pytest.raises(ArgmineError, match=r"could not be started \(Resource temporarily unavailable\); try fewer"):
        list(do_all(Work(), items("a"), Limits(jobs=2)))
