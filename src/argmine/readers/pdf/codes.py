"""A second opinion on single glyphs: what a PDF's fonts themselves say of a code, by pdfminer.

pdfium tells a glyph's character by the font's ToUnicode table or by the glyph's name. Where it finds neither it hands
out the bare code (TeX's "fi" is 28 or 12, an InDesign subset's whatever was free), and names such as "a84", by which
dvips and pdfTeX call code 84 of a bitmap font, it takes for those of ZapfDingbats. pdfminer reads the same tables
anew, knows names such as "f_i", and the cmap of an embedded TrueType font; what it finds is looked up by where a glyph
stands. A page is parsed only if it has such a glyph in a font that was not asked about it before.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, Final, NamedTuple

from pdfminer.encodingdb import name2unicode
from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, resolve1, stream_value
from pdfminer.psparser import PSLiteral

from argmine.isolation import beat
from argmine.readers.pdf.glyphs import LOST, UNREADABLE, Told

_GRID: Final = 2  # cells a point, in which glyphs are looked up; the engines differ by less than one at a line's end
_MAX_GLYPHS: Final = 60_000  # of a page
_MAX_STREAM: Final = 1_000_000  # bytes; what is longer is a drawing, which takes seconds to go through
# Codes of TeX's text fonts (T1, OT1) that are not ASCII's. Ligatures share theirs with the Greek of formulas.
_LIGATURES: Final = {
    **dict(zip(range(0x1B, 0x20), ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **dict(zip(range(0x0B, 0x10), ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
}
_TEX: Final = dict(
    zip(
        (0x10, 0x11, 0x12, 0x15, 0x16, 0x19, 0x22, 0x27, 0x5C, 0x60, 0x7B, 0x7C),
        "\u201c\u201d\u201e\u2013\u2014\u0131\u201d\u2019\u201c\u2018\u2013\u2014",
        strict=True,
    )
)
_PRIVATE: Final = re.compile(r"[\ue000-\uf8ff]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")
# From glyph to character in the TrueType fonts of Windows and in those made after them: "A" is glyph 36.
_SHIFT: Final = 29  # up to "~", and one more from there on, where the order is that of MacRoman


class Glyph(NamedTuple):
    """`name` is what the PDF's encoding calls the code; `text` what the font makes of it. Both may be empty."""

    font: Any
    code: int
    name: str
    text: str


class Codes:
    """The glyphs of a PDF by their places. What can't be read of them is as if it weren't there."""

    def __init__(self, data: bytes, password: str | None) -> None:
        self._data, self._password = data, password or ""
        self._pages: list[PDFPage] | None = None
        self._manager = _Fonts()
        self._at = -1
        self._cells: dict[tuple[int, int], tuple[Any, int]] = {}
        self._shifted: bool | None = None

    def glyph(self, page: int, x: float, y: float) -> Glyph | None:
        """What stands at an origin, in the page's own space."""
        if page != self._at:
            self._at, self._cells, self._shifted = page, {}, None
            with suppress(Exception):  # pdfminer raises what the damage happens to cause
                self._parse(page)
        column, row = round(x * _GRID), round(y * _GRID)
        near = ((column + dx, row + dy) for dx in (0, -1, 1) for dy in (0, -1, 1))
        font, code = next((self._cells[cell] for cell in near if cell in self._cells), (None, 0))
        return None if font is None else Glyph(font, code, font.names.get(code, ""), _text(font, code))

    def tell(self, page: int, x: float, y: float, found: str) -> Told | None:
        """The characters of a glyph, or what they may be in a word, for which pdfium has but a code, or `found`.

        None says that no glyph stands there, or the page could not be parsed.
        """
        glyph = self.glyph(page, x, y)
        if glyph is None:
            return None
        if glyph.text and not _PRIVATE.search(glyph.text) and not _CONTROLS.search(glyph.text):
            return glyph.text, ""
        if found and _PRIVATE.search(found):
            return (chr(ord(found) & 0xFF) if self._is_ascii(glyph.font) else found), ""
        if found and glyph.name != f"a{glyph.code}":
            return found, ""
        if not glyph.font.is_multibyte():
            return by_code(glyph.code, mono=_is_mono(glyph.font))
        if self._is_shifted(glyph.font):
            return _in_usual_order(glyph.code), ""
        return (LOST if glyph.font.unicode_map else UNREADABLE), ""

    def _parse(self, page: int) -> None:
        if self._pages is None:
            logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # what it warns of the engines say
            self._pages = []
            self._pages = list(PDFPage.create_pages(PDFDocument(PDFParser(BytesIO(self._data)), self._password)))
        beat()
        device = _Places(self._manager, self._cells)
        shown = self._pages[page]
        _Interpreter(self._manager, device).render_contents(shown.resources, shown.contents)

    def _is_shifted(self, font: Any) -> bool:
        """Whether glyphs are in their usual order: those of which a font says it, else all codes without any table."""
        if font.unicode_map:
            codes = {code for other, code in self._cells.values() if other is font}
            known = [(text, _in_usual_order(code)) for code in codes if (text := _text(font, code))]
            return sum(text in (usual, _private(usual)) for text, usual in known) > max(10, 0.8 * len(known))
        if self._shifted is None:
            bare = [code for font, code in self._cells.values() if font.is_multibyte() and not font.unicode_map]
            self._shifted = _spells(Counter(_in_usual_order(code) for code in bare))
        return self._shifted

    def _is_ascii(self, font: Any) -> bool:
        """Whether a font's private characters hide those of ASCII, as they do in symbol fonts' tables."""
        shown = (_text(font, code)[:1] for other, code in self._cells.values() if other is font)
        return _spells(Counter(chr(ord(char) & 0xFF) for char in shown if char))


