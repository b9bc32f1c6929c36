"""Fill the tables of README.md and the model card from models/argmine-en/scores.json.

    python scripts/render_scores.py [--check]

A table stands between `<!-- scores:NAME -->` and `<!-- /scores -->`. With --check nothing is written and the exit code
says whether the files are up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from argmine.evaluation.table import (  # noqa: E402
    key_point_rows,
    kind_rows,
    labels_rows,
    labels_summary_rows,
    markdown,
    paper_rows,
    relations_rows,
    sample_rows,
    threshold_rows,
)
from argmine.model.folder import load_facts  # noqa: E402
from scripts.pages import fill  # noqa: E402

MODEL = ROOT / "models" / "argmine-en"
FILES = (ROOT / "README.md", MODEL / "MODEL_CARD.md")


def headline(scores: dict[str, Any]) -> str:
    """One paragraph: how good the model is, on what, beside what."""
    told, agreed = scores["published"], scores["published"]["agreement"]
    link = told["relations"]["gold_units"]["link"]
    text = (
        f"On {told['papers']} published papers that were set aside before training ({told['sentences']:,} sentences), "
        f"the labels reach a macro-F1 of {_figure(told['macro5'])} (cue phrases: "
        f"{told['baselines']['cues']['macro5']['value']:.2f}; two annotators: {agreed['macro5']['value']:.2f}) and the "
        f"links between gold units an F1 of {_figure(link)} (nearest claim or challenge before: "
        f"{told['baselines']['nearest_on_gold_units']['link']['value']:.2f}; two annotators: "
        f"{agreed['link']['value']:.2f}); from units that the model found itself, "
        f"{_figure(told['relations']['predicted_units']['link'])}."
    )
    if samples := scores.get("samples"):
        text += (
            f" On the {samples['papers']} sample papers of this repository, from PDF to map: macro-F1 "
            f"{_figure(samples['macro5'])}, links {_figure(samples['relations']['predicted_units']['link'])}."
        )
    return text


def calibration(scores: dict[str, Any]) -> str:
    """What the probabilities are worth."""
    told = scores["published"]
    c = told["calibration"]
    return (
        f"Class-wise expected calibration error of the label probabilities {c['ece']:.3f}, Brier skill "
        f"{c['brier_skill']:.3f} (0 is no better than the labels' shares, 1 is perfect); expected calibration error of "
        f"the relations' scores on gold units {c['links_ece']:.3f}. Attribution: F1 of reported "
        f"{_figure(told['attribution'])}."
    )


def labels(scores: dict[str, Any]) -> str:
    """Label tables."""
    told = scores["published"]
    return markdown(labels_rows(told)) + "\n\n" + markdown(labels_summary_rows(told))


def relations(scores: dict[str, Any]) -> str:
    """Relation table."""
    return markdown(relations_rows(scores["published"]))


def samples(scores: dict[str, Any]) -> str:
    """The samples, from PDF to map."""
    told = scores.get("samples")
    return markdown(sample_rows(told)) if told else "Not scored since the model was trained; run `make scores`."


def papers(scores: dict[str, Any]) -> str:
    """The test papers one by one."""
    return markdown(paper_rows(scores["published"]))


def kinds(scores: dict[str, Any]) -> str:
    """The test papers by kind."""
    return markdown(kind_rows(scores["published"]))


def thresholds(scores: dict[str, Any]) -> str:
    """What a threshold on a unit's probability buys."""
    return markdown(threshold_rows(scores["published"]))


def reach(scores: dict[str, Any]) -> str:
    """How many relations the linker can reach at all."""
    return f"{scores['published']['window']:.1%} of the relations that annotators drew lie within that reach."


def errors(scores: dict[str, Any]) -> str:
    """The surest mistakes on the samples."""
    told = scores.get("samples")
    if not told:
        return "Not scored since the model was trained; run `make scores`."
    return "\n".join(
        f"- *{e['paper']}*: “{e['text']}” "
        f"Annotators: **{e['gold']}**; the model: **{e['predicted']}** ({e['score']:.2f})."
        for e in told["errors"]
    )


def key_points(scores: dict[str, Any]) -> str:
    """The key points on the test part."""
    return markdown(key_point_rows(scores["key_points"]))


def first_screen(scores: dict[str, Any]) -> str:
    """One paragraph: how right the first screen is, beside what."""
    told = scores["key_points"]
    rules, first = (told["baselines"][name]["hit@1"]["value"] for name in ("former rules", "first sentence"))
    text = (
        f"On {told['papers']} papers that were set aside before anybody read them for their key points, the first "
        f"thesis shown is one of the paper's in {_figure(told['hit@1'])} (the rules before: {rules:.2f}; its first "
        f"sentence: {first:.2f}); of all entries of the first screen {_figure(told['precision'])} are right, and "
        f"{_figure(told['coverage'])} of the places that readers filled have a right one; of the answers shown to "
        f"problems {_figure(told['answers'])} are right."
    )
    if points := (scores.get("samples") or {}).get("key_points"):
        hit = points["hit@1"]
        right = round(hit["value"] * hit["n"])
        text += f" On the samples, from PDF to map, the first thesis is right in {right} of {hit['n']}."
    return text


def tables(scores: dict[str, Any]) -> str:
    """Everything that the README shows."""
    return "\n\n".join((labels(scores), relations(scores), key_points(scores), samples(scores)))


PARTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "headline": headline, "tables": tables, "labels": labels, "relations": relations, "samples": samples,
    "calibration": calibration, "papers": papers, "kinds": kinds, "thresholds": thresholds, "reach": reach,
    "errors": errors, "key_points": key_points, "first_screen": first_screen,
}  # fmt: skip


def render(text: str, scores: dict[str, Any]) -> str:
    """The text with its blocks filled. Raises KeyError for a block that nothing is known to fill."""
    return fill(text, "scores", lambda name: PARTS[name](scores))


def _figure(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.2f} [{low:.2f}, {high:.2f}]"


def main() -> int:
    """Fill or check all files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a file is out of date")
    options = parser.parse_args()
    scores = load_facts(MODEL / "scores.json")
    stale = 0
    for path in FILES:
        if not path.exists():
            continue
        before = path.read_text(encoding="utf-8")
        after = render(before, scores)
        if before == after:
            continue
        stale += 1
        if options.check:
            print(
                f"{path.relative_to(ROOT)}: its figures are not those of scores.json; run `make scores`",
                file=sys.stderr,
            )
        else:
            path.write_text(after, encoding="utf-8")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
