"""What a reader does with the map to narrow it, to look around a unit, to check it and to take it along."""

from __future__ import annotations

import json
import re

import pytest
from lxml import etree

from argmine.argument_map import ArgumentMap, Scores
from argmine.model.sentence_context import Reason
from argmine.paper import Box
from argmine.render.page import PagePicture, map_html

from .conftest import HOSTILE, card, poison, selected, violations, with_points

pytestmark = pytest.mark.browser

PIXEL = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")


def cards(page):
    return {c.get_attribute("data-go") for c in page.locator(".open-card").all()}


def saved(page, button):
    """The text of the file that a button saves, and its name."""
    with page.expect_download() as download:
        page.click(button)
    return download.value.path().read_text(encoding="utf-8"), download.value.suggested_filename


def slide(page, value):
    page.evaluate(
        """value => { const range = document.getElementById("am-least"); range.value = value;
                      range.dispatchEvent(new Event("input", { bubbles: true })) }""",
        value,
    )


@pytest.fixture
def scored(small):
    """The small map with its units' probabilities falling from 0.95, and a table of what to expect."""
    paper, amap = small
    units = tuple(u.model_copy(update={"score": 0.95 - n / 10}) for n, u in enumerate(amap.units))
    table = [
        {"threshold": t / 10, "precision": round(0.4 + t / 20, 2), "recall": round(0.6 - t / 20, 2)} for t in range(10)
    ]
    return paper, amap.model_copy(update={"units": units, "scores": Scores(model={"thresholds": table})})


def test_slider_hides_uncertain_units_everywhere_and_says_what_to_expect(visit, scored):
    page = visit(map_html(*scored))
    assert page.inner_text("#am-least-says") == "all units"
    slide(page, 60)
    assert page.locator(".u.off").count() == 5
    assert page.inner_text("#am-shown") == "4 of 9 units shown"
    assert page.inner_text("#am-least-says") == "60 %: on unseen papers precision 0.70, recall 0.30"
    assert cards(page) <= {"t1", "t2", "t4", "t5"}
    page.click("#am-tab-units")
    assert page.locator("[data-row]:visible").count() == 4
    slide(page, 0)
    assert page.locator("[data-row]:visible").count() == 9
    assert page.inner_text("#am-shown") == ""


def test_slider_moves_by_keyboard(visit, scored):
    page = visit(map_html(*scored))
    page.focus("#am-least")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#am-least", "aria-valuetext") == "at least 5 %"


def test_a_model_without_a_table_promises_nothing(page):
    slide(page, 50)
    assert "no table" in page.inner_text("#am-least-says")


def test_an_annotators_map_has_no_slider(visit, small):
    paper, amap = small
    units = tuple(u.model_copy(update={"score": None, "scores": {}}) for u in amap.units)
    page = visit(map_html(paper, amap.model_copy(update={"units": units})))
    assert page.locator("#am-least").count() == 0
    page.click("#t2")
    assert page.locator(".bars").count() == 0


def test_a_section_with_its_subsections_can_be_shown_alone(visit, small):
    paper, amap = small
    sections = tuple(
        s.model_copy(update={"parent": "s1", "level": 2}) if s.title == "Evidence" else s for s in paper.sections
    )
    page = visit(map_html(paper.model_copy(update={"sections": sections}), amap))
    page.select_option("#am-section", "s1")
    assert page.inner_text("#am-shown") == "5 of 9 units shown"
    page.select_option("#am-section", "s3")
    assert cards(page) == {"t7", "t8"}
    page.select_option("#am-section", "")
    assert page.locator(".u.off").count() == 0


def test_own_and_reported_units_can_be_told_apart(page):
    page.select_option("#am-whose", "reported")
    assert cards(page) == {"t5"}
    page.select_option("#am-whose", "own")
    assert page.locator(".u.off").count() == 1


def test_filters_add_up(page):
    page.select_option("#am-section", "s3")
    page.click('[data-filter="challenge"]')
    assert cards(page) == set()
    assert page.inner_text("#am-shown") == "0 of 9 units shown"


