"""Key points of annotation files: what readers of a whole paper chose, laid over a reading of that paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from argmine.anchors import Anchor, placed
from argmine.annotation.bank import group_of
from argmine.annotation.files import (
    AnchorLine,
    AnnotationFile,
    AnswerLine,
    KeyPointLine,
    PointLine,
    VoiceLine,
    annotation_paths,
    read_annotations,
)
from argmine.annotation.gold_dataset import PaperIndex, choose_readings, own_text
from argmine.paper import Paper
from argmine.text import LetterStream


@dataclass(frozen=True, slots=True)
class KeyPoints:
    """One reader's choices, by the ids of the paper's sentences.

    `places` holds of each place the grades of its sentences (2 best, 1 acceptable), `answers` pairs of a problem and
    what is said against it, None for nothing, `voices` runs of sentences that are not the author's (first, last,
    whose).
    """

    annotator: str
    places: Mapping[str, Mapping[str, int]]
    answers: tuple[tuple[str, str | None], ...] = ()
    voices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class KeyPointGold:
    """A paper and what its readers chose; papers of one `group` stay on one side of every split."""

    slug: str
    group: str
    paper: Paper
    readings: tuple[KeyPoints, ...]

    @cached_property
    def grades(self) -> Mapping[str, Mapping[str, int]]:
        """Of each place the best grade that any reader gave a sentence."""
        found: dict[str, dict[str, int]] = {}
        for reading in self.readings:
            for place, given in reading.places.items():
                best = found.setdefault(place, {})
                for sentence, grade in given.items():
                    best[sentence] = max(grade, best.get(sentence, 0))
        return found

    @cached_property
    def answers(self) -> Mapping[str, frozenset[str | None]]:
        """What any reader took for an answer to each problem, None for nothing."""
        found: dict[str, set[str | None]] = defaultdict(set)
        for reading in self.readings:
            for problem, answer in reading.answers:
                found[problem].add(answer)
        return {problem: frozenset(given) for problem, given in found.items()}

    @cached_property
    def voiced(self) -> frozenset[str]:
        """The sentences in which any reader heard another than the author."""
        ids = [s.id for s in self.paper.sentences]
        order = {id: n for n, id in enumerate(ids)}
        runs = (ids[order[a] : order[b] + 1] for reading in self.readings for a, b, _ in reading.voices)
        return frozenset(id for run in runs for id in run)


def lay_over(file: AnnotationFile, paper: Paper) -> tuple[KeyPoints, list[PointLine]]:
    """A file's key points over a reading of its paper, and the lines whose sentences are not in it.

    What two lines chose for one place and one sentence of the paper has the better grade.
    """
    places: dict[str, dict[str, int]] = {name: {} for name in file.labels.key_points}
    if not file.points:
        return KeyPoints(file.header.annotator, places), []
    found = placed(file.numbered, LetterStream.of_paper(paper))
    # A sentence stands where most of its letters do.
    place = {line.n: paper.sentences[max(at, key=lambda c: c[1])[0]].id for line, _, at in found if at}
    order = {sentence.id: at for at, sentence in enumerate(paper.sentences)}
    answers: dict[tuple[str, str | None], None] = {}
    voices: list[tuple[str, str, str]] = []
    lost: list[PointLine] = []
    for line in file.points:
        match line:
            case KeyPointLine(sentence=n) if n in place:
                grades = places[line.place]
                grades[place[n]] = max(line.grade, grades.get(place[n], 0))
            case AnswerLine(problem=n, sentence=None) if n in place:
                answers[place[n], None] = None
            case AnswerLine(problem=n, sentence=int(m)) if n in place and m in place:
                answers[place[n], place[m]] = None
            case VoiceLine(sentences=(first, last)) if first in place and last in place:
                ends = sorted((place[first], place[last]), key=order.__getitem__)
                voices.append((ends[0], ends[1], line.whose))
            case _:
                lost.append(line)
    return KeyPoints(file.header.annotator, places, tuple(answers), tuple(voices)), lost


def load_key_points(
    paths: Iterable[Path], papers: Iterable[Paper] | Mapping[str, Paper] = ()
) -> tuple[list[KeyPointGold], list[str]]:
    """Key points of annotation files or folders over the papers, and the slugs of those whose paper is not there.

    `papers` is a mapping from slug, or papers that are matched as `load_gold` does; files that carry their texts need
    none. Raises UsageError for a place that does not exist, AnnotationError for a file that is wrong.
    """
    by_slug: dict[str, list[AnnotationFile]] = defaultdict(list)
    for path in dict.fromkeys(p for place in paths for p in annotation_paths(place)):
        by_slug[path.parent.name].append(read_annotations(path))
    known = papers if isinstance(papers, Mapping) else PaperIndex(papers)
    gold: list[KeyPointGold] = []
    absent: list[str] = []
    for slug, files in sorted(by_slug.items()):
        readings = choose_readings(sorted(files, key=lambda f: f.header.annotator), attrgetter("points"))
        if not readings:
            continue
        found = known.get(slug) if isinstance(known, Mapping) else known.find(readings[0])
        paper = found or next(filter(None, map(own_text, files)), None)
        if paper is None:
            absent.append(slug)
        else:
            laid = tuple(lay_over(file, paper)[0] for file in readings)
            gold.append(KeyPointGold(slug, group_of(slug), paper, laid))
    return gold, absent


def lines_of(
    points: KeyPoints, paper: Paper, stream: LetterStream, numbers: Mapping[str, int], labelled: Container[int]
) -> dict[str, tuple[Any, ...]]:
    """A reader's choices as the lines of an annotation file, by its fields.

    `stream` is the paper's, `numbers` says how the file numbers its sentences, by their ids, and `labelled` which of
    them have a line of their own; the others that are named get an anchor.
    """
    chosen = [
        KeyPointLine(place=place, sentence=numbers[id], grade=2 if grade == 2 else 1)
        for place, grades in points.places.items()
        for id, grade in sorted(grades.items(), key=lambda g: numbers[g[0]])
    ]
    answers = [AnswerLine(problem=numbers[a], sentence=None if b is None else numbers[b]) for a, b in points.answers]
    voices = [VoiceLine(sentences=(numbers[a], numbers[b]), whose=whose) for a, b, whose in points.voices]
    lines: list[PointLine] = [*chosen, *answers, *voices]
    named = {n for line in lines for n in line.names}
    anchors = [
        AnchorLine(n=numbers[sentence.id], anchor=Anchor.of(stream, start, start + stream.length(at)))
        for at, (sentence, start) in enumerate(zip(paper.sentences, stream.starts, strict=False))
        if (n := numbers.get(sentence.id)) in named and n not in labelled
    ]
    return {"key_points": tuple(chosen), "answers": tuple(answers), "voices": tuple(voices), "anchors": tuple(anchors)}
