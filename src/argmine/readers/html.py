"""Web pages: `webpage` finds the part that is the paper and reads its text; here it is cut into blocks.

HTML's own elements say most; where a page uses `div` and `span` for everything, words of the classes and looks decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from argmine.isolation import beat
from argmine.paper import BlockType, Role
from argmine.readers import ReadOptions, SourceFile, Unreadable, heuristics, webpage
from argmine.readers.heuristics import words
from argmine.readers.markup import tidy
from argmine.readers.raw_document import RawBlock, RawDocument, Tally
from argmine.readers.roles import title_role
from argmine.readers.webpage import BLOCKS, HEADINGS, Element, Inline, plain, tokens

_CAPTION_WORDS: Final = words("caption figcaption figurecaption groupcaption tablecaption captiontext")
_NOTE_WORDS: Final = words("footnotes endnotes footnote endnote")
_REFERENCE_WORDS: Final = words("references reflist bibliography refs bib citations")
_QUOTE_WORDS: Final = words("blockquote pullquote quote")
_TITLE_WORD: Final = re.compile(r"(?:sub|section|sec)*(?:title|heading|head)")
_SHORT_TITLE: Final = 8  # letters; a shorter heading has to be the whole title that the head gives
_LABEL_WORDS: Final = 6
_ENTRY_LENGTH: Final = 30  # characters; what is shorter is a part of an entry of a reference list
_ENTRY_TAGS: Final = ("li", "p", "dd", "tr", "div")
_LONG_CELL: Final = 600  # characters; a table with a longer cell only lays the page out
_FURNITURE: Final = re.compile(  # headings and labels of what sites put round a paper
    r"(?i)(?:share|cite|tweet|print|e-?mail|download|follow|subscribe|search|tools?|metrics|comments?|related|similar"
    r"|navigation|menu|links?|tags?|categories|topics|jump to|view|open|in this (?:article|page|section)|on this page)"
    r"(?:\s(?:this|the|your|to|us|on|as|by|in|article|articles|page|paper|content|posts?|links?|reading|options?|tools?"
    r"|pdf|here|figure|table|image|slide|inline|popup|new|tab|powerpoint|large|full)){0,5}"
    r"|(?:article|page|site|journal) (?:tools|menu|information|metrics|navigation|options|links|info)"
    r"|(?:table of )?contents|(?:more|about) (?:from|by|in|this (?:article|journal|site|page)|us)\b.{0,40}"
    r"|(?:about the )?authors?(?:[’']s?)?(?:,? and article)?(?: information| affiliations?| details| notes)?"
    r"|(?:leave a|post a) (?:comment|reply)|(?:recommended|further|popular|latest) (?:articles|posts|news)"
    r"|(?:previous|next) (?:article|post|page)|(?:authors?[’']? )?affiliations|copyright(?: information)?"
    r"|(?:main )?(?:article|full)[ -]text|main content"
)
_LICENCE: Final = re.compile(
    r"(?i)(?:open[ -]?access\s?(?:this|article|license)|this (?:is an|article is|work is))\b.{0,200}"
    r"(?:creative commons|licen[cs]e|open access)|all rights reserved"
)
_BACK: Final = re.compile(  # labels of statements that some journals print under the abstract
    r"(?i)funding|(?:competing|conflicts? of) interests?|data availability|abbreviations|authors?[’']? contributions"
    r"|acknowledge?ments|provenance(?: and peer review)?|peer review|ethics(?: statement| approval)?"
)
_FRONT_WORDS: Final = 30
_MOST_LOST: Final = 0.2  # share of the text; a section that holds more is the paper's, whatever its heading says


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    return document_of(webpage.page_of(webpage.parse_page(file.markup())), len(file.data))


def document_of(page: webpage.WebPage, size: int, title: str = "") -> RawDocument:
    """The blocks of a page from a file of `size` bytes, with its title where that is known. Raises Unreadable."""
    try:
        return _read(page, title, Tally(size))
    except RecursionError as why:
        raise Unreadable("nests its elements too deeply to be a paper; save the page's text instead") from why


def _read(page: webpage.WebPage, title: str, tally: Tally) -> RawDocument:
    texts = ["".join(pre.itertext()) for pre in page.root.iter("pre")]
    if texts and sum(map(len, texts)) > 0.6 * len("".join(page.root.itertext())):  # a text file in HTML's clothes
        from argmine.readers.text import read_text

        return read_text("\n\n".join(texts))
    title = title or _title(page)
    walker = _Walker(title, page.lengths, tally)
    walker.walk(page.root)
    blocks, authors = _sort_front(_without_site_sections(walker.finish()), title, page.authors)
    return RawDocument(
        blocks,
        title=title,
        authors=authors,
        affiliations=page.affiliations,
        year=page.year,
        doi=page.doi,
        venue=page.venue,
        language=page.language,
    )


def _title(page: webpage.WebPage) -> str:
    """The page's title as its headings print it, since titles in the head often carry the site's name."""
    headings = [text for e in page.body.iter("h1", "h2", "h3") if (text := plain(e))]
    for candidate in page.titles:
        for heading in headings:
            wanted, printed = _key(candidate), _key(heading)
            if printed and (printed == wanted or (len(printed) > _SHORT_TITLE and wanted.startswith(printed))):
                return heading
    first = next((text for e in page.root.iter("h1") if (text := plain(e))), "")
    if first and not heuristics.section_kind(first) and title_role(first) != "introduction":
        return first
    return re.split(r"\s[|·«»–—]\s|\s-\s", page.titles[0])[0] if page.titles else ""


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


class _Walker(Inline):
    def __init__(self, title: str, lengths: dict[Element, int], tally: Tally) -> None:
        super().__init__(tally)
        self.lengths = lengths
        self.title = _key(title)
        self.kind: BlockType = "paragraph"
        self.level = 0  # of the last heading that HTML marks as one
        self.loose = False  # whether a heading without a level of its own came after it
        self.abstract = 0  # level of the abstract's heading while inside; -1 inside an element that is the abstract
        self.references = 0  # the same for the reference list
        self.keywords = False
        self.breaks = 0
        self.bold = ""
        self.entries: list[tuple[RawBlock, str]] = []  # with the tags that they come from

    def finish(self) -> list[RawBlock]:
        """The blocks. Beside a list of references its introduction is no entry."""
        self.close()
        if sum(tag == "li" for _, tag in self.entries) >= max(1, len(self.entries) / 2):
            for block, tag in self.entries:
                block.type = "reference" if tag == "li" else "furniture"
        return self.flow.blocks

    def walk(self, element: Element) -> None:
        self.write(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._child(child)
            self.write(child.tail)

    def write(self, text: str | None) -> None:
        if text and text.strip():
            self.breaks = 0
        super().write(text)

    def close(self) -> None:
        bold, linked = self.bold, self.unlinked == 0
        text = self.text()
        self.bold, self.breaks = "", 0
        if not any(c.isalnum() for c in text):
            return
        if len(text.split()) <= _LABEL_WORDS and (is_label(text) or (linked and text[-1] not in ".?!")):
            return
        kind: BlockType = "abstract" if self.abstract and self.kind == "paragraph" else self.kind
        if self.references and kind in ("paragraph", "list_item"):
            self._entry(text, "")
            return
        if kind in ("paragraph", "abstract"):
            if self.keywords or heuristics.is_keywords(text):
                kind = "keywords"
            elif heuristics.is_caption(text):
                kind = "caption"
            elif rest := self._after_run_in(bold, text):
                self._heading(text[: len(text) - len(rest)].strip(), self.level + 1 + self.loose, run_in=True)
                text = rest
        self.flow.add(kind, heuristics.strip_bullet(text) if kind == "list_item" else text)

    # --- elements

    def _child(self, child: Element) -> None:
        beat()
        tag = child.tag
        if tag in HEADINGS:
            self.close()
            self._heading(plain(child), HEADINGS[tag])
        elif tag == "br":
            self.breaks += 1
            if self.breaks > 1:
                self.close()
            self.flow.write(" ")
        elif tag in BLOCKS:
            self.close()
            self._block(child)
            self.close()
        elif any(d.tag in BLOCKS for d in child.iterdescendants() if isinstance(d.tag, str)):
            self.walk(child)
        elif not self._is_loose_heading(child):
            if self.kind in ("paragraph", "abstract") and _is_bold(child) and not self.flow.pending():
                self.bold = plain(child)
            self.inline(child)

    def _block(self, element: Element) -> None:
        tag, said = element.tag, tokens(element)
        role = (element.get("role") or "").lower()
        if tag in ("pre", "hr"):
            return
        if tag == "table":
            self._table(element)
        elif tag == "dl" and not self.references:
            self._definitions(element)
        elif role != "doc-bibliography" and self._is_entry(element, role):
            self._entry(webpage.entry(element), "li" if role else tag)
        elif tag in ("figcaption", "caption") or (tag in ("div", "p") and said & _CAPTION_WORDS):
            self.flow.add("caption", plain(element))
        elif self._is_reference_list(element, said):
            self._bibliography(element)
        elif role in ("doc-endnotes", "doc-footnotes", "doc-footnote") or said & _NOTE_WORDS:
            self._within("footnote", element)
        elif role == "doc-abstract" or ("abstract" in said and tag in ("div", "section", "p") and not self.abstract):
            self._abstract(element)
        elif self.kind == "paragraph" and (tag == "blockquote" or said & _QUOTE_WORDS):
            self._within("quote", element)
        elif self.kind == "paragraph" and tag == "li":
            self._within("list_item", element)
        else:
            self.walk(element)

    def _within(self, kind: BlockType, element: Element) -> None:
        before, self.kind = self.kind, kind
        self.walk(element)
        self.close()
        self.kind = before

    def _abstract(self, element: Element) -> None:
        blocks = self.flow.blocks
        before, level = len(blocks), self.level
        self.abstract = -1
        self._within("paragraph", element)
        self.abstract = 0
        headed = any(b.type == "heading" for b in blocks[max(0, before - 1) : before + 1])
        if any(b.type == "abstract" for b in blocks[before:]) and not headed:
            self.flow.add_heading(before, "Abstract", max(1, level))

    def _table(self, table: Element) -> None:
        laid_out = any(len(cell.text_content()) > _LONG_CELL for cell in table.iter("td", "th"))
        nested = any(table.find(f".//{tag}") is not None for tag in ("table", "h2"))
        if laid_out or nested or table.get("role") == "presentation":
            self.walk(table)
            return
        if self.references:
            for row in table.iter("tr"):
                self._entry(webpage.entry(row), "tr")
            return
        for caption in table.iter("caption"):
            self.flow.add("caption", plain(caption))
        rows = [[plain(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        if lines := [" | ".join(row) for row in rows if any(row)]:
            self.flow.add_lines("table", lines)

    def _definitions(self, element: Element) -> None:
        term = ""
        for child in element.iter("dt", "dd"):
            if child.tag == "dt":
                term = plain(child).rstrip(":")
            else:
                self.flow.add("list_item", ": ".join(filter(None, [term, plain(child)])))
                term = ""

    # --- references

    def _is_reference_list(self, element: Element, said: set[str]) -> bool:
        if element.get("role") == "doc-bibliography":
            return True
        if self.references or not said & _REFERENCE_WORDS:
            return False
        return sum(self.lengths.get(e, 0) > _ENTRY_LENGTH for e in element.iter(*_ENTRY_TAGS)) > 2

    def _bibliography(self, element: Element) -> None:
        blocks = self.flow.blocks
        headed = any(e.tag in HEADINGS for e in element.iter() if isinstance(e.tag, str))
        if not headed and not (blocks and blocks[-1].type == "heading"):
            self._heading("References", 1)
        self.references = self.references or -1
        self.walk(element)
        self.close()
        self.references = max(0, self.references)

    def _is_entry(self, element: Element, role: str) -> bool:
        if not self.references or self.kind == "footnote" or element.tag not in _ENTRY_TAGS:
            return role == "doc-biblioentry"
        if element.tag == "li" or role == "doc-biblioentry":
            return True
        boxes = 0
        for part in element.iterdescendants(*_ENTRY_TAGS):
            if self.lengths.get(part, 0) <= _ENTRY_LENGTH:
                continue
            if part.tag != "div":
                return False
            boxes += not any(self.lengths.get(d, 0) > _ENTRY_LENGTH for d in part.iterdescendants("div"))
            if boxes > 1:
                return False
        return True

    def _entry(self, text: str, tag: str) -> None:
        before = len(self.flow.blocks)
        self.flow.add("reference", text)
        self.entries.extend((block, tag) for block in self.flow.blocks[before:])

    # --- headings

    def _after_run_in(self, bold: str, text: str) -> str:
        """The rest of a paragraph after the bold heading at its start; empty where that is only emphasis."""
        if not bold or not text.startswith(bold) or heuristics.is_front_matter(text):
            return ""
        rest = text[len(bold) :].lstrip()
        ended = bold[-1:] in ".:—–?"
        if rest[:1] in (":", ".", "—", "–"):
            ended, rest = True, rest[1:].lstrip()
        count = len(bold.split())
        if heuristics.section_kind(bold.rstrip(" .:—–-")) in ("notes", "contents", "references"):
            return ""
        structured = count <= 4 and (bool(self.abstract) or title_role(bold) is not None)
        opens = rest[:1].isupper() or (structured and rest[:1].isdecimal())
        return rest if count <= 16 and opens and (ended or structured) and not heuristics.is_caption(bold) else ""

    def _heading(self, text: str, level: int, *, run_in: bool = False) -> None:
        if not any(c.isalpha() for c in text):
            return
        if self.title and _key(text) == self.title:
            if all(b.type != "title" for b in self.flow.blocks):
                self.flow.add("title", text)
            return
        kind = heuristics.section_kind(text.rstrip(" :."))
        if self.abstract > 0 and level <= self.abstract:
            self.abstract = 0
        if kind == "abstract":
            self.abstract = self.abstract or level
        self.keywords = kind == "keywords"
        if kind == "references":
            self.references = level
        elif level <= abs(self.references):
            self.references = 0
        role: Role | None = "abstract" if self.abstract else None
        self.flow.add("heading", text, level=level, run_in=run_in, role=role)
        if not run_in:
            self.level, self.loose = level, False

    def _is_loose_heading(self, element: Element) -> bool:
        if self.kind != "paragraph" or self.references or self.flow.pending():
            return False
        text = plain(element)
        if (element.tail or "").strip() or not heuristics.is_heading_like(text.rstrip(" :.")) or text[-1:] in ",;!":
            return False
        named = any(_TITLE_WORD.fullmatch(word) for word in tokens(element))
        after = element.getnext()
        alone = after is None or after.tag == "br" or after.tag in BLOCKS or not plain(after)
        if not named and not (alone and _is_bold(element) and text[-1] != "."):
            return False
        above = self.level
        self._heading(text, above + 1)
        self.level, self.loose = above, True
        return True


def _is_bold(element: Element) -> bool:
    whole = [e for e in element if not (element.text or "").strip() and not tidy(e.tail or "")]
    return element.tag in ("b", "strong") or (len(element) == len(whole) == 1 and whole[0].tag in ("b", "strong"))


# --- what stands round the title ------------------------------------------------------------------------------------
def is_label(text: str) -> bool:
    """Whether a heading or short line is one of those that sites put round a paper: "Share this article"."""
    return bool(_FURNITURE.fullmatch(text.rstrip(" :.…")))


def _without_site_sections(blocks: list[RawBlock]) -> list[RawBlock]:
    whole = sum(map(_length, blocks))
    kept: list[RawBlock] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if block.type == "heading" and not block.run_in and is_label(block.text):
            end = next((i for i in range(at + 1, len(blocks)) if _closes(blocks[i], block)), len(blocks))
            at = end if sum(map(_length, blocks[at:end])) < _MOST_LOST * whole else at + 1
        else:
            kept.append(block)
            at += 1
    return kept


def _closes(block: RawBlock, heading: RawBlock) -> bool:
    next_section = block.type == "heading" and not block.run_in and (block.level or 1) <= (heading.level or 1)
    return next_section or block.type == "title"


def _length(block: RawBlock) -> int:
    return sum(len(line.text) for line in block.lines)


def _sort_front(blocks: list[RawBlock], title: str, named: Sequence[str]) -> tuple[list[RawBlock], tuple[str, ...]]:
    """The blocks with the lines round the title told apart, and the authors: those `named` in the head, if any."""
    at = next((i for i, b in enumerate(blocks) if b.type == "title"), -1)
    if at > 0 and sum(map(_length, blocks[:at])) < 0.1 * sum(map(_length, blocks)):
        blocks, at = blocks[at:], 0
    if at < 0 and title:
        blocks, at = [RawBlock.of("title", title), *blocks], 0
    found: list[str] = []
    summed_up = any(b.type == "abstract" for b in blocks)
    for block in blocks[at + 1 :]:
        text = block.lines[0].text
        front = heuristics.is_front_matter(text) or heuristics.is_affiliation(text)
        if block.type in ("heading", "abstract", "quote") or (len(text.split()) > _FRONT_WORDS and not front):
            break
        if block.type not in ("paragraph", "list_item"):
            continue
        names = heuristics.person_names(text)
        if names and not named:
            block.type = "author"
            found.extend(names)
        elif names or front or text[-1:] not in ".?!" or summed_up:
            block.type = "furniture"
    labelled = False
    body = (i for i, b in enumerate(blocks) if b.type == "heading" and b.role != "abstract" and not b.run_in)
    for block in blocks[: next(body, None)]:
        text = block.lines[0].text
        label = block.type == "heading" and block.run_in and _BACK.fullmatch(text.rstrip(" .:")) is not None
        if label or labelled:
            block.type = "furniture"
        elif block.type in ("paragraph", "abstract", "list_item"):
            cites_itself = len(title) > 30 and _key(title) in _key(text)
            if cites_itself or heuristics.is_front_matter(text) or _LICENCE.search(text[:300]):
                block.type = "furniture"
        labelled = label
    for block in blocks:
        if block.type == "paragraph" and _LICENCE.match(block.lines[0].text):
            block.type = "furniture"
    return blocks, tuple(named) or tuple(found)
