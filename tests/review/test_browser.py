"""The review page in a real Chromium, by keyboard, over servers that end as they like."""

from __future__ import annotations

import json
import signal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from argmine.annotation.files import AnnotationFile, read_annotations
from argmine.argument_map import ArgumentMap, MadeBy, PaperRef, Relation, Unit
from argmine.pipeline import read
from argmine.review.operations import parse
from argmine.review.readings import load
from argmine.review.session import open_session
from argmine.review.state import Text
from argmine.scheme import DEFAULT

from .conftest import ROOT, header, left, make_paper, put_mined
from .test_state import label, relate

pytestmark = pytest.mark.browser

SAMPLE = ROOT / "corpus" / "samples" / "health-heat-days.pdf"
KEY = {label: str(i) for i, label in enumerate(DEFAULT.labels, 1)}


def saved(page):
    page.wait_for_selector("#rv-saved:not(.busy)", timeout=20_000)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    saved(page)


def focus(page):
    return page.locator(".u.focus").get_attribute("data-unit")


def progress(page):
    return page.inner_text("#rv-progress")


@pytest.fixture
def small(tmp_path):
    """The small paper as a mined folder, with a map of two suggestions and one relation."""
    paper = make_paper()
    units = []
    for n, word in ((1, "motivation"), (2, "claim")):
        s = paper.sentences[n - 1]
        scores = dict.fromkeys(DEFAULT.labels, 0.02) | {word: 0.9}
        units.append(
            Unit(
                id=s.id,
                sentence=s.id,
                label=word,
                start=s.start,
                end=s.end,
                text=paper.slice(s),
                score=0.9,
                scores=scores,
            )
        )
    amap = ArgumentMap(
        paper=PaperRef.of(paper), made_by=MadeBy(kind="model", name="x"), units=tuple(units),
        relations=(Relation.between("t1", "t2", "motivates", 0.7),),
    )  # fmt: skip
    return put_mined(tmp_path / "small", paper, amap)


@pytest.fixture
def blind(small, serve, visit):
    return visit(serve("review", "small", "--annotations", "ann", "--annotator", "me", "--blind").address)


def file_of(tmp_path, name="me", slug="small") -> AnnotationFile:
    return read_annotations(tmp_path / "ann" / slug / f"{name}.jsonl")


