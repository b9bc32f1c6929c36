"""JATS XML, the journals' format, and NLM's older one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from argmine.isolation import beat
from argmine.paper import BlockType, DocumentKind
from argmine.readers import ReadOptions, SourceFile, Unreadable, markup, metadata
from argmine.readers.heuristics import words
from argmine.readers.markup import Element, child_of, children_of, descendants, name_of
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine

# Elements that end the paragraph that they stand in, save for formulas, which are read as part of it.
_BLOCKS: Final = words("""
    p list def-list disp-quote verse-group boxed-text fig fig-group table-wrap table-wrap-group supplementary-material
    media disp-formula disp-formula-group code preformat sec statement speech ack fn-group ref-list app app-group
    glossary array graphic chem-struct-wrap""")
_SKIPPED: Final = words("""
    sub-article response supplementary-material media code preformat graphic inline-graphic object-id alt-text
    long-desc tex-math annotation journal-meta table-wrap-foot permissions index-term floats-group processing-meta""")
_INLINE_FORMULA: Final = words("disp-formula disp-formula-group chem-struct-wrap")
_FLOATS: Final = words("fig table-wrap fig-group table-wrap-group boxed-text")
_NOTE_MARKS: Final = words("fn table-fn aff corresp author-notes")
_SECTIONS: Final = words("sec app ack glossary notes bio app-group")
_OTHER_ABSTRACTS: Final = words("graphical toc teaser web-summary video stereochemical short")
_MARK: Final = re.compile(r"\]\s*([,;–-])\s*\[")
_SPACE_INSIDE: Final = re.compile(r"(?<=[(\[])\s|\s(?=[)\]])|\s(?=[,;]\s)|(?<=\d)\s(?=–\s?\d)|(?<=\d–)\s(?=\d)")
_IDENTIFIER: Final = re.compile(r"(?:DOI|doi)\s*(?::\s*)?(?:https?://\S+|10\.\S+)")


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    root = markup.parse_xml(file.markup())
    article = next(descendants(root, "article"), None)
    if article is None:
        raise Unreadable(f"has the root element <{name_of(root)}>, not a JATS article")
    meta = child_of(article, "front", "article-meta")
    title = _text(child_of(meta, "title-group", "article-title"))
    subtitle = _text(child_of(meta, "title-group", "subtitle"))
    authors = _authors(meta)
    whole = f"{title.rstrip(': ')}: {subtitle}" if subtitle else title
    blocks = [RawBlock.of("title", whole)] if whole else []
    blocks.extend(RawBlock.of("author", name) for name in authors)
    abstracts = [a for a in children_of(meta, "abstract") if a.get("abstract-type") not in _OTHER_ABSTRACTS]
    blocks.extend(block for abstract in abstracts for block in _abstract(abstract))
    groups = [g for g in children_of(meta, "kwd-group") if (g.get("kwd-group-type") or "author").startswith("author")]
    if keywords := [_text(k) for g in groups for k in children_of(g, "kwd")]:
        blocks.append(RawBlock.of("keywords", "Keywords: " + ", ".join(keywords)))
    blocks += [*_walk(child_of(article, "body"), 0), *_walk(child_of(article, "back"), 0)]
    language = (article.get(markup.LANG) or "")[:2].lower() or None
    ids = [_text(e) for e in children_of(meta, "article-id") if e.get("pub-id-type") == "doi"]
    journal = child_of(article, "front", "journal-meta")
    return RawDocument(
        blocks,
        title=title.rstrip(": ") if subtitle else title,
        subtitle=subtitle,
        authors=tuple(authors),
        affiliations=tuple(_affiliations(meta)),
        year=_year(meta),
        doi=metadata.find_doi(ids[0]) if ids else None,
        venue=next((text for e in descendants(journal, "journal-title") if (text := _text(e))), None),
        kind=_kind(article),
        language=language,
    )


# --- text -----------------------------------------------------------------------------------------------------------
def _text(element: Element | None) -> str:
    """The text as a reader sees it: citation marks in brackets, note marks left out."""
    return "" if element is None else _tidy(_pieces(element))


def _tidy(pieces: Iterable[str]) -> str:
    return _SPACE_INSIDE.sub("", _MARK.sub(r"\1", " ".join("".join(pieces).split())))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield from _inline(child)
        yield child.tail or ""


def _inline(child: Element) -> Iterator[str]:
    name, kind = name_of(child), child.get("ref-type")
    if child.tag is markup.Entity:
        yield markup.entity_text(child)
    if not name or name in _SKIPPED or (name == "xref" and kind in _NOTE_MARKS):
        return
    raised = name == "xref" and kind == "bibr" and len(child) == 1 and name_of(child[0]) == "sup"
    marks = name == "sup" and all(name_of(e) == "xref" for e in child) and len(child) and not (child.text or "").strip()
    if raised or (name == "sup" and _cites(child)):
        yield f" [{' '.join(''.join(map(str, child.itertext())).split()).strip('[]()')}]"
    elif not marks:  # of a note or an affiliation
        apart = " " if name in _BLOCKS or name in ("break", "title", "td", "th", "label") else ""
        yield from (apart, *_pieces(child), apart)


def _cites(sup: Element) -> bool:
    refs = [e for e in sup if name_of(e) == "xref" and e.get("ref-type") == "bibr"]
    loose = "".join([sup.text or "", *((e.tail or "") for e in sup)])
    return bool(refs) and len(refs) == len(sup) and not re.search(r"[^\s,;–—\-\[\]()]", loose)


# --- the front ------------------------------------------------------------------------------------------------------
def _kind(article: Element) -> DocumentKind | None:
    stated = (article.get("article-type") or "").lower()
    return "letter" if stated in ("letter", "reply") else "article" if stated else None


def _affiliations(meta: Element | None) -> list[str]:
    """The places of work, without the marks that authors refer to them by."""
    found: list[str] = []
    for place in descendants(meta, "aff"):
        pieces = [place.text or ""]
        for child in place:
            pieces += ["" if name_of(child) in ("label", "sup", "email") else _text(child), child.tail or ""]
        found.append(_tidy(pieces).strip(" ,;.*"))
    return list(dict.fromkeys(filter(None, found)))


def _authors(meta: Element | None) -> list[str]:
    contribs = [c for group in children_of(meta, "contrib-group") for c in children_of(group, "contrib")]
    return [name for c in contribs if c.get("contrib-type") in (None, "author") and (name := _author(c))]


def _author(contrib: Element) -> str:
    name = next(descendants(contrib, "name", "string-name"), None)
    if name is None:
        return _text(child_of(contrib, "collab"))
    parts = [_text(child_of(name, part)) for part in ("prefix", "given-names", "surname", "suffix")]
    return " ".join(filter(None, parts)) or _text(name)


def _year(meta: Element | None) -> int | None:
    dates = children_of(meta, "pub-date")
    dates.sort(key=lambda d: (d.get("pub-type") or d.get("date-type")) == "collection")
    years = (_text(child_of(date, "year")) for date in dates)
    return next((int(year) for year in years if year.isdecimal() and len(year) == 4), None)


def _abstract(part: Element) -> list[RawBlock]:
    blocks = [RawBlock.of("heading", _text(child_of(part, "title")) or "Abstract", level=1, role="abstract")]
    for child in part:
        if name_of(child) == "p" and not _IDENTIFIER.fullmatch(_text(child)):
            blocks.append(RawBlock.of("abstract", _text(child)))
        elif name_of(child) == "sec":
            if heading := _text(child_of(child, "title")):
                blocks.append(RawBlock.of("heading", heading, level=2, role="abstract", run_in=True))
            blocks.extend(RawBlock.of("abstract", _text(p)) for p in children_of(child, "p"))
    return blocks if len(blocks) > 1 else []


# --- body and back matter -------------------------------------------------------------------------------------------
def _walk(parent: Element | None, level: int, kind: BlockType = "paragraph") -> Iterator[RawBlock]:
    last: RawBlock | None = None
    formula: list[RawLine] = []
    for child in parent if parent is not None else ():
        if name_of(child) in _INLINE_FORMULA and last is not None and last.type == kind:
            formula = [RawLine(_text(child))]  # the sentence around a displayed formula may go on after it
            continue
        for block in _block(child, level, kind):
            if formula and last is not None and block.type == kind and block.lines[0].text[:1].islower():
                last.lines.extend([*formula, *block.lines])
            else:
                yield from [last] if last is not None else []
                last = block
            formula = []
    yield from [last] if last is not None else []


def _block(element: Element, level: int, kind: BlockType) -> Iterator[RawBlock]:
    beat()
    name = name_of(element)
    if name in ("", "title", "label", "sec-meta") or name in _SKIPPED:
        return
    if name in _SECTIONS:
        yield from _section(element, level)
    elif name in ("p", "verse-line", "attrib"):
        yield from _paragraph(element, level, kind)
    elif name == "list":
        for item in children_of(element, "list-item"):
            yield from _walk(item, level, "box" if kind == "box" else "list_item")
    elif name == "def-list":
        for item in children_of(element, "def-item"):
            yield RawBlock.of("list_item", ": ".join(filter(None, map(_text, item))))
    elif name in ("disp-quote", "verse-group", "speech"):
        yield from _walk(element, level, "quote")
    elif name in ("fig", "table-wrap"):
        yield from _float(element)
    elif name in ("fig-group", "table-wrap-group", "statement", "boxed-text"):
        yield from _walk(element, level, "box" if name == "boxed-text" else kind)
    elif name == "fn-group":
        yield from (RawBlock.of("footnote", text) for fn in children_of(element, "fn") if (text := _text(fn)))
    elif name == "ref-list":
        yield RawBlock.of("heading", _text(child_of(element, "title")) or "References", level=1)
        yield from (entry for ref in descendants(element, "ref") if (entry := _entry(ref)).text)
    elif name in _INLINE_FORMULA:
        yield RawBlock.of(kind, _text(element))


def _section(element: Element, level: int) -> Iterator[RawBlock]:
    name = name_of(element)
    number = _text(child_of(element, "label")) or None
    title = _text(child_of(element, "title")) or ("Acknowledgements" if name == "ack" else "")
    if title or number:
        level += 1
        yield RawBlock.of("heading", title or number or "", level=level, number=number if title else None)
    kind: BlockType = "acknowledgement" if name == "ack" else "furniture" if name == "bio" else "paragraph"
    yield from _walk(element, level, kind)


def _paragraph(element: Element, level: int, kind: BlockType) -> Iterator[RawBlock]:
    """A paragraph; lists, quotes and floats inside it stand after its text up to them."""
    pieces: list[str] = [element.text or ""]
    floats: list[RawBlock] = []

    def flush() -> Iterator[RawBlock]:
        text = _tidy(pieces)
        pieces.clear()
        if text and not _IDENTIFIER.fullmatch(text):
            yield RawBlock.of(kind, text)

    for child in element:
        name = name_of(child)
        if name in _FLOATS:
            floats.extend(_block(child, level, kind))
        elif name in _BLOCKS and name not in _INLINE_FORMULA and name not in _SKIPPED:
            yield from flush()
            yield from _block(child, level, kind)
        elif name != "fn":
            pieces.extend(_inline(child))
        pieces.append(child.tail or "")
    yield from flush()
    yield from floats


def _float(element: Element) -> Iterator[RawBlock]:
    label = _text(child_of(element, "label"))
    caption = child_of(element, "caption")
    parts = [label and label.rstrip(".") + ".", *(_text(e) for e in (caption if caption is not None else ()))]
    if text := " ".join(filter(None, parts)):
        yield RawBlock.of("caption", text)
    if rows := [" | ".join(_text(cell) for cell in row) for row in descendants(element, "tr")]:
        yield RawBlock("table", [RawLine(row) for row in rows])


def _entry(ref: Element) -> RawBlock:
    """An entry as it is printed, with its parts. Where the format gives the parts alone they are set as APA does."""
    label = _text(child_of(ref, "label")).strip("[]().")
    start = f"{label}. " if label.isdecimal() else ""
    citation = next((e for e in ref if name_of(e).endswith("citation")), None)
    if citation is None:
        return RawBlock.of("reference", (start + _text(ref)).strip())

    def part(*names: str) -> str:
        return next((text for name in names if (text := _text(child_of(citation, name)))), "")

    names = [_cited(person) for person in descendants(citation, "name", "string-name", "collab")]
    title = part("article-title", "chapter-title", "data-title", "source").rstrip(".")
    year = re.search(r"\d{4}", part("year"))
    doi = next((_text(e) for e in children_of(citation, "pub-id") if e.get("pub-id-type") == "doi"), "")
    if any(re.search(r"[.,;:]", e.tail or "") for e in citation.iter() if e is not citation):
        printed = re.sub(r"\s(?=[,.;:)])|(?<=\()\s", "", _text(citation))
    else:
        pages = "–".join(filter(None, [part("fpage"), part("lpage")]))
        source = part("source") if title != part("source").rstrip(".") else ""
        etal = ["et al." for _ in itertools.islice(descendants(citation, "etal"), 1)]
        where = [source, part("volume"), pages, part("publisher-name")]
        printed = markup.print_entry(names + etal, part("year"), title and f"{title}.", where, doi)
    return markup.entry_block(start + printed, names, year.group() if year else "", title, doi)


def _cited(name: Element) -> str:
    """A cited author as "Surname, G. N."."""
    surname, given = _text(child_of(name, "surname")), _text(child_of(name, "given-names"))
    if not surname:
        return _text(name)
    parts = list(given) if re.fullmatch(r"[A-Z]{1,4}", given) else re.split(r"[\s.]+", given)
    initials = " ".join(f"{part[0]}." for part in parts if part)
    return f"{surname}, {initials}" if initials else surname
