"""What is read of a page's characters, and what is left out."""

from __future__ import annotations

import pytest
from pypdf import PdfReader, PdfWriter

from argmine.readers.pdf.glyphs import LOST, Font, Lost, PageGlyphs, Run, make_font, mend_ligatures
from argmine.readers.pdf.lines import make_lines, make_pieces
from tests.readers.pdf.conftest import WORDS, Sheet, read_pdf, texts

PLAIN = Font("times", 10.0, False, False, False)


def run(text: str, x0: float = 50, base: float = 100, size: float = 10.0, space: bool = False) -> Run:
    return Run(text, x0, x0 + 0.5 * size * len(text), base, PLAIN._replace(size=size), space, 0)


def line_text(*runs: Run) -> str:
    return make_lines(make_pieces(runs), 1, 50, 500)[0].text


@pytest.mark.parametrize(
    ("name", "family", "bold", "italic"),
    [
        ("ABCDEF+TimesNewRomanPS-BoldItalicMT", "timesnew", True, True),
        ("CMBX12", "cm", True, False),
        ("CMTI10", "cm", False, True),
        ("LMRoman10-Regular", "lm", False, False),
        ("NimbusRomNo9L-Medi", "nimbusromno9l", True, False),
        ("CenturySchoolbook,Italic", "centuryschoolbook", False, True),
    ],
)
def test_font_names_say_family_and_style(name: str, family: str, bold: bool, italic: bool) -> None:
    font = make_font(name, 10)
    assert (font.family, font.bold, font.italic) == (family, bold, italic)


