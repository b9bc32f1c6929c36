"""E-books: the order of the spine, levels by the navigation, what stands round the text, locked and broken ones."""

from __future__ import annotations

import pytest

from argmine.readers import Unreadable
from argmine.readers.raw_document import RawDocument
from research.damage.documents import book, zipped
from tests.readers.conftest import read_bytes

SAID = "The ships wait in the harbour for a very long time before the berths are free."
NAV = '<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc">{}</nav>'
ITEMS = '<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'


def package(items: str, spine: str, metadata: str = "<dc:title>On Ships</dc:title>") -> str:
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:opf="http://www.idpf.org/2007/opf"><metadata>{metadata}</metadata><manifest>{items}</manifest>'
        f"<spine>{spine}</spine></package>"
    )


def chapters(*bodies: str, nav: str = "", ncx: str = "") -> RawDocument:
    """A book of these chapters, c0.xhtml and so on, with this navigation."""
    names = [f"c{n}.xhtml" for n in range(len(bodies))]
    items = "".join(ITEMS.format(n=n, name=name) for n, name in enumerate(names))
    items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>' if nav else ""
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if ncx else ""
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(bodies)))
    parts = {"b/p.opf": package(items, spine), "b/nav.xhtml": f"<html><body>{nav}</body></html>", "b/toc.ncx": ncx}
    return read_bytes("epub", book(dict(zip(names, bodies, strict=True)), {**parts}))


def headings(document: RawDocument) -> list[tuple[str, int | None]]:
    return [(b.text, b.level) for b in document.blocks if b.type == "heading"]


def links(*entries: tuple[str, str]) -> str:
    return "".join(f'<li><a href="{where}">{label}</a></li>' for where, label in entries)


def test_texts_come_in_the_order_of_the_spine() -> None:
    items = "".join(ITEMS.format(n=n, name=f"c{n}.xhtml") for n in (0, 1))
    told = package(items, '<itemref idref="i1"/><itemref idref="i0"/><itemref idref="i1"/>')
    bodies = {f"c{n}.xhtml": f"<p>{SAID} It is the {n}. text.</p>" for n in (0, 1)}
    found = read_bytes("epub", book(bodies, {"b/p.opf": told}))
    assert [b.text[-12:] for b in found.blocks if b.type == "paragraph"] == ["the 1. text.", "the 0. text."]


def test_the_metadata_give_title_authors_year_and_language() -> None:
    metadata = (
        "<dc:title>On Ships</dc:title><dc:creator>Jo Doe</dc:creator><dc:creator opf:role='trl'>Al Roe</dc:creator>"
        "<dc:date>2014-05-01</dc:date><dc:language>en-GB</dc:language>"
    )
    told = package(ITEMS.format(n=0, name="c.xhtml"), '<itemref idref="i0"/>', metadata)
    found = read_bytes("epub", book({"c.xhtml": f"<h1>Berths</h1><p>{SAID}</p>"}, {"b/p.opf": told}))
    assert (found.title, found.authors, found.year, found.language) == ("On Ships", ("Jo Doe",), 2014, "en")


def test_levels_are_those_of_the_navigation() -> None:
    inner = f"<ol>{links(('c1.xhtml', 'Ships'))}</ol>"
    nav = NAV.format(f'<ol><li><a href="c0.xhtml">Part I</a>{inner}</li></ol>')
    found = chapters("<h1>Part I</h1>", f"<h1>Ships</h1><p>{SAID}</p><h2>Berths</h2><p>{SAID}</p>", nav=nav)
    assert headings(found) == [("Part I", 1), ("Ships", 2), ("Berths", 3)]


def test_an_older_books_levels_are_those_of_its_ncx() -> None:
    point = '<navPoint><navLabel><text>{}</text></navLabel><content src="{}"/>{}</navPoint>'
    ncx = f"<ncx><navMap>{point.format('Part I', 'c0.xhtml', point.format('Ships', 'c1.xhtml#a', ''))}</navMap></ncx>"
    found = chapters("<h3>Part I</h3>", f"<div id='a'><h3>Ships</h3><p>{SAID}</p></div>", ncx=ncx)
    assert headings(found) == [("Part I", 1), ("Ships", 2)]


