"""From a reader's raw document to a `Paper`: one text, spans, nested sections, sentences, references and citations.

All formats go through here, so that a sentence means the same in each of them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final

from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.paper import BODY_TYPES, Block, BlockType, Box, Paper, Role, Section, Sentence, Source
from argmine.readers import heuristics
from argmine.readers.heuristics import SectionKind, heading_number, lists_works, section_kind, words
from argmine.readers.metadata import LONGEST
from argmine.readers.raw_document import RawBlock, RawDocument, check_depth, check_sentences
from argmine.readers.references import parse_references, resolve_citations
from argmine.readers.roles import Heading, section_roles, title_role
from argmine.readers.sentences import cites_authorities, split_sentences
from argmine.readers.voices import find_voices

_APART: Final = "\n\n"
# Parts of a paper that have a heading but are no sections of its text: their blocks belong to none.
_NO_SECTIONS: Final = frozenset({"references", "contents", "keywords", "notes"})
_TYPES_IN: Final[dict[SectionKind | None, BlockType]] = {
    "references": "reference",
    "acknowledgement": "acknowledgement",
    "notes": "footnote",
}
_TOP_ROLES: Final = frozenset({"abstract", "introduction", "conclusion"})
_NARROW: Final = frozenset("iljtfrI.,;:'’‘|!()[]/ -")
_WIDE: Final = frozenset("mwMWOQGCD@%&—…")
_LANGUAGE_SAMPLE: Final = 20_000  # characters of the body that are looked at
_LEAST_LETTERS: Final = 60  # less text says nothing of its language

# First parts after which a hyphen is commonly the author's own.
_OPEN_COMPOUNDS: Final = words("""
    self well ill ex all cross half high low long short full part non quasi pseudo multi co post pre anti pro one
    two three four five six seven eight nine ten first second third decision evidence data user time cost policy
    peer world large small medium hard soft single double state""")

# First parts that make one word with what follows, though they are words themselves.
_CLOSED_PREFIXES: Final = words("""
    under over out some any every with there where up down inter trans sub super fore after back by in on for what
    who how no never not un re de dis mis im ir en em pro per con com be a the al ad ac ap as at to""")
_LINE_END_HYPHENS: Final = "\u00ad\u0002\ufffe"  # put there by the line break: U+00AD, and what pdfium makes of it
_TABLE: Final = {
    **dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)),
    **{0x132: "IJ", 0x133: "ij", 0x2010: "-", 0x2011: "-"},
    **dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2028\u2029\x85"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), ""),  # zero-width characters
    **{code: "" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r\f\v\x02\x85"},
}
_HARD_TAIL: Final = re.compile(r"([^\W\d_][\w'’-]*)-$")
_LONGEST_TAIL: Final = 2000  # characters; no word or address at a line's end is longer
_WORD_HEAD: Final = re.compile(r"[^\W\d_][\w'’]*")
_WORDS: Final = re.compile(r"[^\W\d_][\w'’]*(?:-[^\W\d_][\w'’]*)*")
_URL_TAIL: Final = re.compile(r"(?:https?://|www\.|doi\.org/|doi:\s?10\.)\S*[/._=?&%#~-]$", re.IGNORECASE)


@dataclass(slots=True)
class _Placed:
    raw: RawBlock
    type: BlockType
    start: int
    text: str
    boxes: tuple[Box, ...]
    marks: tuple[tuple[int, str], ...] = ()
    kind: SectionKind | None = None  # of the part of the paper that it stands in
    section: int | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(slots=True)
class _Open:
    title: str
    number: str | None
    level: int
    start: int
    raw: RawBlock | None
    parent: int | None
    end: int = 0
    kinds: set[BlockType] = field(default_factory=set)

    @property
    def is_abstract(self) -> bool:
        return section_kind(self.title) == "abstract" or (self.raw is not None and self.raw.role == "abstract")

    @property
    def stated_role(self) -> Role | None:
        if self.raw is not None and self.raw.role:
            return self.raw.role
        return "abstract" if self.kinds & BODY_TYPES == {"abstract"} else None


def build_paper(raw: RawDocument, source: Source, *, footnotes: bool = False) -> Paper:
    """The `Paper` of a raw document. Raises ReadError where no body sentence is left, TooMuch beyond the limits."""
    text, placed = _lay_out(raw.blocks)
    sections = _nest(placed, text)
    blocks = tuple(
        Block(id=f"b{i}", type=p.type, start=p.start, end=p.end, section=_section_id(p.section), boxes=p.boxes)
        for i, p in enumerate(placed, 1)
    )
    among = cites_authorities(text)
    sentences = _sentences(text, placed, blocks, footnotes, among)
    if not sentences:
        raise ReadError(source.file, "holds no body sentences; is it a paper with running text?")
    references = parse_references([(p.text, p.raw.entry) for p in placed if p.type == "reference"])
    body = [(p.start, p.end) for p in placed if p.type in BODY_TYPES or p.type in ("footnote", "caption")]
    citations = resolve_citations(text, body, references, _citing_marks(placed))
    if not references and among:
        from argmine.readers.cases import find_cases

        references, citations = find_cases(text, body)
    paper = Paper(
        source=source,
        title=(raw.title and clean(raw.title)) or next((p.text for p in placed if p.type == "title"), ""),
        subtitle=clean(raw.subtitle) or None,
        authors=tuple(p.text for p in placed if p.type == "author")
        if raw.authors is None
        else tuple(map(clean, raw.authors)),
        affiliations=tuple(clean(place) for place in raw.affiliations if len(place) <= LONGEST),
        language=raw.language or find_language(raw),
        year=raw.year,
        doi=raw.doi,
        venue=clean(raw.venue) if raw.venue and len(raw.venue) <= LONGEST else None,
        kind=raw.kind,
        text=text,
        sections=_sections(sections, text, sentences),
        blocks=blocks,
        sentences=sentences,
        references=references,
        citations=citations,
        warnings=tuple(raw.warnings),
    )
    return paper.model_copy(update={"voices": find_voices(paper, raw.heads)})


def _citing_marks(placed: Sequence[_Placed]) -> list[tuple[int, str]]:
    """The body's superscripts with their places, where they aren't those of footnotes."""
    marks = [mark for p in placed if p.type in BODY_TYPES for mark in p.marks]
    return marks if 2 * sum(p.type == "footnote" for p in placed) < len(marks) else []


def find_language(raw: RawDocument) -> str | None:
    """The ISO 639-1 code of the language of a document's body, None where there is too little text to say."""
    body = (line.text for block in raw.blocks if block.type in BODY_TYPES for line in block.lines)
    sample = " ".join(body)[:_LANGUAGE_SAMPLE]
    if sum(map(str.isalpha, sample)) < _LEAST_LETTERS:
        return None
    import py3langid

    return str(py3langid.classify(sample)[0])


