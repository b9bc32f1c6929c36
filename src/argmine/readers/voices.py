"""Whose words they are: runs of a paper's sentences that are not its author's, where headings and layout tell it.

What only the wording tells ("the appellant submits that") is left to the model. A rule stands here as long as four of
five sentences that it finds are another's in the readings of key points.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

from argmine.paper import ANOTHER_VOICE, Paper, Section, Voice
from argmine.readers.heuristics import heading_number

_LEAST: Final = 2  # sentences of a run
_LONGEST: Final = 300  # characters of a title or first line that is looked at
_LONGEST_NAME: Final = 90  # characters of `whose`
_QUOTATION: Final = "a quotation"
_Heads = Mapping[int, Sequence[str]]


class Run(NamedTuple):
    """Sentences from the first to the last, by their places, and whose they are."""

    first: int
    last: int
    whose: str


@dataclass(frozen=True)
class Laid:
    """A paper by the places of its sentences; `heads` are its pages' running heads."""

    paper: Paper
    heads: _Heads

    @cached_property
    def starts(self) -> list[int]:
        return [s.start for s in self.paper.sentences]

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """The places of the first and the last sentence of each block of the body."""
        sentences = self.paper.sentences
        groups = (list(group) for _, group in groupby(range(len(sentences)), key=lambda i: sentences[i].block))
        return [(places[0], places[-1]) for places in groups]

    def titled(self) -> Iterator[tuple[Section, str, Run]]:
        """The sections that hold sentences, each with its title without a number and with its run."""
        for section in self.paper.sections:
            first, end = bisect_left(self.starts, section.start), bisect_left(self.starts, section.end)
            if section.title and first < end:
                title = (heading_number(section.title)[1] or section.title)[:_LONGEST].strip()
                yield section, title, Run(first, end - 1, _name(title))

    def opening(self, first: int, last: int) -> str:
        """The text from one sentence to another as one line, as far as it may announce a speaker."""
        sentences = self.paper.sentences
        return " ".join(self.paper.text[sentences[first].start : sentences[last].end][:_LONGEST].split())


def find_voices(paper: Paper, heads: _Heads | None = None) -> tuple[Voice, ...]:
    """The runs of two or more sentences that are not the author's, in the order of the text, none within another.

    A paper's first opinion is its own, however long the dissents after it are; all else counts only where it leaves the
    author at least half of the sentences.
    """
    laid = Laid(paper, heads or {})
    opinions = [*separate_opinions(laid), *speeches(laid)]
    others = _apart(run for rule in RULES.values() for run in rule(laid))
    if sum(run.last - run.first + 1 for run in others) * 2 > len(paper.sentences):
        others = []
    sentences = paper.sentences
    runs = sorted(_apart([*opinions, *others]))
    return tuple(Voice(start=sentences[a].start, end=sentences[z].end, whose=whose) for a, z, whose in runs)


def _apart(runs: Iterable[Run]) -> list[Run]:
    kept: list[Run] = []
    taken: set[int] = set()
    for run in runs:
        places = range(run.first, run.last + 1)
        if len(places) >= _LEAST and taken.isdisjoint(places):
            taken.update(places)
            kept.append(run)
    return kept


def _name(title: str) -> str:
    return " ".join(title.split())[:_LONGEST_NAME].strip(" .,:–—-") or ANOTHER_VOICE


