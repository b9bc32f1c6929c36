"""From a PDF to a raw document: its pages' glyphs, recognised text, and the steps of the reading in their order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.paper import ReadingWarning
from argmine.readers import Ocr, ReadOptions, SourceFile
from argmine.readers.heuristics import heading_number, section_kind
from argmine.readers.pdf import floats, layout
from argmine.readers.pdf.blocks import (
    Block,
    Kind,
    caption_head,
    ends_sentence,
    is_back_matter_title,
    is_contact,
    is_date_line,
    is_keywords,
    is_licence,
    is_outline_mark,
    is_prose,
    make_blocks,
    split_footnotes,
)
from argmine.readers.pdf.correspondence import Head, read_head
from argmine.readers.pdf.front import free_reference_titles, is_byline, mark_front, split_references
from argmine.readers.pdf.glyphs import PageGlyphs, mend_ligatures
from argmine.readers.pdf.headings import cut_head, is_heading, mark_alike, set_levels, split_run_in
from argmine.readers.pdf.legible import drop_unreadable, spans
from argmine.readers.pdf.line_numbers import drop_line_numbers
from argmine.readers.pdf.lines import Column, Line, Styles, find_styles, make_pieces, merge_drop_caps
from argmine.readers.pdf.metadata import add_metadata
from argmine.readers.pdf.opinions import case_title, mark_opinions
from argmine.readers.pdf.stated import NOTHING, Stated, read_stated
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine

_ABSTRACT = re.compile(r"(?:abstract|summary)\s*[.:\u2014\u2013-]+\s*(?=\S)", re.I)
_LABEL = re.compile(
    r"(?i)(?:chapter|part|appendix|annex|section)\s+(?:\d{1,3}|[A-Z]|[IVXL]{1,7}|one|two|three|four|five|six|seven)[.:]?"
)
_TEXT = frozenset({"paragraph", "abstract", "list_item", "quote"})
_BETWEEN = frozenset({"footnote", "caption", "table", "furniture", "contents", "box", "figure", "equation"})
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$")
_ABBREVIATED = re.compile(r"(?:et al|e\.g|i\.e|cf|vs|Fig|No|pp?)\.$")
_COVERS = 0.7  # share of the page that a picture of it covers
_FEW_LETTERS = 200  # on a page that a picture covers: a stamp, not the page's text


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    """Read a PDF's text as blocks in reading order, by either engine.

    A page that tesseract recognises adds a warning (code "ocr"), one that fails while others work one of code "page".
    Raises ReadError for a file that cannot be opened, is encrypted, has more than `max_pages`, or holds no text.
    """
    if options.reader == "pdfplumber":
        from argmine.readers.pdf.plumber import read_pages
    else:
        from argmine.readers.pdf.pdfium import read_pages
    warnings: list[ReadingWarning] = []
    pages, count, reader = read_pages(file, options, warnings)
    illegible, copies = drop_unreadable(pages), _copied_layers(pages)
    recognised = []
    if wanted := to_recognise(pages, options.ocr, {*illegible, *copies, *copies.values()}):
        from argmine.readers.ocr import program_name, recognise, restore_boxes

        recognised = recognise(file, options, pages, wanted, warnings)
    left = {*illegible, *copies} - {page.number for page in recognised}
    if not any(page.runs and page.number not in left for page in pages):
        raise ReadError(file.path, _why_empty(pages, warnings, options.ocr, left))
    raw = assemble([page for page in pages if page.number not in left], read_stated(file.data, options.password))
    if recognised:
        restore_boxes(raw, recognised)
        reader = f"{reader}, {program_name()}"
    raw.pages, raw.reader = count, reader
    raw.warnings = [*warnings, *_blank_pages(pages, {w.page for w in warnings}, options.ocr), *raw.warnings]
    raw.warnings += [*_unread(pages, illegible, left, options.ocr), *_copied(copies, left, options.ocr)]
    return raw


def to_recognise(pages: Sequence[PageGlyphs], ocr: Ocr, illegible: Collection[int] = ()) -> list[PageGlyphs]:
    """The pages that OCR is to read, among them those whose text says nothing (`illegible`) if it can."""
    if ocr == "never":
        return []
    also: Collection[int] = ()
    if illegible:
        from argmine.readers.ocr import is_available

        also = illegible if is_available() else ()
    return [page for page in pages if ocr == "always" or page.number in also or needs_ocr(page)]


def needs_ocr(page: PageGlyphs) -> bool:
    """Whether a page has no text, or no more than a stamp on the picture that covers it."""
    return not page.runs or (_is_covered(page) and sum(len(r.text) for r in page.runs) < _FEW_LETTERS)


def _is_covered(page: PageGlyphs) -> bool:
    return any(i.width * i.height >= _COVERS * page.width * page.height for i in page.images)


def _why_empty(pages: list[PageGlyphs], warnings: list[ReadingWarning], ocr: Ocr, illegible: Collection[int]) -> str:
    if not pages:
        return "has no page that can be read; the file is damaged, get it again"
    if illegible:
        return f"has text in fonts that don't say which characters it is of; {_how_to_read(ocr)}"
    if any(page.images for page in pages):
        needs = "holds pictures of pages but no text; it needs OCR: leave --ocr never out"
        return needs if ocr == "never" else "holds pictures in which OCR finds no text; is it a paper?"
    if warnings:
        return "holds no text on the pages that can be read; the file is damaged, get it again"
    return "holds no text"


def _how_to_read(ocr: Ocr) -> str:
    from argmine.readers.ocr import INSTALL, is_available

    if is_available():
        return "it needs OCR: leave --ocr never out" if ocr == "never" else "OCR finds nothing in it either"
    return INSTALL


def _unread(pages: Sequence[PageGlyphs], illegible: set[int], left: set[int], ocr: Ocr) -> Iterator[ReadingWarning]:
    """What could not be told of the text, in a line each, with its pages."""
    if lost := illegible & left:
        why = f"set in fonts that don't say which characters these are, and left out; {_how_to_read(ocr)}"
        yield ReadingWarning(code="glyphs", message=f"Text {_on_pages(lost)} is {why}")
    if known := illegible - left:
        message = f"Text {_on_pages(known)} is set in fonts that don't say which characters these are; OCR read it"
        yield ReadingWarning(code="glyphs", message=message)
    if some := {page.number: page.unread for page in pages if page.unread and page.number not in illegible}:
        total = sum(some.values())
        message = f"{total:,} character{'s' * (total > 1)} {_on_pages(some)} could not be told: the PDF does not say"
        yield ReadingWarning(code="glyphs", message=f"{message} what they are")


def _copied_layers(pages: Sequence[PageGlyphs]) -> dict[int, int]:
    """The scanned pages under whose pictures an earlier page's text lies, with that page."""
    first: dict[str, int] = {}
    texts = {page.number: "".join(run.text for run in page.runs) for page in pages if _is_covered(page)}
    return {
        number: first[text]
        for number, text in texts.items()
        if len(text) >= _FEW_LETTERS and first.setdefault(text, number) != number
    }


