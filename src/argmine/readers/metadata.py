"""What documents say of themselves in a line or a field: DOI, date, venue, kind; functions on strings for all readers.

What is not plainly said is None: a wrong year or DOI is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from argmine.paper import DocumentKind

LONGEST: Final = 600  # characters of a field of a file's properties; what is longer is no title, name or venue

_FEW_WORDS: Final = 12  # beside a DOI: its label, the journal's name and volume
_DOI: Final = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^`\u2028]{1,200}")
_OF_DATA: Final = re.compile(
    r"(?i)\bdata(?:set)?s?\b(?! science)|\bcode\b|\bsoftware\b|\barchiv|\breposit|supplement|\bmaterials?\b"
    r"|\boriginal article|\breply to|\bcomment on|\bresponse to"
)
_OF_THIS: Final = re.compile(
    r"(?i)\bcit(?:able|e this|e as)|\bhow to cite|\bthis (?:article|paper|manuscript|document|version|report|work)\b"
)

# --- dates ---
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|fall|winter)\.?"
)
_Y: Final = r"(?<![\d.-])(1[5-9]\d\d|20\d\d)(?!\d)"
DATE: Final = (
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\.?\s+)?(?:of\s+)?{_MONTH}(?:\s*[-–/]\s*{_MONTH})?"
    rf"(?:,?\s+\d{{1,2}}(?:st|nd|rd|th)?)?,?\s+{_Y}"
    rf"|{_Y}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{_Y.replace('.-', '')})"
)
"""An expression for a date with its year in one of its groups, in any case of letters."""
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WEEKDAY: Final = rf"(?:{_DAY},?\s+)?"
_YEAR: Final = re.compile(_Y)
_DATE: Final = re.compile(rf"(?i)\b{DATE}")
_HANDLED: Final = re.compile(  # dates of who handled the file, and of what it is about
    r"(?i)download|retrieved|accessed|printed|authorized|last\s+(?:saved|modified)|valid\s+(?:until|from)|effective"
    r"|conference|workshop|held\s+(?:on|in|at)|expires?|comments?\s+(?:due|must)|established"
)
# How lines say when a document appeared, the surest first.
_SURE: Final = (
    r"\b(?:published|publication\s+date|date\s+of\s+publication|first\s+published|issued|released|posted)\b"
    rf"[^.;\d]{{0,40}}?\b{DATE}",
    rf"\b(?:published|publication\s+date|issued)\b[^.;\d]{{0,30}}?{_Y}",
    rf"(?:\bdecided|\bfiled|\bdelivered|\bdate\s+filed|\bentered)\b[^.;\d]{{0,30}}?{DATE}",
    r"\b(?:filed|decided|entered)\W{1,3}(?:on\s)?\d{1,2}/\d{1,2}/(\d\d)\b",
    rf"(?:cite\s+(?:this|as)|citation)\b[^\n]{{0,200}}?\(?{_Y}[a-z]?\)?",
    rf"\bvol(?:ume|\.)?\s*[\dIVXLC]{{1,6}}\b[^\n]{{0,60}}?{_Y}",
    rf"[A-Za-z.]\s\(?{_Y}\)?[;,:]\s?\d{{1,4}}\s?(?:\(\s?\d{{1,4}}[^)]{{0,12}}\))?\s?[:,]",
    rf"[A-Za-z.)]\s\d{{1,4}}(?:\s?\(\d{{1,3}}\))?\s?\({_Y}\)",
    rf"[A-Za-z.|]\s\({_Y}\)\s\d{{1,4}}:\s?\w",
    rf"\b{DATE}[\s,|]{{1,3}}vol(?:ume|\.)",
    rf"(?:©|\(c\)|\bcopyright)[^\d\n]{{0,60}}{_Y}(?!\s?[-–])",
    rf"\bpreprint\b[^.;\d]{{0,80}}?{DATE}",
    rf"\baccepted\b[^.;\d]{{0,40}}?{DATE}",
    rf"\A\W*(?:date|dated|updated|last\s+updated|revised|as\s+of)\b\s*:?\s*{_WEEKDAY}{DATE}",
    rf"\A\W*{_WEEKDAY}{DATE}\W*\Z",
    rf"\A\W*{_Y}\W*\Z",
)
_UNSURE: Final = (
    rf"\b(?:received|revised|submitted)\b[^.;\d]{{0,40}}?{DATE}",
    rf"\b(?:received|accepted|submitted|decided)\b[^.;\d]{{0,20}}{_Y}",
    rf"\A[^\n]{{0,240}}?\b{DATE}\W*\Z",
    rf"\A[^\n]{{0,30}}?\b{DATE}[^\n]{{0,25}}\Z",
)
_SAYS_WHEN: Final = tuple(re.compile(f"(?i){pattern}") for pattern in _SURE)
_HAS_DATE: Final = tuple(re.compile(f"(?i){pattern}") for pattern in _UNSURE)

# --- titles, venues, kinds ---
_JUNK: Final = re.compile(
    r"(?i)\W*(?:untitled|no title|title|document|manuscript|paper|draft|article|print|layout|slide|presentation"
    r"|template|powerpoint presentation|main|output|index|unknown|none|null|about:blank|full ?text|abstract)?"
    r"[\W_]*\d*\W*"
    r"|.{0,20}microsoft (?:word|powerpoint|excel|office)\b.*|(?:https?|file):\S*|[A-Za-z]?[\d_.:/\\ -]+[A-Za-z]?"
    r"|.*\.(?:docx?|pdf|tex|indd|qxd|qxp|dvi|ps|eps|rtf|odt|pptx?|xlsx?|wpd|pages|p65|fm|xml|html?|md|tmp|txt|exe)"
    r"|\S{0,40}[\\/_]\S{0,60}|.{0,4}|\(anonymous\)|anonymous|admin\w*|owner|user\w*|author|creator|default"
)
_VENUE: Final = re.compile(
    r"(?:Published|Appeared|To appear|Accepted(?: for publication)?) (?:in|by)(?: the)?:?\s+"
    r"(?P<name>[A-Z][^.,;:(\d]{3,90}?)(?=\s*(?:[.,;:(]|\bat\b|\d|$))"
)
_PROCEEDINGS: Final = re.compile(r"\b(?P<name>Proceedings of [^.|(\n]{5,120}?)(?=,? pages|,? pp\b|\s*[.(]|$)")
_JOURNAL: Final = (
    r"(?P<name>(?:(?:The|An?)\s)?[A-Z][\w’'&.:-]*"
    r"(?:,?\s(?:[A-Z&][\w’'&.:()-]*|of|the|and|in|for|on|und|de|la|des|et)){0,11})"
)
_VOLUMES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_JOURNAL}[\s,.|/–—-]{{1,4}}(?:[Vv]ol(?:ume)?\.?|VOL(?:UME)?\.?)\s?\d",
        rf"^{_JOURNAL}\s\|[^\n]{{0,60}}\b[Vv]olume\s\d",
        rf"^(?:[^\d|]{{2,60}}\bet al\.\s)?{_JOURNAL}[\s|]{{1,3}}\((?:19|20)\d\d\)\s\d{{1,4}}:",
        rf"^{_JOURNAL}[\s,.|–—-]{{1,4}}\(?(?:1[89]|20)\d\d\)?[;,:]\s?\d",
        rf"^{_JOURNAL}[,.]?\s\d{{1,4}}(?:\s?\(\d{{1,3}}\))?[,:]?\s?\(?(?:1[89]|20)\d\d",
        rf"^{_JOURNAL}[,.]?\s\d{{1,4}}\s?[:(]\s?\d{{1,4}}\)?\s?[,:–-]",
    )
)
_NO_VENUE: Final = re.compile(
    rf"(?i)\b(?:{_MONTH}|{_DAY})(?![a-z])|^(?:vol(?:ume)?|pages?|received|accepted|published|nos?|case|figure|table"
    r"|section|chapter|copyright|updated|version|draft|by|article|doi|dated?|id)\b"
)
_CALLED: Final = re.compile(
    r"(?:(?:The|An?)\s)?(?:[A-Z][\w’'&.-]*\s(?:of\s|and\s|the\s|in\s|for\s|on\s)*){0,7}"
    r"(?:Journal|Review|Proceedings|Transactions|Annals|Bulletin|Quarterly|Letters|Archives)"
    r"(?:\s(?:of|and|the|in|for|on|&|[A-Z][\w’'-]*)){0,10}"
)
_NAMED: Final = re.compile(
    r"^(?P<name>(?:The\s)?(?:[A-Z][\w’'-]*\s){0,5}Journal(?:\s(?:of|and|the|in|for|on|&|[A-Z][\w’'-]*)){1,9})$"
)
_THESIS: Final = re.compile(
    r"(?i)\b(?:thesis|dissertation)\b.{0,80}\b(?:submitted|degree|doctor|master|fulfil)"
    r"|\b(?:Ph\.?D\.?|master['’]?s|doctoral|bachelor['’]?s)\s+(?:thesis|dissertation)\b"
)
_KINDS: Final[tuple[tuple[DocumentKind, re.Pattern[str]], ...]] = (
    (
        "review",
        re.compile(
            r"(?i)^(?:responses?|reply|replies) to (?:the )?(?:reviewer|referee|editor)s?\b"
            r"|^(?:reviewer|referee)s?\s*+(?:#\s*+)?[1-9A-C]\b|\bcomments to (?:the )?authors?\b"
        ),
    ),
    ("thesis", _THESIS),
    (
        "report",
        re.compile(
            r"(?i)\b(?:technical|progress|final|annual|interim|research|project|working group|staff|briefing|policy"
            r"|status) (?:report|note|paper|brief)s?\b|\b(?:working|discussion|white|green) ?paper"
            r"|\bissue brief|\breport to\b"
            r"|\btechnical memorandum|^report\b|\breport (?:no|number|of the)\b|\bdeliverable\b|\bproposal$"
        ),
    ),
)
_AFTER_DOI: Final = re.compile(r"(?i)\.?\]?(?:www|https?|doi|abstract|received|published|e-?issn|issn)")
_NUMBERED: Final = re.compile(  # a report's number: "TN-2015-01", "R44243"
    r"(?!arXiv|ISSN|ISBN|COVID)(?:[A-Z]{2,8}[-–/]){1,4}(?:[A-Z0-9]{1,6}[-–/.]){0,6}\d{2,6}(?:[-–/.]\d{1,4})?"
    r"|[A-Z]{1,4}\d{4,6}(?:\s·.{0,40})?"
)


def field_text(value: object) -> str:
    """A field of a file's properties as one line; empty where it is longer than any title, name or venue."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value or "")[: 4 * LONGEST]).split())
    return text if len(text) <= LONGEST else ""