# --- opinions beside the one that decides ---------------------------------------------------------------------------
_HOW: Final = r"(?:partly |partially )?(?:dissent(?:ing|s)?|concur(?:ring|s)?)"
_TAIL: Final = (
    rf"(?:(?:,? (?:and|but|or))?,? ?{_HOW}| in (?:part|full|(?:the )?(?:judgment|result|decision|order))(?: only)?"
    r"| specially| separately){0,5}(?: (?:from|as to) [\w ,-]{3,80})?"
)
_JUDGE: Final = (
    r"(?:(?:mr|mrs|ms)\.? )?(?:(?:chief|lord|lady|presiding|senior|circuit|district|associate|vice) ){0,3}"
    r"(?:justices?|judges?|lord|lady|baroness|sir|dame) (?!\S+ joins?\b)[^\W\d_][\w.'’ -]{1,40}?"
    r"|[^\W\d_][\w'’.&-]+(?:,? [^\W\d_][\w'’.-]+){0,6}?,? (?:[cpav]\. ?)?(?:jj?|l\. ?jj?)\."
)
_NAMED: Final = re.compile(
    rf"(?P<who>{_JUDGE})(?:,? ?\(?(?:with whom|whom|joined by|joining) .{{3,240}}?)?(?:[,:]? ?[(\[]|,)?"
    rf" ?(?P<how>\b{_HOW}\b{_TAIL})(?:,? (?:(?:in )?which|with whom|joined by) .{{2,160}})?[\])]?[.:]?",
    re.IGNORECASE,
)
_OPINION_OF: Final = re.compile(
    r"(?:(?:joint|partly|partially|and|dissenting|concurring|separate),? ){0,5}(?:dissenting|concurring|separate)"
    r" opinion (?:of|by) .{0,40}?\b(?:(?:judges?|justices?|lord|lady|sir|mr|mrs|ms|president)\b|jj?\.).*",
    re.IGNORECASE,
)
_UNNAMED: Final = re.compile(
    r"(?:the )?(?:dissenting|concurring|minority|separate) (?:opinions?|views?)\W*", re.IGNORECASE
)
_DECIDING: Final = re.compile(
    r"(?:.{2,120} (?:delivered|announced) the (?:opinion|judgment)\b.*|per curiam|opinion of the court|syllabus)\W*",
    re.IGNORECASE,
)
_OPINION_BY: Final = re.compile(rf"opinion of (?P<who>{_JUDGE})\W*", re.IGNORECASE)
_COURT: Final = "court"  # whoever decides: a syllabus, an opinion of the court
_OWN_AFTER: Final = 5  # so many sentences before the first opinion that is named are an opinion of the paper's own


class Opening(NamedTuple):
    """Where an opinion begins, whose it is (empty for the one that decides) and where its section ends if it does."""

    at: int
    whose: str
    end: int | None = None

    @property
    def judge(self) -> str:
        return (self.whose.partition(",")[0].split() or [""])[-1].casefold()


def opinion_of(line: str) -> str | None:
    """Whose opinion a heading, an opening line or a running head announces: empty for the one that decides, None where
    it announces none."""
    line = line.strip()
    if _DECIDING.fullmatch(line):
        return ""
    if not re.search(r"dissent|concur|separate", line, re.IGNORECASE):
        return None
    if found := _NAMED.fullmatch(line):
        return _name(f"{found['who'].rstrip(' ,')}, {found['how']}")
    return _name(line) if _OPINION_OF.fullmatch(line) else None


def announced(line: str) -> str | None:
    """Who speaks in the opinion that a line announces, by the last word of the name: "court" where it is the court,
    "syllabus" where it is the reporter, None where the line announces no opinion."""
    line = line.strip()
    if found := _OPINION_BY.fullmatch(line):
        return Opening(0, found["who"]).judge
    whose = opinion_of(line)
    return (
        line.casefold()
        if line.casefold() == "syllabus"
        else whose
        if whose is None
        else Opening(0, whose).judge or _COURT
    )


def separate_opinions(laid: Laid) -> list[Run]:
    """Dissents and concurrences, each until the next opinion begins. The first opinion of a paper is its own."""
    found: dict[int, Opening] = {}
    for opening in (*_headed(laid), *_opened(laid)):
        found.setdefault(opening.at, opening)
    for opening in _running(laid, list(found.values())):
        found.setdefault(opening.at, opening)
    openings: list[Opening] = []
    for opening in sorted(found.values()):
        if not openings or opening.judge != openings[-1].judge:  # else the first line below a heading
            openings.append(opening)
    runs: list[Run] = []
    for i, opening in enumerate(openings):
        last = (openings[i + 1].at if i + 1 < len(openings) else len(laid.starts)) - 1
        if opening.whose and (i or opening.at >= _OWN_AFTER):
            runs.append(Run(opening.at, last if opening.end is None else min(opening.end, last), opening.whose))
    return runs


def _headed(laid: Laid) -> Iterator[Opening]:
    for _, title, run in laid.titled():
        if (whose := opinion_of(title)) is not None:
            yield Opening(run.first, whose)
        elif _UNNAMED.fullmatch(title):
            yield Opening(run.first, run.whose, run.last)


def _opened(laid: Laid) -> Iterator[Opening]:
    for first, last in laid.blocks:
        for z in range(first, min(first + 3, last + 1)):  # "Mr." and "J." may end a sentence where none ends
            whose = opinion_of(laid.opening(first, z))
            if whose is not None and not re.search(
                r"(?:concur|dissent)s?\b", whose
            ):  # "Justice Grey dissents." tells it
                yield Opening(first, whose)
                break


