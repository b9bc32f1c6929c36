"""The maps of real papers in a real Chromium: every interaction, no error, no request, nothing inaccessible, size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from argmine.pipeline import mine, read
from argmine.render.page import map_html, page_pictures, pages_with_units
from tests.conftest import SHARED

from .conftest import violations

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "corpus" / "samples" / "security-cable-watch.pdf"
SEED = SHARED / "papers" / "pdf" / "seed-india-asean.pdf"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Mined:
    """A paper, its map, and its pages with and without pictures."""

    def __init__(self, path):
        from argmine.model.model import Model

        model = Model.load()
        self.paper = read(path)
        self.amap = mine(self.paper, model=model)
        reasons = model.reasons(self.paper, self.amap)
        self.html = map_html(self.paper, self.amap, reasons=reasons)
        pictures = page_pictures(path, pages_with_units(self.amap))
        self.pictured = map_html(self.paper, self.amap, reasons=reasons, pictures=pictures)


@pytest.fixture(
    scope="module",
    params=[
        SAMPLE,
        pytest.param(SEED, marks=pytest.mark.shared),
    ],
    ids=["sample", "seed"],
)  # fmt: skip
def mined(request):
    return Mined(request.param)


def test_a_page_without_pictures_is_below_a_megabyte(mined):
    assert len(mined.html.encode()) < 1_000_000
    per_page = len(mined.pictured.encode()) / max(1, len(pages_with_units(mined.amap)))
    assert per_page < 300_000


def test_every_interaction(visit, mined):
    """`visit` fails on any console error and on any request but the page's own."""
    page = visit(mined.html)
    unit = next(r.target for r in mined.amap.relations)
    page.click(f'[id="{unit}"]')
    assert page.locator("#am-detail .links li").count() >= 1
    assert page.locator("#am-detail .why li").count() >= 1
    for steps in ("2", "3"):
        page.click(f'[data-focus][data-steps="{steps}"]')
        assert page.locator(".card").count() >= 2
    page.click("#am-back")
    page.click("#am-forward")
    page.click("#am-unfocus")
    page.click("#am-close")
    for tab in ("units", "relations", "graph"):
        page.click(f"#am-tab-{tab}")
        assert page.locator(f"#am-{tab}").is_visible()
    for way in ("chains", "sections"):
        page.click(f'[data-by="{way}"]')
        page.click("#am-open-all")
        assert page.locator(".card").count() == len(mined.amap.units)
        page.click("#am-reset")
        assert page.locator(".card").count() < len(mined.amap.units)
    for button in ("in", "out", "out", "fit"):
        page.click(f"#am-zoom-{button}")
    for label in page.locator("[data-filter]:not([disabled])").all():
        label.click()
    assert page.locator(".card").count() == 0
    for label in page.locator("[data-filter]:not([disabled])").all():
        label.click()
    page.focus("#am-least")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert "on unseen papers precision" in page.inner_text("#am-least-says")
    kept = sum(round(100 * u.score) >= 50 for u in mined.amap.units)
    assert page.inner_text("#am-shown") == f"{kept} of {len(mined.amap.units)} units shown"
    page.keyboard.press("Home")
    for n in range(page.locator("#am-section option").count()):
        page.select_option("#am-section", index=n)
    page.select_option("#am-section", "")
    page.fill("#am-query", "the")
    page.press("#am-query", "Enter")
    page.fill("#am-query", "")
    with page.expect_download() as download:
        page.click("#am-save-json")
    assert json.loads(download.value.path().read_text(encoding="utf-8")) == json.loads(mined.amap.to_json())
    with page.expect_download():
        page.click("#am-save-svg")


def test_all_questions_are_answered_on_the_first_screen(visit, mined):
    page = visit(mined.html, width=1280, height=800)
    questions = page.locator(".brief-columns section")
    assert questions.count() >= 1
    for question in questions.all():
        box = question.bounding_box()
        assert box["y"] + box["height"] < 800
        assert question.locator("li").count() >= 1


def test_units_can_be_seen_on_their_pages(chromium, mined, tmp_path):
    file = tmp_path / "pictured.html"
    file.write_text(mined.pictured, encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    requests = []
    page.on("request", lambda r: requests.append(r.url))
    page.goto(file.as_uri())
    for unit in mined.amap.units[:: max(1, len(mined.amap.units) // 5)]:
        page.goto(f"{file.as_uri()}#{unit.id}")
        page.click("[data-pages]")
        frames = page.locator("#am-paper rect")
        assert frames.count() == len(unit.boxes)
        sheet, frame = page.locator(".sheet").first.bounding_box(), frames.first.bounding_box()
        assert sheet["x"] <= frame["x"]
        assert frame["x"] + frame["width"] <= sheet["x"] + sheet["width"]
        page.click("#am-paper-close")
    context.close()
    assert not [r for r in requests if not r.startswith(("data:image/webp", file.as_uri()))]


def _start(page):
    pass


def _select(page):
    page.locator(".open-card").first.click()


def _chains(page):
    page.click('[data-by="chains"]')
    page.click("#am-open-all")


def _focus(page):
    page.locator("#am-relations a").first.dispatch_event("click")
    page.click('[data-steps="2"]')


def _search(page):
    page.fill("#am-query", "the")
    page.press("#am-query", "Enter")


def _filtered(page):
    page.click("[data-filter]:not([disabled])")


STATES = {
    "start": _start, "selected": _select, "chains": _chains, "focus": _focus, "search": _search, "filtered": _filtered,
    "units": lambda page: page.click("#am-tab-units"), "relations": lambda page: page.click("#am-tab-relations"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_inaccessible(visit, mined, axe, state, scheme):
    page = visit(mined.html, color_scheme=scheme, reduced_motion="reduce")
    STATES[state](page)
    assert violations(page, axe) == []


@pytest.mark.parametrize("view", ["text", "graph", "units", "relations"])
def test_nothing_is_inaccessible_on_a_telephone(visit, mined, axe, view):
    page = visit(mined.html, width=390, height=844, is_mobile=True, has_touch=True)
    page.tap(f"#am-tab-{view}")
    page.tap("#am-more-filters")
    assert violations(page, axe) == []


def test_printed_pages_are_accessible(chromium, mined, axe, tmp_path):
    file = tmp_path / "pictured.html"
    file.write_text(mined.pictured, encoding="utf-8")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{file.as_uri()}#{mined.amap.units[0].id}")
    page.click("[data-pages]")
    found = violations(page, axe)
    context.close()
    assert found == []
