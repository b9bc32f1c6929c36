"""Names of people in lines of print: told from headings, posts, addresses and dates that are capitalised like them.

A name has two to five capitalised words, initials and particles among them. What decides between "Ada Lister" and
"Harbour Policy" is the paper itself: words that it also writes in small letters are words, not names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from typing import Final

from argmine.readers.heuristics import words

MARK: Final = "\x1f"
GAP: Final = "\x1e"
BREAKS: Final = MARK + GAP
"""They stand in a line for the mark of a note or an affiliation and for a gap between columns: a name ends there."""

_PARTICLES: Final = words(
    "de del della delle der den di da das dos do du la le van von vom zu zur ter ten te bin ibn al el y e af av st"
)
_NEVER: Final = words("""
    abstract academia academy act action affairs affiliation agency agreement america american analyst appeal
    appeals appendix applications article assembly assistant associate association attorney author authority authors
    ave avenue background bank blvd board body branch brief briefing bulletin bureau campus case center centre chair
    chairman chamber chapter chief circuit city clerk code college comments commerce commission committee company
    conference congress congressional consultant contents contributors coordinator copy corporation correspondence
    council counsel counsels county court data date dear december defendant defense department dept deputy design
    development director division doctor document draft economics economy editor editors education engineer
    engineering environment environmental facility faculty february federal federation figure final foreword
    foundation friday fund gold gov government governor group guidance guide healthcare hospital house inc info
    information institut institute institution intelligence international introduction issue january journal judge
    justice key keywords lab laboratories laboratory labs law lecturer legal legislative letter library limited list
    llc llp ltd management manager media medicine member memorandum methods michigan minister ministry model monday
    museum national network notice november number october office officer online opinion order organisation
    organization original page paper part partner party petitioner plaintiff policy postdoc postdoctoral preface
    preliminary preprint president press print private proceedings professor program programme project proposed
    prosecutor public publication published publisher quarterly radio rd reader received record references register
    report representatives republic research researcher resources respondent results review reviewed reviewer rights
    road rule rules saturday school science sciences scientist secretary section security senate senior september
    series service services site society software solutions specialist sponsor sponsors staff state statement states
    street student studies study submitted summary sunday supplement support supreme survey system systems table
    team technical technologies technology text thursday title tribunal trust tuesday under union united universidad
    universidade universite university universität université update updated version versions volume wednesday
    working workshop world year""")
_COUNTRIES: Final = words("""
    argentina australia austria belgium brazil canada chile china colombia croatia cyprus denmark egypt england estonia
    finland france germany ghana greece hungary iceland india indonesia iran ireland israel italy japan kenya korea
    latvia lithuania luxembourg malaysia mexico nepal netherlands nigeria norway pakistan peru philippines poland
    portugal romania russia scotland serbia singapore slovakia slovenia spain sweden switzerland taiwan thailand turkey
    türkiye uganda ukraine uk usa uruguay vietnam wales""")
_PLACES: Final = re.compile(
    r"(?i)(?:south|north|west|east|southern|northern|western|eastern|new|united|great|saudi|costa|sri|hong|san|los|las)"
    r"\s(?:carolina|dakota|virginia|australia|korea|africa|america|ireland|territory|york|zealand|jersey|mexico"
    r"|hampshire|england|delhi|orleans|haven|south wales|kingdom|states|britain|arabia|rica|lanka|kong|cape|francisco"
    r"|diego|jose|antonio|angeles|vegas|lansing|lafayette|asia|europe)|rhode island|puerto rico|british columbia"
    r"|nova scotia|são paulo|rio de janeiro|buenos aires|the netherlands|czech republic|district of columbia"
    r"|baton rouge|ann arbor|palo alto|santa (?:barbara|cruz|clara|monica)|el salvador|tel aviv|kuala lumpur"
)
_WORD: Final = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]+(?:['’`.´¨¸ˆ˜˚-]{1,2}[^\W\d_]+){0,4}\.?")
_INITIAL: Final = re.compile(r"(?:[^\W\d_]\.?-?){1,3}")
_TITLE: Final = re.compile(
    r"(?i)\A(?:(?:assoc|asst)\.?\s+)?(?:dr|prof(?:essor)?|mr|mrs|ms|sir|hon|special counsel|senator|secretary|judge"
    r"|justice)\b\.?\s+"
)
_DEGREE: Final = re.compile(
    r"(?:[A-Z][A-Za-z]?\.?\s?){0,3}(?:Ph\.?\s?D|PHD|M\.?\s?D|MPH|MSc|M\.?\s?Sc|M\.?\s?A|M\.?\s?S|BSc|B\.?\s?A|B\.?\s?S|J\.?\s?D"
    r"|DPhil|D\.?\s?Phil|DrPH|MBA|MBBS|MBChB|RN|FRCP|FRCS|FACP|LL\.?\s?M|LL\.?\s?B|Ed\.?\s?D|Sc\.?\s?D|Dr\.?|CPA|Esq|PE|PharmD|DDS|DVM|MSW|MPP"
    r"|MHS|MRes|MEng|BEng|FAHA|FACC|Dipl?|hab)\.?(?:[\s/,-]+[A-Z][A-Za-z.]{0,6})*"
)
_SUFFIX: Final = re.compile(r"(?:,|(?<=[^\s,]))\s++(Jr|Sr|II|III|IV)\b\.?")
_LEAD: Final = re.compile(
    r"(?i)\A\s*(?:(?:written|prepared|submitted|edited|compiled|authored|presented)\s+)?(?:by|from)\b\s*:?\s*"
    r"|\A\s*(?:corresponding\s+)?(?:authors?|contributors?|name|researchers?)\s*:\s*"
)
_SPLIT: Final = re.compile(rf"([{BREAKS}]+|;|,|•|·|\||\n|\s(?:and|und|et|y|with|&)\s|&)")
_AND: Final = re.compile(r"\s*(?:and|&|und|et|y)\s*")
_BODY: Final = re.compile(r"(?:[Tt]he\s+)?(?:[A-Z][\w’'-]*\s+){1,6}(?:Team|Collaboration|Consortium|Investigators)")
_LONGEST: Final = 70  # characters of a name
_LONGEST_LINE: Final = 2000  # characters of lines of names; a page has hardly more


def is_person(text: str, common: Container[str] = ()) -> bool:
    """Whether a text is a name and nothing else. `common` are words that the paper writes in small letters."""
    if len(text) > _LONGEST or any(c.isdigit() for c in text) or _PLACES.fullmatch(text):
        return False
    found = text.replace(",", " ").split()
    plain = [w for w in found if w.lower() not in _PARTICLES or w[0].isupper()]
    if not 2 <= len(plain) <= 5 or len(found) > 7 or not all(_is_name_word(w) for w in plain):
        return False
    full = [_folded(w) for w in plain if not _INITIAL.fullmatch(w) or len(w.replace(".", "")) > 2]
    last = plain[-1].strip(".")
    if not full or last.lower() == "st" or found[-1] in _PARTICLES or len(last) < 2 or last == last.upper() == "USA":
        return False
    if any(part in _NEVER or f"{part}s" in _NEVER for w in full for part in w.split("-")):
        return False
    return len(full) < len(plain) or not all(w in common for w in full)


def _folded(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if c.isalpha() or c == "-")


def _is_name_word(word: str) -> bool:
    return word[0].isupper() and bool(_WORD.fullmatch(word) or _INITIAL.fullmatch(word))


def leading_names(text: str, common: Container[str] = ()) -> tuple[list[str], str]:
    """The names that a line opens with, and what of a name its end may have cut off ("Ada B." of "Ada B. Lister").

    No names where something else stands first: an address may hold words that look like one.
    """
    names: list[str] = []
    text = _LEAD.sub("", _SUFFIX.sub(r" \1", re.sub(r"\([^()]{0,200}(?:\)|$)", " ", text[:_LONGEST_LINE])), count=1)
    ended, open_end = False, ""
    for part, before in _parts(text):
        ended = ended and before not in (";", "\n") and not set(BREAKS) & set(before)
        name = strip_titles(part)
        open_end = ""
        if ended or not name or _DEGREE.fullmatch(name):
            continue
        if is_person(name, common) or _BODY.fullmatch(name):
            names.append(name)
        elif len(names) == 1 and (name.lower().removeprefix("the ") in _COUNTRIES or _PLACES.fullmatch(name)):
            return [], ""  # "Cape Town, South Africa"
        elif len(name.split()) <= 3 and all(_is_name_word(w) and _folded(w) not in _NEVER for w in name.split()):
            open_end = name
            ended = True
        elif not names:
            return [], ""
        else:
            if _AND.fullmatch(before):  # "Harbour Engineering and the Like" is no name before a second one
                names.pop()
            ended = True
    return names, open_end


def strip_titles(part: str) -> str:
    """A name without what stands round it: "Dr. Ada Lister, Ph.D." as "Ada Lister"."""
    name = _TITLE.sub("", " ".join(part.split()).strip(" .,:;*-–—"), count=1)
    name = re.sub(rf"\s+{_DEGREE.pattern}$", "", name) if len(name.split()) > 2 else name
    return name.strip(" ,")


def _parts(text: str) -> Iterator[tuple[str, str]]:
    pieces = ["", *_SPLIT.split(text)]
    return zip(pieces[1::2], pieces[::2], strict=True)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Names without those that stand twice, with and without a middle one."""
    found: dict[tuple[str, str], str] = {}
    for name in names:
        key = _fold(name)
        found.setdefault((key[0], key[-1]), name)
    return tuple(found.values())


def _fold(name: str) -> list[str]:
    return [w.strip(".").casefold() for w in _SUFFIX.sub("", name).split() if w.strip(".")] or [""]


def forward(name: str) -> str:
    """ "Miller, Eric C." as "Eric C. Miller"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name.strip()


def stated_names(text: str) -> list[str]:
    """The people that a field of a file's properties names, in whatever order it has surname and given name."""
    if ";" in text:
        parts = [forward(part) for part in text.split(";")]
    else:
        listed = [p.strip() for p in re.split(r",\s*(?:and\s+|&\s*)?|\s(?:and|&)\s", text)]
        turned = len(listed) == 2 and " " not in listed[0] and len(text) < _LONGEST
        parts = [forward(text)] if turned else listed
    return [strip_titles(part) for part in parts if part.strip()]
