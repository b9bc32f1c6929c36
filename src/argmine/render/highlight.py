"""Highlights in a copy of a PDF, as annotations that every viewer shows, by pypdf: units in their labels' colours.

A map's boxes are exact where a unit fills its line; where it shares a line with a neighbour, the border's x was
reckoned from usual widths of characters. Here the letters themselves are looked up on the page again, by pdfium, so
that a highlight begins and ends with its unit.
"""

from __future__ import annotations

import ctypes
import io
import json
import logging
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from argmine.argument_map import ArgumentMap, MapVoice, Unit
from argmine.errors import ReadError, UsageError
from argmine.io import load_json, read_regular, write_output
from argmine.isolation import beat
from argmine.paper import Box
from argmine.readers.isolated import call
from argmine.readers.pdf.glyphs import View
from argmine.readers.pdf.pdfium import MAX_CHARS, open_pdf
from argmine.render.page import Runs
from argmine.render.words import cut
from argmine.scheme import Attribution

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter

_OPACITY: Final = 0.4  # enough to tell the colours, little enough to read black print through them
_POPUP: Final = (220.0, 120.0)  # points of a note's window, for viewers that open it where the file says
_QUOTED: Final = 160
_NOTE: Final = 600
_LINES: Final = 12
Quad = tuple[float, float, float, float, float, float, float, float]
"""Four corners as a highlight's QuadPoints has them: upper left, upper right, lower left, lower right as read, in the
page's own space (points, origin at the bottom left, before rotation)."""

_WINDOW: Final = 0.35  # letters are looked for beyond a box by this share of its width and of 3 line heights
_HYPHENS: Final = frozenset("-\u00ad\u2010\u2011")
_PDFIUM_HYPHEN: Final = 2  # pdfium's sign for a hyphen at the end of a line
_END: Final = 8  # so many characters at a line's beginning or end are enough to find it by


@dataclass(frozen=True, slots=True)
class Highlighted:
    """What was done: units highlighted, and the ids of those that have no place on a page of the file."""

    units: int
    left_out: tuple[str, ...]


def highlight_pdf(
    path: Path, amap: ArgumentMap, out: Path, *, password: str | None = None, force: bool = False
) -> Highlighted:
    """Write a copy of a PDF to `out` with each unit of its map highlighted in its label's colour, with a note.

    Everything else of the file stays: text, links, outline, earlier annotations. A file that `password` opened is
    encrypted with that password again (AES-256). `force` goes on where the map was made from another file; boxes may
    then stand beside their text. Raises ReadError for a file that can't be opened or isn't the map's, UsageError where
    `out` is the PDF itself or the map has no places on pages. Equal input gives equal bytes, unless encrypted.
    """
    if out.resolve() == path.resolve():
        raise UsageError(f"{out}: is the PDF itself; give another name with --out")
    facts, _, written = call(path, _highlighted, path, amap, password, force).partition(b"\n")
    try:
        units, left_out = load_json(facts)
        done = Highlighted(int(units), tuple(map(str, left_out)))
    except (ValueError, TypeError) as why:
        raise ReadError(path, "gave highlights that can't be understood; leave it out") from why
    write_output(out, written)
    return done


def _highlighted(path: Path, amap: ArgumentMap, password: str | None, force: bool) -> bytes:
    """The highlighted copy; before it, on a line, how many units it shows and the ids of those left out."""
    from pypdf import PdfReader

    try:
        data = read_regular(path)
    except OSError as why:
        raise ReadError(path, f"cannot be opened ({why.strerror}); check the name") from why
    if not force and sha256(data).hexdigest() != amap.paper.sha256:
        reason = f"is not the file that this map was made from ({amap.paper.file!r} with another sha256)"
        raise ReadError(path, f"{reason}; mine it again, or go on with --force")
    if amap.units and not any(u.boxes for u in amap.units):
        reason = "the map has no places on pages, so it was not made from a PDF; mine the PDF and use that map"
        raise UsageError(f"{path}: {reason}")
    with Places(path, password) as places, _pypdf_errors(path):
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(password or ""):
            raise ReadError(path, "is encrypted; give its password with --password")
        written, done = _write(reader, amap, places, password)
    return json.dumps([done.units, done.left_out]).encode() + b"\n" + written


