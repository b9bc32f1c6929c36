"""`train` and `evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from argmine.cli.base import Gold, JsonOption, ModelOption, PapersOption, app, default_papers, reporting, say


@app.command(epilog="Example: argmine train annotations/ --papers corpus/ --out models/local")
def train(
    gold: Gold,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the model goes.")] = Path("models/local"),
    papers: PapersOption = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed and gold give the same model.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that was trained on more sentences.")] = False,
) -> None:
    """Train a model on annotated papers. The shipped model is never overwritten."""
    from argmine.annotate.gold import load_gold
    from argmine.pipeline import papers_at
    from argmine.train import train_model

    with reporting():
        items, report = load_gold(gold, papers_at(papers or default_papers()))
        say(report.line())
        meta = train_model(items, out, seed=seed, force=force, progress=say)
        print(f"{out}: trained on {meta['sentences']} sentences of {meta['papers']} papers")
        if out == Path("models/local"):
            say("models/local is used from now on; `argmine evaluate` says what it is worth, deleting it goes back")


@app.command(epilog="Example: argmine evaluate annotations/ --folds 5 --report scores.json")
def evaluate(
    gold: Gold,
    model: ModelOption = None,
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="Train and score by folds of papers instead of a model.")
    ] = None,
    maps: Annotated[Path | None, typer.Option("--maps", help="Write each paper's map to DIR/<slug>/map.json.")] = None,
    gold_units: Annotated[
        bool, typer.Option("--gold-units", help="Take the units from gold, predict links only.")
    ] = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write all figures as JSON.")] = None,
    papers: PapersOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Deals the folds and draws the bootstrap.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Score a model, or training itself by folds of papers, on annotated papers, beside baselines."""
    from argmine.annotate.gold import load_gold
    from argmine.evaluate import evaluate_gold, report_table, write_maps
    from argmine.pipeline import papers_at
    from argmine.stamp import write_atomically

    with reporting():
        items, resolved = load_gold(gold, papers_at(papers or default_papers()), every_reading=False)
        say(resolved.line())
        results = evaluate_gold(items, model=model, folds=folds, gold_units=gold_units, seed=seed, progress=say)
        if maps is not None:
            write_maps(results, maps)
        text = json.dumps(results.scores, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        if report is not None:
            report.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(report, text)
        print(text if as_json else report_table(results.scores), end="")
