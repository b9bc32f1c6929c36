"""How far annotators agree who read the same papers: the readings to compare, what two have in common, and figures.

Two units agree *exactly* where they have the same span and label, *weakly* where at least half of the longer one's
letters overlap and the label is the same. Two relations agree exactly (weakly) where they have the same label and run
between units that agree exactly (weakly).

Sentence labels by Krippendorff's alpha (nominal, `none` as a value; Krippendorff 2011, "Computing Krippendorff's
Alpha-Reliability"), Cohen's kappa (Cohen 1960) and the F1 of one annotator against the other; units and relations by
exact and weak F1. Intervals are percentile bootstraps over papers, where there are fewer than three over blocks of ten
sentences.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from itertools import combinations
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from argmine.annotation.files import (
    AnnotationFile,
    SentenceLine,
    UnitLine,
    annotation_paths,
    read_annotations,
    read_good,
    sentence_of,
)
from argmine.errors import AnnotationError, UsageError
from argmine.metrics import FEWEST, alpha, coincidences, f1, kappa, label_tables
from argmine.scheme import DEFAULT, Attribution, Scheme

Array = NDArray[np.float64]

BLOCK: Final = 10
"""How many sentences of one paper are drawn together where intervals can't be over papers."""

ASSISTED: Final = (
    "is assisted: its annotator saw suggestions, so agreement with it says little; readings to be measured are made "
    "with argmine review --blind"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readings of one paper, by the same scheme."""

    slug: str
    first: AnnotationFile
    second: AnnotationFile

    @property
    def labels(self) -> Scheme:
        return self.first.labels


@dataclass(frozen=True, slots=True)
class Span:
    """A unit of a reading: its name ("17", "17b"), sentence, half-open span in the stream of letters, label."""

    name: str
    sentence: int
    start: int
    end: int
    label: str
    reported: bool

    def agrees(self, other: Span, *, weakly: bool) -> bool:
        if self.label != other.label:
            return False
        if not weakly:
            return (self.start, self.end) == (other.start, other.end)
        overlap = min(self.end, other.end) - max(self.start, other.start)
        return 2 * overlap >= max(self.end - self.start, other.end - other.start)


def spans_of(file: AnnotationFile) -> list[Span]:
    """The units of a reading in the paper's order; a split sentence is cut where its further units begin."""
    spans: list[Span] = []
    parts = file.parts
    for line in file.sentences:
        pieces: list[SentenceLine | UnitLine] = [line, *sorted(parts.get(line.n, ()), key=lambda p: p.anchor.at)]
        for piece, stop in zip(pieces, [*(p.anchor.at for p in pieces[1:]), line.anchor.end], strict=True):
            if piece.label != file.labels.none and piece.anchor.at < stop:
                reported = piece.attribution is Attribution.REPORTED
                spans.append(Span(piece.name, line.n, piece.anchor.at, stop, piece.label, reported))
    return sorted(spans, key=lambda s: (s.start, s.end))


def sentence_labels(file: AnnotationFile) -> dict[int, str]:
    """The label of each sentence: its own, or where that is none its first further unit's."""
    labels = {s.n: s.label for s in file.sentences}
    for unit in sorted(file.units, key=lambda u: u.anchor.at):
        if labels.get(unit.sentence, "") == file.labels.none:
            labels[unit.sentence] = unit.label
    return labels


@dataclass(slots=True)
class Readings:
    """Readings of labels, and readings with key points, by paper, two or more each; what to warn of; what was wrong and
    left out."""

    papers: list[tuple[AnnotationFile, ...]] = field(default_factory=list)
    points: list[tuple[AnnotationFile, ...]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[AnnotationError] = field(default_factory=list)

    def add(self, labelled: Sequence[AnnotationFile], pointed: Sequence[AnnotationFile]) -> None:
        """Take in one paper's readings of labels and of key points, where there are two."""
        for all_papers, files in ((self.papers, labelled), (self.points, pointed)):
            if len(files) >= 2:
                all_papers.append(tuple(files))


def gather(places: Sequence[Path], *, partial: bool = False) -> Readings:
    """The readings at these places: files are readings of one paper, folders hold each paper's in its own folder.

    Of folders, only blind and independent readings are taken. With `partial`, wrong lines are passed over and come
    back as errors; else a wrong file among several papers is left out, and one that was named is raised. Raises
    UsageError where there are no two readings of a paper, AnnotationError where files that were named are of different
    papers or schemes.
    """
    found = Readings()
    named = [p for p in places if not p.is_dir()]
    if named:
        files = [_read(p, partial, found) for p in dict.fromkeys(annotation_paths(q)[0] for q in named)]
        for path, file in zip(named, files, strict=False):
            if file.header.mode == "assisted":
                found.warnings.append(f"{path}: {ASSISTED}")
            if file.header.role == "adjudicated":
                found.warnings.append(f"{path}: is adjudicated: made from other readings, so it is no independent one")
        for path, file in zip(named[1:], files[1:], strict=False):
            check_same_text(files[0], file, path)
        if len(files) < 2 and len(named) == len(places):
            raise UsageError(f"{named[0]}: is one reading; agreement needs two or more, or a folder of annotations")
        found.add([f for f in files if f.labels_sentences or not f.points], [f for f in files if f.points])
        if not found.papers and not found.points and len(named) == len(places):
            raise UsageError(f"{named[0]}: of these readings no two label sentences, and no two choose key points")
    folders: dict[Path, list[Path]] = defaultdict(list)
    for place in places:
        if place.is_dir():
            for path in annotation_paths(place):
                folders[path.parent].append(path)
    for _, paths in sorted(folders.items()):
        try:
            found.add(*_blind_readings_at(paths, partial, found))
        except AnnotationError as why:
            found.errors.append(why)
    if not found.papers and not found.points and not found.errors:
        where = ", ".join(map(str, places))
        raise UsageError(f"no paper has two blind, independent readings in {where}; name the files to compare others")
    if len({files[0].labels.vocabulary for files in (*found.papers, *found.points)}) > 1:
        raise UsageError("the papers are annotated by different schemes; measure those of one scheme at a time")
    return found


def _blind_readings_at(
    paths: Sequence[Path], partial: bool, found: Readings
) -> tuple[list[AnnotationFile], list[AnnotationFile]]:
    """A paper's readings of labels and of key points, in the order of the annotators' names; the first file of each."""
    files: dict[str, tuple[AnnotationFile, Path]] = {}
    for path in paths:
        file = _read(path, partial, found)
        if file.header.mode == "assisted" and file.header.role == "independent":
            found.warnings.append(f"{path}: left out, it {ASSISTED}")
        elif file.header.role == "independent":
            files.setdefault(file.header.annotator, (file, path))
    independent = [file for file, _ in files.values()]
    readings = blind_readings(independent), blind_readings(independent, attrgetter("points"))
    for first, *others in filter(None, readings):
        for file in others:
            check_same_text(first, file, files[file.header.annotator][1])
    return readings


def _read(path: Path, partial: bool, found: Readings) -> AnnotationFile:
    if not partial:
        return read_annotations(path)
    file, errors = read_good(path)
    found.errors += errors
    return file


def blind_readings(
    files: Sequence[AnnotationFile], has: Callable[[AnnotationFile], Any] = attrgetter("labels_sentences")
) -> list[AnnotationFile]:
    """A paper's blind, independent readings that have what is asked for, labels if nothing else, in the order of the
    annotators' names."""
    blind = (f for f in files if f.header.role == "independent" and f.header.mode == "blind")
    return sorted(filter(has, blind), key=lambda f: f.header.annotator)


def check_same_text(first: AnnotationFile, second: AnnotationFile, name: Path) -> None:
    """Raise AnnotationError, naming the second's file, unless the two were made over the same text, by one scheme."""
    if first.labels.vocabulary != second.labels.vocabulary:
        reason = "is annotated by another scheme"
        raise AnnotationError(name, f"{reason} (compared with the reading of {first.header.annotator})")
    one, two = first.header.letters_sha256, second.header.letters_sha256
    anchors, others = (
        {s.n: s.anchor for s in f.anchors} | {s.n: s.anchor for s in f.sentences} for f in (first, second)
    )
    both = anchors.keys() & others.keys()
    same = all(anchors[n] == others[n] for n in both)
    if both and same and (one == two or one is None or two is None):
        return
    if not both and one is not None and one == two and not (first.labels_sentences and second.labels_sentences):
        return  # what they choose has no sentence in common
    known = {anchor.sha256 for anchor in anchors.values()}
    found = sum(anchor.sha256 in known for anchor in others.values())
    if 3 * found >= min(len(anchors), len(others)) and found:
        reason = "was made over another text of the paper; carry one of the two over with argmine migrate"
    elif one is not None and one == two:
        reason = "has no sentence in common"
    else:
        reason = "is a reading of another paper"
    raise AnnotationError(name, f"{reason} (compared with the reading of {first.header.annotator})")


Edge = tuple[str, str]


def _edges(file: AnnotationFile, known: Set[int]) -> dict[Edge, str]:
    edges = {(r.source, r.target): r.label for r in file.relations}
    return {edge: label for edge, label in edges.items() if all(sentence_of(end) in known for end in edge)}


def _links(edges: Mapping[Edge, str]) -> dict[tuple[int, int], str]:
    ends = {(sentence_of(s), sentence_of(t)): label for (s, t), label in edges.items()}
    return {e: label for e, label in ends.items() if e[0] != e[1]}


def _twins(one: Sequence[Span], two: Sequence[Span], *, weakly: bool) -> dict[str, str]:
    """The names of units of `one` that agree with a unit of `two`, with that one's name; one to one, both in order."""
    near: dict[int, list[Span]] = defaultdict(list)
    for span in two:
        near[span.sentence].append(span)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for span in one:
        for other in near[span.sentence]:
            if other.name not in taken and span.agrees(other, weakly=weakly):
                found[span.name] = other.name
                taken.add(other.name)
                break
    return found


def _sources(edges: Iterable[Edge]) -> list[int]:
    return [sentence_of(source) for source, _ in edges]


@dataclass(frozen=True)
class _Counts:
    """Counts a paper or block of sentences (the first axis), so that they can be drawn again.

    `coincidence`, and `confusion` of two readings (b, k, k), by the scheme's labels; `attribution` (b, 2, 2) by whether
    each calls a unit reported. The others (b, 2, 3) have hits, the first's and the second's on the last axis: `units`
    and `relations` between them exactly and weakly, `given_units` those relations whose two ends are units on which
    both agree, `links` relations between sentences by their ends, and with their label too.
    """

    coincidence: Array
    confusion: Array
    units: Array
    links: Array
    relations: Array
    given_units: Array
    attribution: Array

    @classmethod
    def of(cls, papers: Sequence[Sequence[AnnotationFile]], by_block: bool, labels: Sequence[str]) -> _Counts:
        column = {label: i for i, label in enumerate(labels)}
        rows: dict[tuple[int, int], int] = {}
        for i, files in enumerate(papers):
            last = max((s.n for f in files for s in f.sentences), default=0)
            for block in range(last // BLOCK + 1) if by_block else (0,):
                rows[i, block] = len(rows)
        k = len(labels)
        counts = cls(*(np.zeros((len(rows), *shape)) for shape in ((k, k), (k, k), *4 * [(2, 3)], (2, 2))))
        for i, files in enumerate(papers):

            def row(n: int, i: int = i) -> int:
                return rows[i, n // BLOCK if by_block else 0]

            given: dict[int, list[str]] = {}
            for file in files:
                for n, label in sentence_labels(file).items():
                    given.setdefault(n, []).append(label)
            for n, said in given.items():
                counts.coincidence[row(n)] += coincidences([said], labels)
            for a, b in combinations(files, 2):
                counts._add(Pair(a.slug, a, b), row, column)
        return counts

    def _add(self, pair: Pair, row: Callable[[int], int], column: Mapping[str, int]) -> None:
        """Compare the two readings; sentences that only one looked at, and what touches them, count for neither."""
        files = pair.first, pair.second
        first, second = ({s.n: s for s in f.sentences} for f in files)
        both = first.keys() & second.keys()
        labels = [sentence_labels(f) for f in files]
        spans = [[s for s in spans_of(f) if s.sentence in both] for f in files]
        edges = [_edges(f, both) for f in files]
        links = [_links(each) for each in edges]

        def count(of: Array, kind: int, *three: Iterable[int]) -> None:
            for at, numbers in enumerate(three):
                for n in numbers:
                    of[row(n), kind, at] += 1

        for n in both:
            self.confusion[row(n), column[labels[0][n]], column[labels[1][n]]] += 1
            if pair.labels.none not in (first[n].label, second[n].label):
                reported = (int(s[n].attribution is Attribution.REPORTED) for s in (first, second))
                self.attribution[(row(n), *reported)] += 1
        hits = links[0].keys() & links[1].keys()
        typed = [e for e in hits if links[0][e] == links[1][e]]
        for kind, alike in enumerate((hits, typed)):
            count(self.links, kind, *([source for source, _ in each] for each in (alike, *links)))
        for kind, weakly in enumerate((False, True)):
            twins = _twins(spans[0], spans[1], weakly=weakly)
            paired = [s for s in spans[0] if s.name in twins]
            count(self.units, kind, *([s.sentence for s in each] for each in (paired, *spans)))
            hit = [
                e for e, label in edges[0].items() if edges[1].get((twins.get(e[0], ""), twins.get(e[1], ""))) == label
            ]
            count(self.relations, kind, *map(_sources, (hit, *edges)))
            agreed = set(twins), set(twins.values())
            inside = ([e for e in each if ok.issuperset(e)] for each, ok in zip(edges, agreed, strict=True))
            count(self.given_units, kind, *map(_sources, (hit, *inside)))

    def drawn(self, draws: Array) -> _Counts:
        """These counts added up for each draw of blocks; `draws` (d, b) says how often each block was drawn."""
        return _Counts(*(np.tensordot(draws, getattr(self, f.name), axes=1) for f in fields(self)))


def draws(blocks: int, resamples: int, seed: int) -> Array:
    """How often each block counts: first once each, as they are, and then as each resample drew them."""
    draw = random.Random(seed)
    drawn = (draw.choices(range(blocks), k=blocks) for _ in range(resamples if blocks else 0))
    return np.array([np.ones(blocks), *(np.bincount(each, minlength=blocks) for each in drawn)])


def figure(values: Array) -> dict[str, Any]:
    """A figure with its 95 % interval, of its value and those of the resamples; None for what is of nothing."""
    value, again = float(values[0]), np.sort(values[1:][~np.isnan(values[1:])])
    ends = [round(float(again[round(q * (len(again) - 1))]), 4) for q in (0.025, 0.975)] if len(again) else None
    return {"value": None if math.isnan(value) else round(value, 4), "interval": ends}


def agreement(
    papers: Sequence[Pair | Sequence[AnnotationFile]], *, resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """The figures over these papers, each a pair of readings or a sequence of two or more, with 95 % intervals.

    All readings are by one scheme. alpha is over all readings of a paper, everything else over their pairs. `link` and
    `typed` are F1 of relations between sentences, without and with their label; `units` and `relations` those of the
    scheme, exact and weak, and `relations_given_units` counts only relations between units on which both agree.
    `intervals_over` says what was drawn again: papers or, where there are fewer than three, blocks of ten sentences.
    """
    readings = [(p.first, p.second) if isinstance(p, Pair) else tuple(p) for p in papers]
    by_block = len(readings) < FEWEST
    scheme = readings[0][0].labels if readings else DEFAULT
    labels = scheme.labels
    each = _Counts.of(readings, by_block, labels)
    blocks = len(each.confusion)
    counts = each.drawn(draws(blocks, resamples, seed))
    confusion, attribution = counts.confusion[0].astype(int), counts.attribution[0].astype(int)
    label_f1 = f1(label_tables(counts.confusion))

    def both(of: Array) -> dict[str, Any]:
        figures = {kind: figure(f1(of[:, i])) for i, kind in enumerate(("exact", "weak"))}
        return figures | {"given": of[0, 0, 1:].astype(int).tolist()}

    return {
        "papers": len(readings),
        "readings": sorted({len(r) for r in readings}),
        "intervals_over": f"blocks of {BLOCK} sentences" if by_block else "papers",
        "sentences": int(confusion.sum()),
        "relations": counts.links[0, 0, 1:].astype(int).tolist(),
        "alpha": figure(alpha(counts.coincidence)),
        "kappa": figure(kappa(counts.confusion)),
        "macro5": figure(np.mean(label_f1[:, : len(scheme.unit_labels)], axis=1)),
        "f1": {x: figure(label_f1[:, i]) | {"n": int(confusion[i].sum())} for i, x in enumerate(labels)},
        "confusion": {
            one: dict(zip(labels, row, strict=True)) for one, row in zip(labels, confusion.tolist(), strict=True)
        },
        "attribution": {
            "units": int(attribution.sum()),
            "same": int(np.trace(attribution)),
            "reported": figure(f1(label_tables(counts.attribution))[:, 1]),
            "kappa": figure(kappa(counts.attribution)),
        },
        "units": both(counts.units),
        "link": figure(f1(counts.links[:, 0])),
        "typed": figure(f1(counts.links[:, 1])),
        "relation_f1": both(counts.relations),
        "relation_f1_given_units": both(counts.given_units),
    }
