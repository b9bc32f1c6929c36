"""A reading of a paper, whoever made it: its sentences' labels and the relations between them.

A unit stands for its sentence, and relations between parts of two sentences for one between the sentences. Sentences
without letters can't be anchored in the annotation scheme's files and are not scored there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argmine.annotation.files import AnnotationFile
from argmine.annotation.gold_dataset import Gold
from argmine.argument_map import ArgumentMap
from argmine.io import load_json, open_regular
from argmine.paper import Paper
from argmine.scheme import DEFAULT, Attribution
from argmine.text import digest, letters

Edges = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Reading:
    """Labels by sentence id (that of no unit included), in the paper's order, relations as (source, target) to label,
    attribution of units. `probabilities` (a model's alone) are in the order of the scheme's labels, `scores` by the
    relations' ends. `several` holds all labels of each sentence where it may have several."""

    slug: str
    group: str
    labels: Mapping[str, str]
    edges: Edges
    reported: Mapping[str, bool] = field(default_factory=dict)
    probabilities: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], float] = field(default_factory=dict)
    several: Mapping[str, frozenset[str]] | None = None

    def given(self, sentence: str, otherwise: frozenset[str] = frozenset()) -> frozenset[str]:
        if self.several is not None:
            return self.several.get(sentence, frozenset())
        return frozenset({self.labels[sentence]}) if sentence in self.labels else otherwise


def of_gold(gold: Gold) -> Reading:
    """An annotator's reading: the sentences that were looked at."""
    paper, labels = gold.paper, gold.labels()
    if gold.scheme == DEFAULT:
        lettered = {s.id for s in paper.sentences if letters(paper.slice(s))}
        labels = {s: label for s, label in labels.items() if s in lettered}
    edges, reported = _edges(gold.map, labels), _reported(gold.map, labels)
    return Reading(gold.slug, gold.group, labels, edges, reported, several=gold.several)


def _reported(amap: ArgumentMap, labels: Mapping[str, str]) -> dict[str, bool]:
    if not amap.labels.attribution:
        return {}
    return {u.sentence: u.attribution is Attribution.REPORTED for u in amap.units if u.sentence in labels}


def of_map(
    gold: Gold,
    amap: ArgumentMap,
    probabilities: Mapping[str, Sequence[float]] | None = None,
    several: Mapping[str, frozenset[str]] | None = None,
) -> Reading:
    """A prediction for the sentences that were looked at in `gold`; others don't count."""
    labels = dict.fromkeys(of_gold(gold).labels, amap.labels.none or "")
    covered: dict[str, int] = {}
    for unit in amap.units:
        length = unit.end - unit.start
        if unit.sentence in labels and length > covered.get(unit.sentence, 0):
            covered[unit.sentence] = length
            labels[unit.sentence] = unit.label
    home = {u.id: u.sentence for u in amap.units}
    linked = [r for r in amap.relations if r.from_ is None]
    scores = {(home[r.source], home[r.target]): r.score for r in linked if r.score is not None}
    edges, reported = _edges(amap, labels), _reported(amap, labels)
    return Reading(gold.slug, gold.group, labels, edges, reported, dict(probabilities or {}), scores, several)


def of_annotations(file: AnnotationFile, group: str) -> Reading:
    """An annotator's reading straight from its file, without the paper: sentence n has the id t<n>."""
    labels = {f"t{s.n}": str(s.label) for s in file.sentences}
    ends = ((f"t{r.source.rstrip(ascii_lowercase)}", f"t{r.target.rstrip(ascii_lowercase)}") for r in file.relations)
    edges = _between(labels, zip(ends, (r.label for r in file.relations), strict=True))
    reported = {f"t{s.n}": s.attribution is Attribution.REPORTED for s in file.sentences if s.label != DEFAULT.none}
    return Reading(file.slug, group, labels, edges, reported)


