"""`train_light`: from a shipped model and annotations to a model's folder, within a minute and without torch."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from argmine import __version__
from argmine.annotation.gold_dataset import Gold
from argmine.errors import ModelError, UsageError, need, some_of
from argmine.model.encoder import HEAD, UNSEEN, Head, Reading, SentenceEncoder
from argmine.model.folder import MARK, TAGGER, Mark, file_digest, load_arrays, load_facts, save_arrays
from argmine.model.model import FORMAT, PAPERS, Model, sentence_digests, shipped_model
from argmine.model.sentence_context import Contexts
from argmine.model.windows import Floats, Window
from argmine.paper import Paper
from argmine.scheme import DEFAULT
from argmine.training.dataset import UNKNOWN, Lesson, lessons_of, load_unseen, papers_of, text_digest
from argmine.training.folder import LOCAL_VERSION, NOT_DIGESTED, check_better, check_target, dump, own_name, replaced
from argmine.training.head_refit import Refit, Sentences, refit, sentences_of

Progress = Callable[[str], None]
LIGHT: Final = "light"
"""The key of meta.json under which a model says that it was made so, and from what."""


@dataclass(frozen=True)
class Light:
    """A light training: what was learned from, what became of the heads, the model that it started from, and the
    papers left out that this model had learned from already, `known`."""

    base: Model
    gold: tuple[Gold, ...]
    lessons: tuple[Lesson, ...]
    sentences: Sentences
    refit: Refit
    known: tuple[str, ...]
    unseen_papers: int | None
    facts: dict[str, Any]

    @property
    def mark(self) -> Mark:
        """Whether the model is to be used unasked: where it learnt something, and is nowhere worse than its base."""
        refit = self.refit
        if not refit.changed:
            return Mark(False, "nothing was learnt, and its heads are those that it started from")
        changes = [change for change in (refit.labels, refit.reported) if change.pull is not None]
        found = [c for change in changes for c in (change.own, change.unseen) if c is not None]
        taken = all(c.f1.verdict != "worse" for c in found)
        own = changes[0].own
        why = f"refined from {self.base.name} {self.base.version} by {self.facts['papers']} papers"
        if own is not None:
            f1 = own.f1
            why += f"; on annotations held out F1 {f1.before:.3f} to {f1.after:.3f} ({f1.verdict}, n = {own.sentences})"
        return Mark(taken, why)

    def share(self, model: Model) -> None:
        """Let a model that this training wrote read each paper with the base, once, instead of apart."""
        encoder = self.base.nlp.get_pipe(TAGGER).model  # type: ignore[attr-defined]
        model.nlp.get_pipe(TAGGER).model = Reheaded(encoder, self.refit.head)  # type: ignore[attr-defined]


class Reheaded(SentenceEncoder):
    """An encoder with another head than the one it was loaded with: both read a paper together, once."""

    def __init__(self, base: SentenceEncoder, head: Head) -> None:
        super().__init__(None, base._tokenizer, head, base.layout, base.labels, base.reported)
        self._base = base

    def _read(self, contexts: Contexts) -> Reading:
        read = self._base.reading(contexts)
        return Reading(*self.head(read.vectors, read.places), read.vectors, read.places, read.states)

    def _run(self, one: Window) -> Floats:
        return self._base._run(one)


def light_base(path: Path | None = None) -> tuple[Model, SentenceEncoder]:
    """The model to start from, the shipped one where none is given. Raises UsageError for one without an encoder, of
    other labels, or made by light training: its heads know the annotations already."""
    path = path or shipped_model()
    model = Model.load(path)
    encoder = getattr(model.nlp.get_pipe(TAGGER), "model", None)
    if not isinstance(encoder, SentenceEncoder):
        raise UsageError(
            f"{path}: is a model of word n-grams, and --light starts from one with an encoder; train without --light, "
            "or install a newer argmine"
        )
    if model.scheme != DEFAULT:
        raise UsageError(f"{path}: has labels of its own, and --light starts from a model of the scheme's labels")
    if LIGHT in load_facts(path / "meta.json")["argmine"]:
        raise UsageError(f"{path}: was made by --light itself; start from the model that it was made from")
    return model, encoder


def learn_light(
    gold: Sequence[Gold], *, base: Path | None = None, seed: int = 0, progress: Progress | None = None
) -> Light:
    """Refit the base's heads to these annotations, without writing anything. The same input gives the same heads.
    Raises UsageError where there is nothing to learn from."""
    need("analysis", "training")
    say = progress or (lambda message: None)
    model, encoder = light_base(base)
    known = sorted({g.slug for g in gold if model.trained_on(g.paper)})
    fresh = tuple(g for g in gold if g.slug not in known and g.looked_at)
    if known:
        say(f"left out, as the model learned from them already: {some_of(known, 5)}")
    lessons = tuple(lessons_of(fresh))
    labels = {int(k) for lesson in lessons for k in lesson.labels if k != UNKNOWN}
    if not labels:
        raise UsageError(
            "there is nothing to learn from: no annotated sentence was found in a paper that is new to the model; "
            "annotate some (`argmine review PAPER --annotator NAME`), or check that the annotations resolve"
        )
    if len(labels) < 2:
        raise UsageError(
            f"there is nothing to learn from: all {sum(len(g.looked_at) for g in fresh)} annotated sentences have the "
            "same label; confirm sentences of other labels too, and those where the model is right"
        )
    assert model.path is not None
    papers = papers_of(lessons)
    far = load_unseen(model.path / TAGGER / UNSEEN)
    if far is None:
        say("the model carries no papers to compare on, so what the change means for other papers is not known")
    else:
        far = far.without([g.paper for g in fresh])
    say(f"reading {len(papers)} annotated papers")
    sentences = sentences_of(encoder, lessons)
    say(f"fitting to {len(sentences)} annotated sentences")
    found = refit(encoder, sentences, far, seed=seed)
    before = load_facts(model.path / "meta.json")["argmine"]
    base_facts = {"name": model.name, "version": model.version, "sha256": model.sha256}
    base_facts |= {name: before.get(name) for name in ("sentences", "papers")}
    texts = {*before.get("texts", ()), *(text_digest(p) for p in papers if found.changed)}
    facts = before | {
        "format": FORMAT,
        "argmine": __version__,
        "seed": seed,
        "sentences": round(float(sentences.weight.sum())),
        "papers": len(papers),
        "relations": 0,
        "labels": {
            label: sum(int((lesson.labels == k).sum()) for lesson in lessons)
            for k, label in enumerate(DEFAULT.unit_labels)
        },
        "texts": sorted(texts),
        LIGHT: {"base": base_facts, "labels": found.labels.data(), "attribution": found.reported.data()},
    }
    papers_far = None if far is None else len(np.unique(far.paper))
    return Light(model, fresh, lessons, sentences, found, tuple(known), papers_far, facts)


def train_light(
    gold: Sequence[Gold],
    out: Path,
    *,
    base: Path | None = None,
    seed: int = 0,
    force: bool = False,
    again: bool = False,
    progress: Progress | None = None,
) -> Light:
    """`learn_light`, and write the model to `out`, which is replaced as a whole, with the mark that it deserves. Raises
    UsageError too where `out` is the shipped model or no model, or, unless `force`, a model that was trained on more
    sentences or is used where this one would not be; `again` replaces whatever light training made."""
    again = again and made_light(out)
    check_target(out, sum(len(g.looked_at) for g in gold) if force else 0, True)
    light = learn_light(gold, base=base, seed=seed, progress=progress)
    check_target(out, light.facts["sentences"], force or again)
    mark = replace(light.mark, taken=True) if force else light.mark
    check_better(out, mark, force or again)
    write_light(light, out, mark)
    return light


def write_light(light: Light, out: Path, mark: Mark | None = None) -> None:
    """Write the base with its new heads; `mark` says whether it is used unasked. What the base publishes about itself
    (scores, model card) goes along only where the heads stay as they are."""
    base = light.base.path
    assert base is not None
    with replaced(out, mark) as new:
        left_out = NOT_DIGESTED if light.refit.changed else frozenset({"meta.json", MARK})
        shutil.copytree(base, new, dirs_exist_ok=True, ignore=lambda _, names: [n for n in names if n in left_out])
        meta = load_facts(base / "meta.json")
        if light.refit.changed:
            save_arrays(new / TAGGER / HEAD, vars(light.refit.head))
            add_papers(new / PAPERS, papers_of(light.lessons))
        for file in new.rglob("*"):
            file.chmod(0o755 if file.is_dir() else 0o644)
        digested = [n for n in light.facts["files"] if (new / n).is_file()]
        files = {n: file_digest(new / n) for n in sorted(digested)}
        if light.refit.changed:
            meta |= {"name": own_name(f"local-{LIGHT}", files), "version": LOCAL_VERSION}
        meta["argmine"] = light.facts | {"files": files}
        dump(new / "meta.json", meta)


def made_light(path: Path) -> bool:
    try:
        return LIGHT in load_facts(path / "meta.json")["argmine"]
    except (ModelError, KeyError, TypeError):
        return False


def add_papers(path: Path, papers: Sequence[Paper]) -> None:
    """Add the digests of these papers' sentences to those that a model learned from."""
    known = load_arrays(path)
    sentences, ends = [known["sentences"]], list(known["ends"])
    for paper in papers:
        own = np.unique(sentence_digests(paper))
        sentences.append(own)
        ends.append((ends[-1] if ends else 0) + len(own))
    save_arrays(path, {"sentences": np.concatenate(sentences), "ends": np.array(ends, dtype=np.int64)})
