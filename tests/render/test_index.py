"""The index of units that the overview searches."""

import json

from argmine.inputs import Row
from argmine.render.overview import TEXT_LIMIT, PaperUnits, index_html, index_text, said_first

from .conftest import with_points
from .test_page import Page


def units_of(amap, path="a/map.html", title="On Trees"):
    return PaperUnits(title, path, amap.units, {"s1": "Introduction", "s2": "Evidence"})


def row(stem="a"):
    return Row(stem=stem, file=f"{stem}.pdf", units={"claim": 3}, map=f"{stem}/map.html")


def test_a_unit_keeps_what_a_result_shows(small):
    _, amap = small
    [[title, address, sections, units]] = json.loads(index_text([units_of(amap)]))["papers"]
    assert (title, address, sections) == ("On Trees", "a/map.html", ["Introduction", "Evidence"])
    assert units[3] == ["t5", 1, 1, 1, 1, 80, "Of 40 walkers 31 chose the shaded side (Author, 2020)."]


def test_a_section_without_a_known_title_is_null(small):
    _, amap = small
    [[_, _, _, units]] = json.loads(index_text([units_of(amap)]))["papers"]
    assert units[-1][3] is None


def told(small):
    """A paper that claims what is no unit and calls for what is one."""
    _, amap = with_points(small, thesis=["t3", "t2"], recommendations=["t9"])
    return PaperUnits("On Trees", "a/map.html", amap.units, said=said_first(amap))


def test_a_thesis_that_is_no_unit_is_searched_without_a_label(small):
    [[_, _, _, units]] = json.loads(index_text([told(small)]))["papers"]
    assert units[-1] == ["t3", None, 1, None, 0, 90, "The article has four parts."]
    assert len(units) == len(small[1].units) + 1


def test_thesis_and_first_recommendation_stand_in_the_papers_row(small):
    html = index_html([row()], [told(small)], title="M")
    said = [a["href"] for a in Page(html).with_class("said-first")]
    assert said == ["a/map.html#t3", "a/map.html#t9"]
    assert "<b>argues</b> The article has four parts." in html
    assert "<b>calls for</b> Towns should plan water" in html


def test_a_paper_without_key_points_says_nothing_there(small):
    html = index_html([row()], [units_of(small[1])], title="M")
    assert not Page(html).with_class("said-first")


def test_papers_without_units_are_not_searched(small):
    _, amap = small
    assert index_text([PaperUnits("Empty", "e/map.html")]) == ""
    assert len(json.loads(index_text([PaperUnits("Empty", "e/map.html"), units_of(amap)]))["papers"]) == 1


def test_ten_thousand_units_of_usual_length_make_a_page_under_four_megabytes(make):
    _, amap = make([(f"Part {n // 20}", "claim", f"{n} " + "some words of an argument " * 8) for n in range(100)])
    many = (units_of(amap, f"{n}/map.html") for n in range(100))
    page = index_html([row(str(n)) for n in range(100)], many, title="M")
    assert len(page.encode()) < 4_000_000


def test_an_index_that_no_browser_could_hold_is_left_out_and_that_is_said(make, monkeypatch):
    _, amap = make([("Part", "claim", "Ferries are late.")])
    monkeypatch.setattr("argmine.render.overview.LARGEST_INDEX", 10)
    page = index_html([row()], [units_of(amap)], title="M")
    assert 'id="am-index"' not in page
    assert "use <code>argmine find</code>" in page


def test_a_page_that_carries_its_index_allows_no_other_script(small):
    html = index_html([row()], [units_of(small[1])], title="M").replace("&#39;", "'")
    assert "script-src 'sha256-" in html


def test_an_endless_word_is_cut(make):
    _, amap = make([("Part", "claim", "w" * 1_000_000)])
    assert len(index_text([units_of(amap)])) < TEXT_LIMIT + 300


def test_hostile_text_stays_text(poisoned, hostile):
    paper, amap = poisoned
    titles = {s.id: s.title for s in paper.sections}
    units = PaperUnits(hostile, hostile, amap.units, titles, said=said_first(amap))
    page = Page(index_html([row()], [units], title="M"))
    assert len(page.raw["script"]) == 3
    assert json.loads(page.raw["script"][1])["papers"]


def test_equal_input_gives_equal_bytes(small):
    once, again = (index_html([row()], [units_of(small[1])], title="M", made_from="x") for _ in range(2))
    assert once == again
