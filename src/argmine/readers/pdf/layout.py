"""Columns and reading order of a page, and what stands outside of the text on all pages.

Columns are found by a recursive cut in the manner of Nagy and Seth's XY-cut (1984), on white space: a gutter that many
lines stand beside and few cross parts a page into bands; each band is read column by column.

Furniture is not known by its words: it is a line where the same text (numbers aside) stands at the same height on other
pages, a number at a page's edge, or a line in another font than the body's outside the frame that the body keeps to.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from argmine.readers.pdf.glyphs import PageGlyphs, Rect, weigh
from argmine.readers.pdf.lines import Column, Line, Piece, Styles, make_lines

_MOST_WORK = 60_000  # pieces looked at for one gutter: a page of print has some hundred, a plot tens of thousands
_MIN_LINES = 4  # lines on both sides that make a gutter believable
_MIN_FILL = 0.55  # share of a column that its usual line fills; cells of tables fill less
_MANY_LINES = 8
_MIN_FILL_FEW = 0.75  # the same where fewer lines than that do so
_MIN_LETTERS = 8  # letters in a column's usual line
_MIN_SIDE = 0.14  # share of the region's width that a column takes at least
_OVERLONG = 12.0  # points beyond the next longest line that make a line overlong
_DEPTH = 6
_WIDEST = 20_000  # points; a PDF page has 14,400 at most, glyphs of damaged fonts are wider
_LONGEST_LABEL = 14  # ems
_WIDE_LINE = 0.3  # share of the text's width that a line takes by which the text's edges are known
_BESIDE = 5  # such lines that make a text
_OFF = 0.4  # ems that the margin's print stands off the text's edge
_SMALLER = 0.97  # of the text's size
_LEAST_ASIDE = 12  # letters in a margin; fewer are marks
_EARLY = 2  # lines above a box beside the text up to which it is read before the text
_EDGE = 0.2  # share of the page's height in which heads and feet stand
_LARGEST = 1.15  # of the body's size; running heads are not set larger, headings at a page's top are
_NEAR = 4.0  # points by which the place may differ from page to page
_NUMBER = re.compile(
    r"(?i)[\[(\-\u2013\u2014|\s]*(?:p(?:age|\.)?\s*)?(?:\d{1,4}|[ivxlc]{1,7}|[A-Z]-?\d{1,3})(?:\s*(?:/|of)\s*\d{1,4})?"
    r"[\])\-\u2013\u2014|\s]*"
)
_Gutter = tuple[float, float]
_Pieces = list[Piece]
_Part = tuple[_Pieces, float, float]  # of a page, with the edges of its column
_Counted = list[tuple[Piece, int]]  # with their numbers of letters
_Row = tuple[float, float, float, int]  # x0, x1, base and number of letters


def usual_gutter(pages: Sequence[Sequence[Piece]]) -> _Gutter | None:
    """The gutter that at least two pages and a quarter of all agree on, or None."""
    gutters = (_gutter(list(ps), min(p.x0 for p in ps), max(p.x1 for p in ps)) for ps in pages if ps)
    found = [gutter for gutter in gutters if gutter is not None]
    alike = ([g for g in found if max(g[0], gutter[0]) < min(g[1], gutter[1])] for gutter in found)
    best = max(alike, key=len, default=[])
    if len(best) < max(2, 0.25 * len(pages)):
        return None
    return median(g[0] for g in best), median(g[1] for g in best)


def read_columns(
    pieces: Sequence[Piece],
    page: int,
    boxes: Sequence[Rect] = (),
    usual: _Gutter | None = None,
    size: float | None = None,
) -> list[Column]:
    """A page's columns in reading order, what stands in its margins last.

    `usual` is the other pages' gutter, for a page too short to show one, `size` that of the document's running text.
    """
    flow, margins = _lift_margins(_join_labels(pieces), size) if size else (list(pieces), [])
    before, flow, after = _lift_sidebars(flow, boxes)
    groups = [(group, usual if group is flow else None) for group in (*before, flow, *after)]
    found = [column for group, gutter in groups for column in _columns(group, page, gutter)]
    for margin in margins:
        left, right = min(p.x0 for p in margin), max(p.x1 for p in margin)
        found.append(Column(left, right, make_lines(margin, page, left, right), aside=True))
    return found


def _join_labels(pieces: Sequence[Piece]) -> _Pieces:
    """The pieces with hanging labels ("Right answer:") and what they stand beside as one: they are no column.

    One is told by the lines below its text, which stand under it with nothing at their left; others have its place.
    """
    sorts = sorted((p for p in pieces if p.runs), key=lambda p: (p.base, p.x0))
    labels = [(a, b) for a in sorts if _is_label(a) and (b := _right_of(a, sorts)) is not None]
    sure = {(round(a.x0), round(b.x0)) for a, b in labels if _hangs(a, b, sorts)}
    joined = [(a, b) for a, b in labels if (round(a.x0), round(b.x0)) in sure]
    gone = {id(p) for pair in joined for p in pair}
    whole = [replace(b, runs=[*a.runs, *b.runs], x0=a.x0) for a, b in joined]
    return [*(p for p in pieces if id(p) not in gone), *whole]


def _is_label(piece: Piece) -> bool:
    marked = piece.runs[0].font.bold or piece.runs[0].font.italic
    return marked and piece.runs[-1].text.rstrip().endswith(":") and piece.x1 - piece.x0 < _LONGEST_LABEL * piece.size


def _right_of(label: Piece, pieces: _Pieces) -> Piece | None:
    level = [p for p in pieces if p.x0 > label.x1 and abs(p.base - label.base) < 0.2 * label.size]
    nearest = min(level, key=lambda p: p.x0, default=None)
    return nearest if nearest is not None and nearest.x0 - label.x1 < _LONGEST_LABEL * label.size else None


def _hangs(label: Piece, text: Piece, pieces: _Pieces) -> bool:
    below = [p for p in pieces if 0.5 * text.size < p.base - text.base < 2.0 * text.size]
    under = [p for p in below if abs(p.x0 - text.x0) < 2]
    return bool(under) and not any(label.x0 - 2 < p.x0 < text.x0 - 2 and p.base <= under[0].base + 1 for p in below)


def usual_size(pages: Sequence[Sequence[Piece]]) -> float | None:
    """The size of the running text: that of the most letters."""
    sizes = weigh((run.font.size, len(run.text)) for pieces in pages for piece in pieces for run in piece.runs)
    return sizes.most_common(1)[0][0] if sizes else None


def _lift_margins(pieces: _Pieces, size: float) -> tuple[_Pieces, list[_Pieces]]:
    """Take smaller print that stands beside the running text, left or right of its edges, out of the flow."""
    text = [p for p in pieces if abs(p.size - size) <= 0.06 * size and p.runs]
    span = max((p.x1 for p in text), default=0.0) - min((p.x0 for p in text), default=0.0)
    wide = [p for p in text if p.x1 - p.x0 > _WIDE_LINE * span]
    if len(wide) < _BESIDE:
        return pieces, []
    left = _edge([p.x0 for p in wide], min) - _OFF * size
    right = _edge([p.x1 for p in wide], max) + _OFF * size
    flow = [part for piece in pieces for part in _split_at(piece, right, size)]
    margins: list[_Pieces] = []
    for side in ([p for p in flow if p.x1 < left], [p for p in flow if p.x0 > right]):
        small = [p for p in side if p.size < _SMALLER * size]
        letters = sum(map(_letters, small))
        narrow = max((p.x1 for p in small), default=0.0) - min((p.x0 for p in small), default=0.0) < 0.6 * (
            right - left
        )
        rows = len({round(p.base / 3) for p in small})
        top, bottom = min((p.base for p in small), default=0.0), max((p.base for p in small), default=0.0)
        beside = sum(top - size <= p.base <= bottom + size for p in wide)
        if narrow and rows >= 2 and letters >= _LEAST_ASIDE and beside >= 2:
            ids = set(map(id, small))
            flow = [p for p in flow if id(p) not in ids]
            margins.append(small)
    return flow, margins


def _edge(places: Sequence[float], outermost: Callable[[list[int]], int]) -> float:
    """The outermost edge at which a good part of the lines begin or end, or the outermost of all."""
    counts = Counter(round(x / 3) for x in places)
    usual = [at for at, n in counts.items() if n + counts[at - 1] + counts[at + 1] >= 0.25 * len(places)]
    return 3.0 * outermost(usual or list(counts))


def _split_at(piece: Piece, right: float, size: float) -> _Pieces:
    """A piece parted where smaller print beyond the text's edge stands close to it."""
    at = next((i for i, r in enumerate(piece.runs) if i and r.x0 > right and r.size < _SMALLER * size), 0)
    if not at or piece.size < _SMALLER * size:
        return [piece]
    a, b = piece.runs[:at], piece.runs[at:]
    first = replace(piece, runs=a, x1=max(r.x1 for r in a))
    return [first, Piece(b, b[0].x0, piece.x1, b[0].base, b[0].size)]


