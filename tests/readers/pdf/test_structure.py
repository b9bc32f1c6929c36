"""Headings, paragraphs, lists, captions, title block, references."""

from __future__ import annotations

import pytest

from argmine.readers.pdf.blocks import (
    Block,
    caption_head,
    is_back_matter_title,
    is_contact,
    is_date_line,
    is_keywords,
    is_prose,
)
from argmine.readers.pdf.glyphs import Font, Run
from argmine.readers.pdf.headings import set_levels
from argmine.readers.pdf.lines import line_of_runs
from argmine.readers.raw_document import RawDocument
from tests.readers.pdf.conftest import WORDS, Sheet, texts

FIRST = "The council met in spring. " + WORDS
SECOND = "Its answer came late. " + WORDS


def headings(paper: RawDocument) -> list[tuple[str, int | None, bool]]:
    return [(d.lines[0].text, d.level, d.run_in) for d in paper.blocks if d.type == "heading"]


def test_numbered_headings_have_the_depth_of_their_numbers(sheet: Sheet) -> None:
    y = 80.0
    for title, size in (("1 The Harbour", 14), ("1.1 Its Bridge", 12), ("1.2 Its Ships", 12), ("2 The Town", 14)):
        sheet.text(70, y, title, size, "Times-Bold")
        y = sheet.paragraph(70, y + 20, f"{title.split()[-1]} are told of here. {WORDS}") + 20
    assert [level for _, level, _ in headings(sheet.read())][-3:] == [2, 2, 1]


def test_unnumbered_headings_are_ranked_by_their_font(sheet: Sheet) -> None:
    sheet.text(70, 60, "A Title Larger than All the Others", 20, "Times-Bold")
    y = 90.0
    for title, size, font in (
        ("The harbour", 14, "Times-Bold"),
        ("Its bridge", 11, "Times-Bold"),
        ("the ships of others".capitalize(), 10, "Times-Italic"),
        ("The town", 14, "Times-Bold"),
    ):
        sheet.text(70, y, title, size, font)
        y = sheet.paragraph(70, y + 20, f"{title} is told of here. {WORDS}") + 20
    assert [level for _, level, _ in headings(sheet.read())] == [1, 2, 3, 1]


