"""`train_local`: a model learnt from nothing on a user's annotations, taken in the shipped one's place only if better.

Both are compared on the same sentences, which neither has seen: the new training by cross-fitting over the folds by
which it calibrates itself in any case, the shipped model on papers that it was not trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.annotation.gold_dataset import Gold
from argmine.annotation.key_points import KeyPointGold
from argmine.errors import ModelError
from argmine.evaluation.readings import Reading, of_gold
from argmine.evaluation.run import macro5_summary
from argmine.evaluation.score import cues
from argmine.metrics import FEWEST
from argmine.model.folder import Mark
from argmine.model.model import Model, shipped_model
from argmine.scheme import Scheme
from argmine.text import letters
from argmine.training.dataset import Lesson
from argmine.training.fitting import TAGGER
from argmine.training.folder import check_better
from argmine.training.held_out import Course, Progress
from argmine.training.paired_bootstrap import Comparison, Said, compare
from argmine.training.train import begin_course, train_course

BETTER: Final = "better"


@dataclass(frozen=True)
class Against:
    """The new kind of training (after) against the shipped model (before): None where they can't be compared, for
    `reason`. `known` are the papers that the shipped model was trained on, `papers` how many were compared on."""

    comparison: Comparison | None
    reason: str
    known: tuple[str, ...]
    papers: int = 0

    @property
    def better(self) -> bool:
        """Whether the new training is shown to be better: the whole interval of the change lies above 0."""
        return self.comparison is not None and self.comparison.f1.verdict == BETTER

    def line(self) -> str:
        if self.comparison is None:
            return f"not compared with the shipped model: {self.reason}"
        d = self.comparison.f1
        return (
            f"macro5 {d.after:.3f}, the shipped model {d.before:.3f}, on the same {self.comparison.sentences} "
            f"sentences of {self.papers} papers, held out; change {d.change:+.3f} [{d.low:+.3f}, {d.high:+.3f}]: "
            f"{d.verdict}"
        )

    def data(self) -> dict[str, Any]:
        found = None if self.comparison is None else self.comparison.data()
        return {"comparison": found, "reason": self.reason, "papers": self.papers, "left_out": len(self.known)}


@dataclass(frozen=True)
class Trained:
    """What `train_local` made: meta.json's facts, the comparison, and the mark that the folder was given."""

    facts: dict[str, Any]
    against: Against
    mark: Mark


def train_local(
    gold: Sequence[Gold],
    out: Path,
    *,
    seed: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    key_points: Sequence[KeyPointGold] = (),
) -> Trained:
    """Train on all of `gold`, compare with the shipped model, and write the new one to `out`, replaced as a whole. It
    is to be used unasked where it is better, or with `force`. Raises UsageError as `train_model`, and where the model
    in `out` is in use and the new one would not be."""
    course = begin_course(gold, out, seed=seed, force=force, progress=progress)
    held_out = held_out_labels(course)
    against = against_shipped(course, held_out, seed=seed, progress=progress)
    why = against.line()
    if not against.better and force:
        why = f"{why}; --force"
    elif not against.better and against.comparison is not None:
        why = f"it is not shown to be better ({why})"
    mark = Mark(against.better or force, why)
    check_better(out, mark, force)
    scores = {"summary": held_out_summary(course, held_out, seed=seed)} if held_out else None
    more = {"against_shipped": against.data()}
    facts = train_course(course, out, mark=mark, scores=scores, more=more, key_points=key_points)
    return Trained(facts, against, mark)


def held_out_labels(course: Course) -> list[Said]:
    """What the new training says of each lesson's sentences without having seen its paper; empty with one fold."""
    if len(course.all) < 2:
        return []
    by_fold = course.cross_fitted(TAGGER)
    scheme = _scheme(course)
    none = scheme.labels.index(scheme.none) if scheme.none is not None else -1
    found = []
    for lesson, fold in zip(course.lessons, course.folds, strict=True):
        model = by_fold[fold]
        probabilities = model.probabilities(lesson.rows)
        chosen = model.decision.choose(probabilities)
        found.append(Said(probabilities, np.where(_lettered(lesson), chosen, none)))
    return found


