"""Which blocks are headings, how deep they are, and headings that run into their paragraph."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from argmine.readers.heuristics import heading_number, is_capitals, number_level, person_names, section_kind
from argmine.readers.pdf.blocks import (
    Block,
    caption_head,
    ends_sentence,
    is_contact,
    is_date_line,
    is_keywords,
    is_outline_mark,
    is_prose,
)
from argmine.readers.pdf.glyphs import UNNAMED, Font, Run
from argmine.readers.pdf.lines import Line, Styles, line_of_runs

_MAX_LETTERS = 220
_MAX_LINES = 4
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(
    r"\s*(?:\d{1,2}(?:\.\d{1,2}){1,4}\.?\s+[^\W\d_]|(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.|[A-H]\.)\s+[^\W\d_a-z\u00df-\u00ff])"
)
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.|[A-Z]\.")
_SUMMARY = re.compile(r"\s*summary\s*", re.I)
_RUN_IN_MAX = 160
_FAR = 3
_LONG = 120  # characters; a bold text of several lines and of more is no title
_LABELS = re.compile(r"(?i)(?:(?:sec(?:tion)?|art(?:icle)?|rule|\u00a7)\.?\s*)?(?:\d{1,3}|[IVX]{1,5}|[A-H])[.)]")
_PART = re.compile(r"(part|chapter|appendix|annex)\b", re.IGNORECASE)
_MOSTLY = 0.75  # share of a style's blocks that look like titles
_CITES = re.compile(r"(?i)(?:see|id|ibid|cf|compare|accord|supra|infra)\b|.*\sv\.\s")  # italic, and no title
_Style = tuple[float, bool, bool, bool, bool, str]  # a heading's size, bold, capitals, centred, italic, family


def _style(line: Line, *, centred: bool = False) -> _Style:
    return line.size, line.bold > 0.5, is_capitals(line.text), centred, line.italic > 0.5, line.font.family


def is_heading(block: Block, following: Block | None, styles: Styles) -> bool:
    line = block.first
    text = block.text
    letters = len(_LETTER.findall(text))
    if block.kind == "heading":
        return True
    if is_outline_mark(line) and following is not None:
        return len(block.lines) == 1
    if block.marker or not 2 <= letters <= _MAX_LETTERS or len(block.lines) > _MAX_LINES:
        return False
    worded = any(len(w) > 1 for w in re.findall(r"[^\W\d_]+", text))
    if following is None or not worded or is_date_line(text) or is_contact(text) or caption_head(text) == text:
        return False
    body = styles.body
    size = min(x.size for x in block.lines)
    bold, italic = all(x.bold > 0.85 for x in block.lines), all(x.italic > 0.9 for x in block.lines)
    larger = size > 1.08 * body.size
    capitals, numbered = is_capitals(text), bool(_NUMBERED.match(text))
    kind, ended = section_kind(text), ends_sentence(text)
    first = next((c for c in _parted(text)[1] if c.isalnum()), "")
    if first.islower() and not numbered and not (larger and bold):
        return False
    stopped = ended and text.rstrip()[-1] == "." and not numbered and not larger and len(text) > 60
    if stopped or text.rstrip().endswith((",", ";")):
        return False
    if size < 0.93 * body.size and not (bold and numbered) and not (kind and size > 0.78 * body.size):
        return False
    if larger and (bold or not body.bold or size > 1.2 * body.size):
        return bold or capitals or size > 1.12 * body.size
    if body.bold:
        return False
    if bold:
        return not _is_term(block, following) and (len(text) <= _LONG or len(block.lines) < 3 or not is_prose(text))
    if capitals and not styles.capitals and len(block.lines) <= 2 and letters > 4:
        return True
    if kind and line.x1 - line.x0 < 0.7 * line.width and len(text) < 40:
        return True
    if ended or len(block.lines) > 2 or not _apart(block, following):
        return False
    titled = _is_title_case(text) and is_prose(following.text)
    if titled and _is_centred(block, following, styles):
        return True
    if line.font.family not in (body.family, styles.at(line.page).family) and line.mono < 0.5:
        shaped = numbered or titled or (line.off_centre < 8 and is_prose(following.text))
        return shaped and size > 0.97 * body.size
    return italic and not text.rstrip().endswith(":") and letters < 110


def _parted(text: str) -> tuple[str | None, str]:
    """A heading's label and the rest, "a. Scope" too, which is a list's item elsewhere."""
    small = re.match(r"([a-z])[.)]\s+(?=[^\W\d_a-z]|[\"\u201c])", text)
    return (small[1], text[small.end() :]) if small else heading_number(text)


def _is_centred(block: Block, following: Block, styles: Styles) -> bool:
    line = block.first
    if any(x.off_centre > 8 or x.x0 < x.left + 0.08 * line.width for x in block.lines):
        return False
    below = following.first.base - block.last.base
    return following.first.page != block.last.page or below >= 1.15 * styles.lead(line.size)


def _is_title_case(text: str) -> bool:
    words = [w for w in re.findall(r"[^\W\d_]+", text) if len(w) > 3]
    return bool(words) and sum(w[0].isupper() for w in words) > 0.7 * len(words)


def _is_term(block: Block, following: Block) -> bool:
    """A word in a list of definitions: what follows is set in further than it."""
    if following.first.page != block.last.page or following.first.base < block.last.base:
        return False
    if heading_number(block.text)[0] or following.first.bold > 0.9:
        return False
    inset = min(x.x0 for x in following.lines) - block.first.x0
    return block.first.size < 1.04 * following.first.size and inset > 1.2 * block.first.size and not following.marker


def _apart(block: Block, following: Block) -> bool:
    a, b = block.last, following.first
    return b.page != a.page or b.base > a.base or b.x0 > a.x1


# --- styles that only headings have ---------------------------------------------------------------------------------
_Look = tuple[str, float, bool, bool, bool, bool]  # family, size, bold, italic, capitals, centred


def mark_alike(blocks: Sequence[Block], styles: Styles) -> None:
    """Make headings of what looks like titles where nearly all that is set in their style does, and text follows it.

    So a style is believed that is no more than light, italic, smaller than the text or centred; one title in the body's
    own style is not.
    """
    marks = [b for b in blocks if b.kind == "heading" and len(b.lines) == 1 and is_outline_mark(b.first)]
    if len(marks) < 2 or not {"I", "A", "1"} & {b.text.strip(" .") for b in marks}:
        for block in marks:
            block.kind = ""  # a formula's letter
    text = [b for b in blocks if b.lines and b.kind in ("", "heading")]
    looks = {id(b): _look(b, styles) for b in text}
    titles: dict[_Look, list[Block]] = defaultdict(list)
    shaped: Counter[_Look] = Counter()
    away = _FAR  # titles between a block and the text below it
    for block in reversed(text):
        look = looks[id(block)]
        titled = block.kind == "heading" or (look is not None and _could_head(block, styles))
        if titled and look is not None and not is_outline_mark(block.first):
            shaped[look] += 1
            if away < _FAR:
                titles[look].append(block)
        away = away + 1 if titled else 0 if is_prose(block.text) else _FAR
    every = Counter(look for look in looks.values() if look is not None)
    for look, found in titles.items():
        enough = len(found) >= (2 if not look[-1] or look[2] or look[3] else 3)
        if enough and shaped[look] >= _MOSTLY * every[look] and len(found) >= 0.5 * shaped[look]:
            for block in found:
                block.kind = "heading"


def _look(block: Block, styles: Styles) -> _Look | None:
    """The style that a block has as a whole, None for the body's and for a block of several."""
    line = block.first
    bold, italic = (all(share(x) > 0.85 for x in block.lines) for share in (_bold, _italic))
    capitals = is_capitals(block.text) and not styles.capitals
    plain = styles.is_body(line) and line.size > 0.96 * styles.body.size
    centred = _in_the_middle(block)
    if line.mono > 0.5 or (plain and not (italic or capitals or centred)):
        return None
    return line.font.family, line.size, bold, italic, capitals, centred


