"""TEI XML, as GROBID makes it of PDFs and as digital editions write it.

GROBID's sections stand side by side with their number in `head/@n`; editions nest theirs. What GROBID cut at a column,
a figure or a formula is put together again, and its headings that are none are not taken for headings.
"""

from __future__ import annotations

import re
from typing import Final

from argmine.isolation import beat
from argmine.paper import BlockType
from argmine.readers import ReadOptions, SourceFile, Unreadable, heuristics, markup, metadata
from argmine.readers.heuristics import words
from argmine.readers.markup import LANG, Element, Flow, child_of, children_of, descendants, name_of
from argmine.readers.raw_document import RawBlock, RawDocument, Tally

# Elements without running text, and the halves of TEI's choices (sic, orig, abbr) that an editor replaced.
_SKIPPED: Final = words("""
    graphic media binaryObject listOrg listPerson listPlace fw pb cb gb milestone del sic orig abbr byline docImprint
    docDate docAuthor titlePage figTranscr""")
_CONTAINERS: Final = words("body back front group text floatingText lg sp said argument epigraph postscript")
_BACK: Final = words("acknowledgement acknowledgements acknowledgment funding availability contribution conflict")
_PARAGRAPHS: Final = words("p ab l s quote cit q list item label trailer signed salute")
_INSIDE: Final = words("list item p figure table listBibl quote cit lg l floatingText")  # blocks within paragraphs
_FIGURE_HEAD: Final = re.compile(
    r"(?i)(?:gr[áàa]fic[oa]|figur[ae]|tab(?:le|el|elle|leau|la|ela)|cuadro|quadro|abbildung|abb|fig|schema|box|mapa?|chart)s?"
    r"\.?\s*[\dIVX]{0,4}\.?"
)
_YEAR: Final = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    root = markup.parse_xml(file.markup())
    tei = next(descendants(root, "TEI", "TEI.2"), None)
    if tei is None:
        raise Unreadable(f"has the root element <{name_of(root)}>, not a TEI document")
    header, text = child_of(tei, "teiHeader"), child_of(tei, "text")
    (title, subtitle), authors = _titles(header), _authors(header)
    flow = Flow(Tally(len(file.data)))
    flow.add("title", ": ".join(filter(None, (title, subtitle))))
    for author in authors:
        flow.add("author", author)
    for abstract in descendants(header, "abstract"):
        _abstract(abstract, flow)
    if terms := [t for group in descendants(header, "keywords") for t in _terms(group)]:
        flow.add("keywords", "Keywords: " + ", ".join(terms))
    if text is not None:
        _Body(flow, nested=_is_nested(text)).walk(text, 0)
    language = _language(tei, header, text)
    source = child_of(header, "fileDesc", "sourceDesc")
    dois = (metadata.find_doi(_plain(e)) for e in descendants(source, "idno") if (e.get("type") or "").upper() == "DOI")
    journals = (_plain(e) for e in descendants(source, "title") if e.get("level") == "j")
    return RawDocument(
        flow.blocks,
        title=title,
        subtitle=subtitle,
        authors=tuple(authors),
        affiliations=tuple(_affiliations(header)),
        year=_year(header),
        doi=next(filter(None, dois), None),
        venue=next(filter(None, journals), None),
        language=language,
    )


# --- the header -----------------------------------------------------------------------------------------------------
def _titles(header: Element | None) -> tuple[str, str]:
    titles = list(descendants(child_of(header, "fileDesc", "titleStmt"), "title"))
    main = [_plain(t) for t in titles if t.get("type") in (None, "main")]
    below = [_plain(t) for t in titles if t.get("type") == "sub"]
    return next(iter(main), ""), next(iter(below), "")


def _affiliations(header: Element | None) -> list[str]:
    """The authors' institutions, each with its parts from the smallest on, as GROBID gives them."""
    found: list[str] = []
    for place in descendants(child_of(header, "fileDesc"), "affiliation"):
        parts = [_plain(e) for e in descendants(place, "orgName", "settlement", "country")]
        found.append(", ".join(filter(None, parts)) or _plain(place))
    return list(dict.fromkeys(filter(None, found)))


def _authors(header: Element | None) -> list[str]:
    """The authors of the paper that was made into TEI, else those of the TEI file."""
    struct = next(descendants(child_of(header, "fileDesc", "sourceDesc"), "biblStruct"), None)
    entries = [e for e in (struct if struct is not None else ()) if name_of(e) in ("analytic", "monogr")]
    for place in (*entries, child_of(header, "fileDesc", "titleStmt")):
        names = [name for author in children_of(place, "author") if (name := _person(author))]
        if names:
            return list(dict.fromkeys(names))
    return []


