"""Annotation files: one JSON object a line, each with its `type`; the header first.

`text` stands only in files for papers that may be shipped; stand-off files for published papers have none and are
resolved by their anchors when the user has the paper. The header holds the scheme of the labels where that is not the
annotation scheme.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import jsonlines
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from argmine.anchors import Anchor
from argmine.argument_map import support_cycle
from argmine.errors import AnnotationError, UsageError
from argmine.io import JsonError, load_json, open_regular, write_atomically
from argmine.paper import Frozen, first_fault
from argmine.scheme import DEFAULT, Attribution, Name, Scheme

ANNOTATION_SCHEMA: Final = "argmine/annotation/1"
_KEPT: Final = frozenset({"type", "label", "attribution"})
MAX_LINE: Final = 1 << 20
"""The longest line of an annotation file that is read, in bytes: a hundred times what the longest sentence takes."""


def _folder_name(name: str) -> str:
    if not name.strip(" .") or name.startswith(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name):
        raise ValueError("is no name that a folder can have")
    return name


FolderName = Annotated[str, AfterValidator(_folder_name)]
"""A name from a file that a folder or file is called by: never a path, so that nothing is written or read elsewhere."""


class PaperInfo(Frozen):
    """Which paper was annotated, for people and for finding it."""

    title: str = ""
    doi: str | None = None
    licence: str | None = None


class Header(Frozen):
    """The first line: who annotated what, how, and from which files an adjudicated one was made.

    `scheme` is None where the labels are the annotation scheme's; `labels` gives the scheme in both cases.
    """

    type: Literal["header"] = "header"
    schema_: Literal["argmine/annotation/1"] = Field(default=ANNOTATION_SCHEMA, alias="schema")
    paper: PaperInfo
    annotator: str
    role: Literal["independent", "adjudicated"]
    mode: Literal["blind", "assisted"]
    date: str | None = None
    parents: tuple[str, ...] = ()
    letters_sha256: str | None = None
    scheme: Scheme | None = None

    @cached_property
    def labels(self) -> Scheme:
        return self.scheme or DEFAULT


class SentenceLine(Frozen):
    """A sentence that was looked at; its label may be that of no unit."""

    type: Literal["sentence"] = "sentence"
    n: int
    anchor: Anchor
    label: Name
    attribution: Attribution = Attribution.OWN
    unsure: bool = False
    note: str | None = None
    text: str | None = None

    @property
    def name(self) -> str:
        return str(self.n)


class UnitLine(Frozen):
    """A further unit of a split sentence: its part ("b", "c", …) with an anchor of its own."""

    type: Literal["unit"] = "unit"
    sentence: int
    part: str = Field(pattern="^[b-z][a-z]?$")
    anchor: Anchor
    label: Name
    attribution: Attribution = Attribution.OWN
    unsure: bool = False
    note: str | None = None
    text: str | None = None

    @property
    def name(self) -> str:
        """How relations name it: "17b"."""
        return f"{self.sentence}{self.part}"


class RelationLine(Frozen):
    """A relation between two units, named by sentence number and part: "17", "17b"."""

    type: Literal["relation"] = "relation"
    source: str
    target: str
    label: Name


class FixLine(Frozen):
    """A correction of the reading: sentences to merge, to split, or that are not body text."""

    type: Literal["fix"] = "fix"
    fix: Literal["merge", "split", "not_body"]
    sentences: tuple[int, ...]


class AnchorLine(Frozen):
    """Where a sentence stands that a key point, answer or voice names and that nobody labelled."""

    type: Literal["anchor"] = "anchor"
    n: int
    anchor: Anchor

    @property
    def name(self) -> str:
        """How other lines name it: "17"."""
        return str(self.n)


class _Chosen(Frozen, ABC):
    """A line that was written with the whole paper read."""

    type: str

    @property
    def what(self) -> str:
        """What it is, in words."""
        return self.type.replace("_", " ")

    @property
    @abstractmethod
    def names(self) -> tuple[int, ...]:
        """The sentences that it speaks of."""


class KeyPointLine(_Chosen):
    """A sentence for a place of the first screen: of grade 2 among the best there, of 1 acceptable."""

    type: Literal["key_point"] = "key_point"
    place: Name
    sentence: int
    grade: Literal[1, 2]

    @property
    def names(self) -> tuple[int, ...]:
        return (self.sentence,)


class AnswerLine(_Chosen):
    """The sentence that says best what the paper puts forward against a problem; None where it has nothing."""

    type: Literal["answer"] = "answer"
    problem: int
    sentence: int | None

    @property
    def names(self) -> tuple[int, ...]:
        return (self.problem,) if self.sentence is None else (self.problem, self.sentence)


class VoiceLine(_Chosen):
    """A run of sentences, first and last, in which not the author speaks, and who does."""

    type: Literal["voice"] = "voice"
    sentences: tuple[int, int]
    whose: str

    @property
    def names(self) -> tuple[int, ...]:
        return self.sentences


PointLine = KeyPointLine | AnswerLine | VoiceLine
"""What was chosen with the whole paper read."""
AnyLine = Header | SentenceLine | UnitLine | RelationLine | FixLine | PointLine | AnchorLine
_LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="type")])


_PARTS: Final = {
    "sentences": SentenceLine,
    "units": UnitLine,
    "relations": RelationLine,
    "fixes": FixLine,
    "key_points": KeyPointLine,
    "answers": AnswerLine,
    "voices": VoiceLine,
    "anchors": AnchorLine,
}
"""The lines after the header, by their kind, in the order in which a file has them."""


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """One annotator's reading of one paper."""

    slug: str
    header: Header
    sentences: tuple[SentenceLine, ...]
    units: tuple[UnitLine, ...] = ()
    relations: tuple[RelationLine, ...] = ()
    fixes: tuple[FixLine, ...] = ()
    key_points: tuple[KeyPointLine, ...] = ()
    answers: tuple[AnswerLine, ...] = ()
    voices: tuple[VoiceLine, ...] = ()
    anchors: tuple[AnchorLine, ...] = ()

    @property
    def labels(self) -> Scheme:
        return self.header.labels

    @property
    def points(self) -> tuple[PointLine, ...]:
        """What was chosen with the whole paper read: key points, answers and voices."""
        return (*self.key_points, *self.answers, *self.voices)

    @property
    def numbered(self) -> list[SentenceLine | AnchorLine]:
        """The lines that number a sentence, in the order of the text."""
        return sorted([*self.sentences, *self.anchors], key=lambda line: line.anchor.at)

    @property
    def labels_sentences(self) -> bool:
        """Whether it says anything of labels: a reading for key points alone does not."""
        return bool(self.sentences or self.units or self.fixes)

    @property
    def parts(self) -> Mapping[int, Sequence[UnitLine]]:
        found: dict[int, list[UnitLine]] = {}
        for unit in self.units:
            found.setdefault(unit.sentence, []).append(unit)
        return found

    def lines(self) -> Iterator[dict[str, Any]]:
        """The file's lines in order, as plain data without the fields that hold their default."""
        body: Iterator[AnyLine] = (line for part in _PARTS for line in getattr(self, part))
        for line in (self.header, *body):
            data = line.model_dump(mode="json", by_alias=True, exclude_defaults=not isinstance(line, Header))
            data["type"] = line.type
            if isinstance(line, SentenceLine | UnitLine) and line.label != self.labels.none:
                data["attribution"] = line.attribution.value
            keep = _KEPT | ({"sentence"} if isinstance(line, AnswerLine) else set())
            yield {k: v for k, v in data.items() if v is not None or k in keep}

    def write(self, path: Path) -> None:
        """Write the file atomically. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.StringIO()
        jsonlines.Writer(out, compact=True).write_all(self.lines())
        write_atomically(path, out.getvalue())


@dataclass(frozen=True, slots=True)
class Scan:
    """An annotation file line by line: what was read, with line numbers, and an error for each line that is wrong."""

    path: Path
    lines: tuple[tuple[int, AnyLine], ...]
    errors: tuple[AnnotationError, ...]

    @property
    def header(self) -> Header | None:
        first = self.lines[0][1] if self.lines else None
        return first if isinstance(first, Header) else None

    @property
    def labels(self) -> Scheme:
        return self.header.labels if self.header else DEFAULT

    def good(self, header: Header) -> AnnotationFile:
        wrong = {e.line for e in self.errors}
        body = [line for number, line in self.lines[1:] if number not in wrong]
        parts: dict[str, Any] = {name: tuple(x for x in body if isinstance(x, kind)) for name, kind in _PARTS.items()}
        return AnnotationFile(self.path.parent.name, header, **parts)


def scan_annotations(path: Path) -> Scan:
    """Read each line for itself. Raises AnnotationError where the file can't be opened."""
    lines: list[tuple[int, AnyLine]] = []
    errors: list[AnnotationError] = []
    scheme = DEFAULT
    try:
        for number, raw in bounded_lines(path):
            try:
                if raw is None:
                    raise AnnotationError(path, f"is longer than {MAX_LINE >> 20} MiB; remove the line", line=number)
                if raw.strip():
                    line = _parse(path, number, raw, scheme)
                    if isinstance(line, Header) and not lines:
                        scheme = line.labels
                    lines.append((number, line))
            except AnnotationError as why:
                errors.append(why)
    except OSError as why:
        raise AnnotationError(path, f"cannot be opened ({why.strerror})") from why
    errors += _structure(path, lines)
    return Scan(path, tuple(lines), tuple(sorted(errors, key=lambda e: e.line or 0)))


