"""The sign of life: silent without a listener, seldom with one, given wherever work goes on."""

import ast
from pathlib import Path

import pytest

from argmine import isolation as heartbeat

SOURCE = Path(heartbeat.__file__).parents[1]


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: Clock.now)
    yield Clock
    heartbeat.on_beat(None)


@pytest.fixture
def beats():
    """The beats since, all of them told apart."""
    heard = []
    heartbeat.on_beat(lambda: heard.append(1))
    yield heard
    heartbeat.on_beat(None)


def test_nothing_happens_where_nobody_listens():
    heartbeat.on_beat(None)
    heartbeat.beat()


def test_a_listener_is_called(clock):
    heard = []
    heartbeat.on_beat(lambda: heard.append(clock.now))
    heartbeat.beat()
    assert heard == [100.0]


def test_a_listener_is_called_a_few_times_a_second_at_most(clock):
    heard = []
    heartbeat.on_beat(lambda: heard.append(clock.now))
    for _ in range(10_000):
        clock.now += 0.001
        heartbeat.beat()
    assert 10 <= len(heard) <= 50


def test_a_new_listener_takes_the_place_of_the_old_one(clock):
    old, new = [], []
    heartbeat.on_beat(lambda: old.append(1))
    heartbeat.beat()
    heartbeat.on_beat(lambda: new.append(1))
    heartbeat.beat()
    assert (len(old), len(new)) == (1, 1)


def test_what_a_listener_raises_goes_through(clock):
    def stop():
        raise RuntimeError("stop")

    heartbeat.on_beat(stop)
    with pytest.raises(RuntimeError, match="stop"):
        heartbeat.beat()


def test_how_far_work_is_stays_until_it_is_said_anew(beats):
    heartbeat.begin()
    assert heartbeat.step() is None
    heartbeat.beat("pages read", 3, 1299)
    heartbeat.beat()
    assert str(heartbeat.step()) == "3 of 1,299 pages read"
    heartbeat.begin()
    assert heartbeat.step() is None


def test_it_needs_nothing_of_argmine():
    tree = ast.parse((SOURCE / "isolation" / "__init__.py").read_text(encoding="utf-8"))
    modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert not any(m.startswith("argmine") for m in modules)


def test_reading_a_text_beats(tmp_path, beats):
    from argmine.readers import read_paper

    path = tmp_path / "a.txt"
    path.write_text("A Title\n\n" + "This is a sentence that stands here. " * 20, encoding="utf-8")
    read_paper(path)
    assert beats


@pytest.mark.parametrize("reader", ["pdfium", "pdfplumber"])
def test_reading_a_pdf_beats_each_page(tmp_path, monkeypatch, reader):
    from reportlab.pdfgen.canvas import Canvas

    from argmine.readers import DEFAULTS, SourceFile
    from argmine.readers.pdf import pdfium, plumber

    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    for _ in range(3):
        canvas.drawString(72, 700, "This is a sentence that stands on a page.")
        canvas.showPage()
    canvas.save()
    heard = []
    monkeypatch.setattr(pdfium, "beat", lambda *how_far: heard.append(how_far))
    {"pdfium": pdfium, "pdfplumber": plumber}[reader].read_pages(SourceFile(path, path.read_bytes()), DEFAULTS, [])
    assert len(heard) >= 3
