"""Where each unit stands in the map's graph: a layered layout, made without a browser.

The layers are the columns of the scheme, which for the annotation scheme are its chain of argument from left to right,
so that most relations run one way; the lanes are the paper's sections from top to bottom. Labels that stand under
others, and units that support another one of their own label, stand below the card that they support and are folded
away at first. What is left to the page is to stack the cards that are open and to draw the lines between them.

The lanes can be chains too. Each unit that stands by itself leads to at most one other, the likeliest of those that it
motivates, that answer it or that it supports further along the scheme's stages. What ends in the same unit is one
chain, if it has two stages or more. What belongs to none is kept in lanes that say what is missing.

Lines of cards are broken by the widths of Helvetica, which Arial and Liberation Sans share (Adobe's AFM file).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from argmine.argument_map import ArgumentMap, Relation, Unit
from argmine.paper import Paper
from argmine.render.salience import Salience

CARD_WIDTH: Final = 196  # of a card in the graph of columns, in CSS pixels
NARROW_WIDTH: Final = 292  # of a card where all cards stand in one column, on narrow screens
INDENT: Final = 12  # of a folded card from the one that it supports, for each step up to `_MAX_INDENT`
_MAX_INDENT: Final = 3
_PADDING: Final = 10  # between a card's border and its text, left and right
_TYPE_SIZE: Final = 12.5
_MAX_LINES: Final = 6
_MIN_LANES: Final = 3
_MAX_LANES: Final = 14
_MAX_CHAINS: Final = 12  # the first chains have a lane each, the others share one
_OPEN_IN_CELL: Final = 3  # units of a stage that a lane of chains shows before the rest is folded into a count
_REST: Final = "Linked to no chain"


@dataclass(frozen=True, slots=True)
class Card:
    """A unit's place: its lane and column, the card it is folded below, and its text in lines.

    `parent` and `via` are the ids of a unit and of the relation to it, None for a card that stands by itself.
    `lines` fit the columns, `narrow` the single column of narrow screens. `shown` says that it is open at first.
    `chain` and `in_chain` are its lane and whether it is open at first where the lanes are chains.
    """

    id: str
    lane: int
    chain: int
    in_chain: bool
    column: int
    depth: int
    parent: str | None
    via: str | None
    shown: bool
    lines: tuple[str, ...]
    narrow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A section's or chain's band in the graph: its title, its first and last page, and how many units it holds."""

    title: str
    pages: tuple[int, int] | None
    units: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The graph of a map: lanes in the order of the text, lanes by chains, the columns in use, a card for each unit."""

    lanes: tuple[Lane, ...]
    chains: tuple[Lane, ...]
    columns: tuple[str, ...]
    cards: tuple[Card, ...]


def lay_out(paper: Paper, amap: ArgumentMap, salience: Salience | None = None) -> Layout:
    """Lay out the graph of a map. Linear in units and relations but for sorting."""
    salience = salience or Salience(amap)
    units = amap.units_by_id
    lane_of_section = lane_sections(paper, amap)
    lane_of = {u.id: lane_of_section.get(u.section or "") for u in amap.units}
    lane_ids = sorted(set(lane_of.values()), key=lambda id: section.start if (section := paper.section(id)) else -1)
    lane_index = {id: n for n, id in enumerate(lane_ids)}
    shown = salience.first_shown()
    if len(lane_ids) <= _MAX_LANES:
        shown |= _theses(salience, lane_of, shown)
    parents = _parents(amap, shown)
    column_of = amap.labels.column_of
    used = {column_of[u.label] for u in amap.units}
    columns = tuple(c for c in dict.fromkeys((*amap.labels.columns, *amap.labels.unit_labels)) if c in used)
    chains = chain_lanes(salience, parents)
    chain_of = {id: n for n, lane in enumerate(chains) for id in lane.units}
    in_chain = frozenset(id for lane in chains for id in lane.shown)

    cards = []
    for unit in amap.units:
        relation, line = parents.get(unit.id), _line(unit.id, parents)
        root, depth = units[line[-1]], len(line) - 1
        inner = INDENT * min(depth, _MAX_INDENT) + 2 * _PADDING
        cards.append(
            Card(
                id=unit.id,
                lane=lane_index[lane_of[root.id]],
                chain=chain_of[root.id],
                in_chain=unit.id in in_chain,
                column=columns.index(column_of[root.label]),
                depth=min(depth, _MAX_INDENT),
                parent=relation.target if relation else None,
                via=relation.id if relation else None,
                shown=unit.id in shown,
                lines=wrap(unit.text, CARD_WIDTH - inner, _TYPE_SIZE, _MAX_LINES),
                narrow=wrap(unit.text, NARROW_WIDTH - inner, _TYPE_SIZE, _MAX_LINES),
            )
        )
    lanes = []
    for id in lane_ids:
        section, inside = paper.section(id), [u for u in amap.units if lane_of[u.id] == id]
        lanes.append(_lane((section.title if section else "") or "Before the first heading", inside))
    bands = [_lane(lane.title, [units[id] for id in lane.units]) for lane in chains]
    return Layout(lanes=tuple(lanes), chains=tuple(bands), columns=columns, cards=tuple(cards))


def _theses(salience: Salience, lanes: Mapping[str, str | None], shown: Collection[str]) -> frozenset[str]:
    """The first thesis of each lane that shows none yet; without such a place in the scheme the first unit."""
    thesis = salience.amap.labels.place("thesis")
    candidates = [u for u in salience.amap.units if thesis in (None, u.label) and not salience.folds(u)]
    served = {lanes[unit.id] for unit in candidates if unit.id in shown}
    best: dict[str | None, str] = {}
    for unit in salience.ordered(u for u in candidates if lanes[u.id] not in served):
        best.setdefault(lanes[unit.id], unit.id)
    return frozenset(best.values())


def _parents(amap: ArgumentMap, shown: Collection[str]) -> dict[str, Relation]:
    """For each unit that is folded below another one, the relation to it.

    A unit whose label stands under another is folded below what it supports or speaks against, any other unit that
    isn't shown at first below a unit of its own label that it supports; of several the likeliest, then the nearest.
    """
    parents: dict[str, Relation] = {}
    scheme = amap.labels
    folds_below_any = {r.name for r in scheme.relations if r.acyclic or r.against}
    for unit in amap.units:
        if unit.id in shown:
            continue
        candidates = [r for r in amap.outgoing(unit) if r.label in folds_below_any]
        if not scheme.unit(unit.label).under:
            candidates = [
                r for r in candidates if r.label in scheme.acyclic and amap.unit(r.target).label == unit.label
            ]

        def order(relation: Relation, unit: Unit = unit) -> tuple[float, int, str]:
            score = 1.0 if relation.score is None else relation.score
            return -score, abs(unit.start - amap.unit(relation.target).start), relation.id

        # Not below what is folded below it: attacks may run in a circle.
        free = (r for r in sorted(candidates, key=order) if _line(r.target, parents)[-1] != unit.id)
        if (relation := next(free, None)) is not None:
            parents[unit.id] = relation
    return parents


def lane_sections(paper: Paper, amap: ArgumentMap) -> dict[str, str]:
    """For each section the id of the section whose lane it belongs to: itself or one above it.

    Lanes are the sections of the highest level of which there are three or more, so that a paper with one chapter is
    parted by the chapter's sections; where that gives too many, of the level above.
    """
    chains = {s.id: [s.id, *(above.id for above in paper.ancestors(s))][::-1] for s in paper.sections}
    used = {u.section for u in amap.units if u.section in chains}
    deepest = max((len(chains[id]) for id in used if id), default=1)
    depth = 1
    for depth in range(1, deepest + 1):
        lanes = {chains[id][min(depth, len(chains[id])) - 1] for id in used if id}
        if len(lanes) > _MAX_LANES and depth > 1:
            depth -= 1
            break
        if len(lanes) >= _MIN_LANES:
            break
    return {id: chain[min(depth, len(chain)) - 1] for id, chain in chains.items()}


def _lane(title: str, units: Collection[Unit]) -> Lane:
    pages = [u.page for u in units if u.page is not None]
    return Lane(title, (min(pages), max(pages)) if pages else None, len(units))


class ChainLane(NamedTuple):
    """A band of the graph: its title, and the units that stand in it by themselves, in the order of the text."""

    title: str
    units: tuple[str, ...]
    shown: frozenset[str]


def chain_lanes(salience: Salience, parents: Mapping[str, Relation]) -> list[ChainLane]:
    """The lanes of the graph by chains, those of the first units first; `parents` says which units are folded below
    which. A thesis among the key points is a chain by itself where what supports it is folded below it: its tree."""
    amap = salience.amap
    titles = {gap.label: gap.title for gap in amap.labels.gaps}
    alone = [u for u in amap.units if u.id not in parents]
    leads = _leads(salience, parents)
    chains: dict[str, list[Unit]] = defaultdict(list)
    for unit in alone:
        chains[_end(unit.id, leads)].append(unit)
    points = amap.key_points.thesis if amap.key_points else ()
    theses = {unit.id for unit in map(amap.unit_on, points) if unit is not None}
    trees = theses & {relation.target for relation in parents.values()}
    whole = [m for m in chains.values() if len({u.label for u in m}) > 1 or not trees.isdisjoint(u.id for u in m)]
    whole.sort(key=lambda members: min(salience.rank[u.id] for u in members))
    lanes = []
    for n, members in enumerate(whole[:_MAX_CHAINS], 1):
        stages = dict.fromkeys(u.label for u in sorted(members, key=lambda u: _stage(salience, u)))
        title = f"{n}: {' → '.join(stages)}" + (" with its reasons" if len(stages) == 1 else "")
        lanes.append(_chain_lane(salience, title, members))
    if further := sorted((u for members in whole[_MAX_CHAINS:] for u in members), key=lambda u: u.start):
        lanes.append(_chain_lane(salience, f"{len(whole) - _MAX_CHAINS} further chains", further))
    chained = {u.id for members in whole for u in members}
    loose: dict[str, list[Unit]] = {title: [] for title in (*titles.values(), _REST)}
    for unit in (u for u in alone if u.id not in chained):
        loose[titles[unit.label] if amap.gap(unit) else _REST].append(unit)
    return lanes + [_chain_lane(salience, title, units) for title, units in loose.items() if units]


def _stage(salience: Salience, unit: Unit) -> int:
    """How far along the chain a unit stands: by its label, on a key point also by its column; else below 0."""
    scheme = salience.amap.labels
    column = scheme.column_of[unit.label] if unit.id in salience.chosen else ""
    return scheme.stages.get(unit.label, scheme.stages.get(column, -1))


def _leads(salience: Salience, parents: Mapping[str, Relation]) -> dict[str, str]:
    # For each unit that stands by itself the one further along the chain that it leads to, if any. What is folded below
    # it leads on for it, but only to a later stage: two claims whose supports point to each other would run in a
    # circle.
    amap, scheme = salience.amap, salience.amap.labels
    remedy = (scheme.place("problems"), scheme.place("recommendations"))
    found: dict[str, tuple[tuple[bool, float, int, str], str]] = {}
    for relation in amap.relations:
        kind = scheme.relation(relation.label)
        if kind.against:
            continue
        ends = (relation.target, relation.source) if kind.backward else (relation.source, relation.target)
        first, last = map(amap.unit, ends)
        start, end = (_line(unit.id, parents)[-1] for unit in (first, last))
        stages = [_stage(salience, unit) for unit in (first, last, amap.unit(start), amap.unit(end))]
        step, later = stages[1] - stages[0], stages[3] - stages[2]
        if start == end or min(stages) < 0 or step < 0 or later < 0 or (step == 0 and start != first.id):
            continue
        score = 1.0 if relation.score is None else relation.score
        key = ((first.label, last.label) != remedy, -score, abs(first.start - last.start), relation.id)
        if start not in found or key < found[start][0]:
            found[start] = key, end
    return {start: end for start, (_, end) in found.items()}


def _line(id: str, parents: Mapping[str, Relation]) -> list[str]:
    """A unit, the one that it is folded below, and so on, to the one that stands by itself."""
    line = [id]
    while line[-1] in parents:
        line.append(parents[line[-1]].target)
    return line


def _end(id: str, leads: Mapping[str, str]) -> str:
    seen = {id}
    while (further := leads.get(id)) is not None and further not in seen:
        seen.add(further)
        id = further
    return id


def _chain_lane(salience: Salience, title: str, members: Sequence[Unit]) -> ChainLane:
    shown: dict[str, list[str]] = defaultdict(list)
    for unit in salience.ordered(u for u in members if _stage(salience, u) >= 0):
        shown[unit.label].append(unit.id)
    first = (id for ids in shown.values() for id in ids[:_OPEN_IN_CELL])
    return ChainLane(title, tuple(u.id for u in members), frozenset(first))


_WIDTHS: Final = """
    278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278
    584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944
    667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500
    278 556 500 722 500 500 500 334 260 334 584
