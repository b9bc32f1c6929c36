"""From pages of glyphs to a `DraftPaper`: the order in which the steps of the reading follow each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from argmine.paper import Warning
from argmine.read.draft import Draft, DraftPaper
from argmine.read.draft import Line as DraftLine
from argmine.read.pdf.blocks import Block, Kind, ends_sentence, make_blocks
from argmine.read.pdf.flow import join_paragraphs
from argmine.read.pdf.front import author_names, is_byline, letters, mark_front
from argmine.read.pdf.furniture import drop_margin_numbers, drop_watermarks, find_furniture
from argmine.read.pdf.glyphs import PageGlyphs
from argmine.read.pdf.headings import cut_head, is_heading, set_levels, split_run_in
from argmine.read.pdf.layout import Column, read_columns, usual_gutter
from argmine.read.pdf.ligatures import mend_ligatures
from argmine.read.pdf.lines import Line, make_pieces, merge_drop_caps
from argmine.read.pdf.notes import split_footnotes
from argmine.read.pdf.references import free_reference_titles, split_references
from argmine.read.pdf.shapes import (
    caption_head,
    is_back_matter_title,
    is_contact,
    is_date_line,
    is_keywords,
    is_licence,
    is_prose,
    is_table_note,
)
from argmine.read.pdf.style import Styles, find_styles
from argmine.read.pdf.tables import find_frames, find_tables, is_contents, lift_grids
from argmine.read.shape import section_kind

_ABSTRACT = re.compile(r"(?:abstract|summary)\s*[.:\u2014\u2013-]+\s*(?=\S)", re.I)


def assemble(pages: Sequence[PageGlyphs]) -> DraftPaper:
    """Read the pages' glyphs as a paper. The glyphs are changed on the way (ligatures)."""
    unnamed = mend_ligatures(pages)
    words = {w.lower() for page in pages for run in page.runs for w in run.text.split()}
    pieces = drop_watermarks([drop_margin_numbers(make_pieces(page.runs)) for page in pages])
    pieces = [lift_grids(merge_drop_caps(p, words), page) for page, p in zip(pages, pieces, strict=True)]
    gutter = usual_gutter(pieces)
    columns = [read_columns(p, page.number, page.boxes, gutter) for page, p in zip(pages, pieces, strict=True)]
    styles = find_styles([c for parts in columns for c in parts], {p.number: p.height for p in pages})
    furniture = find_furniture(pages, columns, styles)
    blocks: list[Block] = []
    for page, parts in zip(pages, columns, strict=True):
        for column in parts:
            column.lines = [line for line in column.lines if id(line) not in furniture]
        blocks.extend(_page_blocks(page, parts, styles))
    blocks = _classify(blocks, styles)
    draft = DraftPaper(blocks=[_draft(b) for b in blocks if b.lines], authors=author_names(blocks))
    draft.title = next((_joined(b) for b in blocks if b.kind == "title" and b.lines), "")
    if unnamed:
        draft.warnings.append(
            Warning(code="glyphs", message=f"{unnamed} characters could not be told: the PDF does not say what they are")
        )
    return draft


