"""spaCy components that tag a Doc's sentences, say whose view each puts forward, and link its units.

All work on a Doc that `Model` made of a Paper, and on any English Doc: then its sentences are those that it has, else
those of spaCy's rule-based sentencizer, in one section and one paragraph.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, Self, TypeVar

import numpy as np
import srsly
from numpy.typing import NDArray
from pydantic import ValidationError
from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc, Span

from argmine.errors import ModelError
from argmine.model import sentence_context as of_doc
from argmine.model.decision import Decision, Switches
from argmine.model.decoder import LIMITS
from argmine.model.encoder import SentenceEncoder, explain_encoder
from argmine.model.folder import KEY_POINTS, TAGGER, NoWeights, check_digests, load_facts
from argmine.model.key_point_features import SeenPaper
from argmine.model.key_points import KeyPointModel
from argmine.model.linker import Linker
from argmine.model.pair_features import LinkUnit, several_label
from argmine.model.pair_networks import Seen
from argmine.model.sentence_context import Contexts, Link, Reason, SentenceContext, plain_contexts
from argmine.scheme import DEFAULT, Attribution, Scheme
from argmine.text import letters

if TYPE_CHECKING:
    from argmine.model.ngrams import GramLinker, Linear

SPANS = "argmine"
"""`doc.spans["argmine"]` holds the units, each with its label."""
SCHEME: Final = "scheme"
"""The field of meta.json's `argmine` that holds the scheme of a model that has other labels than the default's."""
NO_UNIT: Final = ""
"""The label of a sentence that is no unit where the scheme has none for it."""

# So that a Doc goes to bytes, into a DocBin with its user data, and between the processes of nlp.pipe.
srsly.msgpack_encoders("argmine", func=of_doc.pack)
srsly.msgpack_decoders("argmine", func=of_doc.unpack)


def register_attributes() -> None:
    """Make the attributes of Docs and their units' Spans known to spaCy. Doing it again changes nothing. A unit's
    `Span._.score`, `.attribution` and `.relations` are left to whoever has taken those names before."""
    for name in of_doc.ATTRIBUTES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)
    for name, getter in (("score", _score), ("attribution", _attribution), ("relations", _relations)):
        if not Span.has_extension(name):
            Span.set_extension(name, getter=getter)


@dataclass(frozen=True, slots=True)
class SpanRelation:
    """What a unit's span does for another unit's."""

    label: str
    target: Span
    score: float


def _score(span: Span) -> float | None:
    scores, at = span.doc._.get(of_doc.SCORES), _position(span)
    names = span.doc._.get(of_doc.NAMES) or ()
    if at is None or scores is None or span.label_ not in names:
        return None
    return float(scores[at, names.index(span.label_)])


def _attribution(span: Span) -> str | None:
    reported, at = span.doc._.get(of_doc.REPORTED), _position(span)
    if at is None or reported is None:
        return None
    return str(Attribution.REPORTED if reported[at, 1] else Attribution.OWN)


def _relations(span: Span) -> tuple[SpanRelation, ...]:
    at = _position(span)
    if at is None or span.label_ == "":
        return ()
    units = {_position(unit): unit for unit in span.doc.spans.get(SPANS, ())}
    links = span.doc._.get(of_doc.RELATIONS) or ()
    return tuple(SpanRelation(r.label, units[r.target], r.score) for r in links if r.source == at and r.target in units)


def _position(span: Span) -> int | None:
    # The position of the sentence in which a span starts.
    contexts = span.doc._.get(of_doc.CONTEXTS)
    if not contexts:
        return None
    at = bisect_right(contexts, span.start_char, key=lambda c: c.start) - 1
    # A unit's span grows to whole tokens, so that it may begin a few letters before its sentence.
    return max(at, 0) if span.end_char > contexts[max(at, 0)].start else None


def doc_contexts(doc: Doc) -> tuple[SentenceContext, ...]:
    """The sentences of a Doc in their places, worked out from the Doc alone where no Paper stands behind it."""
    contexts = doc._.get(of_doc.CONTEXTS)
    if contexts is None:
        if not doc.has_annotation("SENT_START"):
            doc = Sentencizer()(doc)
        spans = ((s.text.strip(), s.start_char, s.end_char) for s in doc.sents)
        contexts = plain_contexts([s for s in spans if s[0]])
        doc._.set(of_doc.CONTEXTS, contexts)
    return tuple(contexts)


def doc_features(doc: Doc) -> list[list[str]]:
    """The names of each sentence's features, worked out once a Doc."""
    found = doc._.get(of_doc.FEATURES)
    if found is None:
        from argmine.model.sentence_features import features

        found = features(doc_contexts(doc))
        doc._.set(of_doc.FEATURES, found)
    return list(found)


