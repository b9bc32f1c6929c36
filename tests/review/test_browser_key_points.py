"""Key points on the review page in a real Chromium: marked, answered, accepted and decided by keyboard."""

from __future__ import annotations

import signal

import pytest

from argmine.annotation.files import read_annotations
from argmine.argument_map import Answer, ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, MapVoice, PaperRef

from .conftest import make_paper, put_mined
from .test_browser import focus, press, saved, violations
from .test_key_points import reading
from .test_state import answer, choose, voice

pytestmark = pytest.mark.browser


@pytest.fixture
def mined(tmp_path):
    """The small paper as a mined folder, whose map has key points, an answer and a voice but no unit."""
    paper = make_paper()
    span = {s.id: {"start": s.start, "end": s.end, "text": paper.slice(s)} for s in paper.sentences}
    points = MapKeyPoints(
        thesis=(KeyPoint(sentence="t1", score=0.8, **span["t1"]),),
        problems=(KeyPoint(sentence="t7", score=0.7, **span["t7"]),),
        answers=(Answer(problem="t7", sentence="t8", score=0.6, **span["t8"]),),
    )
    voices = (MapVoice(start=span["t2"]["start"], end=span["t3"]["end"], sentences=("t2", "t3"), whose="Author"),)
    made = MadeBy(kind="model", name="x")
    amap = ArgumentMap(paper=PaperRef.of(paper), made_by=made, key_points=points, voices=voices)
    return put_mined(tmp_path / "small", paper, amap)


@pytest.fixture
def blind(mined, serve, visit):
    return visit(serve("review", "small", "--annotations", "ann", "--annotator", "me", "--blind").address)


def file_of(tmp_path, name="me"):
    return read_annotations(tmp_path / "ann" / "small" / f"{name}.jsonl")


def chosen(tmp_path):
    return [(p.place, p.sentence, p.grade) for p in file_of(tmp_path).key_points]


def marks(page, n):
    return page.locator(f'[data-unit="{n}"] .kp').all_inner_texts()


def to(page, n):
    """Go to a sentence from the first, over those that have letters."""
    press(page, "Home", *["j"] * (n - 1 if n < 4 else n - 2))
    assert focus(page) == str(n)


def test_a_key_a_place_and_again_another_grade(blind, tmp_path):
    press(blind, "Shift+T", "Shift+W", "Shift+W")
    assert chosen(tmp_path) == [("thesis", 1, 2), ("why", 1, 1)]
    assert marks(blind, 1) == ["thesis 2", "why 1"]
    assert "thesis grade 2, why grade 1" in blind.locator(".u.focus").get_attribute("aria-label")
    press(blind, "Shift+T", "Shift+T", "Shift+W")
    assert chosen(tmp_path) == []
    assert marks(blind, 1) == []


def test_every_place_has_its_key(blind, tmp_path):
    press(blind, "Shift+T", "Shift+E", "Shift+W", "Shift+C", "Shift+P", "Shift+O")
    assert [place for place, *_ in chosen(tmp_path)] == [
        "thesis", "reasons", "why", "recommendations", "problems", "open",
    ]  # fmt: skip
    press(blind, "?")
    for key, place in zip("TEWCPO", chosen(tmp_path), strict=True):
        row = blind.locator("#rv-help tr", has=blind.locator(f"kbd:text-is('{key}')")).first
        assert place[0] in row.inner_text()


def test_an_answer_is_drawn_by_letters_and_by_number(blind, tmp_path):
    to(blind, 7)
    press(blind, "Shift+A")
    assert "choose it there first" in blind.inner_text("#rv-toast")
    press(blind, "Shift+P", "Shift+A")
    letters = blind.locator('[data-unit="8"] .hint-letters').inner_text()
    press(blind, *letters, "Shift+A", "2", "Enter")
    assert [(a.problem, a.sentence) for a in file_of(tmp_path).answers] == [(7, 2), (7, 8)]
    assert marks(blind, 7) == ["problems 2", "→ 2", "→ 8"]
    assert marks(blind, 8) == ["answers 7"]
    press(blind, "Shift+A", "0")
    assert [(a.problem, a.sentence) for a in file_of(tmp_path).answers] == [(7, None)]
    assert marks(blind, 7) == ["problems 2", "→ no answer"]
    blind.get_by_label("Take back: nothing answers 7").press("Enter")
    saved(blind)
    assert file_of(tmp_path).answers == ()


def test_a_problem_that_is_none_any_more_takes_its_answers_along(blind, tmp_path):
    to(blind, 7)
    press(blind, "Shift+P", "Shift+A", "8", "Enter", "Shift+P", "Shift+P")
    assert "gone with it" in blind.inner_text("#rv-toast")
    assert file_of(tmp_path).points == ()
    press(blind, "u")
    assert [(a.problem, a.sentence) for a in file_of(tmp_path).answers] == [(7, 8)]


def test_a_voice_runs_from_its_first_to_its_last_sentence(blind, tmp_path):
    to(blind, 3)
    press(blind, "Shift+S", "1", "Enter")
    blind.keyboard.type("the town's council; <b>")
    press(blind, "Enter")
    assert [(v.sentences, v.whose) for v in file_of(tmp_path).voices] == [((1, 3), "the town's council; <b>")]
    assert marks(blind, 1) == ["“ the town's council; <b>"]
    assert blind.locator(".u.voiced").count() == 3
    assert focus(blind) == "3"
    blind.get_by_label("Take back: 1 to 3").press("Enter")
    saved(blind)
    assert file_of(tmp_path).voices == ()


