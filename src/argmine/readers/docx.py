"""The paragraphs and tables of a Word file, with what decides their function: style, outline level, list, look, notes.

python-docx opens the package; the text is gathered here, since its `Paragraph.text` knows neither tracked changes nor
text boxes, notes and hidden text. (mammoth does, but gives no outline levels, no sizes and no bold that a style gives.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import docx
import docx.oxml
from lxml import etree

from argmine.isolation import beat
from argmine.readers import ReadOptions, SourceFile, Unreadable
from argmine.readers.markup import parse_xml, tidy
from argmine.readers.metadata import field_text
from argmine.readers.raw_document import RawDocument, Tally
from argmine.readers.styled import Item, Run, document_of
from argmine.readers.zipped import BROKEN, Package

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LARGEST_TYPES: Final = 4 * 2**20  # bytes; a longer list of the parts' types is refused
_PICTURE: Final = re.compile(r"(?:image|audio|video|font)/[\w.+-]+(?<!xml)")
_LONGEST_CHAIN: Final = 20  # styles, each based on the next one; Word itself takes some ten and no more
# Tracked deletions, and the second copy of what newer Word versions draw.
_DELETED: Final = frozenset({f"{W}del", f"{W}moveFrom", f"{_MC}Fallback", f"{W}rPrChange", f"{W}pPrChange"})
_TRANSPARENT: Final = frozenset(  # what paragraphs may be wrapped in
    [f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")]
    + [f"{_MC}AlternateContent", f"{_MC}Choice"]
)


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    document = _open(file.data)
    reader = _Reader(document)
    tally = Tally(len(file.data))
    items: list[Item] = []
    for item in reader.items(document.element.body, boxed=False):
        beat()
        tally.add(item.length)
        items.append(item)
    title = author = ""
    with suppress(Exception):  # properties are written by many tools, and are only a hint
        title, author = field_text(document.core_properties.title), field_text(document.core_properties.author)
    return document_of(items, title, len(file.data), author)


def _open(data: bytes) -> Any:
    # A part is parsed by the type that the list of types says it has, whatever its name says.
    package = Package(data, "Word document", ".docx")
    package.check_main("word/document.xml")
    package.check_whole(_pictures(package))
    try:
        document = docx.Document(io.BytesIO(data))
        _ = document.element.body.tag, document.styles.element.tag  # parts of another kind may stand in their places
        return document
    except etree.XMLSyntaxError as why:
        raise Unreadable(f"holds XML that is not well formed ({why.msg}); open it in Word and save it again") from why
    except (TypeError, AttributeError, RuntimeError) as why:  # their words are of python-docx's code, not of the file
        raise Unreadable("holds parts that don't fit together; open it in Word and save it as .docx") from why
    except BROKEN as why:  # python-docx checks no part and no relation
        # It names the file that it was given, which has no name here.
        what = "its main part is of another type" if "BytesIO" in str(why) else why
        advice = "open it in Word and save it as .docx"
        raise Unreadable(f"is no Word document that can be read ({what}); {advice}") from why


def _pictures(package: Package) -> Callable[[str], bool]:
    """Tells whether a part is a picture or the like by its type, which python-docx doesn't parse."""
    types: dict[str, set[str]] = {}
    with suppress(*BROKEN):  # Unreadable is a ValueError
        for item in parse_xml(package.read("[Content_Types].xml", _LARGEST_TYPES)).iter("{*}Default", "{*}Override"):
            name = item.get("PartName") or "." + (item.get("Extension") or "")
            types.setdefault(name.lower().lstrip("/"), set()).add(item.get("ContentType") or "")

    def is_picture(name: str) -> bool:
        name = name.lower().lstrip("/")
        said = types.get(name) or types.get("." + name.rpartition(".")[2], set())
        return bool(said) and all(_PICTURE.fullmatch(kind) for kind in said)

    return is_picture


@dataclass(frozen=True, slots=True)
class _Look:
    names: tuple[str, ...] = ()
    marks: dict[str, bool] = field(default_factory=dict)
    size: float | None = None
    outline: int | None = None
    numbering: tuple[str, int] | None = None
    align: str | None = None


