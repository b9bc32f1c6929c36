"""What stands apart from the text: boxes, margins, figures, contents, epigraphs, equations; and labels, which don't."""

from __future__ import annotations

from argmine.paper import BODY_TYPES
from argmine.readers.raw_document import RawDocument
from tests.readers.pdf.conftest import HEIGHT, WORDS, Sheet, texts

FIRST, SECOND = WORDS, WORDS.replace("harbour", "market").replace("ships", "carts")


def body(paper: RawDocument) -> list[str]:
    return texts(paper, *BODY_TYPES)


def box(sheet: Sheet, top: float, bottom: float, *, ground: bool = True) -> None:
    sheet.canvas.setFillColorRGB(0.9, 0.92, 0.96)
    sheet.canvas.rect(70, HEIGHT - bottom, 455, bottom - top, stroke=int(not ground), fill=int(ground))
    sheet.canvas.setFillColorRGB(0, 0, 0)


def test_a_box_of_prose_is_body_and_says_so(sheet: Sheet) -> None:
    box(sheet, 200, 290)
    sheet.paragraph(70, 100, FIRST)
    sheet.text(80, 220, "Box 1: What the town did", 9, "Helvetica-Bold")
    sheet.paragraph(80, 236, SECOND, 420, 9, "Helvetica")
    sheet.paragraph(70, 320, FIRST)
    paper = sheet.read()
    assert texts(paper, "box") == [SECOND]
    assert texts(paper, "caption") == ["Box 1: What the town did"]
    assert "box" in BODY_TYPES


def test_a_box_in_the_fonts_of_the_text_is_one_by_its_title(sheet: Sheet) -> None:
    for _ in range(2):
        sheet.paragraph(70, 60, FIRST)
        sheet.new_page()
    sheet.paragraph(70, 60, FIRST)
    box(sheet, 200, 290, ground=False)
    sheet.text(80, 220, "What the town did", 10, "Times-Bold")
    sheet.paragraph(80, 236, SECOND, 420)
    sheet.paragraph(70, 320, FIRST)
    assert texts(sheet.read(), "box") == [SECOND]


def test_a_boxed_list_at_the_foot_of_a_page_is_no_footnotes(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, FIRST)
    sheet.paragraph(70, 160, SECOND)
    box(sheet, 640, 790)
    y = 660.0
    for n in range(1, 6):
        y = sheet.paragraph(80, y, f"{n}. Count the ships that wait in place {n} before the bridge is mended.", 420, 8)
    paper = sheet.read()
    assert not texts(paper, "footnote")
    assert texts(paper, "box")[0] == "Count the ships that wait in place 1 before the bridge is mended."


def test_a_frame_of_facts_is_not_body(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, FIRST)
    box(sheet, 200, 260)
    sheet.text(80, 220, "Published 3 May 2021", 8, "Helvetica")
    sheet.text(80, 240, "Contact: harbour@example.org", 8, "Helvetica")
    assert body(sheet.read()) == [FIRST]


def test_a_box_leaves_the_paragraph_around_it_whole(sheet: Sheet) -> None:
    sheet.text(70, 120, "The ships that were waiting had come a long way, and their captains asked the council for", 10)
    box(sheet, 140, 220)
    sheet.paragraph(80, 160, SECOND, 420, 8, "Helvetica")
    sheet.paragraph(70, 250, "nothing but a date, which nobody could give them.")
    assert any("for nothing but a date" in t for t in texts(sheet.read(), "paragraph"))


def test_a_panel_in_the_margin_is_not_read_into_the_lines_beside_it(sheet: Sheet) -> None:
    sheet.paragraph(220, 100, f"{FIRST} {SECOND} {FIRST}", 300)
    for i, words in enumerate(("DOI: 10.0000/example.1", "Software", "Review and Archive", "License")):
        sheet.text(60, 104 + 17 * i, words, 8, "Helvetica")
    paper = sheet.read()
    assert body(paper) == [f"{FIRST} {SECOND} {FIRST}"]
    assert "DOI: 10.0000/example.1" in " ".join(texts(paper, "furniture"))


def test_a_panel_close_to_the_lines_is_cut_from_them(sheet: Sheet) -> None:
    lines = (FIRST + " " + SECOND).split()
    for i in range(8):
        end = sheet.text(70, 100 + 13 * i, " ".join(lines[8 * i : 8 * i + 8]))
        sheet.text(end + 1, 100 + 13 * i, "x" * int((380 - end) / 5))  # to one edge
        sheet.text(388, 100 + 13 * i, f"License {i}", 8, "Helvetica")
    assert "License" not in " ".join(body(sheet.read()))


def test_a_summary_on_a_ground_is_no_box(sheet: Sheet) -> None:
    sheet.text(70, 60, "A Town and its Ships", 18, "Times-Bold")
    box(sheet, 80, 170)
    sheet.text(80, 100, "Summary", 10, "Times-Bold")
    sheet.paragraph(80, 120, SECOND, 420)
    sheet.paragraph(70, 200, FIRST)
    paper = sheet.read()
    assert not texts(paper, "box")
    assert texts(paper, "heading") == ["Summary"]


def test_a_second_column_of_smaller_print_is_no_margin(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, f"{FIRST} {SECOND} {FIRST}", 215)
    sheet.text(310, 100, "References", 12, "Times-Bold")
    for n in range(1, 6):
        sheet.paragraph(
            310, 100 + 30 * n, f"[{n}] J. Miller, The Bridge of the Town, and the Ships that waited.", 215, 8
        )
    assert len(texts(sheet.read(), "reference")) == 5


