"""What stands in the text without being of it: tables, captions, labels of figures, code, formulas, contents."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median

from argmine.readers.heuristics import section_kind
from argmine.readers.pdf.blocks import (
    Block,
    Kind,
    caption_head,
    ends_sentence,
    is_contact,
    is_date_line,
    is_licence,
    is_prose,
    is_table_note,
)
from argmine.readers.pdf.front import letters
from argmine.readers.pdf.glyphs import PageGlyphs, Rect
from argmine.readers.pdf.lines import Column, Line, Piece, Styles

# A run of dots is looked at from its first one alone and as a whole: else a long one takes time by its length's cube.
_LEADER = re.compile(
    r"(?i)(?:(?<!\.)(?<!\.\s)(?:\.\s?){4,}+|(?<!\u2026)\u2026{2,}+|(?<!\u00b7)(?<!\u00b7\s)(?:\u00b7\s?){4,}+)"
    r"\s*(?:[A-Z]-)?(?:\d{1,4}|[ivxlc]{1,7})?$"
)
_PAGED = re.compile(r"\s(?:\d{1,4}|[ivxlc]{1,7})$")
_FIRST_CELL = re.compile(r"[\W_]{0,3}(?:\w{1,3}[.)]?|\d+(?:\.\d+)*\.?|[ivxIVX]+[.)]?|\w\.)?[\W_]{0,2}")
_ENTRY = re.compile(r"[\W\d_]*+[^\W\d_].*\s(?:\d{1,4}|[ivxlc]{1,7})$")  # of a table of contents
_LISTED = 3  # titles one after the other that stand over text elsewhere
_ALIGN = 4.0  # points by which the edges of a column's cells may differ
_SMALL = 0.93  # of the body's size
_LABEL = 14.0  # points around a drawing in which its labels stand
_LARGEST_LABEL = 1.15  # of the body's size; larger is a heading beside a picture
_RUNNING = 0.7  # share of the column that a line of running text fills
_CELL = 12.0  # points; what is drawn closer together belongs together
_FEWEST_DRAWN = 3
_LETTER = 28.0  # points; what is all smaller may be letters that are drawn instead of set
_FRONT_PAGES = 2
_LEGEND = re.compile(r"[\u2460-\u24ff\u2776-\u2793\U0001f100-\U0001f1ff]\s?\S")
_BOX = re.compile(r"(?i)(?:text)?box\s+(?:\d{1,2}|[A-Z]|[IVX]{1,4})\b")
_SOURCE = re.compile(r"[\u2014\u2013\u2015-]{1,3}\s?\S")
_OPERATOR = re.compile(r"[=<>\u2260-\u226f\u2208-\u220b\u2211\u220f\u222b\u221a\u00b1\u00d7\u00f7+\u2192\u21d2\u221d]")
_DRAWN = ("fig", "chart", "map", "graph", "diagram", "scheme")


def is_contents(line: Line) -> bool:
    return bool(_LEADER.search(line.text))


def find_contents(columns: Sequence[Column]) -> set[int]:
    """The ids of the lines with leaders; where none has a page's number they are a quotation's dots."""
    found = [line for column in columns for line in column.lines if is_contents(line)]
    return set(map(id, found)) if any(line.text[-1].isalnum() for line in found) else set()


def find_tables(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> set[int]:
    """The ids (`id(line)`) of the lines of a page that belong to tables."""
    lines = [line for column in columns for line in column.lines]
    found = {id(x) for x in lines if x.table}
    for box in _ruled_regions(page.rules):
        level = [x for x in lines if box.y0 - 1 <= (x.top + x.bottom) / 2 <= box.y1 + 1]
        inside = [x for x in level if x.x0 >= box.x0 - 8 and x.x1 <= box.x1 + 8]
        if inside and _looks_tabular(inside, box, styles):
            found.update(map(id, inside))
    for column in columns:
        found |= _aligned(column.lines, styles)
    return found


def find_figures(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> set[int]:
    """The ids of the lines that stand in pictures and drawings: labels, axes, legends."""
    pictures = [p for p in page.images if p.width * p.height < 0.5 * page.width * page.height]
    lines = (line for column in columns for line in column.lines) if pictures else ()
    found = {id(x) for x in lines for picture in pictures if _within(x, picture)}
    drawings = [(column, box) for box in _drawings(page) for column in columns if _holds(column, box)]
    for column, box in drawings:
        around = Rect(box.x0 - _LABEL, box.y0 - _LABEL / 2, box.x1 + _LABEL, box.y1 + _LABEL)
        inside = [x for x in column.lines if _begins_in(x, around) and not caption_head(x.text)]
        inside = [x for x in inside if x.size <= _LARGEST_LABEL * styles.body.size]
        filled = sum(_within(x, around) and x.x1 - x.x0 > _RUNNING * box.width for x in inside)
        if filled >= 3 and filled > 0.5 * len(inside):
            continue  # a frame with round corners around text
        text = [x for x in inside if styles.is_body(x)]
        prose = is_prose(" ".join(x.text for x in text))
        found.update(id(x) for x in inside if not (prose and styles.is_body(x)))
    return found


def _holds(column: Column, box: Rect) -> bool:
    inside = column.left - _LABEL <= (box.x0 + box.x1) / 2 <= column.right + _LABEL
    return inside or box.x0 <= (column.left + column.right) / 2 <= box.x1


def _begins_in(line: Line, box: Rect) -> bool:
    return box.x0 <= line.x0 <= box.x1 and box.y0 <= (line.top + line.bottom) / 2 <= box.y1


def _drawings(page: PageGlyphs) -> list[Rect]:
    """What is drawn close together, by cells of a grid over the page; rules and frames belong to what they touch."""
    cells: dict[tuple[int, int], list[Rect]] = defaultdict(list)
    strokes = [r for r in (*page.rules, *page.bars, *page.boxes) if r.width < 0.8 * page.width]
    drawn = [r for r in page.drawn if r.width * r.height < 0.6 * page.width * page.height]
    for rect in (*drawn, *strokes) if len(drawn) >= _FEWEST_DRAWN else ():
        for x in range(max(0, int(rect.x0 / _CELL)), min(int(rect.x1 / _CELL), int(page.width / _CELL)) + 1):
            for y in range(max(0, int(rect.y0 / _CELL)), min(int(rect.y1 / _CELL), int(page.height / _CELL)) + 1):
                cells[x, y].append(rect)
    kinds = set(map(id, drawn))
    found: list[Rect] = []
    while cells:
        waiting = [next(iter(cells))]
        together: dict[int, Rect] = {}
        while waiting:
            x, y = waiting.pop()
            together.update((id(rect), rect) for rect in cells.pop((x, y), ()))
            waiting += [at for at in itertools.product((x - 1, x, x + 1), (y - 1, y, y + 1)) if at in cells]
        some = list(together.values())
        box = Rect(min(r.x0 for r in some), min(r.y0 for r in some), max(r.x1 for r in some), max(r.y1 for r in some))
        own = [rect for rect in some if id(rect) in kinds]
        large = any(max(rect.width, rect.height) > _LETTER for rect in own)
        enough = large and len(own) >= _FEWEST_DRAWN
        if enough and box.width > 40 and box.height > 30 and box.width * box.height < 0.6 * page.width * page.height:
            found.append(box)
    return found


# --- boxes ----------------------------------------------------------------------------------------------------------
def find_boxes(page: PageGlyphs, columns: Sequence[Column], styles: Styles) -> set[int]:
    """The ids of the lines that stand in frames or on grounds as something apart from the text."""
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
        text = " ".join(x.text for x in inside)
        own_style = sum(map(styles.is_body, inside)) < 0.3 * len(inside)
        scattered = all(x.x1 - x.x0 < 0.6 * box.width for x in inside)
        if own_style or (scattered and not is_prose(text)) or _is_titled(inside, box, page):
            found.update(map(id, inside))
    return found


def _is_titled(lines: Sequence[Line], box: Rect, page: PageGlyphs) -> bool:
    """Whether running text in a box stands under a box's title, or under any or none beyond the first pages, where
    abstracts and summaries have grounds; it holds no section of the paper."""
    if len(lines) < 3 or box.height > 0.6 * page.height or section_kind(lines[0].text) is not None:
        return False
    title, *rest = sorted(lines, key=lambda x: x.base)
    plain = all(x.bold < 0.9 for x in rest)
    bold = title.bold > 0.9 and not ends_sentence(title.text)
    later = page.number > _FRONT_PAGES and plain and (bold or title.bold < 0.9)
    return (later or _BOX.match(title.text) is not None) and is_prose(" ".join(x.text for x in rest))


def kind_in_box(block: Block, *, prose: bool) -> Kind:
    """What a block of a box is; `prose` says that the box holds running text."""
    text = block.text
    told = is_contact(text) or is_licence(text) or is_date_line(text) or caption_head(text) or is_table_note(text)
    ended = ends_sentence(text) or len(block.lines) > 3 or (prose and (block.marker or block.item))
    said = ended and (is_prose(text) or (prose and (block.marker or len(text.split()) >= 4)))
    return "box" if said and not told and not _BOX.match(text) else "caption"


def lift_grids(pieces: list[Piece], page: PageGlyphs) -> list[Piece]:
    """The pieces with each drawn grid's text in one piece, so that its cells are not taken for columns."""
    for box in _grids(page):
        level = [p for p in pieces if box.y0 - 1 <= p.base - 0.3 * p.size <= box.y1 + 1]
        inside = [p for p in level if box.x0 - 3 <= p.x0 and p.x1 <= box.x1 + 3 and not p.cells]
        if len(inside) >= 2:
            ids = set(map(id, inside))
            first = min(inside, key=lambda p: p.base)
            pieces = [p for p in pieces if id(p) not in ids]
            pieces.append(Piece([], box.x0, box.x1, first.base, first.size, inside))
    return pieces