class _Reader:
    def __init__(self, document: Any) -> None:
        styles = document.styles.element
        self.styles = {s.get(f"{W}styleId"): s for s in styles.iter(f"{W}style")}
        defaults = (id for id, s in self.styles.items() if s.get(f"{W}default") in ("1", "true"))
        self.default = next((id for id in defaults if self.styles[id].get(f"{W}type") == "paragraph"), None)
        usual = next(styles.iter(f"{W}rPrDefault"), None)
        self.base_size = None if usual is None else _points(next(usual.iter(f"{W}sz"), None))
        self._look = cache(self._resolved_look)
        self.notes = {kind: self._notes(document, kind) for kind in ("footnote", "endnote")}
        self.numbering = Numbering(_related(document, "numbering"))

    # --- structure

    def items(self, parent: Any, *, boxed: bool) -> Iterator[Item]:
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child, boxed=boxed)
            elif child.tag == f"{W}tbl":
                yield from self._table(child, boxed=boxed)
            elif child.tag in _TRANSPARENT:
                yield from self.items(child, boxed=boxed)

    def _table(self, table: Any, *, boxed: bool) -> Iterator[Item]:
        rows = [row for row in table.iter(f"{W}tr") if next(row.iterancestors(f"{W}tbl")) is table]
        cells = [[cell for cell in row if cell.tag == f"{W}tc"] for row in rows]
        if sum(map(len, cells)) == 1:  # a frame round running text
            yield from self.items(next(cell for row in cells for cell in row), boxed=boxed)
            return
        lines = [" | ".join(self._cell(cell) for cell in row) for row in cells]
        yield Item(rows=[line for line in lines if line.strip(" |")])

    def _cell(self, cell: Any) -> str:
        return tidy(" ".join(i.text or " ".join(i.rows or ()) for i in self.items(cell, boxed=True)))

    def _paragraph(self, p: Any, *, boxed: bool) -> Iterator[Item]:
        properties = p.find(f"{W}pPr")
        look = self._look(_value(properties, "pStyle") or self.default)
        centered = (_value(properties, "jc") or look.align) == "center"
        item = Item(styles=look.names, boxed=boxed, centered=centered, outline=look.outline)
        if (level := _whole_number(_value(properties, "outlineLvl"))) is not None:
            item.outline = level + 1 if level < 9 else None
        if numbering := _numbering(properties, look.numbering):
            item.number, item.ordinal = self.numbering.next(*numbering)
        boxes: list[Any] = []
        self._inline(p, look, item, boxes)
        written = any(c.isalnum() for t in p.iter(f"{W}t") for c in t.text or "")
        item.formula = not written and next(p.iter(f"{_M}oMath"), None) is not None
        yield item
        for box in boxes:
            yield from self.items(box, boxed=True)

    def _inline(self, parent: Any, look: _Look, item: Item, boxes: list[Any]) -> None:
        for child in parent:
            tag = child.tag
            if tag == f"{W}r":
                self._run(child, look, item, boxes)
            elif tag in (f"{_M}oMath", f"{_M}oMathPara"):
                item.runs.append(Run("".join(t.text or "" for t in child.iter(f"{_M}t"))))
            elif tag not in _DELETED and tag != f"{W}pPr" and isinstance(tag, str):
                self._inline(child, look, item, boxes)

    def _run(self, r: Any, look: _Look, item: Item, boxes: list[Any]) -> None:
        properties = r.find(f"{W}rPr")
        style = _value(properties, "rStyle")
        own = self._look(style) if style else _Look()

        def mark(name: str) -> bool:
            found = None if properties is None else properties.find(f"{W}{name}")
            return own.marks.get(name, look.marks.get(name, False)) if found is None else _is_on(found)

        if mark("vanish") or mark("webHidden"):
            return
        text = ""
        for child in r:
            name = _local_name(child)
            if name == "t":
                text += child.text or ""
            elif name in ("tab", "br", "cr", "ptab"):
                text += " "
            elif name == "noBreakHyphen":
                text += "-"
            elif name in ("footnoteReference", "endnoteReference"):
                note = self.notes[name.removesuffix("Reference")].get(child.get(f"{W}id"))
                item.notes.extend([note] if note else [])
            elif name in ("drawing", "AlternateContent", "pict", "object"):
                boxes.extend(_boxes(child))
        size = None if properties is None else properties.find(f"{W}sz")
        points = own.size or look.size or self.base_size if size is None else _points(size)
        capitals = mark("caps") or mark("smallCaps")
        item.runs.append(Run(text, mark("b"), mark("i"), mark("u"), capitals, points))

    # --- styles, notes

    def _resolved_look(self, id: str | None) -> _Look:
        names: list[str] = []
        marks: dict[str, bool] = {}
        size = outline = numbering = align = None
        seen: set[str | None] = set()
        while id in self.styles and id not in seen and len(seen) < _LONGEST_CHAIN:
            seen.add(id)
            style = self.styles[id]
            names.append((_value(style, "name") or id or "").lower())
            run, paragraph = style.find(f"{W}rPr"), style.find(f"{W}pPr")
            for child in run if run is not None else ():
                name = _local_name(child)
                if name in ("b", "i", "u", "caps", "smallCaps", "vanish"):
                    marks.setdefault(name, _is_on(child))
                elif name == "sz" and size is None:
                    size = _points(child)
            outline = _whole_number(_value(paragraph, "outlineLvl")) if outline is None else outline
            numbering = numbering or _numbering(paragraph, None)
            align = align or _value(paragraph, "jc")
            id = _value(style, "basedOn")
        depth = outline + 1 if outline is not None and outline < 9 else None
        return _Look(tuple(names), marks, size, depth, numbering, align)

    def _notes(self, document: Any, kind: str) -> dict[str, str]:
        root = _related(document, f"{kind}s")
        texts: dict[str, str] = {}
        for note in root.iter(f"{W}{kind}") if root is not None else ():
            item = Item()
            for p in note.iter(f"{W}p"):
                self._inline(p, _Look(), item, [])
                item.runs.append(Run(" "))
            if item.text and note.get(f"{W}type") in (None, "normal"):
                texts[note.get(f"{W}id")] = item.text
        return texts


