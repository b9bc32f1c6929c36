"""What judgments and reports on law cite: cases, statutes and records, told by the form of their citations.

"See Roe v. Wade, 410 U. S. 113 (1973)." Volume, reporter and page, section signs, "Id., at 5" and "Brief for Petitioner
23" are no sentence of anybody's: what stands before them is what they support.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from argmine.readers.heuristics import words

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
