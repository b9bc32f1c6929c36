"""Plain text: paragraphs parted by blank lines, hard-wrapped or not, with the layout that authors give such files.

A first pass cuts the file into blocks and joins what a page break cut; a second says what each is. Headings go by
shape: numbers, capitals, underlines, lines that stand alone without a verb, titles run in at a paragraph's start.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from argmine.isolation import beat
from argmine.paper import BlockType, Role
from argmine.readers import ReadOptions, SourceFile, heuristics
from argmine.readers.heuristics import SMALL_WORDS
from argmine.readers.metadata import own_doi, year_of
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine, check_blocks

_HASHES: Final = re.compile(r"(#{1,6})\s+(?=\S)")  # the marks of a Markdown heading, which texts use, too
_PAGE_NUMBER: Final = re.compile(
    r"(?i)\s*(?:[-–—\[(|]\s*)?(?:page\s+)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*[-–—\])|])?\s*"
)
_UNDERLINE: Final = re.compile(r"\s*(={3,}|-{3,}|~{3,}|\*{3,}|_{3,})\s*")
_TABLE_ROW: Final = re.compile(r"\S(?:\t+|\s{3,}|\s*\|\s*)\S")
_ABSTRACT: Final = re.compile(r"(abstract|summary)\s*[:.—–-]+\s*(?=\S)", re.I)
_ACCEPTED: Final = re.compile(r"\W*(?:accepted|published)\b[^.\n]{0,40}?\b((?:19|20)\d\d)\b", re.I)
_LONG: Final = 200  # characters; a line that is longer is a paragraph, not a wrapped line
_LONGEST_RUNNING_HEAD: Final = 120  # characters
_BODY_WORDS: Final = 35  # words; a block that is longer is running text, whatever comes before it


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    return read_text(file.text())


def read_text(text: str) -> RawDocument:
    """The blocks of a plain-text paper. Page breaks (form feeds) leave no trace: such texts have no geometry."""
    chunks = _find_chunks(text)
    check_blocks(len(chunks))
    front, year = _front_matter(chunks)
    body = _Body(chunks[len(front) :])
    blocks = [*front, *(block for i in range(len(body.chunks)) for block in body.blocks_of(i))]
    title = next((b.text for b in front if b.type == "title"), "")
    authors = tuple(name for b in front if b.type == "author" for name in heuristics.person_names(b.text))
    said = [b.text for b in front if b.type == "furniture"]
    doi = own_doi(([text] for text in said), title)
    return RawDocument(blocks, title=title, authors=authors, year=year or year_of(said), doi=doi)


# --- the layout -----------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Chunk:
    """Lines that belong together; `style` is what the layout alone says, `full` that the last fills its line."""

    lines: list[str]
    style: str = ""
    indent: int = 0
    full: bool = False
    text: str = field(init=False)
    words: int = field(init=False)

    def __post_init__(self) -> None:
        found = " ".join(self.lines).split()
        self.text, self.words = " ".join(found), len(found)


def _find_chunks(text: str) -> list[_Chunk]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    body = "\n\n".join(_without_furniture(text.split("\f")))
    parted = [[line.rstrip() for line in g.split("\n") if line.strip()] for g in re.split(r"\n[ \t]*\n", body)]
    groups = [g for g in parted if g]
    lengths = [len(line) for g in groups for line in g[:-1]]
    width = median(lengths) if len(lengths) > len(groups) / 4 else _LONG
    if any(len(line) > _LONG for g in groups if len(g) > 1 for line in g):
        groups = [[line] for g in groups for line in g]  # a paragraph a line
    margin = min((_indent(line) for g in groups for line in g), default=0)
    return _mend([chunk for g in groups for chunk in _cut(g, width, margin)])


def _without_furniture(pages: list[str]) -> list[str]:
    if len(pages) < 2:
        return pages
    rows = [page.split("\n") for page in pages]
    edges: Counter[str] = Counter()
    for page in rows:
        filled = [line for line in page if line.strip() and len(line) <= _LONGEST_RUNNING_HEAD]
        edges.update({_digitless(line) for line in (*filled[:2], *filled[-2:])})
    often = {line for line, n in edges.items() if n >= max(2, 0.4 * len(pages)) and line}
    kept = []
    for page in rows:
        at = [i for i, line in enumerate(page) if line.strip()]
        drop = {i for i in (*at[:2], *at[-2:]) if _digitless(page[i]) in often or _PAGE_NUMBER.fullmatch(page[i])}
        kept.append("\n".join(line for i, line in enumerate(page) if i not in drop))
    return kept


def _digitless(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _cut(group: list[str], width: float, margin: int) -> list[_Chunk]:
    beat()
    if len(group) > 1 and sum(bool(_TABLE_ROW.search(line)) for line in group) > 0.6 * len(group):
        return [_Chunk(group, "table")]
    indented = [_indent(line) > margin + 1 for line in group]
    hanging = len(group) > 2 and not indented[0] and sum(indented) * 2 > len(group)
    chunks: list[_Chunk] = []
    lines: list[str] = []
    style = ""

    def close() -> None:
        nonlocal lines, style
        if lines:
            chunks.append(_Chunk(lines, style, _indent(lines[-1]) - margin, len(lines[-1]) > 0.85 * width))
        lines, style = [], ""

    for i, line in enumerate(group):
        if underline := _UNDERLINE.fullmatch(line):
            if len(lines) == 1 and len(lines[0].split()) <= heuristics.LONGEST_HEADING:
                style = f"underlined {underline.group(1)[0]}"
            close()
            continue
        after = group[i + 1] if i + 1 < len(group) else ""
        ended = bool(lines) and lines[-1].rstrip().endswith((".", "?", "!", ".”", '."', ".)", "]"))
        inner = ended and after and not hanging and _leads(line, after, 0.8 * width)
        if inner or _starts_chunk(line, lines, style, i, indented, hanging):
            close()
        if heuristics.has_bullet(line):
            style = "bullet"
        elif heuristics.has_item_number(line) and (i == 0 or style == "number" or not lines):
            style = "number"
        lines.append(line)
        if not style and len(lines) == 1 and after and _leads(line, after, width):
            style = "leading"
            close()
    close()
    return chunks


def _starts_chunk(line: str, lines: Sequence[str], style: str, i: int, indented: Sequence[bool], hanging: bool) -> bool:
    if not lines:
        return False
    last = lines[-1].rstrip()[-1:]
    if heuristics.has_bullet(line) and (style == "bullet" or last in ".:;,?!"):
        return True
    if heuristics.has_item_number(line) and (style == "number" or last in ".:;?!"):
        return True
    return not indented[i] if hanging else indented[i] and not indented[i - 1] and not style


def _leads(line: str, after: str, width: float) -> bool:
    if _HASHES.match(line):
        return True
    if len(line) > 0.75 * width or not after.strip()[:1].isupper() or not heuristics.is_heading_like(line):
        return False
    set_apart = heuristics.is_capitals(line) or heuristics.is_title_case(line)
    return set_apart or bool(heuristics.heading_number(line)[0] or heuristics.section_kind(line))


def _mend(chunks: list[_Chunk]) -> list[_Chunk]:
    out: list[_Chunk] = []
    for chunk in chunks:
        if out and _goes_on(out[-1], chunk):
            out[-1] = _Chunk([*out[-1].lines, *chunk.lines], out[-1].style, out[-1].indent)
        else:
            out.append(chunk)
    return out


def _goes_on(before: _Chunk, chunk: _Chunk) -> bool:
    if chunk.style or before.style not in ("", "bullet", "number") or before.words < 10:
        return False
    apart = heuristics.is_heading_like(before.text) or heuristics.is_front_matter(chunk.text)
    return not apart and heuristics.continues(before.text, chunk.text)


# --- the front ------------------------------------------------------------------------------------------------------
def _front_matter(chunks: Sequence[_Chunk]) -> tuple[list[RawBlock], int | None]:
    end = 0
    for end, chunk in enumerate(chunks):
        if heuristics.section_kind(chunk.text) or _ABSTRACT.match(chunk.text) or heuristics.is_keywords(chunk.text):
            break
        after = chunks[end + 1] if end + 1 < len(chunks) else None
        if chunk.style in ("bullet", "number", "table") or (end and _is_opening(chunk, after)):
            break
        if chunk.words > _BODY_WORDS or _is_sentence(chunk):
            break
    front: list[RawBlock] = []
    titled = False
    for chunk in chunks[:end]:
        text = _HASHES.sub("", chunk.text)
        kind: BlockType = "author" if titled and heuristics.person_names(text) else "furniture" if titled else "title"
        front.append(RawBlock.of("furniture" if heuristics.is_front_matter(text) else kind, text))
        titled = titled or (front[-1].type == "title" and bool(text))
    years = [m for chunk in chunks[: end + 12] if (m := _ACCEPTED.match(chunk.text))]
    return front, int(years[-1].group(1)) if years else None


def _is_opening(chunk: _Chunk, after: _Chunk | None) -> bool:
    """Whether a chunk is a heading of the body already; before running text "The Old Order" is one, and no name."""
    text = chunk.text
    likely = heuristics.is_heading_like(text)
    no_names = heuristics.is_capitals(text) or any(word in SMALL_WORDS for word in text.lower().split())
    if after is not None and _is_sentence(after) and likely and no_names and not heuristics.is_affiliation(text):
        return not text.lower().startswith("by ")
    if _HASHES.match(text) or chunk.style.startswith("underlined"):
        return True
    number, rest = heuristics.heading_number(text)
    first = number and number[0] in "1IA" and rest and likely
    named = re.fullmatch(r"introduction|background|preface", text.strip(" .:"), re.I)
    return bool(first or named or heuristics.section_kind(text) or heuristics.split_run_in(text))


def _is_sentence(chunk: _Chunk) -> bool:
    ended = re.search(r"[.?!][\"'”’)]?$", chunk.text)
    return bool(ended) and chunk.words > 6 and not heuristics.is_verbless(chunk.text)


# --- the body -------------------------------------------------------------------------------------------------------
class _Body:
    def __init__(self, chunks: Sequence[_Chunk]) -> None:
        self.chunks = chunks
        self.lone = [self._stands_alone(i) for i in range(len(chunks))]
        self.run_ins = self._run_ins()
        titles = [c.text for i, c in enumerate(chunks) if self.lone[i]] + [r[0] for r in self.run_ins if r]
        numbered = any(heuristics.heading_number(title)[0] for title in titles)
        self.levels = {} if numbered else self._style_levels()
        self.kind: heuristics.SectionKind | None = None
        self.in_body = False

    def blocks_of(self, i: int) -> list[RawBlock]:
        beat()
        chunk, run_in = self.chunks[i], self.run_ins[i]
        if self.lone[i]:
            return [self._heading(chunk)]
        lines = [RawLine(line) for line in chunk.lines]
        if heuristics.is_keywords(chunk.text):
            return [RawBlock("keywords", lines)]
        if self.kind == "references":
            return [RawBlock.of("reference", heuristics.strip_bullet(chunk.text))]
        listed = self.kind == "contents" and chunk.words < _BODY_WORDS
        if listed or (not self.in_body and chunk.words <= 30 and heuristics.is_front_matter(chunk.text)):
            return [RawBlock("furniture", lines)]
        abstract = _ABSTRACT.match(chunk.text)
        if abstract and not self.in_body and self.kind is None:
            self.kind = "abstract"
            title, rest = chunk.text[: abstract.end()].strip(), chunk.text[abstract.end() :]
            heading = RawBlock.of("heading", title, level=1, role="abstract", run_in=True)
            return [heading, RawBlock.of("abstract", rest)]
        if run_in:
            title, rest = run_in
            if self.kind != "abstract" or heuristics.heading_number(title)[0]:
                self.kind = heuristics.section_kind(title)
            self.in_body |= self.kind != "abstract"
            return [RawBlock.of("heading", title, run_in=True), RawBlock.of(self._body_type(), rest)]
        return [RawBlock(self._type(chunk), lines)]

    def _type(self, chunk: _Chunk) -> BlockType:
        if chunk.style == "table":
            return "table"
        if heuristics.is_caption(chunk.text) and chunk.words < 80:
            return "caption"
        if chunk.style in ("bullet", "number") or heuristics.has_bullet(chunk.text):
            return "list_item"
        if chunk.indent >= 4 and len(chunk.lines) > 1 and all(_indent(line) >= 4 for line in chunk.lines):
            return "quote"
        return self._body_type()

    def _body_type(self) -> BlockType:
        if self.kind == "abstract":
            return "abstract"
        self.in_body = True
        return "acknowledgement" if self.kind == "acknowledgement" else "paragraph"

    def _heading(self, chunk: _Chunk) -> RawBlock:
        hashes = _HASHES.match(chunk.text)
        text = _HASHES.sub("", chunk.text)
        self.kind = heuristics.section_kind(text)
        self.in_body |= self.kind is None
        level = self.levels.get(self._style(chunk)) if self.kind is None else 1
        role: Role | None = "abstract" if self.kind == "abstract" else None
        return RawBlock.of("heading", text, level=len(hashes.group(1)) if hashes else level, role=role)

    def _stands_alone(self, i: int) -> bool:
        beat()
        chunk = self.chunks[i]
        if chunk.style in ("bullet", "table") or heuristics.is_keywords(chunk.text):
            return False
        if _HASHES.match(chunk.text) or chunk.style == "leading":
            return True
        likely = heuristics.is_heading_like(chunk.text)
        if chunk.style.startswith("underlined"):
            return likely
        if heuristics.section_kind(chunk.text) not in (None, "keywords"):
            return True
        if not likely or heuristics.is_caption(chunk.text) or len(chunk.lines) > 2 or i + 1 == len(self.chunks):
            return False
        if number := heuristics.heading_number(chunk.text)[0]:
            return not any(_follows(number, self.chunks[k]) for k in (i - 1, i + 1) if k >= 0)
        return not chunk.full and chunk.words <= 14 and len(self.chunks[i + 1].text) > len(chunk.text)

    def _run_ins(self) -> list[tuple[str, str] | None]:
        found = [
            None if self.lone[i] or c.style in ("table", "bullet") else heuristics.split_run_in(c.text)
            for i, c in enumerate(self.chunks)
        ]
        for i, run_in in enumerate(found):  # "1. Title. Text" thrice in a row is a list
            if run_in and self.chunks[i].style == "number" and not run_in[2]:
                found[i] = None
        sure, unsure = (sum(r is not None and r[2] is kind for r in found) for kind in (True, False))
        paragraphs = sum(map(_is_sentence, self.chunks))
        trusted = sure + unsure >= 2 and sure + sum(self.lone) >= 1 and unsure <= 0.5 * paragraphs
        return [r[:2] if r and (r[2] or trusted) else None for r in found]

    def _style(self, chunk: _Chunk) -> str:
        text = _HASHES.sub("", chunk.text)
        if chunk.style.startswith("underlined"):
            return chunk.style
        return "capitals" if heuristics.is_capitals(text) else "title" if heuristics.is_title_case(text) else "plain"

    def _style_levels(self) -> dict[str, int]:
        """Levels by the order in which the ways of setting headings come first; short titles look like either case."""
        headings = [c for i, c in enumerate(self.chunks) if self.lone[i] and not _HASHES.match(c.text)]
        styles = dict.fromkeys(self._style(c) for c in headings if heuristics.section_kind(c.text) is None)
        ranks = {style: rank for rank, style in enumerate((s for s in styles if s != "plain"), 1)}
        if "plain" in styles:
            ranks["plain"] = ranks.get("title", max(ranks.values(), default=0) + (0 if "title" in ranks else 1))
        return ranks


def _follows(number: str, other: _Chunk) -> bool:
    theirs = heuristics.heading_number(other.text)[0] or ""
    listed = number.isdecimal() and theirs.isdecimal() and heuristics.is_heading_like(other.text)
    return listed and abs(int(number) - int(theirs)) == 1
