"""E-books: their documents in the order of the spine as one web page, with the levels that the navigation gives.

See the EPUB 3.3 and EPUB 2.0.1 specifications. What the parts are for, `epub:type` says; here it becomes the role that
`html` knows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from lxml import etree

from argmine.isolation import beat
from argmine.readers import ReadOptions, SourceFile, Unreadable, html, webpage
from argmine.readers.heuristics import words
from argmine.readers.markup import Element as XmlElement
from argmine.readers.markup import descendants, parse_xml, tidy
from argmine.readers.raw_document import RawDocument, check_markup
from argmine.readers.webpage import BLOCKS, HEADINGS, Element, plain
from argmine.readers.zipped import Package

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_OPF: Final = "{http://www.idpf.org/2007/opf}"
_TYPE: Final = "epub:type"
# Documents that are no part of the text, by their own type and by that in an older book's guide.
_AROUND: Final = words("cover titlepage title-page halftitlepage copyright-page toc landmarks loi lot index")
_ROLES: Final = {
    **{
        name: f"doc-{name}" for name in words("footnote footnotes endnotes bibliography biblioentry abstract pagebreak")
    },
    **dict.fromkeys(words("endnote rearnote rearnotes"), "doc-endnotes"),
}
# An element that XHTML closes at once; HTML would take all that follows for its content.
_EMPTY: Final = re.compile(
    rb"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)[\s/])([A-Za-z][\w:.-]{0,40})(\s[^<>]*)?/>"
)
_COUNTED: Final = re.compile(r"(?i)(?:section|page|part|document|file)\s*\d*")  # what programs call what has no title
_NEAR: Final = 3  # headings after a place that the navigation names, among which the one that it means is looked for
_HEADING: Final = "h1", "h2", "h3", "h4", "h5", "h6"


class _Entry(NamedTuple):
    """A line of the navigation: the place it leads to, its depth from 1, its words."""

    name: str
    fragment: str
    depth: int
    label: str


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    book = _Book(Package(file.data, "e-book", ".epub"))
    root = webpage.parse_page(b"<html><head></head><body></body></html>")
    head, body = root
    etree.SubElement(head, "title").text = book.said("title")
    for kind, name in (("author", "creator"), ("date", "date")):
        for value in book.all_said(name):
            etree.SubElement(head, "meta", {"name": f"citation_{kind}", "content": value})
    root.set("lang", book.said("language"))
    levels = _Levels()
    for name, page in book.documents():
        levels.set(page, [entry for entry in book.entries if entry.name == name])
        body.append(page)
    page = webpage.page_of(root)
    page.root = page.body  # all of it is the book, however its text is spread
    return html.document_of(page, len(file.data), book.said("title"))


class _Book:
    """The package of a book. Raises Unreadable where it has none, or its texts are encrypted."""

    def __init__(self, package: Package) -> None:
        self._package = package
        package.check_main(_CONTAINER)
        paths = [e.get("full-path") or "" for e in descendants(parse_xml(package.read(_CONTAINER)), "rootfile")]
        path = next((p for p in paths if p in package), "")
        if not path:
            raise Unreadable("is an e-book without a list of its parts; get it again")
        self._root = parse_xml(package.read(path))
        self._folder = posixpath.dirname(path)
        self._items = {e.get("id"): e for e in descendants(self._root, "item")}
        spine = next(descendants(self._root, "spine"), None)
        chosen = [e for e in descendants(spine, "itemref") if e.get("linear") != "no"]
        found = (self._items.get(e.get("idref")) for e in chosen)
        self._spine = list(dict.fromkeys(name for item in found if item is not None and (name := self._name(item))))
        if not self._spine:
            raise Unreadable("is an e-book without texts; get it again")
        if _ENCRYPTION in package:
            closed = descendants(parse_xml(package.read(_ENCRYPTION)), "CipherReference")
            if {unquote(e.get("URI") or "") for e in closed} & {*self._spine}:
                raise Unreadable("is an e-book that its seller has locked (DRM); get one without")
        self.entries = list(self._entries())

    def said(self, name: str) -> str:
        """What the metadata say first of this, empty where they say nothing."""
        return next(self.all_said(name), "")

    def all_said(self, name: str) -> Iterator[str]:
        metadata = next(descendants(self._root, "metadata"), None)
        for element in descendants(metadata, name):
            role, event = element.get(f"{_OPF}role") or "aut", element.get(f"{_OPF}event") or "publication"
            if (text := tidy(element.text or "")) and role == "aut" and event == "publication":
                yield text

    def documents(self) -> Iterator[tuple[str, Element]]:
        """The texts in their order, each with the name of its part."""
        guide = {
            self._path(e.get("href") or "") for e in descendants(self._root, "reference") if e.get("type") in _AROUND
        }
        marks = 0
        for name in self._spine:
            beat()
            data = self._package.read(name)
            check_markup(marks := marks + data.count(b"<") // 2)
            body = _parsed(data).find("body")
            if body is None or (name in guide and len(self._spine) > 1) or _whole_types(body) & _AROUND:
                continue
            body.tag = "section"
            for element in body.iter():
                if role := next((_ROLES[t] for t in _types(element) if t in _ROLES), None):
                    element.set("role", role)
                if element.tag == "header" or (element.tag == "aside" and role):
                    element.tag = "div"
            yield name, body

    def _path(self, href: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, unquote(href)))

    def _name(self, item: XmlElement) -> str:
        """The name of the part that holds an item of the book, empty where that is missing or no text."""
        name = self._path(item.get("href") or "")
        return name if name in self._package and "html" in (item.get("media-type") or "") else ""

    def _entries(self) -> Iterator[_Entry]:
        for item in self._items.values():
            name = self._path(item.get("href") or "")
            if name not in self._package:
                continue
            if "nav" in (item.get("properties") or "").split():
                lists = [nav for nav in _parsed(self._package.read(name)).iter("nav") if "toc" in _types(nav)]
                for link in lists[0].iter("a") if lists else ():
                    depth = sum(above.tag in ("ol", "ul") for above in link.iterancestors())
                    yield self._entry(name, link.get("href") or "", depth, plain(link))
                return
        for item in self._items.values():
            name = self._path(item.get("href") or "")
            if item.get("media-type") == "application/x-dtbncx+xml" and name in self._package:
                for point in descendants(parse_xml(self._package.read(name)), "navPoint"):
                    depth = 1 + sum(1 for above in point.iterancestors() if above.tag == point.tag)
                    label = next(descendants(point, "text"), None)
                    target = next(descendants(point, "content"), None)
                    if label is not None and target is not None:
                        yield self._entry(name, target.get("src") or "", depth, tidy(label.text or ""))
                return

    def _entry(self, name: str, link: str, depth: int, label: str) -> _Entry:
        path, _, fragment = link.partition("#")
        where = posixpath.join(posixpath.dirname(name), unquote(path)) if path else name
        return _Entry(posixpath.normpath(where), unquote(fragment), depth, label)


def _parsed(data: bytes) -> Element:
    return webpage.parse_page(_EMPTY.sub(rb"<\1\2></\1>", data))


def _types(element: Element) -> set[str]:
    return set((element.get(_TYPE) or "").split()) if isinstance(element.tag, str) else set()


def _whole_types(body: Element) -> set[str]:
    """What the document is for, said of its body or of the element that holds all of it."""
    found, element = _types(body), body
    while len(element) == 1:
        element = element[0]
        found |= _types(element)
    return found


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


class _Levels:
    """Gives headings the levels of the navigation; one that it doesn't name stands below or beside the last it does."""

    def __init__(self) -> None:
        self._depth = self._own = 0  # of the last heading that the navigation names: there, and by its tag

    def set(self, body: Element, entries: list[_Entry]) -> None:
        depths: dict[Element, int] = {}
        order = {element: n for n, element in enumerate(body.iter())}
        headings = list(body.iter(*_HEADING))
        named = {element.get(name): element for name in ("name", "id") for element in order if element.get(name)}
        for entry in entries:
            place = named.get(entry.fragment, body)
            heading = self._named(place, headings, order, entry)
            if heading is None:
                heading = _made(place, body, entry)
            if heading is not None:
                depths.setdefault(heading, entry.depth)
        headings = list(body.iter(*_HEADING))
        first = next((n for n, heading in enumerate(headings) if heading in depths), len(headings))
        # Where a book's titles all have one tag, those that the navigation leaves out stand below those that it names.
        named_tags = {heading.tag for heading in headings if heading in depths}
        below = any(heading.tag in named_tags for heading in headings[first:] if heading not in depths)
        for heading in headings:
            own = HEADINGS[heading.tag]
            if heading in depths:
                self._depth, self._own, level = depths[heading], own, depths[heading]
            else:
                level = self._depth + max(0, own - self._own) + below if self._depth else own
            heading.tag = f"h{min(6, level)}"

    def _named(
        self, place: Element, headings: list[Element], order: dict[Element, int], entry: _Entry
    ) -> Element | None:
        """The heading that an entry means: the one that its place is in, or one of the next that says the same. A label
        and a title that are headings of their own ("Chapter 1", "Ships") become one where the entry has both."""
        wanted = _key(entry.label)
        around = next((above for above in place.iterancestors() if above.tag in HEADINGS), None)
        at = order[place]
        near = [around] if around is not None else [h for h in headings if order.get(h, -1) >= at][:_NEAR]
        said = [_key(plain(h)) for h in near]
        if len(near) > 1 and all(said[:2]) and said[0] + said[1] == wanted and near[1].tag in HEADINGS:
            near[0].text = f"{plain(near[0])} {plain(near[1])}"
            del near[0][:]
            near[1].tag = "meta"  # which no reader shows
            return near[0]
        return next((h for h, key in zip(near, said, strict=True) if key and (key in wanted or wanted in key)), None)


def _made(place: Element, body: Element, entry: _Entry) -> Element | None:
    """The heading made of a block that says what an entry does; else a new one before a text that has none."""
    wanted = _key(entry.label)
    if not wanted:
        return None
    blocks = [e for e in (place, *place.iterancestors(), *place.iter()) if e.tag in BLOCKS and e is not body]
    block = next((e for e in blocks if _key(plain(e)) == wanted), None)
    if block is not None:
        block.tag = "h6"
        for inner in block.iter(*BLOCKS):
            inner.tag = "span" if inner is not block else "h6"
        return block
    if next(body.iter(*_HEADING), None) is not None or _COUNTED.fullmatch(entry.label):
        return None
    made: Element = etree.SubElement(body, "h6")
    made.text, made.tail, body.text = entry.label, body.text, None
    body.insert(0, made)
    return made
