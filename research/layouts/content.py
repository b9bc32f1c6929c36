"""What a made paper says: the blocks of a truth in an order, with what is no body text put between them.

A truth (../shared/papers/truth) holds a paper's headings and sentences without saying which stands under which; the
sentences are dealt evenly under the headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "heading", "paragraph", "box", "figure", "equation", "contents", "epigraph", "list", "labelled", "panel", "note"
]
_PRINTABLE = re.compile(r"[\x20-\x7e\u2018\u2019\u201c\u201d\u2013\u2014]*")
_MOST_HEADINGS = 8
_MOST_SENTENCES = 110
_PARAGRAPH = 5
_LABELS = ("Right answer:", "Why it matters:", "What to do:", "Remember:")
PANEL = (
    ("DOI:", "10.0000/example.2021.004"),
    ("Software", "Review, Repository and Archive"),
    ("Editor:", "Open Journals Example"),
    ("Submitted:", "01 May 2021"),
    ("License", "Authors of papers retain copyright and release the work under a Creative Commons licence."),
)
LEGEND = ("Open repositories", "Closed archives", "Papers with code and data", "All others that were asked")
AXES = ("Share of papers (%)", "Year of publication")
CAPTION = "Share of the papers that were open in each year, by kind of archive, with intervals of 95 per cent."
EPIGRAPH = ("The map is not the territory, and the word is not the thing that it names.", "An Old Teacher, Letters")
NOTE = "A remark beside the text that the body does not need, set small in the margin of its page."


@dataclass(frozen=True)
class Part:
    """A block: `text` its sentences, or titles, labels and the like as its kind has them."""

    kind: Kind
    text: tuple[str, ...]
    level: int = 1
    items: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass
class Content:
    """A paper's parts in their order, and its truth."""

    title: str
    parts: list[Part] = field(default_factory=list)

    def truth(self) -> dict[str, Any]:
        """As the scorers want it: `boxes` are sentences that stand in boxes, `apart` what no body sentence may hold."""
        body = [s for p in self.parts if p.kind in ("paragraph", "list", "labelled") for s in sentences_of(p)]
        apart = [s for p in self.parts if p.kind in ("figure", "equation", "epigraph", "panel", "note") for s in p.text]
        headings = [{"title": p.text[0], "level": p.level} for p in self.parts if p.kind == "heading"]
        boxes = [s for p in self.parts if p.kind == "box" for s in p.text[1:]]
        labels = [label for p in self.parts if p.kind == "labelled" for label, _ in p.items]
        return {"title": self.title, "headings": headings, "sentences": body, "boxes": boxes, "apart": apart} | {
            "labels": labels
        }


def sentences_of(part: Part) -> Iterator[str]:
    """The part's sentences of the body; a hanging label opens the sentence beside it."""
    yield from part.text
    for label, said in part.items:
        for i, sentence in enumerate(said):
            yield f"{label} {sentence}".strip() if i == 0 else sentence


def make_content(truth: Mapping[str, Any], extras: Sequence[Kind]) -> Content:
    """A paper of the truth's first headings and sentences, with some of each of `extras` between its paragraphs."""
    said = [s for s in truth["sentences"] if _PRINTABLE.fullmatch(s) and 30 <= len(s) <= 400 and s[-1] in ".?!"]
    said = said[:_MOST_SENTENCES]
    heads = [h for h in truth["headings"] if _PRINTABLE.fullmatch(h["title"]) and 3 < len(h["title"]) < 70]
    heads = [h for h in heads if h["level"] <= 2][:_MOST_HEADINGS] or [{"title": "The whole of it", "level": 1}]
    supply = iter(said)
    content = Content(_plain(truth["title"]))
    share = max(_PARAGRAPH, (len(said) - 8 * len(extras)) // len(heads))
    for n, head in enumerate(heads):
        level = 1 if n == 0 else min(head["level"], 2)
        content.parts.append(Part("heading", (head["title"],), level))
        if n == 0 and "epigraph" in extras:
            content.parts.append(Part("epigraph", EPIGRAPH))
        for m in range(0, share, _PARAGRAPH):
            paragraph = tuple(s for _, s in zip(range(min(_PARAGRAPH, share - m)), supply, strict=False))
            if paragraph:
                content.parts.append(Part("paragraph", paragraph))
            if m == 0:
                content.parts.extend(part for extra in extras if (part := _extra(extra, n, supply)) is not None)
    if "contents" in extras:
        titles = [p for p in content.parts if p.kind == "heading"]
        content.parts.insert(0, Part("contents", tuple(p.text[0] for p in titles)))
    return content


def _plain(title: str) -> str:
    return "".join(c for c in title if _PRINTABLE.fullmatch(c))


def _extra(kind: Kind, n: int, supply: Iterator[str]) -> Part | None:
    def take(count: int) -> tuple[str, ...]:
        return tuple(s for _, s in zip(range(count), supply, strict=False))

    if kind == "panel":
        return Part("panel", tuple(f"{a} {b}" for a, b in PANEL)) if n == 0 else None
    if kind == "note":
        return Part("note", (NOTE,)) if n % 2 == 0 else None
    if n % 3 != 1:
        return None
    if kind == "box":
        return Part("box", (f"Box {n // 3 + 1}: What follows from it", *take(6)))
    if kind == "figure":
        return Part("figure", (CAPTION, *AXES, *LEGEND))
    if kind == "equation":
        return Part("equation", ("x_k = a_k + b_k y_k",))
    if kind == "list":
        inner = [("", (s,)) for s in take(6)]
        return Part("list", (), items=tuple(inner)) if len(inner) == 6 else None
    if kind == "labelled":
        return Part("labelled", (), items=tuple((label, said) for label in _LABELS if (said := take(2))))
    return None
