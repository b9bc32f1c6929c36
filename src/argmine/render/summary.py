"""summary.md: a paper's argument on one page, in the paper's own words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from argmine.argument_map import ArgumentMap
from argmine.paper import Paper
from argmine.render.first_screen import Entry, FirstScreen
from argmine.render.salience import Salience
from argmine.render.words import CAUTION, count, cut, made_by, trust

_QUOTE: Final = 300
_ANSWER: Final = 160
_EACH: Final = 5  # units of each label where there are no key points
_LAST: Final[Mapping[str, int]] = {"open": 1, "problems": 2}
_MARKUP: Final = frozenset("\\`*_{}[]<>&#~|$^=@")


def summary_md(paper: Paper, amap: ArgumentMap, *, notes: Sequence[str] = ()) -> str:
    """A page of Markdown: what the paper claims, why it matters, what stays open, what should be done.

    `notes` stand at the top. Everything from the paper is escaped: it can't become markup, links or HTML.
    """
    lines = [f"# {escape(cut(paper.title, 200)) or escape(paper.source.file)}", ""]
    about = [escape(cut(", ".join(paper.authors), 200)), escape(cut(paper.venue or "", 120)), str(paper.year or "")]
    about.append(f"doi:{escape(cut(paper.doi, 120))}" if paper.doi else "")
    if any(about):
        lines += [". ".join(part for part in about if part), ""]
    for note in notes:
        lines += [f"> {escape(cut(note, 400))}", ""]
    if not amap.units:
        lines += ["No units of argument were found in this paper.", ""]
    for title, items in _sections(FirstScreen(paper, Salience(amap))):
        lines += [f"## {escape(title)}", "", *items, ""]
    return "\n".join([*lines, escape(_closing(paper, amap))]) + "\n"


def _sections(screen: FirstScreen) -> list[tuple[str, list[str]]]:
    """Headings with the lines under each: the filled places, the thesis with its reasons; else those of each label."""
    parts = screen.parts(_EACH)
    named = {part.place: part for part in parts}
    reasons = named.get("reasons") if "thesis" in named else None
    found = []
    for part in sorted(parts, key=lambda p: _LAST.get(p.place, 0)):
        if part is reasons:
            continue
        lines = [escape(part.says), ""] if part.says else []
        for n, entry in enumerate(part.entries):
            lines.append(f"- {quote(entry)}")
            if entry.answer is not None:
                lines.append(f"  - answer: {quote(entry.answer, _ANSWER)}")
            if part.place == "thesis" and n == 0 and reasons is not None:
                lines += [f"  - reason: {quote(reason, _ANSWER)}" for reason in reasons.entries]
        found.append((part.title, lines))
    return found


def _closing(paper: Paper, amap: ArgumentMap) -> str:
    counts = Counter(u.label for u in amap.units)
    scheme = amap.labels
    named = [count(counts[label], label, scheme.plurals[label]) for label in scheme.to_read if counts[label]]
    units = ", ".join(named) or "no units"
    pages = f"{count(paper.source.pages, 'page')}, " if paper.source.pages else ""
    of = f"{pages}{count(len(paper.sentences), 'sentence')}: {units}, {count(len(amap.relations), 'relation')}."
    caution = [CAUTION] if amap.made_by.kind == "model" else []
    return " ".join([of, *caution, made_by(amap) + ".", *trust(amap)])


def quote(entry: Entry, limit: int = _QUOTE) -> str:
    """A sentence in escaped Markdown after what it is understood from, with its page and section in brackets, and whose
    view it is if not the authors'."""
    said = " ".join(escape(cut(text, limit)) for text in (entry.before, entry.text) if text)
    return said + (f" ({escape(place)})" if (place := entry.where()) else "")


def escape(text: str) -> str:
    """Text as Markdown that shows exactly it, on one line, without links, also in GitHub's dialect; without characters
    that turn the direction of the text, which Markdown can't fence in."""
    line = " ".join(text.split())
    kept = "".join(c for c in line if unicodedata.category(c) != "Cc" and not _TURNS.match(c))
    out = []
    for at, char in enumerate(kept):
        link = (char == ":" and kept.startswith("//", at + 1)) or (char == "." and kept[max(0, at - 3) : at] in _WWW)
        out.append(f"\\{char}" if char in _MARKUP or link else char)
    return _OPENS.sub(r"\1\\", "".join(out))


_WWW: Final = ("www", "WWW", "Www")
_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OPENS: Final = re.compile(r"^([0-9]+(?=[.)])|(?=[-+!]))")  # what comes before the sign that opens a list or heading
