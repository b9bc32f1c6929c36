"""Annotation files laid over a paper as review states, and states written as annotation files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from argmine.anchors import placed
from argmine.annotation.files import AnnotationFile, FixLine, Header, PointLine, RelationLine, SentenceLine
from argmine.annotation.gold_dataset import project, sentence_lines
from argmine.annotation.key_points import lay_over, lines_of
from argmine.argument_map import ArgumentMap
from argmine.review.points import as_key_points, of_key_points
from argmine.review.state import Entry, Fix, Mark, Pair, State, Text, split_name, unit_name
from argmine.text import letter_offsets


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file laid over a paper. `missing` are the numbers that don't stand in the text, `moved` those whose borders
    differ from the paper's sentences, `lost` the key points, answers and voices whose sentences don't stand there."""

    state: State
    missing: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    lost: tuple[PointLine, ...] = ()


def load(file: AnnotationFile, text: Text) -> Loaded:
    """Lay an annotation file over a paper: by its anchors, whatever its reader's sentence borders were."""
    gold, missing = project(file, text.paper)
    state = of_map(gold.map, text, {n for n, s in enumerate(text.paper.sentences, 1) if s.id in gold.looked_at})
    home: dict[int, int] = {}
    exact: dict[int, SentenceLine] = {}
    moved: list[int] = []
    for line, start, covered in placed(file.sentences, text.stream):
        if start is None:
            continue
        index, _ = max(covered, key=lambda c: c[1])
        home[line.n] = index + 1
        if start == text.stream.starts[index] and line.anchor.letters == text.stream.length(index):
            exact[index + 1] = line
        else:
            moved.append(line.n)
    entries = dict(state.entries)
    for n, line in exact.items():
        mark = Mark(line.label, line.attribution, line.unsure, line.note)
        entry = state.entry(n)
        if entry.marks[0] is not None and not text.is_unit(entry.marks[0]) and not text.is_unit(mark):
            entries[n] = Entry((mark, *entry.marks[1:]), entry.cuts)
    same = all(n == home.get(n, n) for n in home) and not missing
    fixes = _fixes(file, home, same, text, entries)
    chosen, lost = lay_over(file, text.paper)
    after = State(entries, state.relations, fixes, points=of_key_points(chosen, text))
    return Loaded(after, tuple(missing), tuple(moved), tuple(lost))


def of_map(amap: ArgumentMap, text: Text, looked_at: set[int]) -> State:
    """The units and relations of a map over the paper as a state; sentences looked at without a unit are none."""
    none = None if text.scheme.none is None else Mark(text.scheme.none)
    number = {s.id: n for n, s in enumerate(text.paper.sentences, 1)}
    entries = {n: Entry((none,)) for n in looked_at if none is not None and text.has(n)}
    names: dict[str, str] = {}
    units: dict[int, list[tuple[int, str, Mark]]] = {}
    for unit in amap.units:
        mark = Mark(unit.label, unit.attribution, unit.unsure, unit.note)
        units.setdefault(number[unit.sentence], []).append((unit.start, unit.id, mark))
    for n, found in units.items():
        if not text.has(n):
            continue
        cuts: list[int] = []
        marks: list[Mark | None] = []
        for start, id, mark in found:
            place = text.cut(n, start) if start > text.paper.sentences[n - 1].start else None
            if place is not None and place not in cuts:
                if not marks:
                    marks.append(none)
                cuts.append(place)
            elif marks:
                continue
            marks.append(mark)
            names[id] = unit_name(n, len(marks) - 1)
        entries[n] = Entry(tuple(marks), tuple(cuts))
    relations: dict[Pair, str] = {
        (names[r.source], names[r.target]): r.label for r in amap.relations if r.source in names and r.target in names
    }
    return State(entries, relations)


