"""What models say of papers that they had not seen, by which they are calibrated and tuned.

Word n-grams of the annotation scheme are trained on all folds but some (`Course`), each combination once. To be
calibrated, every model needs held-out predictions of its own training papers; for the one that leaves out fold k these
come from models that leave out k and j, which serve j as well: five folds need 10 + 5 + 1 taggers, not 5 * 5 + 1.

Of an encoder, and of labels of one's own, a tenth of the papers is held back to choose epochs and thresholds by.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine import __version__
from argmine.model.decision import Array, Decision, Switches
from argmine.model.decoder import Limits
from argmine.model.encoder import SentenceEncoder
from argmine.model.linker import Linker
from argmine.model.ngrams import NO_RELATION, GramLinker, Linear, pair_rows
from argmine.model.pair_features import candidates
from argmine.model.pair_networks import PairScorer, Seen
from argmine.model.sentence_features import OWN, PLACE
from argmine.scheme import Scheme
from argmine.training import calibration, fitting
from argmine.training.calibration import Switch
from argmine.training.dataset import Lesson, fold_numbers, text_digest
from argmine.training.fitting import Recipe

Progress = Callable[[str], None]
Folds = frozenset[int]

DEV_SHARE: Final = 10
"""One paper in so many is held back."""
_CROSS_FOLDS: Final = 5


class Course:
    """The training of one set of readings, dealt into folds."""

    def __init__(
        self, lessons: Sequence[Lesson], folds: Sequence[int], seed: int, progress: Progress | None = None
    ) -> None:
        self.lessons = list(lessons)
        self.folds = list(folds)
        self.all = sorted(set(folds))
        self.seed = seed
        self.say = progress or (lambda message: None)
        self._linear: dict[tuple[Folds, Recipe], Linear] = {}
        self._linkers: dict[Folds, Linker] = {}

    def parts(self, without: Iterable[int] = ()) -> tuple[Linear, Linker, Linear]:
        """Tagger, linker and attribution trained on all folds but these, each calibrated and tuned on held-out
        predictions of its own."""
        left_out = frozenset(without)
        tagger, attribution = (self.linear(left_out, recipe) for recipe in (fitting.TAGGER, fitting.ATTRIBUTION))
        return tagger, self.linker(left_out), attribution

    def within(self, folds: Iterable[int]) -> list[Lesson]:
        wanted = set(folds)
        return [lesson for lesson, fold in zip(self.lessons, self.folds, strict=True) if fold in wanted]

    def linear(self, left_out: Folds, recipe: Recipe) -> Linear:
        """A tagger or an attribution trained on the other folds, calibrated where there are folds to do it on."""
        inner = self._inner(left_out)
        model = self.raw(left_out, recipe)
        said = [self._said(self.raw(left_out | {fold}, recipe), fold, recipe) for fold in inner]
        return _finished(model, said, recipe) if said else model

    def cross_fitted(self, recipe: Recipe) -> dict[int, Linear]:
        """For each of two or more folds the classifier that was trained and calibrated without it: what calibrates the
        one without fold k is what those without j said of j, for each other fold j."""
        without = {fold: self.raw(frozenset({fold}), recipe) for fold in self.all}
        said = {fold: self._said(model, fold, recipe) for fold, model in without.items()}
        return {k: _finished(model, [said[j] for j in self.all if j != k], recipe) for k, model in without.items()}

    def _said(self, model: Linear, fold: int, recipe: Recipe) -> tuple[Array, NDArray[np.int64]]:
        # The logits of a fold's sentences, and what is right.
        lessons = self.within([fold])
        logits = np.vstack([model.logits(lesson.rows) for lesson in lessons])
        return logits, np.concatenate([fitting.targets(lesson, recipe) for lesson in lessons])

    def raw(self, left_out: Folds, recipe: Recipe) -> Linear:
        """The same, not calibrated. Each is trained once."""
        key = left_out, recipe
        if key not in self._linear:
            what = "tagger" if recipe is fitting.TAGGER else "attribution"
            self.say(f"training the {what}{_but(left_out)}")
            self._linear[key] = fitting.fit_linear(self._rest(left_out), recipe, self.seed)
        return self._linear[key]

    def linker(self, left_out: Folds) -> Linker:
        """A linker trained on the other folds. One fold of them is enough to calibrate and limit it."""
        inner = self._inner(left_out)
        model = self._raw_linker(left_out)
        if not inner:
            return model
        fold = next((f for f in inner if f > min(left_out, default=-1)), inner[0])
        other = self._raw_linker(left_out | {fold})
        return fitting.finish_linker(model, [(lesson, other) for lesson in self.within([fold])])

    def _raw_linker(self, left_out: Folds) -> Linker:
        if left_out not in self._linkers:
            self.say(f"training the linker{_but(left_out)}")
            self._linkers[left_out] = fitting.fit_linker(self._rest(left_out), self.seed)
        return self._linkers[left_out]

    def _inner(self, left_out: Folds) -> list[int]:
        rest = [f for f in self.all if f not in left_out]
        return rest if len(rest) > 1 else []

    def _rest(self, left_out: Folds) -> list[Lesson]:
        return self.within(f for f in self.all if f not in left_out)


def _finished(model: Linear, said: Sequence[tuple[Array, NDArray[np.int64]]], recipe: Recipe) -> Linear:
    logits, wanted = zip(*said, strict=True)
    return fitting.finish_linear(model, np.vstack(logits), np.concatenate(wanted), recipe)


def _but(left_out: Folds) -> str:
    return f" without fold {' and '.join(str(f + 1) for f in sorted(left_out))}" if left_out else " on everything"


@dataclass(frozen=True)
class Learnt:
    """The parts of a model that was trained so, and what meta.json says of it."""

    tagger: Linear | SentenceEncoder
    linker: GramLinker | None
    facts: dict[str, Any]


def hold_back(lessons: Sequence[Lesson], seed: int) -> tuple[list[Lesson], list[Lesson]]:
    """What to learn from and what to choose by, groups kept together: about one in DEV_SHARE."""
    dealt = fold_numbers([lesson.gold for lesson in lessons], DEV_SHARE, seed)
    read = list(zip(lessons, dealt, strict=True))
    return [d for d, fold in read if fold], [d for d, fold in read if not fold]


def learn_grams(lessons: Sequence[Lesson], seed: int) -> Learnt:
    """Word n-grams of labels, and of pairs where there are relations."""
    scheme = lessons[0].gold.scheme
    learn, dev = hold_back(lessons, seed)
    linear = _fit_labels(learn, scheme, seed)
    said = [linear.logits(lesson.rows) for lesson in dev]
    decision, scores = _decided(said, lessons, dev, seed, own=True)
    linker = learn_linker(learn, seed)
    if linker is not None:
        linker, scores["links"] = _limited(linker, dev, [None] * len(dev))
    facts = {"kind": "n-grams", "held_back": len(dev), "held_back_scores": scores}
    return Learnt(replace(linear, decision=decision), linker, facts)


@contextmanager
def learnt_encoder(
    lessons: Sequence[Lesson], base: Path, out: Path, seed: int, recipe: Mapping[str, Any], say: Progress
) -> Iterator[Learnt]:
    """Fine-tune the encoder in `base`; what is unfinished, with which a training that was cut off goes on, and the
    encoder's files lie beside `out` until the block ends without an error."""
    from argmine.training.encoder.fine_tune import fine_tune

    scheme = lessons[0].gold.scheme
    learn, dev = hold_back(lessons, seed)
    work = out.with_name(f".{out.name}-training")
    _begin(work, [*learn, *dev], base, seed, recipe)
    exported, scorer, facts = fine_tune([d.gold for d in learn], [d.gold for d in dev], base, work, seed, recipe, say)
    encoder = SentenceEncoder.load(exported)
    read = [encoder(lesson.contexts) for lesson in dev]
    decision, scores = _decided([r[0].astype(np.float64) for r in read], lessons, dev, seed, own=False)
    reported = Decision.plain(2)
    if scheme.attribution and read:
        said = calibration.two_columns(np.concatenate([r[1] for r in read]))
        right = np.concatenate([lesson.reported for lesson in dev])
        reported = calibration.likeliest_decision(said, right) if (right >= 0).any() else reported
    calibration.write_decisions(exported, decision, reported)
    linker = learn_linker(learn, seed, scorer)
    if linker is not None:
        seen = [Seen(r[2], decision.probabilities(r[0])) for r in read]
        linker, scores["links"] = _limited(linker, dev, seen)
    facts |= {"kind": "encoder", "held_back": len(dev), "held_back_scores": scores}
    yield Learnt(SentenceEncoder.load(exported), linker, facts)
    shutil.rmtree(work, ignore_errors=True)


