"""The figures that the shipped model publishes: held-out predictions against stand-off gold, without any text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from argmine.annotate.bank import group_of
from argmine.annotate.files import AnnotationFile, read_annotations
from argmine.annotate.gold import choose_readings
from argmine.errors import UsageError
from argmine.evaluate.readings import HeldOut, Reading, of_annotations
from argmine.evaluate.run import agreement, score_held_out, summary

SCORES_SCHEMA: Final = "argmine/scores/1"


def annotation_files(folder: Path) -> dict[str, list[AnnotationFile]]:
    """The annotation files under a folder by slug, sorted by annotator."""
    found: dict[str, list[AnnotationFile]] = {}
    for path in sorted(folder.glob("*/*.jsonl")):
        found.setdefault(path.parent.name, []).append(read_annotations(path))
    return {slug: sorted(files, key=lambda f: f.header.annotator) for slug, files in found.items()}


def gold_reading(files: Iterable[AnnotationFile]) -> Reading:
    """The reading that a paper is scored against: the adjudicated one, else the first."""
    file = choose_readings(list(files))[0]
    return of_annotations(file, group_of(file.slug))


def independent_pairs(files: dict[str, list[AnnotationFile]]) -> tuple[list[Reading], list[Reading]]:
    """Of each paper that two read apart and blind, the two readings, the first annotators' and the second ones'."""
    first: list[Reading] = []
    second: list[Reading] = []
    for slug, readings in files.items():
        alone = [f for f in readings if f.header.role == "independent" and f.header.mode == "blind"]
        if len(alone) >= 2:
            one, two = (of_annotations(f, group_of(slug)) for f in alone[:2])
            first.append(one)
            second.append(two)
    return first, second


def published_scores(annotations: Path, predictions: dict[str, HeldOut]) -> dict[str, Any]:
    """The `published` part of scores.json. Raises UsageError where predictions and gold are of different papers."""
    files = annotation_files(annotations)
    if files.keys() != predictions.keys():
        odd = sorted(files.keys() ^ predictions.keys())
        raise UsageError(
            f"{annotations}: gold and held-out predictions differ in {len(odd)} papers, the first {odd[0]}"
        )
    golds = [gold_reading(files[slug]) for slug in sorted(files)]
    held_out = [predictions[gold.slug] for gold in golds]
    scores = score_held_out(golds, held_out)
    scores["folds"] = len({h.fold for h in held_out})
    scores["agreement"] = agreement(*independent_pairs(files))
    return scores


def write_scores(path: Path, published: dict[str, Any], samples: dict[str, Any] | None) -> None:
    """Write scores.json with the summary that stands in every map."""
    whole: dict[str, Any] = {"schema": SCORES_SCHEMA, "published": published, "summary": summary(published)}
    if samples is not None:
        whole["samples"] = samples
    path.write_text(json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
