"""Recompute models/argmine-en/scores.json from the held-out predictions and the stand-off gold, the key points' figures
from the counts of each held-out paper; fail where they differ.

python scripts/recompute_scores.py [--write]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from argmine.evaluation.readings import read_predictions
from argmine.model.folder import load_facts

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from research.key_points.import_readings import rows_of  # noqa: E402
from research.shipped_model.published import (  # noqa: E402
    key_point_scores,
    published_scores,
    whole_summary,
    write_scores,
)
from research.shipped_model.split import load_split  # noqa: E402

MODEL = ROOT / "models" / "argmine-en"
SPLIT = ROOT / "models" / "split.json"
TOLERANCE = 1e-4


def differences(stated: Any, found: Any, where: str = "") -> list[str]:
    """Where two JSON values differ by more than the last digit that they are rounded to."""
    if isinstance(stated, dict) and isinstance(found, dict):
        keys = sorted(stated.keys() | found.keys())
        return [d for k in keys for d in differences(stated.get(k), found.get(k), f"{where}/{k}")]
    if isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        return [
            d for i, (a, b) in enumerate(zip(stated, found, strict=True)) for d in differences(a, b, f"{where}/{i}")
        ]
    if isinstance(stated, float) and isinstance(found, float) and abs(stated - found) <= TOLERANCE * 1.01:
        return []
    return [] if stated == found else [f"{where}: {stated} stated, {found} computed"]


def main() -> int:
    """Compare, or write with --write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write what was computed instead of comparing")
    options = parser.parse_args()
    predictions = read_predictions(MODEL / "predictions.jsonl")
    published = published_scores(ROOT / "annotations" / "published", predictions, load_split(SPLIT))
    stated = load_facts(MODEL / "scores.json")
    points = stated.get("key_points")
    if points is not None:
        kinds = {slug: row["kind"] for slug, row in rows_of().items()}
        points = key_point_scores(points["by_paper"], kinds, points.get("baselines"))
    if options.write:
        write_scores(MODEL / "scores.json", published, stated.get("samples"), points)
        return 0
    found = {"published": published, "summary": whole_summary(published, points)}
    found |= {"key_points": points} if points is not None else {}
    wrong = differences({k: stated.get(k) for k in found}, found)
    for line in wrong[:20]:
        print(f"scores.json{line}", file=sys.stderr)
    print(f"scores.json: {'differs' if wrong else 'agrees'} with the held-out predictions and the gold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