def _lift_sidebars(flow: _Pieces, boxes: Sequence[Rect]) -> tuple[list[_Pieces], _Pieces, list[_Pieces]]:
    """Take text in boxes that stand beside other text out of the flow: (boxes before it, the flow, boxes after it)."""
    before: list[_Pieces] = []
    after: list[_Pieces] = []
    width = max((p.x1 for p in flow), default=0.0) - min((p.x0 for p in flow), default=0.0)
    for box in sorted(boxes, key=lambda b: (b.y0, b.x0)):
        if box.width > 0.6 * width:
            continue
        level = [p for p in flow if box.y0 <= p.base - 0.3 * p.size <= box.y1]
        inside = [p for p in level if box.x0 - 1 <= p.x0 and p.x1 <= box.x1 + 1]
        ids = set(map(id, inside))
        rest = [p for p in flow if id(p) not in ids]
        if inside and any(box.y0 - p.size < p.base < box.y1 + p.size and p.x1 - p.x0 > 8 * p.size for p in rest):
            early = len({round(p.base) for p in rest if p.base < box.y0}) <= _EARLY
            (before if early else after).append(inside)
            flow = rest
    return before, flow, after


def _columns(pieces: list[Piece], page: int, usual: _Gutter | None) -> Iterator[Column]:
    if pieces:
        left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
        for group, a, z in _cut(pieces, left, right, _DEPTH, usual):
            lines = make_lines(group, page, a, z)
            _trim(lines)
            if lines:
                yield Column(a, z, lines)