def learn_linker(learn: Sequence[Lesson], seed: int, scorer: PairScorer | None = None) -> GramLinker | None:
    """A classifier of pairs of gold units by their labels, places and words; None where there is no relation."""
    scheme = learn[0].gold.scheme
    rows: list[list[str]] = []
    kinds: list[int] = []
    for lesson in learn if scheme.relations else ():
        pairs = candidates(lesson.units)
        rows += pair_rows(lesson.units, lesson.contexts, pairs)
        kinds += [lesson.edges.get((i, j), -1) + 1 for i, j in pairs.tolist()]
    if not any(kinds):
        return None
    recipe = Recipe((NO_RELATION, *scheme.relation_labels), {OWN: 0.4, PLACE: 1.0}, NO_RELATION, power=0.0)
    grams = fitting.fit_rows(rows, kinds, np.ones(len(kinds)).tolist(), recipe, seed)
    return GramLinker(grams, Limits(0.5, 0.5), scorer, scheme)


def _recipe(scheme: Scheme) -> Recipe:
    return Recipe(scheme.labels, fitting.TAGGER_GROUPS, scheme.none or "", power=0.5)


def _rows(lessons: Sequence[Lesson]) -> list[list[str]]:
    return [row for d in lessons for row, known in zip(d.rows, d.known.tolist(), strict=True) if known]


