"""map.html: a paper's text beside the graph of its argument, in one file that opens from disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from argmine.argument import ArgumentMap, Unit
from argmine.document import Reason
from argmine.labels import RELATION_LABELS, Attribution, Label
from argmine.paper import Paper, Section
from argmine.show.body import set_text
from argmine.show.brief import brief, reasons_for, sentence_before
from argmine.show.data import page_data
from argmine.show.figures import CAUTION, made_by, trust
from argmine.show.layout import lay_out
from argmine.show.pictures import PagePicture
from argmine.show.rank import Ranking
from argmine.show.templates import json_text, render
from argmine.show.words import INITIALS, PLURALS, READING_ORDER, count, cut, where

_STYLES: Final = ("base.css", "map.css", "graph.css", "print.css")
_SCRIPTS: Final = (
    "dom.js", "zoom.js", "state.js", "place.js", "edges.js", "graph.js", "picture.js", "detail.js", "panels.js",
    "narrow.js", "history.js", "save.js", "main.js",
)  # fmt: skip
_COLUMN: Final = 30
"""Lines that a column of the brief may take, so that all four answers stand in a window of 1280 by 800."""
_WHOLE: Final = 1200
"""Longer than any sentence that is meant to be read; the brief cuts only what no author wrote."""


def map_html(
    paper: Paper,
    amap: ArgumentMap,
    *,
    notes: Sequence[str] = (),
    reasons: Mapping[str, Sequence[Reason]] | None = None,
    unexplained: str = "",
    pictures: Mapping[int, PagePicture] | None = None,
    saved: ArgumentMap | None = None,
) -> str:
    """The page of a map: one self-contained HTML file without remote sources.

    `notes` are warnings for the reader and stand in the page's head. `reasons` say by unit's id why it has its label,
    strongest first; `unexplained` says why they are missing. `pictures` are the printed pages by number, on which units
    are then marked. `saved` is the map that the page gives back as JSON where `amap` is only a stand-in for it, with
    the same units. Raises ValueError where the map is not of this paper's text. Equal input gives equal bytes.
    """
    amap.check_against(paper)
    ranking = Ranking(paper, amap)
    layout = lay_out(paper, amap, ranking)
    counts = Counter(u.label for u in amap.units)
    by_id = {u.id: u for u in amap.units}
    values: dict[str, Any] = {
        "title": paper.title or paper.source.file,
        "about": _about(paper),
        "made_by": made_by(amap),
        "caution": CAUTION if amap.made_by.kind == "model" else "",
        "trust": trust(amap),
        "notes": list(notes),
        "warnings": [w.message if w.page is None else f"Page {w.page}: {w.message}" for w in paper.warnings],
        "labels": [
            {"label": label, "initial": INITIALS[label], "plural": PLURALS[label], "n": counts[label]}
            for label in READING_ORDER
        ],
        "initials": INITIALS,
        "relation_labels": RELATION_LABELS,
        "groups": set_text(paper, amap),
        "outline": [s for s in paper.sections if s.heading is not None and s.title],
        "brief": _questions(ranking),
        "language": paper.language or "",
        "plurals": PLURALS,
        "columns": [{"label": c, "heading": PLURALS[c].capitalize()} for c in layout.columns],
        "units": [(label, [u for u in amap.units if u.label is label]) for label in READING_ORDER if counts[label]],
        "sections": {s.id: s.title for s in paper.sections},
        "relations": [(r, by_id[r.source], by_id[r.target]) for r in amap.relations],
        "cut": cut,
        "count": count,
        "percent": percent,
        "scored": any(u.score is not None for u in amap.units),
        "reported": any(u.attribution is Attribution.REPORTED for u in amap.units),
        "filter_sections": _filter_sections(paper, amap),
        "data": json_text(page_data(ranking, layout, reasons or {}, saved or amap, unexplained)),
        "pictures": json_text({n: p.data() for n, p in sorted(pictures.items())}) if pictures else "",
    }
    return render("map.html", _STYLES, _SCRIPTS, values)


def percent(score: float | None) -> str:
    """ "81 %", or nothing where there is no score."""
    return "" if score is None else f"{100 * score:.0f} %"


def _about(paper: Paper) -> str:
    parts = [cut(", ".join(paper.authors), 300), str(paper.year or "")]
    parts.append(count(paper.source.pages, "page") if paper.source.pages else "")
    parts.append(count(len(paper.sentences), "sentence"))
    return " · ".join(part for part in parts if part)


def _questions(ranking: Ranking) -> list[dict[str, Any]]:
    """The four questions that a reader brings, each with its answers in lists under headings of their own.

    A list has `items`; `more` says what a button opens that lists the units of `label`, empty where there is no more.
    """
    short = brief(ranking, claims=2, reasons=1, motivations=2, unanswered=2, problems=2, recommendations=3)
    main = short.claims[:1]
    support = len(reasons_for(ranking, main[0])) if main else 0
    challenges = ranking.labelled(Label.CHALLENGE)
    answered = sum(bool(ranking.answers(c)) for c in challenges)
    problems = (
        f"{answered} of {len(challenges)} are answered by a recommendation or claim in this paper, as far as was found."
        if challenges else "No problems were found."
    )  # fmt: skip
    of_main = "A reason for the first claim" + (f" (of {support})" if support > 1 else "")

    def part(label: Label, units: Sequence[Unit], none: str, heading: str = "", says: str = "") -> dict[str, Any]:
        n = len(ranking.labelled(label))
        return {
            "label": label, "heading": heading, "says": says, "none": "" if units else none,
            "items": [_answer(ranking, u, problem=bool(says)) for u in units],
            "more": f"all {n} {PLURALS[label]}" if n > len(units) else "", "rest": f"all {n} {PLURALS[label]}",
        }  # fmt: skip

    reasons = {**part(Label.CLAIM, short.reasons, "", of_main), "more": "", "rest": ""}
    unanswered = part(Label.CHALLENGE, short.unanswered, "No limit or open question that the paper states was found.")
    questions: list[dict[str, Any]] = [
        {"question": "What does it claim?", "label": Label.CLAIM,
         "parts": [part(Label.CLAIM, short.claims, "No claims were found.")]},
        {"question": "Why?", "label": Label.MOTIVATION,
         "parts": [part(Label.MOTIVATION, short.motivations, "No motivations were found.", "Why it matters")]
         + ([reasons] if short.reasons else [])},
        {"question": "What should be done?", "label": Label.RECOMMENDATION,
         "parts": [part(Label.RECOMMENDATION, short.recommendations, "No recommendations were found.")]},
        {"question": "What is left unanswered?", "label": Label.CHALLENGE,
         "parts": [{**unanswered, "more": "", "rest": ""},
                   part(Label.CHALLENGE, short.problems, "", "Problems it names", problems)]},
    ]  # fmt: skip
    for n in range(0, len(questions), 2):  # two questions a column
        _shorten([part for question in questions[n : n + 2] for part in question["parts"]])
    return questions


def _shorten(parts: Sequence[dict[str, Any]]) -> None:
    """Take the last items of the longest lists out of a column that would not end on the first screen."""
    while sum(map(_height, parts)) > _COLUMN:
        longest = max(parts, key=lambda part: (len(part["items"]), _height(part)))
        if len(longest["items"]) < 2:
            return
        longest["items"].pop()
        longest["more"] = longest["more"] or longest["rest"]


def _height(part: Mapping[str, Any]) -> float:
    """About how many lines a part takes in a column of a window 1280 wide."""
    said = (len(i["before"]) + len(i["text"]) + len(i["where"]) + 12 for i in part["items"])
    heads = 1.3 * (bool(part["heading"]) + bool(part["more"])) + len(part["says"] + part["none"]) // 62 + 0.8
    return heads + sum(length // 60 + 1.3 for length in said)


def _answer(ranking: Ranking, unit: Unit, *, problem: bool) -> dict[str, Any]:
    """A unit of the brief, whole, with what it is understood from and, for a problem, whether it is answered."""
    answers = ranking.answers(unit) if unit.label is Label.CHALLENGE else []
    return {
        "unit": unit, "where": where(ranking.paper, unit, 46), "reported": unit.attribution is Attribution.REPORTED,
        "before": cut(sentence_before(ranking, unit) or "", _WHOLE), "text": cut(unit.text, _WHOLE),
        "answer": answers[0] if answers else None,
        "open": unit.label is Label.CHALLENGE and not answers and problem,
    }  # fmt: skip


def _filter_sections(paper: Paper, amap: ArgumentMap) -> list[Section]:
    """The sections that can be chosen: those with a title and with units in them or below them."""
    above = {s.id: s.parent for s in paper.sections}
    used: set[str] = set()
    for id in {u.section for u in amap.units}:
        while id in above and id not in used:
            used.add(id)
            id = above[id]
    return [s for s in paper.sections if s.id in used and s.title]
