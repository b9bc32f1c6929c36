"""The index of units that the overview searches."""

import json
import re

from argmine.show.index import EMBEDDED_LIMIT, TEXT_LIMIT, PaperUnits, index_text
from argmine.show.overview import PaperRow, index_html, overview_files

from .test_page import Page


def units_of(amap, path="a/map.html", title="On Trees"):
    return PaperUnits(title, path, amap.units, {"s1": "Introduction", "s2": "Evidence"})


def row(stem="a"):
    return PaperRow(stem=stem, file=f"{stem}.pdf", units={"claim": 3}, map_path=f"{stem}/map.html")


def test_a_unit_keeps_what_a_result_shows(small):
    _, amap = small
    [[title, address, sections, units]] = json.loads(index_text([units_of(amap)]))["papers"]
    assert (title, address, sections) == ("On Trees", "a/map.html", ["Introduction", "Evidence"])
    assert units[3] == ["t5", 1, 1, 1, 1, 80, "Of 40 walkers 31 chose the shaded side (Author, 2020)."]


def test_a_section_without_a_known_title_is_null(small):
    _, amap = small
    [[_, _, _, units]] = json.loads(index_text([units_of(amap)]))["papers"]
    assert units[-1][3] is None


def test_papers_without_units_are_not_searched(small):
    _, amap = small
    assert index_text([PaperUnits("Empty", "e/map.html")]) == ""
    assert len(json.loads(index_text([PaperUnits("Empty", "e/map.html"), units_of(amap)]))["papers"]) == 1


def test_ten_thousand_units_of_usual_length_stay_in_one_file_under_four_megabytes(make):
    _, amap = make([(f"Part {n // 20}", "claim", f"{n} " + "some words of an argument " * 8) for n in range(100)])
    files = overview_files([row(str(n)) for n in range(100)], [units_of(amap, f"{n}/map.html") for n in range(100)],
                           title="M")  # fmt: skip
    assert list(files) == ["index.html"]
    assert len(files["index.html"].encode()) < 4_000_000


def test_a_larger_index_goes_to_a_file_beside_the_page(make):
    _, amap = make([("Part", "claim", f"{n} " + "some words " * 40) for n in range(100)])
    many = [units_of(amap, f"{n}/map.html") for n in range(EMBEDDED_LIMIT // 40_000)]
    files = overview_files([row()], many, title="M")
    assert list(files) == ["index.html", "units.js"]
    assert re.search(r"script-src 'self' 'sha256-[^']+';", files["index.html"].replace("&#39;", "'"))
    assert len(files["index.html"]) < 100_000
    assert json.loads(files["units.js"].removeprefix("globalThis.argmineUnits = ").removesuffix(";\n"))["papers"]


def test_a_page_that_carries_its_index_allows_no_other_script(small):
    html = index_html([row()], [units_of(small[1])], title="M").replace("&#39;", "'")
    assert "script-src 'sha256-" in html


def test_an_endless_word_is_cut(make):
    _, amap = make([("Part", "claim", "w" * 1_000_000)])
    assert len(index_text([units_of(amap)])) < TEXT_LIMIT + 300


def test_hostile_text_stays_text(poisoned, hostile):
    paper, amap = poisoned
    units = PaperUnits(hostile, hostile, amap.units, {s.id: s.title for s in paper.sections})
    page = Page(index_html([row()], [units], title="M"))
    assert len(page.raw["script"]) == 2
    assert json.loads(page.raw["script"][0])["papers"]


def test_equal_input_gives_equal_bytes(small):
    once, again = (overview_files([row()], [units_of(small[1])], title="M", made_from="x") for _ in range(2))
    assert once == again
