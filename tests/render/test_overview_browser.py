"""The corpus page in a real Chromium: searching the units of all papers."""

from __future__ import annotations

import pytest

from argmine.inputs import Row
from argmine.render.overview import PaperUnits, index_html, said_first

from .conftest import HOSTILE, make, poison, violations, with_points

pytestmark = pytest.mark.browser


def rows(*stems):
    return [Row(stem=s, file=f"{s}.pdf", title=f"Paper {s}", units={"claim": 2, "evidence": 2, "motivation": 1,
            "challenge": 2, "recommendation": 1}, map=f"{s}/map.html") for s in stems]  # fmt: skip


def units(stem, amap, paper):
    return PaperUnits(f"Paper {stem}", f"{stem}/map.html", amap.units, {s.id: s.title for s in paper.sections})


@pytest.fixture
def html(small):
    paper, amap = small
    other, other_map = make([("Other", "claim", "Naïve water plans fail.")])
    return index_html(rows("a", "b"), [units("a", amap, paper), units("b", other_map, other)], title="Maps")


def hits(page):
    return [text.strip() for text in page.locator("#am-hits .said").all_inner_texts()]


def ask(page, words):
    page.fill("#am-query", words)
    page.press("#am-query", "Enter")


def test_every_word_must_be_in_the_text(visit, html):
    page = visit(html)
    ask(page, "WATER young")
    assert hits(page) == ["Young trees often die because nobody waters them in their first years."]
    assert page.locator("#am-hits mark").all_inner_texts() == ["Young", "water"]
    assert page.text_content("#am-status") == "1 of 10 units, in 1 paper"


def test_a_thesis_that_is_no_unit_is_found_and_leads_to_its_map(visit, small):
    _, amap = with_points(small, thesis=["t3"])
    page = visit(index_html(rows("a"), [PaperUnits("A", "a/map.html", amap.units, said=said_first(amap))], title="M"))
    ask(page, "four parts")
    assert hits(page) == ["The article has four parts."]
    assert page.locator("#am-hits a").get_attribute("href") == "a/map.html#t3"
    assert page.locator("#am-hits .m").count() == 0


def test_papers_are_narrowed_by_what_they_claim(visit, small):
    _, amap = with_points(small, thesis=["t3"])
    stems = "abcdef"
    papers = [PaperUnits(s, f"{s}/map.html", amap.units, said=said_first(amap) if s == "b" else ()) for s in stems]
    page = visit(index_html(rows(*stems), papers, title="M"))
    page.fill("#am-filter", "four parts")
    assert page.inner_text("#am-left") == "1 of 6"


def test_a_phrase_is_looked_for_as_it_stands(visit, html):
    page = visit(html)
    ask(page, '"for the first three"')
    assert len(hits(page)) == 1
    ask(page, '"three first"')
    assert hits(page) == []
    assert "No unit has all of this" in page.text_content("#am-status")


def test_accents_do_not_matter(visit, html):
    page = visit(html)
    ask(page, "naive")
    assert hits(page) == ["Naïve water plans fail."]


def test_labels_paper_and_attribution_narrow_the_search(visit, html):
    page = visit(html)
    page.click('[data-label="evidence"]')
    assert len(hits(page)) == 2
    page.select_option("#am-whose", "reported")
    assert hits(page) == ["Of 40 walkers 31 chose the shaded side (Author, 2020)."]
    page.click("#am-clear")
    assert page.locator("#am-hits").is_hidden()
    page.select_option("#am-paper", label="Paper b")
    assert hits(page) == ["Naïve water plans fail."]


def test_a_result_leads_to_its_unit_on_the_map(visit, html):
    page = visit(html)
    ask(page, "young trees")
    assert page.get_attribute("#am-hits a", "href") == "a/map.html#t7"
    assert "Paper a · Problems · p. 2 · 80\xa0%" in page.inner_text("#am-hits li")


def test_the_address_keeps_the_search(visit, html):
    page = visit(html, "#q=water&label=challenge&paper=a%2Fmap.html")
    assert len(hits(page)) == 1
    assert page.input_value("#am-query") == "water"
    ask(page, "unclear")
    assert "q=unclear&label=challenge" in page.url


def test_slash_goes_to_the_search(visit, html):
    page = visit(html)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "am-query"
    assert page.input_value("#am-query") == ""


def test_results_come_in_pages(visit):
    paper, amap = make([("Part", "claim", f"Shade number {n}.") for n in range(120)])
    page = visit(index_html(rows("a"), [units("a", amap, paper)], title="Maps"))
    ask(page, "shade")
    assert len(hits(page)) == 50
    page.click("#am-after")
    page.click("#am-after")
    assert len(hits(page)) == 20
    assert page.text_content("#am-where") == "page 3 of 3"
    assert page.get_attribute("#am-hits", "start") == "101"
    assert page.locator("#am-after").is_disabled()
    assert page.evaluate("document.activeElement === document.querySelector('#am-hits a')")


def test_papers_can_be_narrowed_by_their_names(visit):
    page = visit(index_html(rows(*(f"n{n}" for n in range(20))), title="Maps"))
    page.fill("#am-filter", "n7")
    assert page.locator("tbody tr:visible").count() == 1
    assert page.text_content("#am-left") == "1 of 20"


def test_a_large_page_runs_no_script_that_lies_beside_it(chromium, tmp_path):
    paper, amap = make([("Part", "claim", f"Unit {n} " + "some words " * 40) for n in range(100)])
    html = index_html(rows("a"), [units(str(n), amap, paper) for n in range(80)], title="Maps")
    assert len(html) > 3_000_000
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    (tmp_path / "units.js").write_text("globalThis.ran = true;", encoding="utf-8")
    page = chromium.new_page()
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
    page.goto((tmp_path / "index.html").as_uri())
    ask(page, '"unit 99"')
    assert page.text_content("#am-status") == "80 of 8,000 units, in 80 papers"
    assert page.evaluate("typeof globalThis.ran") == "undefined"
    assert troubles == []
    page.close()


@pytest.mark.parametrize("text", HOSTILE, ids=lambda s: ascii(s)[:18])
def test_hostile_text_does_nothing(visit, text):
    paper, amap = poison(text)
    found = PaperUnits(text, "a/map.html", amap.units, {s.id: s.title for s in paper.sections})
    page = visit(index_html(rows("a"), [found], title=text))
    page.click('[data-label="claim"]')
    assert len(hits(page)) == 1
    assert page.locator("img").count() == 0
    ask(page, text)


def test_on_a_telephone_nothing_sticks_out(visit, html):
    page = visit(html, width=390, height=844)
    ask(page, "water")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_script_the_papers_are_there(visit, html):
    page = visit(html, java_script_enabled=False)
    assert page.locator("#am-search").is_hidden()
    assert page.locator("tbody tr").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_inaccessible(visit, html, axe, scheme):
    page = visit(html, color_scheme=scheme)
    assert violations(page, axe) == []
    ask(page, "water")
    page.click('[data-label="challenge"]')
    assert violations(page, axe) == []
