"""The page of a diff: both maps' units and relations in one graph and one text, beside the list of what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from argmine.argument_map import ArgumentMap, Unit, support_cycle
from argmine.paper import Paper
from argmine.render.diff import RELATION_CHANGES, UNIT_CHANGES, MapDiff, RelationPair, UnitPair, shown
from argmine.render.layout import CARD_WIDTH, INDENT, Card, lay_out
from argmine.render.page import lane_data, set_text
from argmine.render.templates import json_text, render
from argmine.render.words import cut, made_by
from argmine.scheme import Attribution, Scheme

_STYLES: Final = ("base.css", "diff.css")
_QUOTED: Final = 260
Kind = Literal["same", "added", "removed", "changed"]
_SIGNS: Final[dict[Kind, str]] = {"same": "", "added": "+", "removed": "−", "changed": "≠"}
_LONGER: Final = {"attribution": "attribution changed", "borders": "other borders", "turned": "turned round"}
_NAMES: Final = {change: _LONGER.get(change, change) for change in (*UNIT_CHANGES, *RELATION_CHANGES)}


def diff_html(diff: MapDiff, paper: Paper, *, notes: Sequence[str] = ()) -> str:
    """The page as one self-contained HTML file; `notes` are what the reader should know. Equal input gives equal
    bytes."""
    kept, marked = _marked(diff, paper)
    data = graph_data(diff, paper)
    values: dict[str, Any] = {
        "title": paper.title or paper.source.file,
        "language": paper.language or "",
        "before": made_by(diff.before),
        "after": made_by(diff.after),
        "notes": list(notes),
        "groups": set_text(paper, kept),
        "pairs": marked,
        "unit_changes": [_unit_change(n, p) for n, p in enumerate(diff.units) if p.changes],
        "changed_relations": sum(bool(r["changes"]) for r in data["relations"]),
        "unit_kinds": [(c, _NAMES[c], diff.unit_counts[c]) for c in UNIT_CHANGES if diff.unit_counts[c]],
        "relation_kinds": [
            (c, _NAMES[c], diff.relation_counts[c]) for c in RELATION_CHANGES if diff.relation_counts[c]
        ],
        "same_units": diff.unit_counts["same"],
        "same_relations": diff.relation_counts["same"],
        "names": _NAMES,
        "agreement": diff.agreement,
        "scheme": diff.scheme,
        "figure": shown,
        "graphs": _sizes(data),
        "signs": _SIGNS,
        "data": json_text(data),
    }
    return render("diff.html", _STYLES, "diff.js", values)


def graph_data(diff: MapDiff, paper: Paper) -> dict[str, Any]:
    """What the page's script draws the graphs from, as JSON values: both maps as one, by the ids of the page.

    Lanes, columns and folding are those of the map page for the union of both maps. `changed` are the units that
    changed and those that a changed relation or a relation of a changed unit leads to.
    """
    layout = lay_out(paper, _union(diff))
    changed = {n for n, pair in enumerate(diff.units) if pair.changes}
    near = set(changed)
    for relation in diff.relations:
        ends = {relation.source, relation.target}
        if relation.changes or ends & changed:
            near |= ends
    return {
        "units": [
            _unit(f"u{n}", pair, card, diff.scheme)
            for n, (pair, card) in enumerate(zip(diff.units, layout.cards, strict=True))
        ],
        "relations": [_relation(n, pair) for n, pair in enumerate(diff.relations)],
        "lanes": [lane_data(lane) for lane in layout.lanes],
        "columns": layout.columns,
        "changed": [f"u{n}" for n in sorted(near)],
        "size": {"card": CARD_WIDTH, "indent": INDENT},
        "signs": _SIGNS,
        "names": _NAMES,
    }


def _unit(id: str, pair: UnitPair, card: Card, scheme: Scheme) -> dict[str, Any]:
    unit = pair.either
    names, short, more = unit.label, scheme.initials[unit.label], ""
    if "relabelled" in pair.changes and pair.before is not None:
        names, short = f"{pair.before.label} → {names}", f"{scheme.initials[pair.before.label]} → {short}"
    if "attribution" in pair.changes:
        more = "now reported" if unit.attribution is Attribution.REPORTED else "now own"
    elif pair.changes == ("borders",):
        more = "borders"
    place = {name: getattr(card, name) for name in ("lane", "column", "parent", "lines")}
    told = {"id": id, "label": unit.label, "names": names, "short": short, "more": more}
    return told | place | {"kind": _kind(pair.changes), "page": unit.page}


def _relation(n: int, pair: RelationPair) -> dict[str, Any]:
    labels = dict.fromkeys(r.label for r in (pair.before, pair.after) if r is not None)
    word = " → ".join(labels) + (" (turned)" if pair.turned else "")
    ends = {"source": f"u{pair.source}", "target": f"u{pair.target}"}
    return {"id": n, "kind": _kind(pair.changes), "changes": pair.changes, "word": word} | ends


def _kind(changes: Sequence[str]) -> Kind:
    if "added" in changes or "removed" in changes:
        return "added" if "added" in changes else "removed"
    return "changed" if changes else "same"


def _union(diff: MapDiff) -> ArgumentMap:
    # Its units may overlap. The supports of both together can run in a cycle, by which the lanes could not be ordered;
    # the removed ones are then left out, as the layout needs them only for folding.
    units = [pair.either.model_copy(update={"id": f"u{n}"}) for n, pair in enumerate(diff.units)]
    relations = []
    for pair in diff.relations:
        ends = {"source": f"u{pair.source}", "target": f"u{pair.target}"}
        named = pair.either.model_copy(update={"id": "{source}>{target}".format(**ends), **ends})
        relations.append((pair.after is None, named))
    if support_cycle((r.source, r.target) for _, r in relations if r.label in diff.scheme.acyclic):
        relations = [(gone, relation) for gone, relation in relations if not gone]
    kept = tuple(relation for _, relation in relations)
    return diff.after.model_copy(update={"units": tuple(units), "relations": kept, "scheme": diff.scheme})


def _sizes(data: dict[str, Any]) -> dict[str, tuple[int, int]]:
    # How many units and relations the graphs hold that hold any, by the names that the page gives them.
    sizes = {}
    for name, ids in (("changes", set(data["changed"])), ("all", {u["id"] for u in data["units"]})):
        if ids:
            sizes[name] = len(ids), sum({r["source"], r["target"]} <= ids for r in data["relations"])
    return sizes


def _marked(diff: MapDiff, paper: Paper) -> tuple[ArgumentMap, dict[str, UnitPair]]:
    # All stretches that are a unit in either map, by the ids of the page, and the pairs by those ids. Where a unit that
    # is gone overlaps one that is there, only the rest of it can be marked.
    units: list[Unit] = []
    pairs: dict[str, UnitPair] = {}
    taken = sorted((p.after.start, p.after.end) for p in diff.units if p.after is not None)
    at = 0
    for n, pair in enumerate(diff.units):
        unit = pair.either
        start, end = max(unit.start, at), unit.end
        if pair.after is None:
            for low, high in taken:
                if low <= start < high:
                    start = high
                elif start < low < end:
                    end = low
        if start >= end:
            continue
        id = f"u{n}"
        units.append(unit.model_copy(update={"id": id, "start": start, "end": end, "text": paper.text[start:end]}))
        pairs[id] = pair
        at = end
    marked = {"units": tuple(units), "relations": (), "scheme": diff.scheme, "key_points": None, "voices": ()}
    return diff.after.model_copy(update=marked), pairs


def _unit_change(n: int, pair: UnitPair) -> dict[str, Any]:
    unit = pair.either
    names = dict(_NAMES)
    names["attribution"] = (
        "now reported from others" if unit.attribution is Attribution.REPORTED else "now the authors' own"
    )
    words, (before, after) = [names[c] for c in pair.changes], (p and p.label for p in (pair.before, pair.after))
    told = {"go": f"u{n}", "changes": pair.changes, "words": words, "before": before, "after": after}
    return told | {"page": unit.page, "text": cut(unit.text, _QUOTED)}
