"""Train the shipped model on the published papers, and predict each of them by models that have not seen it.

    python scripts/train_shipped.py [BANK] [--folds-only]

BANK holds the papers with their texts (default ../shared/bank/papers). Writes models/argmine-en: the weights,
folds.json, predictions.jsonl and scores.json. The sample papers of this repository are never trained on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from argmine.annotate.gold import load_gold
from argmine.errors import UsageError
from argmine.evaluate.published import published_scores, write_scores
from argmine.evaluate.readings import read_predictions, write_predictions
from argmine.evaluate.run import by_folds
from argmine.evaluate.table import report_table
from argmine.model import SHIPPED
from argmine.train.course import Course
from argmine.train.lessons import fold_numbers, lessons_of
from argmine.train.train import INNER_FOLDS, train_course

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "models" / SHIPPED
SEED = 0


def main() -> None:
    """Predict by folds, train on everything, write figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bank", nargs="?", type=Path, default=ROOT.parent / "shared" / "bank" / "papers")
    parser.add_argument("--folds-only", action="store_true", help="score, but leave the weights as they are")
    options = parser.parse_args()
    started = time.monotonic()

    def say(message: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {message}", flush=True)

    gold, report = load_gold([options.bank])
    say(report.line())
    samples = {p.parent.name for p in (ROOT / "annotations").glob("*/*.jsonl")}
    if leaked := samples & {g.slug for g in gold}:
        raise UsageError(f"the samples are never trained on: {', '.join(sorted(leaked))}")
    dealt = fold_numbers(gold, INNER_FOLDS, SEED)
    course = Course(lessons_of(gold), dealt, SEED, say)
    predictions = by_folds(course, say)
    OUT.mkdir(parents=True, exist_ok=True)
    lines = [p.held_out.line(g.paper) for p, g in zip(predictions, gold, strict=True)]
    write_predictions(OUT / "predictions.jsonl", lines)
    folds = {"seed": SEED, "folds": {g.slug: fold for g, fold in zip(gold, dealt, strict=True)}}
    (OUT / "folds.json").write_text(json.dumps(folds, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    published = published_scores(ROOT / "annotations" / "published", read_predictions(OUT / "predictions.jsonl"))
    write_scores(OUT / "scores.json", published, None)
    print(report_table(published), end="")
    if not options.folds_only:
        with tempfile.TemporaryDirectory() as folder:
            new = Path(folder) / SHIPPED
            train_course(course, new, name=SHIPPED, seed=SEED)
            shutil.copytree(new, OUT, dirs_exist_ok=True)
        say(f"wrote {OUT.relative_to(ROOT)}; now `make scores`, which scores the samples and fills the tables")


if __name__ == "__main__":
    main()
