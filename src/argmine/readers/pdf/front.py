"""What stands before the body and after it: the title block with title and authors, and the reference list."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from argmine.paper import DocumentKind
from argmine.readers.heuristics import heading_number, is_affiliation, is_usual, lists_works, section_kind
from argmine.readers.names import is_person
from argmine.readers.pdf.blocks import Block, ends_sentence, is_contact, is_date_line, is_keywords, is_licence, is_prose
from argmine.readers.pdf.lines import Line, Styles

_LETTERS = re.compile(r"[\W\d_]+")
_NAME = re.compile(
    r"[A-Z\u00c0-\u00de][\w.'\u2019\-]{0,60}(?:\s+(?:[A-Z\u00c0-\u00de][\w.'\u2019\-]{0,60}|de|van|von|de|der|den|la|le|del|di|da|bin|al|el)){1,4}"
)
_AUTHORS = re.compile(
    r"(?i)(?:about\s+the\s+)?authors?(?:\s+(?:information|affiliations?|details|list))?|affiliations?|correspondence"
    r"|contact(?:\s+information|s)?"
)
_APART = frozenset({"furniture", "footnote", "caption", "table", "contents", "box", "figure", "equation", "epigraph"})
_SKIPPED = _APART | {"heading", "title"}
_NO_TITLE = re.compile(
    r"(?i)\bcomments? (?:to|from|for|by) (?:the )?(?:author|editor|reviewer|referee)s?$"
    r"|\bpage (?:is )?intentionally (?:left )?blank"
)
_TEXTS = ("", "paragraph", "list_item", "abstract")
_PLACE = re.compile(
    r"(?i)universit|institut|department|school|college|laborator|centre|center|faculty|hospital|foundation|academy|inc\b|ltd\b"
    r"|service|society|agency|office|research|specialist|analyst|attorney|editor|street|avenue"
)
_NUMBERED = re.compile(r"(?:\[(\d{1,4})\]|(\d{1,4})[.)]?)\s+(?=\S)")
_ENTRY_KINDS = frozenset(
    {"", "paragraph", "list_item", "quote", "caption", "abstract", "author", "reference", "heading"}
)
_AUTHOR = re.compile(r"[A-Z\u00c0-\u00de\u2018\u201c\"]")


def letters(text: str) -> str:
    return _LETTERS.sub("", text).lower()


def mark_front(blocks: Sequence[Block], styles: Styles, kind: DocumentKind | None = None) -> None:
    """Find the title, unless a letter's, memo's or notice's head (`kind`) gave it, and what stands round it."""
    title = next((b for b in blocks if b.kind == "title"), None) or _find_title(blocks, styles, kind)
    if title is not None:
        at = blocks.index(title)
        title.kind = "title"
        for block in blocks[at + 1 : at + 3]:  # a title of several lines with much space between
            below = block.first.base - title.last.base
            near = block.first.page == title.last.page and 0 < below < 2.0 * title.first.size
            if block.kind == "heading" and near and block.first.font == title.first.font:
                title.lines.extend(block.lines)
                block.kind, block.lines = "furniture", []
        for block in blocks:
            if block.kind == "heading" and block.first.page <= title.first.page + 2 and _repeats(block, title):
                block.kind = "title"
    _mark_author_lists(blocks)
    start = _body_start(blocks, title, styles)
    begun = title is None
    for block in blocks[:start]:
        if block is title:
            begun = True
        elif (
            block.kind in ("", "heading") and block.lines and not block.role and (begun or not _is_body(block, styles))
        ):
            if is_keywords(block.text):
                block.kind = "keywords"
            else:
                block.kind = "author" if begun and _is_author(block.text) else "furniture"


def _repeats(block: Block, title: Block) -> bool:
    a, b = letters(block.text), letters(title.text)
    return bool(a) and (a == b or (len(a) > 25 and (b.startswith(a) or a.startswith(b))))


def _mark_author_lists(blocks: Sequence[Block]) -> None:
    """What stands under a heading "Authors" or the like: names in bold are no headings there."""
    over: Block | None = None
    for block in blocks:
        if block.kind == "heading" and is_authors_title(block.text):
            over = block
            block.kind = "furniture"
        elif over is not None and block.kind == "heading" and block.first.size > over.first.size - 0.3:
            over = None
        elif over is not None and block.kind in ("", "heading"):
            if len(block.lines) >= 4 and is_prose(block.text) and ends_sentence(block.text):
                over = None
            else:
                block.kind = "author"