def _person(author: Element) -> str:
    """A name as it is spoken: "Ada B. Lovelace"."""
    name = child_of(author, "persName")
    if name is None:
        return "" if any(name_of(e) in ("affiliation", "idno", "email") for e in author) else _plain(author)
    given, surname = _name_parts(name)
    dotted = [f"{g}." if len(g) == 1 and g.isupper() else g for g in given]
    return " ".join([*dotted, surname]).strip() or _plain(name)


def _name_parts(name: Element) -> tuple[list[str], str]:
    given = [text for e in children_of(name, "forename") if (text := _plain(e))]
    return given, " ".join(_plain(e) for e in name if name_of(e) in ("nameLink", "surname"))


def _terms(group: Element) -> list[str]:
    terms = [text for term in descendants(group, "term") if (text := _plain(term))]
    return terms or list(filter(None, [_plain(group)]))


def _year(header: Element | None) -> int | None:
    parts = [child_of(header, "fileDesc", part) for part in ("sourceDesc", "publicationStmt")]
    dates = sorted((d for p in parts for d in descendants(p, "date")), key=lambda d: d.get("type") != "published")
    found = (_YEAR.search(d.get("when") or _plain(d)) for d in dates)
    return next((int(m.group()) for m in found if m), None)


def _language(tei: Element, header: Element | None, text: Element | None) -> str | None:
    places = [(text, LANG), (tei, LANG), (next(descendants(header, "language"), None), "ident"), (header, LANG)]
    codes = (element.get(key) for element, key in places if element is not None)
    return next((code[:2].lower() for code in codes if code), None)


# --- the body -------------------------------------------------------------------------------------------------------
def _plain(element: Element | None) -> str:
    flow = Flow()

    def inside(parent: Element) -> None:
        flow.write(parent.text)
        for child in parent:
            if not _write_inline(child, flow) and name_of(child) not in ("", "note", *_SKIPPED):
                inside(child)
            flow.write(child.tail)

    if element is not None:
        inside(element)
    return flow.take()


def _write_inline(child: Element, flow: Flow) -> bool:
    """Write an element that stands for a character or a word of its own; False for others."""
    name = name_of(child)
    if name in ("lb", "pb"):
        flow.write("" if child.get("break") == "no" else " ")
    elif child.tag is markup.Entity:
        flow.write(markup.entity_text(child))
    elif name == "formula":
        flow.write(f" {_plain(child)} ")
    else:
        return False
    return True


def _abstract(abstract: Element, flow: Flow) -> None:
    before = len(flow.blocks)
    _Body(flow, nested=False, kind="abstract").walk(abstract, 1)
    made = flow.blocks[before:]
    if any(b.type == "abstract" for b in made) and made[0].type != "heading":
        flow.add_heading(before, "Abstract", 1)
    for block in made:
        if block.type == "heading":
            block.role = "abstract"


def _is_nested(text: Element) -> bool:
    divs = descendants(child_of(text, "body"), "div")
    return any(_is_div(e.getparent()) for e in divs) or next(descendants(text, "div2", "div3"), None) is not None


def _is_div(element: Element | None) -> bool:
    return bool(re.fullmatch(r"div\d?", name_of(element)))