# --- the text -------------------------------------------------------------------------------------------------------
def _lay_out(blocks: Sequence[RawBlock]) -> tuple[str, list[_Placed]]:
    kept = [(raw, [(line, clean(line.text)) for line in raw.lines]) for raw in blocks if raw.type != "furniture"]
    vocabulary = Vocabulary(text for _, lines in kept for _, text in lines)
    parts: list[str] = []
    placed: list[_Placed] = []
    at = 0
    kind: SectionKind | None = None
    abstract_typed = any(raw.type == "abstract" for raw in blocks)
    for i, (raw, lines) in enumerate(kept):
        beat()
        lines = [(line, text) for line, text in lines if text]
        if not lines:
            continue
        if raw.type == "list_item" and (first := heuristics.strip_list_marker(lines[0][1])):
            lines[0] = (lines[0][0], first)
        text, spans = _join_lines([text for _, text in lines], vocabulary)
        if not text:
            continue  # a soft hyphen alone
        if placed:
            parts.append(" " if placed[-1].raw.type == "heading" and placed[-1].raw.run_in else _APART)
            at += len(parts[-1])
        if raw.type == "heading":
            prefix = f"{clean(raw.number)} " if raw.number and not text.startswith(raw.number) else ""
            text = prefix + text
            spans = [(a + (len(prefix) if i else 0), z + len(prefix)) for i, (a, z) in enumerate(spans)]
            kind = section_kind(text)
            if kind == "references" and not _holds_references([block for block, _ in kept[i + 1 :]]):
                kind = None
        boxes = tuple(
            Box.on(line.page, line.box, at + a, at + z)
            for (line, _), (a, z) in zip(lines, spans, strict=True)
            if line.page is not None and line.box is not None and a < z
        )
        marks = tuple(
            (min(at + a + _behind(text, n), at + z), mark)
            for (line, text), (a, z) in zip(lines, spans, strict=True)
            for n, mark in line.marks
        )
        placed.append(_Placed(raw, _type_in(raw.type, kind, abstract_typed), at, text, boxes, marks, kind))
        parts.append(text)
        at += len(text)
    return "".join(parts), placed


def _holds_references(blocks: Iterable[RawBlock]) -> bool:
    own = list(takewhile(lambda b: b.type != "heading" or b.run_in, blocks))
    return any(b.type == "reference" for b in own) or lists_works(b.text for b in own if b.type in BODY_TYPES)


def _behind(text: str, characters: int) -> int:
    """Where in a text so many characters end, white space not counted."""
    ends = (m.end() for m in re.finditer(r"\S", text))
    return next(islice(ends, characters - 1, None), len(text)) if characters > 0 else 0