def test_text_that_cannot_be_seen_is_left_out(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    sheet.canvas.setFillColorRGB(1, 1, 1)
    sheet.text(70, 300, "White words on white paper say nothing to a reader.")
    sheet.canvas.setFillColorRGB(0, 0, 0)
    sheet.text(70, 320, "Words in letters of one point are not meant to be read.", size=1)
    hidden = sheet.canvas.beginText(70, 500)
    hidden.setFont("Times-Roman", 10)
    hidden.setTextRenderMode(3)
    hidden.textLine("Invisible words under nothing at all are not to be read.")
    sheet.canvas.drawText(hidden)
    sheet.canvas.saveState()
    sheet.canvas.rotate(90)
    sheet.canvas.drawString(200, -560, "A note along the edge of the page")
    sheet.canvas.restoreState()
    assert texts(sheet.read(), "paragraph") == [WORDS]


def test_white_text_on_a_dark_ground_is_read(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    sheet.canvas.setFillColorRGB(0.1, 0.2, 0.4)
    sheet.canvas.rect(60, 500, 450, 60, stroke=0, fill=1)
    sheet.canvas.setFillColorRGB(1, 1, 1)
    sheet.text(70, 300, "What stands on the dark ground can be seen by all.")
    assert any("dark ground" in t for t in texts(sheet.read(), "paragraph", "caption"))


def test_text_printed_twice_is_read_once(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    sheet.paragraph(70.3, 100, WORDS)
    assert texts(sheet.read(), "paragraph") == [WORDS]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_page_is_read_as_it_is_shown(sheet: Sheet, rotation: int) -> None:
    transform = {90: (0, 1, -1, 0, 595, 0), 180: (-1, 0, 0, -1, 595, 842), 270: (0, -1, 1, 0, 0, 842)}[rotation]
    sheet.canvas.transform(*transform)
    size = (842, 595) if rotation != 180 else (595, 842)
    for i, part in enumerate((WORDS[:60], WORDS[60:])):
        sheet.canvas.setFont("Times-Roman", 10)
        sheet.canvas.drawString(70, size[1] - 100 - 13 * i, part.strip())
    path = sheet.save()
    writer = PdfWriter()
    page = PdfReader(path).pages[0]
    page.rotate(rotation)
    writer.add_page(page)
    writer.write(path)
    (draft,) = (d for d in read_pdf(path).blocks if d.type == "paragraph")
    assert draft.lines[0].text == WORDS[:60].strip()
    x0, y0, _, y1 = draft.lines[0].box or (0, 0, 0, 0)
    assert (round(x0), y0 < 100 < y1) == (70, True)


def test_a_crop_moves_the_boxes(sheet: Sheet) -> None:
    sheet.paragraph(170, 200, WORDS, width=300)
    sheet.canvas.setCropBox((100, 100, 560, 742), "crop")
    box = sheet.read().blocks[0].lines[0].box
    assert box is not None
    assert (round(box[0]), box[1] < 100 < box[3]) == (70, True)


@pytest.mark.parametrize(
    ("before", "raised", "text"),
    [
        ("reached.", "12", "reached."),
        ("below", "3,4", "below"),
        ("the 21", "st", "the 21st"),
        ("about 10", "6", "about 106"),
        ("12 km", "2", "12 km2"),
        ("in 2014", "7", "in 2014"),
        ("side", "*", "side"),
    ],
)
def test_raised_marks_go_and_raised_numbers_stay(before: str, raised: str, text: str) -> None:
    first = run(before)
    assert line_text(first, run(raised, first.x1, 96.5, 6.5)) == text


def test_letter_spaced_words_are_closed_up() -> None:
    assert line_text(run("A B S T R A C T")) == "ABSTRACT"


def glyphs(*texts: str, width: float = 0.5) -> PageGlyphs:
    page = PageGlyphs(1, 600, 800)
    for text in texts:
        page.runs.append(run(text))
        if LOST in text:
            page.lost.append(Lost(page.runs[-1], text.index(LOST), width))
    return page


def test_lost_ligatures_come_back_by_what_words_they_make() -> None:
    page = glyphs(f"a scienti{LOST}c view", f"the {LOST}rst", f"Ha{LOST}z said")
    assert mend_ligatures([page]) == 0
    assert [r.text for r in page.runs] == ["a scientific view", "the first", "Hafiz said"]


def test_ligatures_of_other_width_are_others() -> None:
    narrow, wide = glyphs(f"the {LOST}rst"), glyphs(f"a di{LOST}cult e{LOST}ort"[:12], width=0.84)
    mend_ligatures([narrow, wide])
    assert (narrow.runs[0].text, wide.runs[0].text) == ("the first", "a difficult e"[:14])


def test_a_letter_that_is_lost_is_no_ligature() -> None:
    words = "party open sleep port stop spoon paper plan part price press people pay point place post plus put path pie"
    page = glyphs(*(word.replace("p", LOST, 1) for word in words.split()))
    assert mend_ligatures([page]) == page.unread == 20
    assert [run.text for run in page.runs[:3]] == ["arty", "oen", "slee"]


def with_fs(text: str, wide: set[int]) -> PageGlyphs:
    """A page with one run, in which the file calls these of its places "f" too."""
    line = run(text)
    fs = [Lost(line, i, 0.55 if i in wide else 0.36) for i, c in enumerate(text) if c == "f"]
    return PageGlyphs(1, 595, 842, runs=[line], fs=fs)


def test_ligatures_that_the_file_calls_f_are_found_by_their_width() -> None:
    text = "of a fnal effect for identifed people"
    page = with_fs(text, {text.index("fnal"), text.index("fed")})
    assert mend_ligatures([page]) == 0
    assert page.runs[0].text == "of a final effect for identified people"


def test_an_f_of_another_cut_stays_an_f() -> None:
    text = "half of the staff for a roof or another roof"
    page = with_fs(text, {len(text) - 1})
    mend_ligatures([page])
    assert page.runs[0].text == text


def test_words_of_the_paper_itself_help(sheet: Sheet) -> None:
    page = glyphs("an overfit model", f"to over{LOST}t", width=0.5)
    mend_ligatures([page])
    assert page.runs[1].text == "to overfit"


def test_drop_caps_join_their_word(sheet: Sheet) -> None:
    sheet.text(70, 113, "T", size=30)
    x = 70 + sheet.canvas.stringWidth("T", "Times-Roman", 30) + 2
    sheet.text(x, 100, "he harbour was closed, and the ships that were waiting could not leave it")
    sheet.text(x, 113, "for nine days because of the bridge, which had to be mended by the town.")
    sheet.paragraph(70, 126, WORDS)
    assert texts(sheet.read(), "paragraph")[0].startswith("The harbour was closed, and the ships")


def test_fonts_of_pictures_give_bullets(tmp_path: object, sheet: Sheet) -> None:
    y = sheet.paragraph(70, 100, WORDS)
    for i, item in enumerate(("The first of the two things is here.", "The second of the two things is there.")):
        sheet.text(85, y + 6 + 13 * i, "l", font="ZapfDingbats")
        sheet.text(100, y + 6 + 13 * i, item)
    assert len(texts(sheet.read(), "list_item")) == 2


def test_runs_keep_to_their_baseline() -> None:
    lines = make_lines(make_pieces([run("one", base=100), run("two", base=112)]), 1, 50, 500)
    assert [line.text for line in lines] == ["one", "two"]