def test_a_note_in_the_margin_is_a_note(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, f"{FIRST} {SECOND} {FIRST}", 300)
    sheet.paragraph(400, 110, SECOND, 130, 8)
    paper = sheet.read()
    assert body(paper) == [f"{FIRST} {SECOND} {FIRST}"]
    assert texts(paper, "footnote") == [SECOND]


def test_hanging_labels_stay_with_their_text(sheet: Sheet) -> None:
    y = 100.0
    for label in ("Right answer:", "Why it matters:", "What to do:", "Remember:"):
        sheet.text(70, y, label, 10, "Times-Bold")
        y = sheet.paragraph(170, y, FIRST, 350) + 6
    sheet.paragraph(70, y + 20, SECOND)
    paper = sheet.read()
    assert not texts(paper, "heading", "table")
    assert [t.split(" The")[0] for t in body(paper)[:4]] == [
        "Right answer:",
        "Why it matters:",
        "What to do:",
        "Remember:",
    ]


def test_the_words_of_a_drawing_are_no_sentences(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    for i in range(4):
        sheet.canvas.bezier(150, HEIGHT - 250, 200, HEIGHT - 240, 250, HEIGHT - 200, 300, HEIGHT - 220 + 20 * i)
        sheet.text(310, 225 - 20 * i, f"The share of the ships that waited for {i} days in the harbour of the town", 7)
    sheet.text(180, 268, "Days of waiting, by the year in which it was", 7)
    sheet.paragraph(70, 320, SECOND)
    paper = sheet.read()
    assert body(paper) == [FIRST, SECOND]
    assert len(texts(paper, "figure")) > 0


def test_a_heading_beside_a_drawing_is_none_of_its_words(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    for i in range(4):
        sheet.canvas.bezier(72, HEIGHT - 220, 120, HEIGHT - 240, 250, HEIGHT - 180, 300, HEIGHT - 170 + 5 * i)
    sheet.text(75, 200, "2 Planning", 16, "Times-Bold")
    sheet.paragraph(70, 260, SECOND)
    assert texts(sheet.read(), "heading") == ["2 Planning"]


def test_a_heading_that_opens_with_a_figures_name_is_no_caption(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    sheet.text(70, 130, "Graph embedding in towns", 13, "Helvetica-Bold")
    sheet.paragraph(70, 160, SECOND)
    assert texts(sheet.read(), "heading") == ["Graph embedding in towns"]


def test_a_formula_is_an_equation(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, FIRST)
    sheet.text(230, 170, "x = a + b y", 10, "Times-Italic")
    sheet.paragraph(70, 210, SECOND)
    paper = sheet.read()
    assert texts(paper, "equation") == ["x = a + b y"]
    assert body(paper) == [FIRST, SECOND]


def test_contents_without_leaders_are_known_by_their_heading(sheet: Sheet) -> None:
    sheet.text(70, 80, "Contents", 14, "Times-Bold")
    for i, title in enumerate(("The Bridge", "The Ships", "The Town", "The Council")):
        sheet.text(70, 110 + 14 * i, title)
        sheet.text(515, 110 + 14 * i, str(i + 2))
    sheet.text(70, 220, "Opening", 14, "Times-Bold")
    sheet.paragraph(70, 250, FIRST)
    paper = sheet.read()
    assert body(paper) == [FIRST]
    assert "The Ships 3" in " ".join(texts(paper, "contents"))


def test_a_title_over_the_contents_is_the_title(sheet: Sheet) -> None:
    sheet.text(70, 60, "A Town and its Ships", 18, "Times-Bold")
    sheet.text(70, 90, "Contents", 14, "Times-Bold")
    for i, title in enumerate(("The Bridge", "The Ships", "The Town", "The Council")):
        sheet.text(70, 110 + 14 * i, f"{title} {'.' * 60} {i + 2}")
    sheet.text(70, 220, "Opening", 14, "Times-Bold")
    sheet.paragraph(70, 250, FIRST)
    assert sheet.read().title == "A Town and its Ships"


def test_dots_of_a_quotation_are_no_contents(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, FIRST)
    sheet.text(70, 160, "The captains said that nobody had seen the bridge for days . . . . . .")
    sheet.text(70, 173, "and that the council was to blame for it, as it had been before.")
    sheet.paragraph(70, 220, SECOND)
    assert not texts(sheet.read(), "contents")


def test_a_saying_under_a_heading_is_an_epigraph(sheet: Sheet) -> None:
    sheet.text(70, 40, "A Town and its Ships", 18, "Times-Bold")
    sheet.text(70, 80, "The Bridge", 14, "Times-Bold")
    sheet.paragraph(300, 110, "The map is not the territory, and the word is not the thing.", 200, 10, "Times-Italic")
    sheet.text(360, 150, "\u2014 An Old Teacher", 10)
    sheet.paragraph(70, 180, FIRST)
    paper = sheet.read()
    assert body(paper) == [FIRST]
    assert texts(paper, "epigraph")[0].startswith("The map")


def test_items_within_items_are_items(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    y = 130.0
    for x, mark, words in (
        (80, "\x95", "town"),
        (100, "\x96", "bridge"),
        (100, "\x96", "carts"),
        (80, "\x95", "council"),
    ):
        sheet.text(x, y, mark)
        y = sheet.paragraph(x + 12, y, f"What the people of the {words} had to say of it was written down there.", 400)
    assert len(texts(sheet.read(), "list_item")) == 4
