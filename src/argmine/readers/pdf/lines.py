"""Lines of print and the fonts that set them.

Runs that stand close together make pieces; pieces make the lines of a column once the columns are known. From all lines
follows which font sets the body and how far apart its lines stand.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field

from argmine.readers.pdf.glyphs import Font, OnLine, Rect, Run, weigh

_MARK = re.compile(r"[\d,;:\-\u2010-\u2013\s\[\]()*\u2020\u2021\u00a7\u00b6\u2016#]+|[a-z](?:,[a-z\d]+)*")
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_UNITS = frozenset({"m", "km", "cm", "mm", "dm", "ft", "mi", "in", "s", "sec", "kg"})
_LETTERS = re.compile(r"(?:\b[^\W\d_] ){4,}[^\W\d_]\b")  # "A B S T R A C T"
_MARGIN = 0.08  # share of the page's height at its edges where feet and heads are set tighter than the text
_UPPER = 0.7  # footnotes stand in the lower part of pages; the body font is looked for above


@dataclass(slots=True)
class Piece(OnLine):
    """Runs that stand close together: what a column holds or not. A drawn table is one, its text in `cells`."""

    runs: list[Run]
    x0: float
    x1: float
    base: float
    size: float
    cells: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Line(OnLine):
    """One line of print within a column.

    `font` is the one that sets most of it. `left` and `right` are its column's edges. `cells` are the stretches between
    gaps too wide for word spaces. `text` is without footnote and citation marks set as superscripts; `mark` is the
    superscript that opens the line, if any, and `marks` those within it, each behind so many characters of the text
    without its spaces. `bold`, `italic` and `mono` are shares of its characters. `table` says
    that it stands in a drawn grid.
    """

    page: int
    runs: list[Run]
    x0: float
    x1: float
    base: float
    font: Font
    left: float
    right: float
    text: str = ""
    mark: str = ""
    marks: list[tuple[int, str]] = field(default_factory=list)
    cells: list[Rect] = field(default_factory=list)
    bold: float = 0.0
    italic: float = 0.0
    mono: float = 0.0
    table: bool = False

    @property
    def size(self) -> float:
        return self.font.size

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def off_centre(self) -> float:
        """Twice the distance of its middle from the column's."""
        return abs(self.x0 + self.x1 - self.left - self.right)


@dataclass(slots=True)
class Column:
    """`aside` says that it is no column of the text but stands in the margin beside it."""

    left: float
    right: float
    lines: list[Line]
    aside: bool = False


def _same_line(a_base: float, a_size: float, b_base: float, b_size: float) -> bool:
    big, small = max(a_size, b_size), min(a_size, b_size)
    if abs(a_base - b_base) <= 0.18 * big:
        return True
    if not 0.45 * big < small <= 0.87 * big:
        return False
    below = b_base - a_base if a_size >= b_size else a_base - b_base
    return -0.62 * big < below < 0.35 * big


def make_pieces(runs: Sequence[Run]) -> list[Piece]:
    pieces: list[Piece] = []
    current: Piece | None = None
    for run in _without_overprint(runs):
        size = run.font.size
        if current is not None:
            gap = run.x0 - current.x1
            big = max(size, current.size)
            if _same_line(current.base, current.size, run.base, size) and -0.6 * big < gap < 0.9 * big:
                current.runs.append(run)
                current.x1 = max(current.x1, run.x1)
                if size > current.size and len(run.text) > 1:
                    current.base, current.size = run.base, size
                continue
        current = Piece([run], run.x0, run.x1, run.base, size)
        pieces.append(current)
    return pieces


def _without_overprint(runs: Sequence[Run]) -> Iterable[Run]:
    """Leave out text that is printed a second time on its own place (shadows, poor man's bold)."""
    seen: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        if run.text.strip():
            twins = seen.setdefault((run.text, round(run.font.size)), [])
            far = 0.12 * run.font.size
            if len(run.text) == 1 or all(abs(t.x0 - run.x0) >= far or abs(t.base - run.base) >= far for t in twins):
                twins.append(run)
                yield run


