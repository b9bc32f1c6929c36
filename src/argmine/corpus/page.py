"""comparison.html: one self-contained page in which every number leads to the units behind it.

Up to `SHOWN` papers all stand on the page; of more, the outliers and an even choice over the cells of the dendrogram
do, and the tables beside the page hold all. Texts of units are left out where the page would grow past `_ROOM`.
Geometry of plots is worked out here, in SVG user units; the template draws.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from argmine.corpus.alignment import Said, pair_kinds
from argmine.corpus.comparison import Comparison
from argmine.corpus.entry import PLACES, ROLES, THIRDS, picked
from argmine.corpus.groups import YearRow, measure_names
from argmine.corpus.profile import BINS, SPREAD, Estimate, Profile, gap_measures, measures_of, ratio
from argmine.corpus.shape import Tree
from argmine.errors import ArgmineError
from argmine.render.overview import link
from argmine.render.templates import json_text, render
from argmine.render.words import count, cut

SHOWN: Final = 300
"""Most papers on the page."""
_ROOM: Final = 4_000_000
"""Bytes of units' texts that the page carries."""
_PAIRS: Final = 60
"""Pairs of a kind on the page; the others stand in comparison.json."""
_OPEN: Final = 400
_STYLES: Final = ("base.css", "overview.css", "compare.css")
_LEVELS: Final = 9
"""Shades of the heat map above 0."""
_CURVE: Final = (150.0, 46.0)
"""Width and height of a paper's curves."""
_ROW: Final = 17.0
_TREE_WIDTH: Final = 300.0
_LABEL_WIDTH: Final = 420.0


def comparison_html(found: Comparison, out: Path, *, title: str = "") -> str:
    """The page, for a file in the folder `out`: links to maps are relative to it."""
    scheme, profiles = found.scheme, found.profiles
    links = _Links(found, out)
    shown = _shown(found)
    papers = [_paper(profiles[number], number, links.map(number)) for number in shown]
    used = {f for p in papers for f in p["places"]}
    places = [p for p in PLACES if p == "whole" or p in THIRDS or p in used]
    kinds = pair_kinds(scheme)
    pairs = [
        {
            "kind": kind,
            "title": kinds[kind],
            "total": len(list_of),
            "pairs": [
                {
                    "one": links.said(p.one),
                    "other": links.said(p.other),
                    "similarity": p.similarity,
                    "shared": ", ".join(p.shared),
                }
                for p in list_of[:_PAIRS]
            ],
        }
        for kind, some in groupby(found.alignment.pairs, key=lambda p: p.kind)
        for list_of in [list(some)]
    ]
    nearest = {name: list(some)[:3] for name, some in groupby(found.nearest, key=lambda n: n.paper)}
    open_of = {name: (gap.label, gap.name) for name, gap in gap_measures(scheme).items()}
    values = {
        **picked(found, "left_out", "notes", "outliers", "alignment", "kinship"),
        "title": title or "Arguments across papers",
        "papers": papers,
        "all_papers": len(profiles),
        "scheme": scheme,
        "labels": scheme.to_read,
        "problem": scheme.place("problems"),
        "ratio": ratio(scheme) or (),
        "places": places,
        "thirds": THIRDS,
        "roles": [r for r in ROLES if r in places],
        "measures": measures_of(scheme),
        "open_of": open_of,
        "shares": {"reported_share", *open_of},
        "totals": {label: sum(int(p.count(label).value or 0) for p in profiles) for label in scheme.to_read},
        "spread": SPREAD,
        "curve": _CURVE,
        "relations": sum(sum(p.relations.values()) for p in profiles),
        "drawing": _draw_tree(found.tree) if found.tree else None,
        "leaves": _leaves(found, links) if found.tree else [],
        "nearest": [(p["name"], nearest.get(p["name"], [])) for p in papers],
        "pairs": pairs,
        "open": [links.said(s) for s in found.unaddressed[:_OPEN]],
        "open_count": found.unaddressed_count,
        "differences": sorted(
            found.differences, key=lambda d: (d.verdict == "no difference", -abs(d.delta), d.measure)
        ),
        "names": measure_names(scheme),
        "years": _lines_by_year(found.years, scheme.unit_labels),
        "year_rows": found.years,
        "estimate": _estimate,
        "cut": cut,
        "count": count,
        "index": json_text(_index(found, papers)),
    }
    return render("compare.html", _STYLES, "compare.js", values)