def set_labels(doc: Doc, decision: Decision | Switches, logits: NDArray[Any], scheme: Scheme) -> None:
    """Set `argmine_scores`, `argmine_labels`, with several labels a sentence `argmine_label_sets`, and the spans."""
    contexts = doc_contexts(doc)
    scores = decision.probabilities(logits)
    sets = decision.chosen(scores, scheme.labels)
    no_unit = scheme.none or NO_UNIT
    named = [dict(zip(scheme.labels, row, strict=True)) for row in scores]
    likeliest = [max(sorted(given), key=of.__getitem__, default=no_unit) for given, of in zip(sets, named, strict=True)]
    # A formula, a row of a table or a lone citation has no letters and says nothing.
    labels = tuple(label if letters(c.text) else no_unit for label, c in zip(likeliest, contexts, strict=True))
    doc._.set(of_doc.NAMES, scheme.labels)
    doc._.set(of_doc.SCORES, scores)
    doc._.set(of_doc.LABELS, labels)
    doc._.set(of_doc.LABEL_SETS, tuple(tuple(sorted(given)) for given in sets) if scheme.multi else None)
    units = (
        doc.char_span(c.start, c.end, label=label, alignment_mode="expand")
        for c, label in zip(contexts, labels, strict=True)
        if label != no_unit
    )
    doc.spans[SPANS] = [u for u in units if isinstance(u, Span)]


class _Saved(Protocol):
    def save(self, folder: Path) -> None: ...


Part = TypeVar("Part", bound=_Saved)