def is_junk(text: str) -> bool:
    """Whether a title or name in a file's properties is what programs put there: "untitled", "x.doc"."""
    return _JUNK.fullmatch(text) is not None


def find_doi(text: str) -> str | None:
    """The first DOI in a text, without what follows it in print."""
    found = _DOI.search(text)
    if found is None:
        return None
    doi = _AFTER_DOI.split(found.group(), maxsplit=1)[0].rstrip(".,;:")
    for closing, opening in (")(", "]["):
        while doi.endswith(closing) and doi.count(closing) > doi.count(opening):
            doi = doi[:-1]
    return doi.rstrip(".,;:'\"”’*†") if len(doi) > 8 else None


def own_doi(parts: Iterable[Sequence[str]], title: str) -> str | None:
    """The DOI of the document itself among the parts round its title, each of lines: neither its data's nor that of a
    work it cites."""
    wanted = _letters(title)[:30]
    for lines in parts:
        whole = " ".join(lines)[:2000]
        if not _OF_DATA.search(whole.replace(title, " ") if title else whole) and (doi := find_doi(whole)):
            printed = next((line for line in lines if doi in line), doi)
            few = sum(doi not in word for word in printed.split()) <= _FEW_WORDS
            if few or _OF_THIS.search(whole) or (len(wanted) > 15 and wanted in _letters(whole)):
                return doi
    return None


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalpha())


