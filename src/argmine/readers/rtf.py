"""Rich Text Format: the paragraphs and tables with their styles, outline levels, lists and notes.

See the Rich Text Format Specification 1.9.1. striprtf, the library that there is, gives the text alone, without styles,
headings and notes. Here the file is read as a stream of words and groups, each group with the state that it inherits.
Word and its kin repeat a style's look at each paragraph, so that only its name, outline level and base are needed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from argmine.isolation import beat
from argmine.paper import ReadingWarning
from argmine.readers import ReadOptions, SourceFile, Unreadable
from argmine.readers.heuristics import words
from argmine.readers.markup import tidy
from argmine.readers.raw_document import RawDocument, Tally
from argmine.readers.styled import Item, Run, document_of

_TOKEN: Final = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.DOTALL
)
_SKIPPED: Final = re.compile(
    rb"\\bin(\d{1,10}) ?|\\.|([{}])", re.DOTALL
)  # what counts within a group that is passed over
_MOST_TOKENS: Final = 5_000_000  # a book of 1,000 pages has some 2,000,000
_DEEPEST: Final = 500  # groups in groups; Word's own are some ten deep
_LONGEST_CHAIN: Final = 20  # styles, each based on the next one
_BEATS: Final = 4096
_COUNTED: Final = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])[.)](?=\s)")  # a number that is typed, before what hangs from it

# Groups that hold no text of the paper. Those that open with \* and are not named here are passed over too.
_NEVER: Final = words("""
    aftncn aftnsep aftnsepc annotation atnauthor atndate atnicn atnid atnparent atnref atntime atrfend atrfstart
    background bkmkend bkmkstart colortbl comment datafield docvar falt fldinst footer footerf footerl footerr formfield
    ftncn ftnsep ftnsepc generator header headerf headerl headerr keywords listtable listoverridetable mmath nextfile
    nonesttables nonshppict object operator pict pn private revtbl rsidtbl rxe shprslt sn sp subject sv tc template
    themedata txe userprops xe xmlnstbl""")
_KEPT: Final = words("footnote listtext pntext shpinst ud")  # may open with \*, and hold text
_CHARSETS: Final = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES: Final = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_SIGNS: Final = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "tab": " ", "line": " ", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": " ",
    "nestcell": " | ", "nestrow": " ", "~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\t": " ",
}  # fmt: skip
_GREEK: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ")  # in the font Symbol
_ENDS: Final = {"par", "sect", "page", "column"}


class _State(NamedTuple):
    """What a group inherits. `to` is where its text goes: "" the body, "note", or a part of the head."""

    to: str = ""
    font: int = -1
    skip: int = 1  # characters after \u that stand in for it
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    capitals: bool = False
    hidden: bool = False
    size: float | None = 12.0
    style: int = 0
    outline: int | None = None
    centered: bool = False
    listed: bool = False
    hanging: bool = False
    table: bool = False
    boxed: bool = False


_MARKS: Final = {
    "b": "bold", "i": "italic", "ul": "underlined", "uld": "underlined", "uldb": "underlined", "ulw": "underlined",
    "caps": "capitals", "scaps": "capitals", "v": "hidden", "deleted": "hidden", "webhidden": "hidden",
}  # fmt: skip
_PLAIN: Final = {"bold": False, "italic": False, "underlined": False, "capitals": False, "hidden": False, "size": 12.0}
_PARD: Final = {"style": 0, "outline": None, "centered": False, "listed": False, "hanging": False, "table": False}


@dataclass(slots=True)
class _Style:
    name: str = ""
    base: int = -1
    outline: int | None = None
    paragraph: bool = True


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    reader = _Reader(file.data)
    document = document_of(list(reader.items()), tidy(reader.title), len(file.data))
    if not reader.is_whole:
        message = "the file ends within a group; get it again if its end is missing"
        document.warnings.append(ReadingWarning(code="cut", message=message))
    return document


class _Reader:
    """One file on its way. `title` is that of its properties, once all is read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._tally = data, Tally(len(data))
        self._state, self._stack = _State(), list[_State]()
        self._code, self._usual_font = "cp1252", -1
        self._fonts: dict[int, str] = {}
        self._symbols: set[int] = set()
        self._styles: dict[int, _Style] = {}
        self._bytes, self._units = bytearray(), list[int]()  # of characters that are not decoded yet
        self._left = 0  # characters that stand in for one that was written as a number
        self._item, self._note, self._number = Item(), list[Run](), ""
        self._held: list[Item] = []  # paragraphs in which text boxes stand
        self._cell, self._frame = list[Item](), list[Item]()
        self._cells, self._rows = list[str](), list[str]()
        self._defined, self._shown = _Style(), -1  # the style or font that is being defined
        self._ready: list[Item] = []
        self.title, self.is_whole = "", False

    def items(self) -> Iterator[Item]:
        """The paragraphs and tables in order. Raises Unreadable and TooMuch."""
        at = count = 0
        size = len(self._data)
        opened = False  # whether a group has just begun, whose first word says what it is for
        starred = False
        while at < size and (found := _TOKEN.match(self._data, at)) is not None:
            at = found.end()
            count += 1
            if count % _BEATS == 0:
                beat()
                if count > _MOST_TOKENS:
                    raise Unreadable(
                        f"holds more than {_MOST_TOKENS:,} marks of markup, too many for a paper; split it"
                    )
            word, number, code, sign, brace, text = found.groups()
            if brace == b"{":
                self._flush()
                self._open()
                opened, starred, self._left = True, False, 0
                continue
            if brace == b"}":
                self._flush()
                self._left = 0
                if not self._close():
                    self.is_whole = True
                    break
            elif word is not None:
                name, value = word.decode("ascii"), None if number is None else int(number)
                if opened and (name in _NEVER or (starred and not self._known(name))):
                    at = self._after_group(at)
                    self._close()
                elif name == "bin":
                    at += max(0, value or 0)
                else:
                    self._word(name, value, opened=opened)
            elif code is not None:
                self._byte(int(code, 16))
            elif sign == b"*" and opened:
                starred = True
                continue
            elif sign is not None:
                self._sign(sign.decode("latin-1"))
            elif text is not None:
                self._plain(text)
            else:  # the end of a line of the file, which means nothing
                continue
            opened = starred = False
            if self._ready:
                yield from self._taken()
        self._flush()
        self._end_paragraph()
        self._end_table()
        yield from self._taken()

    # --- groups

    def _open(self) -> None:
        if len(self._stack) >= _DEEPEST:
            raise Unreadable(f"nests its groups more than {_DEEPEST} deep, as no paper does; save it anew")
        self._stack.append(self._state)

    def _close(self) -> bool:
        """Go back to what was before a group. False after the last one."""
        if not self._stack:
            return False
        before = self._stack.pop()
        if self._state.to == "note" != before.to:
            self._item.notes.append(tidy("".join(run.text for run in self._note)))
            self._note = []
        elif self._state.boxed and not before.boxed:
            self._end_paragraph()
            self._item = self._held.pop()
        self._state = before
        return bool(self._stack)

    def _after_group(self, at: int) -> int:
        """Where the group ends that is open here, with all that it holds passed over."""
        depth, size = 1, len(self._data)
        while depth and (found := _SKIPPED.search(self._data, at)) is not None:
            beat()
            at = min(size, found.end() + int(found[1] or 0))
            depth += {b"{": 1, b"}": -1}.get(found[2] or b"", 0)
        return at if not depth else size

    def _known(self, name: str) -> bool:
        return name in _KEPT or self._state.to == "stylesheet"

    # --- words

    def _word(self, name: str, value: int | None, *, opened: bool) -> None:
        self._flush_bytes_before(name)
        to = self._state.to
        if name == "u" and value is not None:
            self._units.append(value & 0xFFFF)
            self._left = self._state.skip
        elif name in _SIGNS:
            self._write(_SIGNS[name])
        elif opened and name in ("fonttbl", "stylesheet", "info", "title", "author", "listtext", "pntext"):
            inside = name in ("fonttbl", "stylesheet", "listtext", "pntext") or (name == "title" and to == "info")
            self._set(to=name if inside or name == "info" else "info")
            self._defined, self._shown = _Style(), 0
        elif opened and name == "footnote":
            self._set(to="note", table=False)
        elif opened and name == "upr":
            self._set(to=name)
        elif opened and name == "ud":
            self._set(to=self._stack[-2].to if len(self._stack) > 1 else "")
        elif opened and name == "shptxt" and not self._state.boxed:
            self._held.append(self._item)
            self._item = Item()
            self._set(to="", boxed=True, **_PARD)
        elif to == "fonttbl":
            self._define_font(name, value)
        elif to == "stylesheet":
            self._define_style(name, value)
        elif name in _ENDS:
            self._end_paragraph()
        elif name == "cell":
            self._end_cell()
        elif name == "row":
            self._end_row()
        else:
            self._format(name, value)

    def _format(self, name: str, value: int | None) -> None:
        match name:
            case "ansicpg" if value:
                self._code = _codec(f"cp{value}") or self._code
            case "mac" | "pc" | "pca":
                self._code = _PAGES[name]
            case "deff" | "f" if value is not None:
                self._usual_font = value if name == "deff" else self._usual_font
                self._set(font=value)
            case "uc":
                self._set(skip=min(8, max(0, value or 0)))
            case "plain":
                self._set(font=self._usual_font, **_PLAIN)
            case "pard":
                self._set(**_PARD)
            case "fs" if value and 0 < value < 2000:
                self._set(size=value / 2)
            case "ulnone":
                self._set(underlined=False)
            case "s":
                self._set(style=value or 0)
            case "outlinelevel":
                self._set(outline=value)
            case "qc" | "ql" | "qr" | "qj":
                self._set(centered=name == "qc")
            case "ls":
                self._set(listed=bool(value))
            case "fi":
                self._set(hanging=(value or 0) < 0)
            case "intbl":
                self._set(table=True)
            case _ if name in _MARKS:
                self._set(**{_MARKS[name]: value != 0})

    def _set(self, **changed: object) -> None:
        self._state = self._state._replace(**changed)  # type: ignore[arg-type]

    def _define_font(self, name: str, value: int | None) -> None:
        if name == "f" and value is not None:
            self._shown = value
        elif name == "fcharset" and value is not None:
            if value == 2:
                self._symbols.add(self._shown)
            elif codec := _codec(_CHARSETS.get(value, "")):
                self._fonts[self._shown] = codec
        elif name == "cpg" and value and (codec := _codec(f"cp{value}")):
            self._fonts[self._shown] = codec

    def _define_style(self, name: str, value: int | None) -> None:
        if name in ("s", "cs", "ds", "ts"):
            self._defined.paragraph = name == "s"
            self._shown = value or 0
        elif name == "sbasedon" and value is not None:
            self._defined.base = value
        elif name == "outlinelevel" and value is not None:
            self._defined.outline = value

    # --- characters

    def _plain(self, text: bytes) -> None:
        if self._left:
            passed = min(self._left, len(text))
            self._left -= passed
            text = text[passed:]
        if text:
            self._flush_units()
            self._bytes += text

    def _byte(self, code: int) -> None:
        if self._left:
            self._left -= 1
        else:
            self._flush_units()
            self._bytes.append(code)

    def _sign(self, sign: str) -> None:
        if sign in "\r\n":
            self._word("par", None, opened=False)
        elif self._left:
            self._left -= 1
        elif sign in _SIGNS:
            self._flush()
            self._write(_SIGNS[sign])

    def _flush_bytes_before(self, name: str) -> None:
        if self._bytes or (self._units and name not in ("u", "uc")):
            self._flush()
        self._left = 0

    def _flush_units(self) -> None:
        if self._units:
            units, self._units = self._units, []
            text = b"".join(u.to_bytes(2, "little") for u in units).decode("utf-16-le", "replace")
            self._write(
                "".join("•" if c == "\uf0b7" else c for c in text if c == "\uf0b7" or not "\ue000" <= c <= "\uf8ff")
            )

    def _flush(self) -> None:
        self._flush_units()
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            font = self._state.font
            if font in self._symbols and self._state.to in ("", "note", "listtext", "pntext"):
                text = data.decode("latin-1").replace("\xb7", "•").translate(_GREEK)
            else:
                text = data.decode(self._fonts.get(font, self._code), "replace")
            self._write(text)

    def _write(self, text: str) -> None:
        state = self._state
        if state.to == "stylesheet":
            self._name_style(text)
        elif state.to == "title":
            self.title += text[:1000]
        elif state.to in ("listtext", "pntext"):
            self._number += text[:100]
        elif state.to in ("", "note") and not state.hidden and text:
            self._tally.add(len(text), blocks=0)
            run = Run(text, state.bold, state.italic, state.underlined, state.capitals, state.size)
            (self._note if state.to == "note" else self._item.runs).append(run)

    def _name_style(self, text: str) -> None:
        name, ended, _ = text.partition(";")
        self._defined.name += name[:200]
        if ended:
            if self._defined.paragraph:
                self._styles.setdefault(max(0, self._shown), self._defined)
            self._defined, self._shown = _Style(), 0

    # --- paragraphs and tables

    def _end_paragraph(self, *, in_table: bool = False) -> None:
        state = self._state
        if state.to == "note":
            self._note.append(Run(" "))
            return
        item, self._item = self._item, Item()
        number, self._number = tidy(self._number), ""
        if not item.text and not item.notes:
            return
        names, outline = self._look(state.style)
        item.styles, item.boxed, item.centered = names, state.boxed, state.centered
        outline = outline if state.outline is None else state.outline
        item.outline = outline + 1 if outline is not None and 0 <= outline < 9 else None
        if number or (state.listed and not item.outline):
            item.number, item.ordinal = number or "•", any(map(str.isalnum, number))
        elif state.hanging and item.outline is None and (counted := _COUNTED.match(item.text)):
            item.number, item.ordinal = counted[0], True
        if (in_table or state.table) and not state.boxed:
            self._cell.append(item)
            return
        self._end_table()
        self._ready.append(item)

    def _look(self, number: int) -> tuple[tuple[str, ...], int | None]:
        """A style's name with those that it is based on, and its outline level."""
        names: list[str] = []
        outline = None
        while (style := self._styles.get(number)) is not None and len(names) < _LONGEST_CHAIN:
            names.append(style.name.strip().lower())
            outline = style.outline if outline is None else outline
            number = style.base
        return tuple(names), outline

    def _end_cell(self) -> None:
        self._end_paragraph(in_table=True)
        self._frame = [] if self._cells or self._rows else self._cell
        self._cells.append(tidy(" ".join(item.text for item in self._cell)))
        self._cell = []

    def _end_row(self) -> None:
        if any(self._cells):
            self._rows.append(" | ".join(self._cells))
        if self._cells[1:]:
            self._frame = []
        self._cells = []

    def _end_table(self) -> None:
        if self._cell:
            self._end_cell()
        self._end_row()
        if self._frame and len(self._rows) == 1:  # a frame round running text
            self._ready += self._frame
        elif self._rows:
            self._ready.append(Item(rows=self._rows))
        self._rows, self._frame = [], []

    def _taken(self) -> Iterator[Item]:
        for item in self._ready:
            self._tally.add(0)
            yield item
        self._ready = []


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