def _bold(line: Line) -> float:
    return line.bold


def _italic(line: Line) -> float:
    return line.italic


def _could_head(block: Block, styles: Styles) -> bool:
    text = block.text.strip()
    number, rest = heading_number(text)
    first = next((c for c in rest if c.isalnum()), "")
    if block.marker or len(block.lines) > _MAX_LINES or not 3 <= len(_LETTER.findall(text)) <= 160:
        return False
    if any(len(x.cells) > 1 + bool(number) for x in block.lines):
        return False
    if not first.isalpha() or first.islower() or text[-1] in ",;:" or (ends_sentence(text) and text[-1] not in "?!"):
        return False
    if caption_head(text) or is_date_line(text) or is_contact(text) or is_keywords(text) or len(person_names(text)) > 1:
        return False
    worded = any(len(w) > 2 for w in re.findall(r"[^\W\d_]+", text))
    # the first letters of small capitals are of full size
    return worded and max(run.font.size for run in block.first.runs) > 0.88 * styles.at(block.first.page).size


# --- levels ---------------------------------------------------------------------------------------------------------
def set_levels(headings: Sequence[Block]) -> None:
    """Give every heading a level: from its number, else from the rank of its font among the document's headings.

    An opinion of a judgment has its level already; what follows is below it.
    """
    numbers = {id(block): number for block in headings if (number := _number(block))}
    looks = _ranked(headings, numbers)
    depths = _outline(headings, numbers)
    found: dict[_Style, Counter[int]] = defaultdict(Counter)
    for block in headings:
        number = numbers.get(id(block))
        if number is not None and not block.run_in and not re.match(r"[A-Za-z]+\s", number):
            found[looks[id(block)]][depths[id(block)]] += 1
    known = {style: counts.most_common(1)[0][0] for style, counts in found.items() if sum(counts.values()) >= 2}
    levels = _levels({looks[id(b)] for b in headings if not b.run_in and b.level is None}, known)
    parts = any(re.match(r"part\b", number, re.I) for number in numbers.values())
    below = current = 0
    for i, block in enumerate(headings):
        number, style = numbers.get(id(block)), looks[id(block)]
        if block.level is not None:
            below = current = block.level
            continue
        part = _PART.match(number or "")
        if part is not None and not block.run_in:
            level = 1 + (parts and part[1].lower() != "part")
        elif number is not None and (id(block) in depths if block.run_in else style in known):
            level = depths[id(block)] + parts
        elif block.run_in:
            level = current + 1 - below  # one below the last heading of another kind
        else:
            level = levels[style]
            kind = section_kind(block.text)
            if number is None and (kind in ("abstract", "references") or _SUMMARY.fullmatch(block.text)):
                following = next((b for b in headings[i + 1 :] if not b.run_in), None)
                if following is None or looks[id(following)] != style:
                    level = 1
        block.level = min(level + below, 6)
        current = current if block.run_in and number is None else block.level


