"""Teach the shipped model to choose key points, and score that on the papers of the test part.

    PYTHONPATH=src python -m research.shipped_model.key_points TEXTS... [--parts research/key_points/papers.csv]
        [--model models/argmine-en] [--fold K] [--rows FILE] [--baselines FILE]

TEXTS hold the papers as research/key_points/import_readings.py takes them. What the model's other parts make of a paper
is kept in build/encoder/key_points/, so that a second run is quick. Networks are trained on the training part and their
bounds chosen on the development part; the model's folder gets them in place of any that it has, and scores.json the
figures on the test part. With --fold nothing is written there: of five folds, dealt by work and author, the K-th (from
0) is read by networks that were trained on the others and bounds chosen on a sixth of those. --rows writes the counts
of the papers that were not trained on, which add up over folds; --baselines names what
research/key_points/score_by_kind.py wrote of the same papers, for scores.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from argmine.annotation.bank import paper_of
from argmine.annotation.key_points import KeyPointGold, load_key_points
from argmine.evaluation.key_points import OVERALL, Shown, count, texts_in
from argmine.model.components import seen_paper
from argmine.model.folder import KEY_POINTS, load_arrays, load_facts, save_arrays
from argmine.model.key_point_features import SeenPaper
from argmine.model.key_points import KeyPointModel
from argmine.model.map_key_points import key_points_of
from argmine.model.model import PAPERS, Model, sentence_digests
from argmine.model.sentence_context import Link, contexts_of
from argmine.model.voices import in_voice, voices_of
from argmine.paper import Paper
from argmine.readers.voices import find_voices
from argmine.scheme import DEFAULT
from argmine.training.dataset import text_digest
from argmine.training.folder import digests_in, dump
from argmine.training.key_points import KeyPointLesson, learn_key_points, lesson_of, with_bounds
from argmine.training.refitted_model import add_papers
from research.key_points.import_readings import papers as texts_of
from research.key_points.import_readings import rows_of
from research.shipped_model.published import key_point_scores, write_scores

ROOT = Path(__file__).resolve().parents[2]
SEEN = ROOT / "build" / "encoder" / "key_points"
FOLDS = 5
BASELINES = {"rules": "former rules", "lexrank": "LexRank", "title": "title likeness", "first": "first sentence"}


def families(sources: Path) -> dict[str, str]:
    """The work or author that a text is one of, where the table of sources names it."""
    rows = map(json.loads, sources.read_text(encoding="utf-8").splitlines())
    return {row["slug"]: row["family"] for row in rows if row.get("family")}


def fold_of(group: str) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


@dataclass
class Reader:
    """What a model makes of papers, kept on the disk under the digest of its encoder."""

    model: Model
    kept: Path

    def seen(self, slug: str, paper: Paper) -> SeenPaper:
        path = self.kept / f"{slug}.safetensors"
        if not path.exists():
            doc = self.model.doc(paper)
            assert doc is not None
            self._keep(path, seen_paper(doc))
        arrays = load_arrays(path)
        ends, labels, scores = arrays["ends"].tolist(), arrays["labels"].tolist(), arrays["linked"].tolist()
        names = DEFAULT.relation_labels
        links = [Link(a, b, names[k], s) for (a, b), k, s in zip(ends, labels, scores, strict=True)]
        said, reported = arrays["scores"].astype(np.float64), arrays["reported"].astype(np.float64)
        return SeenPaper(paper.title, contexts_of(paper), said, reported, links, arrays["vectors"].astype(np.float32))

    def _keep(self, path: Path, seen: SeenPaper) -> None:
        assert seen.vectors is not None
        self.kept.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, np.ndarray] = {
            "vectors": seen.vectors.astype(np.float16), "scores": seen.scores.astype(np.float32),
            "reported": seen.reported.astype(np.float32),
            "ends": np.array([(r.source, r.target) for r in seen.links], dtype=np.int64).reshape(-1, 2),
            "labels": np.array([DEFAULT.relation_labels.index(r.label) for r in seen.links], dtype=np.int64),
            "linked": np.array([r.score for r in seen.links], dtype=np.float32),
        }  # fmt: skip
        save_arrays(path, arrays)


def lessons_of(gold: Iterable[KeyPointGold], reader: Reader, family: Mapping[str, str]) -> list[KeyPointLesson]:
    found = [lesson_of(g, reader.seen(g.slug, g.paper)) for g in gold]
    return [replace(lesson, group=family.get(lesson.slug, lesson.group)) for lesson in found]


def without_key_points(folder: Path) -> Model:
    """The model in a folder, but for its key points."""
    model = Model.load(folder)
    if KEY_POINTS in model.nlp.pipe_names:
        model.nlp.remove_pipe(KEY_POINTS)
    return model


def write_into(folder: Path, model: Model, learnt: KeyPointModel, papers: Sequence[Paper]) -> None:
    """Put the key points into a model's folder, with what meta.json and the digests say of it."""
    from argmine.training.train import add_key_points

    add_key_points(model.nlp, learnt)
    model.nlp.config.to_disk(folder / "config.cfg")
    learnt.save(folder / KEY_POINTS)
    known = load_arrays(folder / PAPERS)
    parts = [set(part.tolist()) for part in np.split(known["sentences"], known["ends"][:-1])]
    meta = load_facts(folder / "meta.json")
    texts = set(meta["argmine"]["texts"])
    new = [p for p in papers if text_digest(p) not in texts]
    add_papers(folder / PAPERS, [p for p in new if not any(set(sentence_digests(p).tolist()) <= of for of in parts)])
    meta |= {
        "pipeline": model.nlp.pipe_names, "components": model.nlp.component_names,
        "labels": {name: [] for name in model.nlp.pipe_names} | meta.get("labels", {}),
    }  # fmt: skip
    meta["argmine"] |= {
        "files": digests_in(folder), "texts": sorted(texts | {text_digest(p) for p in new}),
        "key_points": len(papers),
    }  # fmt: skip
    dump(folder / "meta.json", meta)