def test_graph_by_chains_shows_open_ends(page):
    page.click('[data-by="chains"]')
    titles = page.locator(".lane .title").all_text_contents()
    assert titles[0].startswith("1: ")
    assert "Challenges that nothing addresses" in titles
    assert page.text_content(f".card:has({card('t8')}) .open-end").strip() == "no recommendation or claim addresses it"
    assert page.text_content(f".card:has({card('t10')}) .open-end").strip() == "nothing supports it"
    page.click('[data-by="sections"]')
    assert page.locator(".open-end").count() == 0
    assert page.locator(".lane .title").first.text_content() == "Introduction"


def test_selection_survives_the_change_of_lanes(page):
    page.click("#t4")
    page.click('[data-by="chains"]')
    assert selected(page)[1] == "t4"


def test_focus_shows_two_or_three_steps_around_a_unit(page):
    page.click("#t4")
    page.click('[data-focus="t4"][data-steps="2"]')
    assert cards(page) == {"t4", "t2", "t6", "t1"}
    page.click('[data-focus="t4"][data-steps="3"]')
    assert cards(page) == {"t4", "t2", "t6", "t1", "t5"}
    assert "3 steps around #t4" in page.inner_text("#am-unfocus")
    page.click("#am-unfocus")
    assert cards(page) > {"t8", "t9"}
    assert not page.locator("#am-unfocus").is_visible()


def test_back_and_forward_go_through_units_and_focus(page):
    assert page.locator("#am-back").is_disabled()
    page.click("#t2")
    page.click('[data-focus="t2"][data-steps="2"]')
    page.click("#t9")
    page.click("#am-back")
    page.wait_for_function("document.querySelector('.u.sel')?.dataset.u === 't2'")
    assert "t9" not in cards(page)
    page.click("#am-back")
    page.wait_for_function("document.getElementById('am-unfocus').hidden")
    assert "t9" in cards(page)
    page.click("#am-forward")
    page.wait_for_function("!document.getElementById('am-unfocus').hidden")
    assert "t9" not in cards(page)


def test_a_link_to_a_section_is_a_step_too(page):
    page.click("#t2")
    page.click(".outline summary")
    page.click(".outline a >> nth=1")
    page.wait_for_function("location.hash === '#am-s2'")
    page.click("#am-back")
    page.wait_for_function("document.querySelector('.u.sel')?.dataset.u === 't2'")


def test_why_this_label_and_the_other_labels_probabilities(visit, small):
    reasons = {"t9": [Reason("word", "should", 1.25), Reason("after", "because, costs", 0.4),
                      Reason("place", "it opens its section", -0.31), Reason("word", "a number", -0.2)]}  # fmt: skip
    page = visit(map_html(*small, reasons=reasons))
    page.click("#t9")
    told = [" ".join(t.split()) for t in page.locator(".why li").all_text_contents()]
    assert told == [
        "“should”+1.3", "in the sentence after: because, costs+0.4", "it opens its section−0.3", "a number−0.2"
    ]  # fmt: skip
    assert page.locator(".bars span:not([class])").all_inner_texts() == ["recommendation", "none"]
    page.click("#t2")
    assert page.locator(".why").count() == 0


def test_saved_json_is_the_map(page, small, tmp_path):
    text, name = saved(page, "#am-save-json")
    assert name == "map.json"
    assert json.loads(text) == json.loads(small[1].to_json())
    file = tmp_path / "again.json"
    file.write_text(text, encoding="utf-8")
    assert ArgumentMap.from_file(file) == small[1]


def test_saved_json_has_long_units_whole(visit, make):
    paper, amap = make([("A", "claim", "words and more " * 400 + "end."), ("A", "claim", "Short one.")])
    text, _ = saved(visit(map_html(paper, amap)), "#am-save-json")
    assert [u["text"] for u in json.loads(text)["units"]] == [u.text for u in amap.units]


def test_saved_svg_stands_alone(page):
    page.click("#am-tab-units")
    text, name = saved(page, "#am-save-svg")
    assert name == "map.svg"
    root = etree.fromstring(text.encode())
    shown = " ".join(" ".join(root.itertext()).split())
    assert "Shade from street trees lowers" in shown
    assert "var(" not in text
    assert not re.search(r"\b(class|data-\w+|tabindex|role)=", text)
    boxes = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("stroke-width") == "1px" or r.get("rx")]
    assert boxes
    assert all(r.get("fill") for r in boxes)


