"""Numbers of lines beside the text."""

from __future__ import annotations

import textwrap

import pytest

from argmine.readers.raw_document import RawDocument
from tests.readers.pdf.conftest import WORDS, Sheet, texts

LONG = f"{WORDS} {WORDS.replace('harbour', 'market')} {WORDS.replace('old town', 'new quarter')}"


def set_lines(
    sheet: Sheet, x: float, *, numbers: float | None, start: int = 1, every: int = 1, width: int = 80, size: float = 6
) -> int:
    """Set the long paragraph from x on with numbers that end at `numbers`; returns the next number."""
    for i, line in enumerate(textwrap.wrap(LONG, width)):
        sheet.text(x, 100 + 13 * i, line)
        n = start + i
        if numbers is not None and n % every == 0:
            sheet.text(numbers - sheet.canvas.stringWidth(str(n), "Times-Roman", size), 100 + 13 * i, str(n), size)
    return start + i + 1


def body(paper: RawDocument) -> str:
    return " ".join(texts(paper, "paragraph"))


def test_every_fifth_line_is_numbered_over_pages(sheet: Sheet) -> None:
    start = 1
    for page in range(4):
        if page:
            sheet.new_page()
        start = set_lines(sheet, 90, numbers=70, start=start, every=5, width=20)
    assert not any(c.isdigit() for c in body(sheet.read()))


def test_a_page_with_two_numbers_is_known_by_the_others(sheet: Sheet) -> None:
    start = set_lines(sheet, 90, numbers=70)
    start = set_lines_again(sheet, start)
    sheet.new_page()
    for i in range(2):
        sheet.text(90, 100 + 13 * i, WORDS[4:70])
        sheet.text(64, 100 + 13 * i, str(start + i), 6)
    assert not any(c.isdigit() for c in body(sheet.read()))


def set_lines_again(sheet: Sheet, start: int) -> int:
    sheet.new_page()
    return set_lines(sheet, 90, numbers=70, start=start)


def test_numbers_between_columns_are_not_glued_into_words(sheet: Sheet) -> None:
    start = set_lines(sheet, 70, numbers=62, width=50)
    set_lines(sheet, 320, numbers=314, start=start, width=50)
    text = body(sheet.read())
    assert not any(c.isdigit() for c in text)
    assert text.count("market") == 2


def test_pages_without_numbers_keep_theirs(sheet: Sheet) -> None:
    set_lines(sheet, 90, numbers=70)
    sheet.new_page()
    sheet.paragraph(90, 100, f"{WORDS} 12 ships were counted, and 7 of them left. {WORDS}")
    assert "12 ships were counted, and 7" in body(sheet.read())


def test_numbers_may_begin_anew_on_each_page(sheet: Sheet) -> None:
    set_lines(sheet, 90, numbers=70)
    set_lines_again(sheet, 1)
    assert not any(c.isdigit() for c in body(sheet.read()))


def test_a_number_set_as_the_text_is_cut_from_its_line(sheet: Sheet) -> None:
    for i, line in enumerate(textwrap.wrap(LONG, 80)):
        number = str(i + 1).rjust(2)
        end = sheet.text(80 - sheet.canvas.stringWidth(number, "Times-Roman", 10), 100 + 13 * i, number)
        sheet.text(end + 5, 100 + 13 * i, line)
    assert body(sheet.read()) == LONG


def test_a_heading_keeps_its_own_number(sheet: Sheet) -> None:
    sheet.text(90, 70, "5", 13, "Times-Bold")
    sheet.text(105, 70, "Conclusion", 13, "Times-Bold")
    sheet.text(66, 70, "1", 6)
    set_lines(sheet, 90, numbers=70, start=2)
    assert texts(sheet.read(), "heading") == ["5 Conclusion"]


def test_years_beside_cells_are_no_line_numbers(sheet: Sheet) -> None:
    for i in range(20):
        sheet.text(70, 100 + 13 * i, str(1990 + i))
        sheet.text(130, 100 + 13 * i, f"{3 * i + 10}")
        sheet.text(230, 100 + 13 * i, "low" if i % 2 else "high")
    assert "2003" in " ".join(b.text for b in sheet.read().blocks)


@pytest.mark.parametrize("years", [True, False])
def test_a_list_and_a_table_keep_their_numbers(sheet: Sheet, years: bool) -> None:
    for i in range(9):
        sheet.text(70, 100 + 13 * i, str(2010 + i if years else i + 1))
        sheet.text(110, 100 + 13 * i, f"Miller, Jane, The Bridge of the Town and its Ships, volume {i}")
    kept = " ".join(b.text for b in sheet.read().blocks)
    assert ("2013" if years else "4 Miller") in kept
