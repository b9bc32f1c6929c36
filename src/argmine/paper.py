"""`Paper`: the immutable text of a paper with the spans that say what each part of it is.

The classes are the contract's paper.json, field by field; the JSON Schema is made from them. All spans are half-open
code point offsets into `Paper.text`, which is NFC.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from argmine.errors import FormatError
from argmine.io import JsonError, load_json, read_regular

PAPER_SCHEMA: Final = "argmine/paper/1"

# Bounds that no paper reaches, so that whatever is reckoned with a number of a file that somebody else made stays a
# number that can be measured, drawn and written.
FARTHEST: Final = 1e9  # points from the corner of a page: 350 km
Offset = Annotated[int, Field(ge=0, le=2**53 - 1)]  # a place in a text: a whole number that JavaScript holds exactly
PageNumber = Annotated[int, Field(ge=1, le=10**7)]
Points = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Year = Annotated[int, Field(ge=-9999, le=9999)]

_Text = Literal["title", "author", "abstract", "heading", "paragraph", "list_item", "quote", "caption", "table"]
_Apart = Literal["footnote", "keywords", "furniture", "acknowledgement", "reference"]
BlockType = Literal[_Text, _Apart, "box", "figure", "equation", "contents", "epigraph"]
_Report = Literal["abstract", "introduction", "background", "method", "result", "discussion"]
Role = Literal[_Report, "recommendation", "limitation", "conclusion", "other"]
DocumentKind = Literal[
    "article", "report", "thesis", "book", "chapter", "letter", "memo", "notice", "judgment", "review"
]
# Blocks whose sentences are the paper's body.
BODY_TYPES: frozenset[BlockType] = frozenset({"abstract", "paragraph", "list_item", "quote", "box"})


class Box(NamedTuple):
    """One line of print: where it stands on the page and the part of the text that it shows.

    `page` counts from 1; x and y are PDF points after rotation and crop, from the page's top left.
    """

    page: PageNumber
    x0: Points
    y0: Points
    x1: Points
    y1: Points
    start: Offset
    end: Offset

    @classmethod
    def on(cls, page: int, place: Iterable[float], start: int, end: int) -> Box:
        """A box at x0, y0, x1, y1 as a document gives them: what lies farther than any page goes is brought near."""
        x0, y0, x1, y1 = (min(max(n, -FARTHEST), FARTHEST) if math.isfinite(n) else 0.0 for n in place)
        return cls(page, x0, y0, x1, y1, start, end)


class Frozen(BaseModel):
    """Base of the data types: immutable, and unknown fields are ignored as the contract asks of readers.

    What is worked out from the fields is kept (`functools.cached_property`) and is no part of a copy or a comparison.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, as pydantic's, without what was worked out from the former ones."""
        made = super().model_copy(update=update, deep=deep)
        for name in made.__dict__.keys() - type(made).model_fields.keys():
            del made.__dict__[name]
        return made


class Source(Frozen):
    """The file that a paper was read from."""

    file: str
    sha256: str
    media_type: str
    pages: Annotated[int, Field(ge=0, le=10**7)] | None = None
    reader: str


class Section(Frozen):
    """A section from its heading to the end of its last subsection. `heading` is the heading's own span."""

    id: str
    title: str
    number: str | None = None
    level: int = Field(ge=1, le=10**6)
    parent: str | None = None
    role: Role = "other"
    heading: tuple[Offset, Offset] | None = None
    start: Offset
    end: Offset


class Block(Frozen):
    """A stretch of the text with one layout function."""

    id: str
    type: BlockType
    start: Offset
    end: Offset
    section: str | None = None
    boxes: tuple[Box, ...] = ()


class Sentence(Frozen):
    """A sentence of the body. `page` is its first box's, null where the paper has no pages."""

    id: str
    start: Offset
    end: Offset
    block: str
    section: str | None = None
    page: PageNumber | None = None
    boxes: tuple[Box, ...] = ()


class Reference(Frozen):
    """An entry of the reference list."""

    id: str
    raw: str
    year: Year | None = None
    authors: tuple[str, ...] = ()
    title: str | None = None
    doi: str | None = None


class Citation(Frozen):
    """A place in the text that cites entries of the reference list."""

    start: Offset
    end: Offset
    references: tuple[str, ...] = ()


ANOTHER_VOICE: Final = "another voice"
"""Whose a run of sentences is that is not the author's where nothing names him or her."""


class Voice(Frozen):
    """A run of the text that is not the author speaking, as layout or headings tell: a dissent, a boxed case."""

    start: Offset
    end: Offset
    whose: str
    from_: Literal["layout"] = Field(default="layout", alias="from")


class ReadingWarning(Frozen):
    """Something about the reading that a user should know. `code` is stable, `message` for people."""

    code: str
    page: PageNumber | None = None
    message: str


M = TypeVar("M", bound=BaseModel)
Span = Section | Block | Sentence | Citation | Voice


