"""From a PDF to a raw document: its pages' glyphs, recognised text, and the steps of the reading in their order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.paper import ReadingWarning
from argmine.readers import Ocr, ReadOptions, SourceFile
from argmine.readers.heuristics import section_kind
from argmine.readers.pdf import floats, layout
from argmine.readers.pdf.blocks import (
    Block,
    Kind,
    ends_sentence,
    is_back_matter_title,
    is_contact,
    is_date_line,
    is_keywords,
    is_licence,
    is_prose,
    make_blocks,
    split_footnotes,
)
from argmine.readers.pdf.correspondence import Head, read_head
from argmine.readers.pdf.front import free_reference_titles, is_byline, mark_front, split_references
from argmine.readers.pdf.glyphs import PageGlyphs, mend_ligatures
from argmine.readers.pdf.headings import cut_head, is_heading, set_levels, split_run_in
from argmine.readers.pdf.lines import Column, Line, Styles, find_styles, make_pieces, merge_drop_caps
from argmine.readers.pdf.metadata import add_metadata
from argmine.readers.pdf.stated import NOTHING, Stated, read_stated
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine

_ABSTRACT = re.compile(r"(?:abstract|summary)\s*[.:\u2014\u2013-]+\s*(?=\S)", re.I)
_TEXT = frozenset({"paragraph", "abstract", "list_item", "quote"})
_BETWEEN = frozenset({"footnote", "caption", "table", "furniture", "contents"})
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
    recognised = []
    if wanted := to_recognise(pages, options.ocr):
        from argmine.readers.ocr import program_name, recognise, restore_boxes

        recognised = recognise(file, options, pages, wanted, warnings)
    if not any(page.runs for page in pages):
        raise ReadError(file.path, _why_empty(pages, warnings, options.ocr))
    raw = assemble(pages, read_stated(file.data, options.password))
    if recognised:
        restore_boxes(raw, recognised)
        reader = f"{reader}, {program_name()}"
    raw.pages, raw.reader = count, reader
    raw.warnings = [*warnings, *_blank_pages(pages, {w.page for w in warnings}, options.ocr), *raw.warnings]
    return raw


def to_recognise(pages: Sequence[PageGlyphs], ocr: Ocr) -> list[PageGlyphs]:
    return [] if ocr == "never" else [page for page in pages if ocr == "always" or needs_ocr(page)]


def needs_ocr(page: PageGlyphs) -> bool:
    """Whether a page has no text, or no more than a stamp on the picture that covers it."""
    covered = any(i.width * i.height >= _COVERS * page.width * page.height for i in page.images)
    return not page.runs or (covered and sum(len(r.text) for r in page.runs) < _FEW_LETTERS)


def _why_empty(pages: list[PageGlyphs], warnings: list[ReadingWarning], ocr: Ocr) -> str:
    if not pages:
        return "has no page that can be read; the file is damaged, get it again"
    if any(page.images for page in pages):
        needs = "holds pictures of pages but no text; it needs OCR: leave --ocr never out"
        return needs if ocr == "never" else "holds pictures in which OCR finds no text; is it a paper?"
    if warnings:
        return "holds no text on the pages that can be read; the file is damaged, get it again"
    return "holds no text"


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
    unnamed = mend_ligatures(pages)
    words = {w.lower() for page in pages for run in page.runs for w in run.text.split()}
    whole = [layout.drop_margin_numbers(make_pieces(page.runs)) for page in _alive(pages)]
    pieces = layout.drop_watermarks(whole)
    over = [layout.dropped_heads(page, *both) for page, *both in zip(_alive(pages), whole, pieces, strict=True)]
    pieces = [floats.lift_grids(merge_drop_caps(p, words), page) for page, p in zip(_alive(pages), pieces, strict=True)]
    gutter = layout.usual_gutter(pieces)
    alive = zip(_alive(pages), pieces, strict=True)
    columns = [layout.read_columns(p, page.number, page.boxes, gutter) for page, p in alive]
    styles = find_styles([c for parts in columns for c in parts], {p.number: p.height for p in pages})
    furniture = layout.find_furniture(pages, columns, styles)
    blocks: list[Block] = []
    heads: dict[int, tuple[str, ...]] = {}
    margins: list[Line] = []
    for page, parts, dropped in zip(_alive(pages), columns, over, strict=True):
        heads[page.number] = (*dropped, *layout.running_heads(page, parts, furniture))
        for column in parts:
            margins += [line for line in column.lines if id(line) in furniture and line.page <= 2]
            column.lines = [line for line in column.lines if id(line) not in furniture]
        blocks.extend(page_blocks(page, parts, styles))
    raw = finish(blocks, styles, margins, heads, stated)
    if unnamed:
        message = f"{unnamed} characters could not be told: the PDF does not say what they are"
        raw.warnings.append(ReadingWarning(code="glyphs", message=message))
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
        RawLine(x.text, x.page, (round(x.x0, 2), round(x.top, 2), round(x.x1, 2), round(x.bottom, 2)))
        for x in block.lines
    ]
    if block.marker and block.kind == "list_item":
        lines[0] = replace(lines[0], text=lines[0].text[len(block.marker) :].lstrip())
    kind = "furniture" if block.kind == "contents" else block.kind or "paragraph"
    return RawBlock(kind, lines, level=block.level, number=block.number, run_in=block.run_in, role=block.role)


# --- the blocks of a page ---
def page_blocks(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> list[Block]:
    """The blocks of one page in reading order; tables, contents and footnotes have their kinds already."""
    tables = floats.find_tables(page, columns, styles)
    boxed = _boxed(page, columns, styles)

    def kind_of(line: Line) -> Kind:
        other: Kind = "contents" if floats.is_contents(line) else "caption" if id(line) in boxed else ""
        return "table" if id(line) in tables else other

    blocks: list[Block] = []
    notes: list[Block] = []
    for column in columns:
        lines, found = split_footnotes(list(column.lines), page.rules, styles)
        if any(id(x) in tables for note in found for x in note.lines):
            lines, found = column.lines, []
        notes.extend(found)
        for kind, stretch in itertools.groupby(lines, kind_of):
            blocks.extend(_stretch(list(stretch), kind, styles))
    return blocks + notes


def _stretch(lines: list[Line], kind: Kind, styles: Styles) -> list[Block]:
    if kind in ("table", "contents"):
        return [Block(lines, kind)]
    blocks = make_blocks(lines, styles)
    for block in blocks:
        # A box beside the text may hold the heading of what stands next to it.
        heads = kind and block.first.size > 1.2 * styles.body.size and block.first.bold > 0.9
        block.kind = "" if heads else kind
    return blocks


def _boxed(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> set[int]:
    found: set[int] = set()
    for box in (*page.boxes, *floats.find_frames(page)):
        if box.width * box.height > 0.8 * page.width * page.height:
            continue
        inside = [
            line
            for column in columns
            for line in column.lines
            if box.x0 - 1 <= line.x0 and line.x1 <= box.x1 + 1 and box.y0 <= line.base - 0.3 * line.size <= box.y1
        ]
        own_style = sum(map(styles.is_body, inside)) < 0.3 * len(inside)
        scattered = all(x.x1 - x.x0 < 0.6 * box.width for x in inside)
        if own_style or (scattered and not is_prose(" ".join(x.text for x in inside))):
            found.update(map(id, inside))
    return found


# --- kinds ----------------------------------------------------------------------------------------------------------
def classify(blocks: list[Block], styles: Styles) -> tuple[list[Block], Head]:
    floats.mark_contents(blocks)
    floats.mark_floats(blocks, styles)
    blocks = [part for block in blocks for part in _split_abstract(block) or (block,)]
    unmarked = [b for b in blocks if b.kind in ("", "heading")]
    for block, following in zip(unmarked, [*unmarked[1:], None], strict=False):
        if is_heading(block, following, styles):
            block.kind = "heading"
    floats.mark_listings(blocks)
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
            if a.page == b.page and alike and 0 < step < 1.45 * b.size and not re.match(r"\s*(?:\d|[IVX]+\.)", b.text):
                last.lines.extend(block.lines)
                block.kind, block.lines = "furniture", []
                continue
        if block.lines:
            last = block


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
    for block in [block for block in blocks if block.lines]:
        if block.kind in _TEXT:
            if last is not None and _continues(last, block, result[-1] is not last, indents):
                last.lines.extend(block.lines)
                continue
            last = block
        elif block.kind not in _BETWEEN:
            last = None
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
