"""Sentence borders in a paragraph of a scholarly text: nupunkt (Punkt with many abbreviations) proposes, rules decide.

They know what papers do: citations and note marks after the full stop, "et al.", statutes, initials, brackets.
sentencex was measured beside it: as good, but its offsets slip after characters that are wide in UTF-8.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from nupunkt import load

from argmine.readers.heuristics import words

# Abbreviations that the sentence always goes on after.
_GOES_ON: Final = words("""
    dr mr mrs ms mx messrs prof profs sen sens rep reps gov gen col lt lieut capt sgt maj cmdr adm amb hon fr st ste
    v vs cf viz ie eg i.e e.g ca approx resp incl esp n.b mt univ fig figs eq eqs eqn eqns ref refs supp suppl""")

# Abbreviations that the sentence goes on after where a number, a section sign or a bracket follows.
_GOES_ON_BEFORE_NUMBER: Final = words("""
    no nos nr sec secs sect sects ch chap chaps vol vols p pp para paras pt pts art arts cl tab app apps n nn l ll
    rept res stat cong pub fed reg cir cal ex op doc bull ser fol ff exh tit subd subpt est ver jan feb mar apr jun
    jul aug sept sep oct nov dec con conf comm ann amend div publ ord proc""")

# Abbreviations that end a sentence only where a word follows that opens one.
_GOES_ON_UNLESS_OPENED: Final = words("""
    al inc co corp ltd llc jr sr bros dept assn esq ed eds trans rev cont misc max min avg jan feb mar apr jun jul
    aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd rd assoc dist admin ibid id atty
    attys gov't int'l nat'l rept res stat cong pub fed reg cir bull conf comm ann proc natl acad sci mass conn calif
    colo fla ga ill ind kan ky md mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo
    ariz ark ala del""")

# Words that open sentences and are seldom the second word of a name.
_SENTENCE_OPENERS: Final = words("""
    the a an this that these those it its he she we they our their his her i you your my there here in on at by for
    from with without within during after before since until while when where whereas although though despite
    however moreover furthermore therefore thus hence nevertheless nonetheless meanwhile instead indeed finally
    first firstly second secondly third thirdly fourth additionally also and but or yet so if as because given such
    some many most several both each every all other others another any no not only even under over through between
    among across against to of what which who whose why how is are was were do does did can could should would may
    might must will let consider overall similarly conversely consequently accordingly specifically recently
    currently today once unlike like rather still then again further one two three four five beyond following
    according based using note see perhaps yes unless upon along around early later subsequently previously
    historically notably importantly interestingly surprisingly""")

_CLOSERS: Final = "\"'”’»)]}"
_OPENERS: Final = "\"'“‘«([{¿¡"
# A run of sentence-ending characters with the quotes and brackets that close after it.
_STOP: Final = re.compile(r"(?:\.(?:\s\.){1,3}|[.!?…。！？]{1,6})(?:\s(?=[”»])|)[\"'”’»)\]}]{0,4}")
_MARK: Final = re.compile(
    r"""(?:
        (?<=[^\W\d_]{2}[.!?])\d{1,3}(?:[,–-]\d{1,3}){0,8}(?=\s|$)    # reached.12: a note mark, set as a superscript
      | (?<=[”’"')\]])\d{1,3}(?:[,–-]\d{1,3}){0,8}(?=\s|$)
      | [*†‡§¹²³⁰⁴-⁹]{1,4}(?=\s|$)
      | \s?\[\d{1,4}[a-z]?(?:[\s,;–-]{1,3}\d{1,4}[a-z]?){0,20}\](?=\s|$|[A-Z“"])   # shown.[3] or shown. [3,4]
    )""",
    re.VERBOSE,
)
# A citation that stands between the full stop and the next sentence: 'as he wrote.” (Smith 1999) The next'.
_LATE_CITATION: Final = re.compile(
    r"\s\([^()]{0,120}?(?:\b(?:1[5-9]|20)\d\d[a-z]?|n\.d\.|\bp{1,2}\.\s?\d+(?:[–-]\d+)?)\.?\)\.?(?=\s+[A-Z“\"(]|\s*$)"
)
# Nothing but a list item's number so far, or one that follows a colon.
_ENUMERATOR: Final = re.compile(
    r"[(\[]?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[ivxlIVXL]{1,6}|[A-Za-z])[.)\]]{1,2}|[•●▪–—*-]"
    r"|.{0,400}[:;]\s+\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]",
    re.DOTALL,
)
# A list item that follows in the same block: "(b) The", "2) they", "c. Ability".
_NEXT_ITEM: Final = re.compile(r"\(?(?:\d{1,2}|[ivx]{1,4}|[a-z])\)\s+\S|(?!v\.)[a-z]\.\s+[A-Z]")
_NUMBERED: Final = re.compile(r"(\d{1,2})[.)]\s+[A-Z“\"]")
_NEXT_TOKEN: Final = re.compile(r"[A-Z][a-z]+(?=\.)")
_ROMAN_NUMBER: Final = re.compile(r"(?!I\s)[IVXLC]{1,6}\b|I §")
_VOWEL: Final = re.compile(r"[aeiouyAEIOUYà-ÿ]")
_GLUED: Final = re.compile(r"(?:(?<=[a-z]{3}[.?!])|(?<=[)\]][.?!]))(?=([A-Z][a-z]{0,14})\s)")
_BRACKET: Final = re.compile(r"[()\[\]“”«»\"]")
_PAIRS: Final = {")": "(", "]": "[", "”": "“", "»": "«"}
_LETTER: Final = re.compile(r"[^\W\d_]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LONGEST_ASIDE: Final = 400  # characters; a longer bracket or quotation doesn't hold its sentences together


@dataclass(slots=True)
class _Stop:
    """A stop that may end a sentence which began at `start`: `at` to `closed` with quotes and brackets, `end` with note
    marks and late citations. What is `following` starts with a word or sign at `opening`, behind its quotes."""

    start: int
    at: int
    symbol: str
    closed: int
    end: int
    following: int
    opening: int


def split_sentences(text: str, *, among_authorities: bool = False) -> list[tuple[int, int]]:
    """The sentences of one block as half-open spans: sorted, disjoint, stripped, and covering every letter.

    A bare citation belongs to the sentence before it. `among_authorities` tells that the block's document cites as
    judgments do, so that records and briefs are known by their pages.
    """
    proposed = frozenset(_skip_space(text, a) for a, _ in _punkt().span_tokenize(text))
    asides = _asides(text)
    spans: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    for match in _STOP.finditer(text):
        if match.start() < start:
            continue
        stop = _stop(text, start, match)
        if stop.following >= len(text):
            break
        if _is_border(text, stop, proposed, asides):
            spans.append((start, stop.end))
            start = stop.following
    last = len(text.rstrip())
    if start < last:
        spans.append((start, last))
    return _with_citations(text, _with_letters(text, spans), among_authorities)


def _stop(text: str, start: int, found: re.Match[str]) -> _Stop:
    end = found.end()
    for pattern in (_MARK, _LATE_CITATION):
        if match := pattern.match(text, end):
            end = match.end()
    opening = following = _skip_space(text, end)
    while opening < len(text) and text[opening] in _OPENERS:
        opening += 1
    return _Stop(start, found.start(), found.group().rstrip(_CLOSERS), found.end(), end, following, opening)


def _is_border(text: str, stop: _Stop, proposed: frozenset[int], asides: list[tuple[int, int]]) -> bool:
    at, symbol = stop.at, stop.symbol
    if stop.following == stop.end and not _glued_border(text, stop.end):
        return False
    first = bisect_left(asides, (max(stop.start, at - _LONGEST_ASIDE), 0))
    for a, z in asides[first : bisect_left(asides, (at, 0))]:
        if at < z and (stop.following < z or (a > stop.start and text[a] in "([")):
            return False
    head = text[stop.opening : stop.opening + 1]
    listed = _NEXT_ITEM.match(text, stop.following) or _next_number(text, stop.following)
    if listed or not head or _ENUMERATOR.fullmatch(text, stop.start, stop.end):
        return bool(listed) and not _ENUMERATOR.fullmatch(text, stop.start, stop.end)
    if head.islower() and not _starts_like_a_name(text, stop.opening):
        return False
    if symbol.strip(". ") and "…" not in symbol:  # a question or exclamation mark
        return head not in ",;:)"
    if head in ",;:)–—":
        return False
    if len(symbol) > 1 or "…" in symbol:  # an ellipsis: an elision in a quotation unless an opening word follows
        return (at > 0 and not text[at - 1].isspace()) or _word(text, stop.opening).lower() in _SENTENCE_OPENERS
    if stop.end > stop.closed or (stop.closed - at > len(symbol) and text[stop.closed - 1] in '"”’»'):
        return True
    return _after_full_stop(text, stop, proposed)


def _next_number(text: str, following: int) -> bool:
    match = _NUMBERED.match(text, following)
    before = text[max(0, following - 10) : following].split()
    if not match or (before and before[-1].rstrip(".").lower() in _GOES_ON_BEFORE_NUMBER):
        return False
    return re.search(rf"(?:^|[.:;?!]\s){int(match.group(1)) - 1}[.)]\s", text[:following]) is not None


def _after_full_stop(text: str, stop: _Stop, proposed: frozenset[int]) -> bool:
    start, at, following, opening = stop.start, stop.at, stop.following, stop.opening
    before = at
    while before > start and not text[before - 1].isspace() and text[before - 1] not in '([{“"—–/':
        before -= 1
    token = text[before:at]
    bare = token.lower().strip("'’").rpartition("-")[2]
    head = text[opening]
    word = _word(text, opening).lower()
    opens = word in _SENTENCE_OPENERS and not (len(word) == 1 and text[opening + 1 : opening + 2] == ".")
    number_next = (
        head.isdigit()
        or head in "§¶#"
        or text[opening + 1 : opening + 2].isdigit()
        or bool(_ROMAN_NUMBER.match(text, opening))
    )
    if bare in _GOES_ON:
        return False
    if bare in _GOES_ON_BEFORE_NUMBER and (number_next or text[following] in "(["):
        return False
    if bare == "etc" or (bare in {"id", "ibid"} and before == start):
        return text[following] not in "(["
    if bare in _GOES_ON_UNLESS_OPENED or ("." in bare and bare.replace(".", "").isalpha() and len(bare) <= 12):
        return opens and not number_next
    if len(token) == 1 and token.isalpha():
        if not opens or (token.isupper() and _is_name_before(text, start, before)):
            return token.islower() and text[following] not in "([" and not number_next
        return True
    if token[-1:].isdigit() or token[-1:] in ")]%°" or opens:
        return True
    if _is_known(token):
        after = _NEXT_TOKEN.match(text, opening)
        if number_next or (after and _is_known(after.group())):
            return False
        if token[-1] not in "aeiouy":
            return following in proposed
    if token.isalpha() and (token.isupper() or _VOWEL.search(token)):
        return True
    return following in proposed


def _is_known(token: str) -> bool:
    """Whether a word is an abbreviation as names of reporters, courts and companies have them: "Supp", "Constr"."""
    return token.istitle() and token.isalpha() and 1 < len(token) < 8 and token.lower() in _punkt().abbreviations


def _is_name_before(text: str, start: int, before: int) -> bool:
    words = text[max(start, before - 40) : before].split()
    return bool(words) and (re.fullmatch(r"(?:[A-Z]\.)+|[A-Z]\.?", words[-1]) is not None)


def _glued_border(text: str, end: int) -> bool:
    """Whether a sentence ends at `end` though no space follows, as PDFs have it ("policy.The next", "shown.[3]We")."""
    if text[end - 1] == "]":
        return text[end : end + 1].isupper()
    match = _GLUED.match(text, end)
    return bool(match and (text[end - 2] in ")]" or match.group(1).lower() in _SENTENCE_OPENERS))


def _starts_like_a_name(text: str, at: int) -> bool:
    """Whether the lower-case word here could open a sentence: iPhone, mRNA, eLife, p53, max_rss_bytes."""
    word = re.match(r"[^\s,;:.!?)\]”’\"]{1,40}", text[at : at + 40])
    return bool(word and re.fullmatch(r"[a-z]{1,4}[A-Z]\w*|\w*_\w*|[α-ω].*", word.group()))


def _word(text: str, at: int) -> str:
    match = _LETTERS.match(text, at)
    return match.group() if match else ""


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _asides(text: str) -> list[tuple[int, int]]:
    open_at: list[tuple[str, int]] = []
    found: list[tuple[int, int]] = []
    for match in _BRACKET.finditer(text):
        char = match.group()
        if char == '"':
            before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
            if not (open_at and open_at[-1][0] == '"') and after.strip() and not before.isalnum():
                open_at.append((char, match.start()))
                continue
        if char in "([“«":
            open_at.append((char, match.start()))
        elif open_at and open_at[-1][0] == _PAIRS.get(char, char):
            _, a = open_at.pop()
            if match.end() - a <= _LONGEST_ASIDE:
                found.append((a, match.end()))
    return sorted(found)


def _with_letters(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    carried: int | None = None
    for a, z in spans:
        start = a if carried is None else carried
        if _LETTER.search(text, a, z):  # not from `start`: a text of numbers would be searched anew each time
            out.append((start, z))
            carried = None
        elif out:
            out[-1] = (out[-1][0], z)
        else:
            carried = start
    return out


def _with_citations(text: str, spans: list[tuple[int, int]], among: bool) -> list[tuple[int, int]]:
    """The sentences, each with the bare citations that follow it: they are what it rests on."""
    out: list[tuple[int, int]] = []
    for a, z in spans:
        if out and is_bare_citation(text[a:z], among=among):
            out[-1] = (out[-1][0], z)
        else:
            out.append((a, z))
    return out


@cache
def _punkt() -> Any:
    return load("default")


# --- bare citations of judgments: cases, statutes and records, told by the form of their citations ---
_SIGNAL: Final = re.compile(
    r"[(\[“\"]?(?:(?:But |And )?(?:[Ss]ee|[Cc]f\.|[Cc]ompare|[Aa]ccord|[Cc]ontra|E\.\s?g\.)(?: also| generally)?,? ?"
    r"(?:e\.\s?g\.,? ?)?)(?=\S)"
)
# Volume, reporter and page: "410 U. S. 113", "12 Wall. 5", "740 F. Supp. 2d 802", "30 J. Law & Econ. 265".
_REPORTED: Final = r"\b\d{1,4} (?:[A-Z][\w’']{0,14}+\.?+,?+ ?+|& |\d[a-z]{1,2} ){1,7}(?:§{1,2} ?|at )?(?:\d|[_–—-]{2})"
_DATED_OR_REPORTED: Final = re.compile(rf"{_REPORTED}|\[(?:1[89]|20)\d\d\] (?:\d{{1,2}} )?[A-Z]{{2}}")
_STRONG: Final = re.compile(
    rf"{_REPORTED}|\[(?:1[89]|20)\d\d\] (?:\d+ )?[A-Z]|§|¶"
    r"|\b[IiOo]d\.,? at|\b[Ii]bid\b|\b(?:[Ss]upra|[Ii]nfra)\b|\b(?:[Aa]nte|[Pp]ost), (?:at|n)"
    r"|\b[A-Z][a-z]+\.? \d+(?:\.\d+)?\(|\bv\.? [A-Z].*\d|\bECF No\b|\bNo\. \d+[-–:]\S*\d"
)
# A record or a brief by its page: "Tr. of Oral Arg. 22–23", "Brief for Petitioner 23", "App. 19a".
_BY_PAGE: Final = re.compile(
    r"(?:(?:\S+\.|\S+(?: \S+)+),? |\S+,? (?:at|p\.) )(?:(?:at|pp?\.|n\.) ?)?[A-Z]?\d[\d,:–\-a-z ()]*[.;]?$"
)
_PLACE_IN_PAPER: Final = re.compile(
    r"(?:Tables?|Fig(?:ure)?s?|Box(?:es)?|Appendix|Annex|Recommendations?|Steps?|Goals?)\b\.? ?[A-Z\d]|https?:|www\."
)
_HEAD: Final = re.compile(r"[a-z]{0,2}[A-Z\d]|[§¶(\[“\"]")
_SMALL: Final = words("""
    v vs of the and in for to at on by ex rel re parte et al d e f n nn p pp ed eds trans cl no nos see also cf g id
    ibid supra infra ante post note notes accord compare with generally eg de la le van von du der under c ch pt art
    from as following hereinafter cert filed slip op opinion part quoting citing available accessed
    aff'd aff’d rev'd rev’d vacated sub nom""")
# "(Emphasis added.)"
_REMARK: Final = re.compile(r"\((?:\w+ ){0,4}(?:added|omitted|deleted|altered|in original)\.?\)\.?")
_WORD: Final = re.compile(r"(?<![\w.(])[^\W\d_][\w’'&-]*+(?!\.\s?\S)")
_ASIDE: Final = re.compile(r"(?<!\w)(?<!\w\))\([^()]*\)|\[[^\[\]]*\]|[“\"][^“”\"]*[”\"]|\([a-z][^()]*$")
_LONGEST: Final = 1200  # characters
_DENSE: Final = 3  # cases, statutes and articles by volume and page: so many, and what names a page is a citation, too


def cites_authorities(text: str) -> bool:
    """Whether a text cites as judgments do: by volume, reporter and page, or by a year in square brackets."""
    return len([*islice(_DATED_OR_REPORTED.finditer(text), _DENSE)]) == _DENSE


def is_bare_citation(sentence: str, *, among: bool = True) -> bool:
    """Whether a sentence does nothing but cite: a signal or none, then authorities, with what brackets say of them.

    `among` tells that other authorities stand around it: then a brief or record named by its page is one, too.
    """
    if len(sentence) > _LONGEST or not _HEAD.match(sentence):
        return False
    if _REMARK.fullmatch(sentence):
        return True
    signal = _SIGNAL.match(sentence)
    core = sentence[signal.end() :] if signal else sentence
    bare, left = core, ""
    while bare != left:
        left, bare = bare, _ASIDE.sub("", bare)
    if _PLACE_IN_PAPER.match(core) or re.search(r"[(\[“\"][^)\]”\"]*$", bare):
        return False
    told = [w.group() for w in _WORD.finditer(bare) if w.group().islower() and w.group() not in _SMALL]
    if len(told) > (len(bare) // 120 if signal else 0):
        return False
    if _STRONG.search(bare) or re.fullmatch(r"\W*[Ii](?:bi)?d\.?\W*", bare):
        return True
    if signal and among:
        return True
    dated = signal and re.search(r"\((?:[^()]{0,60}\b)?(?:1[5-9]|20)\d\d[a-z]?\)", core)
    return bool(dated or (among and _BY_PAGE.fullmatch(bare.strip())))