def _grids(page: PageGlyphs) -> list[Rect]:
    found: list[Rect] = []
    for box in _ruled_regions(page.rules):
        inner = [b for b in page.bars if box.x0 + 8 < b.x0 < box.x1 - 8 and _beside(b, box, 0.7)]
        if box.height > 0.5 * page.height or not inner:
            continue  # the space between a head's and a foot's rule, or no cells
        last = found[-1] if found else None
        if last is not None and abs(last.x0 - box.x0) < 6 and 0 <= box.y0 - last.y1 < 8:
            found[-1] = Rect(last.x0, last.y0, last.x1, box.y1)
        else:
            found.append(box)
    return found


def find_frames(page: PageGlyphs) -> list[Rect]:

    def has_sides(box: Rect) -> bool:
        sides = [b for b in page.bars if _beside(b, box, 0.9)]
        return any(abs(b.x0 - box.x0) < 4 for b in sides) and any(abs(b.x1 - box.x1) < 4 for b in sides)

    return [box for box in _ruled_regions(page.rules) if has_sides(box)]


def _beside(bar: Rect, box: Rect, share: float) -> bool:
    return min(bar.y1, box.y1) - max(bar.y0, box.y0) > share * box.height


def _within(line: Line, box: Rect) -> bool:
    middle = (line.top + line.bottom) / 2
    return box.x0 - 2 <= line.x0 and line.x1 <= box.x1 + 2 and box.y0 <= middle <= box.y1


