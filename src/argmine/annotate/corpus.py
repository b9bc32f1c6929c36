"""Sentence corpora: JSONL, a document a line, `{"id", "sentences": [{"text", "label", "section"?}], "relations"?}`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from argmine.argument import ArgumentMap, MadeBy, PaperRef, Relation, Unit
from argmine.errors import AnnotationError
from argmine.labels import RELATION_LABELS, SENTENCE_LABELS, Label
from argmine.paper import Block, Paper, Section, Sentence, Source


@dataclass(frozen=True, slots=True)
class CorpusItem:
    """One document of a sentence corpus as a paper with its labels."""

    slug: str
    paper: Paper
    map: ArgumentMap
    looked_at: frozenset[str]


def bare_paper(slug: str, title: str, sentences: Sequence[tuple[str, str | None]]) -> Paper:
    """A Paper made of sentences and their section titles: a paragraph a section, no pages. Sentence i is t<i+1>."""
    text: list[str] = []
    length = 0
    sections: list[Section] = []
    blocks: list[Block] = []
    spans: list[Sentence] = []
    count = 0
    for section_title, run in groupby(sentences, key=lambda s: s[1] or ""):
        if text:
            text.append("\n\n")
            length += 2
        begin, section = length, f"s{len(sections) + 1}"
        heading = None
        name = " ".join(unicodedata.normalize("NFC", section_title).split())
        if name:
            heading = (length, length + len(name))
            text += [name, "\n\n"]
            length += len(name) + 2
            blocks.append(Block(id=f"b{len(blocks) + 1}", type="heading", start=begin, end=heading[1], section=section))
        block, block_start = f"b{len(blocks) + 1}", length
        for raw, _ in run:
            count += 1
            clean = " ".join(unicodedata.normalize("NFC", raw).split())
            if not clean:
                continue
            if length > block_start:
                text.append(" ")
                length += 1
            spans.append(Sentence(id=f"t{count}", start=length, end=length + len(clean), block=block, section=section))
            text.append(clean)
            length += len(clean)
        blocks.append(Block(id=block, type="paragraph", start=block_start, end=length, section=section))
        sections.append(Section(id=section, title=name, level=1, heading=heading, start=begin, end=length))
    whole = "".join(text)
    return Paper(
        source=Source(
            file=slug, sha256=sha256(whole.encode()).hexdigest(), media_type="application/json", reader="corpus"
        ),
        title=unicodedata.normalize("NFC", title), text=whole, sections=tuple(sections), blocks=tuple(blocks),
        sentences=tuple(spans),
    )  # fmt: skip


def corpus_gold(path: Path) -> Iterator[CorpusItem]:
    """The documents of a sentence corpus that is labelled with the scheme's labels.

    Raises AnnotationError with the line for what is not of the form or has a label outside the scheme.
    """
    with path.open(encoding="utf-8") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                data = json.loads(raw)
            except (ValueError, RecursionError) as why:
                raise AnnotationError(path, f"is not JSON ({why})", line=number) from why
            yield _item(path, number, data)


def _item(path: Path, number: int, data: Any) -> CorpusItem:
    sentences = data.get("sentences") if isinstance(data, dict) else None
    if not isinstance(sentences, list) or not all(
        isinstance(s, dict) and isinstance(s.get("text"), str) for s in sentences
    ):
        raise AnnotationError(path, "is not a document of a sentence corpus: it needs sentences with text", line=number)
    slug = str(data.get("id", f"{path.stem}-{number}"))
    paper = bare_paper(slug, str(data.get("title", "")), [(s["text"], s.get("section")) for s in sentences])
    labels = {}
    for i, sentence in enumerate(sentences, 1):
        label = str(sentence.get("label"))
        if label not in SENTENCE_LABELS:
            raise AnnotationError(
                path, f"labels a sentence {label!r}; this version trains on {', '.join(SENTENCE_LABELS)}", line=number
            )
        labels[f"t{i}"] = label
    units = tuple(
        Unit(id=s.id, sentence=s.id, label=Label(labels[s.id]), start=s.start, end=s.end, text=paper.slice(s),
             section=s.section)
        for s in paper.sentences
        if labels[s.id] in tuple(Label)
    )  # fmt: skip
    ids = {u.id for u in units}
    relations = []
    for relation in data.get("relations", []):
        source, target, label = (relation.get(k) for k in ("source", "target", "label"))
        ends = [f"t{end}" for end in (source, target)]
        if label not in RELATION_LABELS or not set(ends) <= ids:
            raise AnnotationError(
                path, f"relation {source} > {target} ({label}) has no such ends or label", line=number
            )
        relations.append(Relation.between(ends[0], ends[1], label))
    return CorpusItem(
        slug, paper,
        ArgumentMap(
            paper=PaperRef.of(paper),
            made_by=MadeBy(kind="annotator", name="corpus", role="independent", mode="blind"),
            units=units, relations=tuple(relations),
        ),
        frozenset(s.id for s in paper.sentences),
    )  # fmt: skip
