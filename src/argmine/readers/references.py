"""The reference list and the places in the text that cite it.

Entries are parsed by shape: a year, the names before it, the title after it. Citations are author-year ("(Cogan &
Mishra, 2020)", "Gill (2024)") or numbered ("[3, 5-7]", superscripts); what resolves to no entry is no citation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from argmine.paper import Citation, Reference

_YEAR: Final = re.compile(r"(?<![\d/.–-])(1[5-9]\d\d|20\d\d)([a-z]?)(?![\d/–]|-(?!(?:0[1-9]|1[0-2])\b))")
_PAREN_YEAR: Final = re.compile(
    r"(?i)\(((?:1[5-9]|20)\d\d)[a-z]?(?:-\d\d){0,2}(?:,[^()]{0,30})?\)|\((?:n\.d\.|forthcoming|in press)\)"
)
_DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s<>\"“”]{1,200})")
_LABEL: Final = re.compile(r"\s*(?:[-•*–]\s+)?(?:\[(\d{1,4}|[A-Za-z][\w+.-]{1,14})\]|\(?(\d{1,4})[.)])\s*")
_BULLET: Final = re.compile(r"^\s*[-•*–▪]\s+")
_MARKUP: Final = re.compile(r"(?<!\w)[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}(?!\w)|[<>]")
_NAME: Final = r"[^\W\d_][\w'’.-]{0,60}"
# A journal's abbreviated name, as chemists print it right behind the authors; its J. is no initial.
_JOURNAL: Final = r"J\.\s[A-Z][a-z]{1,5}\.\s(?:[A-Z][a-z]{1,6}\.|\d)"
_SURNAME_FIRST: Final = re.compile(
    rf"((?:(?:van|von|de|der|den|di|da|la|le|el|al|bin|ten|ter|dos|du)\s+)*{_NAME}(?:\s{_NAME}){{0,2}}),\s*"
    rf"((?:(?!{_JOURNAL})[^\W\d_]\.[\s-]*|[A-Z](?=[\s,]|$)[\s-]*){{1,5}}|{_NAME}(?:\s(?:{_NAME}|[A-Z]\.)){{0,2}}(?=\s*(?:[,.;(&]|\band\b|$)))"
)
_SURNAME_INITIALS: Final = re.compile(
    r"(?:(?:van|von|de|der|den|di|da|la|le|el|al|bin|ten|ter|dos|du)\s+){0,3}[^\W\d_][\w'’-]+(?:\s[^\W\d_][\w'’-]+)?"
    r"\s[A-Z]{1,4}(?=[,.;:]|\s|$)"
)
_INITIALS_FIRST: Final = re.compile(
    r"(?:[A-Z]\.[\s-]?){1,4}(?:(?:van|von|de|der|den|di|da|la|le)\s){0,3}[^\W\d_][\w'’-]+(?:\s(?!and\b|et\b)[A-Z][\w'’-]+)?"
    r"(?=\s*(?:[,.;:(“\"]|and\b|&|et\sal))"
)
_PART: Final = r"(?:[^\W\d_][\w'’-]+|[A-Z](?:\.-?[A-Z]){0,4}\.?)"
_AS_SPOKEN: Final = re.compile(rf"{_PART}(?:\s{_PART}){{1,5}}(?=\s*[.,(;])")
_WRITTEN_OUT: Final = re.compile(r"[^,]+,\s[^\W\d_]{2,}")
_SAME_AUTHORS: Final = re.compile(r"(?:(?<![—―_])[—―_]{2,}+|(?<![–-])[–-]{3,}+)[.,:]?\s")
_PERSON: Final = re.compile(rf"(?:[A-Z]\.[\s-]?){{1,3}}.{{2,40}}|{_NAME}(?:\s{_NAME}){{0,3}}")
_YEAR_NEXT: Final = re.compile(
    r"[\s.,:;]*(?:\(?[Ee]ds?\.?\)?[\s.,]*)?\(?((?:1[5-9]|20)\d\d)[a-z]?(?:/\d{2,4})?(?:,\s[^()]{1,30})?\)?(?=[\s.,:;]|$)"
)
_AND: Final = re.compile(r"\s*(?:(?:,\s*)?(?:&|\band\b|\bund\b|\bet\b(?!\sal))\s*|;\s*|,\s*(?!et al))", re.IGNORECASE)
_TITLE_END: Final = re.compile(r"[.?!](?=\s+[A-Z(\d]|\s*$)|\.\s")
_QUOTED: Final = re.compile(r"[“\"‘]([^“”\"]{8,300}?)[.,]?[”\"’](?=[\s,.(]|$)")

_BRACKET: Final = re.compile(r"\[((?:\d{1,4})(?:\s*[,;–-]\s*\d{1,4}){0,30})\]")
_PARENTHESIS: Final = re.compile(r"\(([^()]{1,400})\)|\[([^\[\]]{1,400})\]")
# Between the works that one bracket names: "Ek, 2019; Om 2020, Yun, 2021 and Zo 2022".
_NEXT_WORK: Final = re.compile(
    r";|(?<=\d{4})(?:,?\s(?:and|&)|,)\s(?=[^\W\d_])|(?<=\d{4}[a-z])(?:,?\s(?:and|&)|,)\s(?=[A-Z])"
)
_YEAR_OPENS: Final = re.compile(r"[(\[]\s*(?:1[5-9]|20)\d\d")
_NARRATIVE: Final = re.compile(
    rf"({_NAME}(?:\s(?:(?:van|von|de|der|den|la)\s)?{_NAME}){{0,3}}?(?:,?\s(?:and|&)\s{_NAME}|\s+et\s+al\.?)?(?:['’]s?)?),?\s"
    r"[(\[]((?:1[5-9]|20)\d\d[a-z]?(?:[,;]\s*(?:(?:1[5-9]|20)\d\d)?[a-z]?\b){0,4})(?:[,:]\s[^()\[\]]{1,40})?[)\]]"
)
_ROUND: Final = re.compile(r"\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3}){0,30}\s*")
# Numbers in round brackets are citations where so many resolve and the paper cites in no other way.
_ROUND_STYLE: Final = 5
_Span: TypeAlias = tuple[int, int]
_Entry: TypeAlias = tuple[str, frozenset[str], str, str]
_Names: TypeAlias = dict[int, list[_Entry]]
_LONGEST_RANGE: Final = 40  # numbers; a longer range than this in square brackets is no citation


def parse_references(entries: Iterable[tuple[str, Reference | None]]) -> tuple[Reference, ...]:
    """The entries of a reference list in order, with ids r1, r2, …; `raw` is the entry as it stands in the text.

    Where a format states parts of an entry they come along with its text and count before what is found in it.
    """
    parts = ("year", "authors", "title", "doi")
    found: list[Reference] = []
    for i, (raw, stated) in enumerate(entries, 1):
        parsed = _parse(f"r{i}", raw)
        if found and _SAME_AUTHORS.match(raw):
            parsed = parsed.model_copy(update={"authors": found[-1].authors})
        found.append(parsed.model_copy(update={k: v for k in parts if (v := getattr(stated, k, None))}))
    return tuple(found)


def _parse(id: str, raw: str) -> Reference:
    text = _MARKUP.sub("", _BULLET.sub("", raw, count=1))
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    text = _SAME_AUTHORS.sub("", text, count=1)
    doi = (found := _DOI.search(text)) and found.group(1).rstrip(".,;)")
    bare = re.sub(r"https?://\S+", " ", text)
    authors, end = _authors(bare) if not _SAME_AUTHORS.match(raw) else ([], 0)
    dated = _YEAR_NEXT.match(bare, end)
    if dated:
        year, tail = dated.group(1), bare[dated.end() :]
    else:
        in_brackets = _PAREN_YEAR.search(bare)
        years = [m.group(1) for m in _YEAR.finditer(bare, end)]
        years = years[::-1] if _INITIALS_FIRST.match(bare) else years  # IEEE and LaTeX's plain style put it last
        year = in_brackets.group(1) if in_brackets else years[0] if years else None
        tail = bare[end:]
        if in_brackets and not authors:
            authors, tail = _plain_names(bare[: in_brackets.start()]), bare[in_brackets.end() :]
    published = int(year) if year else None
    return Reference(id=id, raw=raw, year=published, authors=tuple(authors), title=_title(bare, tail), doi=doi)


def _title(text: str, tail: str) -> str | None:
    if quoted := _QUOTED.search(text):
        return quoted.group(1).strip(" .,")
    tail = tail.lstrip(" .,:;)")
    end = next((m for m in _TITLE_END.finditer(tail) if m.start() > 7), None)
    if end and end.group()[0] in "?!":
        more = _TITLE_END.search(tail, end.end())
        if more and not tail[end.end() :].lstrip().startswith("(") and _TITLE_END.search(tail, more.end()):
            end = more  # "Do banks matter? Evidence from India. Journal of …": the subtitle is part of it
    title = (tail[: end.start() + (end.group()[0] in "?!")] if end else tail).strip(" .,;:")
    return title if sum(c.isalpha() for c in title) >= 4 else None


def _authors(text: str) -> tuple[list[str], int]:
    names: list[str] = []
    at = 0
    gap: re.Match[str] | None = None
    while at < len(text) and len(names) < 100:
        # "Ostrom, Elinor, Roy Gardner, and …": where a first name is written out, the others stand as they are spoken.
        spoken = bool(names) and _WRITTEN_OUT.match(names[0])
        match = _AS_SPOKEN.match(text, at) if spoken else None
        match = (
            match
            or _INITIALS_FIRST.match(text, at)
            or _SURNAME_INITIALS.match(text, at)
            or _SURNAME_FIRST.match(text, at)
        )
        if not match and gap and re.search(r"and|&", gap.group()):
            match = _AS_SPOKEN.match(text, at)
        if not match:
            break
        name = " ".join(match.group().split()).rstrip(",")
        names.append(name if re.search(r"(?:^|[\s.-])[^\W\d_]\.$", name) else name.rstrip("."))
        gap = _AND.match(text, match.end())
        at = gap.end() if gap and not _YEAR_NEXT.match(text, match.end()) else match.end()
        if not gap:
            break
    if names:
        others = re.compile(r"[\s,.]*(?:et al\.?|and others)").match(text, at)
        return names, others.end() if others else at
    quoted = _QUOTED.search(text)
    stop = re.compile(r"(?<!\b[A-Z])\.\s|(?=\((?:1[5-9]|20)\d\d)").search(text)
    end = min((m.start() for m in (quoted, stop) if m), default=0)
    return (_plain_names(text[:end]), end) if 0 < end < 300 else ([], 0)


def _plain_names(head: str) -> list[str]:
    """Names that stand as they are spoken ("Claude Shannon and Warren Weaver"), or a body's name whole."""
    head = re.sub(r"\(eds?\.?\)|,?\s\b[Ee]ds?\.?(?=\W*$)", "", head).strip(" .,;:(")
    parts = [part.strip(" .") for part in re.split(r",\s+(?:and\s+)?|\s+(?:and|&)\s+|;\s*", head) if part.strip(" .")]
    if not parts or len(head) > 300:
        return []
    return parts if all(_PERSON.fullmatch(part) for part in parts) else [head]