def _ranked(headings: Sequence[Block], numbers: dict[int, str]) -> dict[int, _Style]:
    """The style of each heading by its id. That one stands in the middle counts where others of its style don't and
    none has a number."""
    places: dict[_Style, Counter[bool]] = defaultdict(Counter)
    for block in headings:
        places[_style(block.first)][_in_the_middle(block)] += 1
    parted = {style for style, found in places.items() if min(found[True], found[False]) >= 2}
    parted -= {_style(b.first) for b in headings if id(b) in numbers and not _PART.match(numbers[id(b)])}
    return {
        id(block): _style(block.first, centred=_style(block.first) in parted and _in_the_middle(block))
        for block in headings
    }


def _in_the_middle(block: Block) -> bool:
    return all(x.off_centre < 8 and x.x0 > x.left + 0.08 * x.width for x in block.lines)


def _number(block: Block) -> str | None:
    if is_outline_mark(block.first) and len(block.lines) == 1:
        return block.text.strip(" .")
    number, rest = _parted(block.text)
    return number if rest else None


def _outline(headings: Sequence[Block], numbers: dict[int, str]) -> dict[int, int]:
    """How deep numbered headings are, by their ids: "2.1" by its parts, "II", "B", "1" by what they stand below."""
    depths: dict[int, int] = {}
    stack: list[tuple[str, int]] = []  # a kind of label and its last value
    plain = {_ordinals(n)[0][0] for b in headings if not b.run_in and (n := numbers.get(id(b))) and _ordinals(n)}
    for block in headings:
        number = numbers.get(id(block))
        if block.level is not None:
            stack.clear()
        options = _ordinals(number) if number else []
        goes_on = any((kind, value - 1) in stack or value == 1 > len(stack) for kind, value in options)
        if number is None or (block.run_in and not goes_on and not plain.isdisjoint(kind for kind, _ in options)):
            continue
        if options:
            _place(stack, options)
            depths[id(block)] = len(stack)
        else:
            depths[id(block)] = number_level(number)
            head = _ordinals(re.split(r"\W", number)[0])
            stack[:] = head[:1]
    return depths


