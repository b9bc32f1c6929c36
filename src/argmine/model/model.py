"""`Model`: a trained pipeline that turns a `Paper` into an `ArgumentMap`."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.argument_map import (
    ArgumentMap,
    MadeBy,
    MapKeyPoints,
    MapVoice,
    PaperRef,
    Relation,
    Scores,
    Unit,
    round_scores,
)
from argmine.errors import ModelError
from argmine.isolation import without_torch
from argmine.model import folder, map_key_points, sentence_context
from argmine.model.folder import LINKER, LOCAL, TAGGER, file_digest, load_facts
from argmine.model.sentence_context import Link, Reason, contexts_of
from argmine.model.voices import in_voice, voices_of
from argmine.paper import Paper
from argmine.scheme import DEFAULT, Attribution, Scheme
from argmine.text import LetterStream, digest, full_digest, letters

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FORMAT: Final = 1
"""The version of the model's files. A change that older code can't read raises it."""
PAPERS: Final = "papers.safetensors"
SCORES: Final = "scores.json"
SHIPPED: Final = "argmine-en"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MIN_LETTERS = 20
"""A sentence with fewer letters doesn't tell one paper from another."""
_MIN_SENTENCES = 10
"""Below this many sentences a paper's averages say little."""


class Model:
    """A trained pipeline. Made by `Model.load`, or by training around a pipeline in memory."""

    def __init__(
        self,
        nlp: Language,
        facts: Mapping[str, Any],
        *,
        path: Path | None = None,
        sha256: str = "",
        trained_on: Sequence[NDArray[np.uint64]] = (),
        scores: Mapping[str, Any] | None = None,
    ) -> None:
        self.nlp = nlp
        self.path = path
        self.name = str(facts.get("name", SHIPPED))
        self.version = str(facts.get("version", "0"))
        self.sha256 = sha256
        self.facts = facts
        self.scheme: Scheme = nlp.get_pipe(TAGGER).scheme  # type: ignore[attr-defined]
        self._trained_on = [frozenset(p.tolist()) for p in trained_on]
        self._scores = scores
        self._last: tuple[Paper, Doc] | None = None

    @classmethod
    def load(cls, path: Path | None = None) -> Model:
        """Load a model's folder, which is data: nothing that it names is looked up or run. None: see `find_model`.
        Raises ModelError on one line where it is missing, incomplete, changed or of another version, or where its
        config.cfg says anything that argmine does not write."""
        path = find_model(path)
        meta = _meta(path)
        folder.check_digests(path)
        nlp = _assembled(path)
        papers = folder.load_arrays(path / PAPERS)
        try:
            trained_on = np.split(papers["sentences"], papers["ends"][:-1])
        except (KeyError, ValueError, IndexError) as why:
            raise ModelError(f"{path / PAPERS}: is garbled ({why}); train or install the model again") from why
        facts = meta["argmine"] | {"name": meta["name"], "version": meta["version"]}
        digest = name_digest(path)
        return cls(nlp, facts, path=path, sha256=digest, trained_on=trained_on, scores=published(path))

    @staticmethod
    def digest_of(path: Path | None = None) -> str:
        """What `load` would load, in one digest of its weights and figures, without loading it."""
        path = find_model(path)
        _meta(path)
        parts = [file_digest(p) for p in (path / "meta.json", path / SCORES) if p.is_file()]
        return sha256("".join(parts).encode()).hexdigest()

    def predict(self, paper: Paper) -> ArgumentMap:
        """The paper's argument map: tagged, attributed and linked."""
        doc = self.doc(paper)
        if doc is None:
            return self._map(paper, [], [])
        scores, labels = doc._.get(sentence_context.SCORES), doc._.get(sentence_context.LABELS)
        chosen = doc._.get(sentence_context.KEY_POINTS)
        attribution, voices = self.sentence_attribution(paper), voices_of(paper, (chosen or {}).get("voices", ()))
        cited = sorted(paper.citations, key=lambda c: c.start)
        starts = [c.start for c in cited]
        units: list[Unit] = []
        for i, (sentence, label) in enumerate(zip(paper.sentences, labels, strict=True)):
            if label not in self.scheme.unit_labels:
                continue
            rounded = self._rounded(scores[i].tolist())
            within = cited[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
            units.append(
                Unit(
                    id=sentence.id,
                    sentence=sentence.id,
                    label=label,
                    start=sentence.start,
                    end=sentence.end,
                    text=paper.slice(sentence),
                    section=sentence.section,
                    page=sentence.page,
                    boxes=sentence.boxes,
                    score=rounded[label],
                    scores=rounded,
                    attribution=Attribution.REPORTED if in_voice(voices, sentence) else attribution[i],
                    citations=tuple(dict.fromkeys(r for c in within if c.end <= sentence.end for r in c.references)),
                )
            )
        links = doc._.get(sentence_context.RELATIONS) or ()
        relations = _relations([s.id for s in paper.sentences], links)
        if chosen is None:
            return self._map(paper, units, relations, voices)
        by_sentence = {u.sentence: u for u in units}
        points = map_key_points.key_points_of(paper, by_sentence, chosen)
        relations += map_key_points.relations_of(points, by_sentence, relations, self.scheme)
        return self._map(paper, units, relations, voices, points)

    __call__ = predict

    def pipe(self, papers: Iterable[Paper]) -> Iterator[ArgumentMap]:
        return map(self.predict, papers)

    def link(
        self, paper: Paper, units: ArgumentMap, several: Mapping[str, frozenset[str]] | None = None
    ) -> ArgumentMap:
        """The map's units as they are, with this model's relations between them in place of the map's. `several` holds
        all labels of a unit's sentence, by its id, where it may have more than the map tells."""
        from argmine.model.components import seen_in
        from argmine.model.pair_features import LinkUnit, several_label

        doc = self.doc(paper)
        if doc is None or LINKER not in self.nlp.pipe_names:
            return self._map(paper, units.units, [])
        place = {s.id: i for i, s in enumerate(paper.sentences)}
        given = [
            LinkUnit(
                place[u.sentence],
                several_label((several or {}).get(u.sentence, {u.label})),
                u.attribution is Attribution.REPORTED,
            )
            for u in units.units
        ]
        found = self.nlp.get_pipe(LINKER).model.links(given, contexts_of(paper), seen_in(doc))  # type: ignore[attr-defined]
        return self._map(paper, units.units, _relations([u.id for u in units.units], found))

    def sentence_scores(self, paper: Paper) -> NDArray[np.float64]:
        """The calibrated probabilities of all sentences, units or not, (sentences, labels), by the scheme's labels."""
        scores = self._said(paper, sentence_context.SCORES)
        return np.zeros((0, len(self.scheme.labels))) if scores is None else np.asarray(scores)

    def sentence_label_sets(self, paper: Paper) -> tuple[frozenset[str], ...]:
        """All labels that each sentence is given, where it may have several; else the one that it has."""
        sets = self._said(paper, sentence_context.LABEL_SETS)
        return tuple(map(frozenset, sets or ((label,) for label in self._said(paper, sentence_context.LABELS) or ())))

    def tagged(self, paper: Paper) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """The probabilities, and the label chosen for each sentence, without the work of linking."""
        if (doc := self._laid_out(paper)) is None:
            return np.zeros((0, len(self.scheme.labels))), ()
        doc = self.nlp.get_pipe(TAGGER)(doc)
        return np.asarray(doc._.get(sentence_context.SCORES)), tuple(map(str, doc._.get(sentence_context.LABELS)))

    def sentence_vectors(self, paper: Paper) -> NDArray[np.float32] | None:
        """What the encoder made of each sentence, shape (sentences, d); None where the model has no encoder."""
        vectors: NDArray[np.float32] | None = self._said(paper, sentence_context.VECTORS)
        return vectors

    def sentence_attribution(self, paper: Paper) -> list[Attribution]:
        """Whose view each sentence puts forward if it is a unit."""
        reported = self._said(paper, sentence_context.REPORTED)
        if reported is None:
            return [Attribution.OWN] * len(paper.sentences)
        return [Attribution.REPORTED if said else Attribution.OWN for said in reported[:, 1]]

    def reasons(self, paper: Paper, amap: ArgumentMap) -> dict[str, list[Reason]]:
        """What moved each unit's label most, by the unit's id; empty where the model's tagger can't tell."""
        explain = getattr(self.nlp.get_pipe(TAGGER), "explain", None)
        if explain is None or not amap.units:
            return {}
        place = {s.id: i for i, s in enumerate(paper.sentences)}
        wanted = {place[u.sentence]: u for u in amap.units}
        found = explain(contexts_of(paper), {i: u.label for i, u in wanted.items()})
        return {wanted[i].id: reasons for i, reasons in found.items()}

    def trained_on(self, paper: Paper) -> bool:
        """Whether this paper was among those that the model learnt from, whoever read it: all its letters are the same
        as one of theirs, or more than half of its sentences stand in one."""
        if full_digest(LetterStream.of_paper(paper).text) in self.facts.get("texts", ()):
            return True
        own = sentence_digests(paper).tolist()
        return bool(own) and any(2 * sum(d in known for d in own) > len(own) for known in self._trained_on)

    def unlike(self, paper: Paper) -> str | None:
        """One sentence that says how a paper is unlike those that the model was trained on, None where it isn't."""
        if paper.language not in {None, "en"}:
            return f"the model was trained on English papers, and this one is in another language ({paper.language})"
        usual = self.facts.get("usual")
        if not usual or len(paper.sentences) < _MIN_SENTENCES:
            return None
        unknown = unknown_share(self.nlp, paper)
        if unknown > usual["unknown_words"]:
            return (
                f"{unknown:.0%} of its words are unknown to the model, where none of the papers that it was trained on "
                f"had more than {usual['unknown_words']:.0%}; take its labels with care"
            )
        confidence = float(self.sentence_scores(paper).max(axis=1).mean())
        if confidence < usual["confidence"]:
            return (
                f"the model is unsure of it (mean probability of the likeliest label {confidence:.2f}, in the papers "
                f"that it was trained on at least {usual['confidence']:.2f}); take its labels with care"
            )
        return None

    def _rounded(self, scores: Sequence[float]) -> dict[str, float]:
        named = dict(zip(self.scheme.labels, scores, strict=True))
        return {k: round(v, 3) for k, v in named.items()} if self.scheme.multi else round_scores(named)

    def _laid_out(self, paper: Paper) -> Doc | None:
        # The paper as a Doc that nothing has worked on yet, None without sentences.
        contexts = contexts_of(paper)
        if not contexts:
            return None
        doc = self.nlp.tokenizer(paper.text)
        doc._.set(sentence_context.CONTEXTS, contexts)
        doc._.set(sentence_context.TITLE, paper.title)
        told = voices_of(paper)
        spoken = [in_voice(told, s) for s in paper.sentences]
        doc._.set(sentence_context.SPOKEN, np.array(spoken, dtype=np.bool_))
        return doc

    def doc(self, paper: Paper) -> Doc | None:
        """The paper as a Doc after the whole pipeline, None without sentences; the last one is kept."""
        if self._last is None or self._last[0] is not paper:
            if (doc := self._laid_out(paper)) is None:
                return None
            self._last = paper, self.nlp(doc)
        return self._last[1]

    def _said(self, paper: Paper, name: str) -> Any:
        doc = self.doc(paper)
        return None if doc is None else doc._.get(name)

    def _map(
        self,
        paper: Paper,
        units: Sequence[Unit],
        relations: Sequence[Relation],
        voices: Sequence[MapVoice] | None = None,
        points: MapKeyPoints | None = None,
    ) -> ArgumentMap:
        known = self.trained_on(paper)
        by = MadeBy(
            kind="model", name=self.name, version=self.version, sha256=self.sha256 or None, trained_on_this_paper=known
        )
        return ArgumentMap(
            paper=PaperRef.of(paper),
            made_by=by,
            units=tuple(units),
            relations=tuple(relations),
            key_points=points,
            voices=voices_of(paper) if voices is None else tuple(voices),
            scheme=None if self.scheme == DEFAULT else self.scheme,
            scores=Scores(model=dict(self._scores) if self._scores else None),
        )


def _relations(ids: Sequence[str], links: Iterable[Link]) -> list[Relation]:
    return [Relation.between(ids[r.source], ids[r.target], r.label, round(r.score, 3)) for r in links]


def find_model(path: Path | None = None) -> Path:
    """The folder of the model to use: `path`, else models/local where `train` or `refine` of this user made it there
    and it did not do worse (`argmine.model.folder`), else the shipped one. Raises ModelError where there is none."""
    if path is not None:
        if not path.is_dir():
            raise ModelError(f"{path}: there is no model here; give the folder that `argmine train` wrote")
        return path
    return LOCAL if folder.local_model().taken else shipped_model()


def model_note(path: Path | None = None) -> str | None:
    """What a command says of the model that `find_model` finds: which one it is, and why models/local is passed over;
    None where the shipped one is used and nothing lies beside it."""
    if path is None:
        return folder.local_model().note
    return None if is_shipped(path) else f"the model in {path} is used, not the shipped one"


def is_shipped(path: Path) -> bool:
    try:
        return path.resolve() == shipped_model().resolve()
    except (ModelError, OSError, RuntimeError):  # no shipped model here; links that lead in a circle
        return False


def name_digest(path: Path) -> str:
    """A model's sha256 as its maps give it: of its meta.json, which names the digests of all its other files."""
    return file_digest(path / "meta.json")


def shipped_model() -> Path:
    """The folder of the shipped model: inside an installed argmine, else in the checkout that it runs from."""
    here = Path(__file__).resolve().parents[1]
    for found in (here / "_models" / SHIPPED, here.parents[1] / "models" / SHIPPED):
        if (found / "meta.json").is_file():
            return found
    raise ModelError("the shipped model is missing from this installation; install argmine again or give --model")


def published(path: Path) -> dict[str, Any] | None:
    """The figures that a model publishes about itself, as they stand in every map that it makes; None without."""
    if not (path / SCORES).is_file():
        return None
    summary = load_facts(path / SCORES).get("summary")
    return summary if isinstance(summary, dict) else None


def sentence_digests(paper: Paper) -> NDArray[np.uint64]:
    """64-bit digests of the letters of a paper's longer sentences, in order."""
    streams = (letters(paper.slice(s)) for s in paper.sentences)
    return np.array([int(digest(s), 16) for s in streams if len(s) >= _MIN_LETTERS], dtype=np.uint64)


def unknown_share(nlp: Language, paper: Paper) -> float:
    """The share of a paper's running words that stood in none of the training papers, as far as the pipeline knows."""
    words = [w.lower().replace("’", "'") for s in paper.sentences for w in _WORD.findall(paper.slice(s))]
    tagger = nlp.get_pipe(TAGGER).model  # type: ignore[attr-defined]
    if hasattr(tagger, "vectoriser"):
        from argmine.model.sentence_features import OWN

        known = tagger.vectoriser.index
        return sum(f"{OWN}{w}" not in known for w in words) / max(1, len(words))
    stems = nlp.get_pipe(LINKER).model.idf  # type: ignore[attr-defined]
    return sum(w[:6] not in stems for w in words) / max(1, len(words))


def _meta(path: Path) -> dict[str, Any]:
    if not os.path.lexists(path / "meta.json"):
        raise ModelError(f"{path}: there is no model here (no meta.json); give the folder that `argmine train` wrote")
    # An installer may lay links to its own store; nobody else has a reason to.
    folder.check_folder(path, links=is_shipped(path))
    meta = load_facts(path / "meta.json")
    facts = meta.get("argmine")
    if not isinstance(facts, dict) or not {"name", "version"} <= meta.keys():
        raise ModelError(f"{path}: is not a model of argmine's; give the folder that `argmine train` wrote")
    if facts.get("format") != FORMAT:
        raise ModelError(
            f"{path}: has the format {facts.get('format')!r}, this version of argmine reads {FORMAT}; train it again"
        )
    return meta


def _assembled(path: Path) -> Language:
    # spaCy's blank English pipeline with the folder's parts, which are arrays and JSON. Vocabulary and tokenizer are
    # spaCy's own: those in the folder are there for `spacy.load` alone, and a tokenizer from a file would bring regular
    # expressions along.
    components = folder.components_of(path)
    with without_torch():
        import spacy

    from argmine.model.components import scheme_of

    scheme = scheme_of(path)
    nlp = spacy.blank("en")
    for name, factory in components:
        nlp.add_pipe(factory, name=name).load(path / name, scheme)  # type: ignore[attr-defined]
    return nlp