def _nfc(text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("text is not in Unicode normal form C")
    return text


class Paper(Frozen):
    """A paper's text and what each part of it is. Made by `argmine.read`; validated when it is made."""

    schema_: Literal["argmine/paper/1"] = Field(default=PAPER_SCHEMA, alias="schema")
    source: Source
    title: str = ""
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    language: str | None = None
    year: Year | None = None
    doi: str | None = None
    venue: str | None = None
    kind: DocumentKind | None = None
    text: Annotated[str, AfterValidator(_nfc)]
    sections: tuple[Section, ...] = ()
    blocks: tuple[Block, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    references: tuple[Reference, ...] = ()
    citations: tuple[Citation, ...] = ()
    voices: tuple[Voice, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()

    @model_validator(mode="after")
    def _spans_hold(self) -> Self:
        n = len(self.text)
        spans: tuple[Span, ...] = (*self.sections, *self.blocks, *self.sentences, *self.citations, *self.voices)
        for span in spans:
            if not 0 <= span.start <= span.end <= n:
                kind, id = type(span).__name__.lower(), getattr(span, "id", "")
                raise ValueError(f"{kind} {id} runs from {span.start} to {span.end} of {n}")
        last = 0
        for sentence in self.sentences:
            if sentence.start < last or sentence.end <= sentence.start:
                raise ValueError(f"sentence {sentence.id} is empty, out of order or overlaps the one before")
            last = sentence.end
        for sentence in self.sentences:
            if sentence.block not in self._blocks:
                raise ValueError(f"sentence {sentence.id} stands in block {sentence.block}, which does not exist")
            if sentence.section is not None and sentence.section not in self.sections_by_id:
                raise ValueError(f"sentence {sentence.id} stands in section {sentence.section}, which does not exist")
        return self

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def sentence(self, id: str) -> Sentence:
        """The sentence with this id. Raises KeyError where there is none."""
        return self._sentences[id]

    def block(self, id: str) -> Block:
        """The block with this id. Raises KeyError where there is none."""
        return self._blocks[id]

    def section(self, id: str | None) -> Section | None:
        """The section with this id, or None."""
        return self.sections_by_id.get(id or "")

    def ancestors(self, section: Section | None) -> tuple[Section, ...]:
        """The sections that hold a section, the innermost first."""
        return ancestors(section, self.sections_by_id)

    def role(self, id: str | None) -> Role:
        """The role of the section with this id, or of the nearest one above it that has one; "other" without."""
        return role_of(id, self.sections_by_id)

    @cached_property
    def sections_by_id(self) -> Mapping[str, Section]:
        """The sections by their ids, in the order of the text."""
        return {s.id: s for s in self.sections}

    @cached_property
    def _sentences(self) -> Mapping[str, Sentence]:
        return {s.id: s for s in self.sentences}

    @cached_property
    def _blocks(self) -> Mapping[str, Block]:
        return {b.id: b for b in self.blocks}

    def __repr__(self) -> str:
        pages = f", {self.source.pages} pages" if self.source.pages else ""
        return f"<Paper {self.title or self.source.file!r}{pages}, {len(self.sentences)} sentences>"

    __str__ = __repr__

    def to_json(self) -> str:
        """The paper as paper.json, keys sorted, with a final newline."""
        return dump_json(self)

    @classmethod
    def from_file(cls, path: str | Path, data: bytes | None = None) -> Paper:
        """Read a paper.json, by its bytes where they are at hand. Raises FormatError where this version reads no such
        file."""
        return load_own(cls, Path(path), PAPER_SCHEMA, data)


def ancestors(section: Section | None, by_id: Mapping[str, Section]) -> tuple[Section, ...]:
    """The sections above one, the innermost first. A damaged file's circle ends where it closes."""
    found: dict[str, Section] = {}
    while section is not None and (above := by_id.get(section.parent or "")) is not None and above.id not in found:
        found[above.id] = section = above
    return tuple(found.values())


def role_of(id: str | None, by_id: Mapping[str, Section]) -> Role:
    """The role of a section, or of the nearest one above it that has one; "other" where none does."""
    section = by_id.get(id or "")
    if section is None:
        return "other"
    return next((s.role for s in (section, *ancestors(section, by_id)) if s.role != "other"), "other")


def dump_json(model: BaseModel) -> str:
    """JSON with sorted keys and a final newline: two runs over the same input give the same bytes."""
    import json

    return json.dumps(model.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def load_own(cls: type[M], path: Path, schema: str, data: bytes | None = None) -> M:
    """Read one of argmine's own JSON files (`data` where its bytes are at hand) and validate it against its type.

    Raises FormatError with one line that says what is wrong: no JSON, another schema, or the first wrong field.
    """
    try:
        found = load_json(read_regular(path) if data is None else data, halves=False)
    except OSError as why:
        raise FormatError(path, f"cannot be opened ({why.strerror})") from why
    except JsonError as why:
        raise FormatError(path, f"is not JSON that argmine reads ({why}); make it again with argmine") from why
    said = found.get("schema") if isinstance(found, dict) else None
    if said != schema:
        raise FormatError(path, f"has the schema {said!r} where this version reads {schema!r}; make it again")
    try:
        return cls.model_validate(found)
    except ValidationError as why:
        raise FormatError(path, f"does not hold to its schema: {first_fault(why)}") from why


def first_fault(why: ValidationError, whole: str = "the file", *, below: int = 0) -> str:
    """The first thing that is wrong, as "place: what"; `below` leaves out as many steps of the place's path."""
    first = why.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'][below:])) or whole}: {first['msg']}"
