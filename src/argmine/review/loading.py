"""Opens what a user names: the paper, its folder of annotations, its scheme, suggestions and readings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from argmine.annotation.files import Header, PaperInfo, read_annotations
from argmine.argument_map import ArgumentMap, PaperRef
from argmine.errors import AnnotationError, FormatError, ModelError, UsageError
from argmine.inputs import name_inputs
from argmine.readers import DEFAULTS, ReadOptions
from argmine.readers.isolated import read_paper
from argmine.review.decisions import AGREED
from argmine.review.journal import JOURNAL, journal_scheme
from argmine.review.readings import load
from argmine.review.state import Text
from argmine.review.suggestions import Proposal, agreed, suggestions
from argmine.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from argmine.model.model import Model

_NAME: Final = re.compile(r"\w[\w. -]{0,59}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper to review, the name of its annotations' folder, and the map that lies beside it."""

    text: Text
    slug: str
    map: ArgumentMap | None

    def by_scheme_of(self, files: Iterable[Path], model: Path | None = None) -> Opened:
        """The same, to be labelled as the first of the annotation files that can be read.

        Where there is none it is labelled as the named model labels, or else the map beside it.
        Raises UsageError for a scheme by which a sentence has any number of labels, ModelError for a named model that
        can't be loaded.
        """
        scheme = self.map.labels if self.map else DEFAULT
        if (known := next(filter(None, map(_scheme_in, files)), None)) is not None:
            scheme = known
        elif model is not None and (named := _load_model(model)[0]) is not None:
            scheme = named.scheme
        if scheme.multi:
            raise UsageError("a sentence has any number of labels in this scheme, and the review page gives it one")
        return replace(self, text=replace(self.text, scheme=scheme))


def open_paper(path: Path, options: ReadOptions = DEFAULTS) -> Opened:
    """Read PAPER: a file of any kind that is read, a paper.json, or a mined folder. Raises ReadError or FormatError for
    what can't be read, UsageError for a paper without sentences."""
    if path.is_dir():
        if not (path / "paper.json").is_file():
            raise UsageError(f"{path}: is a folder without a paper.json; give a paper or a folder that mine made")
        path = path / "paper.json"
    paper = read_paper(path, options)
    if not paper.sentences:
        raise UsageError(f"{path}: has no body sentences to label")
    beside = path.with_name("map.json")
    amap = ArgumentMap.from_file(beside) if path.name == "paper.json" and beside.is_file() else None
    if amap is not None and amap.paper.text_sha256 == PaperRef.of(paper).text_sha256 and amap.made_by.kind == "model":
        try:
            amap.check_against(paper)
        except ValueError as why:
            raise FormatError(beside, f"{why}; mine the paper again") from why
    else:
        amap = None
    return Opened(Text.of(paper), name_inputs([path])[0].stem, amap)


def _scheme_in(path: Path) -> Scheme | None:
    try:
        return read_annotations(path).labels
    except AnnotationError:
        return journal_scheme(path.with_suffix(JOURNAL))


def annotation_folder(annotations: Path, slug: str) -> Path:
    """Where a paper's annotations are: DIR/<slug>, or DIR/published/<slug> where that is there alone."""
    if annotations.exists() and not annotations.is_dir():
        raise UsageError(f"{annotations}: is no folder")
    published = annotations / "published" / slug
    return published if published.is_dir() and not (annotations / slug).is_dir() else annotations / slug


def check_name(annotator: str) -> None:
    if not _NAME.fullmatch(annotator) or annotator.endswith((".", " ")):
        raise UsageError(f"--annotator {annotator!r}: a name is made of letters, digits, hyphens and dots")


def new_header(text: Text, annotator: str, *, licence: str | None = None, **more: Any) -> Header:
    """The header of a new independent reading, blind until suggestions are shown; `more` are fields that differ."""
    fields = {
        "paper": PaperInfo(title=text.paper.title, doi=text.paper.doi, licence=licence),
        "role": "independent",
        "mode": "blind",
        "date": date.today().isoformat(),
        "letters_sha256": text.digest,
        "scheme": None if text.scheme == DEFAULT else text.scheme,
    }
    return Header(annotator=annotator, **(fields | more))


