"""The key points of maps, scored against what readers of the whole papers chose.

An entry of the first screen is right where any reader chose its sentence for its place, best where with the better
grade. Maps may be of other readings of the papers than the gold: what they show is found in its text by its letters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.annotation.agreement import draws
from argmine.annotation.key_points import KeyPointGold
from argmine.argument_map import ANSWERED, AUTHORS_OWN, Answer, ArgumentMap, MapKeyPoints, MapVoice, PaperRef
from argmine.errors import UsageError
from argmine.io import write_atomically
from argmine.metrics import FEWEST, RESAMPLES, rounded
from argmine.model.model import Model
from argmine.paper import Paper
from argmine.scheme import DEFAULT
from argmine.text import LetterStream, letters

Array = NDArray[np.float64]

SCREEN: Final = {place.name: place.shown for place in DEFAULT.screen}
"""How many entries of each place a first screen shows."""
ANSWERS: Final = 2
"""So many answers to a problem count, the first of those that are shown."""
OVERALL: Final = (
    "hit@1", "precision", "coverage", "answers", "answered", "silent", "voices", "entries in voices"
)  # fmt: skip
_BACK: Final = 2000  # an entry is looked for from so many letters before the last one, then everywhere
_PART: Final = 20  # of an entry that stands nowhere a half of more letters will do


@dataclass(frozen=True)
class Shown:
    """What a map shows of a paper: its key points, and the texts of the sentences that lie in its voices."""

    points: MapKeyPoints = field(default_factory=MapKeyPoints)
    voices: tuple[str, ...] = ()

    @classmethod
    def of(cls, amap: ArgumentMap, paper: Paper | None) -> Shown:
        """What `amap` shows. `paper` is the reading that it was made of, without which its voices have no sentences."""
        return cls(amap.key_points or MapKeyPoints(), texts_in(amap.voices, paper) if paper is not None else ())


def texts_in(voices: Sequence[MapVoice], paper: Paper) -> tuple[str, ...]:
    """The texts of the paper's sentences that lie in these voices, which may overlap."""
    inside = (s for s in paper.sentences if any(v.start <= s.start < v.end for v in voices))
    return tuple(map(paper.slice, inside))


class _Text:
    """The gold's text, in which what a map shows is looked for."""

    def __init__(self, paper: Paper) -> None:
        self.ids = [s.id for s in paper.sentences]
        self._stream = LetterStream.of_paper(paper)

    def homes(self, texts: Iterable[str]) -> list[str | None]:
        """The sentence that each text shares most letters with; None for one that stands nowhere."""
        found: list[str | None] = []
        last = 0
        for text in texts:
            at, length = self._find(letters(text), last)
            covered = self._stream.cover(at, at + length) if at >= 0 else []
            last = at if at >= 0 else last
            found.append(self.ids[max(covered, key=lambda c: c[1])[0]] if covered else None)
        return found

    def _find(self, text: str, last: int) -> tuple[int, int]:
        if not text:
            return -1, 0
        stream = self._stream.text
        at = stream.find(text, max(0, last - _BACK))
        at = stream.find(text) if at < 0 else at
        if at >= 0:
            return at, len(text)
        middle = len(text) // 2  # it may run over text that the gold's reading lacks
        halves = (half for half in (text[:middle], text[middle:]) if len(half) > _PART)
        return next(((at, len(half)) for half in halves if (at := stream.find(half)) >= 0), (-1, 0))


def count(gold: KeyPointGold, shown: Shown) -> Counter[str]:
    """What is shown of a paper, and what of it is right, in numbers that add up over papers."""
    text = _Text(gold.paper)
    screen = [(p, e) for p, most in SCREEN.items() for e in shown.points.place(p)[:most]]
    homes = text.homes(entry.text for _, entry in screen)
    placed = [(place, home) for (place, _), home in zip(screen, homes, strict=True)]
    counts = _entries(gold, placed)
    answered = {e.sentence: home for (place, e), home in zip(screen, homes, strict=True) if place in ANSWERED}
    counts.update(_answers(gold, answered, shown.points.answers, text))
    counts.update(_voices(gold, placed, set(text.homes(shown.voices)) - {None}))
    return counts