def merge_drop_caps(pieces: list[Piece], words: Container[str]) -> list[Piece]:
    """Put initials that span lines before the first; the document's `words` tell whether "A" is one of its own."""
    gone: set[int] = set()
    for cap in [p for p in pieces if len(p.runs) == 1 and p.runs[0].text.isalpha() and len(p.runs[0].text) == 1]:
        beside = [
            p
            for p in pieces
            if p is not cap
            and p.size < 0.62 * cap.size
            and -0.5 * p.size < p.x0 - cap.x1 < 1.2 * p.size
            and cap.top - 0.2 * cap.size < p.top
            and p.base < cap.base + 0.5 * p.size
        ]
        if not beside:
            continue
        first = min(beside, key=lambda p: p.base)
        head = first.runs[0]
        rest = re.match(r"[^\W\d_]*", head.text)
        own = rest.group().lower() if rest else ""
        letter = cap.runs[0].text
        first.runs.insert(0, Run(letter, cap.x0, head.x0, first.base, head.font, cap.runs[0].space, head.order))
        head.space = letter in "AI" and own in words and letter.lower() + own not in words
        for piece in beside:  # they stand further right for the initial's sake alone
            piece.x0 = piece.runs[0].x0 = cap.x0
        gone.add(id(cap))
    return [p for p in pieces if id(p) not in gone] if gone else pieces


def make_lines(pieces: Sequence[Piece], page: int, left: float, right: float) -> list[Line]:
    rows: list[list[Piece]] = []
    # Larger pieces first, so that raised marks find the line that they belong to.
    for piece in sorted((p for p in pieces if not p.cells), key=lambda p: (-p.size, p.base)):
        fits = [row for row in rows if _same_line(row[0].base, row[0].size, piece.base, piece.size)]
        if fits:
            min(fits, key=lambda row: abs(row[0].base - piece.base)).append(piece)
        else:
            rows.append([piece])
    ordered = [[run for piece in sorted(row, key=lambda p: p.x0) for run in piece.runs] for row in rows]
    lines = [line_of_runs(runs, page, left, right) for runs in ordered]
    for table in pieces:
        for line in make_lines(table.cells, page, table.x0, table.x1) if table.cells else ():
            line.table = True
            lines.append(line)
    lines.sort(key=lambda line: line.base)
    return [line for line in lines if line.text]


def line_of_runs(runs: list[Run], page: int, left: float, right: float) -> Line:
    weights = weigh((run.font, len(run.text)) for run in runs)
    sizes = weigh((font.size, n) for font, n in weights.items())
    size = sizes.most_common(1)[0][0]
    if not any(any(map(str.islower, run.text)) for run in runs):  # small capitals: the first letters are of full size
        size = max((s for s in sizes if s < 1.5 * size), default=size)
    font = max((f for f in weights if f.size == size), key=lambda f: weights[f])
    base = weigh((round(run.base, 1), len(run.text)) for run in runs if run.font.size == size).most_common(1)[0][0]
    line = Line(page, runs, min(r.x0 for r in runs), max(r.x1 for r in runs), base, font, left, right)

    def share(has: Callable[[Font], bool]) -> float:
        return sum(n for f, n in weights.items() if has(f)) / (sum(weights.values()) or 1)

    line.bold, line.italic, line.mono = share(lambda f: f.bold), share(lambda f: f.italic), share(lambda f: f.mono)
    _set_text(line)
    return line


def _set_text(line: Line) -> None:
    text = ""
    size = line.size
    last: Run | None = None
    for run in line.runs:
        gap = run.x0 - last.x1 if last is not None else 0.0
        if last is None or gap > 1.2 * size:
            line.cells.append(Rect(run.x0, line.top, run.x1, line.bottom))
        else:
            old = line.cells[-1]
            line.cells[-1] = old._replace(x1=max(old.x1, run.x1))
        last = run
        raised = _is_raised(run, line)
        if raised and _is_mark(text, run.text):
            if not text.strip():
                line.mark += run.text.strip()
            elif run.text.strip():
                line.marks.append((len(text.replace(" ", "")), run.text.strip()))
            continue
        ordinal = raised and run.text.strip() in _ORDINALS and text[-1:].isdigit()
        apart = (run.space and gap > 0.03 * size) or gap > 0.2 * size
        if text and apart and not ordinal and not text.endswith(" "):
            text += " "
        text += run.text
    line.text = _LETTERS.sub(lambda m: m.group().replace(" ", ""), " ".join(text.split()))


def _is_raised(run: Run, line: Line) -> bool:
    return run.font.size < 0.87 * line.size and line.base - run.base > 0.1 * line.size


def is_raised_mark(run: Run, line: Line, before: str) -> bool:
    """Whether a run is a note's mark on a line that so far reads `before`."""
    return _is_raised(run, line) and _is_mark(before, run.text)


def _is_mark(before: str, text: str) -> bool:
    """Whether a raised text is a footnote or citation mark: no power, unit's exponent or ordinal's ending."""
    text, before = text.strip(), before.rstrip()
    if not text:
        return True
    negative = text[0] in "-\u2212\u2013" and before[-1:].isalnum()
    if not _MARK.fullmatch(text) or text in _ORDINALS or negative:
        return False
    word = re.search(r"[^\W_]+$", before[-20:]) if text.isdigit() and len(text) <= 2 else None
    if word is None:
        return True
    token = word.group()
    symbol = len(token) == 1 and token.isalpha() and token not in "aAI"
    return not (token == "10" or ((token in _UNITS or symbol) and text in ("2", "3")))