def _place(stack: list[tuple[str, int]], options: Sequence[tuple[str, int]]) -> None:
    """Put a label on the stack: as the next of a kind that is open, else as the first of a new kind below."""
    for at in reversed(range(len(stack))):
        kind, last = stack[at]
        if (kind, last + 1) in options:
            stack[at:] = [(kind, last + 1)]
            return
    open_kinds = [kind for kind, _ in stack]
    kind, value = next((o for o in options if o[1] == 1 and o[0] not in open_kinds), options[0])
    if kind in open_kinds:
        del stack[open_kinds.index(kind) :]
    stack.append((kind, value))


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def _ordinals(label: str) -> list[tuple[str, int]]:
    """What a label of one part may count, with its value: "C" is 100 in no outline, but the third letter."""
    if label.isdecimal():
        return [("1", int(label))]
    found: list[tuple[str, int]] = []
    for kind, text in (("I", label), ("i", label.upper())):
        if re.fullmatch(r"[IVXL]+", text) and label.isupper() == (kind == "I"):
            values = [_ROMAN[c] for c in text]
            total = sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
            found.append((kind, total))
    if re.fullmatch(r"[A-Za-z]", label):
        found.append(("A" if label.isupper() else "a", ord(label.upper()) - 64))
    return found


def _weight(style: _Style) -> _Style:
    size, bold, capitals, centred, italic, family = style
    return round(size * 2) / 2, bold, capitals, centred, not italic, family


def _levels(styles: set[_Style], known: dict[_Style, int]) -> dict[_Style, int]:
    """Levels for all styles, in the order of their weights, through the styles whose level the numbers say."""
    result: dict[_Style, int] = {}
    level, last = 0, None
    for style in sorted(styles, key=_weight, reverse=True):
        weight = _weight(style)[:5]
        level = known.get(style, level + (weight != last))
        result[style], last = level, weight
    return result


# --- headings that run in -------------------------------------------------------------------------------------------
def split_run_in(block: Block, styles: Styles) -> tuple[Block, Block] | None:
    """A paragraph that opens with a bold or italic title, as the heading and the rest; else None."""
    other = block.kind or block.marker or styles.small(block.first) < 0.86
    if other or (block.first.bold > 0.97 and len(block.lines) == 1):
        return None
    taken: list[tuple[Line, list[Run]]] = []
    kind: tuple[bool, bool, str] | None = None
    done = False
    for line in block.lines[:4]:
        head: list[Run] = []
        for run in line.runs:
            own = _emphasis(run.font, styles)
            opens = kind is None and line is block.first and len(line.runs) > len(head) + 1
            if opens and _SECTION_NUMBER.fullmatch(run.text):
                head.append(run)  # its number may be set plain
                continue
            if kind is None:
                if not any(own) or styles.body.bold:
                    return None
                kind = own
            if any(own) and own != kind and _LABELS.fullmatch("".join(r.text for r in head).strip()):
                kind = own  # "Sec. 2." in another cut than its title
            if own != kind and not (head and not run.text.strip(".:;,\u2014\u2013- ")):
                done = True
                break
            head.append(run)
        if head:
            taken.append((line, head))
        if done:
            break
    texts = ("".join((" " if r.space and i else "") + r.text for i, r in enumerate(head)) for _, head in taken)
    title = " ".join(" ".join(texts).split())
    apart = len(taken) == 1 and kind is not None and kind[0] and _set_apart(block, len(taken[0][1]))
    if not (done and taken and _is_title(f"{title}." if apart else title, italic=bool(kind and kind[1]))):
        return None
    heading, rest = _divide(block, taken)
    return (heading, rest) if rest.lines and _opens_sentence(rest.text) else None