def _trim(lines: list[Line]) -> None:
    """Let a column end where its other lines do when one or two (an overlong address) reach into the margin."""
    if len(lines) >= 10:
        ends = sorted((line.x1 for line in lines), reverse=True)
        right = next((b for a, b in itertools.pairwise(ends[:3]) if a - b > _OVERLONG), ends[0])
        for line in lines:
            line.right = min(line.right, max(right, line.left + 1))


def _cut(pieces: _Pieces, left: float, right: float, depth: int, usual: _Gutter | None = None) -> list[_Part]:
    gutter = _gutter(pieces, left, right) if depth else None
    if gutter is None and usual is not None and _keeps_clear(pieces, usual):
        gutter = usual
    if gutter is None:
        return [(pieces, left, right)]
    start, end = gutter
    middle = (start + end) / 2
    result: list[_Part] = []
    band: _Pieces = []
    wide: _Pieces = []

    def flush_band() -> None:
        lefts = [p for p in band if p.x1 <= middle or (p.x0 + p.x1) / 2 < middle]
        if 0 < len(lefts) < len(band):
            flush_wide()
            rights = [p for p in band if not (p.x1 <= middle or (p.x0 + p.x1) / 2 < middle)]
            result.extend(_cut(lefts, left, start, depth - 1) + _cut(rights, end, right, depth - 1))
        else:  # nothing beside: the short last line of a wide paragraph, mostly
            wide.extend(band)
        band.clear()

    def flush_wide() -> None:
        if wide:
            result.append((wide.copy(), left, right))
            wide.clear()

    for piece in sorted(pieces, key=lambda p: (p.base, p.x0)):
        if piece.x0 < start - 1 and piece.x1 > end + 1:
            flush_band()
            wide.append(piece)
        elif not band and wide and abs(piece.base - wide[-1].base) < 0.3 * piece.size:
            wide.append(piece)  # the rest of a line that crosses
        else:
            band.append(piece)
    flush_band()
    flush_wide()
    return result


def _keeps_clear(pieces: list[Piece], gutter: _Gutter) -> bool:
    start, end = gutter
    lefts, rights = [p for p in pieces if p.x1 <= start + 3], [p for p in pieces if p.x0 >= end - 3]
    crossing = len(pieces) - len(lefts) - len(rights)
    edge = min((p.x0 for p in lefts), default=start)
    full = sum(p.x1 - p.x0 > 0.7 * (start - edge) for p in lefts) >= 2
    return full and bool(rights) and crossing <= max(2, 0.15 * len(pieces))