def _entries(gold: KeyPointGold, placed: Sequence[tuple[str, str | None]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    grades = {place: gold.grades.get(place, {}) for place in SCREEN}
    right: dict[str, list[int]] = {place: [] for place in SCREEN}
    seen: set[tuple[str, str | None]] = set()
    for place, home in placed:
        again = (place, home) in seen
        right[place].append(0 if again or home is None else grades[place].get(home, 0))
        seen.add((place, home))
    for place, found in right.items():
        counts[f"{place} shown"] = len(found)
        counts[f"{place} right"] = sum(grade > 0 for grade in found)
        counts[f"{place} best"] = sum(grade == 2 for grade in found)
        if 2 in grades[place].values():
            counts[f"{place} filled"] = 1
            counts[f"{place} covered"] = int(any(found))
    if grades["thesis"]:
        counts["theses"] = 1
        counts["hit"] = int(any(right["thesis"][:1]))
    return counts


def _answers(
    gold: KeyPointGold, problems: Mapping[str, str | None], answers: Sequence[Answer], text: _Text
) -> Counter[str]:
    counts: Counter[str] = Counter()
    shown = [a for a in answers if a.problem in problems and a.text]
    given: dict[str, list[str | None]] = defaultdict(list)
    for one, home in zip(shown, text.homes(a.text for a in shown), strict=True):
        given[one.problem].append(home)
    for problem, sentence in problems.items():
        mine, theirs = given[problem][:ANSWERS], gold.answers.get(sentence or "", frozenset())
        right = [home for home in mine if home is not None and home in theirs]
        counts["answers shown"] += len(mine)
        counts["answers right"] += len(right)
        if theirs - {None}:
            counts["answerable"] += 1
            counts["answered"] += bool(right)
        elif theirs:
            counts["unanswerable"] += 1
            counts["silent"] += not mine
    return counts


def _voices(gold: KeyPointGold, placed: Sequence[tuple[str, str | None]], mine: set[str | None]) -> Counter[str]:
    theirs = gold.voiced
    counts = Counter({"voices found": len(mine), "voices chosen": len(theirs), "voices both": len(mine & theirs)})
    counts["entries"] = len(placed)
    counts["entries in voices"] = sum(home in theirs for place, home in placed if place in AUTHORS_OWN)
    return counts


def figures(counts: Sequence[Mapping[str, int]], *, seed: int = 1) -> dict[str, Any]:
    """All figures of these papers' counts with 95 % intervals (bootstrap over papers, at least three), as JSON.

    `n` is what a figure is a share of: papers, entries, places, answers, problems, sentences.
    """
    names = sorted({name for c in counts for name in c})
    table = np.array([[c.get(name, 0) for name in names] for c in counts], dtype=np.float64)
    table = table.reshape(len(counts), len(names))
    again = RESAMPLES if len(counts) >= FEWEST else 0
    told = _shares(_Totals(names, draws(len(counts), again, seed) @ table))
    return {
        "papers": len(counts),
        **{name: _figure(*told[name]) for name in OVERALL},
        "places": {place: {name: _figure(*told[f"{place} {name}"]) for name in _OF_A_PLACE} for place in SCREEN},
    }


_OF_A_PLACE: Final = ("right", "best", "coverage")


class _Totals:
    """Sums of counts by name, of the papers as they are and then as each resample drew them."""

    def __init__(self, names: Sequence[str], sums: Array) -> None:
        self._column = {name: sums[..., i] for i, name in enumerate(names)}
        self._none = np.zeros(sums.shape[:-1])

    def __call__(self, *names: str) -> Array:
        return np.asarray(sum((self._column.get(name, self._none) for name in names), self._none))


def _shares(total: _Totals) -> dict[str, tuple[Array, Array]]:
    """Each figure with what it is a share of."""
    each = {part: total(*(f"{place} {part}" for place in SCREEN)) for part in ("shown", "right", "filled", "covered")}
    of: dict[str, tuple[Array, Array]] = {
        "hit@1": (total("hit"), total("theses")),
        "precision": (each["right"], each["shown"]),
        "coverage": (each["covered"], each["filled"]),
        "answers": (total("answers right"), total("answers shown")),
        "answered": (total("answered"), total("answerable")),
        "silent": (total("silent"), total("unanswerable")),
        "voices": (2 * total("voices both"), total("voices found", "voices chosen")),
        "entries in voices": (total("entries in voices"), total("entries")),
    }
    for place in SCREEN:
        of[f"{place} right"] = total(f"{place} right"), total(f"{place} shown")
        of[f"{place} best"] = total(f"{place} best"), total(f"{place} shown")
        of[f"{place} coverage"] = total(f"{place} covered"), total(f"{place} filled")
    return {name: (np.where(whole > 0, part / np.maximum(whole, 1), 0.0), whole) for name, (part, whole) in of.items()}


def _figure(share: Array, whole: Array) -> dict[str, Any]:
    found: dict[str, Any] = {"value": rounded(share[0]), "n": int(whole[0])}
    if len(share) > 1:
        ordered = np.sort(share[1:])
        cut = RESAMPLES // 40  # 2.5 % on each side
        found["interval"] = [rounded(ordered[cut]), rounded(ordered[RESAMPLES - cut - 1])]
    return found


def score(gold: Sequence[KeyPointGold], shown: Mapping[str, Shown], *, seed: int = 1) -> dict[str, Any]:
    """All figures of what maps show of these papers, by slug; what has no map counts as if it showed nothing."""
    by_paper = {g.slug: count(g, shown.get(g.slug, Shown())) for g in gold}
    rows = {slug: {name: n for name, n in sorted(c.items()) if n} for slug, c in by_paper.items()}
    return figures(list(by_paper.values()), seed=seed) | {"by_paper": rows}


def evaluate_key_points(
    gold: Sequence[KeyPointGold], model: Model, *, seed: int = 1, say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, ArgumentMap]]:
    """The figures of a model's key points, and its maps by slug. Raises UsageError for one that chooses none."""
    maps: dict[str, ArgumentMap] = {}
    for g in gold:
        say(f"predicting {g.slug}")
        maps[g.slug] = model.predict(g.paper)
        if maps[g.slug].key_points is None:
            raise UsageError("this model chooses no key points: give one with --model that was trained to")
    about = {name: getattr(model, name) for name in ("name", "version", "sha256")}
    known = sorted(g.slug for g in gold if model.trained_on(g.paper))
    shown = {g.slug: Shown.of(maps[g.slug], g.paper) for g in gold}
    return {"model": about, "trained_on": known, **score(gold, shown, seed=seed)}, maps


def read_maps(gold: Sequence[KeyPointGold], folder: Path) -> dict[str, tuple[ArgumentMap, Shown]]:
    """The maps at FOLDER/<slug>/map.json with what they show, of those of the papers that have one there.

    Raises UsageError where none of them has key points, FormatError for a map that can't be read.
    """
    found: dict[str, tuple[ArgumentMap, Shown]] = {}
    for g in gold:
        place = folder / g.slug
        if (place / "map.json").is_file():
            amap = ArgumentMap.from_file(place / "map.json")
            found[g.slug] = amap, Shown.of(amap, _paper_of(amap, g, place))
    if not any(amap.key_points for amap, _ in found.values()):
        raise UsageError(f"{folder}: holds no map with key points of these papers (looked for as <slug>/map.json)")
    return found


def score_maps(gold: Sequence[KeyPointGold], folder: Path, *, seed: int = 1) -> tuple[dict[str, Any], list[str]]:
    """The figures of the maps that `read_maps` finds, and the slugs of the papers that have none. Raises as it does."""
    maps = read_maps(gold, folder)
    known = sorted(slug for slug, (amap, _) in maps.items() if amap.made_by.trained_on_this_paper)
    told = score(gold, {slug: shown for slug, (_, shown) in maps.items()}, seed=seed)
    return {"maps": str(folder), "trained_on": known, **told}, [g.slug for g in gold if g.slug not in maps]


def _paper_of(amap: ArgumentMap, gold: KeyPointGold, place: Path) -> Paper | None:
    if not amap.voices:
        return None
    if PaperRef.of(gold.paper).text_sha256 == amap.paper.text_sha256:
        return gold.paper
    beside = place / "paper.json"
    return Paper.from_file(beside) if beside.is_file() else None


def write_with_papers(maps: Mapping[str, ArgumentMap], gold: Sequence[KeyPointGold], folder: Path) -> None:
    """Write FOLDER/<slug>/map.json, and beside it the paper.json in which its voices have their sentences."""
    for g in gold:
        place = folder / g.slug
        place.mkdir(parents=True, exist_ok=True)
        write_atomically(place / "map.json", maps[g.slug].to_json())
        write_atomically(place / "paper.json", g.paper.to_json())