def shown_by(model: KeyPointModel, lesson: KeyPointLesson, paper: Paper) -> Shown:
    """What a map of the paper would show, from what the other parts made of it."""
    told = voices_of(paper)
    spoken = np.array([in_voice(told, s) for s in paper.sentences], dtype=np.bool_)
    chosen = model.chosen(lesson.seen, spoken)
    points = key_points_of(paper, {}, {**chosen.places, "answers": chosen.answers})
    voices = voices_of(paper, chosen.voices)
    return Shown(points, texts_in(voices, paper))


def baselines_of(path: Path) -> dict[str, dict[str, object]]:
    """The figures of the baselines over all papers, from what research/key_points/score_by_kind.py wrote."""
    told = load_facts(path)["all"]
    return {name: {k: told[short][k] for k in ("papers", *OVERALL)} for short, name in BASELINES.items()}


def main(arguments: Sequence[str] | None = None, say: Callable[[str], None] = print) -> None:
    """The command at the top of this module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--parts", type=Path, default=ROOT / "research" / "key_points" / "papers.csv")
    parser.add_argument("--sources", type=Path, default=ROOT / "research" / "key_points" / "sources.jsonl")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "argmine-en")
    parser.add_argument("--gold", type=Path, default=ROOT / "annotations" / "published")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fold", type=int, choices=range(FOLDS))
    parser.add_argument("--bounds", action="store_true", help="keep the networks, choose the bounds alone anew")
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--baselines", type=Path)
    given = parser.parse_args(arguments)
    rows_by_slug = rows_of(given.parts)
    parts, kinds = ({slug: row[name] for slug, row in rows_by_slug.items()} for name in ("part", "kind"))
    texts = {bank.slug: paper_of(bank) for bank, _ in texts_of(given.texts) if bank.slug in parts}
    known = {slug: p.model_copy(update={"voices": find_voices(p)}) for slug, p in texts.items()}
    gold, absent = load_key_points([given.gold], known)
    say(f"{len(gold)} papers with key points, {len(absent)} whose texts are not there")
    model = without_key_points(given.model)
    encoder = model.facts["files"]["argmine_tagger/encoder.onnx"]
    by_slug = {g.slug: g for g in gold}
    lessons = lessons_of(gold, Reader(model, SEEN / encoder[:12]), families(given.sources))
    lessons = [d for d in lessons if parts.get(d.slug) != "aside"]
    if given.fold is None:
        learn, dev, rest = ([d for d in lessons if parts.get(d.slug) == name] for name in ("train", "dev", "test"))
    else:
        rest = [d for d in lessons if fold_of(d.group) == given.fold]
        learn, dev = [d for d in lessons if fold_of(d.group) != given.fold], []
    say(f"{len(learn)} to learn from, {len(dev)} to choose by, {len(rest)} not trained on")
    if given.bounds:
        learnt = with_bounds(KeyPointModel.load(given.model / KEY_POINTS), dev)
    else:
        learnt = learn_key_points(learn, given.seed, dev, say)
    rows = {
        d.slug: {name: n for name, n in sorted(count(by_slug[d.slug], shown_by(learnt, d, known[d.slug])).items()) if n}
        for d in rest
    }
    if given.rows is not None:
        given.rows.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    scored = key_point_scores(rows, kinds, given.baselines and baselines_of(given.baselines))
    say(json.dumps({name: scored[name] for name in OVERALL}))
    if given.fold is None:
        write_into(given.model, model, learnt, [known[d.slug] for d in (*learn, *dev)])
        stated = load_facts(given.model / "scores.json")
        write_scores(given.model / "scores.json", stated["published"], stated.get("samples"), scored)


if __name__ == "__main__":
    main()
