"""Papers made of sentences: of a labelled bank (one JSON a paper), and the bare ones of other corpora.

A bank paper is `{"slug", "title", "licence", "annotator", "sentences": [{"n", "paragraph", "text", "section", "level",
"label", "attribution", "unsure"?}], "relations": [{"source", "target", "label"}]}`; relation ends are sentences' `n`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from argmine.anchors import Anchor
from argmine.annotation.files import (
    AnnotationFile,
    FolderName,
    Header,
    PaperInfo,
    RelationLine,
    RelationSet,
    SentenceLine,
)
from argmine.argument_map import ArgumentMap, MadeBy, PaperRef, Relation, Unit
from argmine.errors import AnnotationError
from argmine.io import JsonError, load_json, read_regular
from argmine.paper import Block, Frozen, Paper, Section, Sentence, Source, first_fault
from argmine.readers.roles import Heading, section_roles
from argmine.scheme import DEFAULT, Attribution
from argmine.text import LetterStream, full_digest


class Row(NamedTuple):
    """A sentence of a paper in the making: its text, its section's title and level, its id ("t" and its place, unless
    given), and whether it opens a paragraph within its section."""

    text: str
    section: str | None = None
    level: int = 1
    id: str = ""
    opens: bool = False


def bare_paper(slug: str, title: str, sentences: Iterable[Row | tuple[str, str | None]]) -> Paper:
    """A Paper made of sentences, or pairs of sentence and section title, without pages; sections are not nested."""
    text, sections, blocks, spans = _laid_out([Row(*s) for s in sentences])
    return Paper(
        source=_source(slug, "corpus", text),
        title=unicodedata.normalize("NFC", title),
        text=text,
        sections=tuple(sections),
        blocks=tuple(blocks),
        sentences=tuple(spans),
    )


def _source(file: str, reader: str, text: str) -> Source:
    digest = sha256(text.encode()).hexdigest()
    return Source(file=file, sha256=digest, media_type="application/json", reader=reader)


def clean(text: str | None) -> str:
    """A text of a corpus as papers hold it: NFC, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _laid_out(rows: Sequence[Row]) -> tuple[str, list[Section], list[Block], list[Sentence]]:
    """A text of these sentences, those without text left out, and its parts."""
    text: list[str] = []
    length = 0
    sections: list[Section] = []
    blocks: list[Block] = []
    spans: list[Sentence] = []

    def put(piece: str) -> int:
        nonlocal length
        text.append(piece)
        length += len(piece)
        return length

    def add_block(kind: Literal["heading", "paragraph"], start: int) -> str:
        blocks.append(Block(id=f"b{len(blocks) + 1}", type=kind, start=start, end=length, section=section))
        return f"b{len(blocks) + 1}"

    numbered = enumerate(rows, 1)
    for (name, level), run in groupby(numbered, key=lambda row: (row[1].section or "", row[1].level)):
        begin, section, heading = put("\n\n" if text else ""), f"s{len(sections) + 1}", clean(name)
        block = f"b{len(blocks) + 1}"
        if heading:
            put(heading)
            block = add_block("heading", begin)
            put("\n\n")
        block_start = length
        for count, row in run:
            if not (words := clean(row.text)):
                continue
            if length > block_start and row.opens:
                block = add_block("paragraph", block_start)
                block_start = put("\n\n")
            start = put(" ") if length > block_start else length
            spans.append(Sentence(id=row.id or f"t{count}", start=start, end=put(words), block=block, section=section))
        add_block("paragraph", block_start)
        title = (begin, begin + len(heading)) if heading else None
        sections.append(Section(id=section, title=heading, level=level, heading=title, start=begin, end=length))
    return "".join(text), sections, blocks, spans


def _one_of(names: Sequence[str]) -> Callable[[str], str]:
    def known(name: str) -> str:
        if name not in names:
            raise ValueError(f"should be one of {', '.join(names)}")
        return name

    return known