def boxed(paper, amap):
    """The map with its first unit on two printed pages, and pictures of both."""
    first = amap.units[0]
    middle = first.start + 10
    boxes = (Box(1, 50, 100, 350, 112, first.start, middle), Box(2, 50, 40, 200, 52, middle, first.end))
    units = (first.model_copy(update={"boxes": boxes}), *amap.units[1:])
    pictures = {n: PagePicture(400, 600, PIXEL) for n in (1, 2)}
    return map_html(paper, amap.model_copy(update={"units": units}), pictures=pictures)


@pytest.fixture
def pictured(chromium, tmp_path, small):
    """The page with pictures. They are data, which Chromium reports as requests that reach nothing."""
    file = tmp_path / "pictured.html"
    file.write_text(boxed(*small), encoding="utf-8")
    context = chromium.new_context()
    page = context.new_page()
    requests, errors = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert not [r for r in requests if not r.startswith(("data:image/webp", file.as_uri()))]
    assert errors == []


def test_a_unit_is_marked_on_its_printed_pages(pictured):
    pictured.click("#t1")
    pictured.click("[data-pages]")
    assert pictured.locator("#am-paper figcaption").all_inner_texts() == ["Page 1", "Page 2"]
    frames = pictured.locator("#am-paper rect")
    assert [frames.nth(n).get_attribute("y") for n in range(2)] == ["99", "39"]
    assert pictured.evaluate("[...document.querySelectorAll('#am-paper img')].every(i => i.complete && i.naturalWidth)")
    pictured.keyboard.press("Escape")
    assert not pictured.locator("#am-paper").is_visible()
    assert pictured.locator("#am-detail").is_visible()  # Escape closed the pages alone
    pictured.click("[data-pages]")
    pictured.click("#am-paper-close")
    assert not pictured.locator("#am-paper").is_visible()


def test_a_unit_without_a_picture_offers_none(pictured):
    pictured.click("#t2")
    assert pictured.locator("[data-pages]").count() == 0


def test_telephones_fold_the_filters_away(visit, small):
    page = visit(map_html(*small), width=390, height=844, has_touch=True, is_mobile=True)
    assert not page.locator("#am-section").is_visible()
    page.tap("#am-more-filters")
    assert page.locator("#am-section").is_visible()
    assert page.get_attribute("#am-more-filters", "aria-expanded") == "true"
    page.select_option("#am-section", "s3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_chains_of_a_large_map_start_small(visit, make):
    labels = ["claim", "evidence", "challenge", "recommendation", "motivation"]
    said = [(f"Part {n // 100}", labels[n % 5], f"Sentence {n} on thing k{n} says something.") for n in range(2000)]
    relations = [(f"t{n + 2}", f"t{n + 1}", "addresses") for n in range(2, 2000, 5)]
    page = visit(map_html(*make(said, [(f"t{n + 1}", f"t{n}", "supports") for n in range(1, 2000, 5)] + relations)))
    page.click('[data-by="chains"]')
    assert page.locator(".card").count() <= 70
    assert page.locator("#am-svg *").count() < 1500


@pytest.mark.parametrize("text", HOSTILE, ids=lambda s: ascii(s)[:18])
def test_hostile_text_is_harmless_in_what_is_saved(visit, text, tmp_path):
    paper, amap = poison(text)
    page = visit(map_html(paper, amap, reasons={"t1": [Reason("word", text, 1.0)]}))
    page.click('[data-by="chains"]')
    page.click(f"{card('t1')} .label")
    picture, _ = saved(page, "#am-save-svg")
    root = etree.fromstring(picture.encode())
    assert not [e for e in root.iter() if etree.QName(e).localname in ("script", "a", "image", "foreignObject")]
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on") or "href" in name]
    whole, _ = saved(page, "#am-save-json")
    assert json.loads(whole) == json.loads(amap.to_json())


def test_paper_cuts_no_lane_of_the_graph(visit, make):
    labels = ["claim", "challenge", "recommendation"]
    said = [(f"Part {n // 6}", labels[n % 3], f"Matter{n} is so for group{n} and kind{n}.") for n in range(90)]
    page = visit(map_html(*make(said)))
    page.click("#am-open-all")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    lanes = page.eval_on_selector_all(
        ".lane > rect", "all => all.map(r => [r.y.baseVal.value, r.y.baseVal.value + r.height.baseVal.value])"
    )
    sheets = page.eval_on_selector_all(
        ".sheet-of-graph", "all => all.map(s => [s.viewBox.baseVal.y, s.viewBox.baseVal.y + s.viewBox.baseVal.height])"
    )
    assert len(sheets) > 1
    for top, bottom in lanes:
        assert sum(first <= top and bottom <= last for first, last in sheets) == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".sheet-of-graph").count() == 0


