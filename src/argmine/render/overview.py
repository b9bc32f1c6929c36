"""index.html: the overview of a folder of papers, with a search over the units of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from argmine.argument_map import ArgumentMap, Unit
from argmine.inputs import Row
from argmine.render.templates import json_text, render
from argmine.render.words import GOLD_NOTE, cut
from argmine.scheme import DEFAULT, MOST_LABELS, Attribution, Scheme

_STYLES: Final = ("base.css", "overview.css")
INDEX_FILE: Final = "index.html"
# Longest text of a unit that is kept for searching; hardly any sentence is longer, and the map has the whole.
TEXT_LIMIT: Final = 600
# Bytes of the index that a page carries, some 40,000 papers: browsers hold no text of more than half a gigabyte.
LARGEST_INDEX: Final = 400_000_000


# What the table says of each paper, by place: the words that stand before it.
_SAID: Final = {"thesis": "argues", "recommendations": "calls for"}


@dataclass(frozen=True, slots=True)
class Said:
    """A key point as the overview shows it: `id` is where it stands in the map's text, `label` None on no unit."""

    says: str
    id: str
    label: str | None
    page: int | None
    score: float | None
    text: str


def said_first(amap: ArgumentMap) -> tuple[Said, ...]:
    """A paper's thesis and its first recommendation, the first on its map's first screen; none without key points."""
    found = []
    for place, says in _SAID.items():
        for point in amap.key_points.place(place)[:1] if amap.key_points else ():
            unit = amap.unit_on(point)
            id, label = (unit.id, unit.label) if unit else (point.sentence, None)
            found.append(Said(says, id, label, point.page, point.score, cut(point.text, TEXT_LIMIT)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PaperUnits:
    """A paper's units for searching, and what it says first. `map_path` is relative to the overview and not quoted;
    `sections` titles by id."""

    title: str
    map_path: str
    units: Sequence[Unit] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    scheme: Scheme = DEFAULT
    said: Sequence[Said] = ()


def index_html(
    rows: Sequence[Row],
    units: Iterable[PaperUnits] = (),
    *,
    title: str,
    samples_link: str | None = None,
    made_from: str = "",
) -> str:
    """The overview as one self-contained HTML file: a search over the units, a table of papers, the failures.

    `samples_link` is the relative address of the samples' overview; without papers the page says where to put some.
    `made_from` stands in the page's head, for telling whether it is up to date. Papers of several schemes have the
    columns of all of them. The units stand in the page as data: a script beside it would run whatever lies there, as
    browsers check no digest of a file that a page from disk loads. The table comes before them and is shown at once.
    """
    schemes: list[Scheme] = []
    said: dict[str, Sequence[Said]] = {}
    index = index_text(units, schemes, said)
    too_many = len(index.encode()) > LARGEST_INDEX
    mined = [r for r in rows if r.error is None]
    scheme = _scheme_of(mined, schemes)
    labels = scheme.to_read[:MOST_LABELS]
    totals = {label: sum(r.units.get(label, 0) for r in mined) for label in labels}
    values = {
        "title": title,
        "mined": mined,
        "failed": [r for r in rows if r.error is not None],
        "scheme": scheme,
        "labels": labels,
        "samples_link": None if samples_link is None else link(samples_link),
        "has_pages": any(r.pages is not None for r in mined),
        "has_scores": any(r.gold_score is not None for r in mined),
        "gold_note": GOLD_NOTE,
        "totals": totals,
        "all_units": sum(totals.values()),
        "relations": sum(r.relations for r in mined),
        "bars": {r.stem: _bar(r.units, labels) for r in mined},
        "made_from": made_from,
        "said": said,
        "searchable": bool(index) and not too_many,
        "index": "" if too_many else index,
        "too_many": too_many,
        "link": link,
    }
    return render("index.html", _STYLES, "overview.js", values)


def _scheme_of(rows: Sequence[Row], schemes: Sequence[Scheme]) -> Scheme:
    """The scheme of all labels that the papers have, those of maps without units by their names alone."""
    known = Scheme.joined(schemes or [DEFAULT])
    counted = dict.fromkeys(label for row in rows for label in row.units)
    bare = [label for label in counted if label not in known.unit_labels]
    if any(label in DEFAULT.unit_labels for label in bare):
        known = Scheme.joined([known, DEFAULT])
        bare = [label for label in bare if label not in DEFAULT.unit_labels]
    return Scheme.joined([known, Scheme.of(bare[:MOST_LABELS])]) if bare else known


def _bar(units: Mapping[str, int], labels: Sequence[str]) -> list[tuple[str, float, float]]:
    # Each label's (label, offset, width) in a bar of width 100.
    total = sum(units.get(label, 0) for label in labels)
    bar: list[tuple[str, float, float]] = []
    at = 0.0
    for label in labels:
        width = 100 * units.get(label, 0) / total if total else 0.0
        if width:
            bar.append((label, round(at, 2), round(width, 2)))
        at += width
    return bar


def index_text(
    papers: Iterable[PaperUnits],
    schemes: list[Scheme] | None = None,
    said: dict[str, Sequence[Said]] | None = None,
) -> str:
    """The index of all papers' units as JSON that can stand in a script; empty without units.

    `labels` are the names of all labels, `papers` a list of [title, address of the map, section titles, units], a unit
    [id, number of its label, page, number of its section, 1 where reported, score in percent, text], with null for what
    is not known. What a paper says first is among them where it is no unit: without a label. The schemes of the papers
    are put into `schemes`, each once, and what they say first into `said`, by the address of their map.
    """
    schemes = [] if schemes is None else schemes
    labels: dict[str, int] = {}
    found = []
    for paper in papers:
        if said is not None:
            said[paper.map_path] = paper.said
        bare = [[s.id, None, s.page, None, 0, _percent(s.score), s.text] for s in paper.said if s.label is None]
        if not paper.units and not bare:
            continue
        if paper.scheme not in schemes:
            schemes.append(paper.scheme)
            for label in paper.scheme.to_read:
                labels.setdefault(label, len(labels))
        used = list(dict.fromkeys(u.section for u in paper.units if u.section in paper.sections))
        number = {section: n for n, section in enumerate(used)}
        titles = [cut(paper.sections[id], 80) for id in used if id is not None]
        units = [_unit(u, number, labels) for u in paper.units] + bare
        found.append([cut(paper.title, 160), link(paper.map_path), titles, units])
    return json_text({"labels": list(labels), "papers": found}) if found else ""


def link(path: str) -> str:
    """A relative path as the address of a link: quoted, so that no file name can be a scheme, a host or a query."""
    return quote(path.lstrip("/\\"), safe="/")


def _unit(unit: Unit, sections: Mapping[str | None, int], labels: Mapping[str, int]) -> list[Any]:
    place = [unit.page, sections.get(unit.section)]
    reported = int(unit.attribution is Attribution.REPORTED)
    return [unit.id, labels[unit.label], *place, reported, _percent(unit.score), cut(unit.text, TEXT_LIMIT)]


def _percent(score: float | None) -> int | None:
    return None if score is None else round(100 * score)