def test_a_heading_of_two_lines_is_one(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    sheet.text(70, 130, "2 How the council came to think about", 14, "Times-Bold")
    sheet.text(84, 147, "bridges and ships", 14, "Times-Bold")
    sheet.paragraph(70, 170, SECOND)
    assert texts(sheet.read(), "heading") == ["2 How the council came to think about bridges and ships"]


@pytest.mark.parametrize("font", ["Times-Bold", "Times-Italic", "Times-BoldItalic"])
def test_a_run_in_heading_is_cut_off_its_paragraph(sheet: Sheet, font: str) -> None:
    sheet.paragraph(70, 60, FIRST)
    x = sheet.text(70, 130, "What the council said.", 10, font)
    sheet.text(x + 4, 130, "The council said that the bridge would be mended soon, and that")
    sheet.paragraph(70, 143, "nobody should worry. " + WORDS)
    paper = sheet.read()
    assert headings(paper) == [("What the council said.", 1, True)]
    assert texts(paper, "paragraph")[1].startswith("The council said that")


def test_emphasis_at_the_start_of_a_sentence_is_no_heading(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    x = sheet.text(70, 130, "Ships", 10, "Times-Italic")
    sheet.text(x + 3, 130, "are not what the council thought of first when it met in the spring.")
    sheet.paragraph(70, 143, SECOND)
    assert headings(sheet.read()) == []


def test_small_words_in_capitals_and_centred_titles_are_headings(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    sheet.text(70, 130, "THE ANSWER OF THE COUNCIL")
    sheet.paragraph(70, 150, SECOND)
    title = "The Answer of the Ships"
    width = sheet.canvas.stringWidth(title, "Times-Roman", 10)
    sheet.text(70 + (440 - width) / 2, 230, title)
    sheet.paragraph(70, 252, FIRST)
    assert texts(sheet.read(), "heading") == ["THE ANSWER OF THE COUNCIL", "The Answer of the Ships"]


def line(text: str, size: float, bold: bool = True) -> Block:
    run = Run(text, 70, 300, 100, Font("times", size, bold, False, False), False, 0)
    return Block([line_of_runs([run], 1, 70, 500)], "heading")


def test_headings_without_numbers_take_the_level_of_their_font() -> None:
    blocks = [
        line("1 One", 14),
        line("1.1 Two", 12),
        line("1.2 Three", 12),
        line("Four", 12),
        line("2 Five", 14),
        line("Six", 14),
    ]
    set_levels(blocks)
    assert [b.level for b in blocks] == [1, 2, 2, 2, 1, 1]


def test_an_abstract_is_as_deep_as_the_headings_set_like_it() -> None:
    blocks = [line("A Second Title", 18), line("Abstract", 14), line("The Bridge", 14), line("The Ships", 12)]
    set_levels(blocks)
    assert [b.level for b in blocks] == [1, 2, 2, 3]


def test_an_abstract_set_smaller_than_the_headings_is_at_the_top() -> None:
    blocks = [line("Abstract", 10), line("The Bridge", 14), line("The Ships", 12)]
    set_levels(blocks)
    assert [b.level for b in blocks] == [1, 1, 2]


def test_a_line_of_volume_and_pages_stays_with_its_entry(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    sheet.text(70, 130, "References", 14, "Times-Bold")
    sheet.text(70, 150, "[1] R. Sailor. Of harbours and their bridges. Journal of Harbours,")
    sheet.text(86, 162, "30(2), 167-214, 1978.")
    sheet.text(70, 178, "[2] A. Mason. Of bridges. Harbour Press, 1981.")
    assert texts(sheet.read(), "reference") == [
        "[1] R. Sailor. Of harbours and their bridges. Journal of Harbours, 30(2), 167-214, 1978.",
        "[2] A. Mason. Of bridges. Harbour Press, 1981.",
    ]


def test_indented_paragraphs_are_parted(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST, indent=15)
    sheet.paragraph(70, y, SECOND, indent=15)
    assert texts(sheet.read(), "paragraph") == [FIRST, SECOND]


def test_a_paragraph_goes_on_over_the_page(sheet: Sheet) -> None:
    words = FIRST.split()
    sheet.paragraph(70, 740, " ".join(words[:30]))
    sheet.new_page()
    sheet.paragraph(70, 60, " ".join(words[30:]))
    (draft,) = (d for d in sheet.read().blocks if d.type == "paragraph")
    assert {x.page for x in draft.lines} == {1, 2}


def test_list_items_lose_their_marks_and_keep_their_lines(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 6
    for mark, item in (("1.", "Mend the bridge before the summer."), ("2.", SECOND), ("3.", "Tell the ships of it.")):
        sheet.text(80, y, mark)
        y = sheet.paragraph(95, y, item, 400)
    assert texts(sheet.read(), "list_item") == ["Mend the bridge before the summer.", SECOND, "Tell the ships of it."]


def test_a_list_goes_on_over_the_page(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, FIRST)
    sheet.text(80, 130, "1.")
    sheet.text(95, 130, "Mend the bridge before the summer.")
    sheet.new_page()
    sheet.text(80, 60, "2.")
    sheet.paragraph(95, 60, SECOND, 400)
    assert texts(sheet.read(), "list_item") == ["Mend the bridge before the summer.", SECOND]


def test_a_definition_list_is_parted_by_its_bold_words(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 10
    for term in ("Bridge", "Ship", "Town"):
        x = sheet.text(80, y, term, 10, "Times-Bold")
        sheet.text(x + 8, y, "what the council speaks of")
        y += 13
    assert len(texts(sheet.read(), "list_item")) == 3


def test_block_quotes_stand_apart(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 6
    y = sheet.paragraph(100, y, SECOND, 380) + 6
    sheet.paragraph(70, y, FIRST)
    assert texts(sheet.read(), "quote") == [SECOND]


def test_code_and_formulas_are_no_paragraphs(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 8
    sheet.text(90, y, "for ship in harbour: wait(ship)", 10, "Courier")
    sheet.text(220, y + 22, "x = 2 y + 3 (z - 1)")
    sheet.paragraph(70, y + 44, SECOND)
    assert texts(sheet.read(), "paragraph") == [FIRST, SECOND]


def test_the_title_block_is_told_apart(sheet: Sheet) -> None:
    sheet.text(120, 60, "On Bridges and Harbours", 18, "Times-Bold")
    sheet.text(150, 85, "Ada Lister and Ben Q. Okafor", 11)
    sheet.text(150, 100, "University of the Coast, Harbour Town")
    sheet.text(150, 115, "ada@example.org")
    sheet.text(150, 130, "Received: 3 March 2020; accepted: 4 May 2020", 8)
    sheet.text(70, 155, "Abstract", 11, "Times-Bold")
    sheet.paragraph(90, 170, FIRST, 400, 9)
    sheet.text(90, 225, "Keywords: bridges, ships, towns", 9)
    sheet.text(70, 255, "Introduction", 12, "Times-Bold")
    sheet.paragraph(70, 275, SECOND)
    paper = sheet.read()
    assert paper.title == "On Bridges and Harbours"
    assert paper.authors == ("Ada Lister", "Ben Q. Okafor")
    assert [d.role for d in paper.blocks if d.type == "heading"] == ["abstract", None]
    assert texts(paper, "abstract") == [FIRST]
    assert texts(paper, "keywords") == ["Keywords: bridges, ships, towns"]
    assert texts(paper, "paragraph") == [SECOND]


def test_names_under_authors_are_no_headings(sheet: Sheet) -> None:
    sheet.text(120, 60, "On Bridges and Harbours", 18, "Times-Bold")
    sheet.text(70, 90, "Authors", 14, "Times-Bold")
    for i, name in enumerate(("Ada Lister", "Ben Okafor")):
        sheet.text(80, 110 + 35 * i, name, 10, "Times-Bold")
        sheet.text(80, 123 + 35 * i, "Department of Bridges, University of the Coast", 8)
    sheet.text(70, 195, "Introduction", 14, "Times-Bold")
    sheet.paragraph(70, 215, SECOND)
    assert texts(sheet.read(), "heading") == ["Introduction"]


def test_an_abstract_that_runs_in_is_cut(sheet: Sheet) -> None:
    sheet.text(120, 60, "On Bridges and Harbours", 18, "Times-Bold")
    sheet.paragraph(90, 90, "Abstract. " + FIRST, 400, 9)
    sheet.text(70, 180, "1 Introduction", 12, "Times-Bold")
    sheet.paragraph(70, 200, SECOND)
    paper = sheet.read()
    assert [h[0] for h in headings(paper)] == ["Abstract.", "1 Introduction"]
    assert texts(paper, "abstract") == [FIRST]


def test_each_reference_is_one_block(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, "References", 12, "Times-Bold")
    entries = [
        "Adams, R. (2012). On the measure of trust in public institutions and in towns. Journal of Trust, 12, 45.",
        "Barrow, T. (2015). The cost of delay. Policy Review, 8, 101.",
        "Chen, Y. (2018). Shared infrastructure and its enemies, with notes on the mending of bridges. Annals, 3, 2.",
    ]
    y += 18
    for entry in entries:
        words = entry.split()
        sheet.text(70, y, " ".join(words[:12]), 9)
        y += 12
        if len(words) > 12:
            sheet.text(85, y, " ".join(words[12:]), 9)
            y += 12
    assert texts(sheet.read(), "reference") == entries


def test_a_section_that_speaks_of_references_is_no_list_of_them(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, "References", 12, "Times-Bold")
    sheet.paragraph(70, y + 18, SECOND)
    paper = sheet.read()
    assert texts(paper, "reference") == []
    assert texts(paper, "paragraph") == [FIRST, SECOND]


def test_entries_whose_first_line_is_the_indented_one_are_one_block_each(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, "References", 12, "Times-Bold")
    entries = [
        "Adams,R. (2012) On the measure of trust in public institutions and towns. Trust, 12, 45.",
        "Barrow,T. (2015) The cost of delay, and what the ferries of the north have to say. Review, 8, 101.",
        "Chen,Y. (2018) Shared infrastructure and its enemies, with notes on mending of bridges. Annals, 3, 2.",
        "Dahl,U. (2019) The long way round, or how a harbour was built by those who had none. Annals, 4, 7.",
    ]
    y += 18
    for entry in entries:
        words = entry.split()
        for x, part in ((84, words[:5]), (70, words[5:11]), (70, words[11:])):
            sheet.text(x, y, " ".join(part), 9)
            y += 11
    assert texts(sheet.read(), "reference") == entries


def test_an_address_at_an_entrys_end_does_not_turn_its_indents_over(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, "References", 12, "Times-Bold")
    y += 18
    entries = []
    for i, name in enumerate(("Adams", "Barrow", "Chen", "Dahl")):
        lines = (
            f"{name}, R. (201{i}). On the measure of trust in public institutions.",
            f"https://doi.org/10.1000/{i}0",
        )
        entries.append(" ".join(lines))
        for x, part in zip((70, 85), lines, strict=True):
            sheet.text(x, y, part, 9)
            y += 11
    assert texts(sheet.read(), "reference") == entries


def test_entries_of_one_line_each_are_none_of_a_table(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, "References", 12, "Times-Bold")
    entries = [f"[{i}] Tool {i}: https://example.org/tool/{i}" for i in range(1, 7)]
    for i, entry in enumerate(entries):
        sheet.text(70, y + 20 + 24 * i, entry, 10)
    assert texts(sheet.read(), "reference") == entries


def test_acknowledgements_and_funding_are_no_body(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    for title in ("Funding", "Acknowledgements"):
        sheet.text(70, y, title, 12, "Times-Bold")
        y = sheet.paragraph(70, y + 16, f"We say so under {title}. {WORDS}") + 20
    paper = sheet.read()
    assert texts(paper, "paragraph") == [FIRST]
    assert sum(WORDS in t for t in texts(paper, "acknowledgement")) == 2


def test_captions_are_told_from_sentences_about_figures(sheet: Sheet) -> None:
    sheet.paragraph(70, 60, "Figure 2 shows the ships that waited. " + WORDS)
    sheet.text(70, 180, "Figure 2. Ships that waited in the harbour, by day.", 9)
    sheet.paragraph(70, 220, SECOND)
    paper = sheet.read()
    assert texts(paper, "caption") == ["Figure 2. Ships that waited in the harbour, by day."]
    assert texts(paper, "paragraph")[0].startswith("Figure 2 shows")


@pytest.mark.parametrize(
    ("text", "yes"),
    [("12 March 2024", True), ("Updated April 9, 2026", True), ("Received : 24/09/2024 Revised : 03/10/2024", True),
     ("In March 2024 the council met.", False)],
)  # fmt: skip
def test_date_lines(text: str, yes: bool) -> None:
    assert is_date_line(text) is yes


def test_other_shapes() -> None:
    assert is_contact("E-mail: ada@example.org")
    assert not is_contact(
        "The council asked everybody to write to ada@example.org if they knew of a second way out of it."
    )
    assert is_keywords("Index Terms\u2014bridges")
    assert not is_keywords("Keywords help.")
    assert is_back_matter_title("8. Conflict of Interest")
    assert not is_back_matter_title("Interests in Conflict")
    assert caption_head("Table A1: Ships") == "Table A1"
    assert is_prose(WORDS)
    assert not is_prose("Department of Bridges, University of the Coast, Harbour Town, North County, Land")


@pytest.mark.parametrize("title", ["Declaration of Judith Larkin", "Funding Maintenance"])
def test_a_title_that_only_begins_like_back_matter_opens_body(sheet: Sheet, title: str) -> None:
    y = sheet.paragraph(70, 60, FIRST) + 20
    sheet.text(70, y, title, 12, "Times-Bold")
    sheet.paragraph(70, y + 16, SECOND)
    assert texts(sheet.read(), "paragraph") == [FIRST, SECOND]


def test_titles_in_light_type_count_where_the_whole_style_is_titles(sheet: Sheet) -> None:
    y = 80.0
    for title in ("Study design", "Ethical approval"):
        sheet.text(70, y, title, 10, "Helvetica")
        y = sheet.paragraph(70, y + 22, WORDS, indent=12) + 16
    assert texts(sheet.read(), "heading") == ["Study design", "Ethical approval"]


def test_one_short_line_in_another_type_is_no_heading(sheet: Sheet) -> None:
    y = sheet.paragraph(70, 80, WORDS)
    sheet.text(70, y + 12, "Photograph by the harbour master", 9.4, "Helvetica")
    sheet.paragraph(70, y + 40, WORDS)
    assert texts(sheet.read(), "heading") == []


def test_two_numbered_titles_above_each_other_are_two(sheet: Sheet) -> None:
    sheet.text(70, 80, "2.3. The harbour", 10, "Times-Bold")
    sheet.text(70, 93, "2.3.1. The bridge", 10, "Times-Bold")
    sheet.paragraph(70, 108, WORDS)
    assert texts(sheet.read(), "heading") == ["2.3. The harbour", "2.3.1. The bridge"]


def test_a_chapter_is_called_by_its_number_and_title(sheet: Sheet) -> None:
    sheet.text(70, 80, "A book about the town", 26, "Times-Bold")
    sheet.paragraph(70, 150, WORDS)
    sheet.new_page()
    for chapter, title in enumerate(("The harbour", "The bridge"), 1):
        sheet.text(70, 80, f"Chapter {chapter}", 18, "Times-Bold")
        sheet.text(70, 110, title, 20, "Times-Bold")
        sheet.paragraph(70, 150 + 9 * chapter, f"{title} was as it had been. {WORDS}")
        sheet.new_page()
    raw = sheet.read()
    assert texts(raw, "heading") == ["Chapter 1 The harbour", "Chapter 2 The bridge"]
    assert [b.number for b in raw.blocks if b.type == "heading"] == ["Chapter 1", "Chapter 2"]


def test_titles_under_contents_are_no_headings(sheet: Sheet) -> None:
    sheet.text(70, 80, "A paper about a harbour", 20, "Times-Bold")
    sheet.paragraph(70, 120, WORDS)
    sheet.new_page()
    for row, title in enumerate(("Contents", "The harbour", "The bridge", "The ships")):
        sheet.text(70, 80 + 30 * row, title, 14, "Times-Bold")
    sheet.new_page()
    for row, title in enumerate(("The harbour", "The bridge", "The ships")):
        sheet.text(70, 80 + 120 * row, title, 14, "Times-Bold")
        sheet.paragraph(70, 105 + 120 * row, WORDS)
    assert texts(sheet.read(), "heading") == ["The harbour", "The bridge", "The ships"]


def test_an_outline_nests_by_what_its_labels_stand_below(sheet: Sheet) -> None:
    y = 80.0
    for label in ("I. The harbour", "A. The bridge", "1. The mending", "2. The cost", "B. The ships", "II. The town"):
        sheet.text(70, y, label, 10, "Times-Bold")
        y = sheet.paragraph(70, y + 16, WORDS) + 20
    assert [b.level for b in sheet.read().blocks if b.type == "heading"] == [1, 2, 3, 3, 2, 1]


def test_an_italic_name_of_a_case_opens_no_section(sheet: Sheet) -> None:
    end = sheet.text(70, 80, "Harbour Co.", 10, "Times-Italic")
    sheet.text(end, 80, ", 12 Rep. 34, was decided when the old bridge was mended, and the town had", 10)
    sheet.paragraph(70, 93, WORDS)
    assert texts(sheet.read(), "heading") == []
