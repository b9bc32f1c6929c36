"""Maps that lie on disk, made into pages again: of one, or of how two differ; with their paper's text, or without."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from argmine.argument_map import Answer, ArgumentMap, KeyPoint, MapKeyPoints, PaperRef, Unit
from argmine.errors import AnnotationError, ArgmineError, FormatError, ModelError
from argmine.io import JsonError, load_json, read_regular
from argmine.model.sentence_context import Reason
from argmine.paper import PAPER_SCHEMA, Block, Paper, Sentence, Source
from argmine.readers.isolated import load_paper
from argmine.render.diff import MapDiff, diff_maps
from argmine.render.diffpage import diff_html
from argmine.render.page import map_html

_LONGEST: Final = 50_000_000  # characters of a text that is patched together from units; none stands beyond in a paper


@dataclass(frozen=True, slots=True)
class Opened:
    """A map and what it can be shown on. `saved` is the map as it lies on disk; `note` says what is missing.

    `reasons` say by unit's id why it has its label; where there are none, `unexplained` says why not.
    """

    paper: Paper
    amap: ArgumentMap
    saved: ArgumentMap
    note: str | None = None
    reasons: Mapping[str, Sequence[Reason]] = field(default_factory=dict)
    unexplained: str = ""

    def html(self) -> str:
        return map_html(
            self.paper,
            self.amap,
            notes=[self.note] if self.note else [],
            reasons=self.reasons,
            unexplained=self.unexplained,
            saved=self.saved,
        )


def reopen(path: Path) -> Opened:
    """The map in a file or folder, ready to be shown.

    A folder stands for its map.json, a paper.json for the map.json beside it. Files of other formats are imported
    (xAIF, AIF and what else `argmine.formats` reads); those without the source text are shown by their units alone.
    Raises FormatError with one line for what is no map.
    """
    if path.is_dir():
        path = path / "map.json"
    schema = _schema(path)
    if schema == PAPER_SCHEMA:
        beside = path.with_name("map.json")
        if not beside.is_file():
            raise FormatError(path, "is a paper without a map beside it; make one with argmine mine")
        path, schema = beside, _schema(beside)
    if schema.startswith("argmine/map/"):
        return _open_map(ArgumentMap.from_file(path), path.with_name("paper.json"))
    from argmine.formats import read_map

    found = read_map(path)
    losses = found.report.lines()
    note = "Not everything could be taken over: " + "; ".join(losses[:3]) + "." if losses else None
    return alone(found.map, note) if found.paper is None else Opened(found.paper, found.map, found.map, note)


def explained(opened: Opened, model: Path | None = None) -> Opened:
    """The same with the reasons for each label, where the model that made the map is at hand, else with why not.

    Looked for is the model in the folder `model`, in this user's models/local, and the shipped one: it must be the very
    one, by its sha256. Raises ModelError where `model` is no model's folder.
    """
    from argmine.model.model import Model, name_digest

    def without(why: str) -> Opened:
        return replace(opened, unexplained=f"The reasons can't be told{why}")

    by = opened.saved.made_by
    if by.kind != "model":
        return opened  # a person's reasons stand in the notes
    sentences = {s.id for s in opened.paper.sentences}
    if opened.paper.source.reader == "none" or not {u.sentence for u in opened.amap.units} <= sentences:
        return without(" without the paper's text.")
    if by.sha256 is None:
        return without(": the map doesn't say which model made it.")
    for same in _models(model):
        with suppress(ModelError):
            if name_digest(same) == by.sha256:
                break
    else:
        named = f"{by.name} {by.version}" if by.version else by.name
        made = f"the model that made this map ({named}, sha256 {by.sha256[:8]}…)"
        return without(f": {made} is not here; give its folder with --model.")
    try:
        reasons = Model.load(same).reasons(opened.paper, opened.amap)
    except ModelError as why:
        if model is not None:
            raise
        return without(f": {why}")
    return replace(opened, reasons=reasons, unexplained="" if reasons else "This model's tagger can't tell reasons.")


def _models(given: Path | None) -> Iterator[Path]:
    """The folders of the models at hand."""
    from argmine.model.folder import LOCAL, local_model
    from argmine.model.model import find_model, shipped_model

    if given is not None:
        yield find_model(given)
        return
    if local_model().own:
        yield LOCAL
    with suppress(ModelError):
        yield shipped_model()


def reopen_pair(before: Path, after: Path, papers: Sequence[Path] = ()) -> tuple[Opened, Opened]:
    """Two maps to be compared: files and folders as `reopen` takes them, or annotation files (.jsonl).

    An annotation is laid over the paper of the other where that has one, else over its paper among those in `papers`
    (files and folders). Raises what `reopen` raises, AnnotationError where an annotation's paper is not there.
    """
    opened = {path: reopen(path) for path in (before, after) if path.suffix != ".jsonl"}
    beside = [one.paper for one in opened.values()]
    one, two = (opened.get(path) or _annotated(path, beside, papers) for path in (before, after))
    return one, two


def _annotated(path: Path, beside: Sequence[Paper], places: Sequence[Path]) -> Opened:
    from argmine.annotation.gold_dataset import load_gold
    from argmine.readers.isolated import papers_at

    gold, report = load_gold([path], beside or papers_at(places), every_reading=False)
    if not gold:
        raise AnnotationError(path, "is about a paper that isn't here; give the paper's file or folder with --papers")
    lost = report.sentences - report.resolved
    note = f"{lost} of the {report.sentences} annotated sentences of {path.name} were not found in the text."
    return Opened(gold[0].paper, gold[0].map, gold[0].map, note if lost else None)


def _schema(path: Path) -> str:
    try:
        data = load_json(read_regular(path))
    except OSError as why:
        raise FormatError(path, f"cannot be opened ({why.strerror}); give a map.json or its folder") from why
    except JsonError:
        return ""
    return str(data.get("schema", "")) if isinstance(data, dict) else ""


def _open_map(amap: ArgumentMap, beside: Path) -> Opened:
    """A map with the paper.json `beside` it, or its units alone where that can't be used; then the note says why."""
    why = "there is no paper.json beside it"
    if beside.is_file():
        try:
            paper = load_paper(beside)
        except ArgmineError as error:
            why = str(error)
        else:
            if _fits(amap, paper):
                return Opened(paper, amap, amap)
            why = "the paper.json beside it is of another text"
    return alone(amap, f"The paper's text is not here ({why}), so only the units of the map are shown.")


