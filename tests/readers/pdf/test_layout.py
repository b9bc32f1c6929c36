"""Columns, reading order, furniture, tables, footnotes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.readers.pdf.glyphs import Font, Run
from argmine.readers.pdf.layout import read_columns
from argmine.readers.pdf.lines import Piece, make_pieces
from tests.readers.pdf.conftest import WORDS, Sheet, text_of, texts

PLAIN = Font("times", 10.0, False, False, False)


def numbered(n: int, letter: str = "") -> str:
    """A paragraph that can be told from its like."""
    words = WORDS.rstrip(".").lower().split()
    turn = (7 * n + 3 * len(letter)) % len(words)
    return f"Paragraph {letter}{n} opens here. The {' '.join(words[turn:] + words[:turn])}."


def columns(sheet: Sheet, count: int, top: float = 100, width: float = 455, each: int = 4) -> list[str]:
    """Fill columns with paragraphs; returns the order in which a person reads them."""
    order = []
    gap = 16.0
    across = (width - gap * (count - 1)) / count
    for c in range(count):
        y = top
        for n in range(each):
            order.append(f"{chr(65 + c)}{n}")
            y = sheet.paragraph(70 + c * (across + gap), y, numbered(n, chr(65 + c)), across, 9) + 7
    return order


def order_of(sheet: Sheet) -> list[str]:
    return [t.split()[1] for t in texts(sheet.read(), "paragraph") if t.startswith("Paragraph")]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_columns_are_read_one_after_the_other(sheet: Sheet, count: int) -> None:
    expected = columns(sheet, count)
    assert order_of(sheet) == expected


def test_a_wide_title_and_a_wide_paragraph_part_the_columns(sheet: Sheet) -> None:
    sheet.text(120, 80, "On Bridges and Harbours in Old Towns", 18, "Times-Bold")
    expected = columns(sheet, 2, top=120)
    sheet.paragraph(70, 480, numbered(0, "W"), 455)
    expected += ["W0"]
    for c, x in enumerate((70, 305)):
        sheet.paragraph(x, 540, numbered(9, chr(65 + c)), 218, 9)
        expected.append(f"{chr(65 + c)}9")
    assert order_of(sheet) == expected


def test_a_page_with_few_lines_keeps_the_gutter_of_the_others(sheet: Sheet) -> None:
    for page in range(2):
        columns(sheet, 2, top=100 + 5 * page)
        sheet.new_page()
    sheet.paragraph(70, 90, numbered(0, "Y"), 218, 9)
    sheet.text(305, 100, "Last words of the paper.", 9)
    assert texts(sheet.read(), "paragraph")[-1] == "Last words of the paper."


def test_wide_word_spaces_of_a_few_lines_are_no_gutter(sheet: Sheet) -> None:
    expected = []
    for i in range(24):
        words = f"line {i} of the harbour and its bridge which the council of the town has mended by now"
        expected.append(words)
        first, rest = words[:45].rsplit(" ", 1)[0], words[len(words[:45].rsplit(" ", 1)[0]) + 1 :]
        if i % 5 == 2:
            sheet.text(70, 100 + 13 * i, first)
            sheet.text(270, 100 + 13 * i, rest)
        else:
            sheet.text(70, 100 + 13 * i, words)
    assert " ".join(texts(sheet.read(), "paragraph")) == " ".join(expected)


def test_running_heads_and_page_numbers_are_furniture(sheet: Sheet) -> None:
    for page in range(4):
        sheet.text(70, 40, "The Journal of Harbours" if page % 2 else "Smith and Jones", 8, "Times-Italic")
        sheet.text(500, 40, str(211 + page), 8)
        sheet.paragraph(70, 100, numbered(page))
        sheet.text(290, 800, f"- {page + 1} -", 9)
        sheet.new_page()
    paper = sheet.read()
    assert len(texts(paper, "paragraph")) == 4
    assert not any("Journal" in t or "Smith" in t or "211" in t for t in texts(paper, "paragraph", "heading", "author"))


def test_a_chapter_heading_at_the_top_of_pages_is_no_running_head(sheet: Sheet) -> None:
    for page, subject in enumerate(("harbours", "towns", "bridges", "ships")):
        sheet.text(70, 60, f"{page + 1} Chapter about {subject}", 16, "Times-Bold")
        sheet.paragraph(70, 100, numbered(page))
        sheet.new_page()
    assert len(texts(sheet.read(), "heading", "title")) == 4


def test_a_watermark_is_left_out(sheet: Sheet) -> None:
    for page in range(4):
        sheet.paragraph(70, 100, numbered(page))
        sheet.text(150, 113, "DRAFT NOT FOR CIRCULATION", 40, "Helvetica")
        sheet.new_page()
    assert not any("DRAFT" in text_of(d) for d in sheet.read().blocks)


def test_line_numbers_in_the_margin_are_left_out(sheet: Sheet) -> None:
    y = 100.0
    for i in range(12):
        sheet.text(70, y, WORDS[:70])
        sheet.text(545, y, str(i + 1), 6)
        y += 13
    assert not any(c.isdigit() for t in texts(sheet.read(), "paragraph") for c in t)


def test_footnotes_leave_the_paragraph_whole(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    sheet.text(70, 700, "The ships that were waiting had come a long way, and their captains asked the council for", 10)
    sheet.canvas.line(70, 842 - 715, 170, 842 - 715)
    sheet.text(70, 728, "1", 5)
    sheet.text(74, 731, "See the minutes of the council for that year, which the archive keeps.", 8)
    sheet.new_page()
    sheet.paragraph(70, 100, "nothing but a date, which nobody could give them.")
    paper = sheet.read()
    assert texts(paper, "paragraph")[-1].endswith(
        "asked the council for nothing but a date, which nobody could give them."
    )
    assert texts(paper, "footnote") == ["See the minutes of the council for that year, which the archive keeps."]


def test_a_figure_between_leaves_the_paragraph_whole(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    sheet.text(70, 150, "The ships that were waiting had come a long way, and their captains asked the council for", 10)
    sheet.canvas.rect(150, 842 - 300, 250, 120)
    sheet.text(200, 220, "ships", 8, "Helvetica")
    sheet.text(300, 260, "days", 8, "Helvetica")
    sheet.text(150, 320, "Figure 1. Ships that waited, by day.", 8, "Helvetica")
    sheet.paragraph(70, 360, "nothing but a date, which nobody could give them.")
    paper = sheet.read()
    assert texts(paper, "paragraph")[-1].endswith("for nothing but a date, which nobody could give them.")
    assert "Figure 1. Ships that waited, by day." in texts(paper, "caption")


@pytest.mark.parametrize("grid", [True, False])
def test_tables_are_no_paragraphs(sheet: Sheet, grid: bool) -> None:
    y = sheet.paragraph(70, 100, WORDS) + 20
    for r, row in enumerate(
        (("Town", "Ships", "Days"), ("North", "12", "9"), ("South", "7", "11"), ("West", "3", "2"))
    ):
        for c, cell in enumerate(row):
            sheet.text(80 + 140 * c, y + 16 * r, cell)
            if grid:
                sheet.canvas.rect(75 + 140 * c, 842 - (y + 16 * r + 4), 140, 16)
    sheet.paragraph(70, y + 90, numbered(1))
    paper = sheet.read()
    assert len(texts(paper, "paragraph")) == 2
    assert any("North" in t for t in texts(paper, "table"))


def test_cells_of_prose_in_a_grid_are_no_columns(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, WORDS)
    y = 120.0
    for r in range(4):
        for c in range(2):
            sheet.paragraph(80 + 220 * c, y + 14, f"Cell {r}{c}. {WORDS[:90]}", 200, 9)
            sheet.canvas.rect(75 + 220 * c, 842 - (y + 46), 220, 46)
        y += 46
    assert not any("Cell" in t for t in texts(sheet.read(), "paragraph"))


def test_a_box_beside_the_text_is_not_glued_in(sheet: Sheet) -> None:
    sheet.canvas.setFillColorRGB(0.9, 0.9, 0.9)
    sheet.canvas.rect(400, 842 - 190, 130, 110, stroke=0, fill=1)
    sheet.canvas.setFillColorRGB(0, 0, 0)
    for i, words in enumerate(("Report 12", "Jane Miller", "Analyst in Harbours", "and Bridges")):
        sheet.text(408, 100 + 13 * i, words, 9, "Helvetica")
    sheet.paragraph(70, 100, WORDS + " " + WORDS, 310)
    sheet.paragraph(70, 220, WORDS, 460)
    assert texts(sheet.read(), "paragraph") == [WORDS + " " + WORDS, WORDS]


def test_a_contents_page_is_furniture(sheet: Sheet) -> None:
    titles = ("The Bridge", "The Ships", "The Town", "The Council")
    sheet.text(70, 90, "Contents", 14, "Times-Bold")
    for i, title in enumerate(titles):
        sheet.text(70, 110 + 14 * i, f"{title} {'.' * (90 - len(title))} {i + 2}")
    for title in titles:
        sheet.new_page()
        sheet.text(70, 80, title, 14, "Times-Bold")
        sheet.paragraph(70, 110, numbered(len(title)))
    assert sorted(texts(sheet.read(), "heading")) == sorted(titles)


@given(st.lists(st.tuples(st.integers(0, 550), st.integers(0, 800), st.integers(1, 60)), max_size=60), st.randoms())
def test_every_piece_is_read_once_wherever_it_stands(places: list[tuple[int, int, int]], rng: random.Random) -> None:
    runs = [Run("w" * n, x, x + 4 * n, y, PLAIN, False, i) for i, (x, y, n) in enumerate(places)]
    rng.shuffle(runs)
    pieces = make_pieces(runs)
    read = [r for column in read_columns(pieces, 1) for line in column.lines for r in line.runs]
    assert sorted(map(id, read)) == sorted(id(r) for p in pieces for r in p.runs)


@given(st.integers(2, 3), st.integers(6, 30))
def test_full_columns_are_told_apart(count: int, rows: int) -> None:
    width = 500 / count - 16
    pieces = [
        Piece([Run("word " * 12, 50 + c * (width + 16), 50 + c * (width + 16) + width, 80 + 12 * r, PLAIN, False, 0)],
              50 + c * (width + 16), 50 + c * (width + 16) + width, 80 + 12 * r, 10.0)
        for r in range(rows) for c in range(count)
    ]  # fmt: skip
    assert [len(c.lines) for c in read_columns(pieces, 1)] == [rows] * count


@pytest.mark.parametrize("pages", [4, 12])
def test_running_heads_are_kept_as_facts_of_their_pages(sheet: Sheet, pages: int) -> None:
    for page in range(pages):
        sheet.text(250, 40, "GREY, J., dissenting" if page > 1 else "Opinion of the Court", 8)
        sheet.paragraph(70, 100, numbered(page))
        sheet.new_page()
    heads = sheet.read().heads
    said = ("Opinion of the Court",) * 2 + ("GREY, J., dissenting",) * (pages - 2)
    assert tuple(heads[page + 1] for page in range(pages)) == tuple((line,) for line in said)
