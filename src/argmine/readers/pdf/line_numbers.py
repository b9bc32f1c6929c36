"""The numbers of lines that manuscripts, drafts and pleadings print beside them.

They are a sequence with one step, one under the other in a strip that no text crosses, left or right of a page's text.
What their font and place are is learned from whole sequences; then single ones (on a last page, over a heading, every
tenth line) and those of inner columns, which stand between text, are known too.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from argmine.readers.pdf.glyphs import Font, Run

_OPENS = re.compile(r"([0-9]{1,5})(?:\s+(?=\S)|$)")
_FEWEST = 4  # numbers that make a sequence
_FEWEST_INSIDE = 6  # the same between columns
_REGULAR = 0.7  # share of the steps that are the usual one
_CROSSED = 0.1  # share of a page's lines that may cross the strip: titles, heads and feet
_ALIGNED = 2.0  # points by which numbers under each other may differ
_NEAR = 4.0  # the same from page to page
_START = 12  # steps within which numbers begin; the first ones may be left out
_MANY = 10  # numbers without lines that are no scale of a figure
_LOWER = 0.1  # share of numbered lines that go on in lower case; entries of a list don't


class Number(NamedTuple):
    """A number at a run's start, with its edges."""

    run: Run
    digits: str
    x0: float
    x1: float

    @property
    def whole(self) -> bool:
        return len(self.digits) == len(self.run.text)

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class _Known:
    """Where the sequences of one font stand, by the edge that they share, and how the lines beside them begin."""

    lefts: list[float] = field(default_factory=list)
    rights: list[float] = field(default_factory=list)
    beside: Counter[bool] = field(default_factory=Counter)  # whether a numbered line begins in lower case
    alone: int = 0
    first: int = 10**5  # the smallest number
    steps: list[float] = field(default_factory=list)


def drop_line_numbers(pages: Sequence[Sequence[Run]]) -> list[list[Run]]:
    """The pages' runs without line numbers; a run that begins with one is cut."""
    numbers = [list(_numbers(runs)) for runs in pages]
    known: dict[Font, _Known] = defaultdict(_Known)
    for runs, found in zip(pages, numbers, strict=True):
        for sequence in _sequences(found):
            if _is_outer(sequence, runs):
                _learn(known[sequence[0].run.font], sequence, runs)
    fonts = {font: k for font, k in known.items() if _runs_on(k)}
    if not fonts:
        return [list(runs) for runs in pages]
    for runs, found in zip(pages, numbers, strict=True):
        for sequence in _sequences([n for n in found if n.run.font in fonts], _FEWEST_INSIDE):
            if _is_clear(sequence, runs):
                _learn(fonts[sequence[0].run.font], sequence, runs)
    return [_without(runs, [n for n in found if _stands(n, fonts)]) for runs, found in zip(pages, numbers, strict=True)]


def _numbers(runs: Sequence[Run]) -> Iterator[Number]:
    for run in runs:
        if found := _OPENS.match(run.text):
            digits = found.group(1)
            x1 = run.x1 if digits == run.text else run.x0 + 0.5 * run.size * len(digits)
            yield Number(run, digits, run.x0, x1)


def _sequences(numbers: Sequence[Number], fewest: int = _FEWEST) -> Iterator[list[Number]]:
    """Numbers of one font that share an edge and rise downwards by one step, mostly."""
    by_font: dict[Font, list[Number]] = defaultdict(list)
    for number in numbers:
        by_font[number.run.font].append(number)
    for some in by_font.values():
        taken: set[int] = set()
        for edge in (_right, _left):
            ordered = sorted((n for n in some if id(n.run) not in taken), key=edge)
            starts = [i for i in range(1, len(ordered)) if edge(ordered[i]) - edge(ordered[i - 1]) > _ALIGNED]
            for a, z in itertools.pairwise([0, *starts, len(ordered)]):
                sequence = sorted(ordered[a:z], key=lambda n: n.run.base)
                if len(sequence) >= fewest and _is_regular([int(n.digits) for n in sequence]):
                    taken.update(id(n.run) for n in sequence)
                    yield sequence


def _left(number: Number) -> float:
    return number.x0


def _right(number: Number) -> float:
    return number.x1


def _is_regular(values: Sequence[int]) -> bool:
    steps = Counter(b - a for a, b in itertools.pairwise(values))
    step, times = steps.most_common(1)[0]
    return step > 0 and times >= _REGULAR * steps.total()


def _is_outer(sequence: Sequence[Number], runs: Sequence[Run]) -> bool:
    """Whether the strip of a sequence has the page's text on one side alone."""
    x, own = median(n.middle for n in sequence), {id(n.run) for n in sequence}
    others = [run for run in runs if id(run) not in own]
    cut = sum(not n.whole for n in sequence)  # their lines' text follows in the same run
    lefts, rights = sum(run.x1 < x for run in others), sum(run.x0 > x for run in others) + cut
    most = len(others) + cut
    return lefts + rights > 0 and most - max(lefts, rights) <= _CROSSED * most


def _is_clear(sequence: Sequence[Number], runs: Sequence[Run]) -> bool:
    """Whether nothing crosses the strip between the first and the last number."""
    left, right = median(n.x0 for n in sequence), median(n.x1 for n in sequence)
    top, bottom = sequence[0].run.base - 2, sequence[-1].run.base + 2
    # The column before it may reach into it with a line or two.
    crossing = (r for r in runs if top < r.base < bottom and r.x0 < left - _ALIGNED and r.x1 > right + _ALIGNED)
    return sum(1 for _ in crossing) <= _CROSSED * len(sequence)


def _learn(known: _Known, sequence: Sequence[Number], runs: Sequence[Run]) -> None:
    known.lefts.append(median(n.x0 for n in sequence))
    known.rights.append(median(n.x1 for n in sequence))
    values = [int(n.digits) for n in sequence]
    known.first = min(known.first, *values)
    known.steps.append(median(b - a for a, b in itertools.pairwise(values)))
    for number in sequence:
        text = _beside(number, runs) if number.whole else number.run.text[len(number.digits) :].lstrip()
        if text:
            known.beside[text[0].islower()] += 1
        else:
            known.alone += 1


def _beside(number: Number, runs: Sequence[Run]) -> str:
    level = [r for r in runs if abs(r.base - number.run.base) < 0.4 * r.size and r.x0 >= number.x1]
    return min(level, key=lambda r: r.x0).text if level else ""


def _runs_on(known: _Known) -> bool:
    """Whether numbers begin at the beginning, as a table's years don't, and lines beside them go on in lower case as
    those of running text do, or are not where the numbers are."""
    if known.first > _START * median(known.steps):
        return False
    beside = known.beside.total()
    if beside < known.alone:  # a pleading's, beside text of another distance
        return known.alone >= _MANY
    return known.beside[True] >= _LOWER * beside


def _stands(number: Number, fonts: dict[Font, _Known]) -> bool:
    known = fonts.get(number.run.font)
    if known is None:
        return False
    return any(abs(number.x1 - x) < _NEAR for x in known.rights) or any(abs(number.x0 - x) < _NEAR for x in known.lefts)


def _without(runs: Sequence[Run], numbers: Sequence[Number]) -> list[Run]:
    gone = {id(n.run) for n in numbers if n.whole}
    for number in numbers:
        if not number.whole:
            run = number.run
            rest = run.text[len(number.digits) :].lstrip()
            # The digits are as wide as the others of the line, about; the gap after them is not known.
            run.x0 += (run.x1 - run.x0) * (1 - len(rest) / len(run.text))
            run.text = rest
    return [run for run in runs if id(run) not in gone]