"""
_ASCII: Final = tuple(map(int, _WIDTHS.split()))
_WIDE: Final = 1000
_OTHER: Final = 600


@cache
def char_width(char: str) -> int:
    """Width of one code point in thousandths of the type size."""
    code = ord(char)
    if 32 <= code < 127:
        return _ASCII[code - 32]
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(char) in "WF" or code > 0xFFFF:
        return _WIDE
    base = unicodedata.decomposition(char).split()
    if len(base) == 2 and not base[0].startswith("<"):  # an accented letter is as wide as its letter
        return char_width(chr(int(base[0], 16)))
    return _OTHER


def text_width(text: str, size: float) -> float:
    """Width of a text at this type size, in the unit of `size`."""
    return sum(map(char_width, text)) * size / 1000


def wrap(text: str, width: float, size: float, max_lines: int) -> tuple[str, ...]:
    """The text in at most `max_lines` lines no wider than `width`; what does not fit is cut and marked by "…". Words
    wider than a line are broken. Only as much of the text is looked at as can be shown."""
    room = width * 1000 / size
    lines: list[str] = []
    line, used = "", 0
    rest = text[: max_lines * 400]  # no line holds 400 characters that have a width; the others are few
    cut = len(rest) < len(text)
    for word in rest.split():
        for piece in _pieces(word, room):
            wide = sum(map(char_width, piece))
            joined = used + _ASCII[0] + wide
            if line and (joined > room or piece is not word):
                lines.append(line)
                line, used = piece, wide
            elif line:
                line, used = f"{line} {piece}", joined
            else:
                line, used = piece, wide
            if len(lines) == max_lines:
                return _cut(lines, room)
    if line:
        lines.append(line)
    return _cut(lines, room) if cut and lines else tuple(lines)


def _pieces(word: str, room: float) -> list[str]:
    # Pieces of at most `room` thousandths; the word itself where it fits.
    if sum(map(char_width, word)) <= room:
        return [word]
    pieces, piece, used = [], "", 0
    for char in word:
        wide = char_width(char)
        if piece and used + wide > room:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + char, used + wide
    return [*pieces, piece]


def _cut(lines: list[str], room: float) -> tuple[str, ...]:
    last = lines[-1].rstrip(" ,;:.")
    while last and sum(map(char_width, last)) + _WIDE > room:
        shorter = last.rpartition(" ")[0]
        last = (shorter or last[:-1]).rstrip(" ,;:.")
    return (*lines[:-1], f"{last}…")