def _gutter(pieces: list[Piece], left: float, right: float) -> _Gutter | None:
    width = right - left
    if not 100 <= width <= _WIDEST or len(pieces) < 2 * _MIN_LINES:
        return None
    size = median(p.size for p in pieces)
    bins = int(width) + 2
    cover = [0.0] * (bins + 1)
    for piece in pieces:
        a, z = min(bins, max(0, int(piece.x0 - left))), min(bins, max(0, int(piece.x1 - left) + 1))
        cover[a] += piece.size
        cover[z] -= piece.size
    cover = list(itertools.accumulate(cover))
    low, high = int(_MIN_SIDE * width), int((1 - _MIN_SIDE) * width)
    best: tuple[float, float, float] | None = None
    work = _MOST_WORK
    counted: _Counted = []  # made when the first strip is wide enough: most regions have none
    for floor in sorted({round(c, 3) for c in cover[low:high]})[:40]:
        i = low
        while i < high:
            j = i
            while j < high and cover[j] <= floor + 1e-6:
                j += 1
            if j - i >= max(5.0, 0.6 * size):
                counted = counted or sorted(((p, _letters(p)) for p in pieces), key=lambda c: c[0].base)
                work -= len(counted)
                if work < 0:
                    return best[1:] if best is not None else None
                found = _sides(counted, left + i, left + j, left, right)
                if found is not None and (best is None or found[0] > best[0]):
                    best = found
            i = j + 1
        if best is not None:
            return best[1:]
    return None


def _letters(piece: Piece) -> int:
    return sum(sum(map(str.isalpha, run.text)) for run in piece.runs)


def _sides(pieces: _Counted, start: float, end: float, left: float, right: float) -> tuple[float, float, float] | None:
    """(strength, left column's end, right column's start) where the lines beside a white strip look like columns."""
    middle = (start + end) / 2
    a = _rows([c for c in pieces if c[0].x1 <= middle])
    b = _rows([c for c in pieces if c[0].x0 >= middle])
    if min(len(a), len(b)) < _MIN_LINES:
        return None
    beside_left = [r for r in a if b[0][2] - 15 <= r[2] <= b[-1][2] + 15]
    beside_right = [r for r in b if a[0][2] - 15 <= r[2] <= a[-1][2] + 15]
    if min(len(beside_left), len(beside_right)) < _MIN_LINES:
        return None
    top, bottom = max(a[0][2], b[0][2]), min(a[-1][2], b[-1][2])
    crossing = _rows([c for c in pieces if c[0].x0 < middle < c[0].x1 and top <= c[0].base <= bottom])
    if len(crossing) > min(len(beside_left), len(beside_right)):
        return None  # wide word spaces of a few justified lines
    inner_left, inner_right, edge = max(r[1] for r in a), min(r[0] for r in b), max(r[1] for r in b)
    good = min(_good(beside_left, inner_left - left), _good(beside_right, edge - inner_right))
    return (good, inner_left, inner_right) if good else None


def _good(rows: Sequence[_Row], width: float) -> int:
    """How many rows look like a column's lines, 0 for too few: tables' cells, list marks and numbers make no column."""
    wide = sum(r[1] - r[0] > _MIN_FILL * width and r[3] >= _MIN_LETTERS for r in rows)
    if wide >= _MANY_LINES:
        return wide if wide >= 0.25 * len(rows) else 0
    full = sum(r[1] - r[0] > _MIN_FILL_FEW * width and r[3] >= _MIN_LETTERS for r in rows)
    return full if full >= max(_MIN_LINES - 1, 0.5 * len(rows)) else 0


def _rows(pieces: _Counted) -> list[_Row]:
    rows: list[_Row] = []
    for piece, letters in pieces:
        if rows and abs(rows[-1][2] - piece.base) < 0.4 * piece.size:
            x0, x1, base, n = rows[-1]
            rows[-1] = (min(x0, piece.x0), max(x1, piece.x1), base, n + letters)
        else:
            rows.append((piece.x0, piece.x1, piece.base, letters))
    return rows


