"""The cases that a judgment cites, as references where the document has no list of them, with their places.

A case is told by the form of its citation: two parties, then volume, reporter, page and year ("Roe v. Wade, 410 U. S.
113 (1973)") or a year in square brackets ("Roe v Wade [2019] UKSC 5"). Later it is cited by volume and reporter ("410
U. S., at 115") and by "Id., at 115" and "Ibid.", which name what was cited last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from argmine.paper import Citation, Reference
from argmine.readers.heuristics import words

_REPORTER: Final = r"(?:[A-Z][\w’']{0,14}+\.?+ ?+|& |\d[a-z]{1,2} ){1,6}"
_PINS: Final = r"(?:, (?:nn?\. ?)?\d[\d–-]*(?:, nn?\. ?\d+)?){0,6}"
_VERSUS: Final = re.compile(r"\sv\.?\s(?=[A-Z])")
_PARALLEL: Final = rf"(?:,? \d{{1,4}} {_REPORTER}\d{{1,5}}{_PINS}){{0,3}}"
_REPORTED: Final = re.compile(
    rf"(?P<party>[A-Z][^()\[\];:“”\"]{{0,120}}?),? (?:(?P<volume>\d{{1,4}}) (?P<reporter>{_REPORTER})"
    rf"(?P<page>\d{{1,5}}|[_–—-]{{2,}}){_PINS}{_PARALLEL} ?\([^()]{{0,60}}?(?P<year>\d{{4}})\)"
    r"|(?P<given>\[(?:1[89]|20)\d\d\] (?:\d{1,2} )?[A-Z][A-Za-z. ]{0,14} \d{1,5}))"
)
_SHORT: Final = re.compile(rf"(?<!\w)(?P<volume>\d{{1,4}}) (?P<reporter>{_REPORTER}),? ?at (?:nn?\. ?)?[*\d][\d–-]*")
_SAME: Final = re.compile(r"\b(?:[Ii]d\.(?:,? at (?:nn?\. ?)?[*\d][\d–-]*)?|[Ii]bid\b\.?)")
_OTHER: Final = re.compile(r"§|\b\d{1,4} (?:[A-Z]\w{0,8}\. ?){1,5}\d|\b(?:[Aa]nte|[Pp]ost|[Ss]upra|[Ii]nfra), at")
_WITHIN_NAMES: Final = words("of the and for ex rel re in de la du van von et al a on to by parte")
_BEFORE_NAMES: Final = words(
    """as per both unlike like following applying see cf but in under compare accord contra also e.g g and the with
    quoting citing from of for"""
)
_FEWEST: Final = 3  # cases; a text that cites fewer is hardly on law


class _Place(NamedTuple):
    """Where something is cited: a case by volume and reporter (None: by what stands for the last one)."""

    start: int
    end: int
    key: str | None
    title: str = ""
    year: int | None = None
    other: bool = False


def find_cases(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[Reference, ...], tuple[Citation, ...]]:
    """The cases cited within these spans of a text, in the order of their first full citations, and all places."""
    places = [p for start, end in spans for p in _places(text, start, end)]
    full: dict[str, _Place] = {}
    for place in places:
        if place.title and place.key:
            full.setdefault(place.key, place)
    if len(full) < _FEWEST:
        return (), ()
    ids = {key: f"r{i}" for i, key in enumerate(full, 1)}
    references = tuple(
        Reference(id=ids[key], raw=text[p.start : p.end], year=p.year, authors=(), title=p.title, doi=None)
        for key, p in full.items()
    )
    by_volume: dict[str, list[str]] = {}
    for key, id in ids.items():
        by_volume.setdefault(key.partition("/")[0], []).append(id)
    citations: list[Citation] = []
    last: str | None = None
    for place in places:
        if place.key is not None:
            known = by_volume.get(place.key, [])
            last = ids.get(place.key) or (known[0] if len(known) == 1 else None)
        elif place.other:
            last = None
        if last and not place.other:
            citations.append(Citation(start=place.start, end=place.end, references=(last,)))
    return references, tuple(citations)


def _places(text: str, start: int, end: int) -> Iterator[_Place]:
    """What is cited within a span, in order and disjoint."""
    found = [place for match in _VERSUS.finditer(text, start, end) if (place := _full(text, start, end, match))]
    found += [_Place(m.start(), m.end(), _volume(m)) for m in _SHORT.finditer(text, start, end)]
    found += [_Place(m.start(), m.end(), None) for m in _SAME.finditer(text, start, end)]
    found += [_Place(m.start(), m.end(), None, other=True) for m in _OTHER.finditer(text, start, end)]
    found.sort(key=lambda p: (p.start, -p.end))
    reached = start
    for place in found:
        if place.start >= reached:
            reached = place.end
            yield place


def _full(text: str, start: int, end: int, versus: re.Match[str]) -> _Place | None:
    match = _REPORTED.match(text, versus.end(), min(end, versus.end() + 300))
    begin = _party_before(text, start, versus.start())
    if not match or begin is None or any(w.islower() and w not in _WITHIN_NAMES for w in match["party"].split()):
        return None
    title = " ".join(f"{text[begin : versus.end()]}{match['party']}".split())
    year = match["year"] or match["given"][1:5]
    key = f"{_volume(match)}/{match['page']}" if match["volume"] else match["given"]
    return _Place(begin, match.end(), key, title, int(year))


def _volume(match: re.Match[str]) -> str:
    return f"{match['volume']} {re.sub(r'[^A-Za-z0-9]', '', match['reporter'])}"


def _party_before(text: str, start: int, end: int) -> int | None:
    """Where the name begins that ends here: words with capitals, and small ones between them."""
    begin: int | None = None
    offset = max(start, end - 150)
    tokens = list(re.finditer(r"\S+", text[offset:end]))
    for i, token in reversed(list(enumerate(tokens))):
        word = token.group()
        name = word.lstrip('(“[‘"')
        small = name.strip(".,").lower()
        closes = i + 1 < len(tokens) and (word[-1] in ';:”"’)]' or (word[-1] == "." and len(word) > 6))
        capital = re.match(r"[a-z]{0,2}[A-Z]", name)
        if closes or small in _BEFORE_NAMES - _WITHIN_NAMES or not (capital or small in _WITHIN_NAMES or word == "&"):
            break
        if capital and small not in _BEFORE_NAMES:
            begin = offset + token.end() - len(name)
        if name != word:
            break
    return begin