# --- fonts ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Styles:
    """The document's fonts.

    `body` is the font of the running text; `pages` those of pages that are set in another one (a summary, an appendix);
    `leading` the usual distance of baselines for each font size; `capitals` says that the text knows no small letters.
    """

    body: Font
    leading: dict[float, float]
    pages: dict[int, Font] = field(default_factory=dict)
    capitals: bool = False

    def at(self, page: int) -> Font:
        return self.pages.get(page, self.body)

    def is_body(self, line: Line) -> bool:
        """Whether the line is set in the body's family and about its size, not bold."""
        return line.bold < 0.5 and any(
            line.font.family == font.family and 0.88 <= line.size / font.size <= 1.06
            for font in (self.body, self.at(line.page))
        )

    def small(self, line: Line) -> float:
        """The line's size as a share of the body's: the smaller of the document's and the page's."""
        return line.size / min(self.body.size, self.at(line.page).size)

    def lead(self, size: float) -> float:
        return self.leading.get(size) or 1.2 * size

    def gap(self, line: Line, lines: Sequence[Line]) -> float:
        """Distance from a line to the nearest other one, in usual distances."""
        lead = self.lead(line.size)
        return min((abs(o.base - line.base) for o in lines if abs(o.base - line.base) > 0.5), default=99.0) / lead


def find_styles(columns: Sequence[Column], heights: dict[int, float]) -> Styles:
    """Body font and line distances from all columns; `heights` are the pages' heights."""
    weight: Counter[tuple[str, float]] = Counter()
    everything: Counter[tuple[str, float]] = Counter()
    steps: dict[float, Counter[float]] = defaultdict(Counter)
    fonts: dict[tuple[str, float], Counter[Font]] = defaultdict(Counter)
    for column in columns:
        last: Line | None = None
        for line in [line for line in column.lines if not line.table]:
            n = len(line.text)
            key = (line.font.family, line.size)
            everything[key] += n
            fonts[key][line.font] += n
            height = heights[line.page]
            if line.base < _UPPER * height and n > 20:
                weight[key] += n
            if last is not None and last.size == line.size and _MARGIN < line.base / height < 1 - _MARGIN:
                step = line.base - last.base
                if 0.8 * line.size < step < 2.6 * line.size:
                    steps[line.size][round(2 * step) / 2] += 1
            last = line
    weight = weight or everything
    if not weight:
        return Styles(Font("", 10.0, False, False, False), {})
    most = weight.most_common(1)[0][1]
    family, size = max((k for k, n in weight.items() if n >= 0.5 * most), key=lambda k: (k[1], weight[k]))
    found = [font for font, _ in fonts[family, size].most_common()]
    body = next((font for font in found if not font.bold and not font.italic), found[0])
    leading = {size: _usual(counts) for size, counts in steps.items()}
    lines = [line for column in columns for line in column.lines]
    long = [line.text for line in lines if len(line.text) > 30]
    capitals = bool(long) and sum(map(str.isupper, long)) > 0.5 * len(long)
    return Styles(body, leading, _page_bodies(lines, body), capitals)


def _page_bodies(lines: Sequence[Line], body: Font) -> dict[int, Font]:
    totals: Counter[int] = Counter()
    usual: Counter[int] = Counter()
    full: dict[int, Counter[Font]] = defaultdict(Counter)
    for line in [line for line in lines if not line.table]:
        totals[line.page] += len(line.text)
        if line.font.family == body.family and line.font.size > 0.97 * body.size:
            usual[line.page] += len(line.text)
        if line.x1 - line.x0 > 0.8 * line.width and line.bold < 0.5:
            full[line.page][line.font._replace(italic=False)] += len(line.text)
    result: dict[int, Font] = {}
    for page, fonts in sorted(full.items()):
        font, n = fonts.most_common(1)[0]
        smaller = font.family == body.family and font.size < 0.93 * body.size
        enough = n > (200 if result.get(page - 1) == font else 900)  # the last page of an appendix may be short
        # Where the body's own font stands above it, the smaller print is footnotes.
        if smaller and enough and n > 0.6 * totals[page] and usual[page] < 0.12 * totals[page]:
            result[page] = font
    return result


def _usual(steps: Counter[float]) -> float:
    """The smallest distance that is nearly as frequent as the most frequent one: paragraphs' gaps are larger."""
    most = max(steps.values())
    return min(step for step, n in steps.items() if n >= 0.5 * most)
