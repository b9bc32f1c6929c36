"""CoNLL columns: a token a line with its BIO tag, blank lines between sentences.

Read are the two-column form (token and tag, with blanks or tabs between), wider ones whose tag stands in the column
with BIO tags, CoNLL-U with its comments, and tags that name a relation ("B-Premise:-2:Support", as Eger, Daxenberger
and Gurevych (2017, doi:10.18653/v1/P17-1002) write them: the related unit stands so many units away). Written is
CoNLL-U Plus (https://universaldependencies.org/ext-format.html): the token first, its tag last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from argmine.argument import ArgumentMap
from argmine.errors import UsageError
from argmine.export.base import ForeignFile, Imported, ImportOptions
from argmine.export.lines import skip, text_lines
from argmine.export.own import own_of, own_span
from argmine.export.prodigy import tokens_of
from argmine.export.reading import Marked, Reading, clean_meta, count_reading, marked, meta_of
from argmine.export.report import LossReport, count_losses, shorten
from argmine.export.schemes import KEPT_ASIDE, number, section_titles
from argmine.export.standoff import Document, Link, Span, Standoff, read_standoff
from argmine.paper import Paper

_TAG: Final = re.compile(r"([BIESLUWM])[-_](.+)|([OBI])")
_COLUMNS: Final = ("FORM", "ARGMINE:START", "ARGMINE:END", "ARGMINE:UNIT", "ARGMINE:RELATIONS", "ARGMINE:TAG")
_RELATED: Final = re.compile(r"(.+?):([+-]?\d{1,6}|[Nn]one|_)(?::(.*))?")
_COMMENT: Final = re.compile(r"#\s*([\w.:]+)\s*=\s?(.*)")
_SNIFFED: Final = 400


@dataclass(frozen=True, slots=True)
class _Token:
    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class _Sentence:
    line: int
    tokens: list[_Token] = field(default_factory=list)
    comments: list[tuple[int, str, str]] = field(default_factory=list)


class Conll:
    """Columns, one token a line."""

    name = "conll"
    suffixes = (".conllup", ".conll", ".tsv")

    def sniff(self, file: ForeignFile) -> bool:
        """By the name, else lines of which each has one tag of BIO among its two columns or more."""
        if file.path.suffix.lower() in {".conll", ".conllu", ".conllup", ".bio", ".iob"}:
            return True
        head = file.data[:50_000].decode("utf-8-sig", "replace").split("\n")[:_SNIFFED][:-1]
        rows = [_cells(line) for line in head if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
        return len(rows) > 1 and all(len(r) > 1 and _TAG.fullmatch(r[-1]) for r in rows)

    def read(self, file: ForeignFile, options: ImportOptions) -> Imported:
        """Runs of tags become units over the text that the tokens make. Raises FormatError with the line."""
        report = LossReport(self.name)
        columns: list[str] = []
        sentences = list(_sentences(file, options, report, columns))
        if not any(s.tokens for s in sentences):
            raise file.wrong("has no tokens in columns")
        reader = _Reader(file, sentences, columns, options, report)
        return read_standoff(file, Standoff([reader.document], reader.meta), options, report)

    def write(self, amap: ArgumentMap, paper: Paper | None) -> tuple[str, LossReport]:
        """CoNLL-U Plus. Raises UsageError without the paper's text, which gives the tokens."""
        return self.write_reading(amap, paper, None)

    def write_reading(self, amap: ArgumentMap, paper: Paper | None, reading: Reading | None) -> tuple[str, LossReport]:
        """The same with the tag "none" on each sentence that was looked at and is none."""
        if paper is None:
            raise UsageError("CoNLL holds the tokens of the text: keep paper.json beside the map, or name the text "
                             "with --text")  # fmt: skip
        report = LossReport(self.name)
        count_losses(report, amap, paper, ("labels", "offsets"), (*KEPT_ASIDE[1:], "made_by"))
        count_reading(report, reading, checked=True, meta=True)
        report.add("text_outside", "headings, blanks and what else stands outside the sentences: left out", 1)
        spans = marked(amap, reading, paper.text)
        titles = section_titles(amap, paper)
        links: dict[str, list[str]] = {}
        for r in amap.relations:
            score = "" if r.score is None else f"@{r.score:.3f}"
            links.setdefault(r.source, []).append(f"{r.label}:{r.target}{score}")
        meta = meta_of(amap, reading)
        lines = [f"# global.columns = {' '.join(_COLUMNS)}", f"# argmine.file = {_json(meta)}"]
        for start, end in stretches(paper, spans):
            inside = [m for m in spans if start <= m.start < end]
            lines += ["", f"# text = {' '.join(paper.text[start:end].split())}"]
            lines += [f"# argmine.unit = {_json(own_of(m, titles))}" for m in inside]
            lines += _rows(paper.text, start, end, inside, links)
        return "\n".join([*lines, ""]) + "\n", report


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=True, sort_keys=True)