def by_code(code: int, *, mono: bool = False) -> Told:
    """The characters of a code in a font that says nothing else of it: TeX's, else those of Windows."""
    if code in _LIGATURES:
        return LOST, _LIGATURES[code]
    if code in _TEX and not mono:
        return _TEX[code], ""
    return bytes((code & 0xFF,)).decode("cp1252", "ignore") if 32 < code < 256 and code != 127 else LOST, ""


def _in_usual_order(glyph: int) -> str:
    code = glyph + _SHIFT + (glyph > 97)
    return bytes((code,)).decode("mac_roman") if code < 256 else LOST


def _private(char: str) -> str:
    return chr(0xF000 + ord(char))


def _spells(chars: Counter[str]) -> bool:
    """Whether the letters are as frequent as in a language of Latin script."""
    small = Counter({c: n for c, n in chars.items() if "a" <= c <= "z"})
    letters, signs = small.total(), chars.total() - chars[" "]
    vowels = sum(small[c] for c in "aeiouy")
    usual = {c for c, _ in small.most_common(5)} & set("eain")
    return letters > 40 and letters > 0.6 * signs and 0.3 < vowels / letters < 0.6 and len(usual) > 1


def _text(font: Any, code: int) -> str:
    """The characters by the font's tables; a name of the PDF's own goes before what an encoding has under its code."""
    with suppress(Exception):
        name = font.names.get(code, "")
        if font.glyphs:  # the embedded font's table, which pdfminer goes by, is of glyphs
            code = int.from_bytes(font.glyphs[2 * code : 2 * code + 2], "big")
        text = font.to_unichr(code) if font.unicode_map or not name else name2unicode(name)
        return unicodedata.normalize("NFKC", text) if "\ufb00" <= text <= "\ufb06" else str(text)
    return ""


def _is_mono(font: Any) -> bool:
    return bool(font.char_width(0x69) == font.char_width(0x6D) != 0)


class _Fonts(PDFResourceManager):
    """pdfminer's fonts, with the names that the PDF gives to their codes, and the glyphs (two bytes each) of CIDs."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> Any:
        font: Any = super().get_font(objid, spec)
        if not hasattr(font, "names"):
            font.names, font.glyphs = {}, b""
            with suppress(Exception):
                font.names = dict(_differences(spec))
                order = resolve1(spec.get("CIDToGIDMap"))
                if isinstance(order, PDFStream) and "ToUnicode" not in spec:
                    font.glyphs = order.get_data()
        return font


def _differences(spec: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    encoding: Any = resolve1(spec.get("Encoding"))
    code = 0
    for item in resolve1(encoding.get("Differences")) if isinstance(encoding, dict) else ():
        if isinstance(item, PSLiteral):
            yield code, str(item.name)
            code += 1
        else:
            code = int(resolve1(item))


class _Interpreter(PDFPageInterpreter):
    """pdfminer's reading of a page without its large drawings."""

    def execute(self, streams: Sequence[object]) -> None:
        super().execute([s for s in streams if len(stream_value(s).get_data()) <= _MAX_STREAM])


class _Places(PDFTextDevice):
    """Notes where each glyph stands."""

    def __init__(self, manager: PDFResourceManager, cells: dict[tuple[int, int], tuple[Any, int]]) -> None:
        super().__init__(manager)
        self._cells = cells

    def render_char(
        self, matrix: Any, font: Any, fontsize: float, scaling: float, rise: float, cid: int, *_: Any
    ) -> float:
        _, _, c, d, e, f = matrix
        if len(self._cells) > _MAX_GLYPHS:
            raise ValueError("too many glyphs for a page of print")
        self._cells.setdefault((round((e + c * rise) * _GRID), round((f + d * rise) * _GRID)), (font, cid))
        return float(font.char_width(cid) * fontsize * scaling)
