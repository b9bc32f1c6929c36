"""The figures that the shipped model publishes: held-out predictions against stand-off gold, without any text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from argmine.annotation.bank import group_of, kind_of
from argmine.annotation.files import AnnotationFile, read_annotations
from argmine.annotation.gold_dataset import choose_readings
from argmine.errors import UsageError
from argmine.evaluation.key_points import OVERALL
from argmine.evaluation.key_points import figures as key_point_figures
from argmine.evaluation.readings import HeldOut, Reading, of_annotations
from argmine.evaluation.run import agreement, score_held_out, summary
from argmine.evaluation.score import count, figures
from argmine.model.pair_features import REACH

SCORES_SCHEMA: Final = "argmine/scores/1"
FIRST_SCREEN: Final = ("hit@1", "precision", "coverage")
"""The figures of the key points that stand in every map."""
A_KIND: Final = 10
"""Papers from which a kind of paper has figures of its own."""


def annotation_files(folder: Path) -> dict[str, list[AnnotationFile]]:
    """The annotation files under a folder by slug, sorted by annotator."""
    found: dict[str, list[AnnotationFile]] = {}
    for path in sorted(folder.glob("*/*.jsonl")):
        if (file := read_annotations(path)).labels_sentences:
            found.setdefault(path.parent.name, []).append(file)
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


def published_scores(annotations: Path, predictions: dict[str, HeldOut], parts: Mapping[str, str]) -> dict[str, Any]:
    """The `published` part of scores.json: predictions of the test part against gold.

    `parts` is the split (train, dev or test by slug). Raises UsageError where the predictions are not those of exactly
    the test part.
    """
    files = annotation_files(annotations)
    test = {slug for slug, part in parts.items() if part == "test"}
    if odd := sorted(test ^ predictions.keys()) or sorted(test - files.keys()):
        raise UsageError(
            f"{annotations}: gold, split and held-out predictions differ in {len(odd)} papers, the first {odd[0]}"
        )
    golds = [gold_reading(files[slug]) for slug in sorted(test)]
    held_out = [predictions[gold.slug] for gold in golds]
    scores = score_held_out(golds, held_out)
    scores["part"] = "test"
    scores["by_paper"] = {g.slug: by_paper(g, h) for g, h in zip(golds, held_out, strict=True)}
    scores["by_kind"] = by_kind(golds, held_out)
    scores["window"] = window_recall(golds)
    scores["agreement"] = agreement(*independent_pairs(files))
    return scores


def by_paper(gold: Reading, held_out: HeldOut) -> dict[str, Any]:
    """A paper's own figures."""
    table = figures(count([(gold, held_out.predicted)]))
    return {
        "sentences": table["sentences"],
        **{k: table[k]["value"] for k in ("macro5", "macro4", "accuracy", "link", "typed")},
    }


def by_kind(golds: Sequence[Reading], held_out: Sequence[HeldOut]) -> dict[str, Any]:
    """The figures of each kind of paper, by `kind_of` its slug."""
    kinds: dict[str, list[tuple[Reading, Reading]]] = {}
    for gold, told in zip(golds, held_out, strict=True):
        kinds.setdefault(kind_of(gold.slug), []).append((gold, told.predicted))
    found = {}
    for kind, pairs in sorted(kinds.items()):
        table = figures(count(pairs))
        found[kind] = {"papers": len(pairs), "sentences": table["sentences"]} | {
            k: table[k] for k in ("macro5", "macro4", "accuracy", "link")
        }
    return found


def window_recall(golds: Sequence[Reading]) -> float:
    """The share of gold relations whose ends stand within the linker's reach."""
    apart = [
        abs(places[s] - places[t])
        for places, edges in (({s: i for i, s in enumerate(g.labels)}, g.edges) for g in golds)
        for s, t in edges
    ]
    return round(sum(d <= REACH for d in apart) / max(1, len(apart)), 4)


def write_scores(
    path: Path,
    published: dict[str, Any],
    samples: dict[str, Any] | None,
    key_points: dict[str, Any] | None = None,
) -> None:
    """Write scores.json with the summary that stands in every map."""
    whole: dict[str, Any] = {"schema": SCORES_SCHEMA, "published": published}
    whole["summary"] = whole_summary(published, key_points)
    if samples is not None:
        whole["samples"] = samples
    if key_points is not None:
        whole["key_points"] = key_points
    path.write_text(json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def whole_summary(published: dict[str, Any], key_points: dict[str, Any] | None) -> dict[str, Any]:
    """What stands of the figures in every map."""
    if key_points is None:
        return summary(published)
    told = {name: [key_points[name]["value"], *key_points[name]["interval"]] for name in FIRST_SCREEN}
    return summary(published) | {"key_points": told | {"papers": key_points["papers"]}}


def key_point_scores(
    rows: Mapping[str, Mapping[str, int]], kinds: Mapping[str, str], baselines: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The `key_points` part of scores.json from each test paper's counts; kinds of ten papers and more have theirs."""
    groups: dict[str, list[Mapping[str, int]]] = {}
    for slug, row in sorted(rows.items()):
        groups.setdefault(kinds[slug], []).append(row)
    by_kind = {}
    for kind, counts in sorted(groups.items()):
        if len(counts) >= A_KIND:
            told = key_point_figures(counts)
            by_kind[kind] = {name: told[name] for name in ("papers", *OVERALL)}
    every = key_point_figures([row for _, row in sorted(rows.items())])
    found = every | {"part": "test", "by_kind": by_kind, "by_paper": dict(sorted(rows.items()))}
    return found | ({"baselines": dict(baselines)} if baselines else {})