class _Component(ABC, Generic[Part]):
    """A component around one part of a model, which is None until it is trained or loaded, and the model's scheme."""

    def __init__(self, name: str) -> None:
        register_attributes()
        self.name = name
        self.scheme = DEFAULT
        self._model: Part | None = None

    @property
    def model(self) -> Part:
        """The part. Raises ModelError where there is none yet."""
        if self._model is None:
            raise NoWeights(self.name)
        return self._model

    @model.setter
    def model(self, model: Part) -> None:
        self._model = model

    def load(self, path: Path, scheme: Scheme) -> None:
        """Read the part's files of a folder. Raises ModelError where they can't be read or are of another scheme."""
        self.scheme = scheme
        self._model = self._loaded(path)

    @abstractmethod
    def _loaded(self, path: Path) -> Part:
        """The part that the folder's files make, with the component's scheme."""

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        self.model.save(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        """Read the files of a folder. Raises ModelError where they can't be read or aren't those of its model."""
        path = Path(path)
        check_digests(path.parent, f"{path.name}/")
        self.load(path, scheme_of(path.parent))
        return self


class Tagger(_Component["Linear"]):
    """Gives every sentence the probabilities of the scheme's labels and the label chosen."""

    def __call__(self, doc: Doc) -> Doc:
        """Set what `set_labels` sets."""
        set_labels(doc, self.model.decision, self.model.logits(doc_features(doc)), self.scheme)
        return doc

    def explain(self, contexts: Contexts, wanted: Mapping[int, str]) -> dict[int, list[Reason]]:
        """For each sentence of `wanted` (its position to its label) what moved that label's score most."""
        from argmine.model.sentence_features import explain

        return explain(self.model, contexts, wanted)

    def _loaded(self, path: Path) -> Linear:
        from argmine.model.ngrams import Linear

        made = Linear.load(path)
        _check_labels(path, self.scheme, made.classes, made.decision)
        return made


class Attributor(_Component["Linear"]):
    """Gives every sentence the probability that it puts forward the view of somebody else than the authors."""

    def __call__(self, doc: Doc) -> Doc:
        """Set `argmine_reported`."""
        scores = self.model.probabilities(doc_features(doc))
        doc._.set(of_doc.REPORTED, np.column_stack([scores[:, 1], self.model.decision.choose(scores)]))
        return doc

    def _loaded(self, path: Path) -> Linear:
        from argmine.model.ngrams import Linear

        return Linear.load(path)


class EncoderTagger(_Component[SentenceEncoder]):
    """Tagger and attribution in one: an encoder reads the sentences in their context (`argmine.model.encoder`)."""

    def __call__(self, doc: Doc) -> Doc:
        """Set what `set_labels` sets, `argmine_vectors`, and `argmine_reported` where the scheme has attribution."""
        logits, reported, vectors = self.model(doc_contexts(doc))
        set_labels(doc, self.model.labels, logits, self.scheme)
        if self.scheme.attribution:
            said = self.model.reported.probabilities(np.column_stack([np.zeros(len(reported)), reported]))
            doc._.set(of_doc.REPORTED, np.column_stack([said[:, 1], self.model.reported.choose(said)]))
        doc._.set(of_doc.VECTORS, vectors)
        return doc

    def explain(self, contexts: Contexts, wanted: Mapping[int, str]) -> dict[int, list[Reason]]:
        """For each sentence of `wanted` (its position to its label) what moved that label's score most."""
        return explain_encoder(self.model, contexts, wanted)

    def _loaded(self, path: Path) -> SentenceEncoder:
        made = SentenceEncoder.load(path)
        _check_labels(path, self.scheme, made.names, made.labels)
        return made


def seen_in(doc: Doc) -> Seen | None:
    """What an encoder before the linker made of the Doc's sentences; None where none was there."""
    vectors = doc._.get(of_doc.VECTORS) if Doc.has_extension(of_doc.VECTORS) else None
    return None if vectors is None else Seen(vectors, doc._.get(of_doc.SCORES))


class LinkerComponent(_Component["Linker | GramLinker"]):
    """Links the units that the tagger found. Stands behind the tagger and, where there is one, the attribution."""

    def __call__(self, doc: Doc) -> Doc:
        """Set `argmine_relations`, whose ends are positions of sentences."""
        labels, sets, reported = (doc._.get(name) for name in (of_doc.LABELS, of_doc.LABEL_SETS, of_doc.REPORTED))
        if labels is None:
            raise ModelError(f"the component {self.name} needs argmine_tagger before it in the pipeline")
        others = np.zeros(len(labels), dtype=np.bool_) if reported is None else reported[:, 1] > 0
        units = [
            LinkUnit(i, label if sets is None else several_label(sets[i]), bool(others[i]))
            for i, label in enumerate(labels)
            if label != (self.scheme.none or NO_UNIT)
        ]
        found = self.model.links(units, doc._.get(of_doc.CONTEXTS), seen_in(doc))
        links = tuple(Link(units[r.source].at, units[r.target].at, r.label, r.score) for r in found)
        doc._.set(of_doc.RELATIONS, links)
        return doc

    def _loaded(self, path: Path) -> Linker | GramLinker:
        if not (path / LIMITS).is_file():
            return Linker.load(path)
        from argmine.model.ngrams import GramLinker

        return GramLinker.load(path, self.scheme)


def seen_paper(doc: Doc) -> SeenPaper:
    """What the components before left of a paper. Raises ModelError where no tagger was among them."""
    scores, reported = doc._.get(of_doc.SCORES), doc._.get(of_doc.REPORTED)
    if scores is None:
        raise ModelError(f"the component {KEY_POINTS} needs {TAGGER} before it in the pipeline")
    others = np.zeros(len(scores)) if reported is None else reported[:, 0]
    links = doc._.get(of_doc.RELATIONS) or ()
    return SeenPaper(doc._.get(of_doc.TITLE) or "", doc_contexts(doc), scores, others, links, doc._.get(of_doc.VECTORS))


class KeyPoints(_Component[KeyPointModel]):
    """Chooses what stands for the paper on its first screen. Stands behind tagger and linker."""

    def __call__(self, doc: Doc) -> Doc:
        """Set `argmine_key_points`."""
        chosen = self.model.chosen(seen_paper(doc), doc._.get(of_doc.SPOKEN))
        doc._.set(of_doc.KEY_POINTS, {**chosen.places, "answers": chosen.answers, "voices": chosen.voices})
        return doc

    def _loaded(self, path: Path) -> KeyPointModel:
        return KeyPointModel.load(path)


def _check_labels(path: Path, scheme: Scheme, names: tuple[str, ...], decision: Decision | Switches) -> None:
    if names != scheme.labels or isinstance(decision, Switches) != scheme.multi:
        raise ModelError(f"{path}: knows other labels than the model's scheme; train or install the model again")


def scheme_of(folder: Path) -> Scheme:
    """The scheme of the model in a folder, as its meta.json says: the annotation scheme where it names none. Raises
    ModelError where it is garbled."""
    facts = load_facts(folder / "meta.json").get("argmine") if (folder / "meta.json").is_file() else None
    given = facts.get(SCHEME) if isinstance(facts, dict) else None
    try:
        return DEFAULT if given is None else Scheme.model_validate(given)
    except ValidationError as why:
        first = why.errors()[0]["msg"]
        raise ModelError(f"{folder / 'meta.json'}: its scheme is garbled ({first}); train the model again") from why


def _on_doc(*names: str) -> list[str]:
    return [f"doc._.{name}" for name in names]


@Language.factory("argmine_tagger", assigns=["doc.spans", *_on_doc(of_doc.SCORES, of_doc.LABELS), "span._.score"])
def make_tagger(nlp: Language, name: str) -> Tagger:
    return Tagger(name)


@Language.factory("argmine_attribution", assigns=[*_on_doc(of_doc.REPORTED), "span._.attribution"])
def make_attribution(nlp: Language, name: str) -> Attributor:
    return Attributor(name)


_READ = _on_doc(of_doc.SCORES, of_doc.LABELS, of_doc.REPORTED, of_doc.VECTORS)


@Language.factory("argmine_encoder", assigns=["doc.spans", *_READ, "span._.score", "span._.attribution"])
def make_encoder(nlp: Language, name: str) -> EncoderTagger:
    return EncoderTagger(name)


_LINKS = [*_on_doc(of_doc.RELATIONS), "span._.relations"]


@Language.factory("argmine_linker", requires=["doc.spans", *_on_doc(of_doc.LABELS)], assigns=_LINKS)
def make_linker(nlp: Language, name: str) -> LinkerComponent:
    return LinkerComponent(name)


@Language.factory("argmine_key_points", requires=_on_doc(of_doc.SCORES), assigns=_on_doc(of_doc.KEY_POINTS))
def make_key_points(nlp: Language, name: str) -> KeyPoints:
    return KeyPoints(name)
