"""What is done with one paper, and which errors are the paper's."""

import errno
import os
import pickle

import pytest

from argmine.errors import ModelError, OutputError
from argmine.inputs import name_inputs
from argmine.pipeline import Job


@pytest.fixture
def item(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("The ferry is late\n\nFerries are late in winter. We argue that the pier should be moved soon.\n")
    return name_inputs([path])[0]


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def raising(why):
    def raises(*_, **__):
        raise why

    return raises


def test_a_model_that_cannot_be_used_is_not_the_papers_fault(item, out):
    job = Job(out, model_path=out / "nowhere")
    with pytest.raises(ModelError, match="there is no model here"):
        job(item)
    with pytest.raises(ModelError, match="there is no model here"):
        job.prepare()


def test_other_processes_get_the_job_without_the_model(out):
    job = Job(out)
    job.__dict__["_model"] = lambda: "can't be pickled"
    assert pickle.loads(pickle.dumps(job)) == job


def test_what_a_paper_needs_and_cannot_be_read_costs_the_paper(item, out, monkeypatch):
    monkeypatch.setattr("argmine.pipeline.read", raising(OSError(errno.EIO, "Input/output error")))
    row = Job(out, only_read=True)(item)
    assert row.error == f"{item.path}: what it needs can't be read (Input/output error); try again"


def test_outputs_that_cannot_be_written_to_a_folder_that_takes_others_cost_the_paper(item, out, monkeypatch):
    monkeypatch.setattr("argmine.pipeline.write_all", raising(OSError(errno.ENAMETOOLONG, "File name too long")))
    row = Job(out, only_read=True)(item)
    assert row.error == f"{item.path}: its outputs can't be written to {out}/a (File name too long)"


def test_a_folder_that_takes_nothing_ends_the_run(item, out, monkeypatch):
    monkeypatch.setattr("argmine.pipeline.write_all", raising(PermissionError(errno.EACCES, "Permission denied")))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match=r"out: can't be written to \(Permission denied\)"):
        Job(out, only_read=True)(item)


def test_an_output_error_is_the_same_in_the_process_that_hears_of_it():
    why = OutputError("out", OSError(errno.ENOSPC, "No space left on device"))
    assert str(pickle.loads(pickle.dumps(why))) == str(why)


def test_a_paper_that_fails_leaves_what_it_had_untouched(item, out):
    job = Job(out, only_read=True)
    job(item)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    item.path.write_bytes(b"")
    assert job(name_inputs([item.path])[0]).error == f"{item.path}: is empty; get the file again"
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
