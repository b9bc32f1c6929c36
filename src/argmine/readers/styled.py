"""Word processors' files: what each paragraph is, by its style where the author used styles, else by how it looks.

Word keeps the names of styles in English whatever its language, and journals' templates build theirs from these
("MDPI_2.1_heading1"). Without heading styles a heading is a short paragraph in a look that running text doesn't have.
The paragraphs come from `docx`, `odt` and `rtf`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from argmine.paper import BlockType, Role
from argmine.readers import heuristics
from argmine.readers.heuristics import section_kind
from argmine.readers.markup import Flow, tidy
from argmine.readers.metadata import own_doi
from argmine.readers.names import is_person, stated_names
from argmine.readers.raw_document import RawDocument, Tally
from argmine.readers.roles import title_role

Kind = Literal[BlockType, "heading", "code"]

_HEADING_STYLE: Final = re.compile(r"(?:heading|head|section\s?title|h)\s?_?(\d)(?!\d)|\b(sub)*sectiontitle\b")
_STYLE_WORDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("furniture", r"toc\s?\d|toc heading|table of (?:figures|contents)|\b(?:head|foot)er\b|running ?head|page number"),
    ("heading", r"(?:abs(?:tract)?|ref(?:erence)?s?|ack(?:nowledge?ments?)?)\s?(?:head|title|heading)"),
    ("code", r"preformatted|source ?code|\bcode\b|listing|verbatim|macro text"),
    ("caption", r"caption|(?:figure|table) ?(?:title|legend|head)|legend"),
    ("footnote", r"(?:foot|end)\s?note"),
    ("abstract", r"abstract"),
    ("keywords", r"key\s?words?"),
    ("author", r"authors?(?:s?\s?names?)?\b|byline"),
    ("furniture", r"affiliation|address|e-?mail|institution|\bdates?\b|history|correspond|received|copyright|citation"),
    ("title", r"(?:^|[\s_.-])(?:paper|article|document)?\s?title(?:$|[\s_.-])|papertitle|^els-title"),
    ("reference", r"bibliograph|references?\b|ref\s?(?:item|entry)|referenceitem|bib[\s_]?entry|literature"),
    ("quote", r"quote|quotation|block ?text|epigraph|extract"),
    ("acknowledgement", r"acknowledg"),
    ("list_item", r"list (?:bullet|number)|bullet"),
)
_STYLES: Final = tuple((kind, re.compile(words)) for kind, words in _STYLE_WORDS)
_PLACEHOLDER: Final = re.compile(
    r"(?i)\W*(?:insert\s)?(?:figure|table|fig\.?|box|chart)\s[\w.]{1,6}\s[^.]{0,20}\bhere\W*"
)
_YEAR: Final = re.compile(r"\b(19\d\d|20\d\d)\b")
_DATE: Final = re.compile(r"(?:\W*\b\w+\b){0,4}\W*\b(?:19|20)\d\d\W*")
_LONG: Final = 35  # words; a longer paragraph is running text, whatever it looks like
_FRONT_WORDS: Final = 14  # shorter paragraphs before the first heading that end no sentence are of the title page


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with one look. `size` is in points, None where the file doesn't say."""

    text: str
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    capitals: bool = False
    size: float | None = None


@dataclass(slots=True)
class Item:
    """A paragraph, or a table as its `rows`.

    `styles` are its style's name and those that it is based on, lower case; `outline` is a level from 1; `number` its
    automatic number or bullet as printed, which is no part of the text; `ordinal` says that it counts. `notes` are the
    foot- and endnotes that it calls; `boxed` that it stands in a text box; `formula` that it is nothing but one.
    """

    runs: list[Run] = field(default_factory=list)
    styles: tuple[str, ...] = ()
    outline: int | None = None
    number: str | None = None
    ordinal: bool = False
    centered: bool = False
    boxed: bool = False
    formula: bool = False
    notes: list[str] = field(default_factory=list)
    rows: list[str] | None = None

    @property
    def text(self) -> str:
        return tidy("".join(run.text for run in self.runs))

    @property
    def length(self) -> int:
        """Its characters as they stand in the file."""
        return sum(map(len, self.rows or ())) + sum(len(run.text) for run in self.runs)


class _Look(NamedTuple):
    """How a whole paragraph looks beside running text, the most prominent look sorting first."""

    smaller: float
    plain_weight: bool
    lower_case: bool
    left: bool
    italic: bool
    bare: bool


@dataclass(slots=True)
class _Block:
    """An item with what it is; `depth` is a heading's level by its style."""

    item: Item
    kind: Kind
    text: str
    depth: int | None = None
    look: _Look | None = None

    @property
    def words(self) -> int:
        return len(self.text.split())


