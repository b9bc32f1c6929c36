"""What a reader sees first of a paper: its key points by the places of the map's scheme, at most as many as those show.

A place without a key point says nothing. A map that nobody chose key points for shows the first units of each label
(`Salience`), and what the paper says so of itself is left open (`stated_open`). Map page, summary and overview take
their entries from here, so that they agree.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from argmine.argument_map import Answer, ArgumentMap, KeyPoint, Unit, stated_open
from argmine.paper import Paper, Sentence
from argmine.render.salience import Salience
from argmine.render.words import count, cut, place_of, points_back, words_of
from argmine.scheme import Attribution

_QUESTIONS: Final = (("thesis",), ("why", "reasons"), ("recommendations",), ("open", "problems"))
"""The places that answer one question of the map page, the one that asks it first."""
_COLUMN: Final = 33
"""Lines that a column of the page may take, so that all its answers stand in a window of 1280 by 800."""
_WHOLE: Final = 1200
"""Longer than any sentence that is meant to be read; only what no author wrote is cut."""
_ANSWER: Final = 180
_SECTION: Final = 46


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence of the first screen, whole. `id` is where it stands in the map page's text: its unit's, or its own
    where it is no unit. `before` is the text that it is understood from, `answer` what meets it where it is a problem.
    """

    id: str
    unit: Unit | None
    text: str
    before: str
    page: int | None
    section: str
    answer: Entry | None = None

    @property
    def reported(self) -> bool:
        """Whether it is not the authors' view."""
        return self.unit is not None and self.unit.attribution is Attribution.REPORTED

    def where(self, limit: int = 80) -> str:
        """Page and section, and whose view it is if not the authors'; empty where nothing of it is known."""
        place = place_of(self.page, self.section, limit)
        return "; ".join(part for part in (place, "view of others" if self.reported else "") if part)


@dataclass(frozen=True, slots=True)
class Part:
    """A list of the first screen: of a place (by its name), or of a label (`place` is empty). Never without entries."""

    place: str
    label: str
    title: str
    asks: str
    entries: tuple[Entry, ...]
    says: str = ""


