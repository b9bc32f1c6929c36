"""The reference list and the places in the text that cite it.

Entries are parsed by shape: a year, the names before it, the title after it. In-text citations are author-year
("(Cogan & Mishra, 2020)", "Gill (2024)") or numbered ("[3, 5-7]"); both resolve to entries of the list, and what
doesn't resolve is no citation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from argmine.paper import Citation, Reference

_YEAR: Final = re.compile(r"(?<![\d/.-])(1[5-9]\d\d|20\d\d)([a-z]?)(?![\d/-])")
_PAREN_YEAR: Final = re.compile(
    r"\(((?:1[5-9]|20)\d\d)[a-z]?(?:,[^()]{0,30})?\)|\((?:n\.d\.|forthcoming|in press)\)", re.IGNORECASE
)
_DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s<>\"“”]{1,200})")
_LABEL: Final = re.compile(r"\s*(?:[-•*–]\s+)?(?:\[(\d{1,4}|[A-Za-z][\w+.-]{1,14})\]|\(?(\d{1,4})[.)])\s*")
_BULLET: Final = re.compile(r"\s*[-•*–▪]\s+")
_MARKUP: Final = re.compile(r"(?<!\w)[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}(?!\w)|[<>]")
_NAME: Final = r"[^\W\d_][\w'’.-]*"
_SURNAME_FIRST: Final = re.compile(
    rf"((?:(?:van|von|de|der|den|di|da|la|le|el|al|bin|ten|ter|dos|du)\s+)*{_NAME}(?:\s{_NAME}){{0,2}}),\s*"
    rf"((?:[^\W\d_](?:\.|(?=[\s,]|$))[\s-]*){{1,4}}|{_NAME}(?:\s(?:{_NAME}|[A-Z]\.)){{0,2}})"
)
_SURNAME_INITIALS: Final = re.compile(r"([^\W\d_][\w'’-]+(?:\s[^\W\d_][\w'’-]+)?)\s([A-Z]{1,3})(?=[,.;]|\s|$)")
_PERSON: Final = re.compile(rf"(?:[A-Z]\.[\s-]?){{1,3}}.{{2,40}}|{_NAME}(?:\s{_NAME}){{0,3}}")
_AND: Final = re.compile(r"\s*(?:,?\s*(?:&|\band\b|\bund\b|\bet\b)\s*|;\s*|,\s*)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[“\"‘]([^“”\"]{8,300}?)[.,]?[”\"’](?=[\s,.(]|$)")

_BRACKET: Final = re.compile(r"\[((?:\d{1,4})(?:\s*[,;–-]\s*\d{1,4}){0,30})\]")
_PARENTHESIS: Final = re.compile(r"\(([^()]{3,400})\)")
_NARRATIVE: Final = re.compile(
    rf"({_NAME}(?:\s(?:(?:van|von|de|der|den|la)\s)?{_NAME}){{0,3}}?(?:,?\s(?:and|&)\s{_NAME}|\s+et\s+al\.?)?(?:['’]s?)?),?\s"
    r"\(((?:1[5-9]|20)\d\d[a-z]?(?:[,;]\s*(?:(?:1[5-9]|20)\d\d)?[a-z]?\b){0,4})(?:[,:]\s[^()]{1,40})?\)"
)
_LONGEST_RANGE: Final = 40
"""Numbers. A longer range than this in square brackets is no citation."""


def parse_references(entries: Iterable[str]) -> tuple[Reference, ...]:
    """The entries of a reference list in order, with ids r1, r2, …; `raw` is the entry as it stands in the text."""
    return tuple(_parse(f"r{i}", raw) for i, raw in enumerate(entries, 1))


def _parse(id: str, raw: str) -> Reference:
    text = _MARKUP.sub("", _BULLET.sub("", raw, count=1) if _BULLET.match(raw) else raw)
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    doi = _DOI.search(text)
    bare = re.sub(r"https?://\S+", " ", text)
    year_match = _PAREN_YEAR.search(bare)
    year_at, year_end = (year_match.start(), year_match.end()) if year_match else (-1, -1)
    year = int(year_match.group(1)) if year_match and year_match.group(1) else None
    if year is None:
        years = [m for m in _YEAR.finditer(bare) if not re.search(r"[-–]\s?$", bare[: m.start()])]
        if years:
            early = years[0] if years[0].start() < 160 and _looks_like_names(bare[: years[0].start()]) else None
            chosen = early or years[-1]
            year = int(chosen.group(1))
            if early:
                year_at, year_end = early.start(), early.end()
    if year_at > 0:
        head, tail = bare[:year_at], bare[year_end:]
    else:
        head, tail = _split_names(bare)
    return Reference(
        id=id,
        raw=raw,
        year=year,
        authors=tuple(_authors(head)),
        title=_title(bare, tail),
        doi=doi.group(1).rstrip(".,;)") if doi else None,
    )


def _looks_like_names(head: str) -> bool:
    return not re.search(r"[“\"]", head) and head.count(".") + head.count(",") <= 60 and len(head.strip()) > 1


def _split_names(text: str) -> tuple[str, str]:
    """Names and the rest of an entry whose year stands at its end (Vancouver, IEEE, Chicago notes)."""
    quoted = _QUOTED.search(text)
    if quoted:
        return text[: quoted.start()], text[quoted.start() :]
    for stop in re.finditer(r"\.\s", text):
        before = text[: stop.start()]
        if len(before) > 3 and not re.search(r"(?:^|[\s.-])[A-Z]$", before) and not before.endswith("et al"):
            return before, text[stop.end() :]
    return "", text


def _title(text: str, tail: str) -> str | None:
    quoted = _QUOTED.search(text)
    if quoted:
        return quoted.group(1).strip(" .,")
    tail = tail.lstrip(" .,:;)")
    end = re.search(r"[.?!](?=\s+[A-Z(\d]|\s*$)|\.\s", tail)
    title = tail[: end.start() + (text[end.start() : end.end()] in "?!") if end else len(tail)].strip(" .,;")
    return title if sum(c.isalpha() for c in title) >= 4 else None


def _authors(head: str) -> list[str]:
    head = re.sub(r"\(eds?\.?\)|\b[Ee]ds?\.?(?=\W*$)", "", head).strip(" ,;:(")
    head = head if re.search(r"(?:^|[\s.-])[^\W\d_]\.$", head) else head.rstrip(" .,;")
    names: list[str] = []
    at = 0
    while at < len(head):
        match = _SURNAME_FIRST.match(head, at)
        if match and _is_given(match.group(2)):
            names.append(f"{match.group(1)}, {match.group(2).strip()}".rstrip(","))
        else:
            match = _SURNAME_INITIALS.match(head, at)
            if match:
                names.append(match.group())
        if not match:
            break
        at = match.end()
        gap = _AND.match(head, at)
        at = gap.end() if gap else at
        if not gap:
            break
    if names:
        return names
    whole = [part.strip(" .") for part in re.split(r",\s+(?:and\s+)?|\s+(?:and|&)\s+|;\s*", head) if part.strip(" .")]
    if not whole or len(head) > 300:
        return []
    return whole if all(_PERSON.fullmatch(part) for part in whole) else [head]


def _is_given(given: str) -> bool:
    """Whether this is a first name or initials, not the next surname of a list."""
    return len(given.split()) <= 3


def resolve_citations(
    text: str, spans: Sequence[tuple[int, int]], references: Sequence[Reference]
) -> tuple[Citation, ...]:
    """The places within `spans` of the text that cite entries, in order and disjoint.

    A bracket or a parenthesis is one citation with all entries that it names; "Gill (2024)" is one with its name.
    """
    if not references:
        return ()
    by_number = _numbered(references)
    by_name = _named(references)
    found: list[Citation] = []
    for start, end in spans:
        for match in _BRACKET.finditer(text, start, end):
            ids = [by_number[n] for n in _numbers(match.group(1)) if n in by_number]
            if ids:
                found.append(_citation(match.start(), match.end(), ids))
        for match in _PARENTHESIS.finditer(text, start, end):
            ids = [id for part in match.group(1).split(";") for id in _lookup(part, by_name)]
            if ids:
                found.append(_citation(match.start(), match.end(), ids))
        for match in _NARRATIVE.finditer(text, start, end):
            name = re.sub(r"['’]s?$", "", match.group(1))
            ids = _lookup(f"{name}, {match.group(2)}", by_name)
            if ids:
                found.append(_citation(_name_start(text, match, by_name), match.end(), ids))
    found.sort(key=lambda c: (c.start, -c.end))
    out: list[Citation] = []
    for citation in found:
        if not out or citation.start >= out[-1].end:
            out.append(citation)
    return tuple(out)


def _citation(start: int, end: int, ids: Sequence[str]) -> Citation:
    return Citation(start=start, end=end, references=tuple(dict.fromkeys(ids)))


def _numbered(references: Sequence[Reference]) -> dict[int, str]:
    """Entries by their printed number; by their order where none is printed."""
    printed: dict[int, str] = {}
    for reference in references:
        match = _LABEL.match(reference.raw)
        number = match and (match.group(1) or match.group(2))
        if number and number.isdecimal():
            printed.setdefault(int(number), reference.id)
    if len(printed) * 2 >= len(references):
        return printed
    return {i: reference.id for i, reference in enumerate(references, 1)}


def _numbers(inside: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"\s*[,;]\s*", inside):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        if len(ends) == 2 and ends[0] < ends[1] <= ends[0] + _LONGEST_RANGE:
            numbers.extend(range(ends[0], ends[1] + 1))
        else:
            numbers.extend(ends)
    return numbers


_Names: TypeAlias = dict[int, list[tuple[str, frozenset[str], str, str]]]


def _named(references: Sequence[Reference]) -> _Names:
    """By year: the first author's folded surname, all words of the authors, the letter after the year, the id."""
    found: _Names = {}
    for reference in references:
        if reference.year is None:
            continue
        head = reference.authors[0] if reference.authors else reference.raw[:60]
        first = _surname(head)
        words = frozenset(_fold(w) for name in reference.authors or (head,) for w in re.findall(r"[^\W\d_]+", name))
        letter = next((m.group(2) for m in _YEAR.finditer(reference.raw) if int(m.group(1)) == reference.year), "")
        found.setdefault(reference.year, []).append((first, words, letter, reference.id))
    return found


