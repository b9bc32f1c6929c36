"""Training of the key points' model: what readers chose laid over papers, its bounds, and the choice of its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.errors import UsageError
from argmine.model.components import seen_paper
from argmine.model.key_point_features import SeenPaper, features
from argmine.model.key_points import OUTPUTS, PLACES, Bounds, DocumentNetwork, KeyPointModel, standardised
from argmine.scheme import DEFAULT
from argmine.training.dataset import deal_folds

if TYPE_CHECKING:
    from argmine.annotation.key_points import KeyPointGold
    from argmine.model.model import Model

LEAST: Final = 20
"""Papers with key points from which a model learns to choose them."""
NETWORKS: Final = 3
"""So many networks of different seeds are averaged where there is an encoder."""
PRECISION: Final = 0.5
"""The share of the answers shown that are to be right."""
COVERAGE: Final = 1.2
"""How much the share of covered places counts beside that of right entries. With 1 one paper in four of the development
part was left without a thesis; with 2 precision fell by a hundredth, and coverage rose by as much."""
_NEXT_TO: Final = 0.04
_HELD_BACK: Final = 6
"""One paper in so many is held back to choose the bounds by."""


@dataclass(frozen=True)
class KeyPointLesson:
    """A paper as the model's other parts see it, and what its readers chose, all readings together.

    `grades` (sentences, places) are the best that any reader gave, `voices` (sentences,) 1 where one of them heard
    another, `answers` of each problem's position those of its answers, None for nothing; `filled` (places,) says which
    places a reader filled with a best sentence.
    """

    slug: str
    group: str
    seen: SeenPaper
    grades: NDArray[np.int64]
    voices: NDArray[np.int64]
    answers: Mapping[int, frozenset[int | None]]
    filled: NDArray[np.bool_]


def lesson_of(gold: KeyPointGold, seen: SeenPaper) -> KeyPointLesson:
    """Lay a paper's readings over what the model sees of it."""
    ids = [s.id for s in gold.paper.sentences]
    place: dict[str | None, int | None] = {id: i for i, id in enumerate(ids)} | {None: None}
    grades = np.array([[gold.grades[name].get(id, 0) for name in PLACES] for id in ids], dtype=np.int64)
    voices = np.array([id in gold.voiced for id in ids], dtype=np.int64)
    answers = {ids.index(problem): frozenset(place[a] for a in given) for problem, given in gold.answers.items()}
    return KeyPointLesson(gold.slug, gold.group, seen, grades, voices, answers, (grades == 2).any(axis=0))


def enough(gold: Sequence[KeyPointGold], say: Callable[[str], None]) -> bool:
    """Whether a model can learn from so many papers; says so where there are some, and too few."""
    if 0 < len(gold) < LEAST:
        say(f"{len(gold)} papers have key points; from {LEAST} papers on the model learns to choose them")
    return len(gold) >= LEAST


def learn_key_points(
    lessons: Sequence[KeyPointLesson],
    seed: int = 0,
    dev: Sequence[KeyPointLesson] = (),
    say: Callable[[str], None] = lambda message: None,
) -> KeyPointModel:
    """Learn from these papers: networks where they have an encoder's vectors, else a logistic regression. The bounds
    are chosen on `dev`; without it on a part of the papers by groups, which the rest is then learnt without."""
    if not dev:
        sizes = Counter(lesson.group for lesson in lessons)
        fold = deal_folds(sizes, min(_HELD_BACK, len(sizes)), seed)
        dev = [lesson for lesson in lessons if fold[lesson.group] == 0]
        lessons = [lesson for lesson in lessons if fold[lesson.group] != 0]
    if lessons[0].seen.vectors is None:
        networks = [_fit_linear(lessons)]
    else:
        from argmine.training.encoder.key_points import Recipe, fit_network

        networks = [fit_network(lessons, Recipe(), seed + k, say) for k in range(NETWORKS)]
    return with_bounds(KeyPointModel(tuple(networks)), dev)


def with_bounds(model: KeyPointModel, dev: Sequence[KeyPointLesson]) -> KeyPointModel:
    """The model with the bounds that serve best on papers that its networks were not trained on."""
    bounds = bounds_of([(lesson, model.probabilities(lesson.seen)) for lesson in dev])
    free = replace(model, bounds=replace(bounds, answer=0.0))
    return replace(model, bounds=replace(bounds, answer=answer_bound((d, free.chosen(d.seen).answers) for d in dev)))


