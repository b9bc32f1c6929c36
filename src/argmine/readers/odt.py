"""OpenDocument texts (LibreOffice): paragraphs and tables of content.xml with their styles, see OpenDocument 1.3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from argmine.isolation import beat
from argmine.readers import ReadOptions, SourceFile, Unreadable
from argmine.readers.heuristics import words
from argmine.readers.markup import Element, descendants, name_of, parse_xml, tidy
from argmine.readers.raw_document import RawDocument, Tally, check_markup
from argmine.readers.styled import Item, Run, document_of
from argmine.readers.zipped import Package

_OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _STYLE, _TABLE = (f"{{{_OFFICE}{name}:1.0}}" for name in ("text", "style", "table"))
_FO: Final = f"{{{_OFFICE}xsl-fo-compatible:1.0}}"
_LONGEST_CHAIN: Final = 20  # styles, each based on the next one
# What is no text of the paper: comments, tracked deletions, contents, pictures' descriptions, fields' definitions.
_NEVER: Final = words("""
    annotation annotation-end tracked-changes table-of-content illustration-index table-index object-index user-index
    alphabetical-index desc title forms sequence-decls variable-decls user-field-decls note-citation ruby-text
    deletion meta scripts font-face-decls""")
_SIZE: Final = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)pt")


@dataclass(frozen=True, slots=True)
class _Look:
    """A style with those that it is based on: their names, and the properties of the nearest one that has each."""

    names: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)

    def run(self, text: str, under: _Look | None = None) -> Run:
        """A text in this style; what it doesn't say, the style `under` it does."""
        said = {**(under.properties if under else {}), **self.properties}
        size = _SIZE.fullmatch(said.get("font-size", ""))
        return Run(
            text,
            bold=said.get("font-weight", "normal") not in ("normal", "100", "200", "300", "400", "500"),
            italic=said.get("font-style") in ("italic", "oblique"),
            underlined=said.get("text-underline-style", "none") != "none",
            capitals=said.get("font-variant") == "small-caps" or said.get("text-transform") == "uppercase",
            size=float(size.group(1)) if size else None,
        )


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    package = Package(file.data, "OpenDocument text", ".odt")
    package.check_main("content.xml")
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable("is encrypted; save it without a password")
    roots = [_part(package, name) for name in ("content.xml", "styles.xml") if name in package]
    meta = _part(package, "meta.xml") if "meta.xml" in package else None
    reader = _Reader(roots)
    tally = Tally(len(file.data))
    items: list[Item] = []
    for item in reader.items(next(descendants(roots[0], "text"), None), boxed=False):
        beat()
        tally.add(item.length)
        items.append(item)
    title = next((tidy(e.text or "") for e in descendants(meta, "title")), "")
    return document_of(items, title, len(file.data))


def _part(package: Package, name: str) -> Element:
    data = package.read(name)
    check_markup(data.count(b"<") // 2)
    return parse_xml(data)


class _Reader:
    def __init__(self, roots: list[Element]) -> None:
        found = [e for root in roots for e in descendants(root, "style")]
        self._styles = {(e.get(f"{_STYLE}family"), e.get(f"{_STYLE}name")): e for e in reversed(found)}
        defaults = [e for root in roots for e in descendants(root, "default-style")]
        self._default = {e.get(f"{_STYLE}family"): _properties(e) for e in defaults}
        self._look = cache(self._resolved)

    def items(self, parent: Element | None, *, boxed: bool, listed: bool = False) -> Iterator[Item]:
        for child in parent if parent is not None else ():
            match name_of(child):
                case "p" | "h":
                    yield from self._paragraph(child, boxed=boxed, listed=listed)
                case "table":
                    yield from self._table(child, boxed=boxed)
                case "list":
                    yield from self.items(child, boxed=boxed, listed=True)
                case "frame" | "text-box":
                    yield from self.items(child, boxed=True)
                case name if name not in _NEVER:
                    yield from self.items(child, boxed=boxed, listed=listed and name in ("list-item", "list-header"))

    def _table(self, table: Element, *, boxed: bool) -> Iterator[Item]:
        rows = [row for row in descendants(table, "table-row") if next(_tables_above(row)) is table]
        cells = [[cell for cell in row if name_of(cell) == "table-cell"] for row in rows]
        if sum(map(len, cells)) == 1:  # a frame round running text
            yield from self.items(next(cell for row in cells for cell in row), boxed=boxed)
            return
        lines = [" | ".join(self._cell(cell) for cell in row) for row in cells]
        yield Item(rows=[line for line in lines if line.strip(" |")])

    def _cell(self, cell: Element) -> str:
        return tidy(" ".join(i.text or " ".join(i.rows or ()) for i in self.items(cell, boxed=True)))

    def _paragraph(self, p: Element, *, boxed: bool, listed: bool) -> Iterator[Item]:
        look = self._look("paragraph", p.get(f"{_TEXT}style-name"))
        heading = name_of(p) == "h"
        level = p.get(f"{_TEXT}outline-level") or look.properties.get("default-outline-level") or ""
        item = Item(styles=look.names, boxed=boxed, number="•" if listed and not heading else None)
        item.centered = look.properties.get("text-align") == "center"
        item.outline = int(level) if level.isdecimal() and 0 < int(level[:3]) <= 10 else 1 if heading else None
        boxes: list[Element] = []
        self._inline(p, look, look, item, boxes)
        yield item
        for box in boxes:
            yield from self.items(box, boxed=True)

    def _inline(self, parent: Element, under: _Look, own: _Look, item: Item, boxes: list[Element]) -> None:
        hidden = own.properties.get("display") == "none"

        def write(text: str | None) -> None:
            if text and not hidden:
                item.runs.append(own.run(text, under))

        write(parent.text)
        for child in parent:
            match name_of(child):
                case "s" | "tab" | "line-break":
                    write(" ")
                case "note":
                    texts = [t for body in descendants(child, "note-body") for t in self.items(body, boxed=False)]
                    item.notes.append(tidy(" ".join(t.text for t in texts)))
                case "frame":
                    boxes += [box for box in child if name_of(box) == "text-box"]
                case "span":
                    self._inline(child, under, self._look("text", child.get(f"{_TEXT}style-name")), item, boxes)
                case name if name and name not in _NEVER:
                    self._inline(child, under, own, item, boxes)
            write(child.tail)

    def _resolved(self, family: str, name: str | None) -> _Look:
        names: list[str] = []
        properties: dict[str, str] = {}
        while (style := self._styles.get((family, name))) is not None and len(names) < _LONGEST_CHAIN:
            shown = style.get(f"{_STYLE}display-name") or (name or "").replace("_20_", " ")
            names.append(shown.lower())
            properties = {**_properties(style), **properties}
            name = style.get(f"{_STYLE}parent-style-name")
        if name is not None and len(names) < _LONGEST_CHAIN:  # one that every program knows
            names.append(name.replace("_20_", " ").lower())
        return _Look(tuple(names), {**self._default.get(family, {}), **properties})


def _tables_above(element: Element) -> Iterator[Element]:
    return (above for above in element.iterancestors() if above.tag == f"{_TABLE}table")


def _properties(style: Element) -> dict[str, str]:
    """What a style says of its look and outline level, by the attributes' names."""
    found = {"default-outline-level": level} if (level := style.get(f"{_STYLE}default-outline-level")) else {}
    for part in style:
        if name_of(part) in ("text-properties", "paragraph-properties"):
            for key, value in part.attrib.items():
                namespace, _, name = str(key).rpartition("}")
                if f"{namespace}}}" in (_FO, _STYLE, _TEXT):
                    found[name] = str(value)
    return found