def against_shipped(
    course: Course, held_out: Sequence[Said], *, seed: int = 0, progress: Progress | None = None
) -> Against:
    """Compare what cross-fitting says of the lessons with what the shipped model says of the same sentences."""
    say = progress or (lambda message: None)
    if not held_out:
        return Against(None, "all annotations are of one paper, so that none can be held out", ())
    try:
        shipped = Model.load(shipped_model())
    except ModelError as why:
        return Against(None, str(why), ())
    known = {lesson.gold.slug for lesson in course.lessons if shipped.trained_on(lesson.gold.paper)}
    fresh = [i for i, lesson in enumerate(course.lessons) if lesson.gold.slug not in known]
    left_out = tuple(sorted(known))
    groups = sorted({course.lessons[i].gold.group for i in fresh})
    if len(groups) < FEWEST:
        left = f"there are {len(groups)} papers"
        if known:
            left = f"{len(groups)} papers are left without the {len(known)} that it was trained on"
        few = f"{left}, and fewer than {FEWEST} don't say how it does on others"
        return Against(None, few, left_out, len(groups))
    if known:
        say(f"left out of the comparison, as the shipped model was trained on them: {len(known)} papers")
    say(f"reading {len({course.lessons[i].gold.slug for i in fresh})} papers with the shipped model")
    scheme = _scheme(course)
    read: dict[int, Said] = {}
    parts = []
    for i in fresh:
        lesson = course.lessons[i]
        paper = lesson.gold.paper
        if id(paper) not in read:
            scores, labels = shipped.tagged(paper)
            read[id(paper)] = Said(scores, np.array([scheme.labels.index(k) for k in labels], dtype=np.int64))
        keep = np.flatnonzero(lesson.known & _lettered(lesson))
        of, weight = np.full(len(keep), groups.index(lesson.gold.group)), np.full(len(keep), lesson.weight)
        says = [array[keep] for s in (read[id(paper)], held_out[i]) for array in (s.probabilities, s.chosen)]
        parts.append((lesson.labels[keep], *says, of, weight))
    right, p_before, before, p_after, after, papers, weights = map(np.concatenate, zip(*parts, strict=True))
    counted = range(len(scheme.unit_labels))
    said = Said(p_before, before), Said(p_after, after)
    comparison = compare(right, *said, papers, counted=counted, weight=weights, seed=seed)
    return Against(comparison, "", left_out, len(groups))


def held_out_summary(course: Course, held_out: Sequence[Said], *, seed: int = 0) -> dict[str, Any]:
    """The figures that the model publishes about itself, in the form of `evaluate.summary`: labels alone."""
    golds: list[Reading] = []
    told: list[Reading] = []
    texts: list[Mapping[str, str]] = []
    names = _scheme(course).labels
    for lesson, said in zip(course.lessons, held_out, strict=True):
        gold, paper = of_gold(lesson.gold), lesson.gold.paper
        at = {s.id: i for i, s in enumerate(paper.sentences)}
        labels = {s: names[said.chosen[at[s]]] for s in gold.labels}
        probabilities = {s: said.probabilities[at[s]].tolist() for s in gold.labels}
        golds.append(gold)
        told.append(replace(gold, labels=labels, edges={}, reported={}, probabilities=probabilities))
        texts.append({s: paper.slice(paper.sentences[at[s]]) for s in gold.labels})
    return macro5_summary(golds, told, cues(golds, texts), seed=seed)


def _scheme(course: Course) -> Scheme:
    return course.lessons[0].gold.map.labels


def _lettered(lesson: Lesson) -> NDArray[np.bool_]:
    return np.array([bool(letters(c.text)) for c in lesson.contexts], dtype=np.bool_)