def _running(laid: Laid, announced: Iterable[Opening]) -> Iterator[Opening]:
    """Opinions that running heads name, from the top of their first page unless a line announces them there."""
    pages = [s.page or 0 for s in laid.paper.sentences]
    known = {(pages[o.at], o.judge) for o in announced}
    before: str | None = None
    for page, lines in sorted(laid.heads.items()):
        whose = next((said for line in lines if (said := opinion_of(line[:_LONGEST])) is not None), None)
        opening = Opening(bisect_left(pages, page), whose or "")
        if whose is None or opening.at == len(pages):
            continue
        if opening.judge != before and known.isdisjoint({(page, opening.judge), (page - 1, opening.judge)}):
            yield opening
        before = opening.judge


_SPEAKER: Final = re.compile(
    r"(?:THE )?(?:LORD|LADY|BARONESS|VISCOUNT|SIR|DAME)(?: (?:CHIEF )?JUSTICE)?(?: (?!OF\b)[A-Z][\w'’.-]+){1,3}?"
    r"(?: OF(?: [\w-]+){1,3})?|(?:(?i:lord|lady|mr|mrs|ms)\.? )(?i:justice)(?: [A-Z][\w'’.-]+){1,3}"
)
_OF_A_CASE: Final = re.compile(r"(?i)\b(?:appeals?|appellants?|judge?ment|opinion|lords(?:hips)?|agree|learned)\b")
_FEW: Final = 10  # sentences that one says who leaves the case to another


def speeches(laid: Laid) -> Iterator[Run]:
    """What several judges say, each under his or her name: the longest is the paper's own, and what was said before it
    another's only where it is short."""
    lines = [(run.first, f"{title}:") for _, title, run in laid.titled()]
    lines += [(first, laid.opening(first, first)) for first, _ in laid.blocks]
    named = [(first, who) for first, (who, colon, _) in ((a, line.partition(":")) for a, line in lines) if colon]
    starts = {first: who for first, who in reversed(named) if _SPEAKER.fullmatch(who)}
    places = sorted(starts)
    ends = [*places[1:], len(laid.starts)]
    runs = [Run(a, z - 1, _name(starts[a])) for a, z in zip(places, ends, strict=bool(places))]
    longest = max(runs, key=lambda run: run.last - run.first, default=None)
    for run in runs:
        short = run.last - run.first < _FEW
        of_a_case = _OF_A_CASE.search(laid.opening(run.first, min(run.first + 2, run.last)))
        if of_a_case and longest and (run > longest or (run < longest and short)):
            yield run


# --- parts under a heading that says whose they are -----------------------------------------------------------------
def _under(pattern: str, *, later: bool = False) -> Callable[[Laid], Iterator[Run]]:
    """A rule that takes the sections with such titles, with `later` not the one that the paper begins with."""
    matches = re.compile(pattern, re.IGNORECASE).fullmatch

    def rule(laid: Laid) -> Iterator[Run]:
        return (run for _, title, run in laid.titled() if matches(title.rstrip(" .:")) and (run.first or not later))

    return rule


_PERSON: Final = re.compile(r"(?:[A-Z][\w'’.-]*)(?: (?:[A-Z][\w'’.-]*|de|da|dos|van|von|bin|al|el|la)){1,5}")
_OFFICE: Final = re.compile(
    r"(?i)\b(?:director|professor|minister|president|officer|secretary|chair\w*|editor|reporter|chief|head|manager"
    r"|(?:co-?)?found(?:er|ing)|advis[eo]r|ambassador|ceo|coordinator|engineer|scientist|lecturer|department|ministry"
    r"|university|institute|organi[sz]ation|association|cent(?:er|re)|council|foundation|international)\b"
)


def speakers(laid: Laid) -> Iterator[Run]:
    """What several people contribute, each under a name with an office ("Ann Lee, Director, Office of …")."""
    found: list[Run] = []
    for _, title, run in laid.titled():
        name, _, office = re.sub(r" [–—-] ", ", ", title, count=1).partition(", ")
        if _PERSON.fullmatch(name) and _OFFICE.search(office):
            found.append(run)
    yield from found if len(found) > 1 else ()