def document_of(items: Sequence[Item], property_title: str, size: int, property_author: str = "") -> RawDocument:
    """The blocks of a file of `size` bytes with these paragraphs and tables, and this title and author in its
    properties; the author counts where the text names him or her too."""
    usual = _usual_run(items)
    blocks = [_classify(item, usual) for item in items]
    _lift_front(blocks, property_title)
    flow = Flow(Tally(size))
    depth = abstract = 0
    for block, level in zip(blocks, _levels(blocks), strict=True):
        if block.kind == "heading":
            depth = level or 1
            abstract = depth if section_kind(block.text) == "abstract" else abstract if depth > abstract else 0
            number = ((block.item.ordinal and block.item.number) or "").strip(" .()[]:") or None
            flow.add("heading", block.text, level=level, number=number, role="abstract" if abstract else None)
        else:
            _write(block, flow, depth, in_abstract=bool(abstract))
        for note in block.item.notes:
            flow.add("footnote", note)
    authors = tuple(n for b in blocks if b.kind == "author" for n in heuristics.person_names(b.text) or [b.text])
    title = " ".join(b.text for b in blocks if b.kind == "title")
    front = [b.text for b in blocks[: _front_end(blocks)]]
    authors = authors or tuple(n for n in stated_names(property_author) if is_person(n) and n in " ".join(front))
    doi = own_doi(((text,) for text in front), title)
    return RawDocument(flow.blocks, title=title, authors=authors, year=_front_year(blocks), doi=doi)


def _write(block: _Block, flow: Flow, depth: int, *, in_abstract: bool) -> None:
    if block.kind == "code":
        return
    if block.kind == "table":
        flow.add_lines("table", block.item.rows or ())
        return
    kind: BlockType = block.kind
    text = block.text
    if kind in ("paragraph", "abstract"):
        if heuristics.is_keywords(text):
            kind = "keywords"
        elif (lead := _lead(block.item.runs)) is not None:
            heading, text = lead
            starts_abstract = section_kind(heading.rstrip(" .:—–-")) == "abstract"
            level = 1 if starts_abstract else max(1, depth) + (depth > 0)
            role: Role | None = "abstract" if starts_abstract or in_abstract or kind == "abstract" else None
            flow.add("heading", heading, level=level, run_in=True, role=role)
            kind = "abstract" if starts_abstract else kind
        if kind == "paragraph" and in_abstract:
            kind = "abstract"
    flow.add(kind, heuristics.strip_bullet(text) if kind == "list_item" else text)


def _lead(runs: Sequence[Run]) -> tuple[str, str] | None:
    """A heading run in at a paragraph's start: bold, or italic and bold, up to a stop, and sentences after it."""
    at = next((i for i, run in enumerate(runs) if run.text.strip() and not run.bold), 0)
    heading, rest = "".join(r.text for r in runs[:at]).strip(), "".join(r.text for r in runs[at:]).strip()
    if rest[:1] in (":", ".", "—", "–"):
        heading, rest = heading + rest[0], rest[1:].lstrip()
    stopped = any(run.text.strip() for run in runs[:at]) and heading[-1:] in (".", ":", "—", "–", "?")
    apart = section_kind(heading.rstrip(" .:—–-")) in ("notes", "contents", "references")
    short = len(heading.split()) <= heuristics.LONGEST_HEADING and not heuristics.is_caption(heading)
    return (heading, rest) if stopped and short and rest[:1].isupper() and not apart else None


# --- what each paragraph is -----------------------------------------------------------------------------------------
def _usual_run(items: Sequence[Item]) -> Run:
    looks: Counter[tuple[bool, bool, float | None]] = Counter()
    texts = [item for item in items if item.rows is None and len(item.text.split()) > _LONG / 2]
    for run in [run for item in texts for run in item.runs]:
        looks[run.bold, run.italic, run.size] += len(run.text)
    bold, italic, size = looks.most_common(1)[0][0] if looks else (False, False, None)
    return Run("", bold=bold, italic=italic, size=size)


def _classify(item: Item, usual: Run) -> _Block:
    text = item.text
    if item.rows is not None:
        return _Block(item, "table", "")
    long = len(text.split()) > _LONG
    depth, styled = _style_depth(item.styles), _style_kind(item.styles)
    depth = item.outline if depth is None else depth
    if item.formula or _PLACEHOLDER.fullmatch(text):
        return _Block(item, "furniture", text)
    if depth is not None and not long and styled not in ("title", "caption", "furniture"):
        return _Block(item, "heading", text, depth)
    if styled is not None and not (styled == "title" and long):
        return _Block(item, styled, text, 1 if styled == "heading" else None)
    if heuristics.is_caption(text):
        return _Block(item, "caption", text)
    look = _look(item, usual)
    if look is not None and not item.boxed:
        return _Block(item, "heading", text, look=look)
    return _Block(item, "list_item" if item.number is not None or heuristics.has_bullet(text) else "paragraph", text)


def _style_depth(styles: Sequence[str]) -> int | None:
    found = (_HEADING_STYLE.search(name) for name in styles if "toc" not in name and "table" not in name)
    return next((int(match.group(1) or 1) for match in found if match), None)


def _style_kind(styles: Sequence[str]) -> Kind | None:
    """What the style's name says; a style that says nothing goes by the one that it is based on."""
    own = itertools.takewhile(lambda name: name not in ("normal", "body text", "default"), styles)
    return next((kind for name in own for kind, pattern in _STYLES if pattern.search(name)), None)