def _related(document: Any, kind: str) -> Any:
    for relation in document.part.rels.values():
        if (relation.reltype or "").endswith(f"/{kind}") and not relation.is_external:
            part = relation.target_part
            element = getattr(part, "element", None)
            with suppress(etree.XMLSyntaxError):
                return element if element is not None else docx.oxml.parse_xml(part.blob)
            break
    return None


def _boxes(drawing: Any) -> Iterator[Any]:
    """The text boxes of a drawing, outermost ones only, each once."""
    stack = [drawing]  # the next one is the last
    while stack:
        element = stack.pop()
        if element.tag == f"{W}txbxContent":
            yield element
        elif element.tag != f"{_MC}Fallback":
            stack.extend(reversed(element))


# --- values ---------------------------------------------------------------------------------------------------------
def _local_name(element: Any) -> str:
    return str(element.tag.rpartition("}")[2]) if isinstance(element.tag, str) else ""


def _is_on(element: Any) -> bool:
    return element.get(f"{W}val") not in ("0", "false", "none", "off")


def _value(parent: Any, name: str) -> str | None:
    child = None if parent is None else parent.find(f"{W}{name}")
    return None if child is None else child.get(f"{W}val")


def _points(size: Any) -> float | None:
    value = "" if size is None else size.get(f"{W}val") or ""
    return float(value) / 2 if len(value) < 8 and value.replace(".", "", 1).isdecimal() else None


def _whole_number(value: str | None) -> int | None:
    """A number of a file; None where it is missing, no whole number or larger than any of Word's."""
    return int(value) if value and len(value) < 10 and value.isdecimal() else None


def _level_number(value: str | None) -> int:
    level = _whole_number(value) or 0
    return level if level < 9 else 0


def _numbering(properties: Any, inherited: tuple[str, int] | None) -> tuple[str, int] | None:
    """The list and level of a paragraph, its own or its style's; list "0" takes a style's list away."""
    own = None if properties is None else properties.find(f"{W}numPr")
    if own is None:
        return inherited
    list_id = _value(own, "numId") or (inherited[0] if inherited else None)
    level = _value(own, "ilvl") or (str(inherited[1]) if inherited else "0")
    return (list_id, _level_number(level)) if list_id and list_id != "0" else None


class Numbering:
    """Word's automatic numbers, which stand in no text, printed by each level's pattern ("%1.%2")."""

    def __init__(self, root: Any) -> None:
        self._lists: dict[str, tuple[str, dict[int, Any]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        abstract = {d.get(f"{W}abstractNumId"): _levels(d) for d in root.iter(f"{W}abstractNum")}
        for number in root.iter(f"{W}num"):
            base = _value(number, "abstractNumId") or ""
            restarts = next(number.iter(f"{W}startOverride"), None) is not None
            key = number.get(f"{W}numId")
            self._lists[key] = (f"num {key}" if restarts else base, {**abstract.get(base, {}), **_levels(number)})

    def next(self, list_id: str, level: int) -> tuple[str | None, bool]:
        """The next number or bullet of a list at a level, and whether it counts."""
        if list_id not in self._lists:
            return None, False
        key, levels = self._lists[list_id]
        definition = levels.get(level)
        kind = _value(definition, "numFmt") or "decimal"
        pattern = _value(definition, "lvlText") or ""
        if definition is None or kind in ("bullet", "none"):
            return pattern or None, False
        counts = self._counts.setdefault(key, {})
        counts[level] = counts.get(level, _first(definition) - 1) + 1
        for deeper in [k for k in counts if k > level]:
            del counts[deeper]
        for k in range(level + 1):
            shown = counts.get(k, _first(levels.get(k)))
            pattern = pattern.replace(f"%{k + 1}", _numeral(shown, _value(levels.get(k), "numFmt") or "decimal"))
        return pattern or None, True


def _levels(definition: Any) -> dict[int, Any]:
    return {_level_number(level.get(f"{W}ilvl")): level for level in definition.iter(f"{W}lvl")}


def _first(definition: Any) -> int:
    first = _whole_number(_value(definition, "start"))
    return 1 if first is None else first


def _numeral(n: int, kind: str) -> str:
    shown = str(n)
    if kind in ("upperLetter", "lowerLetter") and 0 < n <= 26:
        shown = chr(ord("A") + n - 1)
    elif kind in ("upperRoman", "lowerRoman") and 0 < n < 40:
        tens, ones = divmod(n, 10)
        shown = "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
    return shown.lower() if kind.startswith("lower") else shown
