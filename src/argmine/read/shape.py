"""What a piece of text looks like: a heading, a run-in heading, front matter, a reference, the rest of a paragraph.

Functions on strings alone, so that every reader can use them: a PDF reader beside its fonts, the others by themselves.
"""

from __future__ import annotations

import re
from typing import Final, Literal

SectionKind = Literal["abstract", "keywords", "references", "acknowledgement", "contents"]

_ROMAN: Final = r"(?:[IVX]{1,5}|[ivx]{1,5})"
_NUMBER: Final = re.compile(
    rf"""\s*(?:
        (?P<label>(?:Appendix|Chapter|Part|Section|Annex)\s+(?:\d{{1,3}}|[A-Z]|{_ROMAN})(?:\.\d{{1,2}}){{0,4}})
            (?:\s*[.:)—–-]|(?=\s|$))
      | (?P<roman>{_ROMAN}(?:\.\d{{1,2}}){{0,3}}|[A-H](?:\.\d{{1,2}}){{0,3}})(?P<stop>[.)])
      | (?P<arabic>§?\d{{1,3}}(?:\.\d{{1,3}}){{0,5}})(?:[.):]|(?=\s))
      | \(?(?P<letter>[a-zA-Z]|\d{{1,2}}|{_ROMAN})\)
    )(?:\s+|$)""",
    re.VERBOSE,
)

_KIND_WORDS: Final[dict[SectionKind, str]] = {
    "abstract": r"(?:structured\s+|author\s+)?abstract|summary\s+abstract|executive\s+summary",
    "keywords": (
        r"key\s?-?\s?words?(?:\s+and\s+phrases)?|index\s+terms"
        r"|jel(?:\s+classification)?(?:\s+codes?)?|subject\s+(?:terms|headings)"
    ),
    "references": (
        r""
        r"(?:list\s+of\s+|cited\s+|selected\s+)?(?:references?|bibliography|literature)(?:\s+(?:cited|list))?"
        r"|works\s+cited|literature\s+cited|references\s+and\s+notes|sources\s+cited"
    ),
    "acknowledgement": r"acknowled?ge?ments?|acknowledgments?|thanks",
    "contents": r"(?:table\s+of\s+)?contents|list\s+of\s+(?:figures|tables|abbreviations)",
}
_KINDS: Final = {
    kind: re.compile(rf"\s*(?:{words})\s*[.:—–-]?\s*", re.IGNORECASE) for kind, words in _KIND_WORDS.items()
}


def heading_number(title: str) -> tuple[str | None, str]:
    """A heading's number as printed without its closing stop, and the rest: "2.1. Policy" gives ("2.1", "Policy").

    A single capital or Roman numeral counts only with a stop or bracket ("A. Scope"), since "A new start" and "I saw"
    are words; a bare year or a number with a unit ("3 million people") is no number of a heading.
    """
    match = _NUMBER.match(title)
    if not match:
        return None, title.strip()
    number = next(g for g in (match["label"], match["roman"], match["arabic"], match["letter"]) if g)
    rest = title[match.end() :].strip()
    if match["arabic"] and "." not in number and rest[:1].islower() and not match[0].rstrip().endswith((".", ")", ":")):
        return None, title.strip()
    return number, rest


def number_level(number: str, *, lettered_below: bool = False) -> int:
    """The depth that a heading's number says: "2" is 1, "2.1" is 2; `lettered_below` puts "A" one below Roman or
    Arabic numerals, as in documents that use both."""
    number = re.sub(r"^(?:Appendix|Chapter|Part|Section|Annex)\s+", "", number)
    depth = 1 + number.count(".")
    if lettered_below and re.fullmatch(r"[A-HJ-UWYZ]|[a-z]", number):
        depth += 1
    return depth


def section_kind(title: str) -> SectionKind | None:
    """Whether a heading opens a part that isn't the paper's body (or is its abstract), from its words alone."""
    _, rest = heading_number(title)
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(rest)), None)