# --- furniture ------------------------------------------------------------------------------------------------------
def drop_watermarks(pages: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The pages' pieces without those that stand on most pages at the very same place."""
    if len(pages) < 3:
        return list(pages)

    def place(piece: Piece) -> tuple[str, int, int]:
        return "".join(r.text for r in piece.runs), round(piece.x0), round(piece.base)

    places = Counter(found for pieces in pages for found in {place(p) for p in pieces})
    usual = {found for found, n in places.items() if n >= max(3, 0.6 * len(pages)) and len(found[0]) > 3}
    return [[p for p in pieces if place(p) not in usual] for pieces in pages] if usual else list(pages)


def dropped_heads(page: PageGlyphs, before: Sequence[Piece], after: Sequence[Piece]) -> list[Line]:
    """The lines that `drop_watermarks` took from the top of a page: a running head may stand on most pages too."""
    kept = set(map(id, after))
    gone = [p for p in before if id(p) not in kept and p.base < _EDGE * page.height]
    return make_lines(gone, page.number, 0.0, page.width)


def find_furniture(pages: Sequence[PageGlyphs], columns: Sequence[Sequence[Column]], styles: Styles) -> set[int]:
    """The ids (`id(line)`) of the lines that are furniture. `columns` holds each page's columns."""
    edges = [
        (n, where, lines)
        for n, (page, parts) in enumerate(zip(pages, columns, strict=True))
        for where, lines in enumerate(_edge_lines(page, parts))
    ]
    result: set[int] = set()
    places: dict[tuple[int, str], list[tuple[int, Line]]] = defaultdict(list)
    rows: dict[tuple[int, int, str, float, bool, bool], set[int]] = defaultdict(set)
    for n, where, lines in edges:
        for line in lines:
            places[where, re.sub(r"\d+", "#", " ".join(line.text.lower().split()))].append((n, line))
            rows[_row(where, line)].add(n)
    for (_, text), found in places.items():
        for n, line in found if text else ():
            counted = line.size > _LARGEST * styles.body.size and re.search(r"[^\W\d_].*#", text)  # "Chapter 2"
            if not counted and any(m != n and abs(other.base - line.base) <= _NEAR for m, other in found):
                result.add(id(line))
    for _, where, lines in edges:
        for line in lines:  # from the page's edge inwards
            if id(line) in result:
                continue
            number = _NUMBER.fullmatch(line.text) and (styles.gap(line, lines) > 1.3 or len(line.text) <= 4)
            often = len(pages) >= 3 and len(rows[_row(where, line)]) >= max(3, 0.3 * len(pages))
            small = line.size <= _LARGEST * styles.body.size
            if not (number or (often and small and not styles.is_body(line))):
                break
            result.add(id(line))
    whole = [(page, [x for c in parts for x in c.lines]) for page, parts in zip(pages, columns, strict=True)]
    return result | _outside(whole, styles, result)


def running_heads(page: PageGlyphs, columns: Sequence[Column], furniture: set[int]) -> list[Line]:
    """A page's furniture above its text."""
    lines = (line for column in columns for line in column.lines if id(line) in furniture)
    return [line for line in lines if line.bottom < _EDGE * page.height]


def _row(where: int, line: Line) -> tuple[int, int, str, float, bool, bool]:
    font = line.font
    return where, round(line.base / _NEAR), font.family, font.size, font.italic, font.bold


def _edge_lines(page: PageGlyphs, columns: Sequence[Column]) -> tuple[list[Line], list[Line]]:
    lines = [line for column in columns for line in column.lines]
    top = sorted((x for x in lines if x.bottom < _EDGE * page.height), key=lambda x: x.base)
    bottom = sorted((x for x in lines if x.top > (1 - _EDGE) * page.height), key=lambda x: -x.base)
    return top[:6], bottom[:6]


def _outside(whole: Sequence[tuple[PageGlyphs, list[Line]]], styles: Styles, known: set[int]) -> set[int]:
    texts = [(page, [x for x in lines if id(x) not in known and styles.is_body(x)]) for page, lines in whole]
    texts = [(page, body) for page, body in texts if len(body) >= 8]
    if len(texts) < 2:
        return set()
    top = min(x.top / page.height for page, body in texts for x in body)
    bottom = max(x.bottom / page.height for page, body in texts for x in body)
    return {
        id(x)
        for page, lines in whole
        for x in lines
        if not styles.is_body(x)
        and x.size <= _LARGEST * styles.body.size
        and ((x.bottom < top * page.height - 2 and x.bottom < _EDGE * page.height) or x.top > bottom * page.height + 2)
    }
