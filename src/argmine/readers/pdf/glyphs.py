"""What a PDF page shows, before any reading: runs of characters in one font, and the page's rules and pictures.

Both engines (`pdfium`, `plumber`) make these, in PDF points from the top left of the page as it is shown.

Some producers embed ligature glyphs without saying which characters they stand for, others call them "f": then they are
wider than the font's other f. All glyphs of one font with one width are the same ligature, so the words around them
vote together: the expansion that makes the most words known, from common English or from the paper itself, wins.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from argmine.errors import ReadError

LOST = "\ufffe"  # stands in a run's text for a glyph that the PDF gives no character for (mostly a ligature)
UNREADABLE = "\ufffd"  # the same in a font that says nothing of any of its glyphs
UNNAMED = "unnamed"  # opens the family of a font that has no name

_BOLD = re.compile(r"bold|black|heavy|demi|semibd|cmbx|cmb\d|sfbx|ecbx|lmbx|-medi(?:$|[^u])|[,\-]bd", re.I)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmsl|cmbxti|sfti|ecti|-it$|,it", re.I)
_MONO = re.compile(r"mono|nimbusmon|courier|cmtt|sftt|lmtt|typewriter|consol|menlo|code", re.I)
_PICTURES = re.compile(r"wingdings|webdings|dingbats|fontawesome", re.I)
_STYLE_WORDS = re.compile(
    r"(?i)(?:semi|demi|extra|ultra)?bold|black|heavy|regular|italic|oblique|light|medium|slanted|roman(?=\d|$)|[_ ]"
)


@dataclass(frozen=True, slots=True)
class View:
    """How a page is shown (crop box, rotation): from its own space, y upwards, to points from the top left and back."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @classmethod
    def of(cls, page: Any) -> View:
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation() % 360)

    @property
    def size(self) -> tuple[float, float]:
        across, up = self.right - self.left, self.top - self.bottom
        return (up, across) if self.rotation in (90, 270) else (across, up)

    def shown(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        return (self.top - y, self.right - x) if self.rotation == 270 else (x - self.left, self.top - y)

    def own(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:
            return y + self.left, x + self.bottom
        if self.rotation == 180:
            return self.right - x, y + self.bottom
        return (self.right - y, self.top - x) if self.rotation == 270 else (x + self.left, self.top - y)

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """A rectangle of the page's own space as shown: x0, y0, x1, y1 with x0 <= x1 and y0 <= y1."""
        ax, ay = self.shown(left, bottom)
        bx, by = self.shown(right, top)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


class Font(NamedTuple):
    """A font at one size. `family` is its name without subset tag, style words and optical size."""

    family: str
    size: float
    bold: bool
    italic: bool
    mono: bool

    @property
    def cut(self) -> _Cut:
        return self.family, self.bold, self.italic


def is_pictures(name: str) -> bool:
    """Whether a font holds pictures instead of characters, so that its characters mean nothing."""
    return bool(_PICTURES.search(name))


def make_font(name: str, size: float, *, bold: bool = False, italic: bool = False) -> Font:
    """A `Font` from its PostScript name; `bold` and `italic` add what the file says elsewhere."""
    name = re.sub(r"^[A-Z]{6}\+", "", name)
    family = re.sub(r"(?:PS)?(?:MT)?$", "", re.split(r"[-,]", name, maxsplit=1)[0])
    family = _STYLE_WORDS.sub("", family).rstrip("0123456789").lower()
    # Computer Modern's roman, bold and italic are one family.
    family = re.sub(r"^(cm|sf|ec|lm)(?:r|bx|ti|sl|bxti|b|rm|bi|bxsl)$", r"\1", family)
    bold, italic = bold or bool(_BOLD.search(name)), italic or bool(_ITALIC.search(name))
    return Font(family, round(size, 1), bold, italic, bool(_MONO.search(name)))


class OnLine:
    """What stands on a baseline: its edges by the ascent and descent of a usual Latin font."""

    __slots__ = ()
    if TYPE_CHECKING:
        base: float

        @property
        def size(self) -> float: ...  # of its font, in points

    @property
    def top(self) -> float:
        return self.base - 0.78 * self.size

    @property
    def bottom(self) -> float:
        return self.base + 0.22 * self.size


@dataclass(slots=True)
class Run(OnLine):
    """Characters of one font that stand on one baseline without a wide gap, in reading direction.

    `base` is the baseline. `space` says that white space stands before it. `order` is its place in the page's stream.
    `face` tells apart what the document has as fonts of their own.
    """

    text: str
    x0: float
    x1: float
    base: float
    font: Font
    space: bool
    order: int
    face: int = 0

    @property
    def size(self) -> float:
        return self.font.size


Told = tuple[str, str]  # the characters of a glyph, and where they are `LOST` what they may be within a word
_Key = TypeVar("_Key", bound=Hashable)


def weigh(weights: Iterable[tuple[_Key, int]]) -> Counter[_Key]:
    """The sum of the weights of each key."""
    found: Counter[_Key] = Counter()
    for key, weight in weights:
        found[key] += weight
    return found


class Rect(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


class Lost(NamedTuple):
    """A glyph whose character is not sure: its run, its place in the run's text, its width in ems, what it may be."""

    run: Run
    place: int
    width: float
    guess: str = ""

    @property
    def word(self) -> str:
        """The word around it; empty where it holds another such glyph."""
        found = (m for m in _WORD.finditer(self.run.text) if m.start() <= self.place < m.end())
        return next((m.group() for m in found if m.group().count(LOST) == 1), "")


@dataclass(slots=True)
class PageGlyphs:
    """One page as an engine found it. `number` counts from 1; the width and height are in points.

    `rules` are thin horizontal strokes, `bars` vertical ones, `fills` coloured grounds, `boxes` drawn or coloured
    frames large enough for text, `drawn` what else is drawn: curves, slanted lines, drawings placed as one. `lost` are
    the `LOST` signs; `unread` counts characters that were left out because nothing says what they are; `fs` are the
    glyphs that the file calls "f" alone, some of which may be ligatures. Raises ValueError for a page without extent.
    """

    number: int
    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    rules: list[Rect] = field(default_factory=list)
    bars: list[Rect] = field(default_factory=list)
    fills: list[Rect] = field(default_factory=list)
    boxes: list[Rect] = field(default_factory=list)
    images: list[Rect] = field(default_factory=list)
    drawn: list[Rect] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    unread: int = 0
    fs: list[Lost] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not (0 < self.width < math.inf and 0 < self.height < math.inf):
            raise ValueError("it has no size")

    def add_stroke(self, box: Rect) -> bool:
        """Add a rectangle that is thin enough for a rule or bar. Returns whether it is thin."""
        if box.height <= 3.0 and box.width >= 20.0:
            self.rules.append(box)
        elif box.width <= 3.0 and box.height >= 8.0:
            self.bars.append(box)
        else:
            return False
        return True


def check_pages(path: Path, pages: int, most: int | None) -> None:
    if most is not None and pages > most:
        raise ReadError(path, f"has more than {most:,} pages; allow more with --max-pages, or split it")


# --- ligatures ------------------------------------------------------------------------------------------------------

_WORD = re.compile(rf"(?:(?<![^\W\d_])[^\W\d_{LOST}]+)?{LOST}[^\W\d_]*")
_ANY_WORD = re.compile(r"[^\W\d_]{3,}")
_CERTAIN = 3  # votes from which a word names its own ligature, whatever the others of its width say
_MANY, _SUPPORT = 20, 0.1  # words of which so large a share must speak for a ligature; as a rule a third does
_WIDER = 1.25  # times the usual f of its font: no f, or one of another cut
# Stems of common English words by the ligature that they hold.
_STEMS = {
    "fi": """
        find finding first field fields figure final fix fill file files five fit fine finance financial define
        defined definition specific scientific significant significantly benefit benefits profit classified
        identify identified identification modify beneficial artificial confidence configuration satisfied
        unified verified quantified certificate confirm infinite refine profile fiscal fish finish simplified
        sufficiently deficit definite justified specified classification modification verification certified
        notification pacific briefing""",
    "ff": """
        effect effects effective effectively effectiveness different difference differences differ differs
        effort efforts affect affects affected off offer offers offered staff suffer stuff buffer affairs tariff
        cutoff payoff""",
    "fl": """
        flow flows flexible flexibility influence influenced conflict conflicts reflect reflects reflected
        inflation fluid flag flat float floor workflow workflows flaw flaws flight fluctuation reflection
        briefly overflow inflow outflow influential influences influenc influenz flood flourish deflation
        flagrant flame flash flatter flavour fleet flesh flour fluent""",
    "ffi": """
        efficient efficiently efficiency sufficient sufficiently insufficient difficult difficulty difficulties
        office officer official officials offices officially coefficient coefficients traffic affiliation
        affiliated affiliate suffice inefficient affirm affinity""",
    "ffl": "affluent waffle shuffle baffle offline effluent muffle",
    "ft": "after often software shift left draft gift soft aircraft craft lift swift drift theft",
    "tt": "better matter attention setting committee attack attempt attribute written letter pattern little",
    "ti": "time action nation information section relation motion station position",
    "tf": "platform portfolio",
    "fj": "fjord",
    "Th": "The This These There They Then That Thus Therefore Though Through",
}
_KNOWN = {expansion: frozenset(words.lower().split()) for expansion, words in _STEMS.items()}
_Cut = tuple[str, bool, bool]
_Place = tuple[int, int]  # the id of a run and a place in its text


def mend_ligatures(pages: Iterable[PageGlyphs]) -> int:
    """Replace every lost glyph that can be named, in place; the others go. Returns how many went unnamed."""
    pages = list(pages)
    called_f = _unmask(pages)
    # Rounded sizes make the width in ems wrong by a hair, so each size counts for itself.
    bins: dict[tuple[_Cut, float], dict[float, list[Lost]]] = defaultdict(lambda: defaultdict(list))
    for lost in [lost for page in pages for lost in page.lost]:
        bins[lost.run.font.cut, lost.run.size][round(lost.width, 3)].append(lost)
    if not bins:
        return 0
    groups = [(cut, width, found) for (cut, _), widths in bins.items() for width, found in widths.items()]
    vocabulary = Counter(w.lower() for page in pages for run in page.runs for w in _ANY_WORD.findall(run.text))
    answer: dict[_Place, str] = {}
    named: dict[_Cut, list[tuple[float, str]]] = defaultdict(list)
    letters: set[_Place] = set()  # what is no ligature, though some words happen to speak for one
    for cut, width, found in groups:
        votes = [_votes(lost.word, vocabulary) for lost in found]
        for lost, own in zip(found, votes, strict=True):
            if _place(lost) in called_f and vocabulary[lost.word.replace(LOST, "f").lower()]:
                own["f"] = 2
        best = _best(sum(votes, Counter[str]()))
        words = {lost.word: best in own for lost, own in zip(found, votes, strict=True)}
        if len(words) >= _MANY and sum(words.values()) < _SUPPORT * len(words):
            letters.update(map(_place, found))
        if best:
            named[cut].append((width, best))
        for lost, own in zip(found, votes, strict=True):
            certain = _best(own) if own and max(own.values()) >= _CERTAIN else ""
            answer[_place(lost)] = certain or (len(lost.word) > 2 and lost.guess) or best
    answer |= dict.fromkeys(letters, "")
    # Words with ligatures are known only now: "overfit" in a heading may stand in the text with another one mended.
    for lost in [lost for page in pages for lost in page.lost if answer[_place(lost)]]:
        vocabulary[lost.word.replace(LOST, answer[_place(lost)]).lower()] += 1
    everything = [lost for _, _, found in groups for lost in found]
    for lost in [lost for lost in everything if not answer[_place(lost)] and _place(lost) not in letters]:
        if own := _votes(lost.word, vocabulary):
            answer[_place(lost)] = _best(own)
        else:
            near = min(named[lost.run.font.cut], key=lambda n: abs(n[0] - lost.width), default=(9.0, ""))
            guess = "f" if _place(lost) in called_f else _by_width(lost)
            answer[_place(lost)] = near[1] if abs(near[0] - lost.width) < 0.02 else guess
    for key, run in {id(lost.run): lost.run for lost in everything}.items():
        run.text = "".join(answer.get((key, i), "") if c == LOST else c for i, c in enumerate(run.text))
    untold = {place for place, text in answer.items() if not text}
    for page in pages:
        page.unread += sum(_place(lost) in untold for lost in page.lost)
    return len(untold)


def _place(lost: Lost) -> _Place:
    return id(lost.run), lost.place


def _unmask(pages: Iterable[PageGlyphs]) -> set[_Place]:
    """Put `LOST` for each f that is too wide to be one. Returns their places."""
    usual: dict[_Cut, Counter[float]] = defaultdict(Counter)
    every = [(page, f) for page in pages for f in page.fs]
    for _, f in every:
        usual[f.run.font.cut][round(f.width, 2)] += 1
    widest = {cut: _WIDER * widths.most_common(1)[0][0] for cut, widths in usual.items()}
    wide = [(page, f) for page, f in every if f.width > widest[f.run.font.cut]]
    for page, f in wide:
        f.run.text = f.run.text[: f.place] + LOST + f.run.text[f.place + 1 :]
        page.lost.append(f)
    return {_place(f) for _, f in wide}


def _best(votes: Counter[str]) -> str:
    return votes.most_common(1)[0][0] if votes else ""


def _by_width(lost: Lost) -> str:
    if lost.word.endswith(LOST):
        return "-" if lost.width < 0.4 and len(lost.run.text) == lost.place + 1 else ""
    return "" if len(lost.word) < 4 else "fi" if lost.width < 0.7 else "ff" if lost.width < 0.8 else "ffi"


def _votes(word: str, vocabulary: Counter[str]) -> Counter[str]:
    votes: Counter[str] = Counter()
    for expansion in _KNOWN if len(word) >= 3 else ():
        whole = word.replace(LOST, expansion).lower()
        if whole in _KNOWN[expansion]:
            votes[expansion] = 3
        elif vocabulary[whole]:
            votes[expansion] = 2
        elif any(whole.startswith(stem) or whole.endswith(stem) for stem in _KNOWN[expansion] if len(stem) > 3):
            votes[expansion] = 1
    return votes
