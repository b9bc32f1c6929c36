"""The role of a section: from the words of its title, else from where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from argmine.paper import Role

_TITLE_WORDS: Final[tuple[tuple[Role, str], ...]] = (
    (
        "abstract",
        r"abstract|executive summary|summary for policy ?makers",
    ),
    (
        "limitation",
        r"limitations?|threats to validity|caveats|shortcomings|weaknesses|strengths and limitations",
    ),
    (
        "recommendation",
        r"recommend\w*|policy (?:implications?|options?|proposals?|responses?)"
        r"|implications? for (?:policy|practice)\w*|what (?:should|must|needs to|can) be done|proposals?"
        r"|(?:next|further) steps|way forward|call to action|the road ahead|options for"
        r"|considerations? for congress|policy considerations|action plan|best practices|what to do",
    ),
    (
        "conclusion",
        r"conclu\w*|closing (?:remarks|thoughts|words)|final (?:remarks|thoughts|considerations)|epilogue"
        r"|outlook|coda|summary(?: and .*)?|in sum|future (?:work|directions?|research)(?: .*)?",
    ),
    (
        "introduction",
        r"introduct\w*|preface|foreword|overview|motivation|prologue|aims?(?: and .*)?|objectives?"
        r"|purpose|problem statement",
    ),
    (
        "method",
        r"methods?|methodolog\w*|materials?(?: and methods?)?|data(?: and .*)?"
        r"|data (?:collection|sources?|analysis)|study (?:design|area|population)"
        r"|experimental (?:design|set-?up|procedures?)|procedures?|participants|sampl\w+|approach"
        r"|research design|statistical analys[ie]s|measures|what was counted|how we \w+",
    ),
    (
        "result",
        r"results?|findings|observations|evaluation|experiments?|outcomes?|evidence from .*|what we found"
        r"|analysis|(?:case|empirical) (?:study|studies|analysis|results?)|effectiveness|achievements?",
    ),
    (
        "discussion",
        r"discuss\w*|implications?|interpretation|challenges?|difficult\w*|debate|critiques?|objections?"
        r"|criticisms?|issues for congress|counter-?arguments?|trade-?offs|rationale|rejected ideas"
        r"|open (?:issues|questions|problems)",
    ),
    (
        "background",
        r"background|histor(?:y|ies|ical)|context|literature review|related works?|state of the art"
        r"|theor(?:y|etical)\b.*|previous (?:work|studies)|framework|conceptual framework|definitions?"
        r"|terminology|legal framework|current (?:law|situation|policy)|origins?|evolution",
    ),
)
_PATTERNS: Final = tuple((role, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for role, words in _TITLE_WORDS)
_WHOLE: Final = tuple((role, re.compile(rf"(?:{words})", re.IGNORECASE)) for role, words in _TITLE_WORDS)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the roles are found from. `share` is where the section starts in the text, 0.0 to 1.0; `stated` is the
    role that the format gives; `body` says that the section itself, not only its subsections, holds running text."""

    title: str
    parent: int | None
    share: float
    stated: Role | None = None
    body: bool = True


def title_role(title: str, *, whole: bool = False) -> Role | None:
    """The role that a title's words say, without its number; None where they say nothing.

    A title that is nothing but a role's words counts before one that holds some ("Results and limitations").
    Where two roles' words stand in one title, the first named decides. `whole` asks for the first kind only.
    """
    from argmine.read.shape import heading_number

    _, words = heading_number(title)
    words = words.strip(" .:")
    for role, pattern in _WHOLE:
        if pattern.fullmatch(words):
            return role
    if whole:
        return None
    found = [(m.start(), order, role) for order, (role, p) in enumerate(_PATTERNS) if (m := p.search(words))]
    return min(found)[2] if found else None


def section_roles(headings: Sequence[Heading]) -> list[Role]:
    """A role for each section in order: stated, else from the title, else the parent's, else from its place.

    Place: the first top-level section of the body is an introduction, the last one a conclusion where it starts in
    the last fifth; others are "other".
    """
    roles: list[Role] = []
    tops = [i for i, h in enumerate(headings) if h.parent is None]
    own = [h.stated or title_role(h.title, whole=h.parent is not None) for h in headings]
    parents = {h.parent for h in headings}
    body = [i for i in tops if own[i] != "abstract" and (headings[i].body or (i in parents and headings[i].title))]
    for i, heading in enumerate(headings):
        role = own[i]
        if role is None and heading.parent is not None:
            inherited = roles[heading.parent]
            role = inherited if inherited != "other" else title_role(heading.title)
        if role is None and body and i == body[0] and len(body) > 1:
            role = "introduction"
        if role is None and len(body) > 2 and i == body[-1] and heading.share >= 0.8:
            role = "conclusion"
        roles.append(role or "other")
    return roles