def _type_in(kind: BlockType, section: SectionKind | None, abstract_typed: bool) -> BlockType:
    if kind in BODY_TYPES and section in _TYPES_IN:
        return _TYPES_IN[section]
    return "abstract" if kind == "paragraph" and section == "abstract" and not abstract_typed else kind


def _join_lines(lines: Sequence[str], vocabulary: Vocabulary) -> tuple[str, list[tuple[int, int]]]:
    """One block's text and the part of it that each line shows."""
    out = ""
    spans: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        start, between = len(out), ""
        if i + 1 < len(lines):
            line, between = join(line, lines[i + 1], vocabulary)
        else:
            line = line.rstrip("\u00ad\u0002\ufffe")
        spans.append((start, start + len(line)))
        out += line + between
    return out, spans


# --- clean characters and whole words ---
def clean(text: str) -> str:
    """NFC, ligatures spelled out, nothing invisible, white space single; a soft hyphen at the end is left to `join`."""
    text = unicodedata.normalize("NFC", text).translate(_TABLE)
    tail = text.rstrip()
    soft = tail[-1:] if tail[-1:] in _LINE_END_HYPHENS else ""
    for mark in _LINE_END_HYPHENS:
        text = text.replace(mark, "")
    return unicodedata.normalize("NFC", " ".join(text.split())) + soft


class Vocabulary:
    """The words of one paper, away from its line ends, by which its hyphens are judged."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._count: Counter[str] = Counter()
        for line in lines:
            found = _WORDS.findall(line.lower())
            if found and line.rstrip()[-1:] in "-" + _LINE_END_HYPHENS:
                found.pop()
            self._count.update(found)

    def joins(self, left: str, right: str) -> bool:
        first, second = left.lower(), right.lower()
        whole, hyphened = self._count[first + second], self._count[f"{first}-{second}"]
        if whole != hyphened:
            return whole > hyphened
        last = first.rpartition("-")[2]
        if not right[:1].islower() and not (left.isupper() and right.isupper() and len(left) > 1):
            return False
        if last in _CLOSED_PREFIXES:
            return True
        if last in _OPEN_COMPOUNDS:
            return False
        return not (len(last) > 3 and len(second) > 3 and self._count[last] and self._count[second])


def join(left: str, right: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """How two lines of one block go together: the left line's text without a mended hyphen, and what stands between.

    Dashes, slashes and broken URLs go on without a space; "pre-" before "and" keeps both hyphen and space.
    """
    if left[-1:] and left[-1] in _LINE_END_HYPHENS:
        return (left[:-1], "") if _composes(left[:-1], right) else (left[:-1], " ")
    if _URL_TAIL.search(left[-_LONGEST_TAIL:]) and re.match(r"[\w%/#?=&.~-]+(?:[\s>)\].,;]|$)", right):
        return left, ""
    tail = _HARD_TAIL.search(left[-_LONGEST_TAIL:])
    head = _WORD_HEAD.match(right)
    if tail and head:
        if head.group().lower() in {"and", "or", "to", "und"}:
            return left, " "
        joined = vocabulary.joins(tail.group(1), head.group()) and _composes(left[:-1], right)
        return (left[:-1] if joined else left), ""
    broken = re.search(r"\S-$|[\w)]/$", left) and re.match(r"\w", right)
    dashed = re.search(r"\S[–—]$", left) and re.match(r"\S", right)
    return left, "" if broken or dashed else " "


def _composes(left: str, right: str) -> bool:
    return unicodedata.is_normalized("NFC", left[-1:] + right[:1])


# --- sections -------------------------------------------------------------------------------------------------------
def _nest(placed: Sequence[_Placed], text: str) -> list[_Open]:
    levels = iter(_levels([p for p in placed if p.type == "heading"]))
    sections: list[_Open] = []
    stack: list[int] = []

    def close(at: int) -> None:
        sections[stack.pop()].end = len(text[:at].rstrip())

    def open_section(level: int, at: int, title: str = "", raw: RawBlock | None = None) -> None:
        own_part = raw is not None and (raw.run_in or raw.role == "abstract")
        while stack and (sections[stack[-1]].level >= level or (sections[stack[-1]].is_abstract and not own_part)):
            close(at)
        number = (raw.number if raw else None) or heading_number(title)[0]
        sections.append(_Open(title, number, level, at, raw, stack[-1] if stack else None))
        stack.append(len(sections) - 1)
        check_depth(len(stack))

    apart = False
    for p in placed:
        if p.type == "heading":
            level = next(levels)
            apart = p.kind in _NO_SECTIONS
            if not apart:
                open_section(level, p.start, _title(p), p.raw)
        if apart:
            while stack:
                close(p.start)
            continue
        if not stack:
            open_section(1, p.start)
        elif p.type != "abstract" and p.type in BODY_TYPES and "abstract" in sections[stack[-1]].kinds:
            open_section(sections[stack[-1]].level, p.start)  # the body starts after the abstract without a heading
        p.section = stack[-1]
        sections[stack[-1]].kinds.add(p.type)
    for i in stack:
        sections[i].end = len(text)
    return sections


def _title(p: _Placed) -> str:
    """A heading's title with its number, without a label of its own such as "Chapter 2" over it."""
    label = p.raw.number or ""
    bare = p.text.removeprefix(label).lstrip(" .:") if re.match(r"[^\W\d_]{4}", label) else ""
    return bare.rstrip(" .:") or p.text.rstrip(" .:") or p.text


