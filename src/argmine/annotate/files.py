"""Annotation files: one JSON object a line, each with its `type`; the header first.

`text` stands only in files for papers that may be shipped; stand-off files for published papers have none and are
resolved by their anchors when the user has the paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import jsonlines
from pydantic import Field, TypeAdapter, ValidationError

from argmine.annotate.anchors import Anchor
from argmine.errors import AnnotationError
from argmine.labels import Attribution, Label, RelationLabel
from argmine.paper import Frozen

ANNOTATION_SCHEMA: Final = "argmine/annotation/1"


class PaperInfo(Frozen):
    """Which paper was annotated, for people and for finding it."""

    title: str = ""
    doi: str | None = None
    licence: str | None = None


class Header(Frozen):
    """The first line: who annotated what, how, and from which files an adjudicated one was made."""

    type: Literal["header"] = "header"
    schema_: Literal["argmine/annotation/1"] = Field(default=ANNOTATION_SCHEMA, alias="schema")
    paper: PaperInfo
    annotator: str
    role: Literal["independent", "adjudicated"]
    mode: Literal["blind", "assisted"]
    date: str | None = None
    parents: tuple[str, ...] = ()
    letters_sha256: str | None = None


class SentenceLine(Frozen):
    """A sentence that was looked at: its label, `none` included."""

    type: Literal["sentence"] = "sentence"
    n: int
    anchor: Anchor
    label: Label | Literal["none"]
    attribution: Attribution = Attribution.OWN
    unsure: bool = False
    note: str | None = None
    text: str | None = None


class UnitLine(Frozen):
    """A further unit of a split sentence: its part ("b", "c", …) with an anchor of its own."""

    type: Literal["unit"] = "unit"
    sentence: int
    part: str
    anchor: Anchor
    label: Label
    attribution: Attribution = Attribution.OWN
    unsure: bool = False
    note: str | None = None
    text: str | None = None


class RelationLine(Frozen):
    """A relation between two units, named by sentence number and part: "17", "17b"."""

    type: Literal["relation"] = "relation"
    source: str
    target: str
    label: RelationLabel


class FixLine(Frozen):
    """A correction of the reading: sentences to merge, to split, or that are not body text."""

    type: Literal["fix"] = "fix"
    fix: Literal["merge", "split", "not_body"]
    sentences: tuple[int, ...]


AnyLine = Header | SentenceLine | UnitLine | RelationLine | FixLine
_LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """One annotator's reading of one paper."""

    slug: str
    header: Header
    sentences: tuple[SentenceLine, ...]
    units: tuple[UnitLine, ...] = ()
    relations: tuple[RelationLine, ...] = ()
    fixes: tuple[FixLine, ...] = ()

    def lines(self) -> Iterator[dict[str, Any]]:
        """The file's lines in order, as plain data without the fields that hold their default."""
        keep = {"type", "label", "attribution"}
        everything: tuple[AnyLine, ...] = (self.header, *self.sentences, *self.units, *self.relations, *self.fixes)
        for line in everything:
            data = line.model_dump(mode="json", by_alias=True, exclude_defaults=not isinstance(line, Header))
            data["type"] = line.type
            if isinstance(line, SentenceLine | UnitLine) and line.label != "none":
                data["attribution"] = line.attribution.value
            yield {k: v for k, v in data.items() if v is not None or k in keep}

    def write(self, path: Path) -> None:
        """Write the file: to a temporary name first, then renamed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        with jsonlines.open(temporary, "w", compact=True) as out:
            out.write_all(self.lines())
        temporary.replace(path)


def read_annotations(path: Path) -> AnnotationFile:
    """Read an annotation file. The slug is its folder's name.

    Raises AnnotationError with the line for what is not JSON, has no or another header, or does not hold to the form.
    """
    parsed: list[tuple[int, AnyLine]] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, raw in enumerate(lines, 1):
                if raw.strip():
                    parsed.append((number, _parse(path, number, raw)))
    except OSError as why:
        raise AnnotationError(path, f"cannot be opened ({why.strerror})") from why
    except UnicodeDecodeError as why:
        raise AnnotationError(path, "is not UTF-8 text", line=len(parsed) + 1) from why
    if not parsed or not isinstance(parsed[0][1], Header):
        raise AnnotationError(path, "does not begin with a header line of an annotation file", line=1)
    body = parsed[1:]
    for number, line in body:
        if isinstance(line, Header):
            raise AnnotationError(path, "has a second header", line=number)
    _check_ends(path, body)
    return AnnotationFile(
        slug=path.parent.name,
        header=parsed[0][1],
        sentences=tuple(x for _, x in body if isinstance(x, SentenceLine)),
        units=tuple(x for _, x in body if isinstance(x, UnitLine)),
        relations=tuple(x for _, x in body if isinstance(x, RelationLine)),
        fixes=tuple(x for _, x in body if isinstance(x, FixLine)),
    )


def _parse(path: Path, number: int, raw: str) -> AnyLine:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as why:
        raise AnnotationError(path, f"is not JSON ({why})", line=number) from why
    try:
        return _LINE.validate_python(data)
    except ValidationError as why:
        first = why.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"][1:]) or "line"
        raise AnnotationError(path, f"{where}: {first['msg']}", line=number) from why


def _check_ends(path: Path, body: list[tuple[int, AnyLine]]) -> None:
    """Every sentence number once, every relation between two things that are there."""
    known: set[str] = set()
    for number, line in body:
        name = None
        if isinstance(line, SentenceLine):
            name = str(line.n)
        elif isinstance(line, UnitLine):
            name = f"{line.sentence}{line.part}"
        if name is not None:
            if name in known:
                raise AnnotationError(path, f"labels {name} a second time", line=number)
            known.add(name)
    for number, line in body:
        if isinstance(line, RelationLine):
            for end in (line.source, line.target):
                if end not in known:
                    raise AnnotationError(path, f"relates {end}, which has no line", line=number)