@dataclass(frozen=True)
class FirstScreen:
    """What the map page, the summary and the overview show of a map first."""

    paper: Paper
    salience: Salience

    @property
    def amap(self) -> ArgumentMap:
        return self.salience.amap

    def parts(self, each: int) -> list[Part]:
        """The filled places in the scheme's order; without key points at most `each` units of each label."""
        scheme, points = self.amap.labels, self.amap.key_points
        if points is None or not scheme.key_points:
            return self._by_label(each)
        found = []
        said: set[str] = set()
        for place in scheme.places:
            problem = place.name == "problems"
            shown = points.place(place.name)[: place.shown]
            # A sentence stands in one place, the first that it is right for, unless it has an answer to tell below.
            told = [p for p in shown if p.sentence not in said or (problem and points.answers_to(p.sentence))]
            said |= {p.sentence for p in told}
            entries = tuple(self._entry(point, answered=problem) for point in told)
            if entries:
                title = place.title or heading(scheme.plurals[place.label])
                says = self.problems_addressed() if problem else ""
                found.append(Part(place.name, place.label, title, place.asks or title, entries, says))
        return found

    def _by_label(self, each: int) -> list[Part]:
        scheme = self.amap.labels
        found = []
        for label, units in self.salience.by_label(each).items():
            title, problem = heading(scheme.plurals[label]), label == scheme.place("problems")
            entries = tuple(self._entry(unit, answered=problem) for unit in units)
            found.append(Part("", label, title, title, entries, self.problems_addressed() if problem else ""))
        for place in scheme.places:
            left = self.salience.ordered(stated_open(self.paper, self.amap)) if place.name == "open" else []
            if entries := tuple(map(self._entry, left[:each])):
                found.append(Part("open", place.label, place.title, place.asks or place.title, entries))
        return found

    def problems_addressed(self) -> str:
        """How many of the paper's problems something in the map addresses, in a sentence; empty where none is known."""
        problem = self.amap.labels.place("problems")
        n = sum(unit.label == problem for unit in self.amap.units)
        if problem is None or not n or self.amap.labels.gap(problem) is None or not self.amap.relations:
            return ""
        met = n - len(self.amap.unaddressed)
        of = count(n, problem, self.amap.labels.plurals[problem])
        return f"Of {of}, {met} {'is' if met == 1 else 'are'} addressed in this paper, as far as was found."

    def _entry(self, thing: KeyPoint | Answer | Unit, *, answered: bool = False) -> Entry:
        unit = thing if isinstance(thing, Unit) else self.amap.unit_on(thing)
        at = self._sentence(thing.start)
        section = self.paper.section(unit.section if unit is not None else at.section if at is not None else None)
        return Entry(
            id=thing.sentence if unit is None else unit.id,
            unit=unit,
            text=cut(thing.text, _WHOLE),
            before=cut(self._before(thing, at), _WHOLE),
            page=thing.page,
            section=section.title if section is not None else "",
            answer=self._answer(thing) if answered else None,
        )

    def _answer(self, problem: KeyPoint | Answer | Unit) -> Entry | None:
        points = self.amap.key_points
        answers: Sequence[Answer | Unit] = points.answers_to(problem.sentence) if points is not None else ()
        if points is None and isinstance(problem, Unit):
            answers = self.salience.ordered(self.amap.answers(problem))
        return self._entry(answers[0]) if answers else None

    def _sentence(self, start: int) -> Sentence | None:
        """The sentence that holds this offset."""
        n = bisect_right(self.paper.sentences, start, key=lambda s: s.start)
        return self.paper.sentences[n - 1] if n else None

    def _before(self, thing: KeyPoint | Answer | Unit, own: Sentence | None) -> str:
        """What a sentence is understood from that opens by pointing back: the one before it in its paragraph, or the
        rest of its own before a unit that is a part of one."""
        n = bisect_left(self.paper.sentences, thing.start, key=lambda s: s.start)
        if not n or own is None or not points_back(thing.text, self._topic):
            return ""
        before = self.paper.sentences[n - 1]
        return self.paper.text[before.start : min(before.end, thing.start)].strip() if before.block == own.block else ""

    @cached_property
    def _topic(self) -> frozenset[str]:
        return words_of(self.paper.title)

    def columns(self) -> list[list[dict[str, Any]]]:
        """The questions that a reader brings, as the map page answers them at its top in two columns, each with lists
        under headings. `more` says what a button opens that lists the units of `label`, empty where no more are."""
        found = self._questions()
        each = max(2, (len(found) + 1) // 2)
        return [_fitted(found[n : n + each]) for n in range(0, len(found), each)]

    def _questions(self) -> list[dict[str, Any]]:
        parts = self.parts(2)
        named = {part.place: part for part in parts if part.place}
        groups = [[part] for part in parts]
        if len(named) == len(parts):
            groups = [[named[place] for place in places if place in named] for places in _QUESTIONS]
        found = []
        for group in filter(None, groups):
            lists = [self._list(part, shared=len(group) > 1) for part in group]
            found.append({"question": group[0].asks, "label": group[0].label, "parts": lists})
        return found

    def _list(self, part: Part, *, shared: bool) -> dict[str, Any]:
        n = sum(unit.label == part.label for unit in self.amap.units)
        there = sum(entry.unit is not None and entry.unit.label == part.label for entry in part.entries)
        whole = f"all {n} {self.amap.labels.plurals[part.label]}" if n > 1 else f"the {part.label}"
        every = whole if part.place not in ("reasons", "open") and n else ""
        return {
            "label": part.label,
            "heading": part.title if shared and part.place != "open" else "",
            "says": part.says,
            "items": [
                {
                    **{name: getattr(entry, name) for name in ("id", "unit", "before", "text")},
                    "where": entry.where(_SECTION),
                    "answer": entry.answer,
                    "answers": _short(entry.answer),
                }
                for entry in part.entries
            ],
            "more": every if n > there else "",
            "rest": every,
        }


def _short(answer: Entry | None) -> str:
    """An answer below its problem: the sentence, after the start of what it is understood from."""
    said = (cut(answer.before, _ANSWER // 2), cut(answer.text, _ANSWER)) if answer is not None else ()
    return " ".join(filter(None, said))


def heading(plural: str) -> str:
    """What stands above a list of what is called so."""
    return plural[:1].upper() + plural[1:]


def _fitted(column: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A column without the last items of its longest lists where it is too high."""
    parts = [part for question in column for part in question["parts"]]
    while sum(map(_height, parts)) > _COLUMN:
        longest = max(parts, key=lambda part: (len(part["items"]), _height(part)))
        if len(longest["items"]) < 2:
            break
        longest["items"].pop()
        longest["more"] = longest["rest"]
    return column


def _height(part: Mapping[str, Any]) -> float:
    """About how many lines a part takes in a column of a window 1280 wide."""
    said = [len(i["before"]) + len(i["text"]) + len(i["where"]) + 12 for i in part["items"]]
    said += [len(i["answers"]) + 16 for i in part["items"] if i["answers"]]
    heads = 1.3 * (bool(part["heading"]) + bool(part["more"])) + len(part["says"]) // 62 + 0.8
    return heads + sum(length // 63 + 1.3 for length in said)