def _levels(headings: Sequence[_Placed]) -> list[int]:
    """The level of each heading: the reader's, else its number's, else from its neighbours; without unused levels."""
    numbers = [p.raw.number or heading_number(p.text)[0] for p in headings]
    lettered_below = any(n and (n.isdecimal() or n in {"I", "II", "III", "IV"}) for n in numbers)
    found: list[int] = []
    above = 0
    for p, number in zip(headings, numbers, strict=True):
        if p.raw.level is not None:
            level = p.raw.level
        elif number:
            level = heuristics.number_level(number, lettered_below=lettered_below)
        elif p.raw.run_in:
            level = above + 1
        elif not any(numbers) or section_kind(p.text) or title_role(p.text) in _TOP_ROLES:
            level = 1
        else:
            level = above + 1 if above and numbers[len(found) - 1] else max(1, above)
        if not p.raw.run_in:
            above = level
        found.append(max(1, level))
    rank = {level: i for i, level in enumerate(sorted(set(found)), 1)}
    return [rank[level] for level in found]


def _sections(found: Sequence[_Open], text: str, sentences: Sequence[Sentence]) -> tuple[Section, ...]:
    starts = [t.start for t in sentences]
    headings: list[Heading] = []
    for s in found:
        inside = sentences[bisect_left(starts, s.start) : bisect_left(starts, s.end)]
        share = s.start / sentences[-1].end
        said = tuple(text[t.start : t.end] for t in inside)
        headings.append(Heading(s.title, s.parent, share, s.stated_role, bool(s.kinds & BODY_TYPES), said))
    return tuple(
        Section(
            id=f"s{i}",
            title=s.title,
            number=s.number,
            level=s.level,
            role=role,
            heading=(s.start, s.start + len(s.title)) if s.title else None,
            parent=_section_id(s.parent),
            start=s.start,
            end=s.end,
        )
        for i, (s, role) in enumerate(zip(found, section_roles(headings), strict=True), 1)
    )


def _section_id(index: int | None) -> str | None:
    return None if index is None else f"s{index + 1}"


# --- sentences ------------------------------------------------------------------------------------------------------
def _sentences(
    text: str, placed: Sequence[_Placed], blocks: Sequence[Block], footnotes: bool, among: bool
) -> tuple[Sentence, ...]:
    wanted = BODY_TYPES | {"footnote"} if footnotes else BODY_TYPES
    found: list[Sentence] = []
    for n, (p, block) in enumerate(zip(placed, blocks, strict=True)):
        beat("blocks split into sentences", n, len(blocks))
        check_sentences(len(found))
        for a, z in split_sentences(p.text, among_authorities=among) if p.type in wanted else ():
            start, end = p.start + a, p.start + z
            if any(c.isalpha() for c in text[start:end]):
                boxes = clip_boxes(text, p.boxes, start, end)
                page = boxes[0].page if boxes else None
                key, section = f"t{len(found) + 1}", block.section
                found.append(
                    Sentence(id=key, start=start, end=end, block=block.id, section=section, page=page, boxes=boxes)
                )
    check_sentences(len(found))
    return tuple(found)


def clip_boxes(text: str, boxes: Sequence[Box], start: int, end: int) -> tuple[Box, ...]:
    """The boxes of a block narrowed to a span; within a line its x is reckoned from the characters' usual widths."""
    found: list[Box] = []
    for box in boxes:
        a, z = max(start, box.start), min(end, box.end)
        if a < z and text[a:z].strip():
            x0 = box.x0 if a == box.start else _x_at(text, box, a)
            x1 = box.x1 if z == box.end else _x_at(text, box, z)
            found.append(Box(box.page, round(x0, 2), box.y0, round(x1, 2), box.y1, a, z))
    return tuple(found)


def _x_at(text: str, box: Box, at: int) -> float:
    whole = _width(text[box.start : box.end])
    return box.x0 + (box.x1 - box.x0) * _width(text[box.start : at]) / whole if whole else box.x0


def _width(text: str) -> float:
    """The text's width in units of an average small letter."""
    return sum(0.55 if c in _NARROW else 1.6 if c in _WIDE else 1.25 if c.isupper() else 1.0 for c in text)
