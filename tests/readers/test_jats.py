"""JATS articles."""

from __future__ import annotations

import pytest

from argmine.paper import Paper, Source
from argmine.readers import Unreadable
from argmine.readers.build import build_paper
from tests.readers.conftest import read_bytes

SOURCE = Source(file="a.xml", sha256="0" * 64, media_type="application/jats+xml", reader="test")

ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.0//EN" "JATS-archivearticle1.dtd">
<article xml:lang="en" xmlns:mml="http://www.w3.org/1998/Math/MathML">
<front><article-meta>
<title-group><article-title>On <italic>Quays</italic>&nbsp;Now</article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Ek</surname><given-names>Ann</given-names></name>
<xref ref-type="aff" rid="a1">1</xref></contrib>
<contrib contrib-type="editor"><name><surname>Om</surname><given-names>Bo</given-names></name></contrib></contrib-group>
<aff id="a1">Alder University</aff><pub-date><year>2024</year></pub-date>
<abstract><sec><title>Aim</title><p>We ask why.</p></sec><p>DOI: http://dx.doi.org/10.1/a</p></abstract>
<abstract abstract-type="graphical"><p>A picture.</p></abstract>
<kwd-group><kwd>quays</kwd><kwd>homes</kwd></kwd-group>
</article-meta></front>
<body>
<sec><label>1</label><title>Introduction</title>
<p>It was shown before.<sup><xref ref-type="bibr" rid="r1">1</xref>,<xref ref-type="bibr" rid="r2">2</xref></sup> It is
<sub>known</sub><xref ref-type="fn" rid="f1">a</xref>.
<fig><label>Figure 1</label><caption><p>A map of it.</p></caption></fig> And it goes on.</p>
<sec><title>Deeper</title>
<p>There are two:<list><list-item><p>One is here.</p></list-item><list-item><p>Two is here.</p></list-item></list>
So it ends.</p>
<disp-quote><p>A quotation.</p></disp-quote>
<p>We set the sum as</p><disp-formula><mml:math><mml:mi>x</mml:mi></mml:math></disp-formula><p>where x is known.</p>
<table-wrap><label>Table 1.</label><caption><title>Rents</title></caption>
<table><tr><td>Alder</td><td>12</td></tr></table></table-wrap></sec></sec>
</body>
<back><ack><p>We thank all.</p></ack>
<fn-group><fn id="f1"><p>The note says so.</p></fn></fn-group>
<ref-list><ref id="r1"><label>1</label><mixed-citation>
<string-name><surname>Gill</surname> <given-names>D</given-names></string-name>.
<article-title>Rise</article-title>. <source>J Quays</source>. <year>2024</year>;1:2.</mixed-citation></ref>
<ref id="r2"><label>2.</label><element-citation><person-group>
<name><surname>Om</surname><given-names>Bo</given-names></name></person-group>
<year>2020</year><article-title>Fall</article-title><source>J Quays</source>
<pub-id pub-id-type="doi">10.1000/abc</pub-id></element-citation></ref></ref-list></back>
<sub-article><body><p>A review says no.</p></body></sub-article>
</article>"""


@pytest.fixture(scope="module")
def paper() -> Paper:
    return build_paper(read_bytes("jats", ARTICLE.encode()), SOURCE)


def test_front_matter(paper: Paper) -> None:
    assert (paper.title, paper.authors, paper.year, paper.language) == ("On Quays Now", ("Ann Ek",), 2024, "en")
    assert (paper.subtitle, paper.doi, paper.venue, paper.kind) == (None, None, None, None)
    assert paper.affiliations == ("Alder University",)


def test_what_the_front_states_of_the_article() -> None:
    front = """<article article-type="research-article"><front><journal-meta><journal-title-group>
      <journal-title>Annals of Quays</journal-title></journal-title-group></journal-meta><article-meta>
      <article-id pub-id-type="pmid">12</article-id><article-id pub-id-type="doi">10.1000/182</article-id>
      <title-group><article-title>On Quays:</article-title><subtitle>A Study</subtitle></title-group>
      <aff><label>1</label><institution>Alder University</institution>, Alder, <country>Norway</country></aff>
      </article-meta></front><body><p>It is so.</p></body></article>"""
    draft = read_bytes("jats", front.encode())
    assert (draft.title, draft.subtitle, draft.doi) == ("On Quays", "A Study", "10.1000/182")
    assert (draft.venue, draft.kind) == ("Annals of Quays", "article")
    assert draft.affiliations == ("Alder University, Alder, Norway",)
    assert draft.blocks[0].text == "On Quays: A Study"


def test_sections(paper: Paper) -> None:
    assert [(s.level, s.title, s.number, s.role) for s in paper.sections if s.title] == [
        (1, "Abstract", None, "abstract"), (2, "Aim", None, "abstract"), (1, "1 Introduction", "1", "introduction"),
        (2, "Deeper", None, "background"), (1, "Acknowledgements", None, "other"),
    ]  # fmt: skip


def test_sentences(paper: Paper) -> None:
    assert [paper.slice(s) for s in paper.sentences] == [
        "We ask why.", "It was shown before. [1,2]", "It is known.", "And it goes on.", "There are two:",
        "One is here.", "Two is here.", "So it ends.", "A quotation.", "We set the sum as x where x is known.",
    ]  # fmt: skip


def test_floats_stand_after_the_paragraph_that_holds_them(paper: Paper) -> None:
    kinds = [(b.type, paper.slice(b)) for b in paper.blocks]
    assert ("caption", "Figure 1. A map of it.") in kinds
    assert ("caption", "Table 1. Rents") in kinds
    assert ("table", "Alder | 12") in kinds
    assert ("footnote", "The note says so.") in kinds


def test_references_and_citations(paper: Paper) -> None:
    assert [(r.authors, r.year, r.title, r.doi) for r in paper.references] == [
        (("Gill, D.",), 2024, "Rise", None), (("Om, B.",), 2020, "Fall", "10.1000/abc"),
    ]  # fmt: skip
    assert [(paper.slice(c), c.references) for c in paper.citations] == [("[1,2]", ("r1", "r2"))]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<article><body>", "not well-formed"),
        (b"<book/>", "not a JATS article"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><article>&x;</article>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><article>&x;</article>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><article>&b;</article>', "entities"),
        (b"<article>" + b"<sec>" * 400 + b"</sec>" * 400 + b"</article>", "not well-formed"),
    ],
    ids=["truncated", "another root", "entity", "external entity", "bomb", "too deep"],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_bytes("jats", data)


def test_boxed_text_is_a_box() -> None:
    body = "<sec><title>Ways</title><p>Oaks live long.</p><boxed-text><p>Birches grow fast.</p></boxed-text></sec>"
    raw = read_bytes("jats", f"<article><body>{body}</body></article>".encode())
    assert [b.type for b in raw.blocks] == ["heading", "paragraph", "box"]
