"""Runs of characters from pdfium's raw API.

Boxes are asked for each character, all about the font once a text object: ten milliseconds a page instead of a hundred.

What a page paints by forms (form XObjects) is counted before it is loaded, each form once: engines go through a form
anew for each painting, so that a file of 8 KB whose forms each paint the next one ten times takes more than all memory.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pypdfium2
import pypdfium2.raw as raw
from pypdfium2.version import PYPDFIUM_INFO

from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.paper import ReadingWarning
from argmine.readers import ReadOptions, SourceFile
from argmine.readers.pdf import glyphs
from argmine.readers.pdf.glyphs import LOST, Font, Lost, PageGlyphs, Rect, Run, Told, View
from argmine.readers.raw_document import Tally

if TYPE_CHECKING:
    from argmine.readers.pdf.codes import Codes

MAX_CHARS: Final = 60_000  # a page of print has some 6,000; more is a plot or an attack
MIN_SIZE: Final = 3.0  # points; nothing smaller is meant to be read
DAMAGED: Final = "is damaged or cut off and cannot be opened; get the file again"
_TOUCH: Final = 0.03  # ems; a space between characters that stand closer is pdfium's invention
_MAX_OBJECTS: Final = 4000  # page objects looked at for rules and pictures; a plotted map has hundreds of thousands
_FORM: Final = 40  # objects of a form that are looked at to tell a drawing
# Text objects: pdfium takes time by the square of those on one line, and print has a few thousand.
_MAX_TEXTS: Final = 30_000
_INVISIBLE: Final = 3  # text render mode: neither filled nor stroked
_STROKED: Final = 2  # fill and stroke: the poor man's bold
_WHITE: Final = 250  # of 255; a colour from here on cannot be seen on paper
_ITALIC_FLAG: Final = 0x40  # in a font descriptor's Flags
_SUPERSCRIPTS: Final = dict(
    zip("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "0123456789", strict=True)
)
_MARKS: Final = frozenset("0123456789,")  # what a font feature may set raised
_UNSURE: Final = frozenset((LOST, "f"))  # a glyph without a character, and "f", which may be a ligature
_SPACES: Final = frozenset((9, 10, 13, 32, 160, 0x2002, 0x2003, 0x2009, 0x200A, 0x200B, 0x202F, 0x3000))
_UNTOLD: Final = frozenset((0, 0xFFFE))  # what pdfium has for glyphs without a character, whichever they are
# What names of ZapfDingbats stand for outside of its block in Unicode.
_SHAPES: Final = frozenset(
    "\u25a0\u25b2\u25bc\u25c6\u25cf\u25d7\u2192\u2194\u2195\u2660\u2663\u2665\u2666\u2460\u2461\u2462\u2463\u2464"
)
_MAX_KEPT: Final = 100  # pages that stay open


@contextmanager
def open_pdf(path: Path, password: str | None, data: bytes | None = None) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF with pdfium, from its bytes where they are at hand. Raises ReadError for what cannot be opened."""
    try:
        document = pypdfium2.PdfDocument(path if data is None else data, password=password)
    except pypdfium2.PdfiumError as why:
        message, barred = str(why).lower(), "uses an encryption that cannot be read; save it without protection"
        other = barred if "security" in message else DAMAGED
        raise ReadError(path, why_locked(password) if "password" in message else other) from why
    with closing(document):
        yield document


def why_locked(password: str | None) -> str:
    wrong = "the password is wrong; give the right one with --password"
    return wrong if password else "is encrypted; give its password with --password"


def read_pages(
    file: SourceFile, options: ReadOptions, warnings: list[ReadingWarning]
) -> tuple[list[PageGlyphs], int, str]:
    """All pages that can be read, the number of all pages, and the engine's name with its version.

    A page that fails is left out and becomes a warning. Raises ReadError where the file cannot be opened, has more than
    `max_pages`, or more text than a paper.
    """
    pages: list[PageGlyphs] = []
    with open_pdf(file.path, options.password, file.data) as document:
        count = len(document)
        glyphs.check_pages(file.path, count, options.max_pages)
        faces = Faces(file.data, options.password)
        tally = Tally(len(file.data))
        for index in loadable_pages(count, file, options, warnings):
            try:
                page = read_page(document, index, faces)
            except (pypdfium2.PdfiumError, ValueError, OverflowError) as why:
                warnings.append(left_out(index, why))
            else:
                tally.add(sum(len(run.text) for run in page.runs), blocks=0)
                pages.append(page)
    return pages, count, f"pdfium {PYPDFIUM_INFO.version}"