def _fixes(
    file: AnnotationFile, home: Mapping[int, int], same: bool, text: Text, entries: Mapping[int, Entry]
) -> frozenset[Fix]:
    """The file's corrections, as far as this reading of the paper still needs them."""
    kept: set[Fix] = set()
    merged: set[int] = set()
    entry_of = State(entries).entry
    for line in file.fixes:
        places = [home.get(n, n if same and text.has(n) else None) for n in line.sentences]
        found = sorted({p for p in places if p is not None})
        if len(found) != len(line.sentences):
            continue
        match line.fix:
            case "not_body" if not merged & set(found):
                judged = ((n, entry_of(n)) for n in found)
                kept.update(
                    ("not_body", str(n)) for n, e in judged if e.checked and not (e.cuts or text.is_unit(e.marks[0]))
                )
            case "split":
                kept.update(("split", str(n)) for n in found if entry_of(n).cuts)
            case "merge" if len(found) > 1 and found[-1] - found[0] == len(found) - 1 and not merged & set(found):
                alike = len(set(map(entry_of, found))) == 1 and not entry_of(found[0]).cuts
                if alike and not any(("not_body", str(n)) in kept for n in found):
                    kept.add(("merge", *map(str, found)))
                    merged.update(found)
    return frozenset(kept)


_ORDER: Final = {"merge": 0, "split": 1, "not_body": 2}


class Writer:
    """Turns states into the bytes of an annotation file; the lines of a sentence are made once a judgement."""

    def __init__(self, text: Text, slug: str, header: Header, *, with_text: bool) -> None:
        self.text, self.slug, self.header, self.with_text = text, slug, header, with_text
        self._lines: dict[int, tuple[Entry, str, str]] = {}

    def data(self, state: State, *, assisted: bool) -> bytes:
        """The file's bytes. Sentences with a unit that has no label yet are left out, with their relations."""
        header = self.header.model_copy(update={"mode": "assisted" if assisted else self.header.mode})
        sentences: list[str] = []
        units: list[str] = []
        for n in sorted(state.entries):
            entry = state.entries[n]
            kept = self._lines.get(n)
            if kept is None or kept[0] is not entry:
                kept = self._lines[n] = (entry, *self._lines_of(n, entry))
            sentences.append(kept[1])
            units.append(kept[2])
        relations = tuple(
            RelationLine(source=s, target=t, label=label)
            for (s, t), label in sorted(state.relations.items(), key=lambda r: [split_name(end) for end in r[0]])
            if all(state.entry(split_name(end)[0]).checked for end in (s, t))
        )
        fixes = tuple(
            FixLine.model_validate({"type": "fix", "fix": fix[0], "sentences": fix[1:]}, strict=False)
            for fix in sorted(state.fixes, key=lambda f: (_ORDER[f[0]], [int(n) for n in f[1:]]))
        )
        rest = AnnotationFile(self.slug, header, (), (), relations, fixes, **self._points(state))
        head, *tail = (_json(line) for line in rest.lines())
        return "".join([head, *sentences, *units, *tail]).encode()

    def _points(self, state: State) -> dict[str, tuple[Any, ...]]:
        if not state.points:
            return {}
        labelled = {n for n, entry in state.entries.items() if entry.checked}
        chosen = as_key_points(state.points, self.text)
        return lines_of(chosen, self.text.paper, self.text.stream, self.text.numbers, labelled)

    def _lines_of(self, n: int, entry: Entry) -> tuple[str, str]:
        """The sentence's own line and those of its further units; empty while a unit has no label."""
        if not entry.checked:
            return "", ""
        stream, sentence = self.text.stream, self.text.paper.sentences[n - 1]
        offsets = letter_offsets(self.text.paper.slice(sentence)) if entry.cuts else []
        starts = [stream.starts[n - 1] + offsets.index(cut - sentence.start) for cut in entry.cuts]
        said = [asdict(mark) for mark in entry.marks if mark is not None]
        own, further = sentence_lines(self.text.paper, stream, n - 1, n, starts, said, with_text=self.with_text)
        _, *lines = AnnotationFile(self.slug, self.header, (own,), tuple(further)).lines()
        return _json(lines[0]), "".join(map(_json, lines[1:]))


def _json(line: Mapping[str, object]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
