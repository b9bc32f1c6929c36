"""Reference lists and the places that cite them."""

from __future__ import annotations

import pytest

from argmine.paper import Reference
from argmine.readers.references import parse_references, resolve_citations


def entry(raw: str) -> Reference:
    return parse_references([(raw, None)])[0]


@pytest.mark.parametrize(
    ("raw", "year", "authors", "title"),
    [
        ("Cogan, M. S., & Mishra, V. (2020). Security Cooperation: The Resolve. *Journal*, 7(1), 36–56.",
         2020, ("Cogan, M. S.", "Mishra, V."), "Security Cooperation: The Resolve"),
        ("1. Feachem RG, Phillips AA. Shrinking the map: progress. Lancet. 2010;376:1566–78.",
         2010, ("Feachem RG", "Phillips AA"), "Shrinking the map: progress"),
        ("[3] J. Smith and A. B. Jones, “Deep learning for trees,” IEEE Trans., vol. 3, pp. 12–14, 2019.",
         2019, ("J. Smith", "A. B. Jones"), "Deep learning for trees"),
        ("Klinenberg, Eric. 2002. Heat Wave: A Social Autopsy. Chicago: University Press.",
         2002, ("Klinenberg, Eric",), "Heat Wave: A Social Autopsy"),
        ("Ostrom, Elinor, and Roy Gardner. Governing the Commons. Cambridge University Press, 1990.",
         1990, ("Ostrom, Elinor", "Roy Gardner"), "Governing the Commons"),
        ("World Health Organization. World report. Geneva: The Organization; 2011",
         2011, ("World Health Organization",), "World report"),
        ("IPCC (2022). Climate Change 2022: Impacts. Cambridge University Press.",
         2022, ("IPCC",), "Climate Change 2022: Impacts"),
        ("[6] M. Fowlie, M. Greenstone, and C. Wolfram. Do they deliver? Evidence. Quarterly, 133(3), 1597–1644, 2018.",
         2018, ("M. Fowlie", "M. Greenstone", "C. Wolfram"), "Do they deliver? Evidence"),
        ("[3] G. S. Becker. Crime and punishment: An approach. Journal, 76(2), 169–217, 1968.",
         1968, ("G. S. Becker",), "Crime and punishment: An approach"),
        ("[1] IPCC. Mitigation of Climate Change. Cambridge University Press, 2022.",
         2022, ("IPCC",), "Mitigation of Climate Change"),
        ("Panda, J. P. (Ed.)(2022). *A Triangularity: Emergence of an Axis?* (1st ed.). Routledge.",
         2022, ("Panda, J. P.",), "A Triangularity: Emergence of an Axis?"),
    ],
    ids=lambda v: str(v)[:24],
)  # fmt: skip
def test_entries(raw: str, year: int, authors: tuple[str, ...], title: str) -> None:
    found = entry(raw)
    assert (found.year, found.authors, (found.title or "").rstrip("?")) == (year, authors, title.rstrip("?"))
    assert found.raw == raw


def test_authors_after_a_name_written_out_stand_as_spoken() -> None:
    raw = "Ek, Ann, Bo H. J. Om, Cy M Yun, and Di L. van der Zo. 2016. “It is.” Annals, 3."
    assert entry(raw).authors == ("Ek, Ann", "Bo H. J. Om", "Cy M Yun", "Di L. van der Zo")


def test_a_dash_stands_for_the_authors_of_the_entry_before() -> None:
    entries = (
        "Ek, Ann, and Bo Om. 2016. “It is.” Annals, 3.",
        "———. 2017b. “It was not so.” Annals, 4.",
        "--- (2018). It may be. Press.",
    )
    found = parse_references([(raw, None) for raw in entries])
    assert [r.authors for r in found] == [("Ek, Ann", "Bo Om")] * 3
    assert [(r.year, r.title) for r in found[1:]] == [(2017, "It was not so"), (2018, "It may be")]
    text = "It was (Ek and Om 2017b)."
    assert resolve_citations(text, [(0, len(text))], found)[0].references == ("r2",)


def test_a_date_gives_its_year_and_a_page_range_none() -> None:
    assert entry("3. How it is. Katie Langin Science (2019-02-13) https://doi.org/gfx").year == 2019
    assert entry("Ek, A. It is. J Quays 12, 1566-1578.").year is None


def test_a_doi_is_found_without_its_closing_mark() -> None:
    assert entry("Gill, D. (2024). It. <https://doi.org/10.1007/978-981_11>").doi == "10.1007/978-981_11"
    assert entry("Gill, D. (2024). It. doi:10.1000/abc.").doi == "10.1000/abc"


def test_parts_that_the_format_states_count() -> None:
    stated = Reference(id="", raw="", year=1999, authors=("Ek, A.",), title=None)
    found = parse_references([("Ann Ek: It is. 2001", stated)])[0]
    assert (found.id, found.year, found.authors, found.raw) == ("r1", 1999, ("Ek, A.",), "Ann Ek: It is. 2001")