def _write(reader: PdfReader, amap: ArgumentMap, places: Places, password: str | None) -> tuple[bytes, Highlighted]:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=reader)
    notes = notes_of(amap)
    left_out = []
    count = len(writer.pages)
    for unit in amap.units:
        by_page: dict[int, list[Quad]] = {}
        for page, quad in places.quads(unit.text, unit.boxes, unit.start):
            if page <= count:
                by_page.setdefault(page, []).append(quad)
        if not by_page:
            left_out.append(unit.id)
        for page, quads in by_page.items():
            _annotate(writer, page, unit, quads, notes[unit.id], amap.labels.unit(unit.label).colours.line)
    if reader.is_encrypted and password:
        writer.encrypt(password, algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue(), Highlighted(len(amap.units) - len(left_out), tuple(left_out))


def _annotate(writer: PdfWriter, page: int, unit: Unit, quads: list[Quad], note: str, colour: str) -> None:
    from pypdf.annotations import Highlight, Popup
    from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject

    xs = [x for quad in quads for x in quad[::2]]
    ys = [y for quad in quads for y in quad[1::2]]
    rect = (min(xs), min(ys), max(xs), max(ys))
    mark = Highlight(
        rect=rect,
        quad_points=ArrayObject(FloatObject(v) for quad in quads for v in quad),
        highlight_color=colour.removeprefix("#"),
        printing=True,
        title_bar=f"argmine: {unit.label}",
    )
    # Control characters are left out: viewers show them as boxes.
    shown = "".join(c for c in note if c == "\n" or unicodedata.category(c) != "Cc")
    mark[NameObject("/Contents")] = TextStringObject(shown)
    mark[NameObject("/NM")] = TextStringObject(f"argmine-{unit.id}-{page}")
    mark[NameObject("/CA")] = FloatObject(_OPACITY)
    added = writer.add_annotation(page - 1, mark)
    width, height = _POPUP
    writer.add_annotation(page - 1, Popup(rect=(rect[2], rect[3] - height, rect[2] + width, rect[3]), parent=added))


@contextmanager
def _pypdf_errors(path: Path) -> Iterator[None]:
    """Whatever pypdf meets in a damaged file becomes one ReadError; its remarks on repaired files stay silent."""
    log = logging.getLogger("pypdf")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    except (ReadError, UsageError, MemoryError):
        raise
    except Exception as why:  # pypdf has no one base for what damaged files do to it
        reason = " ".join(str(why).split())[:160] or type(why).__name__
        raise ReadError(path, f"cannot be written with highlights ({reason}); save it anew with a PDF program") from why
    finally:
        log.setLevel(level)


def notes_of(amap: ArgumentMap) -> dict[str, str]:
    """For each unit's id its note: label with score, whose position it is, relations in words, the annotator's note."""
    lines: dict[str, list[str]] = {u.id: [] for u in amap.units}
    for relation in amap.relations:
        source, target = amap.unit(relation.source), amap.unit(relation.target)
        into = amap.labels.relation(relation.label).incoming.capitalize()
        lines[source.id].append(f"{relation.label.capitalize()} {_quote(target)}{_percent(relation.score)}")
        lines[target.id].append(f"{into} {_quote(source)}{_percent(relation.score)}")
    unaddressed = {u.id for u in amap.unaddressed}
    runs = Runs(amap.voices)
    return {u.id: _note(u, lines[u.id], u.id in unaddressed, runs.at(u.start)) for u in amap.units}


def _note(unit: Unit, relations: list[str], unaddressed: bool, voice: MapVoice | None) -> str:
    head = f"{unit.label.capitalize()}{_percent(unit.score)}"
    if unit.attribution is Attribution.REPORTED:
        head += ", reported from others"
    if voice is not None:
        head += f", in another voice: {cut(voice.whose, _QUOTED)}"
    if unit.unsure:
        head += ", unsure"
    parts = [head, *relations[:_LINES]]
    if len(relations) > _LINES:
        parts.append(f"and {len(relations) - _LINES} more relations")
    if unaddressed:
        parts.append("Nothing in the paper was found to address it.")
    if unit.note:
        parts.append(f"Note: {cut(unit.note, _NOTE)}")
    return "\n".join(parts)


def _quote(unit: Unit) -> str:
    page = f" on p. {unit.page}" if unit.page is not None else ""
    return f"the {unit.label}{page}: “{cut(unit.text, _QUOTED)}”"


def _percent(score: float | None) -> str:
    return "" if score is None else f" ({100 * score:.0f} %)"


class Glyph(NamedTuple):
    """A visible character and its box on the page as shown: points from the top left."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float


class Places:
    """The glyphs of a PDF's pages by pdfium, read a page at a time when they are first asked for. Close it after
    use."""

    def __init__(self, path: Path, password: str | None) -> None:
        self._context = open_pdf(path, password)
        self._document = self._context.__enter__()
        self._pages: dict[int, tuple[View, list[Glyph]]] = {}

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.__exit__(None, None, None)

    def page(self, number: int) -> tuple[View, list[Glyph]]:
        """How a page (from 1) is shown, and its glyphs."""
        if number not in self._pages:
            beat()
            self._pages[number] = _read_page(self._document, number - 1)
        return self._pages[number]

    def quads(self, text: str, boxes: Sequence[Box], start: int) -> list[tuple[int, Quad]]:
        """The page and corners of each line of a unit whose text starts at offset `start` of the paper's."""
        found = []
        for box in boxes:
            if not 1 <= box.page <= len(self._document):
                continue
            view, glyphs = self.page(box.page)
            x0, x1 = exact_ends(text[max(0, box.start - start) : max(0, box.end - start)], box, glyphs)
            corners = [view.own(*corner) for corner in ((x0, box.y0), (x1, box.y0), (x0, box.y1), (x1, box.y1))]
            found.append((box.page, cast(Quad, tuple(round(v, 3) for corner in corners for v in corner))))
        return found


def exact_ends(text: str, box: Box, glyphs: Sequence[Glyph]) -> tuple[float, float]:
    """Where a line's `text` begins and ends on its page: x of the glyphs that spell it nearest to its box.

    Where none spell all of it (a lost ligature), its first and last characters are looked for alone; the box's own x0
    and x1 where even they are not there (a scan without text).
    """
    reach = _WINDOW * ((box.x1 - box.x0) + 3 * (box.y1 - box.y0))
    low, high = box.x0 - reach, box.x1 + reach
    line = [g for g in glyphs if box.y0 <= (g.y0 + g.y1) / 2 <= box.y1 and low <= g.x1 and g.x0 <= high]
    line.sort(key=lambda g: (g.x0 + g.x1, g.x0))
    run = _nearest(_visible, text, box, line)
    if run is None:  # a raised note number or another sign stands between: go by the letters alone
        run = _nearest(_letters, text, box, line)
        if run is None:
            return _ends_alone(text, box, line)
        run = _with_marks(text, line, *run)
    first, last = run
    if last + 2 == len(line) and line[last + 1].char in _HYPHENS:
        last += 1  # the word goes on in the next line: its hyphen belongs to it
    return line[first].x0, line[last].x1


def _ends_alone(text: str, box: Box, line: Sequence[Glyph]) -> tuple[float, float]:
    head = _nearest(_visible, text.lstrip()[:_END], box._replace(x1=box.x0), line)
    tail = _nearest(_visible, text.rstrip()[-_END:], box._replace(x0=box.x1), line)
    x0 = line[head[0]].x0 if head else box.x0
    x1 = line[tail[1]].x1 if tail else box.x1
    return (x0, x1) if x0 < x1 else (box.x0, box.x1)


def _nearest(kept: Callable[[str], str], text: str, box: Box, line: Sequence[Glyph]) -> tuple[int, int] | None:
    """The run of glyphs whose kept characters spell the text's, the one whose ends are nearest to the box's."""
    wanted = "".join(map(kept, text))
    spelled = [kept(glyph.char) for glyph in line]
    stream = "".join(spelled)
    owner = [n for n, chars in enumerate(spelled) for _ in chars]
    best: tuple[float, int, int] | None = None
    at = stream.find(wanted) if wanted else -1
    while at >= 0:
        first, last = owner[at], owner[at + len(wanted) - 1]
        off = abs(line[first].x0 - box.x0) + abs(line[last].x1 - box.x1)
        if best is None or off < best[0]:
            best = off, first, last
        at = stream.find(wanted, at + 1)
    return None if best is None else best[1:]


def _with_marks(text: str, line: Sequence[Glyph], first: int, last: int) -> tuple[int, int]:
    # The run, and the signs that the text has before its first and after its last letter.
    places = [i for i, char in enumerate(text) if _letters(char)]
    for mark in reversed("".join(map(_visible, text[: places[0]]))):
        if first and _visible(line[first - 1].char) == mark:
            first -= 1
    for mark in "".join(map(_visible, text[places[-1] + 1 :])):
        if last + 1 < len(line) and _visible(line[last + 1].char) == mark:
            last += 1
    return first, last


def _visible(char: str) -> str:
    """A character as it is compared: compatibility-normalised, without spaces and hyphens (which line ends change)."""
    if char.isspace() or char in _HYPHENS:
        return ""
    return "".join(unicodedata.normalize("NFKC", char).split())


def _letters(char: str) -> str:
    return "".join(c for c in _visible(char) if c.isalpha())


def _read_page(document: Any, index: int) -> tuple[View, list[Glyph]]:
    """How a page (from 0) is shown and its visible characters. A page that pdfium cannot read has no glyphs."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return View(0, 0, 0, 0, 0), []
    try:
        view = View.of(page)
        text = page.get_textpage()
        try:
            return view, list(_glyphs(text, view))
        finally:
            text.close()
    finally:
        page.close()


def _glyphs(text: Any, view: View) -> Iterator[Glyph]:
    import pypdfium2.raw as raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    high = 0  # first half of a surrogate pair
    for k in range(min(raw.FPDFText_CountChars(text), MAX_CHARS)):
        code = raw.FPDFText_GetUnicode(text, k)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        char = "-" if code == _PDFIUM_HYPHEN else chr(code) if code <= 0x10FFFF else ""
        if not char.strip() or not raw.FPDFText_GetCharBox(text, k, left, right, bottom, top):
            continue
        yield Glyph(char, *view.box(left.value, bottom.value, right.value, top.value))