def read_annotations(path: Path) -> AnnotationFile:
    """Read an annotation file. The slug is its folder's name.

    Raises AnnotationError with the line for what is not JSON, has no or another header, or does not hold to the form.
    """
    file, errors = read_good(path)
    if errors:
        raise errors[0]
    return file


def read_good(path: Path) -> tuple[AnnotationFile, list[AnnotationError]]:
    """What is good of an annotation file, and an error for each line that is left out.

    Raises AnnotationError where the file can't be opened or has no header: then nobody knows what it is about.
    """
    scan = scan_annotations(path)
    if scan.header is None:
        raise next((e for e in scan.errors if e.line == 1), AnnotationError(path, _NO_HEADER, line=1))
    return scan.good(scan.header), list(scan.errors)


def annotation_paths(place: Path) -> list[Path]:
    """The annotation files in a folder, searched to the bottom, or the file itself; hidden files are passed over.

    Raises UsageError where the place does not exist.
    """
    if place.is_dir():
        found = sorted(place.rglob("*.jsonl"))
        return [p for p in found if not any(part.startswith(".") for part in p.relative_to(place).parts)]
    if not place.exists():
        raise UsageError(f"{place}: does not exist; check the name")
    return [place]


_NO_HEADER: Final = "does not begin with a header line of an annotation file"