def _set_apart(block: Block, count: int) -> bool:
    """Whether wide space parts a title of so many runs, without a stop, from a text that doesn't hang under it."""
    line = block.first
    if count == len(line.runs) or not all(
        c.isalpha() or c in " ,'\u2019-?" for run in line.runs[:count] for c in run.text
    ):
        return False  # a label of an item has digits or brackets
    gap = line.runs[count].x0 - line.runs[count - 1].x1
    return gap > 0.7 * line.size and len(block.lines) > 1 and block.lines[1].x0 < line.x0 + 2


def _opens_sentence(text: str) -> bool:
    """Whether a text begins as a sentence does; what follows a case's or a work's name goes on."""
    if re.match(r"\((?:[a-z]|\d{1,2}|[ivx]{1,4})\)\s", text):
        return True
    first = text.lstrip("\"'\u201c\u2018([\u00bf\u00a1 ")[:1]
    return first.isalnum() and not first.islower()


def _emphasis(font: Font, styles: Styles) -> tuple[bool, bool, str]:
    """How a font stands out from the body's: bold, italic, or, where fonts have no names, being another one."""
    other = font.family.startswith(UNNAMED) and font.family != styles.body.family
    return font.bold, font.italic, font.family if other else ""


def _is_title(title: str, *, italic: bool) -> bool:
    label, rest = heading_number(title)
    ends = (".", "?", "!", ".\u2014", *((":",) if label and italic else ()))
    if len(_LETTER.findall(title)) < 3 or len(title) > _RUN_IN_MAX or not title.endswith(ends):
        return False
    first = rest[:1]
    if _CITES.match(title):
        return False
    return bool(first) and not first.islower() and len(title.split()) <= 22


def _divide(block: Block, taken: list[tuple[Line, list[Run]]]) -> tuple[Block, Block]:
    heading = Block([part_of(line, head) for line, head in taken], "heading", run_in=True)
    rest = [part_of(line, line.runs[len(head) :]) for line, head in taken if len(head) < len(line.runs)]
    rest.extend(block.lines[len(taken) :])
    if rest:
        rest[0].text = rest[0].text.lstrip("\u2014\u2013-:. ") or rest[0].text
    return heading, Block(rest, block.kind)


def part_of(line: Line, runs: list[Run]) -> Line:
    return line_of_runs(runs, line.page, line.left, line.right)


def cut_head(block: Block, length: int) -> tuple[Block, Block] | None:
    """Cut the first `length` characters of the block off as a run-in heading; None where nothing would be left."""
    head: list[Run] = []
    line = block.first
    got = 0
    for run in line.runs:
        head.append(run)
        got = len(part_of(line, head).text)
        if got >= length - 1:
            break
    else:
        return None
    if got > length + 1 or len(head) == len(line.runs):
        split = _cut_run(head[-1], len(head[-1].text) - (got - length))
        if split is None:
            return None
        line = part_of(line, [*head[:-1], *split, *line.runs[len(head) :]])
        head[-1] = split[0]
    return _divide(Block([line, *block.lines[1:]], block.kind), [(line, head)])


def _cut_run(run: Run, at: int) -> tuple[Run, Run] | None:
    first, second = run.text[:at].rstrip(), run.text[at:].lstrip()
    if not first or not second:
        return None
    x = run.x0 + (run.x1 - run.x0) * at / len(run.text)
    return replace(run, text=first, x1=x), replace(run, text=second, x0=x, space=True)