def _wanted(lessons: Sequence[Lesson], columns: int) -> Array:
    return np.vstack([np.zeros((0, columns)), *(d.wanted[d.known] for d in lessons)])


def _fit_labels(learn: Sequence[Lesson], scheme: Scheme, seed: int) -> Linear:
    if scheme.multi:
        return fitting.fit_several(_rows(learn), _wanted(learn, len(scheme.labels)), _recipe(scheme), seed)
    labels = np.concatenate([d.labels[d.known] for d in learn])
    return fitting.fit_rows(_rows(learn), labels.tolist(), np.ones(len(labels)).tolist(), _recipe(scheme), seed)


def _decided(
    said: Sequence[Array], lessons: Sequence[Lesson], dev: Sequence[Lesson], seed: int, *, own: bool
) -> tuple[Decision | Switches, dict[str, float]]:
    # How these logits of the papers that were held back become labels, and how they score so. `own`: they are of word
    # n-grams, as those of the cross-fitting.
    scheme = lessons[0].gold.scheme
    k = len(scheme.labels)
    logits = np.vstack([np.zeros((0, k)), *(one[d.known] for one, d in zip(said, dev, strict=True))])
    wanted = _wanted(dev, k)
    decision: Decision | Switches
    if scheme.multi:
        decision = calibration.fit_switches(logits, wanted, lambda few: cross_fitted(lessons, few, seed), own=own)
    else:
        ignored = scheme.labels.index(scheme.none) if scheme.none is not None else -1
        decision = calibration.fit_decision(logits, wanted.argmax(axis=1), ignored)
    chosen = decision.choose(decision.probabilities(logits))
    given = chosen if scheme.multi else np.eye(k)[chosen]
    counted = [c for c, label in enumerate(scheme.labels) if label != scheme.none]
    return decision, {"macro": round(calibration.macro(given, wanted, counted), 4)}


def cross_fitted(lessons: Sequence[Lesson], columns: Sequence[int], seed: int) -> dict[int, Switch]:
    """Slope, bias and threshold of these labels by n-grams that learn them on four fifths of the papers in turn."""
    scheme = lessons[0].gold.scheme
    dealt = fold_numbers([lesson.gold for lesson in lessons], _CROSS_FOLDS, seed)
    logits, wanted = [], []
    recipe = replace(_recipe(scheme), classes=tuple(scheme.labels[k] for k in columns))
    for fold in sorted(set(dealt)):
        parts: tuple[list[Lesson], list[Lesson]] = [], []
        for lesson, of in zip(lessons, dealt, strict=True):
            parts[of == fold].append(lesson)
        (rows, right), (held, held_right) = ((_rows(p), _wanted(p, len(scheme.labels))[:, columns]) for p in parts)
        logits.append(fitting.fit_several(rows, right, recipe, seed).logits(held))
        wanted.append(held_right)
    said, right = np.vstack(logits), np.vstack(wanted)
    return {k: Switch.fit(said[:, i], right[:, i]) for i, k in enumerate(columns)}


def _limited(linker: GramLinker, dev: Sequence[Lesson], seen: Sequence[Seen | None]) -> tuple[GramLinker, float]:
    # The linker with the limits that are best on these papers, and its F1 there on gold units.
    papers = [
        calibration.Linked([u.label for u in d.units], *linker.probabilities(d.units, d.contexts, read), d.edges)
        for d, read in zip(dev, seen, strict=True)
        if len(d.units) > 1
    ]
    limits, f1 = calibration.best_limits(papers, linker.scheme)
    return replace(linker, limits=limits), f1


def _begin(work: Path, lessons: Sequence[Lesson], base: Path, seed: int, recipe: Mapping[str, Any]) -> None:
    # An empty folder to train in, or the one of the same training that was cut off.
    gold = [
        (
            text_digest(d.gold.paper),
            sorted((s, sorted(given)) for s, given in d.gold.label_sets().items()),
            sorted((r.source, r.target, r.label) for r in d.gold.map.relations),
        )
        for d in lessons
    ]
    scheme = lessons[0].gold.scheme.model_dump_json()
    digest = sha256(json.dumps([gold, scheme]).encode()).hexdigest()
    mark = json.dumps([digest, str(base.resolve()), seed, dict(sorted(recipe.items())), __version__])
    if work.exists() and (not (work / "mark").is_file() or (work / "mark").read_text() != mark):
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    (work / "mark").write_text(mark)