def suggest(
    opened: Opened, model: Path | None = None, *, any_language: bool = False
) -> tuple[Proposal | None, list[str]]:
    """The suggestions for a paper and what the annotator should know of them. Raises ModelError for a named model that
    can't be loaded or has other labels than the annotations."""
    known = opened.text.scheme.vocabulary
    language = opened.text.paper.language
    if language not in {None, "en"} and not any_language and opened.map is None:
        return None, [f"no suggestions: the model knows English, and this paper is in another language ({language})"]
    amap = opened.map if model is None else None
    if amap is not None and amap.labels.vocabulary != known:
        return None, ["no suggestions: the map beside the paper has other labels than its annotations"]
    if amap is not None and amap.made_by.sha256 != _digest_of_default():
        return suggestions(opened.text, amap, None), []
    loaded, why = _load_model(model)
    if loaded is not None and loaded.scheme.vocabulary != known:
        loaded, why = None, "the model has other labels than the paper's annotations"
        if model is not None:
            raise ModelError(f"{model}: {why}; use --blind, or another --annotations")
    notes = [f"no suggestions: {why}"] if why and amap is None else []
    if loaded is not None and loaded.trained_on(opened.text.paper):
        notes.append("the model was trained on this paper, so it seems surer and better here than elsewhere")
    return suggestions(opened.text, amap, loaded), notes


def _load_model(path: Path | None) -> tuple[Model | None, str]:
    """The model that makes suggestions, or why there is none. Raises ModelError for one that was named."""
    from argmine.model.model import Model

    try:
        return Model.load(path), ""
    except ModelError as why:
        if path is not None:
            raise
        return None, str(why)


def _digest_of_default() -> str | None:
    from argmine.model.model import find_model

    try:
        return sha256((find_model() / "meta.json").read_bytes()).hexdigest()
    except (ModelError, OSError):
        return None


def readings_to_decide(folder: Path, names: list[str], annotator: str) -> list[Path]:
    """The two files that an adjudicator decides between: the named ones, else the two readings in the folder."""
    if names:
        if len(names) != 2:
            raise UsageError("give two readings, or none where the folder holds just two")
        paths = [Path(n) if Path(n).suffix == ".jsonl" else folder / f"{n}.jsonl" for n in names]
    else:
        others = [path for path in sorted(folder.glob("*.jsonl")) if path.stem != annotator]
        files = {path: read_annotations(path) for path in others}
        independent = {p: file for p, file in files.items() if file.header.role == "independent"}
        paths = [p for p, file in independent.items() if file.labels_sentences]
        if not paths:
            paths = [p for p, file in independent.items() if file.points]
        if len(paths) != 2:
            found = ", ".join(p.stem for p in paths) or "none"
            raise UsageError(f"{folder}: holds not just two independent readings ({found}); name the two")
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: does not exist")
        if path.resolve() == (folder / f"{annotator}.jsonl").resolve():
            raise UsageError(f"--annotator {annotator}: is one of the two readings; give the result another name")
    if paths[0].resolve() == paths[1].resolve():
        raise UsageError("give two different readings")
    return paths


def adjudication(text: Text, paths: list[Path]) -> tuple[list[Proposal], Header]:
    """Both readings and what they agree on, and the header's facts that follow from them. Raises AnnotationError for a
    reading by another scheme, or whose sentences don't stand in the paper."""
    files = [read_annotations(path) for path in paths]
    voices: list[Proposal] = []
    for path, file in zip(paths, files, strict=True):
        if file.labels.vocabulary != text.scheme.vocabulary:
            raise AnnotationError(path, f"is annotated by another scheme than {paths[0].name}")
        loaded = load(file, text)
        if len(loaded.missing) * 2 > len(file.sentences):
            raise AnnotationError(path, "is about another paper: most of its sentences don't stand in this one")
        if loaded.missing or loaded.lost:
            lost = f"{len(loaded.missing)} of its sentences don't stand in this text"
            if not loaded.missing:
                lost = f"{len(loaded.lost)} of its key points, answers and voices don't stand in this text"
            raise AnnotationError(path, f"{lost}; argmine migrate carries it over")
        name = file.header.annotator
        if name == AGREED or name in {voice.name for voice in voices}:
            name = f"{path.stem} ({len(voices) + 1})"
        voices.append(Proposal(name, "reader", loaded.state, digest=sha256(path.read_bytes()).hexdigest()))
    alike = Proposal(AGREED, "reader", agreed(voices[0].state, voices[1].state, text.scheme.none))
    mode = "assisted" if any(file.header.mode == "assisted" for file in files) else "blind"
    parents = tuple(voice.digest for voice in voices)
    header = new_header(text, "", paper=files[0].header.paper, role="adjudicated", mode=mode, parents=parents)
    return [*voices, alike], header