def _copied(copies: Mapping[int, int], left: Collection[int], ocr: Ocr) -> Iterator[ReadingWarning]:
    for page, first in copies.items():
        done = f"it was left out: {_how_to_read(ocr)}" if page in left else "OCR read both"
        message = f"has the text of page {first} under its picture; {done}"
        yield ReadingWarning(code="page", page=page, message=message)


def _on_pages(numbers: Collection[int]) -> str:
    return f"on page{'s' if len(numbers) > 1 else ''} {spans(numbers)}"


def _blank_pages(pages: list[PageGlyphs], known: set[int | None], ocr: Ocr) -> Iterator[ReadingWarning]:
    why = "it needs OCR: leave --ocr never out" if ocr == "never" else "OCR finds none in it either"
    for page in pages:
        pictured = any(i.width * i.height > 0.5 * page.width * page.height for i in page.images)
        if page.number not in known and not page.runs and pictured:
            yield ReadingWarning(code="page", page=page.number, message=f"is a picture without text; {why}")


def assemble(pages: Sequence[PageGlyphs], stated: Stated = NOTHING) -> RawDocument:
    """Read the pages' glyphs as a paper; `stated` is what the file's properties say of it.

    The glyphs are changed on the way (ligatures).
    """
    mend_ligatures(pages)
    words = {w.lower() for page in pages for run in page.runs for w in run.text.split()}
    whole = [make_pieces(runs) for runs in drop_line_numbers([page.runs for page in _alive(pages)])]
    pieces = layout.drop_watermarks(whole)
    over = [layout.dropped_heads(page, *both) for page, *both in zip(_alive(pages), whole, pieces, strict=True)]
    pieces = [floats.lift_grids(merge_drop_caps(p, words), page) for page, p in zip(_alive(pages), pieces, strict=True)]
    gutter, size = layout.usual_gutter(pieces), layout.usual_size(pieces)
    columns = [
        layout.read_columns(p, page.number, (*page.boxes, *floats.find_frames(page)), gutter, size)
        for page, p in zip(_alive(pages), pieces, strict=True)
    ]
    styles = find_styles([c for parts in columns for c in parts], {p.number: p.height for p in pages})
    furniture = layout.find_furniture(pages, columns, styles)
    blocks: list[Block] = []
    tops: dict[int, list[Line]] = {}
    margins: list[Line] = []
    for page, parts, dropped in zip(_alive(pages), columns, over, strict=True):
        tops[page.number] = [*dropped, *layout.running_heads(page, parts, furniture)]
        for column in parts:
            margins += [line for line in column.lines if id(line) in furniture and line.page <= 2]
            column.lines = [line for line in column.lines if id(line) not in furniture]
        blocks.extend(page_blocks(page, parts, styles))
    case = case_title(blocks, tops)
    blocks = mark_opinions(blocks, tops, styles)
    heads = {page: tuple(line.text for line in lines) for page, lines in tops.items()}
    raw = finish(blocks, styles, margins, heads, stated)
    raw.title = case or raw.title
    return raw


