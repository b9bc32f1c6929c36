"""Judgments: where their opinions begin, what of a page is the case's caption, and what the case is called.

A judgment is known by what its pages say over the text ("THOMAS, J., dissenting") or by lines that announce an opinion;
without any of them a document stays as it is.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from argmine.readers.heuristics import is_capitals
from argmine.readers.pdf.blocks import Block, ends_sentence, is_prose
from argmine.readers.pdf.lines import Line, Styles
from argmine.readers.voices import announced, opinion_of

_NUMBERED = re.compile(r"^\d{1,4}\s++|(?<!\s)\s++\d{1,4}$")
_CASE = re.compile(r"(?:\S.{0,90}\s(?:v|vs|versus)\.?\s.{0,90}\S|(?:in re|ex parte)\s.{2,90})", re.IGNORECASE)
_CITED = re.compile(r"\d\s{1,3}[A-Z][\w. ]{0,80}\s\d|^cite\b", re.IGNORECASE)
_VERSUS = re.compile(r"(?:v|vs|versus|against)\.?:?", re.IGNORECASE)
_PARTY = re.compile(
    r"(?:(?<!\s)|(?=,)),?\s*+(?:\(?(?:(?:cross|third|counter|intervenor|real)[- ])?(?:party in interest"
    r"|plaintiffs?|defendants?|petitioners?|respondents?|appell(?:ant|ee)s?|claimants?|applicants?|movants?)"
    r"(?:\s*+[-/\u2013]\s*+|\s++and\s++|,?\s++(?=\w|\())?)+\)?[.,;]*",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"(?:(?<!\s)|(?=,)),?\s*+et\s++(?:al|ux)\.?,?", re.IGNORECASE)
_AROUND = re.compile(r"\b(?:court|district|division|circuit|case|no)\b\.?", re.IGNORECASE)
_LONGEST = 300  # characters of a line that announces an opinion
_PARTY_LINES = 3


def mark_opinions(blocks: Sequence[Block], tops: Mapping[int, Sequence[Line]], styles: Styles) -> list[Block]:
    """The blocks with a heading where each opinion begins; captions over opinions are furniture.

    `tops` holds what runs over each page. An opinion that begins with its page is headed by what runs over it, another
    one by the line that announces it.
    """
    over = {page: line for page, lines in tops.items() if (line := _announcing(lines)) is not None}
    if not any(line.text.lower() != "syllabus" for line in over.values()):
        over = {}
    result: list[Block] = []
    judge = ""
    for page, group in itertools.groupby(blocks, key=lambda block: block.first.page):
        found = list(group)
        line = over.get(page)
        if line is not None and announced(line.text) != judge:
            start = _body_start(found, line.text, styles)
            opens_later = any(announced(b.text) == announced(line.text) for b in found[start + 1 :] if _opens(b))
            if not (opens_later and judge):
                judge = announced(line.text) or ""
                result.append(Block([line], "heading", level=1, role="other"))
                for block in found[:start]:
                    block.kind = "furniture"
        for block in found:
            if not block.kind and _opens(block) and (who := announced(block.text)) != judge:
                judge = who or ""
                block.kind, block.level, block.role = "heading", 1, "other"
            result.append(block)
    return result


def _announcing(lines: Iterable[Line]) -> Line | None:
    for line in lines:
        text = _NUMBERED.sub("", line.text)
        if len(text) <= _LONGEST and announced(text):
            return replace(line, text=text)
    return None


def _opens(block: Block) -> bool:
    """Whether a block announces an opinion beside the deciding one: "JUSTICE GREY, dissenting."."""
    return (
        len(block.lines) <= 4
        and bool(opinion_of(block.text))
        and not re.search(r"(?:concur|dissent)s?\W*$", block.text)
    )


def _body_start(blocks: Sequence[Block], head: str, styles: Styles) -> int:
    """Where the text begins below a caption, which may say again what runs over the page."""
    for i, block in enumerate(blocks):
        text = block.text
        if text.lower() == head.lower():
            continue
        body = is_prose(text) and not is_capitals(text) and (ends_sentence(text) or len(block.lines) > 2)
        if not block.kind and (announced(text) or (body and styles.small(block.first) > 0.86)):
            return i
    return 0


def case_title(blocks: Sequence[Block], tops: Mapping[int, Sequence[Line]]) -> str:
    """What a case is called: as it runs over the pages, else its parties in the caption; empty where it is no case."""
    heads = Counter(
        text
        for lines in tops.values()
        for line in sorted(lines, key=lambda line: line.base)[:2]  # lower ones may be of a caption
        if _CASE.fullmatch(text := _NUMBERED.sub("", line.text)) and not _CITED.search(text)
    )
    if heads and any(announced(_NUMBERED.sub("", x.text)) for lines in tops.values() for x in lines):
        return heads.most_common(1)[0][0]
    return _caption([line for block in blocks if block.first.page == 1 for line in block.lines])


def _caption(lines: Sequence[Line]) -> str:
    """The parties above and below a line "v.", or what a case without parties is called, from a first page's lines."""
    for i, line in enumerate(lines):
        if _VERSUS.fullmatch(versus := _first_cell(line)) and versus[-1] in ".:":
            beside = [x.x0 > line.x1 + 0.2 * x.width for x in lines]  # in the caption's other cell
            near = [[x for x, other in part if not other] for part in _around(lines, beside, i)]
            above, below = _party(reversed(near[0])), _party(near[1])
            if above and below:
                return f"{' '.join(reversed(above))} v. {' '.join(below)}"
        if is_capitals(line.text) and _CASE.fullmatch(line.text):
            return _OTHERS.sub("", line.text)
    return ""


def _around(lines: Sequence[Line], beside: Sequence[bool], at: int) -> tuple[list[tuple[Line, bool]], ...]:
    both = list(zip(lines, beside, strict=True))
    return both[:at], both[at + 1 :]


def _first_cell(line: Line) -> str:
    if len(line.cells) < 2:
        return line.text
    return " ".join(run.text for run in line.runs if run.x0 < line.cells[0].x1)


def _party(lines: Iterable[Line]) -> list[str]:
    """The name of a party from the lines beside "v.", the nearest first."""
    found: list[str] = []
    for line in itertools.islice(lines, 2 * _PARTY_LINES):
        text = _first_cell(line)
        if _AROUND.search(text) or _VERSUS.fullmatch(text) or (ends_sentence(text) and is_prose(text)):
            break
        if _PARTY.fullmatch(text):
            if found:
                break
            continue
        found.append(_OTHERS.sub("", _PARTY.sub("", text)).strip(" ,;)("))
        if len(found) == _PARTY_LINES:
            break
    return [name for name in found if name]