@pytest.mark.slow
def test_a_whole_paper_by_keyboard_with_three_crashes(serve, visit, tmp_path):
    paper = read(SAMPLE)
    gold = load(read_annotations(ROOT / "annotations" / "health-heat-days" / "adjudicated.jsonl"), Text.of(paper)).state
    labels = {n: entry.marks[0].label for n, entry in gold.entries.items()}
    server = serve("review", str(SAMPLE), "--annotations", "ann", "--annotator", "me", "--blind")
    page = visit(server.address)
    total = int(progress(page).split()[2])
    assert total == len(labels)
    done = 0
    crashes = {total // 4, total // 2, 3 * total // 4}
    while done < total:
        press(page, KEY[labels[int(focus(page))]])
        done += 1
        if done in crashes:
            page.keyboard.press(KEY[labels[int(focus(page))]])  # may or may not be answered
            server.end(signal.SIGKILL)
            page.close()
            page = visit(server.start())
            now = int(progress(page).split()[0])
            assert done <= now <= done + 1
            done = now
    assert progress(page) == f"{total} of {total} checked"
    units = [n for n in sorted(labels) if labels[n] not in ("none", "recommendation")]
    pairs = [(str(s), str(t)) for s, t in pairwise(units[:11])]
    for source, target in pairs:
        page.keyboard.press("Home")
        while focus(page) != source:
            page.keyboard.press("j")
        press(page, "r", *target, "Enter", "s")
    server.end()
    file = file_of(tmp_path, slug="health-heat-days")
    assert {line.n: line.label for line in file.sentences} == labels
    assert [(r.source, r.target) for r in file.relations] == pairs
    assert file.header.mode == "blind"
    assert left(tmp_path / "ann" / "health-heat-days") == ["me.jsonl"]


def test_labels_by_key_and_on_to_the_next(blind, tmp_path):
    press(blind, "3", "Shift+Digit4", "6")
    assert focus(blind) == "5"  # the fourth has no letters
    lines = file_of(tmp_path).sentences
    assert [(line.label, line.attribution) for line in lines] == [
        ("motivation", "own"), ("claim", "reported"), ("none", "own"),
    ]  # fmt: skip
    assert progress(blind) == "3 of 7 checked"


def test_a_correction_stays_where_it_is(blind):
    press(blind, "3", "k", "4")
    assert focus(blind) == "1"
    assert blind.locator('[data-unit="1"]').get_attribute("aria-label").startswith("1 of 8, claim: Towns")


def test_attribution_doubt_and_note(blind, tmp_path):
    press(blind, "4", "k", "t", "q", "e")
    blind.keyboard.type("<img src=x onerror=alert(1)><b>why")
    press(blind, "Escape")
    line = file_of(tmp_path).sentences[0]
    assert (line.attribution, line.unsure, line.note) == ("reported", True, "<img src=x onerror=alert(1)><b>why")
    blind.reload()
    blind.wait_for_selector(".u.focus")
    press(blind, "Home")
    assert blind.input_value("#rv-note") == "<img src=x onerror=alert(1)><b>why"
    assert blind.locator("#rv-panel img").count() == 0


def test_undo_and_redo(blind, tmp_path):
    press(blind, "4", "4", "u", "u")
    assert progress(blind) == "0 of 7 checked"
    assert blind.locator("#rv-undo").is_disabled()
    press(blind, "Shift+U", "Control+y")
    assert [line.label for line in file_of(tmp_path).sentences] == ["claim", "claim"]


def test_splitting_by_keyboard(blind, tmp_path):
    press(blind, "3", "k", "s")
    assert blind.locator(".caret").count() == 1  # after the semicolon
    press(blind, "ArrowRight", "ArrowLeft", "Enter", "j", "1")
    unit = file_of(tmp_path).units[0]
    assert (unit.sentence, unit.part, unit.label, unit.anchor.letters) == (
        1,
        "b",
        "recommendation",
        len("shadeshouldbeplanted"),
    )
    assert focus(blind) == "1b"
    press(blind, "Backspace")
    assert file_of(tmp_path).units == ()


def test_a_cut_may_stand_in_a_word_and_beside_an_emoji(blind, tmp_path):
    press(blind, "j", "j", "j", "2", "k", "s", "Home")
    press(blind, "Shift+ArrowRight", "Enter")
    paper = make_paper()
    assert file_of(tmp_path).units[0].anchor.letters < len(paper.slice(paper.sentences[4]))
    assert "🌳 often" in blind.inner_text("#rv-items")


def test_a_relation_by_letters_and_its_end(blind, tmp_path):
    press(blind, "3", "4", "5", "k", "k", "k", "r")
    letters = blind.locator('[data-unit="2"] .hint-letters').inner_text()
    press(blind, *letters)
    assert "motivates" in blind.inner_text("#rv-ask")
    press(blind, "m")
    assert [(r.source, r.target, r.label) for r in file_of(tmp_path).relations] == [("1", "2", "motivates")]
    blind.get_by_label("Remove motivates from 1 to 2").press("Enter")
    saved(blind)
    assert file_of(tmp_path).relations == ()


def test_a_relation_to_here_by_number(blind, tmp_path):
    press(blind, "4", "5", "Home", "Shift+R", "2", "Enter", "Enter")
    assert [(r.source, r.target) for r in file_of(tmp_path).relations] == [("2", "1")]


def test_a_relation_by_dragging(blind, tmp_path):
    press(blind, "4", "5")
    blind.locator('[data-unit="2"] .m').drag_to(blind.locator('[data-unit="1"]'))
    press(blind, "s")
    assert [(r.source, r.target) for r in file_of(tmp_path).relations] == [("2", "1")]


def test_a_wrong_reading_is_marked(blind, tmp_path):
    press(blind, "4", "k", "x", "m")
    press(blind, "j", "x", "n")
    press(blind, "j", "j", "4", "k", "x", "s", "Enter")
    fixes = [(f.fix, f.sentences) for f in file_of(tmp_path).fixes]
    assert fixes[0] == ("merge", (1, 2))
    assert {f for f, _ in fixes} == {"merge", "split", "not_body"}
    assert focus(blind) != "2"


def test_help_opens_and_closes(blind):
    press(blind, "?")
    assert blind.locator("#rv-help").is_visible()
    press(blind, "4", "Escape")
    assert not blind.locator("#rv-help").is_visible()
    assert progress(blind) == "0 of 7 checked"


def test_show_and_find(blind):
    press(blind, "4", "4")
    blind.select_option("#rv-filter", "todo")
    assert blind.locator(".block.single").count() == 5
    blind.fill("#rv-find", "TREES")
    assert blind.locator(".block.single").count() == 1
    assert focus(blind) == "5"
    blind.press("#rv-find", "Escape")
    assert blind.locator(".block.single").count() == 5


def test_a_blind_page_shows_no_suggestion(blind):
    assert blind.locator(".proposed, .bar, .hint button").count() == 0
    assert "blind" in blind.inner_text(".mode")


def test_suggestions_are_suggestions_until_accepted(small, serve, visit, tmp_path):
    page = visit(serve("review", "small", "--annotations", "ann", "--annotator", "me").address)
    assert "M? 90" in page.inner_text('[data-unit="1"] .m')
    assert progress(page) == "0 of 7 checked"
    press(page, "Enter", "2", "k", "k", "v")
    file = file_of(tmp_path)
    assert [line.label for line in file.sentences] == ["motivation", "challenge"]
    assert file.header.mode == "assisted"
    assert file.relations == ()  # a motivation motivates no challenge
    press(page, "j", "4", "k", "v")
    assert [r.label for r in file_of(tmp_path).relations] == ["motivates"]


def test_two_tabs_do_not_overwrite_each_other(small, serve, visit, tmp_path):
    address = serve("review", "small", "--annotations", "ann", "--annotator", "me", "--blind").address
    one, two = visit(address), visit(address)
    press(one, "4")
    two.keyboard.press("2")
    two.wait_for_selector("#rv-trouble:not([hidden])")
    assert "Another tab or window changed this reading" in two.inner_text("#rv-trouble")
    assert progress(two) == "1 of 7 checked"
    press(two, "Home", "2")
    assert [line.label for line in file_of(tmp_path).sentences] == ["challenge"]


def test_a_server_that_is_gone_is_said_so(small, serve, visit):
    server = serve("review", "small", "--annotations", "ann", "--annotator", "me", "--blind")
    page = visit(server.address)
    server.end(signal.SIGKILL)
    page.keyboard.press("4")
    page.wait_for_selector("#rv-trouble:not([hidden])")
    assert "not saved" in page.inner_text("#rv-trouble")
    assert page.inner_text("#rv-saved") == "saving …"


@pytest.mark.slow
def test_adjudication_of_a_sample(serve, visit, tmp_path):
    folder = tmp_path / "ann" / "health-heat-days"
    folder.mkdir(parents=True)
    for name in "AB":
        (folder / f"{name}.jsonl").write_bytes(
            (ROOT / "annotations" / "health-heat-days" / f"{name}.jsonl").read_bytes()
        )
    server = serve("adjudicate", str(SAMPLE), "--annotations", "ann", "--annotator", "third")
    page = visit(server.address)
    assert "They disagree" in page.inner_text("#rv-panel")
    press(page, "c")
    total = int(progress(page).split()[2])
    page.select_option("#rv-filter", "open")
    undecided = total - int(progress(page).split()[0])
    assert left_to_decide(page).startswith(f"{undecided} labels and ")
    page.locator(".u.focus").focus()
    for i in range(undecided):
        press(page, "ab"[i % 2])
    assert progress(page) == f"{total} of {total} checked"
    relations = int(left_to_decide(page).split()[3])
    assert relations > 0
    for _ in range(relations):  # accepted where the labels have it so, else rejected
        press(page, "n", "v")
        if page.locator("#rv-ask").is_visible():
            press(page, "b")
        if int(left_to_decide(page).split()[3]) == relations:
            press(page, "Shift+V")
        assert int(left_to_decide(page).split()[3]) == relations - 1
        relations -= 1
    assert left_to_decide(page) == "0 labels and 0 relations to decide"
    server.end()
    header = file_of(tmp_path, "third", "health-heat-days").header
    assert header.role == "adjudicated"
    assert header.parents == tuple(sha256((folder / f"{n}.jsonl").read_bytes()).hexdigest() for n in "AB")


@pytest.fixture
def two_readings(small, tmp_path):
    """A and B of the small paper: they differ in the label of 7 and in four relations, and share two."""
    text = Text.of(make_paper())
    folder = tmp_path / "ann" / "small"
    common = [label("1", "claim"), label("2", "evidence"), label("3", "evidence"), label("5", "claim")]
    common += [label(str(n), "none") for n in (6, 8)]
    shared = [relate("2", "1", "supports"), relate("7", "5", "attacks")]
    own = {
        "A": [label("7", "challenge"), *shared, relate("3", "1", "supports"), relate("3", "5", "supports"),
              relate("2", "5", "supports")],
        "B": [label("7", "claim"), *shared, relate("1", "3", "attacks"), relate("3", "5", "attacks"),
              relate("2", "3", "supports")],
    }  # fmt: skip
    for name, asked in own.items():
        session, _ = open_session(text, folder, name, header(text, name))
        for operation in common + asked:
            session.perform(parse(operation), session.revision)
        session.close()
    return folder


def left_to_decide(page):
    return page.inner_text("#rv-decide")


def test_a_whole_adjudication_by_keyboard(two_readings, serve, visit, tmp_path):
    server = serve("adjudicate", "small", "--annotations", "ann", "--annotator", "third")
    page = visit(server.address)
    assert left_to_decide(page) == "1 label and 4 relations to decide"
    press(page, "c")
    assert "6 sentences and 1 relation that both agree on are confirmed" in page.inner_text("#rv-toast")
    assert left_to_decide(page) == "1 label and 4 relations to decide"
    page.select_option("#rv-filter", "open")
    assert page.inner_text("#rv-shown") == "3 shown"  # a label at 7, relations at 2 and 3
    page.locator(".u.focus").focus()
    assert focus(page) == "7"
    press(page, "a")
    assert "both drew it, so it is in" in page.inner_text("#rv-toast")
    assert focus(page) == "2"
    assert "2 relations to decide" in page.locator(".u.focus").get_attribute("aria-label")
    press(page, "Shift+V")
    assert "1 relation to decide" in page.locator(".u.focus").get_attribute("aria-label")
    press(page, "v", "n")
    assert left_to_decide(page) == "0 labels and 2 relations to decide"
    assert focus(page) == "3"
    press(page, "v")
    assert "3 supports 1" in page.inner_text("#rv-ask")
    press(page, "b")
    press(page, "v", "Shift+V")  # neither is right
    assert left_to_decide(page) == "0 labels and 0 relations to decide"
    press(page, "n")
    assert "Nothing that is shown is left to decide" in page.inner_text("#rv-toast")
    drawn = {(r.source, r.target, r.label) for r in file_of(tmp_path, "third").relations}
    assert {("2", "1", "supports"), ("7", "5", "attacks"), ("1", "3", "attacks")} < drawn
    assert len(drawn) == 4
    server.end(signal.SIGKILL)
    page.close()
    again = visit(server.start())
    assert left_to_decide(again) == "0 labels and 0 relations to decide"
    server.end()
    said = (tmp_path / "stderr.txt").read_text()
    assert "0 labels and 0 relations to decide; 7 of 7 sentences checked, 4 relations" in said
    last = visit(server.start())
    assert left_to_decide(last) == "0 labels and 0 relations to decide"
    last.select_option("#rv-filter", "undrawn")
    assert last.inner_text("#rv-shown") == "2 shown"


def test_a_rejection_is_undone_and_taken_back_by_keyboard(two_readings, serve, visit):
    page = visit(serve("adjudicate", "small", "--annotations", "ann", "--annotator", "third").address)
    press(page, "c", "n", "Shift+V", "u")
    assert focus(page) == "2"
    assert left_to_decide(page) == "1 label and 4 relations to decide"
    press(page, "Shift+U")
    assert left_to_decide(page) == "1 label and 3 relations to decide"
    page.get_by_role("button", name="Take back the rejection").press("Enter")
    saved(page)
    assert left_to_decide(page) == "1 label and 4 relations to decide"


def test_what_a_label_makes_impossible_is_said(two_readings, serve, visit):
    page = visit(serve("adjudicate", "small", "--annotations", "ann", "--annotator", "third").address)
    press(page, "c")
    page.select_option("#rv-filter", "todo")
    page.locator(".u.focus").focus()
    assert focus(page) == "7"
    press(page, "6")
    assert "7 attacks 5 (A and B) can't be: 7 is none" in page.inner_text("#rv-toast")
    assert "7 is none" in page.inner_text(".relations .settled")


def test_a_suggested_relation_is_rejected_by_key(small, serve, visit):
    page = visit(serve("review", "small", "--annotations", "ann", "--annotator", "me").address)
    press(page, "Enter", "Enter", "Home")
    assert page.locator(".relations .proposed").count() == 1
    press(page, "Shift+V")
    assert page.locator(".relations .proposed").count() == 0
    press(page, "u")
    assert page.locator(".relations .proposed").count() == 1


def large(folder: Path, n: int = 5000) -> Path:
    said = tuple(
        f"Finding {i} about matter {i} holds as long as measure {i} is kept and factor {i} at work." for i in range(n)
    )
    folder.mkdir()
    (folder / "paper.json").write_text(make_paper(said).to_json(), encoding="utf-8")
    return folder


def test_only_what_is_visible_is_drawn(serve, visit, tmp_path):
    large(tmp_path / "large")
    page = visit(serve("review", "large", "--annotations", "ann", "--annotator", "me", "--blind").address)
    count = page.locator("*").count()
    assert count < 600
    for key in ("End", "Home", "]"):
        press(page, key, "4")
        assert page.locator("*").count() < count + 100
        assert page.locator(".u.focus").is_visible()
    assert progress(page) == "3 of 5000 checked"


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:160]}, {len(v['nodes'])} times)" for v in found]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("then", [(), ("Enter", "k"), ("4", "4", "k", "r"), ("4", "4", "k", "r", "1", "Enter"), ("?",)])
def test_axe_finds_nothing(small, serve, chromium, visit, axe, then, colours):
    server = serve("review", "small", "--annotations", "ann", "--annotator", "me")
    context = chromium.new_context(color_scheme=colours, bypass_csp=True)
    page = visit(server.address, context=context)
    press(page, *then)
    assert violations(page, axe) == []
    context.close()