def alone(amap: ArgumentMap, note: str | None = None) -> Opened:
    """A map shown without its paper: each unit, and each key point on none, is a paragraph of a stand-in for the text.
    What stands between them is not known, and so no voice is."""
    text = ""
    units, blocks, sentences = [], [], []
    bare = {p.sentence: p for p in amap.all_points if amap.unit_on(p) is None}
    moved: dict[str, dict[str, Any]] = {}
    for n, part in enumerate(sorted((*amap.units, *bare.values()), key=lambda part: part.start)):
        said = unicodedata.normalize("NFC", part.text)
        start, end = len(text), len(text) + len(said)
        text += said + "\n\n"
        place = {"start": start, "end": end}
        blocks.append(Block(id=f"b{n}", type="paragraph", **place))
        sentences.append(Sentence(id=f"t{n}", block=f"b{n}", page=part.page, **place))
        if isinstance(part, Unit):
            units.append(part.model_copy(update={"text": said, "section": None, **place}))
        moved[part.id if isinstance(part, Unit) else part.sentence] = {"text": said, **place}

    def move(point: KeyPoint | Answer) -> KeyPoint | Answer:
        unit = amap.unit_on(point)
        return point.model_copy(update=moved[unit.id if unit is not None else point.sentence])

    points = amap.key_points
    lists = {name: tuple(map(move, getattr(points, name))) for name in MapKeyPoints.model_fields} if points else {}
    shown = {"units": tuple(units), "voices": (), "key_points": points and points.model_copy(update=lists)}
    paper = _stand_in(amap.paper, unicodedata.normalize("NFC", text), blocks, sentences)
    return Opened(paper, amap.model_copy(update=shown), amap, note)


def _stand_in(about: PaperRef, text: str, blocks: Sequence[Block], sentences: Sequence[Sentence] = ()) -> Paper:
    source = Source(file=about.file, sha256=about.sha256, media_type="application/octet-stream", reader="none")
    return Paper(source=source, title=about.title, text=text, blocks=tuple(blocks), sentences=tuple(sentences))


def _fits(amap: ArgumentMap, paper: Paper, *, whole: bool = False) -> bool:
    """Whether a map's units stand in a paper's text; with `whole` or without units, whether it is of this very text."""
    try:
        amap.check_against(paper)
    except ValueError:
        return False
    same = amap.paper.text_sha256 == sha256(paper.text.encode()).hexdigest()
    return same or (bool(amap.units) and not whole)


@dataclass(frozen=True, slots=True)
class Compared:
    """A diff and the text that it is shown on; `notes` say what is missing."""

    diff: MapDiff
    paper: Paper
    notes: tuple[str, ...] = ()

    def html(self) -> str:
        return diff_html(self.diff, self.paper, notes=self.notes)


def compare_opened(before: Opened, after: Opened) -> Compared:
    """Lay two opened maps over each other, on the text of whichever came with its paper. Raises ValueError where they
    are of different texts, or where neither text is here and the maps contradict."""
    for opened in (before, after):
        paper = opened.paper
        if _fits(before.saved, paper, whole=True) and _fits(after.saved, paper, whole=True):
            notes = [o.note for o in (before, after) if o.note and _fits(o.saved, o.paper, whole=True)]
            return Compared(diff_maps(before.saved, after.saved, sentences=len(paper.sentences)), paper, tuple(notes))
    diff = diff_maps(before.saved, after.saved)
    note = "The paper's text is not here (no paper.json beside either map), so only the maps' units are shown."
    return Compared(diff, _patched(diff), (note,))


def _patched(diff: MapDiff) -> Paper:
    """A stand-in for the paper that has the units of both maps at their places and nothing between them."""
    units = sorted((*diff.before.units, *diff.after.units), key=lambda u: (u.start, u.end))
    stretches: list[tuple[int, int]] = []
    text: list[str] = []
    length = 0
    for unit in units:
        if unit.end - unit.start != len(unit.text) or unit.end > _LONGEST:
            raise ValueError(f"unit {unit.id} does not hold the text of its place")
        if stretches and unit.start < length:
            stretches[-1] = (stretches[-1][0], max(length, unit.end))
        else:
            text.append("\n" * (unit.start - length))
            length = unit.start
            stretches.append((unit.start, unit.end))
        text.append(unit.text[length - unit.start :] if unit.end > length else "")
        length = max(length, unit.end)
    whole = "".join(text)
    if not unicodedata.is_normalized("NFC", whole):
        raise ValueError("the units' texts are not in Unicode normal form C")
    blocks = [Block(id=f"b{n}", type="paragraph", start=a, end=z) for n, (a, z) in enumerate(stretches)]
    return _stand_in(diff.after.paper, whole, blocks)
