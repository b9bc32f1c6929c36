"""Web pages: what is the paper and what the site put round it, headings, lists, notes, citations, references."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argmine.readers import read_paper
from argmine.readers.raw_document import RawBlock, RawDocument
from tests.conftest import SHARED
from tests.readers.conftest import read_bytes

BODY = (
    "Cities grow hotter every year, and most of them have fewer trees than they had when they were small. "
    "We count the trees of three invented cities and ask what they do for the people who live under them."
)


def read(body: str, head: str = "") -> RawDocument:
    return read_bytes("html", f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode())


def blocks(draft: RawDocument) -> list[tuple[str, str]]:
    return [(b.type, " ".join(line.text for line in b.lines)) for b in draft.blocks]


def body(markup: str) -> list[tuple[str, str]]:
    """The blocks of markup that stands in a section with running text."""
    return blocks(read(f"<h1>On Trees</h1><h2>Aims</h2><p>{BODY}</p>{markup}"))[3:]


def headings(draft: RawDocument) -> list[RawBlock]:
    return [b for b in draft.blocks if b.type == "heading"]


# --- the paper and the site


def test_the_sites_own_parts_are_left_out() -> None:
    draft = read(f"""
      <header><ul class="nav"><li><a>Home</a></li><li><a>About</a></li></ul></header>
      <div id="cookie-notice"><p>We use cookies to give you the best of this site, as everybody else does now.</p></div>
      <main><h1>On Trees</h1><h2>Aims</h2><p>{BODY}</p><p>{BODY}</p><script>var a = "It is.";</script>
      <div class="share-buttons"><a>Twitter</a> <a>Email</a></div><h2>Related articles</h2><p>On Rain.</p>
      <form><label>Search</label><button>Go</button></form></main>
      <aside><h3>Most read</h3><p>Another text of some length about quite another thing that nobody reads.</p></aside>
      <div class="sidebar"><p>I am Ada and I write about cities, in one of which I have lived for years.</p></div>
      <footer><p>The site belongs to a company that wants you to know that it keeps its rights.</p></footer>""")
    assert blocks(draft) == [("title", "On Trees"), ("heading", "Aims"), ("paragraph", BODY), ("paragraph", BODY)]


def test_readers_comments_are_left_out_even_where_they_are_long() -> None:
    comment = (
        "<li><p>I disagree entirely, for trees are a nuisance to everybody who ever swept up their leaves.</p></li>"
    )
    draft = read(f"<div><h1>On Trees</h1><p>{BODY}</p><div id='comments'><ol>{comment * 4}</ol></div></div>")
    assert blocks(draft) == [("title", "On Trees"), ("paragraph", BODY)]


def test_a_page_that_names_its_text_like_furniture_is_still_read() -> None:
    draft = read(f"<div class='menu'><h1>On Trees</h1></div>{f'<div class=menu><p>{BODY}</p></div>' * 5}")
    assert [kind for kind, _ in blocks(draft)] == ["title", *["paragraph"] * 5]


def test_hidden_text_is_left_out() -> None:
    assert body("<p style='display: none'>Hidden.</p><p hidden>Hidden.</p><p>Seen.</p>")[-1] == ("paragraph", "Seen.")


def test_a_layout_table_is_read_and_a_data_table_is_a_table() -> None:
    draft = read(f"""<table><tr><td><a>Home</a><br><a>News</a></td><td><h1>On Trees</h1><b>1. The Cost</b><br><br>{BODY}
      <p>{BODY}<table border=1><tr><td>Year</td><td>Trees</td></tr><tr><td>1990</td><td>500</td></tr></table></td>
      </tr></table>""")
    assert blocks(draft) == [
        ("title", "On Trees"),
        ("heading", "1. The Cost"),
        ("paragraph", BODY),
        ("paragraph", BODY),
        ("table", "Year | Trees 1990 | 500"),
    ]


def test_a_text_file_in_a_page_is_read_as_text() -> None:
    draft = read(f"<pre>ON TREES\n\n1. The Cost\n\n{BODY}</pre>")
    assert ("paragraph", BODY) in blocks(draft)
    assert ("heading", "1. The Cost") in blocks(draft)


# --- head and title page


def test_the_head_gives_title_authors_year_and_language() -> None:
    head = """<meta name="citation_title" content="On Trees"><meta name="citation_author" content="Example, Ada B.">
      <meta name="citation_author" content="Bo Writer"><meta name="citation_date" content="2020/03/04">"""
    draft = read(f"<h1>The Journal</h1><h2>On Trees</h2><p>{BODY}</p>", head)
    assert (draft.title, draft.authors) == ("On Trees", ("Ada B. Example", "Bo Writer"))
    assert (draft.year, draft.language) == (2020, "en")


def test_the_head_gives_doi_journal_and_places() -> None:
    head = """<meta name="citation_doi" content="doi:10.1000/182"><meta name="citation_journal_title" content="Annals">
      <meta name="citation_author_institution" content="Elm College">"""
    draft = read(f"<h1>On Trees</h1><p>{BODY}</p>", head)
    assert (draft.doi, draft.venue, draft.affiliations) == ("10.1000/182", "Annals", ("Elm College",))


def test_a_title_is_what_the_page_prints_without_the_sites_name() -> None:
    draft = read(f"<h2>On trees in cities</h2><div><p>{BODY}</p></div>", "<title>On Trees in Cities « A Blog</title>")
    assert draft.title == "On trees in cities"
    assert [b.type for b in draft.blocks] == ["title", "paragraph"]


def test_lines_between_title_and_text_are_no_body() -> None:
    draft = read(f"""<h1>On Trees</h1><ul><li>Ada Example</li></ul><p>Department of Trees, University of Nowhere</p>
      <p>Received 4 May 2020; Accepted 5 June 2020</p><p>This manuscript was made from a file on May 5.</p>
      <h2>Abstract</h2><p>{BODY}</p><p><b>Funding:</b> Nobody paid for this work.</p><h2>Aims</h2><p>{BODY}</p>""")
    assert [kind for kind, _ in blocks(draft) if kind != "furniture"] == [
        "title", "author", "heading", "abstract", "heading", "paragraph",
    ]  # fmt: skip
    assert draft.authors == ("Ada Example",)


def test_an_abstract_with_headings_of_its_own_is_one() -> None:
    draft = read(f"""<h1>On Trees</h1><section class="Abstract"><h2>Abstract</h2><h3>Background</h3><p>{BODY}</p>
      <p><strong>Results</strong> 12 trees were counted.</p></section><h2>Keywords</h2><p>trees heat</p>
      <h2>Aims</h2><p>{BODY}</p>""")
    assert [(kind, text[:12]) for kind, text in blocks(draft)[1:]] == [
        ("heading", "Abstract"), ("heading", "Background"), ("abstract", BODY[:12]), ("heading", "Results"),
        ("abstract", "12 trees wer"), ("heading", "Keywords"), ("keywords", "trees heat"), ("heading", "Aims"),
        ("paragraph", BODY[:12]),
    ]  # fmt: skip
    assert [h.role for h in headings(draft)] == ["abstract", "abstract", "abstract", None, None]


# --- blocks


def test_headings_keep_their_levels() -> None:
    draft = read(f"<h1>On Trees</h1><h2>Aims</h2><p>{BODY}</p><h3>Means</h3><p>{BODY}</p><h2>End</h2><p>{BODY}</p>")
    assert [(h.lines[0].text, h.level) for h in headings(draft)] == [("Aims", 2), ("Means", 3), ("End", 2)]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><strong>The Cost</strong></p>",
        "<b>The Cost</b><br>",
        "<div><span class='title3'>The Cost</span><div>It is.</div></div>",
    ],
)
def test_headings_by_look_or_class_stand_below_the_last_marked_one(markup: str) -> None:
    draft = read(f"<h1>On Trees</h1><h2>Aims</h2><p>{BODY}</p>{markup}<p>{BODY}</p>")
    assert [(h.lines[0].text, h.level) for h in headings(draft)] == [("Aims", 2), ("The Cost", 3)]


def test_bold_words_at_a_paragraphs_start_are_a_run_in_heading_if_they_end_so() -> None:
    assert body("<p><b>The cost.</b> It is high.</p><p><b>Trees</b> Are green.</p>") == [
        ("heading", "The cost."),
        ("paragraph", "It is high."),
        ("paragraph", "Trees Are green."),
    ]


def test_lists_quotes_captions_and_code() -> None:
    markup = """<ul><li>Oaks live long.</li><li><p>Birches grow.</p></li></ul>
      <blockquote><p>Plant them.</p></blockquote>
      <figure><img><figcaption><b>Figure 1.</b> Trees.</figcaption></figure>
      <pre>x = 1</pre>
      <dl><dt>Oak</dt><dd>a tree</dd></dl>"""
    assert body(markup) == [
        ("list_item", "Oaks live long."),
        ("list_item", "Birches grow."),
        ("quote", "Plant them."),
        ("caption", "Figure 1. Trees."),
        ("list_item", "Oak: a tree"),
    ]


def test_two_line_breaks_part_paragraphs_and_one_does_not() -> None:
    assert body("It is<br>so.<br><br>It was.") == [("paragraph", "It is so."), ("paragraph", "It was.")]


def test_formulas_are_read_once() -> None:
    markup = "<p>As <math><semantics><mi>a</mi><annotation>\\alpha</annotation></semantics></math> shows.</p>"
    assert body(markup) == [("paragraph", "As a shows.")]


# --- citations, notes, references


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("It is.<sup><a href='#ref-1'>1</a>,<a href='#ref-2'>2</a></sup>", "It is. [1,2]"),
        ("It is<a href='/x#ref-1'>1</a> <a href='#ref-2'>2</a> so.", "It is [1,2] so."),
        ("It is [<a href='#r1'>1</a>,<a href='#r2'>2</a>].", "It is [1,2]."),
        ("It is (see Table <a href='#t1'>1</a>).", "It is (see Table 1)."),
        ("It is in Table <a href='#t1'>1</a>.", "It is in Table 1."),
        ("It is.<a href='#fn1'><sup>1</sup></a> So.", "It is. So."),
        ("It is.<sup><a href='#footnote-3'>3</a></sup> So.", "It is. So."),
        ("It is <a href='#p1'>¶</a>so.", "It is so."),
        ("About 10<sup>6</sup> trees.", "About 106 trees."),
    ],
)
def test_marks_in_the_text(markup: str, text: str) -> None:
    assert body(f"<p>{markup}</p>") == [("paragraph", text)]


def test_footnotes_are_known_by_their_place_or_role() -> None:
    for markup in ('<section role="doc-endnotes">', '<div class="footnotes">'):
        end = markup[1:].split()[0]
        notes = f"{markup}<ol><li id='fn1'><p>See there. <a role='doc-backlink'>↩</a></p></li></ol></{end}>"
        assert body(notes) == [("footnote", "See there.")]


def test_entries_of_a_reference_list_without_the_links_to_services() -> None:
    markup = """<h2>References</h2><p>This article cites two works.</p><ol><li><span>1.</span> Example A.
      (2015) On oaks. J. Trees 3: 4. <ul><li><a>View Article</a></li><li><a>Google Scholar</a></li></ul></li>
      <li>2. Writer B. (2016) On birches. J. Trees 4: 6. <a>CrossRef</a> · <a>PubMed</a></li></ol>
      <div>Export citations to your own files of references</div>"""
    assert [pair for pair in body(markup) if pair[0] != "furniture"] == [
        ("heading", "References"),
        ("reference", "1. Example A. (2015) On oaks. J. Trees 3: 4."),
        ("reference", "2. Writer B. (2016) On birches. J. Trees 4: 6."),
    ]


def test_a_bibliography_by_its_roles() -> None:
    entry = "<div role='doc-biblioentry'><div>{}. </div><div>Example A. On oaks and other trees. 201{}.</div></div>"
    markup = f"<div role='doc-bibliography'>{entry.format(1, 5)}{entry.format(2, 6)}</div>"
    assert body(markup) == [
        ("heading", "References"),
        ("reference", "1. Example A. On oaks and other trees. 2015."),
        ("reference", "2. Example A. On oaks and other trees. 2016."),
    ]


# --- bytes


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("iso-8859-1", "cp1252"), ("utf-8", "utf-8"), ("shift_jis", "shift_jis"), ("no-such-code", "utf-8")],
)
def test_encodings(declared: str, encoding: str) -> None:
    word = "木" if encoding == "shift_jis" else "café"
    page = f"<html><head><meta charset='{declared}'></head><body><p>{word} {BODY}</p></body></html>"
    assert blocks(read_bytes("html", page.encode(encoding))) == [("paragraph", f"{word} {BODY}")]


def test_binary_data_is_refused() -> None:
    with pytest.raises(ValueError, match="binary"):
        read_bytes("html", b"<html>" + bytes(range(256)) * 20)


def test_depth_and_length_are_no_trouble() -> None:
    deep = f"<html><body>{'<div>' * 4000}{BODY}".encode()
    assert isinstance(read_bytes("html", deep), RawDocument)
    entries = "<div>Example A. On oaks and other trees of cities, 2015.</div>" * 500
    assert len(read(f"<h2>References</h2>{'<div>' * 60}{entries}").blocks) == 501


PIECES = (
    "<p>", "</p>", "<div class=nav>", "</div>", "<h2>", "</h2>", "<li>", "<ul>", "</ul>", "<br>", "<table>", "<tr>",
    "<td>", "</table>", "<b>", "</b>", "<sup>", "<a href='#r1'>", "</a>", "1", "It is so.", "References", "Abstract",
    "<blockquote>", "<dl>", "<dd>", "&nbsp;", "<x", "<!--", "-->", "&#0;",
)  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_markup_gives_blocks_with_text(pieces: list[str]) -> None:
    for block in read_bytes("html", ("<html><body>" + "".join(pieces)).encode()).blocks:
        assert any(c.isalnum() for line in block.lines for c in line.text)


FORMATS = SHARED / "formats"


@pytest.mark.shared
def test_a_journals_page_gives_the_same_sentences_as_its_xml() -> None:
    def sentences(path: Path) -> list[str]:
        paper = read_paper(path)
        return ["".join(filter(str.isalpha, paper.text[s.start : s.end])) for s in paper.sentences]

    from_xml, from_page = (sentences(FORMATS / p) for p in ("jats/peerj_727.xml", "html/peerj_727.html"))
    assert set(from_xml) <= set(from_page)
    assert len(from_page) - len(from_xml) <= 10  # declarations, which the XML keeps as notes