def test_axe_finds_nothing_where_two_disagree(small, serve, chromium, visit, axe, tmp_path):
    for name, key in (("A", "4"), ("B", "2")):
        server = serve("review", "small", "--annotations", "ann", "--annotator", name, "--blind")
        press(visit(server.address), key, "5", "5")
        server.end()
    page = visit(
        serve("adjudicate", "small", "--annotations", "ann").address, context=chromium.new_context(bypass_csp=True)
    )
    assert violations(page, axe) == []
    press(page, "a", "c")
    labels = [
        json.loads(line).get("label") for line in (tmp_path / "ann/small/adjudicated.jsonl").read_text().splitlines()
    ]
    assert labels == [None, "claim", "evidence", "evidence"]


def test_axe_finds_nothing_where_relations_are_decided(two_readings, serve, chromium, visit, axe):
    server = serve("adjudicate", "small", "--annotations", "ann", "--annotator", "third")
    context = chromium.new_context(bypass_csp=True)
    page = visit(server.address, context=context)
    press(page, "c", "n", "Shift+V")
    assert page.locator(".relations .settled, .relations .proposed").count() > 1
    assert violations(page, axe) == []
    press(page, "n", "v")
    assert page.locator("#rv-ask").is_visible()
    assert violations(page, axe) == []
    context.close()
