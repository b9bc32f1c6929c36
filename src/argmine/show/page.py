"""map.html: a paper's text beside the graph of its argument, in one file that opens from disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from argmine.argument import ArgumentMap, Unit
from argmine.labels import LABELS, RELATION_LABELS, Label
from argmine.paper import Paper
from argmine.show.body import set_text
from argmine.show.figures import made_by, trust
from argmine.show.layout import CARD_WIDTH, INDENT, MAX_INDENT, NARROW_WIDTH, PADDING, TYPE_SIZE, Layout, lay_out
from argmine.show.rank import Ranking, brief
from argmine.show.templates import json_text, render
from argmine.show.words import PLURALS, READING_ORDER, count, cut

INITIALS: Final = {
    Label.CLAIM: "C", Label.EVIDENCE: "E", Label.MOTIVATION: "M", Label.CHALLENGE: "Ch", Label.RECOMMENDATION: "R",
}  # fmt: skip
"""What a label's marker says."""

_STYLES: Final = ("base.css", "map.css", "graph.css", "print.css")
_SCRIPTS: Final = ("state.js", "place.js", "edges.js", "graph.js", "detail.js", "panels.js", "main.js")
_WHOLE: Final = 4000
"""Longest text of a unit that the page carries beside the paper's text; no real sentence is longer."""


def map_html(paper: Paper, amap: ArgumentMap, *, notes: Sequence[str] = ()) -> str:
    """The page of a map: one self-contained HTML file without remote sources.

    `notes` are warnings for the reader and stand in the page's head. Raises ValueError where the map is not of this
    paper's text. Equal input gives equal bytes.
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
        "brief": _brief_columns(ranking),
        "language": paper.language or "",
        "plurals": PLURALS,
        "columns": [{"label": c, "heading": PLURALS[c].capitalize()} for c in layout.columns],
        "units": [(label, [u for u in amap.units if u.label is label]) for label in READING_ORDER if counts[label]],
        "sections": {s.id: s.title for s in paper.sections},
        "relations": [(r, by_id[r.source], by_id[r.target]) for r in amap.relations],
        "cut": cut,
        "count": count,
        "percent": percent,
        "data": json_text(_data(ranking, layout)),
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


def _brief_columns(ranking: Ranking) -> list[dict[str, Any]]:
    """The four questions that a reader brings, in the graph's order of columns, with the first answers."""
    short = brief(ranking, claims=3, motivations=3, open_challenges=3, answered=0, recommendations=3)
    challenges = ranking.labelled(Label.CHALLENGE)
    unanswered = sum(not ranking.answers(c) for c in challenges)
    columns = [
        ("Why does it matter?", Label.MOTIVATION, short.motivations, len(ranking.labelled(Label.MOTIVATION))),
        ("What is left unanswered?", Label.CHALLENGE, short.open_challenges, unanswered),
        ("What does it claim?", Label.CLAIM, short.claims, len(ranking.labelled(Label.CLAIM))),
        ("What should be done?", Label.RECOMMENDATION, short.recommendations,
         len(ranking.labelled(Label.RECOMMENDATION))),
    ]  # fmt: skip
    return [
        {"question": question, "label": label, "units": units, "all": n,
         "none": "Every challenge found has an answer in the paper." if label is Label.CHALLENGE and challenges
         else f"No {PLURALS[label]} were found."}
        for question, label, units, n in columns
    ]  # fmt: skip


def _data(ranking: Ranking, layout: Layout) -> Mapping[str, Any]:
    """What the page's script works on: units with their places, relations, lanes and measures."""
    paper, amap = ranking.paper, ranking.amap
    cards = {c.unit: c for c in layout.cards}
    references = {r.id: cut(r.raw, 400) for r in paper.references}
    titles = {s.id: cut(s.title, 200) for s in paper.sections}

    def unit(u: Unit) -> dict[str, Any]:
        card = cards[u.id]
        return {
            "id": u.id, "label": u.label, "text": u.text[:_WHOLE], "score": u.score, "scores": u.scores,
            "attribution": u.attribution, "page": u.page, "section": titles.get(u.section or "", ""),
            "citations": [references[c] for c in u.citations if c in references], "unsure": u.unsure,
            "note": cut(u.note or "", 1000),
            "lane": card.lane, "column": card.column, "depth": min(card.depth, MAX_INDENT), "parent": card.parent,
            "via": card.via, "shown": card.shown, "unanswered": u.label is Label.CHALLENGE and not ranking.answers(u),
            "lines": card.lines, "narrow": card.narrow,
        }  # fmt: skip

    return {
        "units": [unit(u) for u in amap.units],
        "relations": [
            {"id": r.id, "source": r.source, "target": r.target, "label": r.label, "score": r.score}
            for r in amap.relations
        ],
        "lanes": [
            {"title": cut(lane.title, 110), "pages": lane.pages, "units": lane.units} for lane in layout.lanes
        ],
        "columns": layout.columns,
        "labels": {
            label: {"initial": INITIALS[Label(label)], "plural": PLURALS[Label(label)]} for label in LABELS
        },
        "size": {
            "card": CARD_WIDTH, "narrow": NARROW_WIDTH, "indent": INDENT, "padding": PADDING, "type": TYPE_SIZE,
        },
    }  # fmt: skip
