"""Which way a sentence leans about what it shares with another: for it, or against.

A rule over cue words, no verdict: "should decline the joint patrol" and "should establish a standing patrol" lean
opposite ways about the patrol. Only the clause counts in which a shared word stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from argmine.compare.meaning import stem, words

_CLAUSE: Final = re.compile(r"[,;:.?!()–—]+|\b(?:but|whereas|while|although|though|yet)\b", re.IGNORECASE)
_AGAINST: Final = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|can't|won't|don't|doesn't|isn't|aren't|shouldn't|without|hardly|rarely|seldom"
    r"|declin(?:e|es|ed|ing)|reject(?:s|ed|ing)?|refus(?:e|es|ed|ing)|avoid(?:s|ed|ing)?|oppos(?:e|es|ed|ing)"
    r"|against|stop(?:s|ped)?|abandon(?:s|ed|ing)?|scrap(?:ped)?|ban(?:s|ned|ning)?|prohibit(?:s|ed|ing)?"
    r"|abolish(?:es|ed|ing)?|repeal(?:s|ed|ing)?|forgo|refrain|cease|discourag(?:e|es|ed|ing)|unbuilt|wrong"
    r"|resist(?:s|ed|ing)?|withdraw(?:s|n|ing)?|fail(?:s|ed|ing)?|unlikely|lack(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
_INSTEAD: Final = re.compile(r"\b(?:rather than|instead of|in place of|not)\b", re.IGNORECASE)
_NOT_AGAINST: Final = re.compile(
    r"\b(?:not only|no (?:less|fewer|more|doubt|longer than)|cannot but|not (?:just|merely|simply))\b", re.IGNORECASE
)
_OPPOSITES: Final = tuple(
    (frozenset(map(stem, one.split())), frozenset(map(stem, other.split())))
    for one, other in (
        ("increase increases raise raises rise grow grows expand more higher improve improves strengthen",
         "decrease decreases lower lowers fall shrink reduce reduces less fewer cut limit worsen weaken"),
        ("benefit benefits help helps beneficial effective safe",
         "harm harms damage damages harmful ineffective unsafe"),
        ("allow allows permit permits require mandate", "forbid forbids prevent prevents exempt"),
        ("open public share shares", "closed secret withhold withholds"),
        ("centralise centralize central", "decentralise decentralize decentralised decentralized"),
    )
)  # fmt: skip


def leaning(text: str, shared: set[str], rarity: Mapping[str, float]) -> float:
    """From -1 (against) to 1 (for): the lean of the clauses in which the shared stems stand, rarer words counting more.

    0 where none of them stands in the text.
    """
    total = score = 0.0
    for clause in _CLAUSE.split(text.replace("’", "'")):
        weight = 0.0
        parts = _INSTEAD.split(_NOT_AGAINST.sub(" ", clause), maxsplit=1)
        for n, part in enumerate(parts):
            found = set(words(part)) & shared
            weight = sum(rarity.get(w, 1.0) for w in found)
            if not weight:
                continue
            against = len(_AGAINST.findall(part)) + (n == 1)
            total += weight
            score += -weight if against % 2 else weight
    return score / total if total else 0.0


def opposed(one: str, other: str, shared: set[str], rarity: Mapping[str, float]) -> bool | None:
    """Whether two sentences lean opposite ways about what they share; None where their leaning is not clear."""
    a, b = leaning(one, shared, rarity), leaning(other, shared, rarity)
    if min(abs(a), abs(b)) < 0.2:
        return None
    left, right = (set(_stems(t)) for t in (one, other))
    flips = sum(
        bool((left & up and right & down and not (left & down or right & up))
             or (left & down and right & up and not (left & up or right & down)))
        for up, down in _OPPOSITES
    )  # fmt: skip
    return (a * b < 0) != bool(flips % 2)


def _stems(text: str) -> list[str]:
    return [stem(w) for w in re.findall(r"[a-z]{3,}", text.casefold())]
