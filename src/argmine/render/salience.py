"""In which order the units of a map stand: who is shown first, and whose chain comes first.

On a map with key points these come first, by their probability of being right there, then the units that a relation
links to them. All others, and all of a map that nobody chose key points for, stand by how much leads to them: a damped
Katz centrality (Katz 1953) over the relations, in which every relation counts alike. Ties are broken by the order of
the text, so equal input gives equal output. Nothing here knows a word, a label's worth or a place in the paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from argmine.argument_map import KEY_POINT_PLACES, ArgumentMap, Unit

_DAMPING: Final = 0.5
"""How much of what a unit has gathered the units that it leads to inherit."""
_ROUNDS: Final = 5
"""As far as a unit is felt; attacks may run in a circle, and would add up without end."""
_EACH: Final = 3
"""How many units of each label the graph shows at first where there are no key points."""
_BESIDE: Final = 2
"""How many units the graph shows at first beside each key point that they are linked to."""


@dataclass(frozen=True)
class Salience:
    """The order of a map's units."""

    amap: ArgumentMap

    @cached_property
    def centrality(self) -> dict[str, float]:
        """What leads to each unit: 1 for itself, and half of what each source of a relation to it has gathered."""
        gathered = dict.fromkeys(self.amap.units_by_id, 1.0)
        for _ in range(_ROUNDS):
            new = dict.fromkeys(gathered, 1.0)
            for relation in self.amap.relations:
                new[relation.target] += _DAMPING * gathered[relation.source]
            gathered = new
        return gathered

    @cached_property
    def chosen(self) -> dict[str, float]:
        """The units on key points, by their ids, with the best of their probabilities there (1 where none is told)."""
        found: dict[str, float] = {}
        for place in KEY_POINT_PLACES:
            for point in self.amap.key_points.place(place) if self.amap.key_points else ():
                if (unit := self.amap.unit_on(point)) is not None:
                    found[unit.id] = max(found.get(unit.id, 0.0), 1.0 if point.score is None else point.score)
        return found

    @cached_property
    def rank(self) -> dict[str, int]:
        """The place of each unit in the order, from 0."""
        linked = {id for unit in self.chosen for id in self._beside(unit)}

        def key(unit: Unit) -> tuple[float, bool, float, int]:
            return -self.chosen.get(unit.id, -1.0), unit.id not in linked, -self.centrality[unit.id], unit.start

        return {unit.id: n for n, unit in enumerate(sorted(self.amap.units, key=key))}

    def ordered(self, units: Iterable[Unit]) -> list[Unit]:
        """These units, the first of the order first."""
        return sorted(units, key=lambda unit: self.rank[unit.id])

    def by_label(self, limit: int) -> dict[str, list[Unit]]:
        """The first units of each label that the map has, at most `limit` of each."""
        found: dict[str, list[Unit]] = {label: [] for label in self.amap.labels.to_read}
        for unit in self.ordered(self.amap.units):
            found[unit.label].append(unit)
        return {label: units[:limit] for label, units in found.items() if units}

    def first_shown(self, limit: int = 30) -> frozenset[str]:
        """The ids of the units that the graph shows at first: those on key points and what is linked to them, or some
        of each label. What the graph folds below one of them is not among them: it is counted there."""
        scheme = self.amap.labels
        if not self.chosen:
            each = max(1, min(_EACH, limit // len(scheme.units)))
            folded = {unit.name for unit in scheme.units if unit.under and scheme.places}
            few = (units for label, units in self.by_label(each).items() if label not in folded)
            return frozenset(unit.id for units in few for unit in units)
        points = self.ordered(self.amap.unit(id) for id in self.chosen)
        shown = dict.fromkeys([u.id for u in points if not self.folds(u)][:limit])
        for unit in [u for u in points if u.id in shown]:
            other = [u for u in map(self.amap.unit, self._beside(unit.id)) if u.label != unit.label]
            other = [u for u in other if u.id not in self.chosen and not scheme.unit(u.label).under]
            for near in self.ordered(other)[:_BESIDE]:
                if len(shown) < limit:
                    shown[near.id] = None
        return frozenset(shown)

    def folds(self, unit: Unit) -> bool:
        """Whether a unit only gives a reason for a key point below which the graph folds it."""
        scheme = self.amap.labels
        reasons = [r.target for r in self.amap.outgoing(unit) if r.label in scheme.acyclic and r.target in self.chosen]
        return any(scheme.unit(unit.label).under or self.amap.unit(id).label == unit.label for id in reasons)

    def _beside(self, id: str) -> list[str]:
        """The units at the other ends of a unit's relations."""
        return [r.source for r in self.amap.incoming(id)] + [r.target for r in self.amap.outgoing(id)]
