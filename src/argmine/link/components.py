"""The spaCy component that links a tagged Doc's units."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from argmine import document
from argmine.document import Link
from argmine.errors import ModelError
from argmine.labels import NONE
from argmine.link.features import LinkUnit
from argmine.link.linker import Linker
from argmine.link.pairs import Seen
from argmine.weights import NoWeights, check_digests


def seen_in(doc: Doc) -> Seen | None:
    """What an encoder before the linker made of the Doc's sentences; None where none was there."""
    vectors = doc._.get(document.VECTORS) if Doc.has_extension(document.VECTORS) else None
    return None if vectors is None else Seen(vectors, doc._.get(document.SCORES))


class LinkerComponent:
    """Links the units that the tagger found. Stands behind the tagger and, where there is one, the attribution."""

    def __init__(self, name: str) -> None:
        if not Doc.has_extension(document.RELATIONS):
            Doc.set_extension(document.RELATIONS, default=None)
        self.name = name
        self._model: Linker | None = None

    @property
    def model(self) -> Linker:
        """The linker. Raises ModelError where there is none yet."""
        if self._model is None:
            raise NoWeights(self.name)
        return self._model

    @model.setter
    def model(self, model: Linker) -> None:
        self._model = model

    def __call__(self, doc: Doc) -> Doc:
        """Set `argmine_relations`, whose ends are positions of sentences."""
        labels = doc._.get(document.LABELS)
        if labels is None:
            raise ModelError(f"the component {self.name} needs argmine_tagger before it in the pipeline")
        reported = doc._.get(document.REPORTED)
        units = [
            LinkUnit(i, label, reported is not None and bool(reported[i, 1]))
            for i, label in enumerate(labels)
            if label != NONE
        ]
        found = self.model.links(units, doc._.get(document.CONTEXTS), seen_in(doc))
        links = tuple(Link(units[r.source].at, units[r.target].at, r.label, r.score) for r in found)
        doc._.set(document.RELATIONS, links)
        return doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the weights into a folder."""
        self.model.save(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> LinkerComponent:
        """Read the weights of a folder. Raises ModelError where they can't be read or aren't those of its model."""
        path = Path(path)
        check_digests(path.parent, f"{path.name}/")
        self._model = Linker.load(path)
        return self


@Language.factory("argmine_linker")
def make_linker(nlp: Language, name: str) -> LinkerComponent:
    """The factory behind the entry point `argmine_linker`."""
    return LinkerComponent(name)
