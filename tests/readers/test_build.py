"""From drafts to papers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.errors import ReadError
from argmine.paper import BODY_TYPES, Paper, Source
from argmine.readers.build import build_paper
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine

SOURCE = Source(file="a.pdf", sha256="0" * 64, media_type="application/pdf", reader="test")


def line(text: str, page: int = 1, y: float = 100.0) -> RawLine:
    return RawLine(text, page, (72.0, y, 500.0, y + 10))


def heading(text: str, **more: object) -> RawBlock:
    return RawBlock("heading", [RawLine(text)], **more)  # type: ignore[arg-type]


def paragraph(*texts: str) -> RawBlock:
    return RawBlock("paragraph", [RawLine(text) for text in texts])


def build(*blocks: RawBlock, footnotes: bool = False, **more: object) -> Paper:
    return build_paper(RawDocument(list(blocks), **more), SOURCE, footnotes=footnotes)  # type: ignore[arg-type]


def shown(paper: Paper) -> list[tuple[str, int, str | None]]:
    return [(s.title, s.level, s.parent) for s in paper.sections]


def test_lines_become_text_and_boxes_show_their_part_of_it() -> None:
    lines = [line("A strong inter-"), line("national  of\ufb01ce.", y=112), line("It acts.", 2)]
    paper = build(RawBlock("paragraph", lines))
    assert paper.text == "A strong international office. It acts."
    parts = [paper.text[b.start : b.end] for b in paper.blocks[0].boxes]
    assert parts == ["A strong inter", "national office.", "It acts."]


def test_a_sentence_has_a_box_a_line_narrowed_to_its_part() -> None:
    paper = build(RawBlock("paragraph", [line("One ends. Two starts"), line("here and ends.", 2)]))
    one, two = paper.sentences
    assert [paper.text[b.start : b.end] for b in two.boxes] == ["Two starts", "here and ends."]
    assert (one.page, two.page, [b.page for b in two.boxes]) == (1, 1, [1, 2])
    assert one.boxes[0].x0 == 72.0
    assert 72.0 < one.boxes[0].x1 <= two.boxes[0].x0 < two.boxes[0].x1 == 500.0


def test_sections_nest_by_number_and_run_over_their_subsections() -> None:
    paper = build(
        heading("1 Start"), paragraph("Text one."), heading("1.1 Deeper"), paragraph("Text two."), heading("2. End"),
        paragraph("Text three."),
    )  # fmt: skip
    assert shown(paper) == [("1 Start", 1, None), ("1.1 Deeper", 2, "s1"), ("2. End", 1, None)]
    first, deeper, end = paper.sections
    assert (first.number, deeper.number, end.number) == ("1", "1.1", "2")
    assert paper.slice(first).endswith("Text two.")
    assert first.end == deeper.end < end.start
    assert [s.section for s in paper.sentences] == ["s1", "s2", "s3"]


def test_headings_are_blocks_and_no_part_of_a_sentence() -> None:
    paper = build(heading("1. Introduction.", run_in=True), paragraph("It starts here."))
    section = paper.sections[0]
    assert section.heading is not None
    assert paper.text[slice(*section.heading)] == section.title == "1. Introduction"
    assert [paper.slice(s) for s in paper.sentences] == ["It starts here."]


def test_a_run_in_heading_without_number_stands_below_the_last_heading() -> None:
    paper = build(
        heading("2 Cause"), heading("Old reasons.", run_in=True), paragraph("They hold."),
        heading("New reasons.", run_in=True), paragraph("They fail."), heading("3 End"), paragraph("It ends."),
    )  # fmt: skip
    assert [(t, level) for t, level, _ in shown(paper)] == [
        ("2 Cause", 1), ("Old reasons", 2), ("New reasons", 2), ("3 End", 1),
    ]  # fmt: skip


def test_unused_levels_are_closed() -> None:
    paper = build(heading("A", level=2), paragraph("One is."), heading("B", level=5), paragraph("Two is."))
    assert shown(paper) == [("A", 1, None), ("B", 2, "s1")]


def test_a_number_that_the_reader_has_apart_is_part_of_the_title() -> None:
    paper = build(heading("Policy", number="2.1"), paragraph("It is."))
    assert (paper.sections[0].title, paper.sections[0].number) == ("2.1 Policy", "2.1")


def test_a_label_that_the_reader_has_apart_is_none() -> None:
    paper = build(heading("Chapter 2 Policy", number="Chapter 2"), paragraph("It is."))
    assert (paper.sections[0].title, paper.sections[0].number) == ("Policy", "Chapter 2")


def test_a_section_about_references_is_a_section() -> None:
    paper = build(heading("References"), paragraph("References stand beside the text where they are cited."))
    assert [s.title for s in paper.sections] == ["References"]
    assert len(paper.sentences) == 1


def test_text_before_the_first_heading_has_a_section_without_title() -> None:
    paper = build(paragraph("It opens."), heading("Then"), paragraph("It goes on."))
    assert shown(paper)[0] == ("", 1, None)
    assert paper.sentences[0].section == "s1"


def test_the_body_after_an_abstract_is_no_abstract() -> None:
    paper = build(
        heading("Abstract"), RawBlock("abstract", [RawLine("We show it.")]), paragraph("It opens."), heading("Cases"),
        paragraph("It goes on."),
    )  # fmt: skip
    assert [(s.title, s.role) for s in paper.sections][:2] == [("Abstract", "abstract"), ("", "introduction")]


def test_an_abstract_has_no_sections_of_the_body() -> None:
    abstract = (heading("Abstract", level=1), paragraph("We show it."))
    paper = build(*abstract, heading("Deeper", level=2), paragraph("It is."))
    assert [(s.title, s.parent) for s in paper.sections] == [("Abstract", None), ("Deeper", None)]
    assert paper.sections[1].role != "abstract"


def test_paragraphs_under_an_abstract_heading_are_the_abstract() -> None:
    paper = build(heading("Summary of Findings"), paragraph("So."), heading("Abstract"), paragraph("We show it."))
    assert [b.type for b in paper.blocks if b.type != "heading"] == ["paragraph", "abstract"]


def test_references_and_notes_have_a_heading_but_are_no_section() -> None:
    paper = build(
        heading("1 Start"), paragraph("As Gill (2024) says."), heading("References"),
        paragraph("Gill, D. (2024). The rise of it. Press."), heading("Appendix"), paragraph("More is here."),
    )  # fmt: skip
    assert [s.title for s in paper.sections] == ["1 Start", "Appendix"]
    assert [(b.type, b.section) for b in paper.blocks][2:4] == [("heading", None), ("reference", None)]
    assert paper.slice(paper.sections[0]).endswith("says.")
    assert [r.title for r in paper.references] == ["The rise of it"]
    assert [(paper.slice(c), c.references) for c in paper.citations] == [("Gill (2024)", ("r1",))]


def test_acknowledgements_are_no_body() -> None:
    paper = build(paragraph("It is."), heading("Acknowledgments"), paragraph("We thank all."))
    assert [paper.slice(s) for s in paper.sentences] == ["It is."]


def test_footnotes_become_sentences_where_asked() -> None:
    blocks = (paragraph("It is."), RawBlock("footnote", [RawLine("A note says so.")]))
    assert len(build(*blocks).sentences) == 1
    assert len(build(*blocks, footnotes=True).sentences) == 2


def test_furniture_is_left_out_and_title_and_authors_come_from_their_blocks() -> None:
    paper = build(
        RawBlock("title", [RawLine("A Good"), RawLine("Title")]), RawBlock("author", [RawLine("Ann Ek")]),
        RawBlock("furniture", [RawLine("Page 3")]), paragraph("It is."),
    )  # fmt: skip
    assert (paper.title, paper.authors) == ("A Good Title", ("Ann Ek",))
    assert "Page 3" not in paper.text


def test_list_markers_are_left_out() -> None:
    texts = ("• First it is.", "(b) Then it was.", "3. Last it goes.")
    items = [RawBlock("list_item", [RawLine(text)]) for text in texts]
    paper = build(*items)
    assert [paper.slice(s) for s in paper.sentences] == ["First it is.", "Then it was.", "Last it goes."]


def test_a_soft_hyphen_alone_is_no_block() -> None:
    paper = build(heading("One"), heading("\u00ad"), heading("Two"), paragraph("It is so."))
    assert [s.title for s in paper.sections] == ["One", "Two"]


def test_a_paper_without_sentences_is_an_error() -> None:
    with pytest.raises(ReadError, match="no body sentences"):
        build(RawBlock("title", [RawLine("Only a Title")]), heading("One"))


TEXTS = st.lists(st.text(st.sampled_from("ab-. é\u0301ﬁ\u00adZ1(2020)[]“”\n"), max_size=30), min_size=1, max_size=4)
TYPES = st.sampled_from(["heading", "paragraph", "abstract", "list_item", "reference", "footnote", "caption", "title"])


@given(st.lists(st.tuples(TYPES, TEXTS, st.booleans()), max_size=12))
def test_every_span_holds(blocks: list[tuple[str, list[str], bool]]) -> None:
    drafts = [
        RawBlock(kind, [line(t, 1 + i) for i, t in enumerate(ts)], run_in=run_in)  # type: ignore[arg-type]
        for kind, ts, run_in in blocks
    ]
    try:
        paper = build(*drafts, paragraph("It is so."))
    except ReadError:
        return
    assert unicodedata.is_normalized("NFC", paper.text)
    by_id = {b.id: b for b in paper.blocks}
    for sentence in paper.sentences:
        block = by_id[sentence.block]
        assert block.type in BODY_TYPES
        assert block.start <= sentence.start < sentence.end <= block.end
        assert all(sentence.start <= b.start < b.end <= sentence.end for b in sentence.boxes)
    for section in paper.sections:
        assert section.start <= section.end
        if section.heading:
            assert paper.text[slice(*section.heading)] == section.title
    last = 0
    for block in paper.blocks:
        assert last <= block.start <= block.end
        last = block.end