def _ruled_regions(rules: Sequence[Rect]) -> list[Rect]:
    """Boxes between rules of the same extent that follow each other."""
    merged: list[Rect] = []
    for rule in sorted(rules, key=lambda r: (round(r.y0 / 2), r.x0)):
        last = merged[-1] if merged else None
        if last is not None and abs(last.y0 - rule.y0) <= 2 and rule.x0 <= last.x1 + 3:
            merged[-1] = Rect(min(last.x0, rule.x0), last.y0, max(last.x1, rule.x1), max(last.y1, rule.y1))
        else:
            merged.append(rule)
    regions: list[list[Rect]] = []
    for rule in sorted((r for r in merged if r.width >= 60), key=lambda r: r.y0):
        same = (r for r in regions if abs(r[-1].x0 - rule.x0) < 6 and abs(r[-1].x1 - rule.x1) < 6)
        if region := next(same, None):
            region.append(rule)
        else:
            regions.append([rule])
    return [
        Rect(min(r.x0 for r in region), a.y1, max(r.x1 for r in region), b.y0)
        for region in regions
        for a, b in itertools.pairwise(region)
        if b.y0 - a.y1 > 4
    ]


def _cells(line: Line) -> int:
    """Number of cells, a list's or heading's mark at the start not counted."""
    count = len(line.cells)
    marked = count > 1 and _FIRST_CELL.fullmatch(line.text.split(" ", 1)[0])
    return count - 1 if marked and line.cells[0].width < 3.2 * line.size else count