def resolve_citations(
    text: str, spans: Sequence[_Span], references: Sequence[Reference], marks: Sequence[tuple[int, str]] = ()
) -> tuple[Citation, ...]:
    """The places within `spans` of the text that cite entries, in order and disjoint.

    A bracket or a parenthesis is one citation with all entries that it names; "Gill (2024)" is one with its name.
    `marks` are superscripts left out of the text, each with the place that it stands behind: where the paper cites by
    them, the word before is the citation.
    """
    by_number, by_name = _numbered(references), _named(references)
    undated = [(_bare(_BULLET.sub("", r.raw)), r.id) for r in references if r.year is None]
    found: list[Citation] = []
    in_round: list[Citation] = []

    def cite(into: list[Citation], start: int, end: int, ids: Sequence[str]) -> None:
        if ids:
            into.append(Citation(start=start, end=end, references=tuple(dict.fromkeys(ids))))

    def numbered(inside: str) -> list[str]:
        return [by_number[n] for n in _numbers(inside) if n in by_number]

    for start, end in spans if references else ():
        for match in _BRACKET.finditer(text, start, end):
            cite(found, match.start(), match.end(), numbered(match.group(1)))
        for match in _PARENTHESIS.finditer(text, start, end):
            inside = match.group(1) or match.group(2)
            ids = [id for part in _NEXT_WORK.split(inside) for id in _lookup(part, by_name) or _undated(part, undated)]
            cite(found, match.start(), match.end(), ids)
            if not ids and match.group(1) and _ROUND.fullmatch(inside):
                cite(in_round, match.start(), match.end(), numbered(match.group(1)))
        # The pattern for "Gill (2024)" is slow, and most paragraphs hold no year in brackets: those are passed over.
        for match in _NARRATIVE.finditer(text, start, end) if _YEAR_OPENS.search(text, start, end) else ():
            name = re.sub(r"['’]s?$", "", match.group(1))
            if ids := _lookup(f"{name}, {match.group(2)}", by_name):
                cite(found, _name_start(match, by_name), match.end(), ids)
    if len(in_round) >= _ROUND_STYLE and not found:
        found = in_round
    if len(raised := _raised(text, marks, by_number)) > 4 * len(found):
        found += raised
    found.sort(key=lambda c: (c.start, -c.end))
    out: list[Citation] = []
    for citation in found:
        if not out or citation.start >= out[-1].end:
            out.append(citation)
    return tuple(out)