class _Body:
    def __init__(self, flow: Flow, *, nested: bool, kind: BlockType = "paragraph") -> None:
        self.flow = flow
        self.nested = nested
        self.kind: BlockType = kind

    def walk(self, parent: Element, level: int) -> None:
        for child in parent:
            self._block(child, level)

    def _block(self, element: Element, level: int) -> None:
        beat()
        name = name_of(element)
        if _is_div(element):
            self._div(element, level)
        elif name in _CONTAINERS:
            self.walk(element, level)
        elif name == "head":
            self._head(element, level)
        elif name in _PARAGRAPHS:
            self._paragraph(element, level, self._kind_of(name))
        elif name in ("figure", "table"):
            self._figure(element)
        elif name in ("note", "noteGrp"):
            self._note(element)
        elif name == "listBibl":
            self._references(element)

    def _kind_of(self, name: str) -> BlockType:
        if self.kind == "paragraph" and name in ("quote", "cit", "q"):
            return "quote"
        return "list_item" if self.kind == "paragraph" and name in ("list", "item", "label") else self.kind

    def _div(self, element: Element, level: int) -> None:
        kind = (element.get("type") or "").lower()
        if kind in ("references", "bibliography") and (listings := list(descendants(element, "listBibl"))):
            for listing in listings:
                self._references(listing)
        elif kind == "abstract" and self.kind == "paragraph":
            _abstract(element, self.flow)
        else:
            inner = _Body(self.flow, nested=self.nested, kind="acknowledgement" if kind in _BACK else self.kind)
            inner.walk(element, level + 1 if children_of(element, "head") else level)

    def _head(self, element: Element, level: int) -> None:
        text, number = _plain(element), (element.get("n") or "").strip().rstrip(".") or None
        if _FIGURE_HEAD.fullmatch(text) or (number is None and heuristics.is_caption(text)):
            self.flow.add("caption", text)
        elif not self.nested and number is None and (text[:1].islower() or not any(c.isalpha() for c in text)):
            self.flow.go_on(text)
        else:
            depth = level if self.nested or self.kind == "abstract" else 1 if self.kind == "acknowledgement" else None
            self.flow.add("heading", text, level=depth, number=number)

    def _paragraph(self, element: Element, level: int, kind: BlockType) -> None:
        """A paragraph, quote or list. Blocks inside it stand after its text up to them, notes after its end."""
        flow = self.flow
        notes: list[Element] = []

        def close() -> None:
            text = flow.take()
            if kind == "paragraph" and not heuristics.is_caption(text):
                flow.go_on(text)
            else:
                flow.add("caption" if kind == "paragraph" else kind, text)

        def inside(parent: Element) -> None:
            flow.write(parent.text)
            for child in parent:
                name = name_of(child)
                if name == "note":
                    notes.append(child)
                elif name in _INSIDE and (name != "quote" or _is_block_quote(child)):
                    close()
                    if name in ("p", "l", "lg") and kind in ("quote", "list_item"):
                        self._paragraph(child, level, kind)  # what stands inside a quote or an item stays one
                    else:
                        self._block(child, level)
                elif name == "label":
                    flow.write(f"{_plain(child)} ")
                elif not _write_inline(child, flow) and name and name not in _SKIPPED:
                    inside(child)
                flow.write(child.tail)

        inside(element)
        close()
        for note in notes:
            self._note(note)

    def _figure(self, figure: Element) -> None:
        head, description = _plain(child_of(figure, "head")), _plain(child_of(figure, "figDesc"))
        caption = description if description.startswith(head) else f"{head} {description}"
        self.flow.add("caption", caption if description else head)
        rows = [" | ".join(map(_plain, children_of(row, "cell"))) for row in descendants(figure, "row")]
        if rows:
            self.flow.add_lines("table", rows)

    def _note(self, note: Element) -> None:
        repeated = note.get("place") in ("headnote", "head") or note.get("type") == "copyright"
        text = markup.tidy(" ".join(_plain(p) for p in note)) if child_of(note, "p") is not None else _plain(note)
        self.flow.add("furniture" if repeated else "footnote", text)

    def _references(self, listing: Element) -> None:
        if entries := [entry for e in descendants(listing, "bibl", "biblStruct") if (entry := _entry(e)).text]:
            self.flow.add("heading", _plain(child_of(listing, "head")) or "References", level=1)
            self.flow.blocks.extend(entries)


def _is_block_quote(quote: Element) -> bool:
    return quote.get("rend") in ("block", "blockquote", "display") or any(name_of(e) in ("p", "l", "lg") for e in quote)


# --- references -----------------------------------------------------------------------------------------------------
def _entry(element: Element) -> RawBlock:
    if name_of(element) == "bibl":
        return RawBlock.of("reference", _plain(element))
    parts = child_of(element, "analytic"), child_of(element, "monogr")
    imprint = child_of(element, "monogr", "imprint")
    titles = [t for part in parts for t in map(_plain, children_of(part, "title")) if t]
    authors = [a for part in parts for e in children_of(part, "author") if (a := _inverted(e))]
    dates = (_YEAR.search(d.get("when") or _plain(d)) for d in descendants(imprint, "date"))
    year = next((m.group() for m in dates if m), "")
    doi = next((_plain(i) for i in descendants(element, "idno") if (i.get("type") or "").upper() == "DOI"), "")
    raw = next((n for n in descendants(element, "note") if n.get("type") == "raw_reference"), None)
    if raw is not None:
        printed = _plain(raw)
    else:
        scope = {s.get("unit"): _range(s) for s in children_of(imprint, "biblScope")}
        volume = scope.get("volume", "") + (f"({scope['issue']})" if scope.get("issue") else "")
        where = [*titles[1:2], volume, scope.get("page", ""), _plain(child_of(imprint, "publisher"))]
        title = re.sub(r"(?<![.?!])$", ".", titles[0]) if titles else ""
        printed = markup.print_entry(authors, year, title, where, doi)
    return markup.entry_block(printed, authors, year, titles[0].rstrip(" .") if titles else "", doi)


def _range(scope: Element) -> str:
    ends = [scope.get("from"), scope.get("to")]
    return "–".join(e for e in ends if e) or _plain(scope)


def _inverted(author: Element) -> str:
    """A name as a list of references prints it: "Lovelace, A. B."."""
    name = child_of(author, "persName")
    if name is None:
        return _plain(author)
    given, surname = _name_parts(name)
    if not surname:
        return _plain(name)
    initials = " ".join(f"{word[0]}." for g in given for word in re.split(r"[\s.-]+", g) if word)
    return f"{surname}, {initials}" if initials else surname