def find_year(text: str) -> int | None:
    """The first year of a date as a format states it."""
    found = _YEAR.search(text)
    return int(found.group()) if found else None


def year_of(near: Iterable[str], far: Iterable[str] = ()) -> int | None:
    """The year in which a document appeared, from the lines round its title: the surest kind of date decides.

    Lines from `far` (margins, notes, the end) count only where they say what date theirs is.
    """
    dated, others = _with_dates(near), _with_dates(far)
    for lines, patterns in ((dated, _SAYS_WHEN), (others, _SAYS_WHEN), (dated, _HAS_DATE)):
        for pattern in patterns:
            for found in filter(None, map(pattern.search, lines)):
                if years := [int(year) for year in found.groups() if year]:
                    return years[-1] if years[-1] > 99 else 2000 + years[-1]
    return None


def _with_dates(lines: Iterable[str]) -> list[str]:
    short = (line[:400] for line in lines)
    return [line for line in short if re.search(r"\d\d", line) and not _HANDLED.search(line)]


def venue_of(lines: Iterable[str], running: Iterable[str] = ()) -> str | None:
    """The journal or proceedings that a line round the title names with a volume, or that a running head names."""
    for line in lines:
        if len(line) < 300:
            found = (pattern.search(line) for pattern in (_VENUE, *_VOLUMES, _PROCEEDINGS, _NAMED))
            names = (match["name"].strip(" ,.:;-–—|") for match in found if match)
            if (name := next(filter(_is_venue, names), None)) is not None:
                return name
    whole = (line.strip(" .|·•–—-") for line in running)
    return next(filter(is_called_journal, whole), None)


def is_called_journal(text: str) -> bool:
    """Whether a line is a journal's name by its words alone: "Annals of Bridges"."""
    return len(text) < 120 and _CALLED.fullmatch(text) is not None


def _is_venue(name: str) -> bool:
    return 3 < len(name) < 120 and not (_DATE.search(name) or _NO_VENUE.search(name))


def kind_of(lines: Sequence[str], opening: Iterable[str] = ()) -> DocumentKind | None:
    """The kind of document that the lines round the title name; a report may have only its number there.

    A thesis says that it is one on any page of its `opening`.
    """
    short = [line.strip() for line in lines if len(line) < 200]
    named = next((kind for kind, pattern in _KINDS for line in short if pattern.search(line)), None)
    if named is None and any(_THESIS.search(text) for text in opening if len(text) < 400):
        named = "thesis"
    return named or ("report" if any(map(_NUMBERED.fullmatch, short)) else None)