def _shown(found: Comparison) -> list[int]:
    everything = range(len(found.profiles))
    if len(everything) <= SHOWN or found.tree is None:
        return list(everything[:SHOWN])
    by_name = {p.name: n for n, p in enumerate(found.profiles)}
    kept = dict.fromkeys(by_name[x.paper] for x in found.outliers[:20])
    for turn in range(max(map(len, found.tree.leaves))):
        for leaf in found.tree.leaves:
            if turn < len(leaf) and len(kept) < SHOWN:
                kept.setdefault(found.shaped[leaf[turn]])
    return sorted(kept)


@dataclass(frozen=True, slots=True)
class _Links:
    found: Comparison
    out: Path

    def map(self, number: int) -> str:
        page = self.found.places[number].page
        try:
            return link(Path(os.path.relpath(page, self.out)).as_posix()) if page else ""
        except ValueError:  # another drive
            return ""

    def said(self, said: Said) -> dict[str, Any]:
        address = self.map(said.paper)
        return {
            **picked(said, "paper", "id", "label", "text", "role", "page"),
            "title": self.found.profiles[said.paper].title,
            "link": f"{address}#{said.id}" if address else "",
        }


def _paper(profile: Profile, number: int, address: str) -> dict[str, Any]:
    cells = {
        place: {label: _cell(profile, label, place) for label in profile.scheme.unit_labels}
        for row, place in enumerate(PLACES)
        if profile.counts[row].any()
    }
    return {
        **picked(profile, "name", "title", "group", "year", "thesis", "measures"),
        "number": number,
        "link": address,
        "cells": cells,
        "places": [p for p in ROLES if p in cells] if profile.roles_known else [],
        "curves": _curves(profile),
    }


def _cell(profile: Profile, label: str, place: str) -> dict[str, Any]:
    share, number, dense = (of(label, place) for of in (profile.share, profile.count, profile.density))
    said = []
    if number.low is not None and number.high is not None and number.high - number.low >= 0.05:
        said.append(f"expected {number.expected:.0f} [{number.low:.0f}, {number.high:.0f}]")
    if share.value is not None:
        said.append(f"{100 * share.value:.0f} % of the units here")
    if dense.value is not None:
        said.append(f"{dense.value:.1f} to 100 sentences")
    # The shade goes by the share's square root, so that small shares can be told apart.
    shade = min(_LEVELS, max(1, round(_LEVELS * share.value**0.5))) if share.value else 0
    return {"n": int(number.value or 0), "share": share.value, "level": shade, "said": "; ".join(said)}


def _estimate(e: Estimate, share: bool = False) -> tuple[str, str]:
    """A number as read by people, and its interval, empty without one."""
    if e.value is None or e.low is None or e.high is None:
        return "–", ""
    scale, unit, digits = (100, "\u00a0%", 0) if share else (1, "", 1)
    shown = f"{scale * e.value:.{digits}f}{unit}"
    if e.expected is None or scale * (e.high - e.low) < 0.05:
        return shown, ""
    middle, low, high = (f"{scale * v:.{digits}f}" for v in (e.expected, e.low, e.high))
    return shown, f"{middle} [{low}, {high}]"


