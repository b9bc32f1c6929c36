"""Blocks from the lines of a column, by distance, indentation, font and list marks; and what print says by its words.

The functions on strings alone know print; those in `argmine.readers.heuristics` serve all formats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from argmine.paper import BlockType, Role
from argmine.readers.heuristics import heading_number, section_kind, words
from argmine.readers.pdf.glyphs import Rect
from argmine.readers.pdf.lines import Line, Styles

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:(?:\d{{1,2}}\s+)?{_MONTH}(?:\s+\d{{1,2}},?)?\s+\d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
)
_DATE_WORD = (
    r"(?:received|revised|accepted|published|submitted|updated|date|first\s+published|available\s+online"
    r"|last\s+updated|version)"
)
_DATE_LINE = re.compile(
    rf"(?i)(?:{_DATE_WORD}(?:\s+(?:on|date|online|in\s+revised\s+form))?\s*(?:[:.]\s*)?)?{_DATE}"
    rf"(?:\s*(?:[;,|.\u00b7-]\s*)?{_DATE_WORD}[^\d]{{0,20}}{_DATE})*[.;]?"
)
_CAPTION = re.compile(
    r"(?i)(?:supplement\w*\s+|appendix\s+|extended\s+data\s+)?"
    r"(?:fig(?:ure|\.)?|table|tab\.|chart|exhibit|scheme|map|plate|graph|algorithm|listing|diagram|infographic)"
    r"\s*(?:[A-Z]{0,2}-?\d{1,3}(?:[.\-]\d{1,2})?[a-z]?|[IVX]{1,5}|[A-Z])(?![a-z])"
)
is_table_note = re.compile(r"(?:sources?|notes?|data\s+source)\s*:", re.I).match
_EMAIL = re.compile(r"[\w.+\-{},]{1,60}@[\w\-]{1,60}(?:\.[\w\-]{1,30})+")
_CONTACT = re.compile(
    r"(?i)[*\u2020\u2217\s]*(?:(?:\*?corresponding\s+author|correspondence|e-?mails?|contact|orcid|tel(?:ephone)?|fax|doi"
    r"|issn|isbn)\b"
    r"|https?://(?:dx\.)?doi\.org|doi:)"
)
_KEYWORDS = re.compile(
    r"(?i)(?:key\s?-?\s?words?(?:\s+and\s+phrases)?|index\s+terms|jel(?:\s+classification|\s+codes?)?)"
    r"(?:\s*[:.\u2014\u2013-]|(\s))"
)
_LICENCE = re.compile(
    r"(?i)\u00a9|\(c\)\s+\d{4}|\bcopyright\b|creative\s+commons|\bcc[- ]by\b|all\s+rights\s+reserved"
    r"|licen[cs]ed\s+under|this\s+work\s+is\s+licen"
)
_BACK = re.compile(
    r"(?i)(?:legal\s+)?disclaimers?|competing\s+interests?|conflicts?\s+of\s+interests?(?:\s+statement)?"
    r"|declarations?(?:\s+of\s+(?:\w+\s+)?interests?)?"
    r"|funding(?:\s+(?:statements?|information|sources?|disclosures?))?|financial\s+(?:disclosure|support)"
    r"|publisher['\u2019]?s\s+note|ethics\s+(?:statement|approval)|consent\s+for\s+publication"
)
_FUNCTION = words(
    "the to in a is are that for with as by on this we was were be it an which from has have not or can these"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


def is_date_line(text: str) -> bool:
    return bool(_DATE_LINE.fullmatch(text.strip()))


def caption_head(text: str) -> str:
    """The label that a caption opens with ("Figure 2", "Table A1"), or an empty string."""
    found = _CAPTION.match(text)
    return found.group() if found else ""


def is_contact(text: str) -> bool:
    named = bool(_CONTACT.match(text)) and len(text) < 300
    return named or (bool(_EMAIL.search(text)) and len(_WORD.findall(_EMAIL.sub("", text))) < 14)


def is_keywords(text: str) -> bool:
    found = _KEYWORDS.match(text)
    # Without a colon only a list of words is one: "Keywords help" may open a sentence.
    listed = bool(re.search(r"[,;\u00b7\u2022|]", text)) and not text.rstrip().endswith(".")
    return found is not None and (found.group(1) is None or listed)


def is_licence(text: str) -> bool:
    return bool(_LICENCE.search(text)) and len(text) < 500


def is_back_matter_title(text: str) -> bool:
    """A heading over legal or administrative matter that is no part of the argument."""
    return bool(_BACK.fullmatch(heading_number(text)[1].strip(" .:")))


def is_prose(text: str) -> bool:
    """Whether the text reads as running text: long enough, with the small words of sentences."""
    found = [w.lower() for w in _WORD.findall(text)]
    return len(found) >= 9 and sum(w in _FUNCTION for w in found) >= 0.12 * len(found)


# --- blocks ---------------------------------------------------------------------------------------------------------

Kind = BlockType | Literal["contents", ""]

BULLET = re.compile(
    r"[\u2022\u25cf\u25cb\u25e6\u25aa\u25a0\u25ab\u25a1\u25c6\u25c7\u25b6\u25ba\u2023\u2043\u2219\u00b7\u27a2\u2713\u2714\u2756"
    r"\uf000-\uf8ff]\s*|[\-\u2013\u2014*o]\s+(?=\S)"
)
ORDINAL = re.compile(r"(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})\)|(?:\d{1,2}|[a-zA-Z]|[ivx]{1,5})\.)\s+(?=\S)")
_SUBNUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?\s")
_STOP = re.compile(r"[.?!:;][\"'\u201d\u2019)\]]*$")
_SMALLER = 0.93  # of the body's size: a footnote
_NOTE_MARK = re.compile(
    r"(?:(?:\d{1,3}|[*\u2020\u2021\u00a7\u00b6\u2217#]{1,3})[.)]?\s?|[a-z][.)]?\s)(?=[\"'\u201c\u2018(]?(?:[A-Z\u00c0-\u00de]|https?:))"
)


@dataclass(slots=True)
class Block:
    """Lines that belong together and what they are. `kind` is "" while nobody has said.

    `indented` says that the first line stands further right than the others or the column's text does; `marker` is a
    list item's mark; `item` an entry of a list of definitions, which has none.
    """

    lines: list[Line]
    kind: Kind = ""
    indented: bool = False
    marker: str = ""
    item: bool = False
    level: int | None = None
    number: str | None = None
    run_in: bool = False
    role: Role | None = None

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def ends_sentence(text: str) -> bool:
    return bool(re.search(r"[.?!\u2026][\"'\u201d\u2019)\]]*$", text.rstrip()))


def make_blocks(lines: Sequence[Line], styles: Styles) -> list[Block]:
    blocks: list[Block] = []
    starts = Counter(round(line.x0 / 2) for line in lines)
    most = max(starts.values(), default=0)
    left = min((2.0 * at for at, n in starts.items() if n >= 0.4 * most), default=0.0)
    for previous, line, following in zip([None, *lines], lines, [*lines[1:], None], strict=False):
        block = blocks[-1] if blocks else None
        marker = list_marker(line, previous, following, block, styles)
        if previous is None or block is None or marker or _starts(line, previous, following, block, styles, left):
            made = Block([line], marker=marker, indented=line.x0 - left > 0.7 * line.size)
            if previous is not None and block is not None and not marker and _next_definition(line, previous, block):
                made.item = block.item = True
            blocks.append(made)
        else:
            block.lines.append(line)
    return blocks


def list_marker(line: Line, previous: Line | None, following: Line | None, block: Block | None, styles: Styles) -> str:
    if found := BULLET.match(line.text):
        mark = found.group()
        dash = mark.strip() in ("-", "\u2013", "\u2014", "*", "o")
        listed = previous is None or _STOP.search(previous.text) or (block is not None and block.marker)
        return mark if not dash or listed else ""
    found = ORDINAL.match(line.text)
    plain = styles.body
    if not found or (line.runs[0].font.bold and not plain.bold) or (line.italic > 0.9 and not plain.italic):
        return ""
    if (line.off_centre < 8 and line.x0 > line.left + 3 * line.size) or (line.text.isupper() and not styles.capitals):
        return ""  # a heading's number
    mark = found.group()
    if previous is None or previous.page != line.page:
        hangs = following is not None and following.base > line.base and following.x0 > line.x0 + 0.7 * line.size
        return mark if hangs or line.x0 > line.left + 0.7 * line.size else ""
    if block is not None and block.marker and ORDINAL.match(block.marker + "x"):
        # the next item of a list that is under way starts where the one before did
        return mark if abs(block.first.x0 - line.x0) < 1.2 * line.size else ""
    opens = re.fullmatch(r"\(?(?:1|a|i|A)[.)]\s+", mark)
    apart = _STOP.search(previous.text) or line.base - previous.base > 1.2 * styles.lead(line.size)
    return mark if opens and apart else ""


def _starts(line: Line, previous: Line, following: Line | None, block: Block, styles: Styles, left: float) -> bool:
    step = line.base - previous.base
    lead = max(styles.lead(line.size), 1.0)
    above = styles.lead(previous.size) if previous.size > line.size else lead
    if step > 1.28 * max(lead, above) or step < -1:  # another column
        return True
    if abs(line.size - previous.size) > 0.06 * max(line.size, previous.size) and _own_style(line, previous):
        return True
    short = previous.x1 - previous.x0 < 0.5 * line.width
    if len(block.lines) == 1 and short and section_kind(previous.text):
        return True
    full = _full(previous)
    if is_keywords(line.text) and (ends_sentence(previous.text) or not full):
        return True
    label = caption_head(line.text)
    if label and line.text[len(label) : len(label) + 1] in (".", ":", "|") and (not full or short):
        return True
    if (line.bold > 0.9) != (previous.bold > 0.9) and _turns(line, previous, bold=True):
        return True
    if line.font.family != previous.font.family and not line.mono and not previous.mono and _own_style(line, previous):
        return True
    if (line.mono > 0.9) != (previous.mono > 0.9) and (_STOP.search(previous.text) or not full):
        return True
    if (line.italic > 0.95) != (previous.italic > 0.95) and _turns(line, previous, bold=False):
        return True
    noted = line.mark and line.mark[0].isdigit() and not previous.mark and step > 1.05 * lead
    if noted or _next_definition(line, previous, block):
        return True
    if block.marker:
        # an item's lines hang under its text; what goes back beyond its mark is no part of it
        return line.x0 < block.first.x0 - 0.5 * line.size
    if _SUBNUMBER.match(line.text) and line.bold > 0.9 and previous.bold > 0.9:
        return True
    if not styles.is_body(line) and line.font == previous.font and line.bold > 0.9 and not ends_sentence(previous.text):
        return False  # a title's second line, hanging or centred
    indent = line.x0 - previous.x0
    if 0.8 * line.size < indent < 6 * line.size:
        ended = ends_sentence(previous.text)
        centred = abs((line.x0 + line.x1) - (previous.x0 + previous.x1)) < 4
        hanging = len(block.lines) == 1 and following is not None and abs(following.x0 - line.x0) < 2
        back = following is None or following.base < line.base or following.x0 < line.x0 - 0.6 * line.size
        return ended or (back and not centred and not hanging)
    if indent < -0.8 * line.size and len(block.lines) >= 2 and abs(previous.x0 - block.lines[-2].x0) < 2:
        return True  # back from an indented block
    return _ended_early(line, previous)


def _next_definition(line: Line, previous: Line, block: Block) -> bool:
    return _opens_bold(line) and _opens_bold(block.first) and not _full(previous) and line.x0 < block.first.x0 + 2


def _opens_bold(line: Line) -> bool:
    first = line.runs[0].font
    return (first.bold and line.bold < 0.9) or (first.mono and line.mono < 0.9)


def _own_style(line: Line, previous: Line) -> bool:
    """Whether two lines differ in font as wholes, and not by a word or two that prevail on a short line."""
    fonts = {run.font for run in line.runs} & {run.font for run in previous.runs}
    return not fonts or abs(line.size - previous.size) > 0.15 * max(line.size, previous.size)


def _turns(line: Line, previous: Line, *, bold: bool) -> bool:
    """Whether bold (or italic) begins or ends with this line as a whole, as a heading does and no run-in title."""
    ahead, behind = line.runs[0].font, previous.runs[-1].font
    if (ahead.bold == behind.bold) if bold else (ahead.italic == behind.italic):
        return False
    a, b = (line.bold, previous.bold) if bold else (line.italic, previous.italic)
    if min(a, b) > (0.1 if bold else 0.02):
        return False
    if a > b:  # begins
        return bold or ends_sentence(previous.text) or previous.x1 < previous.left + 0.8 * previous.width
    same_size = abs(line.size - previous.size) < 0.03 * line.size
    if a < b and same_size and ends_sentence(previous.text) and previous.text[-1] == ".":
        return False
    return bold or not _full(previous)


def _full(line: Line) -> bool:
    return line.x1 > line.right - 2.5 * line.size


def _ended_early(line: Line, previous: Line) -> bool:
    word = re.match(r"\S+", line.text)
    if word is None or not ends_sentence(previous.text) or line.text[:1].islower():
        return False
    room = previous.right - previous.x1
    needed = (line.x1 - line.x0) * len(word.group()) / max(1, len(line.text))
    return room > needed + 3.0 * line.size and room > 0.12 * line.width


def split_footnotes(lines: Sequence[Line], rules: Sequence[Rect], styles: Styles) -> tuple[list[Line], list[Block]]:
    """A column's lines without the footnotes at its bottom, and those, one block each."""
    start = len(lines)
    while start > 0 and styles.small(lines[start - 1]) < _SMALLER:
        if start < len(lines) and lines[start].base - lines[start - 1].base > 2.4 * lines[start].size:
            break
        start -= 1
    tail = lines[start:]
    if not tail:
        return list(lines), []
    first = tail[0]
    over = [r for r in rules if -3 < first.top - r.y1 < 14 and r.x0 < first.x0 + 30 and r.x1 > first.x0]
    ruled = any(r.width < 0.75 * first.width + 20 for r in over)
    if not ruled or caption_head(first.text) or is_table_note(first.text):
        while tail and not _opens_note(tail[0]):
            tail = tail[1:]
    notes: list[Block] = []
    for line in tail:
        if not notes or _opens_note(line):
            notes.append(Block([line], "footnote"))
        else:
            notes[-1].lines.append(line)
    return list(lines[: len(lines) - len(tail)]), notes


def _opens_note(line: Line) -> bool:
    return bool(line.mark) or bool(_NOTE_MARK.match(line.text))