def loadable_pages(count: int, file: SourceFile, options: ReadOptions, warnings: list[ReadingWarning]) -> Iterator[int]:
    """The indices of the pages that paint no more than a paper's do, with a sign of life and a warning for others."""
    forms = Forms(file.data, options.password)
    for index in range(count):
        beat("pages read", index, count)
        if forms.too_many(index):
            message = "paints forms within forms more often than any paper does and was left out"
            warnings.append(ReadingWarning(code="page", page=index + 1, message=message))
        else:
            yield index


def left_out(index: int, why: object) -> ReadingWarning:
    return ReadingWarning(code="page", page=index + 1, message=f"cannot be read and was left out ({why})")


# --- forms ----------------------------------------------------------------------------------------------------------

# What a page may paint by forms, in bytes of content; a map drawn in vectors and painted as one has a few million.
_MOST_PAINTED: Final = 50_000_000
_PAINTING: Final = 500  # what one painting costs beside the form's own content
_DEEPEST: Final = 30  # forms in forms; figures of figures are three deep
# A form's dictionary is never packed; but its words may be escaped, or stand elsewhere.
_MAY_HAVE_FORMS: Final = re.compile(rb"/Form\b|/Subtype\s*\d|/[^\s/<>\[\]()]{0,20}#[0-9A-Fa-f]{2}")
_PAINTS: Final = re.compile(rb"/([^\s/\[\]()<>{}%]{1,200})(?:\s|%[^\r\n]{0,200}[\r\n]){1,20}Do\b")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


class Forms:
    """The forms of a PDF. What can't be read of them counts as nothing: the engines may mend what this doesn't."""

    def __init__(self, data: bytes, password: str | None) -> None:
        self._costs: dict[int, float] = {}
        self._known: dict[int, bool] = {}  # whether a page paints too much
        self._pages: list[Any] = []
        with suppress(Exception):  # pypdf raises what the damage happens to cause
            self._pages = _pages(data, password) if _MAY_HAVE_FORMS.search(data) else []

    def too_many(self, index: int) -> bool:
        if index >= len(self._pages):
            return False
        page = self._pages[index]
        key = _key(page)
        if key not in self._known:
            self._known[key] = False
            with suppress(Exception):
                self._known[key] = self._painted(_contents(page), _resources(page), ()) > _MOST_PAINTED
        return self._known[key]

    def _painted(self, content: bytes, resources: Any, above: tuple[int, ...]) -> float:
        """What a content paints by forms: bytes, infinite for forms within themselves. `above` are those around it."""
        named = _resolved(resources, "/XObject")
        if not named:
            return 0.0
        calls = Counter(_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), name) for name in _PAINTS.findall(content))
        total = 0.0
        for name, times in calls.items():
            key = "/" + name.decode("latin-1")
            stored = named.raw_get(key) if key in named else None
            form = stored.get_object() if stored is not None else None
            if form is not None and hasattr(form, "get_data") and form.get("/Subtype") == "/Form":
                total += times * self._cost(form, resources, above)
            if total > _MOST_PAINTED:
                break
        return total

    def _cost(self, form: Any, resources: Any, above: tuple[int, ...]) -> float:
        key = _key(form)
        if key in above or len(above) > _DEEPEST:
            return float("inf")
        if key not in self._costs:
            content = form.get_data()
            own = _resolved(form, "/Resources")
            inside = self._painted(content, resources if own is None else own, (*above, key))
            self._costs[key] = _PAINTING + len(content) + inside
        return self._costs[key]


def _pages(data: bytes, password: str | None) -> list[Any]:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it warns of the engines say, where it matters
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted:
        reader.decrypt(password or "")
    return list(reader.pages)


def _key(item: Any) -> int:
    reference = getattr(item, "indirect_reference", None)
    return id(item) if reference is None else int(reference.idnum)


def _resolved(node: Any, key: str) -> Any:
    value = None if node is None else node.get(key)
    return None if value is None else value.get_object()


def _resources(page: Any) -> Any:
    for _ in range(100):
        if page is None or "/Resources" in page:
            break
        page = _resolved(page, "/Parent")
    return _resolved(page, "/Resources")


