"""Letters, memos and notices: documents that open with labelled lines or a salutation, and whose title is a subject.

A memo's head ("TO: … FROM: … SUBJECT: …") and a notice's ("AGENCY: … ACTION: … SUMMARY: …") say what they are about;
the largest print of their first page is a letterhead or the name of the series.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from argmine.paper import DocumentKind
from argmine.readers.pdf.blocks import Block, is_date_line, is_prose

_LABEL: Final = re.compile(
    r"(?P<label>(?i:to|from|fm|date|subject|subj|re|thru|through|via|cc|info|title|memorandum\s+for(?:\s+the)?)(?=\s*:|\s{2})"
    r"|(?:TO|FROM|FM|INFO|MEMORANDUM\s+FOR)(?=\s))\s*:?\s*"
)
_SUBJECTS: Final = frozenset({"subject", "subj", "re", "title"})
_FROM: Final = frozenset({"from", "fm"})
_NOTICE: Final = re.compile(r"(?:AGENC(?:Y|IES)|ACTION|SUMMARY)\s*:")
_DEAR: Final = re.compile(
    r"Dear\s[^.?!]{2,90}(?:\.\s?[A-Z][^.?!]{1,60}){0,3}[:,]?|To [Ww]hom [Ii]t [Mm]ay [Cc]oncern\s*[:,]?"
)
_RE: Final = re.compile(r"(?:Re|RE|Ref|Subject|SUBJECT|Subj)\s*:\s*(?=\S)")
_CLOSING: Final = re.compile(
    r"(?i)(?:yours\s+(?:sincerely|faithfully|truly)|sincerely(?:\s+yours)?|very\s+truly\s+yours|respectfully(?:\s+(?:submitted|yours))?"
    r"|(?:best|kind|warm)\s+(?:regards|wishes)|cordially|with\s+(?:best|kind)\s+regards)\s*,?"
)
_MOST_LINES: Final = 45  # of the first page: labels stand at its head
_NO_TITLE: Final = re.compile(
    r"(?i)docket|\bRIN\b|\bCFR\b|\[.{0,80}\]$|billing code|^\W*part\s+\d|^(?:proposed )?rules?(?: and regulations)?$"
    r"|^notices?$"
)


@dataclass(slots=True)
class Head:
    """What the head of a letter, memo or notice says; `kind` None where the document is none of them."""

    kind: DocumentKind | None = None
    senders: list[str] = field(default_factory=list)


def read_head(blocks: list[Block]) -> Head:
    """Cut the head's lines apart where there is one, and mark the subject as title. `blocks` are changed."""
    if not blocks:
        return Head()
    return _memo(blocks) or _notice(blocks) or _letter(blocks) or Head()


def signature(blocks: Sequence[Block]) -> list[str]:
    """The lines under a letter's closing words."""
    lines = [line for b in blocks for line in b.lines]
    ends = [i for i, line in enumerate(lines) if _CLOSING.fullmatch(line.text.strip())]
    return [line.text for line in lines[ends[-1] + 1 : ends[-1] + 5]] if ends else []


def _memo(blocks: list[Block]) -> Head | None:
    lines = [(b, i) for b in blocks for i in range(len(b.lines)) if b.first.page == blocks[0].first.page][:_MOST_LINES]
    found = [(b, i, m) for b, i in lines if (m := _LABEL.match(b.lines[i].text)) is not None]
    labels = {m["label"].lower() for _, _, m in found}
    if not (
        labels & _SUBJECTS and (labels & _FROM or any(x.startswith("memorandum") for x in labels) or len(labels) > 2)
    ):
        return None
    head = Head("memo")
    for key in dict.fromkeys(id(b) for b, _, _ in found):
        at = next(n for n, b in enumerate(blocks) if id(b) == key)
        blocks[at : at + 1] = _cut(blocks[at], head)
    subject = next((n for n, b in enumerate(blocks) if b.kind == "title" and b.text), 0)
    for block in blocks[:subject]:
        if block.kind in ("", "heading"):
            block.kind = "furniture"
    return head


def _cut(block: Block, head: Head) -> list[Block]:
    """One block a labelled line, with the lines that go on with it; the subject's becomes the title."""
    parts: list[Block] = []
    for line in block.lines:
        label = _LABEL.match(line.text)
        if label is not None or not parts:
            parts.append(Block([line]))
            if label is not None:
                name = label["label"].lower()
                parts[-1].kind = "title" if name in _SUBJECTS else "furniture"
                line.text = line.text[label.end() :] if name in _SUBJECTS else line.text
                if name in _FROM:
                    head.senders.append(line.text[label.end() :])
        else:
            parts[-1].lines.append(line)
    return parts


def _notice(blocks: list[Block]) -> Head | None:
    labels = [i for i, b in enumerate(blocks) if b.lines and b.first.page <= 3 and _NOTICE.match(b.text)]
    if len({blocks[i].text[:4] for i in labels}) < 2:
        return None
    above = [b for b in blocks[: labels[0]] if b.lines and b.kind in ("", "heading") and not is_prose(b.text)]
    title = next((b for b in reversed(above) if not _NO_TITLE.search(b.text) and not is_date_line(b.text)), None)
    if title is not None:
        title.kind = "title"
    for block in above:
        block.kind = block.kind if block is title else "furniture"
    return Head("notice")


def _letter(blocks: list[Block]) -> Head | None:
    first = [b for b in blocks if b.lines and b.first.page == blocks[0].first.page]
    at = next(
        (i for i, b in enumerate(first) if any(_DEAR.fullmatch(x.text.strip()) for x in b.lines[:2] + b.lines[-1:])),
        None,
    )
    if at is None or any(is_prose(b.text) and len(b.lines) > 3 for b in first[:at]):
        return None
    for block in first[: at + 2]:
        if (found := _RE.match(block.text)) is not None:
            block.kind, block.first.text = "title", block.first.text[found.end() :]
            break
    return Head("letter")