def stretches(paper: Paper, spans: Sequence[Marked]) -> list[tuple[int, int]]:
    """The sentences, joined where a unit runs over several, and units that stand outside them."""
    found: list[tuple[int, int]] = []
    for start, end in sorted([*((s.start, s.end) for s in paper.sentences), *((m.start, m.end) for m in spans)]):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _rows(
    text: str, start: int, end: int, spans: Sequence[Marked], links: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    borders = [x - start for m in spans for x in (m.start, m.end)]
    open_unit: Marked | None = None
    for token in tokens_of(text[start:end], borders):
        at = start + token["start"]
        unit = next((m for m in spans if m.start <= at < m.end), None)
        first = unit is not None and unit is not open_unit
        tag = "O" if unit is None else f"{'B' if first else 'I'}-{unit.label}"
        open_unit = unit
        named = unit.id if unit is not None and first else "_"
        related = "|".join(links.get(unit.id, ())) if unit is not None and first else ""
        yield "\t".join([token["text"], str(at), str(start + token["end"]), named, related or "_", tag])


def _cells(line: str) -> tuple[str, ...]:
    return tuple(line.split("\t") if "\t" in line else line.split())


def _sentences(
    file: ForeignFile, options: ImportOptions, report: LossReport, columns: list[str]
) -> Iterator[_Sentence]:
    sentence = _Sentence(1)
    for line, text in text_lines(file, options, report):
        if not text.strip():
            if sentence.tokens:
                yield sentence
                sentence = _Sentence(line + 1)
            continue
        comment = _COMMENT.fullmatch(text) if text.startswith("#") else None
        if comment is not None and comment[1] == "global.columns":
            columns[:] = comment[2].split()
        elif comment is not None:
            sentence.comments.append((line, comment[1], comment[2]))
        elif text.startswith("# ") or text.startswith("-DOCSTART-"):
            continue
        else:
            cells = _cells(text.strip("\r\n"))
            if len(cells) == 1:
                skip(
                    file.wrong(f"has one column ({shorten(text)}); a token and its tag are two", line), options, report
                )
                continue
            sentence.tokens.append(_Token(line, cells))
    yield sentence


class _Reader:
    """Finds the columns, makes the text of the tokens, and the units of the tags."""

    def __init__(
        self, file: ForeignFile, sentences: Sequence[_Sentence], columns: Sequence[str], options: ImportOptions,
        report: LossReport,
    ) -> None:  # fmt: skip
        self._file, self._sentences, self._options, self._report = file, sentences, options, report
        rows = [t.cells for s in sentences for t in s.tokens]
        self._names = {name: i for i, name in enumerate(columns)}
        numbered = sum(r[0].split("-")[0].split(".")[0].isdigit() for r in rows) > 0.9 * len(rows) and len(rows[0]) > 2
        self._form = self._names.get("FORM", 1 if numbered else 0)
        self._tag = self._names.get("ARGMINE:TAG", self._tag_column(rows))
        self.meta: dict[str, str] = {}
        self.document = self._read()

    def _tag_column(self, rows: Sequence[tuple[str, ...]]) -> int | None:
        """The last column in which more cells than not are tags of BIO and at least one begins or goes on."""
        width = max(len(r) for r in rows)
        for column in range(width - 1, -1, -1):
            cells = [r[column] for r in rows if len(r) > column]
            tags = [m for c in cells if (m := _TAG.fullmatch(c))]
            if column != self._form and any(m[1] for m in tags) and 2 * len(tags) > len(cells):
                return column
        return None

    def _read(self) -> Document:
        document = Document("", [], [])
        parts: list[str] = []
        at = 0
        own: dict[str, Mapping[str, Any]] = {}
        units: list[_Unit] = []
        placed = {"ARGMINE:START", "ARGMINE:END"} <= self._names.keys()
        for sentence in self._sentences:
            for _, key, value in sentence.comments:
                self._comment(key, value, own)
            if not sentence.tokens:
                continue
            gap = "\n" if parts and not placed else ""
            at += len(gap)
            parts.append(gap)
            places, text = self._text(sentence, at, placed)
            parts.append(text)
            at += len(text)
            units += self._units(sentence, places)
        document.text = "".join(parts)
        for unit in units:
            document.spans.append(own_span(unit.span, own.get(unit.own)))
        for index, unit in enumerate(units):
            document.links += self._links(units, index, unit)
        stray = [] if self._tag is not None else [t for s in self._sentences for t in s.tokens]
        last = [t.cells[-1] for t in stray if t.cells[-1] not in {"O", "_"}]
        message = "tokens with marks in their last column that are no tags of BIO, IOB or BIOES: left out"
        self._report.add("no_tags", message, len(last), last)
        return document

    def _comment(self, key: str, value: str, own: dict[str, Mapping[str, Any]]) -> None:
        if not key.startswith("argmine."):
            return
        try:
            data = json.loads(value)
        except (ValueError, RecursionError):
            return
        if key == "argmine.file":
            self.meta = clean_meta(data)
        elif isinstance(data, dict) and isinstance(data.get("id"), str):
            own[data["id"]] = data

    def _text(self, sentence: _Sentence, at: int, placed: bool) -> tuple[list[tuple[int, int]], str]:
        """Where each token stands in the text, and the sentence's part of it, which begins at `at`."""
        places: list[tuple[int, int]] = []
        out: list[str] = []
        given = next((v for _, k, v in sentence.comments if k == "text"), "")
        seen = 0
        for number_, token in enumerate(sentence.tokens):
            form = token.cells[self._form] if len(token.cells) > self._form else ""
            found = given.find(form, seen) if given else -1
            if placed:
                start = self._offset(token, "ARGMINE:START")
                gap = (" " * (start - at)) if start is not None and at <= start < at + (1 << 20) else ""
                if len(gap) > 1:
                    gap = "\n" + gap[1:] if number_ == 0 else gap
            elif not number_:
                gap = ""
            elif found >= 0 and not given[seen:found].strip():
                gap = given[seen:found]
            else:
                gap = "" if "SpaceAfter=No" in sentence.tokens[number_ - 1].cells[-1] else " "
            seen = found + len(form) if found >= 0 else seen
            places.append((at + len(gap), at + len(gap) + len(form)))
            out += [gap, form]
            at += len(gap) + len(form)
        return places, "".join(out)

    def _offset(self, token: _Token, name: str) -> int | None:
        cell = token.cells[self._names[name]] if len(token.cells) > self._names[name] else ""
        return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 12 else None

    def _units(self, sentence: _Sentence, places: Sequence[tuple[int, int]]) -> Iterator[_Unit]:
        if self._tag is None:
            return
        current: _Unit | None = None
        for token, (start, end) in zip(sentence.tokens, places, strict=True):
            cell = token.cells[self._tag] if len(token.cells) > self._tag else "O"
            match = _TAG.fullmatch(cell)
            if match is None and cell not in {"_", "-", "*"}:
                what = f"has {shorten(cell)!r} where a tag of BIO should be"
                skip(self._file.wrong(what, token.line), self._options, self._report)
            prefix, tag = (match[1], match[2]) if match is not None and match[1] else ("O", "")
            if current is not None and (prefix in "OBSUW" or _label(tag) != current.label):
                yield current
                current = None
            if prefix == "O":
                continue
            if current is None:
                current = self._begin(token, tag, start)
            current.span = replace(current.span, end=end)
            if prefix in "ESLUW":
                yield current
                current = None
        if current is not None:
            yield current

    def _begin(self, token: _Token, tag: str, start: int) -> _Unit:
        match = _RELATED.fullmatch(tag)
        label, distance, relation = (match[1], match[2], match[3] or "") if match else (tag, "", "")
        also = (label.split(":")[0],) if ":" in label else ()
        if also:
            self._report.add("stance", "tags say more than a label (a stance, say): left out", examples=[tag])
        own = self._cell(token, "ARGMINE:UNIT")
        id = own or f"line {token.line}"
        span = Span(id, label, start, start, token.line, also=also)
        unit = _Unit(span, _label(tag), own)
        if match and distance.lstrip("+-").isdigit():
            unit.related.append((int(distance), relation))
        for said in filter(None, self._cell(token, "ARGMINE:RELATIONS").split("|")):
            name, _, target = said.partition(":")
            target, _, score = target.partition("@")
            unit.named.append((target, name, score))
        return unit

    def _cell(self, token: _Token, name: str) -> str:
        index = self._names.get(name)
        cell = token.cells[index] if index is not None and len(token.cells) > index else "_"
        return "" if cell == "_" else cell

    def _links(self, units: Sequence[_Unit], index: int, unit: _Unit) -> Iterator[Link]:
        for distance, label in unit.related:
            if 0 <= index + distance < len(units):
                yield Link(unit.span.id, units[index + distance].span.id, label, unit.span.line)
            else:
                what = f"relates a unit {distance} units away, where none is"
                skip(self._file.wrong(what, unit.span.line), self._options, self._report)
        for target, label, score in unit.named:
            try:
                known = number(float(score)) if score else None
            except ValueError:
                known = None
            yield Link(unit.span.id, target, label, unit.span.line, score=known)


def _label(tag: str) -> str:
    match = _RELATED.fullmatch(tag)
    return match[1] if match else tag


@dataclass(slots=True)
class _Unit:
    span: Span
    label: str
    own: str = ""
    related: list[tuple[int, str]] = field(default_factory=list)
    named: list[tuple[str, str, str]] = field(default_factory=list)


FORMAT = Conll()