def _undated(part: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    """The entry that "About the project, n.d." names: the one that begins so."""
    before, dated, _ = part.partition("n.d.")
    cited = _bare(before.removeprefix("see ").removeprefix("e.g.,"))
    return [id for raw, id in entries if dated and len(cited) > 2 and raw.startswith(cited)][:1]


def _bare(text: str) -> str:
    return "".join(filter(str.isalpha, _fold(text)))


def _raised(text: str, marks: Sequence[tuple[int, str]], by_number: Mapping[int, str]) -> list[Citation]:
    """Citations by superscripts, where these are numbers and nearly all of them are those of entries."""
    whole: dict[int, str] = {}
    for at, mark in marks:
        whole[at] = whole.get(at, "") + mark
    numbers = {at: _numbers(mark) for at, mark in whole.items() if _ROUND.fullmatch(mark)}
    known = {at: [by_number[n] for n in ns if n in by_number] for at, ns in numbers.items()}
    if len(known) < _ROUND_STYLE or sum(map(bool, known.values())) < 0.9 * len(whole):
        return []
    return [
        Citation(start=max(text.rfind(" ", 0, at - 1), text.rfind("\n", 0, at - 1)) + 1, end=at, references=tuple(ids))
        for at, ids in known.items()
        if ids and at
    ]


def _numbered(references: Sequence[Reference]) -> dict[int, str]:
    printed: dict[int, str] = {}
    for reference in references:
        match = _LABEL.match(reference.raw)
        number = match and (match.group(1) or match.group(2))
        if number and number.isdecimal():
            printed.setdefault(int(number), reference.id)
    counted = {i: reference.id for i, reference in enumerate(references, 1)}
    return printed if len(printed) * 2 >= len(references) else counted


def _numbers(inside: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,;]", inside):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        spanned = len(ends) == 2 and ends[0] < ends[1] <= ends[0] + _LONGEST_RANGE
        numbers.extend(range(ends[0], ends[1] + 1) if spanned else ends)
    return numbers


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
    names = {_fold(w) for w in re.findall(r"[^\W\d_][\w'’-]*", before) if w[:1].isupper()}
    return [
        id
        for year in re.finditer(r"((?:1[5-9]|20)\d\d)([a-z]?)(?:,\s?([a-z])\b)?", part)
        for letter in list(filter(None, year.groups()[1:])) or [""]
        for id in _best(names, by_name.get(int(year.group(1)), []), letter, alone="et al" not in before)
    ]


def _best(cited: set[str], entries: list[_Entry], letter: str, *, alone: bool) -> list[str]:
    """The entry that fits a citation best: by names, by its year's letter, by having no more authors than named."""
    fits = [
        (
            set(first.split()) <= cited,
            len(words & cited),
            bool(letter) and letter == printed,
            -len(words - cited) if alone else sum(len(w) > 1 for w in words) > 2,
            id,
        )
        for first, words, printed, id in entries
        if set(first.split()) & cited and not (letter and printed and letter != printed)
    ]
    return [max(fits, key=lambda f: f[:4])[4]] if fits else []


def _name_start(match: re.Match[str], by_name: _Names) -> int:
    known = {w for entries in by_name.values() for first, words, _, _ in entries for w in (*first.split(), *words)}
    words = [w for w in re.finditer(r"[^\W\d_][\w'’-]*", match.group(1)) if w.group()[:1].isupper()]
    named = (w.start() for w in words if _fold(re.sub(r"['’]s$", "", w.group())) in known)
    return match.start(1) + next(named, 0)


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    return "".join(c for c in plain.lower() if c.isalpha() or c == " ").strip()