def finish(
    blocks: list[Block], styles: Styles, margins: list[Line], heads: dict[int, tuple[str, ...]], stated: Stated
) -> RawDocument:
    blocks, head = classify(blocks, styles)
    raw = RawDocument([_raw_block(b) for b in blocks if b.lines], heads=heads)
    raw.title = next((re.sub(r"-\s(?=[a-z])", "", b.text) for b in blocks if b.kind == "title" and b.lines), "")
    add_metadata(raw, blocks, margins, heads, stated, head, styles.body.size)
    return raw


def _alive(pages: Iterable[PageGlyphs]) -> Iterator[PageGlyphs]:
    for page in pages:
        beat()
        yield page


def _raw_block(block: Block) -> RawBlock:
    lines = [
        RawLine(x.text, x.page, (round(x.x0, 2), round(x.top, 2), round(x.x1, 2), round(x.bottom, 2)), tuple(x.marks))
        for x in block.lines
    ]
    if block.marker and block.kind in ("list_item", "box"):
        cut = len(block.marker.replace(" ", ""))
        text, marks = lines[0].text[len(block.marker) :].lstrip(), tuple((n - cut, m) for n, m in lines[0].marks)
        lines[0] = replace(lines[0], text=text, marks=marks)
    return RawBlock(
        block.kind or "paragraph", lines, level=block.level, number=block.number, run_in=block.run_in, role=block.role
    )


