"""Who wrote a paper, where and when, by its layout and by what the file's properties say."""

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from argmine.readers.pdf.stated import NOTHING, read_stated
from argmine.readers.raw_document import RawDocument

from .conftest import WORDS, Sheet, read_pdf

TITLE = "On Bridges and Harbours"


def front(sheet: Sheet, *lines: tuple[str, float], title: str = TITLE) -> Sheet:
    """A page with a title, lines of given sizes under it, and running text."""
    sheet.text(70, 60, title, 18, "Times-Bold")
    y = 90.0
    for line, size in lines:
        sheet.text(70, y, line, size)
        y += 16
    sheet.text(70, y + 20, "Introduction", 13, "Times-Bold")
    sheet.paragraph(70, y + 40, f"{WORDS} {WORDS}")
    return sheet


def with_properties(path: Path, xmp: bytes | None = None, **info: str) -> RawDocument:
    """The file with other properties, read."""
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.add_metadata({f"/{key}": value for key, value in info.items()})
    if xmp is not None:
        stream = DecodedStreamObject()
        stream.set_data(xmp)
        writer._root_object[NameObject("/Metadata")] = writer._add_object(stream)
    with path.open("wb") as file:
        writer.write(file)
    return read_pdf(path)


def packet(inside: str) -> bytes:
    """An XMP packet."""
    spaces = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    )
    return (
        f'<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}><rdf:Description>{inside}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def test_names_end_at_the_marks_of_their_places(sheet: Sheet) -> None:
    x = 70.0
    for name, mark in (("A. Lister", "1"), ("B. Okafor", "2")):
        x = sheet.text(x, 90, name, 11)
        x = sheet.text(x, 86, mark, 7) + 4
    paper = front(sheet, ("", 10), ("1 University of the Coast", 9), ("2 Hill College", 9)).read()
    assert paper.authors == ("A. Lister", "B. Okafor")
    assert paper.affiliations == ("University of the Coast", "Hill College")


def test_posts_places_and_dates_are_no_authors(sheet: Sheet) -> None:
    lines = ("Ada Lister", "Senior Harbour Analyst", "Cape Town, South Africa", "June 3, 2019")
    paper = front(sheet, *((line, 10) for line in lines)).read()
    assert paper.authors == ("Ada Lister",)
    assert paper.year == 2019


def test_a_doi_under_the_title_is_the_papers(sheet: Sheet) -> None:
    paper = front(sheet, ("Ada Lister", 10), ("https://doi.org/10.1000/182", 9)).read()
    assert paper.doi == "10.1000/182"


def test_large_print_under_the_title_is_the_subtitle(sheet: Sheet) -> None:
    paper = front(sheet, ("A Field Guide for Towns", 14), ("Ada Lister", 10)).read()
    assert (paper.title, paper.subtitle) == (TITLE, "A Field Guide for Towns")


def test_a_memo_is_called_by_its_subject(sheet: Sheet) -> None:
    sheet.text(70, 50, "Harbour Office of the North", 18, "Times-Bold")
    for i, line in enumerate(("TO: Eve Ray", "FROM: Ada Lister", "DATE: June 3, 2019", "SUBJECT: Mending the bridge")):
        sheet.text(70, 90 + 22 * i, line)
    sheet.paragraph(70, 200, f"{WORDS} {WORDS}")
    paper = sheet.read()
    assert (paper.kind, paper.title, paper.authors, paper.year) == ("memo", "Mending the bridge", ("Ada Lister",), 2019)


def test_a_letter_has_its_writer_and_no_title(sheet: Sheet) -> None:
    for i, line in enumerate(("June 3, 2019", "Ms. Eve Ray", "Harbour Office", "Dear Ms. Ray:")):
        sheet.text(70, 60 + 22 * i, line)
    y = sheet.paragraph(70, 170, f"{WORDS} {WORDS}")
    sheet.text(300, y + 20, "Sincerely,")
    sheet.text(300, y + 60, "Ada Lister")
    paper = sheet.read()
    assert (paper.kind, paper.title, paper.authors, paper.year) == ("letter", "", ("Ada Lister",), 2019)


def test_a_notice_is_called_by_what_stands_over_its_agency(sheet: Sheet) -> None:
    sheet.text(70, 50, "Proposed Rules", 18, "Times-Bold")
    sheet.text(70, 90, "[Docket No. 12]")
    sheet.text(70, 120, "Fees for Ships in Harbours", 11, "Times-Bold")
    for i, line in enumerate(("AGENCY: Harbour Office.", "ACTION: Proposed rule.")):
        sheet.text(70, 150 + 22 * i, line)
    sheet.paragraph(70, 210, f"SUMMARY: {WORDS} {WORDS}")
    paper = sheet.read()
    assert (paper.kind, paper.title) == ("notice", "Fees for Ships in Harbours")


def test_a_section_is_no_title(sheet: Sheet) -> None:
    sheet.text(70, 60, "Background", 18, "Times-Bold")
    sheet.paragraph(70, 90, f"{WORDS} {WORDS}")
    assert sheet.read().title == ""


def test_a_judgment_names_court_and_judge(sheet: Sheet) -> None:
    lines = ("SUPREME COURT OF THE NORTH", "LISTER,", "Plaintiff,", "v.", "OKAFOR,", "Defendant.")
    for i, line in enumerate(lines):
        sheet.text(150, 60 + 22 * i, line, 12)
    y = sheet.paragraph(70, 210, f"{WORDS} {WORDS}", size=12)
    sheet.text(300, y + 40, "EVE M. RAY", 12)
    sheet.text(300, y + 54, "District Judge", 12)
    paper = sheet.read()
    assert (paper.kind, paper.venue, paper.authors) == ("judgment", "Supreme Court of the North", ("EVE M. RAY",))


def test_properties_that_the_page_prints_mend_the_title(sheet: Sheet) -> None:
    path = front(sheet, ("Ada Lister", 10), title="ON BRIDGES AND HARBOURS").save()
    assert with_properties(path, Title=TITLE).title == TITLE


@pytest.mark.parametrize(
    "title", ["untitled", "Microsoft Word - x.doc", "Notes on Ships and Towns", "\0\0\0", "x" * 100_000]
)
def test_properties_that_lie_are_not_believed(sheet: Sheet, title: str) -> None:
    path = front(sheet, ("Ada Lister", 10)).save()
    paper = with_properties(path, Title=title, Author="The Typist")
    assert (paper.title, paper.authors) == (TITLE, ("Ada Lister",))


def test_a_journals_name_in_the_properties_is_no_title(sheet: Sheet) -> None:
    path = front(sheet, ("Annals of Bridges", 9), ("Ada Lister", 10)).save()
    assert with_properties(path, Title="Annals of Bridges").title == TITLE


def test_xmp_states_doi_and_journal(sheet: Sheet) -> None:
    path = front(sheet, ("Ada Lister", 10)).save()
    inside = "<prism:doi>10.1000/182</prism:doi><prism:publicationName>Annals of Bridges</prism:publicationName>"
    paper = with_properties(path, packet(inside))
    assert (paper.doi, paper.venue) == ("10.1000/182", "Annals of Bridges")


@pytest.mark.parametrize(
    "xmp",
    [
        packet("<dc:title>" + "x" * 10_000_000 + "</dc:title>"),
        packet("<dc:title>\0</dc:title>"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>',
        b"<x:xmpmeta",
        b"",
    ],
)
def test_damaged_xmp_says_nothing(sheet: Sheet, xmp: bytes) -> None:
    path = front(sheet, ("Ada Lister", 10)).save()
    assert with_properties(path, xmp).title == TITLE


def test_a_file_without_properties_states_nothing() -> None:
    assert read_stated(b"%PDF-1.4 /Title", None) == NOTHING