# --- quotations -----------------------------------------------------------------------------------------------------
def block_quotes(laid: Laid) -> Iterator[Run]:
    """Blocks that are set apart as quotations, those that follow each other as one. On a page set-in text may be
    anything, so that the text before must lead to a quotation, or quotation marks say that it is one."""
    paper = laid.paper

    def is_quote(places: tuple[int, int]) -> bool:
        return paper.block(paper.sentences[places[0]].block).type == "quote"

    for is_one, group in groupby(laid.blocks, key=is_quote):
        blocks = list(group)
        first, last = blocks[0][0], blocks[-1][1]
        start = paper.sentences[first].start
        told = paper.text[start] in _OPENING or paper.text[:start].rstrip()[-1:] == ":"
        if is_one and (told or not paper.sentences[first].boxes):
            yield Run(first, last, _QUOTATION)


_MARKS: Final = re.compile(r"[“”\"]")
_OPENING: Final = '“"'
_MOSTLY: Final = 0.6  # share of a sentence between quotation marks that makes it a quoted one


def quoted(laid: Laid) -> Iterator[Run]:
    """Sentences that stand, one after the other, between quotation marks."""
    sentences, text = laid.paper.sentences, laid.paper.text
    between = [0] * len(sentences)
    goes_on = [False] * len(sentences)  # whether a quotation runs on into the sentence
    for start, end in _quotations(laid):
        i = max(0, bisect_left(laid.starts, start + 1) - 1)
        while i < len(sentences) and sentences[i].start < end:
            between[i] += max(0, min(end, sentences[i].end) - max(start, sentences[i].start))
            goes_on[i] |= start < sentences[i].start
            i += 1
    inside = [n > _MOSTLY * (s.end - s.start) for n, s in zip(between, sentences, strict=True)]
    leads = [text[s.start] in _OPENING for s in sentences]
    first = 0
    for i in range(1, len(sentences) + 1):
        joined = i < len(sentences) and inside[i - 1] and inside[i]
        if not joined or not (goes_on[i] or (leads[i] and leads[first])):
            yield Run(first, i - 1, _QUOTATION)  # one sentence is no run, whether quoted or not
            first = i


def _quotations(laid: Laid) -> Iterator[tuple[int, int]]:
    """Spans from an opening quotation mark to the closing one. A quotation of several blocks opens at one's start and
    stays in its section; between straight marks, which don't tell their ends, each block repeats the mark."""
    text, sentences = laid.paper.text, laid.paper.sentences
    opened, depth, section, over_blocks = 0, 0, None, False
    for first, last in laid.blocks:
        start = sentences[first].start
        block = text[start : sentences[last].end]
        if sentences[first].section != section or not (over_blocks or block[0] in _OPENING):
            depth = 0  # it was never closed: where it ends nobody can tell
        section = sentences[first].section
        for mark in _MARKS.finditer(block):
            at = mark.start()
            if depth and at == 0:
                continue  # the next paragraph of a quotation
            if mark.group() == "“" or (mark.group() == '"' and not depth):
                if not depth:
                    opened, over_blocks = start + at, at == 0 and mark.group() == "“"
                depth += 1
            elif depth:
                depth -= 1
                if not depth:
                    yield opened, start + at + 1


RULES: Final[Mapping[str, Callable[[Laid], Iterator[Run]]]] = {
    "editors": _under(r"(?:the )?editor(?:s|ial)?['’]?s?['’]? (?:summary|note|introduction|preface|foreword)"),
    "cases": _under(r"(?:case (?:study|example|history)|vignette|profile)(?: \d+| [A-Z])?(?:: | [–—-] ).+"),
    "letters": _under(
        r"(?:(?:attached|draft|enclosed|appended|circular|open) )*(?:(?:letters?|memorand(?:um|a)|telegrams?|dispatch"
        r"|address|speech|remarks|testimony) (?:from|by)|(?:letters?|speech|testimony) of) .+",
        later=True,
    ),
    "speakers": speakers,
    "submissions": _under(
        r"(?:the )?(?:part(?:ies|y)|appellants?|respondents?|claimants?|defendants?|petitioners?|plaintiffs?"
        r"|applicants?|prosecution|defen[cs]e)['’]?s?['’]? (?:submissions?|arguments?|contentions?|case|version)"
    ),
    "quotes": block_quotes,
    "quoted": quoted,
}
"""The rules that find whose words they are besides those for opinions, the more certain first."""