def _fit_linear(lessons: Sequence[KeyPointLesson]) -> DocumentNetwork:
    from sklearn.linear_model import LogisticRegression

    x = np.vstack([features(lesson.seen) for lesson in lessons])
    wanted = np.vstack([np.hstack([lesson.grades, lesson.voices[:, None]]) for lesson in lessons]) > 0
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    x = standardised(x, middle, spread)
    weight, bias = np.zeros((OUTPUTS, x.shape[1]), np.float32), np.full(OUTPUTS, -10.0, np.float32)
    for k in range(OUTPUTS):
        if wanted[:, k].any():
            fitted = LogisticRegression(C=0.02, max_iter=500).fit(x, wanted[:, k])
            weight[k], bias[k] = fitted.coef_[0], fitted.intercept_[0]
    return DocumentNetwork({"mean": middle, "spread": spread, "skip.weight": weight, "skip.bias": bias})


def seen_by(model: Model, gold: KeyPointGold) -> KeyPointLesson:
    """A paper's readings over what a model makes of it."""
    doc = model.doc(gold.paper)
    if doc is None:
        raise UsageError(f"{gold.slug}: has no sentences")
    return lesson_of(gold, seen_paper(doc))


def bounds_of(read: Iterable[tuple[KeyPointLesson, NDArray[np.float64]]], coverage: float = COVERAGE) -> Bounds:
    """The bounds of places and voices for these probabilities of papers not trained on."""
    given = list(read)
    grid = np.round(np.linspace(0.02, 0.7, 18), 3)
    first, further = [], []
    for k, place in enumerate(DEFAULT.screen):
        tops = []
        for lesson, p in given:
            order = np.argsort(-p[:, k], kind="stable")[: place.shown]
            tops.append((p[order, k], lesson.grades[order, k] > 0, bool(lesson.filled[k])))
        best = max(
            ((_worth(tops, a, b, coverage), a, b) for a in grid for b in grid if b >= a), key=lambda found: found[0]
        )
        first.append(float(best[1]))
        further.append(float(best[2]))
    return Bounds(tuple(first), tuple(further), voice=_voice_bound(given))


def _worth(tops: Sequence[tuple[Any, Any, bool]], first: float, further: float, coverage: float) -> float:
    shown = right = filled = covered = 0
    for p, good, is_filled in tops:
        asked = np.full(len(p), further)
        asked[:1] = first
        kept = np.logical_and.accumulate(p >= asked)
        shown += int(kept.sum())
        right += int((kept & good).sum())
        filled += is_filled
        covered += is_filled and bool((kept & good).any())
    return right / max(1, shown) + coverage * covered / max(1, filled)


def _voice_bound(given: Sequence[tuple[KeyPointLesson, NDArray[np.float64]]]) -> float:
    # The highest whose F1 is next to the best: a wrong voice takes the author's own words away, a missed one leaves
    # what was there.
    p = np.concatenate([p[:, -1] for _, p in given])
    gold = np.concatenate([lesson.voices for lesson, _ in given]) > 0
    bounds = [round(float(bound), 3) for bound in np.linspace(0.2, 0.8, 25)]
    both = [int(((p >= bound) & gold).sum()) for bound in bounds]
    f1 = [2 * n / max(1, int((p >= bound).sum() + gold.sum())) for n, bound in zip(both, bounds, strict=True)]
    return max(bound for bound, f in zip(bounds, f1, strict=True) if f >= max(f1) - _NEXT_TO)


def answer_bound(
    read: Iterable[tuple[KeyPointLesson, Sequence[tuple[int, int, float]]]], precision: float = PRECISION
) -> float:
    """The lowest probability from which so many of the answers shown are right; 1 where there is none. One to what no
    reader took for a problem is wrong."""
    found = sorted(
        (-p, answer in lesson.answers.get(problem, ())) for lesson, answers in read for problem, answer, p in answers
    )
    right = np.cumsum([good for _, good in found])
    enough = np.flatnonzero(right >= precision * np.arange(1, len(found) + 1))
    return round(-found[enough[-1]][0], 3) if len(enough) else 1.0
