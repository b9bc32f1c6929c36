"""What the browser gets: the page with the paper in it, and after each change what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final

from argmine.argument_map import ANSWERED
from argmine.render.templates import json_text, render_served
from argmine.review.journal import patch_data, state_data
from argmine.review.points import proposed_by, undecided
from argmine.review.session import Answer, Session
from argmine.review.state import Text
from argmine.review.suggestions import Proposal, uncertainty
from argmine.scheme import Scheme

TAKEN: Final = "ANRSUVY"
"""The capitals that do something else on the page."""
MAX_BLOCK: Final = 30
"""Sentences that are drawn together at most; longer paragraphs are drawn in pieces."""


@dataclass(frozen=True)
class Page:
    """The page of one paper. `order` is the one that it begins with; `queue` are sentence numbers, best first."""

    text: Text
    proposals: Sequence[Proposal] = ()
    order: str = "text"
    queue: Sequence[int] = ()
    adjudicates: bool = False
    notes: Sequence[str] = field(default=())

    @property
    def suggests(self) -> bool:
        return any(p.kind == "model" for p in self.proposals)

    def html(self, session: Session) -> tuple[str, str]:
        """The page as it is now, and its Content-Security-Policy."""
        header = session.header
        voices = [p for p in self.proposals if p.kind == "model" or self.adjudicates]
        values = {
            "title": self.text.paper.title or self.text.paper.source.file,
            "annotator": header.annotator,
            "role": header.role,
            "mode": header.mode,
            "scheme": self.text.scheme,
            "data": json_text({**self._paper(voices), **latest(session), "notes": list(self.notes)}),
            "adjudicates": self.adjudicates,
            "suggests": self.suggests,
            "names": [p.name for p in voices],
            "places": scheme_data(self.text.scheme)["places"],
        }
        return render_served("review/review.html", ("base.css", "review/review.css"), "review/keys.js", values)

    def _paper(self, voices: Sequence[Proposal]) -> dict[str, Any]:
        paper = self.text.paper
        model = next((p for p in voices if p.kind == "model"), None)
        return {
            "title": paper.title,
            "blocks": blocks(self.text),
            "sentences": [
                [s.start, paper.slice(s), s.page, int(self.text.has(n))] for n, s in enumerate(paper.sentences, 1)
            ],
            **scheme_data(self.text.scheme),
            "proposals": [p.data() for p in voices],
            "adjudicates": self.adjudicates,
            "total": self.text.count(),
            "order": self.order,
            "queue": list(self.queue),
            "doubt": [[n, round(doubt, 4)] for n, doubt in uncertainty(model).items()] if model else [],
        }


def scheme_data(scheme: Scheme) -> dict[str, Any]:
    """What the page knows of labels and relations: names, keys, looks, and the guide's words beside the text.

    The keys of labels count from 1 in the order in which the scheme asks, `none` last. A relation without a key of its
    own has the first letter of its name that is free, and so has a place of the key points, as a capital.
    """
    guides = {unit.name: unit.guide for unit in scheme.units}
    shown = [(unit.name, unit.initial, unit.plural) for unit in scheme.units]
    if scheme.none is not None:
        guides[scheme.none] = scheme.none_guide
        shown.append((scheme.none, "–", scheme.none))
    relations = []
    taken = {r.key for r in scheme.relations}
    for r in scheme.relations:
        free = (c for c in r.name.lower() + ascii_lowercase + ascii_uppercase if c.isalpha() and c not in taken)
        key = r.key or next(free)
        taken.add(key)
        relations.append(
            {"key": key, "sources": sorted(r.sources), "targets": sorted(r.targets), "name": r.name, "does": r.does}
        )
    places = []
    capitals = set(ascii_uppercase) - set(TAKEN)
    for place in scheme.screen:
        key = next((c for c in place.name.upper() if c in capitals), "")
        capitals.discard(key)
        places.append({"name": place.name, "key": key, "title": place.title or place.asks})
    return {
        "places": places,
        "answered": [place for place in ANSWERED if place in scheme.key_points],
        "labels": [
            {"name": name, "initial": initial, "plural": plural, "key": key, "css": scheme.css(name)}
            for key, (name, initial, plural) in enumerate(shown, 1)
        ],
        "none": scheme.none,
        "attribution": scheme.attribution,
        "relations": relations,
        "guide": {
            "labels": [{"label": name, **guide.model_dump(mode="json")} for name, guide in guides.items()],
            "relations": [{"label": r["name"], "words": r["does"], **r} for r in relations],
        },
    }


def blocks(text: Text) -> Sequence[Mapping[str, Any]]:
    """The paper in pieces to be drawn: headings, and paragraphs with the numbers of their sentences."""
    paper = text.paper
    heads = sorted(
        (s.heading[0], s.level, paper.text[s.heading[0] : s.heading[1]]) for s in paper.sections if s.heading
    )
    kinds = {b.id: b.type for b in paper.blocks}
    made: list[dict[str, Any]] = []
    last = ""
    for n, sentence in enumerate(paper.sentences, 1):
        while heads and heads[0][0] <= sentence.start:
            _, level, words = heads.pop(0)
            if words.strip():
                made.append({"head": " ".join(words.split()), "level": min(level, 4)})
            last = ""
        if sentence.block == last and len(made[-1]["of"]) < MAX_BLOCK:
            made[-1]["of"].append(n)
        else:
            made.append({"kind": kinds.get(sentence.block, "paragraph"), "of": [n]})
            if sentence.block == last:
                made[-1]["goes_on"] = True
        last = sentence.block
    return made


def latest(session: Session) -> dict[str, Any]:
    return {"state": state_data(session.state), **_status(session)}


def changes(session: Session, answer: Answer) -> dict[str, Any]:
    impossible = list(answer.impossible)
    return {"patch": patch_data(answer.patch), "lost": answer.lost, "impossible": impossible, **_status(session)}


def _status(session: Session) -> dict[str, Any]:
    undo, redo = session.steps
    proposed = undecided(proposed_by(p.state for p in session.proposals.values()), session.state)
    status: dict[str, Any] = {"revision": session.revision, "undo": undo, "redo": redo, "checked": session.checked()}
    status["proposed"] = list(map(list, proposed))
    return status if session.decisions is None else {**status, "decide": session.decisions.data(session.state)}