def _contents(page: Any) -> bytes:
    contents = _resolved(page, "/Contents")
    if contents is None:
        return b""
    parts = [contents] if hasattr(contents, "get_data") else [part.get_object() for part in contents]
    return b"\n".join(part.get_data() for part in parts if hasattr(part, "get_data"))


# --- pages ----------------------------------------------------------------------------------------------------------
class Faces:
    """What is known of a PDF's fonts by their handles, for all its pages.

    A handle is an address, which another font may get when the last page with it is closed. So a page on which a font
    was asked for its codes stays open.
    """

    def __init__(self, data: bytes, password: str | None) -> None:
        self.names: dict[int, tuple[str, bool]] = {}  # a font's name and whether it is slanted
        self.answers: dict[tuple[int, int], Told] = {}  # by handle and pdfium's code
        self.bare: set[int] = set()  # those of which pdfium has a bare code for some character
        self.kept: set[int] = set()
        self._data, self._password = data, password
        self._codes: Codes | None = None

    def ask(self, page: int, face: int, code: int, found: str, place: tuple[float, float]) -> Told:
        """What stands at a place, of which pdfium has only a code, or `found`, which is doubtful."""
        from argmine.readers.pdf.codes import Codes, by_code

        if (face, code) in self.answers:
            return self.answers[face, code]
        self._codes = self._codes or Codes(self._data, self._password)
        told = self._codes.tell(page, *place, found) if len(self.kept) < _MAX_KEPT else None
        self.kept.add(page)
        if told is None:
            return (found, "") if found else by_code(code)
        self.answers[face, code] = told
        return told


def read_page(document: pypdfium2.PdfDocument, index: int, faces: Faces) -> PageGlyphs:
    """The runs, rules and pictures of one page. Raises PdfiumError or ValueError where it can't be read."""
    page = document[index]
    try:
        view = View.of(page)
        result = PageGlyphs(index + 1, *view.size)
        _check_texts(page)
        _objects(page, view, result)
        with closing(page.get_textpage()) as text:
            _Text(text, view, result, faces).read()
        return result
    finally:
        if index not in faces.kept:
            page.close()


def _check_texts(page: Any) -> None:
    waiting = [(raw.FPDFPage_GetObject, page, raw.FPDFPage_CountObjects(page))]
    texts = 0
    while waiting:
        get, holder, count = waiting.pop()
        for i in range(count):
            item = get(holder, i)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                texts += 1
                if texts > _MAX_TEXTS:
                    raise ValueError(f"it holds more than {_MAX_TEXTS:,} pieces of text, as no page of print does")
            elif kind == raw.FPDF_PAGEOBJ_FORM:
                waiting.append((raw.FPDFFormObj_GetObject, item, raw.FPDFFormObj_CountObjects(item)))


