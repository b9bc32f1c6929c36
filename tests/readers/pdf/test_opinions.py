"""Judgments: opinions, captions, outlines, and what a case is called."""

from __future__ import annotations

from argmine.readers import ReadOptions, read_paper
from argmine.readers.raw_document import RawDocument
from tests.readers.pdf.conftest import WORDS, Sheet, texts


def centred(sheet: Sheet, y: float, text: str, size: float = 10, font: str = "Times-Roman") -> None:
    sheet.text(290 - sheet.canvas.stringWidth(text, font, size) / 2, y, text, size, font)


def caption(sheet: Sheet) -> None:
    centred(sheet, 80, "HIGH COURT OF THE HARBOUR", 14, "Times-Bold")
    centred(sheet, 104, "BRIDGE COMPANY, PETITIONER v. TOWN")
    centred(sheet, 120, "[May 3, 1999]")


def judgment(sheet: Sheet) -> None:
    """Two pages of the court's opinion, two of a dissent, each opened by the same caption."""
    for page, (head, opening) in enumerate(
        (
            ("Opinion of the Court", "Judge Black delivered the opinion of the Court."),
            ("Opinion of the Court", ""),
            ("GREY, J., dissenting", "Judge Grey, dissenting."),
            ("GREY, J., dissenting", ""),
        )
    ):
        centred(
            sheet, 30, f"{page + 1}   BRIDGE CO. v. TOWN" if page % 2 else f"Cite as: 7 Rep. 12 (1999)   {page + 1}", 8
        )
        centred(sheet, 44, head, 8)
        y = 80.0
        if opening:
            caption(sheet)
            sheet.text(82, 150, opening)
            y = 170.0
        y = sheet.paragraph(70, y, f"{'So it was ' * page}in that year. {WORDS}", indent=12)
        if page % 2:
            centred(sheet, y + 6, "I" if page == 1 else "A")
        sheet.paragraph(70, y + 20, f"{'And why ' * page}it was. {WORDS}", indent=12)
        sheet.new_page()


def test_each_opinion_has_what_runs_over_its_pages_for_a_heading(sheet: Sheet) -> None:
    judgment(sheet)
    found = [(" ".join(x.text for x in b.lines), b.level) for b in sheet.read().blocks if b.type == "heading"]
    assert found == [("Opinion of the Court", 1), ("I", 2), ("GREY, J., dissenting", 1), ("A", 2)]


def test_captions_are_no_text(sheet: Sheet) -> None:
    judgment(sheet)
    assert not any("HIGH COURT" in text or "PETITIONER" in text for text in texts(sheet.read(), "paragraph", "author"))


def test_a_case_is_called_as_it_runs_over_its_pages(sheet: Sheet) -> None:
    judgment(sheet)
    assert sheet.read().title == "BRIDGE CO. v. TOWN"


def test_opinions_have_the_role_other_and_dissents_a_voice(sheet: Sheet) -> None:
    judgment(sheet)
    paper = read_paper(sheet.save(), ReadOptions())
    assert [s.role for s in paper.sections if s.level == 1] == ["other", "other"]
    assert [voice.whose for voice in paper.voices] == ["GREY, J., dissenting"]


def test_a_case_is_called_after_the_parties_of_its_caption(sheet: Sheet) -> None:
    centred(sheet, 80, "COURT OF THE HARBOUR")
    for row, line in enumerate(("BRIDGE COMPANY, et al.,", "Plaintiffs,", "v.", "THE OLD TOWN,", "Defendant.")):
        sheet.text(70, 110 + 18 * row, line)
    sheet.paragraph(70, 230, WORDS)
    assert sheet.read().title == "BRIDGE COMPANY v. THE OLD TOWN"


def test_a_page_that_runs_syllabus_over_it_is_no_judgment(sheet: Sheet) -> None:
    for page in range(3):
        centred(sheet, 40, "Syllabus", 8)
        sheet.text(70, 80, f"{page + 1}. The week of the bridge", 14, "Times-Bold")
        sheet.paragraph(70, 110, WORDS)
        sheet.new_page()
    assert "Syllabus" not in texts(sheet.read(), "heading")


def test_documents_stay_as_they_are_without_opinions(sheet: Sheet) -> None:
    sheet.text(70, 80, "Bridge against harbour", 20, "Times-Bold")
    sheet.paragraph(70, 120, WORDS)
    read: RawDocument = sheet.read()
    assert (read.title, texts(read, "paragraph")) == ("Bridge against harbour", [WORDS])