# --- the blocks of a page ---
def page_blocks(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> list[Block]:
    """The blocks of one page in reading order; tables, figures, boxes, contents and footnotes have their kinds."""
    tables = floats.find_tables(page, columns, styles)
    figures = floats.find_figures(page, columns, styles)
    boxed = floats.find_boxes(page, columns, styles)
    listed = floats.find_contents(columns)

    def kind_of(line: Line) -> Kind:
        if id(line) in tables or id(line) in figures:
            return "table" if id(line) in tables else "figure"
        return "contents" if id(line) in listed else "box" if id(line) in boxed else ""

    blocks: list[Block] = []
    notes: list[Block] = []
    for column in columns:
        if column.aside:
            notes.extend(_aside(column, styles))
            continue
        apart = max((i for i, line in enumerate(column.lines, 1) if id(line) in boxed), default=0)
        lines, found = split_footnotes(column.lines[apart:], page.rules, styles)
        lines = column.lines[:apart] + lines
        if any(id(x) in tables for note in found for x in note.lines):
            lines, found = column.lines, []
        notes.extend(found)
        for kind, stretch in itertools.groupby(lines, kind_of):
            blocks.extend(_stretch(list(stretch), kind, styles))
    return blocks + notes


def _aside(column: Column, styles: Styles) -> list[Block]:
    """What stands in the margin: notes and captions, or what a journal says of itself and the paper."""
    blocks = make_blocks(column.lines, styles)
    for block in blocks:
        text = block.text
        noted = is_prose(text) and not (is_licence(text) or is_contact(text) or is_date_line(text))
        block.kind = "caption" if caption_head(text) else "footnote" if noted else "furniture"
    return blocks


def _stretch(lines: list[Line], kind: Kind, styles: Styles) -> list[Block]:
    if kind in ("table", "figure", "contents"):
        return [Block(lines, kind)]
    blocks = make_blocks(lines, styles)
    prose = is_prose(" ".join(x.text for x in lines))
    for block in blocks if kind else ():
        # A box beside the text may hold the heading of what stands next to it.
        heads = block.first.size > 1.2 * styles.body.size and block.first.bold > 0.9
        block.kind = "" if heads else floats.kind_in_box(block, prose=prose)
    return blocks


# --- kinds ----------------------------------------------------------------------------------------------------------
def classify(blocks: list[Block], styles: Styles) -> tuple[list[Block], Head]:
    floats.mark_contents(blocks)
    floats.mark_floats(blocks, styles)
    blocks = [part for block in blocks for part in _split_abstract(block) or (block,)]
    unmarked = [b for b in blocks if b.kind in ("", "heading")]
    for block, following in zip(unmarked, [*unmarked[1:], None], strict=False):
        if is_heading(block, following, styles):
            block.kind = "heading"
    mark_alike(blocks, styles)
    floats.mark_listings(blocks)
    floats.mark_epigraphs(blocks)
    free_reference_titles(blocks)
    _join_headings(blocks)
    blocks = [b for b in blocks if b.lines]
    head = read_head(blocks)
    mark_front(blocks, styles, head.kind)
    blocks = [part for block in blocks for part in split_run_in(block, styles) or (block,)]
    _mark_sections(blocks)
    _mark_body(blocks, styles)
    blocks = split_references(blocks)
    set_levels([b for b in blocks if b.kind == "heading"])
    return join_paragraphs(blocks), head


def _join_headings(blocks: Sequence[Block]) -> None:
    last: Block | None = None
    for block in blocks:
        if last is not None and block.kind == "heading" == last.kind and block.lines:
            a, b = last.last, block.first
            step = b.base - a.base
            alike = (a.size, a.font.bold, a.font.italic) == (b.size, b.font.bold, b.font.italic)
            numbered = is_outline_mark(a) or heading_number(b.text)[0] is not None or is_outline_mark(b)
            joined = a.page == b.page and alike and 0 < step < 1.45 * b.size and not numbered and not last.role
            labels = _labels(last, block)
            if labels:
                last.number = last.text.rstrip(".: ")
            if joined or labels:
                last.lines.extend(block.lines)
                block.kind, block.lines = "furniture", []
                continue
        if block.lines:
            last = block


def _labels(label: Block, title: Block) -> bool:
    """Whether a heading is no more than "Chapter 2" or "Appendix A" over its title."""
    a, b = label.last, title.first
    near = a.page == b.page and 0 < b.base - a.base < 6 * b.size and b.size > 0.9 * a.size
    return near and bool(_LABEL.fullmatch(label.text)) and not _LABEL.match(title.text)


def _split_abstract(block: Block) -> tuple[Block, Block] | None:
    found = _ABSTRACT.match(block.first.text) if block.kind == "" and block.first.page <= 2 else None
    return cut_head(block, found.end()) if found else None


def _mark_sections(blocks: Sequence[Block]) -> None:
    under = ""
    first_size = 0.0
    for block in blocks:
        if block.kind == "heading":
            kind = section_kind(block.text)
            under = kind if kind in ("abstract", "acknowledgement", "references") else ""
            if is_back_matter_title(block.text):
                under = block.kind = "acknowledgement"
            elif kind == "abstract":
                block.role = "abstract"
            first_size = 0.0
        elif block.kind == "" and under == "acknowledgement":
            block.kind = "acknowledgement"
        elif block.kind == "" and under == "abstract":
            first_size = first_size or block.first.size
            if is_keywords(block.text) or is_date_line(block.text) or block.first.size > 1.06 * first_size:
                under = ""
            elif not is_contact(block.text) and not block.marker:
                block.kind = "abstract"


def _mark_body(blocks: Sequence[Block], styles: Styles) -> None:
    for block in blocks:
        if block.kind not in ("", "abstract") or not block.lines:
            continue
        text = block.text
        if is_keywords(text):
            block.kind = "keywords"
        elif is_date_line(text) or (is_licence(text) and block.first.page <= 2 and not is_prose(text)):
            block.kind = "furniture"
        elif (is_contact(text) and not is_prose(text)) or is_byline(text):
            block.kind = "author"
        elif block.kind == "abstract":
            continue
        elif styles.small(block.first) < 0.86:
            block.kind = "quote" if _is_quote(block) else "caption"
        elif block.marker or block.item:
            block.kind = "list_item"
        elif _is_stray(block, styles):
            block.kind = "furniture"
        else:
            block.kind = "quote" if _is_quote(block) else "paragraph"


def _is_stray(block: Block, styles: Styles) -> bool:
    line = block.first
    bold_only = line.font.family == styles.body.family and abs(line.size - styles.body.size) < 0.06 * line.size
    few = not ends_sentence(block.text) and len(block.text.split()) < 12
    return few and not styles.is_body(line) and not bold_only


def _is_quote(block: Block) -> bool:
    left, right = min(x.x0 for x in block.lines), max(x.x1 for x in block.lines)
    inset = left > block.first.left + 1.5 * block.first.size and right < block.first.right - 1.0 * block.first.size
    return len(block.lines) > 1 and inset and is_prose(block.text)


# --- whole paragraphs -----------------------------------------------------------------------------------------------
def join_paragraphs(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with each continued paragraph in one; what stood between follows it."""
    paragraphs = [b for b in blocks if b.kind == "paragraph" and len(b.lines) > 1]
    indented = sum(b.indented and b.lines[1].x0 < b.first.x0 - 3 for b in paragraphs)
    indents = len(paragraphs) > 4 and indented > 0.4 * len(paragraphs)
    result: list[Block] = []
    last: Block | None = None  # the last block of text
    boxed: Block | None = None  # the last one of a box
    for block in [block for block in blocks if block.lines]:
        if block.kind in _TEXT:
            if last is not None and _continues(last, block, result[-1] is not last, indents):
                last.lines.extend(block.lines)
                continue
            last = block
        elif block.kind == "box":
            if boxed is not None and _continues(boxed, block, result[-1] is not boxed, indents):
                boxed.lines.extend(block.lines)
                continue
            boxed = block
        elif block.kind not in _BETWEEN:
            last = boxed = None
        result.append(block)
    return result


def _continues(before: Block, block: Block, interrupted: bool, indents: bool) -> bool:
    a, b = before.last, block.first
    alike = abs(a.size - b.size) < 0.08 * b.size and before.first.font.family == block.first.font.family
    if block.marker or block.item or not alike:
        return False
    text = before.text.rstrip()
    moved = a.page != b.page or b.base < a.base or interrupted
    if re.sub(r"^[\"'\u201c\u2018(\[]+", "", block.text)[:1].islower():
        listed = text.endswith((":", ";")) and not moved
        return not listed and (not ends_sentence(text) or bool(_ABBREVIATED.search(text)))
    if not moved or _HYPHEN.search(text):
        return moved
    if ends_sentence(text) or text.endswith(":"):
        full = a.x1 > a.right - 2.0 * a.size
        plain = before.kind == block.kind == "paragraph" and not text.endswith(":")
        return plain and indents and full and not block.indented
    return a.x1 > a.right - 0.25 * a.width and not (indents and block.indented)