def is_authors_title(text: str) -> bool:
    return _AUTHORS.fullmatch(heading_number(text)[1].strip(" .:")) is not None


def is_byline(text: str) -> bool:
    """A name with a post or place of work, as at the end of a briefing."""
    found = _NAME.match(text)
    followed = found is not None and text[found.end() :].lstrip()[:1] == ","
    return followed and bool(_PLACE.search(text)) and not ends_sentence(text)


def _is_author(text: str) -> bool:
    dated = is_date_line(text) or is_licence(text)
    return not dated and (is_contact(text) or bool(_PLACE.search(text) or _NAME.search(text)))


def _find_title(blocks: Sequence[Block], styles: Styles, kind: DocumentKind | None) -> Block | None:
    if not blocks or blocks[0].role or kind in ("memo", "notice"):
        return None
    page = blocks[0].first.page
    end = next((i for i, b in enumerate(blocks) if b.first.page > page), len(blocks))
    candidates = [
        b for b in blocks[:end] if not b.marker and b.kind in ("", "heading") and len(b.lines) <= 7 and not b.role
    ]
    candidates = [b for b in candidates if len(letters(b.text)) >= 8 and not is_no_title(b.text)]
    unnumbered = [b for b in candidates if heading_number(b.text)[0] is None]
    candidates = unnumbered or candidates
    first = next((b for b in blocks if b.kind in ("", "heading") and b.lines), None)
    if candidates and first is not None and (first.marker or (_is_body(first, styles) and len(first.lines) > 1)):
        candidates = [b for b in unnumbered if b.first.size > 1.3 * styles.body.size]  # else it is an excerpt
    if not candidates:
        return None
    largest = max(b.first.size for b in candidates)
    if largest > 1.12 * styles.body.size:
        return next(b for b in candidates if b.first.size > 0.97 * largest)
    if kind == "letter":
        return None
    for block in candidates[:3]:
        shaped = block.first.bold > 0.9 or (block.first.off_centre < 30 and not is_prose(block.text))
        named = is_person(block.text) or is_affiliation(block.text)
        if shaped and not ends_sentence(block.text) and not named:
            return block
    return None


def is_no_title(text: str) -> bool:
    """Whether a line says where in a paper one is, or when it was written: no paper is called "Background"."""
    return is_usual(text) or is_date_line(text) or _NO_TITLE.search(text) is not None


def _body_start(blocks: Sequence[Block], title: Block | None, styles: Styles) -> int:
    first = blocks.index(title) + 1 if title is not None else 0
    for i in range(first, min(len(blocks), first + 120)):
        block = blocks[i]
        if block.role:
            return i
        if block.lines and block.kind == "heading":
            if section_kind(block.text) == "abstract":
                return i
            after = next((b for b in blocks[i + 1 :] if b.lines and b.kind != "furniture"), None)
            over_abstract = after is not None and after.kind == "heading" and section_kind(after.text) == "abstract"
            if over_abstract or (i == first and _only_names(block, blocks)):
                continue
            following = next((b for b in blocks[i + 1 :] if b.lines and b.kind not in _SKIPPED), None)
            if following is not None and _is_body(following, styles):
                return i
        elif block.lines and block.kind in _TEXTS and (_is_body(block, styles) or (not title and is_prose(block.text))):
            return i
    return first


def _only_names(block: Block, blocks: Sequence[Block]) -> bool:
    words = re.findall(r"[^\W\d_][\w.'\u2019\-]*", re.sub(r"\band\b|&", " ", block.text))
    if len(words) < 2 or not all(w[0].isupper() for w in words) or section_kind(block.text):
        return False
    return not any(b.kind == "heading" and b is not block and b.first.font == block.first.font for b in blocks)


def _is_body(block: Block, styles: Styles) -> bool:
    if block.kind not in (*_TEXTS, "quote"):
        return False
    text = block.text
    if is_contact(text) or is_keywords(text) or is_date_line(text) or styles.small(block.first) < 0.86:
        return False
    return is_prose(text) and (len(block.lines) >= 3 or ends_sentence(text) or text.rstrip().endswith(":"))