@pytest.fixture
def pointed(small):
    """The small map with a thesis that is no unit, a problem with an answer, and two voices."""
    return with_points(
        small, [("t7", "t9")], [("t4", "t6", "a critic"), ("t10", "t10", "a mayor")], thesis=["t3", "t2"],
        reasons=["t6"], why=["t1"], recommendations=["t9"], problems=["t7"], open=["t8"],
    )  # fmt: skip


def at_point(page):
    """The sentence that is marked as gone to, and whether it can be seen."""
    [box] = [node.bounding_box() for node in page.locator(".point.sel").all()]
    return page.locator(".point.sel").get_attribute("id"), 0 <= box["y"] < page.viewport_size["height"]


def test_a_key_point_on_no_unit_leads_to_its_place_in_the_text_and_back(visit, pointed):
    page = visit(map_html(*pointed))
    page.click('.brief a[data-go="t3"]')
    assert at_point(page) == ("t3", True)
    assert page.evaluate("document.activeElement.id") == "t3"
    assert page.evaluate("location.hash") == "#t3"
    page.click('.brief a[data-go="t9"] >> nth=0')
    assert selected(page)[0] == "t9"
    assert page.locator(".point.sel").count() == 0
    page.click("#am-back")
    page.wait_for_selector(".point.sel")
    assert at_point(page)[0] == "t3"
    assert selected(page) == [None, None, None]


def test_an_address_may_name_a_key_point_on_no_unit(visit, pointed):
    assert at_point(visit(map_html(*pointed), "#t3")) == ("t3", True)


def test_on_a_narrow_screen_it_opens_the_text(visit, pointed):
    page = visit(map_html(*pointed), width=390, height=844)
    page.click('.brief a[data-go="t3"]')
    assert page.locator("#am-text").is_visible()
    assert at_point(page) == ("t3", True)


def test_the_detail_says_whose_words_a_unit_stands_in_and_what_brought_a_relation(visit, pointed):
    paper, amap = pointed
    brought = amap.relations[4].model_copy(update={"from_": "key_points"})
    page = visit(map_html(paper, amap.model_copy(update={"relations": (*amap.relations[:4], brought)})), "#t6")
    assert "in another voice: a critic" in page.inner_text("#am-detail .top")
    page.click("#t9")
    assert "an answer or reason among the key points" in page.inner_text("#am-detail .links")
    assert "among the key points" in page.locator(".edge.addresses title").first.text_content()


def test_a_thesis_opens_as_a_tree_of_its_reasons_and_their_evidence(visit, small):
    page = visit(map_html(*with_points(small, thesis=["t2"], reasons=["t6"])))
    page.click('[data-by="chains"]')
    assert cards(page) >= {"t2"}
    assert not cards(page) & {"t5", "t6"}
    page.locator('[data-toggle="t2"]').click()
    page.locator('[data-toggle="t6"]').click()
    assert cards(page) >= {"t2", "t4", "t5", "t6"}


def test_saved_json_holds_key_points_and_voices(visit, pointed):
    text, _ = saved(visit(map_html(*pointed)), "#am-save-json")
    assert ArgumentMap.model_validate_json(text) == pointed[1]
    assert json.loads(text) == json.loads(pointed[1].to_json())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_first_screen_and_voices_are_accessible(visit, axe, pointed, scheme):
    page = visit(map_html(*pointed), "#t3", color_scheme=scheme, reduced_motion="reduce")
    assert violations(page, axe) == []
