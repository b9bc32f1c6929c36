"""DOI, date, venue and kind of a document from its lines."""

from collections.abc import Sequence

import pytest

from argmine.readers.metadata import field_text, find_doi, is_junk, kind_of, own_doi, venue_of, year_of

TITLE = "On Bridges and Harbours of the North"


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1000/ab.2020.1.", "10.1000/ab.2020.1"),
        ("(doi: 10.1000/(x)3)", "10.1000/(x)3"),
        ("DOI 10.1000/182; received", "10.1000/182"),
        ("10.1000/182https://example.org", "10.1000/182"),
        ("section 10.1 and 10.2/3", None),
    ],
)
def test_a_doi_ends_before_what_follows_it(text: str, doi: str | None) -> None:
    assert find_doi(text) == doi


@pytest.mark.parametrize(
    "lines",
    [
        ["The data are available at https://doi.org/10.1000/9"],
        ["All files are preserved in an archive at", "https://doi.org/10.1000/9"],
        ["Ray, E. and others have written before that this is so. Annals of Bridges, 4, 5, doi:10.1000/9"],
    ],
)
def test_the_doi_of_data_and_of_another_work_is_not_its_own(lines: list[str]) -> None:
    assert own_doi([lines], TITLE) is None


def test_a_paper_on_data_has_a_doi() -> None:
    line = "Lister A (2020) Data of Bridges and Harbours. Annals 4. https://doi.org/10.1000/9"
    assert own_doi([[line]], "Data of Bridges and Harbours") == "10.1000/9"


@pytest.mark.parametrize(
    "line",
    [
        "https://doi.org/10.1000/9",
        "A citable version of this text is kept by the publisher of the annals at https://doi.org/10.1000/9",
        f"Lister A, Okafor B (2020) {TITLE}. Annals of Bridges 4(5): e6. https://doi.org/10.1000/9",
    ],
)
def test_its_own_doi_is_found(line: str) -> None:
    assert own_doi([[line]], TITLE) == "10.1000/9"


@pytest.mark.parametrize(
    ("lines", "year"),
    [
        (["Received: 3 March 2019", "Accepted: 4 May 2020", "Published online: 5 January 2021"], 2021),
        (["Received : 24/09/2023 Revised : 03/10/2024 Accepted : 25/10/2024"], 2024),
        (["Updated April 16, 2026"], 2026),
        (["Annals of Bridges 12 (2018) 1–10"], 2018),
        (["Published Apr, 22, 2016"], 2016),
        (["Ek et al. Annals of Bridges (2019) 20:123"], 2019),
        (["January 2009, Volume 29, Issue 4"], 2009),
        (["Preprint submitted to Annals of Bridges April 26, 2022"], 2022),
        (["© 2017 The Authors"], 2017),
        (["Case 5:18-cv-07182 Document 118 Filed 05/18/21 Page 1 of 36"], 2021),
        (["Decided June 28, 2012"], 2012),
        (["This manuscript was automatically generated on May 5, 2020."], 2020),
        (["Downloaded from example.org on 5 May 2020"], None),
        (["TN-2015-01"], None),
        (["Comments must be received by June 3, 2020"], None),
        (["In August 2016 the council decided what the harbour of the town was to pay for all of its bridges."], None),
    ],
)
def test_the_year_is_that_of_the_surest_date(lines: Sequence[str], year: int | None) -> None:
    assert year_of(lines) == year


def test_a_note_far_from_the_title_dates_nothing_by_the_way() -> None:
    assert year_of([], ["established in June 2014", "It was so in May 2013."]) is None


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("Annals of Bridges, Vol. 12, No. 3, March 2019", "Annals of Bridges"),
        ("Annals of Bridges 12 (2018) 1–10", "Annals of Bridges"),
        ("Annals of Bridges 2018; 12: 34", "Annals of Bridges"),
        ("Published in Annals of Bridges, 2018", "Annals of Bridges"),
        ("Ek et al. Annals of Bridges (2019) 20:123", "Annals of Bridges"),
        ("Annals of Bridges | www.example.org 1 June 2018 | Volume 9 | Article 211", "Annals of Bridges"),
        ("Proceedings of the 5th Meeting on Bridges, pages 1–10", "Proceedings of the 5th Meeting on Bridges"),
        ("Journal of Bridges and Harbours", "Journal of Bridges and Harbours"),
        ("Updated April 16, 2026", None),
        ("Case No. 5:18", None),
    ],
)
def test_a_journal_is_named_with_its_volume(line: str, venue: str | None) -> None:
    assert venue_of([line]) == venue


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Technical Note", "report"),
        ("HSG-TN-2015-01", "report"),
        ("A dissertation submitted to the faculty for the degree of doctor", "thesis"),
        ("Response to the reviewers", "review"),
        ("PLOS 1/13", None),
        ("On Bridges", None),
    ],
)
def test_a_kind_is_named(line: str, kind: str | None) -> None:
    assert kind_of([line]) == kind


@pytest.mark.parametrize(
    "title",
    ["untitled", "Microsoft Word - x.doc", "paper_v3.docx", "main.tex", "10811.exe", "Layout 1", "C:\\x\\y", "null"],
)
def test_what_programs_write_is_no_title(title: str) -> None:
    assert is_junk(title)


@pytest.mark.parametrize("title", ["On Bridges", "Print and the People", "Document design in practice", TITLE])
def test_a_title_is_no_junk(title: str) -> None:
    assert not is_junk(title)


def test_a_field_is_one_line_of_usual_length() -> None:
    assert field_text("On\0 Bridges\r\n and\x1f Ships") == "On Bridges and Ships"
    assert field_text("x" * 10_000_000) == ""
    assert field_text(None) == ""
