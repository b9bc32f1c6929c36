"""TEI: GROBID's flat sections and what it cuts, editions' nested ones, notes, references."""

from __future__ import annotations

from pathlib import Path

import pytest

from argmine.paper import Paper, Source
from argmine.readers.build import build_paper
from argmine.readers.raw_document import RawBlock, RawDocument
from tests.readers.conftest import read_bytes

HEADER = """
<teiHeader xml:lang="en"><fileDesc>
 <titleStmt><title level="a" type="main">On Trees in Cities</title></titleStmt>
 <publicationStmt><date type="published" when="2021-03-04"/></publicationStmt>
 <sourceDesc><biblStruct><analytic>
  <author><persName><forename type="first">Ada</forename><forename type="middle">B</forename><surname>Writer</surname>
   </persName></author>
  <author><affiliation>University of Nowhere</affiliation></author>
 </analytic></biblStruct></sourceDesc></fileDesc>
 <profileDesc><textClass><keywords><term>trees</term><term>heat</term></keywords></textClass>
  <abstract><div><p>Trees cool cities. We count them.</p></div></abstract></profileDesc></teiHeader>
"""


def tei(body: str, back: str = "", header: str = HEADER) -> bytes:
    text = f"<text xml:lang='en'><body>{body}</body><back>{back}</back></text>"
    return f'<TEI xmlns="http://www.tei-c.org/ns/1.0">{header}{text}</TEI>'.encode()


def blocks(draft: RawDocument) -> list[tuple[str, str]]:
    return [(b.type, " ".join(line.text for line in b.lines)) for b in draft.blocks]


def headings(draft: RawDocument) -> list[RawBlock]:
    return [b for b in draft.blocks if b.type == "heading"]


def paper(data: bytes) -> Paper:
    return build_paper(read_bytes("tei", data), Source(file="a.xml", sha256="0" * 64, media_type="", reader=""))


def test_the_header_gives_title_authors_year_and_language() -> None:
    draft = read_bytes("tei", tei("<div><p>It is so.</p></div>"))
    assert (draft.title, draft.authors) == ("On Trees in Cities", ("Ada B. Writer",))
    assert (draft.year, draft.language) == (2021, "en")


def test_the_header_gives_subtitle_places_doi_and_journal() -> None:
    header = """<teiHeader><fileDesc><titleStmt><title type="main">On Trees</title><title type="sub">A Count</title>
      </titleStmt><sourceDesc><biblStruct><analytic><author><persName><surname>Writer</surname></persName><affiliation>
      <orgName type="department">Department of Trees</orgName><orgName type="institution">Elm College</orgName>
      <address><country>Norway</country></address></affiliation></author><idno type="DOI">10.1000/182</idno></analytic>
      <monogr><title level="j">Annals of Trees</title></monogr></biblStruct></sourceDesc></fileDesc></teiHeader>"""
    draft = read_bytes("tei", tei("<div><p>It is so.</p></div>", header=header))
    assert (draft.title, draft.subtitle, draft.doi) == ("On Trees", "A Count", "10.1000/182")
    assert draft.venue == "Annals of Trees"
    assert draft.affiliations == ("Department of Trees, Elm College, Norway",)


def test_abstract_and_keywords_come_first_with_the_abstracts_role() -> None:
    draft = read_bytes("tei", tei("<div><p>It is so.</p></div>"))
    assert blocks(draft)[2:5] == [
        ("heading", "Abstract"),
        ("abstract", "Trees cool cities. We count them."),
        ("keywords", "Keywords: trees, heat"),
    ]
    assert headings(draft)[0].role == "abstract"


def test_flat_sections_get_their_level_from_their_number() -> None:
    body = '<div><head n="1.">Aims</head><p>One is.</p></div><div><head n="1.1">Means</head><p>Two are.</p></div>'
    sections = paper(tei(body)).sections
    assert [(s.title, s.number, s.level) for s in sections[-2:]] == [("1 Aims", "1", 1), ("1.1 Means", "1.1", 2)]


def test_nested_sections_get_their_level_from_their_depth() -> None:
    body = "<div><head>Aims</head><p>One is.</p><div><head>Means</head><p>Two are.</p></div></div>"
    body += "<div><head>End</head></div>"
    assert [h.level for h in headings(read_bytes("tei", tei(body)))[1:]] == [1, 2, 1]


def test_a_paragraph_cut_by_a_formula_or_figure_is_one() -> None:
    body = (
        "<div><head>Aims</head><p>The share is given by</p><formula>a = b</formula><p>where b is a number.</p>"
        "<p>It grew in the</p><figure><head>Figure 2</head><figDesc>Share of trees.</figDesc></figure>"
        "<p>years of rain. Then it fell.</p></div>"
    )
    texts = [b.lines for b in read_bytes("tei", tei(body)).blocks if b.type == "paragraph"]
    assert [" ".join(line.text for line in lines) for lines in texts] == [
        "The share is given by where b is a number.",
        "It grew in the years of rain. Then it fell.",
    ]