def _surname(name: str) -> str:
    if "," in name:
        return _fold(name.partition(",")[0])
    words = name.split()
    if len(words) > 1 and re.fullmatch(r"[A-Z]{1,3}", words[-1]):
        return _fold(" ".join(words[:-1]))
    return _fold(words[-1]) if len(words) < 4 and words else _fold(name)


def _lookup(part: str, by_name: _Names) -> list[str]:
    """The entries that "see Cogan & Mishra, 2020, 2021a, p. 3" names."""
    first_year = _YEAR.search(part)
    if not first_year:
        return []
    before = re.sub(r"['’]s\b", "", part[: first_year.start()])
    names = [_fold(w) for w in re.findall(r"[^\W\d_][\w'’-]*", before) if w[:1].isupper()]
    if not names:
        return []
    ids: list[str] = []
    for year in re.finditer(r"((?:1[5-9]|20)\d\d)([a-z]?)(?:,\s?([a-z])\b)?", part):
        for letter in filter(None, (year.group(2), year.group(3))) or ("",):
            ids.extend(_best(names, by_name.get(int(year.group(1)), []), letter))
        if not year.group(2) and not year.group(3):
            ids.extend(_best(names, by_name.get(int(year.group(1)), []), ""))
    return ids


def _best(names: list[str], entries: list[tuple[str, frozenset[str], str, str]], letter: str) -> list[str]:
    """The entry by these names in a year's entries; none where no first author is among the names."""
    cited = set(names)
    fits = []
    for first, words, printed, id in entries:
        first_words = set(first.split())
        if not (first_words & cited):
            continue
        if letter and printed and letter != printed:
            continue
        fits.append((first_words <= cited, len(words & cited), id))
    if not fits:
        return []
    top = max(fits, key=lambda f: (f[0], f[1]))
    return [top[2]]


def _name_start(text: str, match: re.Match[str], by_name: _Names) -> int:
    """Where the cited name starts in a narrative citation: at the first of its words that is an author's."""
    known = {w for entries in by_name.values() for first, words, _, _ in entries for w in (*first.split(), *words)}
    for word in re.finditer(r"[^\W\d_][\w'’-]*", match.group(1)):
        if word.group()[:1].isupper() and _fold(re.sub(r"['’]s$", "", word.group())) in known:
            return match.start(1) + word.start()
    return match.start(1)


def _fold(name: str) -> str:
    """A name without case and accents, for comparing."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    return "".join(c for c in plain.lower() if c.isalpha() or c == " ").strip()