def test_headings_of_one_tag_that_the_navigation_leaves_out_stand_below_those_that_it_names() -> None:
    nav = NAV.format(f"<ol>{links(('c0.xhtml', 'Ships'))}</ol>")
    assert headings(chapters(f"<h1>Ships</h1><h1>Berths</h1><p>{SAID}</p>", nav=nav)) == [("Ships", 1), ("Berths", 2)]


def test_a_label_and_a_title_are_one_heading_where_the_navigation_has_both() -> None:
    nav = NAV.format(f"<ol>{links(('c0.xhtml', 'Chapter 1: Ships'))}</ol>")
    assert headings(chapters(f"<h1>Chapter 1</h1><h2>Ships</h2><p>{SAID}</p>", nav=nav)) == [("Chapter 1 Ships", 1)]


def test_a_paragraph_that_the_navigation_names_is_a_heading() -> None:
    nav = NAV.format(f"<ol>{links(('c0.xhtml#a', 'Ships'))}</ol>")
    assert headings(chapters(f"<p id='a'>Ships</p><p>{SAID}</p>", nav=nav)) == [("Ships", 1)]


def test_a_text_without_a_heading_gets_the_one_of_the_navigation() -> None:
    nav = NAV.format(f"<ol>{links(('c0.xhtml', 'Ships'), ('c1.xhtml', 'Section 2'))}</ol>")
    assert headings(chapters(f"<p>{SAID}</p>", f"<p>{SAID}</p>", nav=nav)) == [("Ships", 1)]


@pytest.mark.parametrize("kind", ["cover", "toc", "index", "copyright-page"])
def test_what_stands_round_the_text_is_left_out(kind: str) -> None:
    around = f'<section epub:type="{kind}"><h1>Round</h1><p>{SAID}</p></section>'
    assert headings(chapters(around, f"<h1>Ships</h1><p>{SAID}</p>")) == [("Ships", 1)]


def test_notes_are_notes() -> None:
    note = '<aside epub:type="footnote" id="n1"><p>See there.</p></aside>'
    found = chapters(f'<h1>Ships</h1><p>{SAID}<a epub:type="noteref" href="#n1">1</a></p>{note}')
    assert [(b.type, b.text) for b in found.blocks if b.text == "See there."] == [("footnote", "See there.")]


def test_an_anchor_that_xhtml_closes_at_once_holds_nothing() -> None:
    found = chapters(f"<h1>Ships</h1><p><a id='p1'/>{SAID}</p><p>{SAID}</p>")
    assert [b.text for b in found.blocks if b.type == "paragraph"] == [SAID, SAID]


def test_a_locked_book_says_so() -> None:
    closed = '<encryption><CipherReference URI="b/c1.xhtml"/></encryption>'
    with pytest.raises(Unreadable, match="DRM"):
        read_bytes("epub", book(parts={"META-INF/encryption.xml": closed}))


def test_a_book_whose_fonts_alone_are_encrypted_is_read() -> None:
    closed = '<encryption><CipherReference URI="b/font.otf"/></encryption>'
    assert read_bytes("epub", book(parts={"META-INF/encryption.xml": closed})).blocks


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"META-INF/container.xml": "<container/>"}, "without a list of its parts"),
        ({"b/p.opf": "<package/>"}, "without texts"),
        ({"b/p.opf": package(ITEMS.format(n=0, name="../../../etc/passwd"), '<itemref idref="i0"/>')}, "without texts"),
        ({"b/p.opf": "<package>"}, "not well-formed"),
    ],
)
def test_a_broken_book_says_what_is_wrong(parts: dict[str, str], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_bytes("epub", book(parts={**parts}))


def test_a_book_without_a_container_says_so() -> None:
    with pytest.raises(Unreadable, match="holds no e-book"):
        read_bytes("epub", zipped("application/epub+zip", {"a": "b"}))