class BankSentence(Frozen):
    """A labelled sentence of a bank paper."""

    n: int
    paragraph: int | None = None
    text: str
    section: str | None = None
    level: int | None = None
    label: Annotated[str, AfterValidator(_one_of(DEFAULT.labels))]
    attribution: Attribution | None = None
    unsure: bool = False


class BankRelation(Frozen):
    """A relation between two sentences, by their numbers."""

    source: int
    target: int
    label: Annotated[str, AfterValidator(_one_of(DEFAULT.relation_labels))]


class BankPaper(Frozen):
    """One paper of a bank."""

    slug: FolderName
    pdf: str | None = None
    title: str = ""
    source: Any = None
    licence: str | None = None
    annotator: str = "unknown"
    sentences: tuple[BankSentence, ...] = Field(min_length=1)
    relations: tuple[BankRelation, ...] = ()

    @model_validator(mode="after")
    def _makes_a_map(self) -> Self:
        if len({s.n for s in self.sentences}) < len(self.sentences):
            raise ValueError("two sentences have the same number")
        units = {s.n for s in self.sentences if s.label != DEFAULT.none}
        together = RelationSet(DEFAULT)
        for r in self.relations:
            if not {r.source, r.target} <= units:
                continue
            match together.add(str(r.source), str(r.target), r.label):
                case "itself":
                    raise ValueError(f"the relation {r.source} > {r.target} runs from a sentence to itself")
                case "second":
                    raise ValueError(f"the relation {r.source} > {r.target} is the second between its two sentences")
                case "cycle":
                    raise ValueError(f"the {DEFAULT.reasons} run in a cycle: {' > '.join(together.cycle)}")
        return self

    @property
    def role(self) -> Literal["adjudicated", "independent"]:
        return "adjudicated" if self.annotator == "adjudicated" else "independent"


def is_bank_file(path: Path) -> bool:
    """Whether a .json file looks like a bank paper (and not like paper.json or map.json)."""
    try:
        data = load_json(read_regular(path))
    except (OSError, JsonError):
        return False
    return isinstance(data, dict) and "slug" in data and "sentences" in data and "schema" not in data


def read_bank_paper(path: Path) -> BankPaper:
    """Read one bank paper. Raises AnnotationError where it is not of the form."""
    try:
        return BankPaper.model_validate(load_json(read_regular(path), halves=False))
    except OSError as why:
        raise AnnotationError(path, f"cannot be opened ({why.strerror})") from why
    except JsonError as why:
        raise AnnotationError(path, f"is not JSON ({why})") from why
    except ValidationError as why:
        raise AnnotationError(path, f"is not a bank paper: {first_fault(why)}") from why


def bank_papers(places: Iterable[Path]) -> Iterator[Paper]:
    """The papers of the bank files among these files and in these folders."""
    for place in places:
        for path in sorted(place.rglob("*.json")) if place.is_dir() else [place]:
            if path.suffix == ".json" and is_bank_file(path):
                yield paper_of(read_bank_paper(path))


def group_of(slug: str) -> str:
    """The name of the group of papers that must stay on one side of every split.

    Parts of one publication repeat each other's sentences: papers named alike but for a number and what follows it
    ("…-3-open-source") are one group, and so are an article and its introduction; so are the two proposals that share
    their rationale.
    """
    if slug in {"pep-0481", "pep-0507"}:
        return "pep-0481+0507"
    if slug.startswith("canada-open-first-"):
        return "canada-open-first"
    if article := re.fullmatch(r"plos-(?:i-)?(.+?)(?:-intro)?", slug):
        return f"plos-{article[1]}"
    return slug


def kind_of(slug: str) -> str:
    """The kind of a paper: what stands before the first hyphen of its slug; introductions are their own kind."""
    kind = slug.split("-")[0]
    return f"{kind}-intro" if slug.endswith("-intro") else kind


