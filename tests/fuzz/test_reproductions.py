"""The smallest files of what the soak once broke. Each is read in a child process with limits far above its need."""

import json
import tracemalloc
from random import Random

import pytest
from scripts.damage.checks import ERROR, RESULT, Check
from scripts.damage.json_files import _paper_json
from scripts.damage.markup import article
from scripts.damage.pdf_made import page_content, paper, stream

from argmine.inputs import Input
from argmine.read.pdf.glyphs import Font, Run
from argmine.read.pdf.layout import read_columns
from argmine.read.pdf.lines import make_pieces
from argmine.workers import Limits, do_all


def outcome(path, data, *, timeout=60, memory=2048):
    """(state, message) of reading these bytes from a file of this name."""
    path.write_bytes(data)
    [(_, row)] = do_all(Check(), [Input(path, path.stem, "")], Limits(timeout=timeout, max_memory=memory))
    return row.title, row.error


def prose_page():
    return stream(page_content(Random(1)))


@pytest.mark.slow
def test_a_page_of_loose_numbers_takes_time_in_proportion(tmp_path):
    cells = b" ".join(
        b"1 0 0 1 %d %.1f Tm (%d) Tj" % (72 + 24 * (i % 20), 760 - i // 20 * 0.7, i) for i in range(20000)
    )
    state, message = outcome(tmp_path / "a.pdf", paper([stream(b"BT /F1 6 Tf " + cells + b" ET"), prose_page()]))
    assert state in (RESULT, ERROR), message


def test_a_run_a_million_kilometres_wide_takes_no_memory():
    font = Font("times", 10.0, False, False, False)
    runs = [Run("A line of words", 72, 72 + 8e9 * (i == 3), 100 + 12 * i, font, False, i) for i in range(20)]
    tracemalloc.start()
    try:
        read_columns(make_pieces(runs), 1)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_very_many_sections_take_time_in_proportion(tmp_path):
    sections = "<sec><title>A title</title><p>A sentence stands here.</p></sec>" * 20_000
    text = article(Random(1)).replace("<body>", "<body>" + sections, 1)
    assert outcome(tmp_path / "a.xml", text.encode()) == (RESULT, None)


def test_lines_without_letters_take_time_in_proportion(tmp_path):
    text = "1 2 3 4.\n" * 20_000 + "\n\nHere stands a sentence of words, and no more."
    assert outcome(tmp_path / "a.txt", text.encode())[0] in (RESULT, ERROR)


def test_a_sign_that_is_no_letter_can_stand_alone(tmp_path):
    assert outcome(tmp_path / "a.txt", "²\n\nHere stands a sentence of words.".encode()) == (RESULT, None)


def test_an_error_about_xml_is_one_line(tmp_path):
    state, message = outcome(tmp_path / "a.xml", article(Random(1)).replace(" ", "\0").encode())
    assert (state, len(message.splitlines())) == (ERROR, 1)


@pytest.mark.parametrize("bad", ["\ud800", "a\udfff"])
def test_half_a_character_in_a_paper_json_is_refused(tmp_path, bad):
    data = json.loads(_paper_json())
    data["text"] = bad + data["text"][len(bad) :]
    assert outcome(tmp_path / "a.json", json.dumps(data).encode())[0] == ERROR


@pytest.mark.parametrize("bad", ["Infinity", "NaN", "1e999"])
def test_a_box_without_measure_in_a_paper_json_is_refused(tmp_path, bad):
    text = _paper_json().replace("72.0", bad)
    assert outcome(tmp_path / "a.json", text.encode())[0] == ERROR


@pytest.mark.parametrize("name", [".argmine.json.txt", "paper.json.txt", "map.json.txt", "..txt", "a\nb.txt"])
def test_a_paper_called_as_an_output_is_read(tmp_path, name):
    assert outcome(tmp_path / name, b"Here stands a sentence of words. Another one follows it.") == (RESULT, None)