def _index(found: Comparison, papers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The units behind the numbers: a paper is [title, address, units], a unit [id, label, third, role, open, text]."""
    labels = found.scheme.unit_labels
    room = _ROOM
    listed = []
    for paper in papers:
        units: list[list[Any]] = []
        try:
            facts = found.entry(paper["number"]).facts
        except ArgmineError:  # the map has gone since
            facts = []
        for f in facts:
            text = cut(f.unit.text, 220) if room > 0 else ""
            room -= len(text.encode())
            place = [labels.index(f.unit.label), f.third, ROLES.index(f.role)]
            units.append([f.unit.id, *place, f.open or "", int(f.unit.attribution == "reported"), text])
        listed.append([cut(paper["title"], 120), paper["link"], units])
    return {"labels": labels, "thirds": THIRDS, "roles": ROLES, "papers": listed}


def _curves(profile: Profile) -> list[tuple[str, str]]:
    """Each label's curve through the paper as (label, points of a polyline): smoothed counts over the highest."""
    smooth = [[_around(row, i) for i in range(BINS)] for row in profile.curve.tolist()]
    top = max(map(max, smooth)) or 1.0
    width, height = _CURVE
    return [
        (label, _polyline((width * (i + 0.5) / BINS, height - 3 - (height - 6) * v / top) for i, v in enumerate(row)))
        for label, row in zip(profile.scheme.unit_labels, smooth, strict=True)
        if any(row)
    ]


def _around(row: Sequence[float], i: int) -> float:
    near = row[max(0, i - 1) : i + 2]
    return sum(near) / len(near)


def _polyline(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _draw_tree(tree: Tree) -> dict[str, Any]:
    """A dendrogram with its root on the left, a leaf a row: its size, brackets as SVG paths, the axis' ticks."""
    n = len(tree.leaves)
    top = float(tree.links[:, 2].max()) or 1.0
    y = {leaf: _ROW * (row + 0.8) for row, leaf in enumerate(tree.order)}
    x = dict.fromkeys(range(n), _TREE_WIDTH)
    paths = []
    for i, (left, right, gap, _) in enumerate(tree.links):
        a, b = int(left), int(right)
        at = 6 + (_TREE_WIDTH - 6) * (1 - float(gap) / top)
        paths.append(f"M{x[a]:.1f} {y[a]:.1f}H{at:.1f}V{y[b]:.1f}H{x[b]:.1f}")
        x[n + i], y[n + i] = at, (y[a] + y[b]) / 2
    return {
        "width": _TREE_WIDTH + _LABEL_WIDTH,
        "height": _ROW * n + 28,
        "paths": paths,
        "ticks": [(6 + (_TREE_WIDTH - 6) * (1 - part), f"{part * top:.2f}") for part in (1.0, 0.5, 0.0)],
        "label_x": _TREE_WIDTH + 8,
    }


def _leaves(found: Comparison, links: _Links) -> list[dict[str, Any]]:
    assert found.tree is not None
    leaves = []
    for row, leaf in enumerate(found.tree.order):
        first, *more = (found.shaped[i] for i in found.tree.leaves[leaf])
        profile = found.profiles[first]
        leaves.append({"y": _ROW * (row + 0.8), "paper": cut(profile.title, 60), "group": profile.group})
        leaves[-1] |= {"link": links.map(first), "more": len(more)}
    return leaves


def _lines_by_year(rows: Sequence[YearRow], labels: Sequence[str]) -> dict[str, Any] | None:
    """The labels' shares by year as one plot: polylines, bands, ticks; None without two years."""
    years = sorted({r.year for r in rows})
    if len(years) < 2:
        return None
    width, height, left, bottom = 640.0, 220.0, 40.0, 24.0
    shares = {label: [r for r in rows if r.measure == f"{label}_share"] for label in labels}
    top = max((min(1.0, r.high) for some in shares.values() for r in some), default=1.0) or 1.0

    def across(year: int) -> float:
        return left + (width - left - 10) * (year - years[0]) / (years[-1] - years[0])

    def down(value: float) -> float:
        return (height - bottom) * (1 - min(value, top) / top) + 4

    series = [
        {
            "label": label,
            "points": _polyline((across(r.year), down(r.mean)) for r in some),
            "dots": [(across(r.year), down(r.mean), r) for r in some],
            "bars": [(across(r.year), down(max(0.0, r.low)), down(r.high)) for r in some],
        }
        for label, some in shares.items()
    ]
    return {
        "width": width,
        "height": height,
        "series": series,
        "left": left,
        "base": height - bottom + 4,
        "ticks": [(across(y), str(y)) for y in years[:: max(1, len(years) // 12)]],
        "levels": [(down(top * part), f"{100 * top * part:.0f}\u00a0%") for part in (0.0, 0.5, 1.0)],
    }