def paper_of(bank: BankPaper) -> Paper:
    """A Paper made of a bank paper's sentences: sections and paragraphs as they are given, no pages and boxes. Sentence
    n has the id t<n>. A sentence whose paragraph is not known stands in the paragraph of its neighbours."""
    rows: list[Row] = []
    last: int | None = None
    for s in bank.sentences:
        if clean(s.text):
            rows.append(Row(s.text, s.section, max(1, s.level or 1), f"t{s.n}", s.paragraph != last))
            last = s.paragraph
    text, sections, blocks, spans = _laid_out(rows)
    return Paper(
        source=_source(f"{bank.slug}.json", "bank", text),
        title=unicodedata.normalize("NFC", bank.title),
        language="en",
        text=text,
        sections=_nested(sections, len(text)),
        blocks=tuple(blocks),
        sentences=tuple(spans),
    )


def _nested(sections: Sequence[Section], length: int) -> tuple[Section, ...]:
    parents = [
        next((k for k in reversed(range(i)) if sections[k].level < section.level), None)
        for i, section in enumerate(sections)
    ]
    headings = [Heading(s.title, p, s.start / max(1, length)) for s, p in zip(sections, parents, strict=True)]
    nested: list[Section] = []
    for i, (section, parent, role) in enumerate(zip(sections, parents, section_roles(headings), strict=True)):
        end = next((s.start for s in sections[i + 1 :] if s.level <= section.level), length)
        above = None if parent is None else sections[parent].id
        nested.append(section.model_copy(update={"parent": above, "end": end, "role": role}))
    return tuple(nested)


def map_of(bank: BankPaper, paper: Paper) -> ArgumentMap:
    """The gold map of a bank paper over the Paper that `paper_of` made of it."""
    by_id = {s.id: s for s in paper.sentences}
    units = {
        sentence.id: Unit(
            id=sentence.id,
            sentence=sentence.id,
            label=gold.label,
            start=sentence.start,
            end=sentence.end,
            text=paper.slice(sentence),
            section=sentence.section,
            attribution=gold.attribution or Attribution.OWN,
            unsure=gold.unsure,
        )
        for gold in bank.sentences
        if gold.label != DEFAULT.none and (sentence := by_id.get(f"t{gold.n}")) is not None
    }
    ends = ((f"t{r.source}", f"t{r.target}", r.label) for r in bank.relations)
    return ArgumentMap(
        paper=PaperRef.of(paper),
        made_by=MadeBy(kind="annotator", name=bank.annotator, role=bank.role, mode="blind"),
        units=tuple(units.values()),
        relations=tuple(Relation.between(*r) for r in ends if r[0] in units and r[1] in units),
    )


def stand_off(bank: BankPaper, *, doi: str | None = None, parents: tuple[str, ...] = ()) -> AnnotationFile:
    """A bank paper as an annotation file without text. Sentences without letters are left out."""
    stream = LetterStream.of_sentences([clean(s.text) for s in bank.sentences])
    lines = [
        SentenceLine(
            n=s.n,
            anchor=Anchor.of(stream, start, start + length),
            label=s.label,
            attribution=s.attribution or Attribution.OWN,
            unsure=s.unsure,
        )
        for i, (s, start) in enumerate(zip(bank.sentences, stream.starts, strict=True))
        if (length := stream.length(i))
    ]
    kept = {line.n for line in lines}
    header = Header(
        paper=PaperInfo(title=bank.title, doi=doi, licence=bank.licence),
        annotator=bank.annotator,
        role=bank.role,
        mode="blind",
        parents=parents,
        letters_sha256=full_digest(stream.text),
    )
    relations = (
        RelationLine(source=str(r.source), target=str(r.target), label=r.label)
        for r in bank.relations
        if {r.source, r.target} <= kept
    )
    return AnnotationFile(bank.slug, header, tuple(lines), relations=tuple(relations))