def _looks_tabular(lines: Sequence[Line], box: Rect, styles: Styles) -> bool:
    multi = sum(_cells(x) >= 2 for x in lines)
    few = len(lines) <= 3 and multi >= 1 and box.height < 80
    return multi >= 0.3 * len(lines) or (few and not any(styles.is_body(x) for x in lines))


def _aligned(lines: Sequence[Line], styles: Styles) -> set[int]:
    """Lines in stretches of at least three that have cells under each other."""
    found: set[int] = set()
    i = 0
    while i < len(lines):
        j = i
        rows = [lines[i]]
        skipped = 0
        tabular = _cells(lines[i]) >= 2 and not is_contents(lines[i])
        for k in range(i + 1, len(lines) if tabular else i):
            line = lines[k]
            if line.base - lines[k - 1].base > 3.2 * styles.lead(line.size):
                break
            if _cells(line) >= 2 and _shares_edge(line, rows):
                rows.append(line)
                j, skipped = k, 0
            else:
                skipped += 1
                wrapped = line.x1 - line.x0 < 0.5 * line.width
                if skipped > (4 if wrapped else 0):
                    break
        gaps = [b.x0 - a.x1 for row in rows for a, b in itertools.pairwise(row.cells)] if len(rows) >= 3 else []
        if gaps and median(gaps) > 1.15 * rows[0].size:
            found.update(id(x) for x in lines[i : j + 1])
            i = j
        i += 1
    return found


def _shares_edge(line: Line, rows: Sequence[Line]) -> bool:
    for other in (cell for row in rows[-3:] for cell in row.cells[1:]):
        for cell in line.cells[1:]:
            # Justified text ends at the edge on every line: that two cells do too says nothing.
            flush = cell.x1 > line.right - 2 and cell.width > 0.25 * line.width
            ends = abs(cell.x1 - other.x1) < _ALIGN or abs(cell.x0 + cell.x1 - other.x0 - other.x1) < 2 * _ALIGN
            if abs(cell.x0 - other.x0) < _ALIGN or (ends and not flush):
                return True
    return False


# --- blocks ---------------------------------------------------------------------------------------------------------
def mark_contents(blocks: Sequence[Block]) -> None:
    """Tables of contents: those that a heading announces, entries without dots that follow others, their wrapped lines
    and the headings over them."""
    for before, block in itertools.pairwise(blocks):
        paged = sum(_PAGED.search(x.text) is not None for x in block.lines)
        told = (
            block.kind in ("table", "") and section_kind(before.text) == "contents" and paged > 0.6 * len(block.lines)
        )
        goes_on = before.kind == "contents" and not block.kind and all(_ENTRY.match(x.text) for x in block.lines)
        if told or goes_on:
            block.kind = "contents"
    for i, block in enumerate(blocks):
        for before in reversed(blocks[max(0, i - 3) : i]) if block.kind == "contents" else ():
            if before.kind != "contents":
                other = before.kind or before.first.page != block.first.page
                if other or len(before.lines) > 3 or ends_sentence(before.text):
                    break
                before.kind = "contents"
                if section_kind(before.text) == "contents":
                    break  # what stands over their heading is none of them


def mark_epigraphs(blocks: Sequence[Block]) -> None:
    """A saying set in under a heading or title, with a line that says whose it is."""
    for before, saying, source in zip(blocks, blocks[1:], blocks[2:], strict=False):
        own = _SOURCE.match(saying.last.text) is not None
        whole = [saying] if own else [saying, source]
        opens = before.kind in ("heading", "title", "author") and saying.kind in ("", "quote")
        inset = all(x.x0 > x.left + 0.08 * x.width for block in whole for x in block.lines)
        short = all(len(block.lines) <= 8 for block in whole)
        if opens and inset and short and _SOURCE.match(whole[-1].last.text):
            for block in whole:
                block.kind = "epigraph"