def test_leaving_the_question_whose_voice_marks_none(blind):
    press(blind, "Shift+S", "3", "Enter", "Escape")
    assert not blind.locator("#rv-ask").is_visible()
    press(blind, "Shift+T")
    assert marks(blind, 1) == ["thesis 2"]
    assert blind.locator(".u.voiced").count() == 0


def test_the_list_leads_to_the_paper_s_key_points(blind):
    press(blind, "Shift+T")
    to(blind, 7)
    press(blind, "Shift+P", "Shift+A", "8", "Enter")
    shown = blind.inner_text(".chosen")
    assert "Key points of the paper (2)" in shown
    assert "2 · 7 → 8" in shown
    blind.locator(".chosen .to").first.click()
    assert focus(blind) == "1"


def test_what_is_marked_outlives_a_crash(mined, serve, visit, tmp_path):
    server = serve("review", "small", "--annotations", "ann", "--annotator", "me", "--blind")
    page = visit(server.address)
    press(page, "Shift+T", "4")
    server.end(signal.SIGKILL)
    page.close()
    page = visit(server.start())
    assert marks(page, 1) == ["thesis 2"]
    press(page, "u", "u", "Shift+U")
    assert chosen(tmp_path) == [("thesis", 1, 2)]
    server.end()
    assert chosen(tmp_path) == [("thesis", 1, 2)]


def test_a_blind_page_proposes_no_key_point(blind):
    assert blind.locator(".kp, .voiced, .points .proposed").count() == 0
    press(blind, "y")
    assert "No key point is proposed here" in blind.inner_text("#rv-toast")


def test_what_the_map_says_is_proposed_until_a_key_takes_it(mined, serve, visit, tmp_path):
    page = visit(serve("review", "small", "--annotations", "ann", "--annotator", "me").address)
    assert marks(page, 1) == ["thesis? 80 %"]
    assert marks(page, 2) == ["“ Author?"]
    press(page, "y")
    assert marks(page, 1) == ["thesis 2"]
    to(page, 2)
    press(page, "Shift+Y")
    assert page.locator(".u.voiced").count() == 0
    to(page, 7)
    press(page, "y", "y")  # the problem, then its answer
    assert marks(page, 7) == ["problems 2", "→ 8"]
    assert chosen(tmp_path) == [("thesis", 1, 2), ("problems", 7, 2)]
    assert file_of(tmp_path).header.mode == "assisted"


def test_two_readings_key_points_are_decided_by_keyboard(mined, serve, visit, tmp_path):
    folder = tmp_path / "ann" / "small"
    common = choose("thesis", 1), choose("problems", 7)
    reading(folder, "A", *common, answer(7, 8), choose("why", 3), voice(2, 3, "Author"))
    reading(folder, "B", *common, answer(7, None), choose("why", 3, 1), choose("thesis", 2))
    server = serve("adjudicate", "small", "--annotations", "ann", "--annotator", "third")
    page = visit(server.address)
    left = page.locator("#rv-decide")
    assert left.inner_text() == "0 labels, 0 relations and 7 key points to decide"
    press(page, "c")
    assert "0 sentences, 0 relations and 2 key points that both agree on are confirmed" in page.inner_text("#rv-toast")
    page.select_option("#rv-filter", "open")
    page.locator(".u.focus").focus()
    assert page.inner_text("#rv-shown") == "3 shown"
    assert focus(page) == "2"
    assert marks(page, 2) == ["thesis? B 2", "“ Author? A"]
    press(page, "Shift+Y", "y")
    press(page, "j", "y")
    assert "A:" in page.inner_text("#rv-ask")
    press(page, "b")
    assert marks(page, 3) == ["why 1"]
    press(page, "j", "Shift+Y", "y")  # not without an answer, but 8
    assert left.inner_text() == "0 labels, 0 relations and 0 key points to decide"
    server.end()
    file = file_of(tmp_path, "third")
    assert [(p.place, p.sentence, p.grade) for p in file.key_points] == [
        ("thesis", 1, 2), ("why", 3, 1), ("problems", 7, 2),
    ]  # fmt: skip
    assert [(a.problem, a.sentence) for a in file.answers] == [(7, 8)]
    assert [v.sentences for v in file.voices] == [(2, 3)]
    assert file.header.role == "adjudicated"
    said = (tmp_path / "stderr.txt").read_text()
    assert "0 key points to decide; 0 of 7 sentences checked, 0 relations, 3 key points" in said


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(
    "then", [(), ("y", "Shift+P", "Shift+A"), ("y", "Shift+P", "Shift+A", "0"), ("Shift+S", "3", "Enter")]
)
def test_axe_finds_nothing(mined, serve, chromium, visit, axe, then, colours):
    server = serve("review", "small", "--annotations", "ann", "--annotator", "me")
    context = chromium.new_context(color_scheme=colours, bypass_csp=True)
    page = visit(server.address, context=context)
    press(page, *then)
    assert violations(page, axe) == []
    context.close()
