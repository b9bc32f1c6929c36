"""Small pieces of wording that the page, the summary and the overview share."""

from __future__ import annotations

from typing import Final

from argmine.argument import Unit
from argmine.labels import Label
from argmine.paper import Paper

PLURALS: Final = {
    Label.CLAIM: "claims", Label.EVIDENCE: "evidence", Label.MOTIVATION: "motivations", Label.CHALLENGE: "challenges",
    Label.RECOMMENDATION: "recommendations",
}  # fmt: skip
"""What several units of a label are called."""

INITIALS: Final = {
    Label.CLAIM: "C", Label.EVIDENCE: "E", Label.MOTIVATION: "M", Label.CHALLENGE: "Ch", Label.RECOMMENDATION: "R",
}  # fmt: skip
"""What a label's marker says."""

READING_ORDER: Final = (Label.CLAIM, Label.EVIDENCE, Label.MOTIVATION, Label.CHALLENGE, Label.RECOMMENDATION)
"""The order in which labels are listed to readers."""

GOLD_NOTE: Final = (
    "The gold that the model and the samples came with was made by language-model annotators: agreement with it says "
    "how clear the scheme is, not how right the labels are."
)


def cut(text: str, limit: int) -> str:
    """The text on one line, cut at a word's end to at most `limit` characters, the last of which is then "…"."""
    line = " ".join(text[: 4 * limit].split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    kept = line[: limit - 1]
    at = kept.rfind(" ")
    if at > limit // 2 and line[limit - 1 : limit] != " ":
        kept = kept[:at]
    return kept.rstrip(" ,;:") + "…"


def count(n: int, one: str, many: str | None = None) -> str:
    """ "1 page", "1,234 pages"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def label_count(n: int, label: Label) -> str:
    """ "1 claim", "2 claims", "2 evidence"."""
    return count(n, str(label), PLURALS[label])


def where(paper: Paper, unit: Unit) -> str:
    """Page and section of a unit: "p. 4, 2.1 Policy"; empty where neither is known."""
    section = paper.section(unit.section)
    page = f"p. {unit.page}" if unit.page is not None else ""
    title = cut(section.title, 80) if section is not None else ""
    return ", ".join(part for part in (page, title) if part)