def _objects(page: Any, view: View, result: PageGlyphs) -> None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    colour = [ctypes.c_uint() for _ in range(4)]
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    for i in range(min(raw.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        item = raw.FPDFPage_GetObject(page, i)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT or not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            continue
        box = Rect(*view.box(left.value, bottom.value, right.value, top.value))
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            result.images.append(box)
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            result.drawn += [box] * _paths_in(item)
        elif kind == raw.FPDF_PAGEOBJ_PATH and not result.add_stroke(box):
            slight = min(box.width, box.height)
            if slight > 2.0 and (not 4 <= raw.FPDFPath_CountSegments(item) <= 5 or _is_curve(item)):  # no rectangle
                result.drawn.append(box)
            if slight <= 6.0:
                continue
            raw.FPDFPath_GetDrawMode(item, mode, stroke)
            filled = mode.value != raw.FPDF_FILLMODE_NONE and raw.FPDFPageObj_GetFillColor(item, *colour)
            coloured = filled and min(c.value for c in colour[:3]) < _WHITE and colour[3].value > 0
            if coloured:
                result.fills.append(box)
            if stroke.value:  # its four edges
                result.rules += [Rect(box.x0, y, box.x1, y) for y in (box.y0, box.y1) if box.width >= 20]
                result.bars += [Rect(x, box.y0, x, box.y1) for x in (box.x0, box.x1) if box.height >= 8]
            if (coloured or stroke.value) and box.height > 20 and box.width > 60:
                result.boxes.append(box)


def _is_curve(path: Any) -> bool:
    second = raw.FPDFPath_GetPathSegment(path, 1)
    return bool(raw.FPDFPathSegment_GetType(second) == raw.FPDF_SEGMENT_BEZIERTO)


def _paths_in(form: Any) -> int:
    items = (raw.FPDFFormObj_GetObject(form, i) for i in range(min(_FORM, raw.FPDFFormObj_CountObjects(form))))
    return sum(raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_PATH for item in items)


class _Text:
    """Reads one text page into runs. A class only to share the output buffers of the C calls."""

    def __init__(self, text: Any, view: View, result: PageGlyphs, faces: Faces) -> None:
        self.text, self.view, self.result, self.faces = text, view, result, faces
        self.fonts: dict[tuple[int, float, bool, bool], Font] = {}
        self.chars: dict[int, dict[int, Told]] = defaultdict(dict)  # by handle: what its codes on this page stand for
        self.matrix = raw.FS_MATRIX()
        self.colour = [ctypes.c_uint() for _ in range(4)]
        self.pictures: set[Font] = set()
        self.visible: list[Run] = []
        self.hidden: list[Run] = []

    def read(self) -> None:
        text, view = self.text, self.view
        count = min(raw.FPDFText_CountChars(text), MAX_CHARS)
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        unicode_of, box_of, object_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetCharBox, raw.FPDFText_GetTextObject
        address = ctypes.addressof
        upright = view.rotation == 0
        font: Font | None = None
        run: Run | None = None
        chars: list[str] = []
        base = 0.0
        hidden = space = False
        last_object = high = face = 0  # `high`: first half of a surrogate pair
        known = self.chars[0]
        for k in range(count):
            code = unicode_of(text, k)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
            high = 0
            if code in _SPACES and (code > 13 or not raw.FPDFText_HasUnicodeMapError(text, k)):
                space = True
                continue
            item = object_of(text, k)
            if not item:  # a character that pdfium made up
                continue
            here = address(item.contents)
            if here != last_object:
                last_object = here
                font, base, hidden, face = self._object(k, item) or (None, 0.0, False, 0)
                known = self.chars[face]
            if font is None:
                continue
            if (told := known.get(code)) is None:
                told = known[code] = self._told(k, face, code)
            char, guess = told
            if char == " ":
                space = True
                continue
            box_of(text, k, left, right, bottom, top)
            if upright:
                x0, x1 = left.value - view.left, right.value - view.left
            else:
                x0, _, x1, _ = view.box(left.value, bottom.value, right.value, top.value)
            size = font.size
            here_font, here_base = font, base
            if font in self.pictures:
                char = "\u2022"
            if char in _SUPERSCRIPTS or (upright and char in _MARKS and view.top - base < bottom.value - 0.22 * size):
                # A raised glyph of a font of full size: treated as the smaller raised font that it looks like.
                char = _SUPERSCRIPTS.get(char, char)
                here_font = font._replace(size=round(0.6 * size, 1))
                here_base = base - 0.35 * size
            joins = (
                run is not None
                and run.face == face
                and (run.font is here_font or run.font == here_font)
                and abs(run.base - here_base) < 0.1
                and -1.5 * size < x0 - run.x1 < 0.9 * size  # a ligature's letters share its box
            )
            shares = False
            if run is not None and joins:
                gap = x0 - run.x1
                shares = gap < -0.2 * size and chars[-1:] == ["f"]  # its box: a ligature whose letters the file knows
                if shares and self.result.fs and self.result.fs[-1][:2] == (run, len(chars) - 1):
                    self.result.fs.pop()
                if (space and gap > _TOUCH * size) or gap > 0.33 * size:
                    chars.append(" ")
                chars += char
                if x1 > run.x1:
                    run.x1 = x1
            elif -5 < x0 < self.result.width + 5 and -5 < base < self.result.height + 5:  # else cropped away
                if run is not None:
                    run.text = "".join(chars)
                chars = list(char)
                runs = self.hidden if hidden else self.visible
                run = Run("", x0, x1, here_base, here_font, space, len(runs), face)
                runs.append(run)
            else:
                space = False
                continue
            space = False
            if char in _UNSURE and not (shares and char == "f"):
                unsure = self.result.fs if char == "f" else self.result.lost
                unsure.append(Lost(run, len(chars) - 1, (x1 - x0) / size, guess))
        if run is not None:
            run.text = "".join(chars)
        # Invisible text over a picture is a scan's OCR layer, and then the only text; elsewhere it is not to be read.
        self.result.runs = self.visible if self.visible or not self.hidden else self.hidden

    def _told(self, k: int, face: int, code: int) -> Told:
        """The characters of a code in a font, and what they may be in a word where they are lost."""
        bare = raw.FPDFText_HasUnicodeMapError(self.text, k) == 1
        if bare:
            self.faces.bare.add(face)
        if code in _UNTOLD or not (face in self.faces.bare or self._is_doubtful(k, code)):
            return _char(code), ""
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(self.text, k, x, y)
        found = "" if bare else _char(code)
        return self.faces.ask(self.result.number - 1, face, code, found, (x.value, y.value))

    def _is_doubtful(self, k: int, code: int) -> bool:
        """Whether a character may have been made of a name such as "a84", or is a private one of its font."""
        if chr(code) in _SHAPES:  # a bullet, as a rule
            ahead = range(k + 1, min(k + 40, raw.FPDFText_CountChars(self.text)))
            return any(0x2701 <= raw.FPDFText_GetUnicode(self.text, i) <= 0x27BE for i in ahead)
        return 0x2600 <= code <= 0x27BE or 0xE000 <= code <= 0xF8FF

    def _object(self, k: int, item: Any) -> tuple[Font, float, bool, int] | None:
        """Font, baseline, whether it is hidden, and the font's handle, of the text object that character k begins.

        None says to leave it out.
        """
        matrix = self.matrix
        if not raw.FPDFText_GetMatrix(self.text, k, matrix):
            return None
        size = raw.FPDFText_GetFontSize(self.text, k) * math.hypot(matrix.c, matrix.d)
        angle = math.degrees(math.atan2(matrix.b, matrix.a)) - self.view.rotation  # 0 is upright
        turned = (matrix.b or self.view.rotation) and abs((angle + 180) % 360 - 180) > 8
        if turned or not MIN_SIZE <= size < 400:
            return None
        mode = raw.FPDFTextObj_GetTextRenderMode(item)
        handle = raw.FPDFTextObj_GetFont(item)
        key = ctypes.addressof(handle.contents) if handle else 0
        slanted = abs(matrix.c) > 0.15 * abs(matrix.d) and not self.view.rotation
        bold = mode == _STROKED
        full = (key, size, bold, slanted)
        if (font := self.fonts.get(full)) is None:
            names = self.faces.names
            if key not in names:
                names[key] = self._name(handle) if handle else ("", False)
            name, italic = names[key]
            font = self.fonts[full] = glyphs.make_font(name, size, bold=bold, italic=italic or slanted)
            if glyphs.is_pictures(name):
                self.pictures.add(font)
        x, y = self.view.shown(matrix.e, matrix.f)
        return font, y, mode == _INVISIBLE or self._white(k, x, y), key

    def _name(self, handle: Any) -> tuple[str, bool]:
        buffer = ctypes.create_string_buffer(256)
        length = raw.FPDFFont_GetBaseFontName(handle, buffer, 256)
        name = buffer.raw[: max(0, length - 1)].decode("utf-8", "replace") if length <= 256 else ""
        # Bitmap fonts have no name: all that is known is that they differ. Letters, since digits would be a size.
        name = name or glyphs.UNNAMED + "".join(chr(97 + int(digit)) for digit in str(len(self.faces.names)))
        return name, bool(raw.FPDFFont_GetFlags(handle) & _ITALIC_FLAG)

    def _white(self, k: int, x: float, y: float) -> bool:
        if not raw.FPDFText_GetFillColor(self.text, k, *self.colour):
            return False
        *colour, alpha = (channel.value for channel in self.colour)
        grounds = (*self.result.fills, *self.result.images) if alpha and min(colour) >= _WHITE else ()
        covered = any(r.x0 - 2 <= x <= r.x1 + 2 and r.y0 - 2 <= y <= r.y1 + 2 for r in grounds)
        return not alpha or (min(colour) >= _WHITE and not covered)


def _char(code: int) -> str:
    if code in (0, 0xFFFE):
        return glyphs.LOST
    if code in (2, 0xAD):  # pdfium's sign for a hyphen at the end of a line; a soft hyphen
        return "-"
    if 0x80 <= code < 0xA0:  # no characters in Unicode; old producers mean Windows' code page
        return bytes((code,)).decode("cp1252", "ignore")
    if code < 32 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return ""
    return chr(code)