NAMED = parse_references(
    [
        (raw, None)
        for raw in (
            "Cogan, M. S., & Mishra, V. (2020). One. Press.",
            "Gill, D. M. (2024a). Two. Press.",
            "Gill, D. M. (2024b). Three. Press.",
            "van der Berg, P. (1999). Four. Press.",
            "Wäckers, F., Ek, A., & Om, B. (2004). Five. Press.",
            "WHO Regional Office for Europe. (2008). Six. WHO.",
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is (Cogan & Mishra, 2020).", [("(Cogan & Mishra, 2020)", ("r1",))]),
        ("It is (see Cogan and Mishra 2020, p. 3; Gill, 2024a).",
         [("(see Cogan and Mishra 2020, p. 3; Gill, 2024a)", ("r1", "r2"))]),
        ("As Gill (2024b) says.", [("Gill (2024b)", ("r3",))]),
        ("In India, Gill’s (2024a) view.", [("Gill’s (2024a)", ("r2",))]),
        ("As Cogan and Mishra (2020, p. 7) say.", [("Cogan and Mishra (2020, p. 7)", ("r1",))]),
        ("It is (Wackers et al., 2004).", [("(Wackers et al., 2004)", ("r5",))]),
        ("It is (van der Berg, 1999).", [("(van der Berg, 1999)", ("r4",))]),
        ("It is (WHO, 2008).", [("(WHO, 2008)", ("r6",))]),
        ("It was signed (in Paris, 2020).", []),
        ("It is (Nobody, 2020).", []),
    ],
)  # fmt: skip
def test_author_year_citations(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    found = resolve_citations(text, [(0, len(text))], NAMED)
    assert [(text[c.start : c.end], c.references) for c in found] == expected


NUMBERED = parse_references([(f"[{i}] A. Ek, “Paper {i},” 2001.", None) for i in range(1, 9)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is [3].", [("r3",)]),
        ("It is [3, 5-7].", [("r3", "r5", "r6", "r7")]),
        ("It is [1–3,8] and [2].", [("r1", "r2", "r3", "r8"), ("r2",)]),
        ("It is [99].", []),
        ("In (1) and (2).", []),
    ],
)
def test_numbered_citations(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [c.references for c in resolve_citations(text, [(0, len(text))], NUMBERED)] == expected


def test_numbers_in_round_brackets_count_where_the_paper_cites_so() -> None:
    text = "One (1). Two (2, 3). Three (4). Four (5–7). Five (8)."
    assert len(resolve_citations(text, [(0, len(text))], NUMBERED)) == 5


ALIKE = parse_references(
    [
        (raw, None)
        for raw in (
            "Ek, A. and Om, B. (2012). One. Press.",
            "Ek, A. (2012a). Two. Press.",
            "Ek, A., Om, B. and Yun, C. (2012b). Three. Press.",
            "Zo, D. (2013). Four. Press.",
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is [Ek and Om, 2012].", ["r1"]),
        ("As Ek (2012a) and Zo [2013] say.", ["r2", "r4"]),
        ("It is (Ek et al., 2012).", ["r3"]),
        ("It is (Ek, 2012).", ["r2"]),
        ("It is (Ek et al. 2012b, Zo 2013).", ["r3", "r4"]),
        ("It is (Zo, 2013 and Ek and Om, 2012).", ["r4", "r1"]),
    ],
)
def test_of_entries_alike_the_one_with_the_named_authors_and_letter_is_meant(text: str, expected: list[str]) -> None:
    found = resolve_citations(text, [(0, len(text))], ALIKE)
    assert [id for c in found for id in c.references] == expected


RAISED = "One is so. Two, too, and three. Four is less. Five."
MARKS = [(9, "1"), (15, "2"), (20, "3,"), (20, "4"), (31, "5–7"), (45, "8")]


def test_superscripts_cite_behind_the_word_that_bears_them() -> None:
    found = resolve_citations(RAISED, [(0, len(RAISED))], NUMBERED, MARKS)
    assert [RAISED[c.start : c.end] for c in found] == ["so", "Two,", "too,", "three.", "less."]
    assert found[2].references == ("r3", "r4")
    assert found[3].references == ("r5", "r6", "r7")


def test_superscripts_that_name_no_entry_are_no_citations() -> None:
    marks = [(at, str(90 + i)) for i, (at, _) in enumerate(MARKS)]
    assert resolve_citations(RAISED, [(0, len(RAISED))], NUMBERED, marks) == ()


def test_superscripts_beside_numbers_in_brackets_are_no_citations() -> None:
    text = "It is so [1]. It is [2], and [3]. It was [4]."
    marks = [(8, "1"), (19, "2"), (28, "3"), (40, "4"), (45, "5")]
    assert len(resolve_citations(text, [(0, len(text))], NUMBERED, marks)) == 4


def test_an_entry_without_a_date_is_cited_by_its_beginning() -> None:
    entries = (
        "About code owners. (n.d.). Docs. Retrieved April 23.",
        "About the project. (n.d.). Docs.",
        "Ek, A. (2019). A. P.",
    )
    found = parse_references([(raw, None) for raw in entries])
    text = "It is (“About the Project,” n.d.; Ek, 2019)."
    assert [c.references for c in resolve_citations(text, [(0, len(text))], found)] == [("r2", "r3")]


def test_citations_stay_within_their_spans() -> None:
    text = "It is [3]. It was [4]."
    assert [c.references for c in resolve_citations(text, [(0, 10)], NUMBERED)] == [("r3",)]


LONG = ["A, " * 5000, "(" * 5000, "Ek A " * 5000, "Ek, A. and " * 3000, "van " * 5000 + "(2020)"]


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:6])
def test_no_pattern_runs_away(text: str) -> None:
    entry(text)
    resolve_citations(text, [(0, len(text))], NAMED)


@pytest.mark.parametrize(
    "entry", ["Caruso, A. J. J. Org. Chem. 2001, 66, 1203.", "Caruso, A. J. J. Chem. 66, 1203 (2001)."]
)
def test_a_journals_j_is_no_initial(entry: str) -> None:
    (reference,) = parse_references([(entry, None)])
    assert reference.authors == ("Caruso, A. J.",)
