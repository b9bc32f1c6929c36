"""Score the shipped model on the sample papers, from PDF to map, and put the figures into scores.json.

    python research/score_samples.py [--check]

Reads corpus/samples/*.pdf, predicts, and compares with annotations/<slug>/adjudicated.jsonl laid over the reading.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from argmine.annotation.gold_dataset import Gold, load_gold
from argmine.annotation.key_points import load_key_points
from argmine.argument_map import ArgumentMap
from argmine.evaluation.key_points import Shown, score
from argmine.evaluation.readings import of_gold
from argmine.evaluation.run import agreement, evaluate_gold
from argmine.evaluation.score import score_map
from argmine.model.folder import load_facts
from argmine.pipeline import read
from argmine.scheme import DEFAULT

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from research.shipped_model.published import annotation_files, independent_pairs, write_scores  # noqa: E402

MODEL = ROOT / "models" / "argmine-en"
SAMPLES = ROOT / "corpus" / "samples"
ANNOTATIONS = ROOT / "annotations"


def score_samples() -> dict[str, Any]:
    """The `samples` part of scores.json. Raises SystemExit where a sample has no gold or was trained on."""
    papers = {pdf.stem: read(pdf) for pdf in sorted(SAMPLES.glob("*.pdf"))}
    gold, report = load_gold([ANNOTATIONS / slug for slug in papers], papers, every_reading=False)
    print(report.line(), file=sys.stderr)
    results = evaluate_gold(gold, model=MODEL)
    if results.scores["trained_on"]:
        raise SystemExit(f"trained on samples: {', '.join(results.scores['trained_on'])}")
    scores = {k: v for k, v in results.scores.items() if k not in {"model", "trained_on"}}
    files = {slug: found for slug, found in annotation_files(ANNOTATIONS).items() if slug in papers}
    scores["agreement"] = agreement(*independent_pairs(files))
    scores["resolved"] = {"sentences": report.sentences, "resolved": report.resolved}
    scores["by_paper"] = {
        g.slug: score_map(g, results.maps[g.slug]) | {"units": len(of_gold(g).reported)} for g in gold
    }
    scores["errors"] = surest_errors(gold, results.maps)
    points, _ = load_key_points([ANNOTATIONS / slug for slug in papers], papers)
    scores["key_points"] = score(points, {s: Shown.of(results.maps[s], paper) for s, paper in papers.items()})
    return scores


def surest_errors(gold: list[Gold], maps: dict[str, ArgumentMap]) -> list[dict[str, Any]]:
    """For each label of gold the mistake that the model was surest of, at most one a paper."""
    found: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for label in DEFAULT.labels:
        wrong = []
        for g in gold:
            wanted = g.labels()
            for unit in maps[g.slug].units:
                if g.slug not in taken and wanted.get(unit.sentence) == label != unit.label:
                    wrong.append((-(unit.score or 0.0), g.slug, unit.sentence, unit))
        if wrong:
            score, slug, _, unit = min(wrong, key=lambda w: w[:3])
            taken.add(slug)
            found[label] = {"paper": slug, "text": unit.text, "gold": str(label), "predicted": unit.label,
                            "score": -score}  # fmt: skip
    return list(found.values())


def main() -> int:
    """Score and write, or compare with --check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where the figures differ")
    options = parser.parse_args()
    stated = load_facts(MODEL / "scores.json")
    samples = score_samples()
    if options.check:
        same = stated.get("samples") == samples
        print(f"scores.json: samples {'agree' if same else 'differ'}")
        return 0 if same else 1
    write_scores(MODEL / "scores.json", stated["published"], samples, stated.get("key_points"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