def _edges(amap: ArgumentMap, labels: Mapping[str, str]) -> dict[tuple[str, str], str]:
    home = {u.id: u.sentence for u in amap.units}
    # What key points brought is scored with them: whoever annotates relations did not choose answers and reasons.
    linked = (r for r in amap.relations if r.from_ is None)
    return _between(labels, (((home[r.source], home[r.target]), r.label) for r in linked))


def _between(labels: Mapping[str, str], relations: Iterable[tuple[tuple[str, str], str]]) -> dict[tuple[str, str], str]:
    # The relations between different sentences that have a label here.
    return {ends: label for ends, label in relations if ends[0] != ends[1] and labels.keys() >= set(ends)}


@dataclass(frozen=True)
class HeldOut:
    """All that was predicted of one paper by models that had not seen it."""

    fold: int
    predicted: Reading
    """Predicted labels, with attribution and probabilities for every sentence; links between predicted units."""
    on_gold_units: Reading
    """The same labels, with the links between gold units."""
    cues: Reading
    """The labels that cue phrases alone give."""

    def line(self, paper: Paper) -> dict[str, Any]:
        """The predictions as a line of predictions.jsonl, without the paper's text.

        A sentence is [n, first 16 digits of its letters' digest, six probabilities, position of the chosen label, 1
        where it is taken as reported, position of the cue phrases' label]; a link is [source n, target n, label,
        score].
        """
        text = {s.id: paper.slice(s) for s in paper.sentences}
        told = self.predicted
        column = DEFAULT.labels.index
        sentences = []
        for s, label in told.labels.items():
            probabilities = [round(float(p), 3) for p in told.probabilities[s]]
            said = column(label), int(told.reported[s]), column(self.cues.labels[s])
            sentences.append([_number(s), digest(letters(text[s])), probabilities, *said])
        about = {"slug": told.slug, "group": told.group, "fold": self.fold, "sentences": sentences}
        return about | {"links": _links(told), "links_of_gold_units": _links(self.on_gold_units)}

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> HeldOut:
        slug, group = line["slug"], line["group"]
        sentences = {f"t{s[0]}": s[2:] for s in line["sentences"]}
        labels = {s: DEFAULT.labels[said[1]] for s, said in sentences.items()}
        reported = {s: bool(said[2]) for s, said in sentences.items()}
        probabilities = {s: said[0] for s, said in sentences.items()}
        cues = {s: DEFAULT.labels[said[3]] for s, said in sentences.items()}

        def reading(links: Sequence[tuple[int, int, str, float]]) -> Reading:
            edges = {(f"t{s}", f"t{t}"): label for s, t, label, _ in links}
            scores = {(f"t{s}", f"t{t}"): score for s, t, _, score in links}
            return Reading(slug, group, labels, edges, reported, probabilities, scores)

        on_gold_units = reading(line["links_of_gold_units"])
        return cls(line["fold"], reading(line["links"]), on_gold_units, Reading(slug, group, cues, {}))


def write_predictions(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write predictions.jsonl, a paper a line, sorted by slug."""
    ordered = sorted(lines, key=lambda line: str(line["slug"]))
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in ordered)
    path.write_text(text, encoding="utf-8")


def read_predictions(path: Path) -> dict[str, HeldOut]:
    with open_regular(path) as lines:
        found = [HeldOut.of_line(load_json(raw)) for raw in lines]
    return {f.predicted.slug: f for f in found}


def _links(reading: Reading) -> list[list[Any]]:
    return [
        [_number(s), _number(t), label, round(reading.scores.get((s, t), 0.0), 3)]
        for (s, t), label in sorted(reading.edges.items(), key=lambda e: (_number(e[0][0]), _number(e[0][1])))
    ]


def _number(sentence: str) -> int:
    return int(sentence.removeprefix("t"))


def stack(readings: Iterable[Reading]) -> NDArray[np.float64]:
    """The probabilities of all sentences of these readings, shape (sentences, labels)."""
    rows = [r.probabilities[s] for r in readings for s in r.labels]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(DEFAULT.labels))