def mark_listings(blocks: Sequence[Block]) -> None:
    """Tables of contents without dot leaders: blocks of lines that are the document's own headings."""
    titles = Counter(letters(b.text) for b in blocks if b.kind == "heading")
    _mark_repeated(blocks, titles)
    for i, block in enumerate(blocks):
        if block.kind or len(block.lines) < 2:
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


def _mark_repeated(blocks: Sequence[Block], titles: Counter[str]) -> None:
    """Titles that follow each other without text: those under "Contents", and those that stand over text later."""
    prose = {i for i, b in enumerate(blocks) if is_prose(b.text)}
    run: list[Block] = []
    page = 0
    left = titles.copy()
    for i, block in enumerate(blocks):
        title = letters(block.text)
        if block.kind != "heading":
            page = 0 if i in prose else page
            run = []
            continue
        if section_kind(block.first.text) == "contents":
            page = block.first.page
            block.kind = "contents" if len(block.lines) > _LISTED else block.kind
        left[title] -= 1
        run = [*run, block] if left[title] > 0 else []
        listed = page == block.first.page and section_kind(block.text) != "contents" and i + 1 not in prose
        if len(run) >= _LISTED or listed:
            for other in (*run, block):
                other.kind = "contents"


def mark_floats(blocks: Sequence[Block], styles: Styles) -> None:
    for previous, block in zip([None, *blocks], blocks, strict=False):
        if block.kind:
            continue
        if _is_caption(block, styles) or (previous is not None and _continues_caption(block, previous, styles)):
            block.kind = "caption"
        elif sum(_LEGEND.match(x.text) is not None for x in block.lines) > 0.5 * len(block.lines):
            block.kind = "figure"
        elif all(x.mono > 0.8 for x in block.lines) and not styles.body.mono:
            block.kind = "table"
        elif _is_formula(block.text):
            block.kind = "equation" if _OPERATOR.search(block.text) else "furniture"
    below: Block | None = None
    for block in reversed(blocks):
        if block.kind == "caption" and caption_head(block.text).lower().startswith(_DRAWN):
            below = block
        elif below is not None and block.kind == "" and _is_label(block, below):
            block.kind = "figure"
        elif block.kind not in ("furniture", "figure", "equation", "caption"):
            below = None


def _is_caption(block: Block, styles: Styles) -> bool:
    text = block.text
    label = caption_head(text)
    plain = styles.is_body(block.first) and styles.small(block.first) >= _SMALL
    if not label:
        return bool(is_table_note(text)) and not plain
    stopped = text[len(label) :].lstrip()[:1] in (".", ":", "|")
    font = block.first.runs[0].font
    return not plain or stopped or ((font.bold or font.italic) and len(text) < 150)


def _continues_caption(block: Block, caption: Block, styles: Styles) -> bool:
    a, b = caption.last, block.first
    step = b.base - a.base
    if caption.kind != "caption" or a.page != b.page or step <= 0:
        return False
    if styles.small(b) < _SMALL and step < 3.0 * b.size and b.font.family == a.font.family:
        return True
    close = step < 1.3 * styles.lead(b.size) and abs(a.size - b.size) < 0.05 * b.size
    return close and not ends_sentence(caption.text) and not block.marker and b.x0 > caption.first.x0 + b.size


def _is_label(block: Block, caption: Block) -> bool:
    near = block.first.page == caption.first.page and block.last.base < caption.first.base
    short = sum(sum(c.width for c in x.cells) < 0.5 * x.width for x in block.lines) >= 0.6 * len(block.lines)
    return near and short and not ends_sentence(block.text) and not is_prose(block.text)


def _is_formula(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", text)
    signs = sum(not (c.isalnum() or c.isspace()) for c in text)
    return len(words) < 3 and (len(text) > 3 or "=" in text[1:-1]) and (signs > 0.2 * len(text) or "=" in text)