def test_a_heading_that_is_the_end_of_a_sentence_goes_to_its_paragraph() -> None:
    body = (
        "<div><head>Results</head><p>It fell (see Fig. 4</p></div><div><head>right).</head><p>Then it rose.</p></div>"
    )
    assert ("paragraph", "It fell (see Fig. 4 right).") in blocks(read_bytes("tei", tei(body)))


@pytest.mark.parametrize("head", ["Gráfico 1", "Figure 2", "Tabelle 3."])
def test_a_heading_that_is_a_figures_label_is_a_caption(head: str) -> None:
    body = f"<div><head>{head}</head><p>It is so.</p></div>"
    assert ("caption", head) in blocks(read_bytes("tei", tei(body)))


def test_notes_are_footnotes_after_their_paragraph_and_running_heads_furniture() -> None:
    body = '<div><p>It is<note place="foot" n="1">See there.</note> so.</p></div><note place="headnote">On Trees</note>'
    assert blocks(read_bytes("tei", tei(body)))[-3:] == [
        ("paragraph", "It is so."),
        ("footnote", "See there."),
        ("furniture", "On Trees"),
    ]


def test_lists_and_set_off_quotations_inside_a_paragraph_are_blocks_of_their_own() -> None:
    body = (
        "<div><p>Two things: <list><item>shade,</item><item>rain.</item></list> He said <q>no</q>: "
        "<quote><p>Plant them.</p></quote></p></div>"
    )
    assert blocks(read_bytes("tei", tei(body)))[-5:] == [
        ("paragraph", "Two things:"),
        ("list_item", "shade,"),
        ("list_item", "rain."),
        ("paragraph", "He said no:"),
        ("quote", "Plant them."),
    ]


def test_citations_stay_in_their_place_and_resolve_to_the_parsed_entries() -> None:
    body = '<div><p>Trees cool cities <ref type="bibr" target="#b0">(Example and Gill, 2019)</ref>. It is so.</p></div>'
    back = """<div type="references"><listBibl><biblStruct xml:id="b0"><analytic><title>A count of trees</title>
      <author><persName><forename type="first">C</forename><surname>Example</surname></persName></author>
      <author><persName><forename>Do</forename><surname>Gill</surname></persName></author>
      <idno type="DOI">10.1000/xyz</idno></analytic><monogr><title level="j">J. Trees</title><imprint>
      <biblScope unit="volume">3</biblScope><biblScope unit="page" from="1" to="9"/><date type="published" when="2019"/>
      </imprint></monogr></biblStruct></listBibl></div>"""
    made = paper(tei(body, back))
    (entry,) = made.references
    assert (entry.authors, entry.year, entry.title, entry.doi) == (
        ("Example, C.", "Gill, D."), 2019, "A count of trees", "10.1000/xyz",
    )  # fmt: skip
    assert entry.raw == "Example, C., Gill, D. (2019). A count of trees. J. Trees, 3, 1–9. https://doi.org/10.1000/xyz"
    (citation,) = made.citations
    assert made.text[citation.start : citation.end] == "(Example and Gill, 2019)"
    assert citation.references == ("r1",)


def test_acknowledgements_and_funding_are_no_body() -> None:
    back = '<div type="acknowledgement"><div><head>Thanks</head><p>We thank them.</p></div></div>'
    back += '<div type="funding"><div><p>Nobody paid.</p></div></div>'
    assert [kind for kind, _ in blocks(read_bytes("tei", tei("<div><p>It is so.</p></div>", back)))[-3:]] == [
        "heading", "acknowledgement", "acknowledgement",
    ]  # fmt: skip


def test_entities_of_an_external_dtd_are_their_characters() -> None:
    body = "<text><body><p>Caf&eacute;s &amp; <hi>bars&nbsp;close</hi>.</p></body></text>"
    data = f'<!DOCTYPE TEI SYSTEM "tei.dtd"><TEI>{body}</TEI>'.encode()
    assert blocks(read_bytes("tei", data))[-1] == ("paragraph", "Cafés & bars close.")


def test_an_editors_corrections_are_read_and_what_they_replace_is_not() -> None:
    body = "<div><p>The <choice><sic>teh</sic><corr>tree</corr></choice> stands<lb break='no'/>still.</p></div>"
    assert ("paragraph", "The tree standsstill.") in blocks(read_bytes("tei", tei(body)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<TEI><text>", "not well-formed"),
        (b"<article/>", "root element <article>"),
        (b'<!DOCTYPE TEI [<!ENTITY a "b">]><TEI><text><body><p>&a;</p></body></text></TEI>', "entities"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_bytes("tei", data)


def test_external_entities_are_never_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    data = f'<!DOCTYPE TEI [<!ENTITY a SYSTEM "{secret.as_uri()}">]><TEI><text><body><p>&a;</p></body></text></TEI>'
    with pytest.raises(ValueError, match="entities"):
        read_bytes("tei", data.encode())
