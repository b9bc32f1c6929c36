import os

import pytest

from argmine.errors import UsageError
from argmine.mark import MARK, Mark, read_mark
from argmine.train.folder import check_better, check_target, replaced


def make(out, mark=None, sentences=5):
    with replaced(out, mark) as new:
        (new / "part").mkdir()
        (new / "part" / "weights").write_bytes(b"1" * sentences)
        (new / "meta.json").write_text(f'{{"argmine": {{"sentences": {sentences}}}}}')


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="names of open files")
def test_all_is_on_the_disk_before_it_takes_the_old_ones_place(tmp_path, monkeypatch):
    make(tmp_path / "m")
    events = []
    fsync, rename = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda n: (events.append(os.readlink(f"/proc/self/fd/{n}")), fsync(n)))
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("rename"), rename(a, b)))
    make(tmp_path / "m", Mark(True, ""))
    before, after = events[: events.index("rename")], events[len(events) - events[::-1].index("rename") :]
    names = {os.path.basename(e) for e in before}
    assert {"part", "weights", "meta.json", MARK} <= names
    assert after == [str(tmp_path)]


def test_what_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    make(tmp_path / "m")

    def fill():
        with replaced(tmp_path / "m") as new:
            (new / "meta.json").write_text("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fill()
    assert [p.name for p in tmp_path.iterdir()] == ["m"]
    assert (tmp_path / "m" / "part" / "weights").read_bytes() == b"11111"


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path):
    make(tmp_path / "other")
    (tmp_path / "m").symlink_to(tmp_path / "other")
    make(tmp_path / "m", sentences=9)
    assert not (tmp_path / "m").is_symlink()
    assert (tmp_path / "other" / "part" / "weights").read_bytes() == b"11111"


def test_one_that_is_used_gives_way_to_one_that_is_used_or_by_force(tmp_path):
    make(tmp_path / "m", Mark(True, "better"))
    assert read_mark(tmp_path / "m").taken
    check_better(tmp_path / "m", Mark(True, ""), force=False)
    check_better(tmp_path / "m", Mark(False, ""), force=True)
    with pytest.raises(UsageError, match="--force"):
        check_better(tmp_path / "m", Mark(False, ""), force=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_in_the_old_ones_place_is_not_waited_for(tmp_path):
    (tmp_path / "m").mkdir()
    os.mkfifo(tmp_path / "m" / "meta.json")
    with pytest.raises(UsageError, match="is not a model"):
        check_target(tmp_path / "m", 5, force=True)
