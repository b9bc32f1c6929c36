"""The page of a diff in a real Chromium."""

from __future__ import annotations

import pytest

from argmine.show.diffpage import compare_opened
from argmine.show.opened import Opened

from .conftest import HOSTILE, poison, violations
from .test_diff import changed

pytestmark = pytest.mark.browser


def compared(paper, amap, after):
    return compare_opened(Opened(paper, amap, amap), Opened(paper, after, after)).html()


@pytest.fixture
def page(visit, small):
    paper, amap = small
    after = changed(amap, drop=("t2",), t4={"label": "claim"}, t5={"attribution": "own"})
    return visit(compared(paper, amap, after))


def test_a_change_in_the_list_is_shown_in_the_text_and_back(page):
    page.click("#am-units li:nth-child(2) a")
    assert "In 2021" in page.inner_text(".u.sel")
    page.click(".u.removed")
    assert "Shade from street trees" in page.inner_text("#am-units li.sel")


def test_keys_and_buttons_step_through_the_changes(page):
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.click("#am-next")
    assert "Of 40 walkers" in page.inner_text("#am-units li.sel")
    page.keyboard.press("p")
    assert "In 2021" in page.inner_text("#am-units li.sel")


def test_kinds_of_changes_can_be_hidden(page):
    page.click('#am-units ~ .kinds, [data-kind="removed"][data-list="am-units"]')
    assert page.locator("#am-units li:visible").count() == 2


def test_on_a_telephone_nothing_sticks_out(visit, small):
    paper, amap = small
    page = visit(compared(paper, amap, changed(amap, drop=("t2",))), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("text", HOSTILE, ids=lambda s: ascii(s)[:18])
def test_hostile_text_does_nothing(visit, text):
    paper, amap = poison(text)
    page = visit(compared(paper, amap, changed(amap, drop=("t1",), t2={"label": "claim"})))
    page.click("#am-units li a")
    assert page.locator("img").count() == 0


def test_without_script_text_and_changes_are_there(visit, small):
    paper, amap = small
    page = visit(compared(paper, amap, changed(amap, drop=("t2",))), java_script_enabled=False)
    assert page.locator("#am-units li").count() == 1
    assert page.locator(".step").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_inaccessible(visit, small, axe, scheme):
    paper, amap = small
    after = changed(amap, drop=("t2",), t4={"label": "claim"}, t5={"attribution": "own"})
    page = visit(compared(paper, amap, after), color_scheme=scheme)
    page.click("details summary")
    page.click("#am-next")
    assert violations(page, axe) == []