def _look(item: Item, usual: Run) -> _Look | None:
    runs = [run for run in item.runs if any(c.isalnum() for c in run.text)]
    text = item.text
    if not runs or not any(c.isalpha() for c in text) or len(text.split()) > heuristics.LONGEST_HEADING:
        return None
    bold = all(r.bold for r in runs) and not usual.bold
    italic = all(r.italic for r in runs) and not usual.italic
    underlined = all(r.underlined for r in runs)
    capitals = all(r.capitals for r in runs) or heuristics.is_capitals(text)
    size = min(r.size or usual.size or 0 for r in runs)
    larger = bool(usual.size) and size >= (usual.size or 0) + 1
    bare = text.rstrip(" :")
    number, rest = heuristics.heading_number(bare)
    if section_kind(bare) not in (None, "keywords"):
        fits = True
    elif item.number is not None and not item.ordinal:
        fits = False
    elif usual.size and size >= 1.3 * usual.size:
        fits = True
    elif bold or larger or capitals:
        stopped = bare[-1] in ",;" or (bare[-1] == "." and not number)
        fits = not (stopped or heuristics.is_front_matter(bare) or rest[:1].islower())
    elif italic or underlined:
        fits = heuristics.is_heading_like(bare)
    else:
        numbered = number and item.number is None and rest[:1].isupper()
        fits = bool(numbered) and heuristics.is_heading_like(bare)
    look = _Look(-size, not bold, not capitals, not item.centered, italic, not (underlined or italic or bold))
    return look if fits else None


def _levels(blocks: Sequence[_Block]) -> list[int | None]:
    """Each heading's level: its style's, else by its look (below the styles' where both are used), else None."""
    styled = any(b.kind == "heading" and b.depth is not None for b in blocks)
    looks = sorted({b.look for b in blocks if b.kind == "heading" and b.look and not section_kind(b.text)})
    levels: list[int | None] = []
    above = 0
    for block in blocks:
        level: int | None = None
        if block.kind == "heading":
            if block.depth is not None:
                level = above = block.depth
            elif section_kind(block.text) or not looks:
                level = 1
            elif not heuristics.heading_number(block.text)[0] or styled:
                level = (above if styled and block.look else 0) + 1 + (looks.index(block.look) if block.look else 0)
        levels.append(level)
    return levels


# --- the title page -------------------------------------------------------------------------------------------------
def _lift_front(blocks: list[_Block], property_title: str) -> None:
    end = next((i for i, b in enumerate(blocks) if _opens_text(b) and (i or b.kind != "heading")), len(blocks))
    if not any(b.kind == "title" for b in blocks):
        for block in _find_title([b for b in blocks[:end] if b.text], property_title):
            block.kind = "title"
    titles = [i for i, b in enumerate(blocks) if b.kind == "title"]
    following = blocks[titles[-1] + 1 :] if titles else []
    ends = [i for i, b in enumerate(following) if _opens_text(b)]
    for block in following[: ends[0] if ends else 0]:
        text = block.text
        if block.kind not in ("paragraph", "heading") or heuristics.is_keywords(text):
            continue
        if heuristics.is_front_matter(text) or heuristics.is_affiliation(text) or _DATE.fullmatch(text):
            block.kind = "furniture"
        elif heuristics.person_names(text):
            block.kind = "author"
        elif block.words <= _FRONT_WORDS and text[-1:] not in ".?!":
            block.kind = "furniture"


def _opens_text(block: _Block) -> bool:
    if block.kind in ("abstract", "keywords", "list_item") or block.words > _LONG:
        return True
    if block.kind == "paragraph":
        ended = block.text[-1:] in ".?!" and block.words > _FRONT_WORDS
        return ended and not heuristics.is_affiliation(block.text)
    numbered = heuristics.heading_number(block.text)[0] is not None
    return block.kind == "heading" and (_is_usual(block.text) or numbered or block.depth is not None)


def _is_usual(title: str) -> bool:
    return section_kind(title) is not None or (len(title.split()) <= 3 and title_role(title) is not None)


def _find_title(front: Sequence[_Block], property_title: str) -> list[_Block]:
    if named := [b for b in front if property_title and b.text.casefold() == property_title.casefold()]:
        return named[:1]
    at = next((i for i, b in enumerate(front) if b.look is not None and not section_kind(b.text)), len(front))
    if at > 3 or at == len(front) or heuristics.heading_number(front[at].text)[0] or _is_usual(front[at].text):
        return []
    alike = itertools.takewhile(lambda b: b.look == front[at].look, front[at + 1 :])
    return [front[at], *itertools.takewhile(lambda b: not heuristics.person_names(b.text), alike)]


def _front_end(blocks: Sequence[_Block]) -> int:
    return next((i for i, block in enumerate(blocks) if _opens_text(block)), len(blocks))


def _front_year(blocks: Sequence[_Block]) -> int | None:
    short = [b.text for b in blocks[: _front_end(blocks) + 1] if b.kind == "furniture" and b.words <= _FRONT_WORDS]
    return next((int(match.group()) for text in short if (match := _YEAR.search(text))), None)