def bounded_lines(path: Path, limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | None]]:
    """Each line's number (from 1) and bytes without the line end; None in place of one longer than `limit` bytes.

    Never more than `limit` bytes are held, so that a hostile or broken file costs no memory. Raises OSError where the
    file can't be opened or read.
    """
    with open_regular(path) as file:
        number = 0
        while raw := file.readline(limit + 2):
            number += 1
            content = raw.rstrip(b"\r\n")
            if len(content) <= limit:
                yield number, content
                continue
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(limit + 2)
            yield number, None


def part_name(i: int) -> str:
    """The part of the further unit i (from 0) of a split sentence: b to z, then ba, bb, …"""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[i + 1] if i < 25 else letters[(i - 25) // 26 + 1] + letters[(i - 25) % 26]


def sentence_of(unit: str) -> int:
    """The number of the sentence in which a unit stands, by the unit's name: 17 of "17b"."""
    return int(unit.rstrip("abcdefghijklmnopqrstuvwxyz"))


class RelationSet:
    """Relations that can stand together: one between two units, and no circles of those that a scheme keeps acyclic."""

    def __init__(self, scheme: Scheme) -> None:
        self._acyclic = scheme.acyclic
        self._pairs: set[frozenset[str]] = set()
        self._reasons: list[tuple[str, str]] = []
        self.cycle: list[str] = []
        """The circle that the relation which was left out last would have closed."""

    def add(self, source: str, target: str, label: str) -> Literal["", "itself", "second", "cycle"]:
        """Take a relation in and give "", or leave it out and say why.

        "itself": it runs from a unit to itself; "second": there is one between its two units; "cycle": see `cycle`.
        """
        pair = frozenset((source, target))
        if len(pair) == 1 or pair in self._pairs:
            return "itself" if len(pair) == 1 else "second"
        if label in self._acyclic:
            if cycle := support_cycle([*self._reasons, (source, target)]):
                self.cycle = cycle
                return "cycle"
            self._reasons.append((source, target))
        self._pairs.add(pair)
        return ""


def _parse(path: Path, number: int, raw: bytes, scheme: Scheme) -> AnyLine:
    try:
        data = load_json(raw, halves=False)
    except JsonError as why:
        reason = f"is not JSON that argmine reads ({why}); a half-written line can be removed"
        raise AnnotationError(path, reason, line=number) from why
    if isinstance(data, dict) and data.get("type") == "header" and data.get("schema") != ANNOTATION_SCHEMA:
        reason = f"has the schema {data.get('schema')!r} where this version reads {ANNOTATION_SCHEMA!r}"
        raise AnnotationError(path, f"{reason}; read it with the version of argmine that wrote it", line=number)
    try:
        line = _LINE.validate_python(data)
    except ValidationError as why:
        raise AnnotationError(path, first_fault(why, "line", below=1), line=number) from why
    match line:
        case SentenceLine(label=name):
            field, known = "label", scheme.labels
        case UnitLine(label=name):
            field, known = "label", scheme.unit_labels
        case RelationLine(label=name):
            field, known = "label", scheme.relation_labels
        case KeyPointLine(place=name):
            field, known = "place", scheme.key_points
        case _:
            return line
    if name not in known:
        *others, last = map(repr, known or ("",))
        listed = f"{', '.join(others)} or {last}" if others else last
        raise AnnotationError(path, f"{field}: Input should be {listed}", line=number)
    return line


def _structure(path: Path, lines: list[tuple[int, AnyLine]]) -> Iterator[AnnotationError]:
    """One header, at the top; every sentence number once; relations and key points of what is there."""
    if not lines or not isinstance(lines[0][1], Header):
        yield AnnotationError(path, _NO_HEADER, line=1)
    known: set[str] = set()
    chosen: set[tuple[str, int]] = set()
    for number, line in lines:
        match line:
            case SentenceLine() | UnitLine():
                name, again = line.name, f"labels {line.name} a second time"
            case AnchorLine():
                name, again = line.name, f"anchors {line.name} a second time"
            case Header() if line is not lines[0][1]:
                yield AnnotationError(path, "has a second header", line=number)
                continue
            case KeyPointLine() if (line.place, line.sentence) in chosen:
                yield AnnotationError(path, f"chooses {line.sentence} for {line.place} a second time", line=number)
                continue
            case KeyPointLine():
                chosen.add((line.place, line.sentence))
                continue
            case VoiceLine(sentences=(first, last)) if last < first:
                yield AnnotationError(path, f"a voice ends at {last}, before its beginning {first}", line=number)
                continue
            case _:
                continue
        if name in known:
            yield AnnotationError(path, again, line=number)
        known.add(name)
    for number, line in lines:
        match line:
            case RelationLine():
                does, names = "relates", [line.source, line.target]
            case _Chosen():
                does, names = f"is of the {line.what} kind and names", list(map(str, line.names))
            case _:
                continue
        if missing := [name for name in names if name not in known]:
            yield AnnotationError(path, f"{does} {missing[0]}, which has no line", line=number)