# --- the reference list: one block an entry -------------------------------------------------------------------------
def free_reference_titles(blocks: Sequence[Block]) -> None:
    """Works' titles set like headings are none; a heading that ends the list is as large as the list's own."""
    over: Block | None = None
    for block in blocks:
        if block.kind != "heading":
            continue
        if section_kind(block.text) == "references":
            over = block
        elif over is not None:
            numbered = _NUMBERED.match(block.text) is not None and not _NUMBERED.match(over.text)
            if block.first.size < over.first.size - 0.3 or (numbered and not block.first.bold > over.first.bold):
                block.kind = ""
            else:
                over = None


def split_references(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with those of the reference list cut anew, one an entry."""
    result: list[Block] = []
    lines: list[Line] = []
    inside = False
    for i, block in enumerate(blocks):
        if block.kind == "heading" and not block.run_in:
            result += [*_entries(lines), block]
            lines, inside = [], section_kind(block.text) == "references" and _lists_works(blocks[i + 1 :])
        elif inside and (block.kind in _ENTRY_KINDS or _runs_on(lines, block) or _counts_on(lines, block)):
            lines.extend(block.lines)
        else:
            result.append(block)
    return [*result, *_entries(lines)]


def _lists_works(blocks: Iterable[Block]) -> bool:
    own = itertools.takewhile(lambda b: b.kind != "heading" or b.run_in, blocks)
    return lists_works(b.text for b in own if b.lines and b.kind in _ENTRY_KINDS)


def _runs_on(lines: Sequence[Line], block: Block) -> bool:
    """Whether a block that was taken for a formula, a date or a cell is an entry's next line: pages, year, address."""
    if not lines or not block.lines or block.kind not in ("furniture", "equation", "table"):
        return False
    a, b = lines[-1], block.first
    return a.page == b.page and 0 < b.base - a.base < 1.6 * b.size and abs(a.size - b.size) < 0.05 * b.size


def _counts_on(lines: Sequence[Line], block: Block) -> bool:
    """Whether a block that was taken for something else is the entry with the next number."""
    match = _NUMBERED.match(block.text) if block.kind in ("furniture", "table") else None
    before = next((m for line in reversed(lines) if (m := _NUMBERED.match(line.text))), None)
    return match is not None and _number(match) - (_number(before) if before else 0) in (1, 2)


def _number(match: re.Match[str]) -> int:
    return int(match.group(1) or match.group(2))


def _entries(lines: Sequence[Line]) -> list[Block]:
    found = [_NUMBERED.match(line.text) for line in lines]
    numbers = [_number(m) if m else None for m in found]
    numbered = sum(n is not None for n in numbers) >= max(2, 0.12 * len(lines)) and numbers[0] is not None
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        key = line.page, round(line.left / 20)
        edges[key] = min(edges.get(key, line.x0), line.x0)
    outer = [line.x0 - edges[line.page, round(line.left / 20)] < 0.5 * line.size for line in lines]
    hanging = 0.1 * len(lines) < sum(outer) < 0.9 * len(lines)  # one of two indents opens entries, mostly the outer
    if hanging and _turned(lines, outer):
        outer = [not o for o in outer]
    entries: list[Block] = []
    expected = 0
    for i, (line, number) in enumerate(zip(lines, numbers, strict=True)):
        if numbered:
            starts = number is not None and (not entries or 0 < number - expected <= 3)
            expected = number or 0 if starts else expected
        else:
            starts = i == 0 or (outer[i] if hanging else _starts_entry(line, lines[i - 1]))
        if starts or not entries:
            entries.append(Block([line], "reference"))
        else:
            entries[-1].lines.append(line)
    return entries


def _turned(lines: Sequence[Line], outer: Sequence[bool]) -> bool:
    """Whether of two indents the inner one opens entries: its lines follow on an entry's end and open with a name."""
    ended, opens = ([0, 0], [0, 0])
    for before, line, o in zip(lines, lines[1:], outer[1:], strict=False):
        ended[o] += ends_sentence(before.text)
        opens[o] += _AUTHOR.match(line.text) is not None or line.text[:1] in "\u2014\u2013_-"
    inner_share = outer[1:].count(False) / max(1, outer[1:].count(True))
    return ended[1] * inner_share < 0.6 * ended[0] and opens[1] * inner_share < 0.6 * opens[0]


def _starts_entry(line: Line, previous: Line) -> bool:
    step = line.base - previous.base
    below = previous.page == line.page and step > 1.3 * line.size * 1.2
    apart = below or previous.page != line.page or step < 0
    ended = ends_sentence(previous.text) and (apart or previous.x1 < line.right - 4 * line.size)
    return bool(_AUTHOR.match(line.text)) and (ended or below)