def _page_blocks(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> list[Block]:
    """The blocks of one page in reading order; tables, contents and footnotes have their kinds already."""
    tables = find_tables(page, columns, styles)
    boxed = _boxed(page, columns, styles)
    blocks: list[Block] = []
    notes: list[Block] = []
    for column in columns:
        lines, found = split_footnotes([x for x in column.lines], page.rules, styles)
        if any(id(x) in tables for note in found for x in note.lines):
            lines, found = column.lines, []
        notes.extend(found)
        stretch: list[Line] = []
        kind = ""
        for line in (*lines, None):
            own = "" if line is None else _line_kind(line, tables, boxed)
            if line is None or own != kind:
                if stretch:
                    blocks.extend(_stretch(stretch, kind, styles))
                stretch, kind = [], own
            if line is not None:
                stretch.append(line)
    return blocks + notes


def _line_kind(line: Line, tables: set[int], boxed: set[int]) -> Kind:
    if id(line) in tables:
        return "table"
    if is_contents(line):
        return "contents"
    return "caption" if id(line) in boxed else ""


def _stretch(lines: list[Line], kind: Kind, styles: Styles) -> list[Block]:
    if kind in ("table", "contents"):
        return [Block(lines, kind)]
    blocks = make_blocks(lines, styles)
    for block in blocks:
        block.kind = kind
        # A box beside the text may hold the heading of what stands next to it.
        if kind and block.first.size > 1.2 * styles.body.size and block.first.bold > 0.9:
            block.kind = ""
    return blocks


def _boxed(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> set[int]:
    """The ids of lines that stand in a drawn box and are set otherwise than the body."""
    found: set[int] = set()
    for box in (*page.boxes, *find_frames(page)):
        if box.width * box.height > 0.8 * page.width * page.height:
            continue
        inside = [
            line
            for column in columns
            for line in column.lines
            if box.x0 - 1 <= line.x0 and line.x1 <= box.x1 + 1 and box.y0 <= line.base - 0.3 * line.size <= box.y1
        ]
        own_style = sum(styles.is_body(x) for x in inside) < 0.3 * len(inside)
        scattered = all(x.x1 - x.x0 < 0.6 * box.width for x in inside) and not is_prose(" ".join(x.text for x in inside))
        if inside and (own_style or scattered):
            found.update(map(id, inside))
    return found


def _classify(blocks: list[Block], styles: Styles) -> list[Block]:
    """Give every block its kind."""
    _mark_contents(blocks)
    _mark_floats(blocks, styles)
    blocks = _split_abstract(blocks)
    open_blocks = [b for b in blocks if b.kind in ("", "heading")]
    for i, block in enumerate(open_blocks):
        following = open_blocks[i + 1] if i + 1 < len(open_blocks) else None
        if is_heading(block, following, styles):
            block.kind = "heading"
    _mark_listings(blocks)
    free_reference_titles(blocks)
    _join_headings(blocks, styles)
    blocks = [b for b in blocks if b.lines]
    title = mark_front(blocks, styles)
    blocks = _split_run_ins(blocks, styles)
    _mark_sections(blocks, title)
    _mark_body(blocks, styles)
    blocks = split_references(blocks)
    set_levels([b for b in blocks if b.kind == "heading"])
    return join_paragraphs(blocks, styles)


def _mark_contents(blocks: Sequence[Block]) -> None:
    """Tables of contents: their wrapped lines and the headings over them."""
    for i, block in enumerate(blocks):
        if block.kind != "contents":
            continue
        for back in range(i - 1, max(-1, i - 4), -1):
            before = blocks[back]
            if before.kind == "contents":
                continue
            if before.kind or len(before.lines) > 3 or ends_sentence(before.text) or before.first.page != block.first.page:
                break
            before.kind = "contents"


def _mark_listings(blocks: Sequence[Block]) -> None:
    """Tables of contents without dot leaders: blocks of lines that are the document's own headings."""
    titles = Counter(letters(b.text) for b in blocks if b.kind == "heading")
    for i, block in enumerate(blocks):
        if block.kind != "" or len(block.lines) < 2:
            continue
        known = sum(letters(x.text) in titles for x in block.lines)
        if known < 2 or known < 0.6 * len(block.lines):
            continue
        block.kind = "contents"
        for before in reversed(blocks[max(0, i - 3) : i]):
            if before.kind == "heading" and titles[letters(before.text)] > 1:
                before.kind = "contents"
            elif before.kind != "contents":
                break


def _mark_floats(blocks: Sequence[Block], styles: Styles) -> None:
    """Captions, notes under tables, labels of figures, code and formulas."""
    previous: Block | None = None
    for block in blocks:
        if block.kind:
            previous = block
            continue
        text = block.text
        label = caption_head(text)
        small = styles.small(block.first) < 0.93
        plain = styles.is_body(block.first) and not small
        after = text[len(label) :].lstrip()[:1]
        opens_bold = block.first.runs[0].font.bold or block.first.runs[0].font.italic
        if label and (after in ".:|\u2014\u2013-" or not plain or opens_bold) and (not plain or after in ".:|" or len(text) < 150):
            block.kind = "caption"
        elif is_table_note(text) and (small or not plain):
            block.kind = "caption"
        elif previous is not None and previous.kind == "caption" and small and _follows(block, previous):
            block.kind = "caption"
        elif previous is not None and previous.kind == "caption" and _rest_of_caption(block, previous, styles):
            block.kind = "caption"
        elif all(x.mono > 0.8 for x in block.lines) and not styles.body.mono:
            block.kind = "table"
        elif _is_formula(text):
            block.kind = "furniture"
        previous = block
    below: Block | None = None
    for block in reversed(blocks):
        drawn = caption_head(block.text).lower().startswith(("fig", "chart", "map", "graph", "diagram", "scheme"))
        if block.kind == "caption" and drawn:
            below = block
        elif below is not None and block.kind == "" and _is_label(block, below):
            block.kind = "furniture"
        elif block.kind not in ("furniture", "caption"):
            below = None


def _is_label(block: Block, caption: Block) -> bool:
    """Scattered words over a figure's caption."""
    near = block.first.page == caption.first.page and block.last.base < caption.first.base
    short = sum(sum(c.width for c in x.cells) < 0.5 * x.width for x in block.lines) >= 0.6 * len(block.lines)
    return near and short and not ends_sentence(block.text) and not is_prose(block.text)


def _follows(block: Block, previous: Block) -> bool:
    near = 0 < block.first.base - previous.last.base < 3.0 * block.first.size
    return near and block.first.page == previous.last.page and block.first.font.family == previous.last.font.family


def _rest_of_caption(block: Block, caption: Block, styles: Styles) -> bool:
    """A caption's hanging second line."""
    a, b = caption.last, block.first
    near = a.page == b.page and 0 < b.base - a.base < 1.3 * styles.lead(b.size) and abs(a.size - b.size) < 0.05 * b.size
    return near and not ends_sentence(caption.text) and not block.marker and b.x0 > caption.first.x0 + b.size


def _is_formula(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", text)
    signs = sum(not (c.isalnum() or c.isspace()) for c in text)
    return len(words) < 3 and len(text) > 3 and (signs > 0.2 * len(text) or "=" in text)


def _join_headings(blocks: Sequence[Block], styles: Styles) -> None:
    """Lines of one heading that stand further apart than lines usually do."""
    last: Block | None = None
    for block in blocks:
        if last is not None and block.kind == "heading" == last.kind and block.lines:
            a, b = last.last, block.first
            step = b.base - a.base
            alike = a.font.size == b.font.size and a.font.bold == b.font.bold and a.font.italic == b.font.italic
            if a.page == b.page and alike and 0 < step < 1.45 * b.size and not re.match(r"\s*(?:\d|[IVX]+\.)", b.text):
                last.lines.extend(block.lines)
                block.kind = "furniture"
                block.lines = []
                continue
        if block.lines:
            last = block


def _split_run_ins(blocks: list[Block], styles: Styles) -> list[Block]:
    """Cut headings that run into their paragraph off from it."""
    result: list[Block] = []
    for block in blocks:
        parts = split_run_in(block, styles) if block.kind == "" and styles.small(block.first) >= 0.86 else None
        result.extend(parts or (block,))
    return result


def _split_abstract(blocks: Sequence[Block]) -> list[Block]:
    """Cut "Abstract" off where it runs into its text in whatever font."""
    result: list[Block] = []
    for block in blocks:
        found = _ABSTRACT.match(block.first.text) if block.lines and block.first.page <= 2 else None
        if found and block.kind == "":
            result.extend(cut_head(block, found.end()) or (block,))
        else:
            result.append(block)
    return result


def _mark_sections(blocks: Sequence[Block], title: str) -> None:
    """What a heading says about the blocks under it: abstract, authors, back matter."""
    under = ""
    first_size = 0.0
    for block in blocks:
        if block.kind == "heading":
            kind = section_kind(block.text)
            if is_back_matter_title(block.text):
                under, block.kind = "acknowledgement", "acknowledgement"
            elif kind == "abstract":
                under, block.role = "abstract", "abstract"
            elif kind in ("acknowledgement", "references"):
                under = str(kind)
            else:
                under = ""
            first_size = 0.0
        elif block.kind == "":
            if under == "abstract":
                first_size = first_size or block.first.size
                ended = is_keywords(block.text) or is_date_line(block.text) or block.first.size > 1.06 * first_size
                under = "" if ended else under
            if under == "acknowledgement":
                block.kind = "acknowledgement"
            elif under == "abstract" and not is_keywords(block.text) and not is_contact(block.text):
                block.kind = "abstract" if not block.marker else ""


def _mark_body(blocks: Sequence[Block], styles: Styles) -> None:
    """The kinds of what is left."""
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
        elif _is_quote(block):
            block.kind = "quote"
        else:
            block.kind = "paragraph"


def _is_stray(block: Block, styles: Styles) -> bool:
    """Some words in another font or size than the body's: a label of a figure, a banner."""
    line = block.first
    bold_only = line.font.family == styles.body.family and abs(line.size - styles.body.size) < 0.06 * line.size
    few = not ends_sentence(block.text) and len(block.text.split()) < 12
    return few and not styles.is_body(line) and not bold_only


def _is_quote(block: Block) -> bool:
    """Prose that is set in on both sides."""
    if len(block.lines) < 2 or not is_prose(block.text):
        return False
    size = block.first.size
    left = min(x.x0 for x in block.lines)
    right = max(x.x1 for x in block.lines)
    return left > block.first.left + 1.5 * size and right < block.first.right - 1.0 * size


def _joined(block: Block) -> str:
    return re.sub(r"-\s(?=[a-z])", "", " ".join(line.text for line in block.lines))


def _draft(block: Block) -> Draft:
    lines = [DraftLine(x.text, x.page, (round(x.x0, 2), round(x.top, 2), round(x.x1, 2), round(x.bottom, 2))) for x in block.lines]
    if block.marker and block.kind == "list_item":
        first = lines[0]
        lines[0] = DraftLine(first.text[len(block.marker) :].lstrip(), first.page, first.box)
    kind = "furniture" if block.kind == "contents" else block.kind or "paragraph"
    return Draft(kind, lines, level=block.level, number=block.number, run_in=block.run_in, role=block.role)


__all__ = ["assemble", "letters"]
