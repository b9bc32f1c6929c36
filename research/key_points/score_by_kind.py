"""Key points of several folders of maps against the readers' choices, side by side and by kind of paper.

    python research/key_points/score_by_kind.py MAPS... --gold GOLD... --texts TEXTS... [--part test] [--report FILE]

MAPS are folders of <slug>/map.json, which `argmine evaluate --key-points --maps` and the baselines here write; GOLD and
TEXTS as for baselines.py. `papers.csv` tells kind and part of each paper. Each share stands with its 95 % interval
(bootstrap over papers) and, after a slash, with what it is a share of.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from argmine.annotation.key_points import KeyPointGold
from argmine.evaluation.key_points import OVERALL, read_maps, score
from research.key_points.baselines import gold_of
from research.key_points.import_readings import rows_of

SHOWN: Final = ("hit@1", "precision", "coverage", "answers", "answered")


def by_kind(gold: Sequence[KeyPointGold], rows: Mapping[str, Mapping[str, str]]) -> dict[str, list[KeyPointGold]]:
    """The papers of each kind, the largest first, after all of them together."""
    kinds: dict[str, list[KeyPointGold]] = defaultdict(list)
    for g in gold:
        kinds[rows.get(g.slug, {}).get("kind", "not told")].append(g)
    return {"all": list(gold), **dict(sorted(kinds.items(), key=lambda k: (-len(k[1]), k[0])))}


def table(kind: str, scored: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The lines of one kind: a head, and a line for each folder of maps."""
    wide = max(len(name) for name in scored)
    n = next(iter(scored.values()))["papers"]
    lines = [f"{kind} ({n})"]
    for name, told in scored.items():
        lines.append(f"  {name:{wide}}  " + "  ".join(f"{figure} {cell(told[figure])}" for figure in SHOWN))
    return lines


def cell(figure: Mapping[str, Any]) -> str:
    if not figure["n"]:
        return "–"
    ends = f" [{figure['interval'][0]:.2f}, {figure['interval'][1]:.2f}]" if "interval" in figure else ""
    return f"{figure['value']:.2f}{ends}/{figure['n']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("maps", type=Path, nargs="+")
    parser.add_argument("--gold", type=Path, nargs="+", required=True)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--part", nargs="+", help="only papers of these parts: train, dev, test, aside")
    parser.add_argument("--report", type=Path, help="write all figures as JSON")
    options = parser.parse_args()
    rows = rows_of()
    parts = set(options.part or ())
    gold = [g for g in gold_of(options.gold, options.texts) if not parts or rows.get(g.slug, {}).get("part") in parts]
    report: dict[str, dict[str, Any]] = {}
    shown = {
        folder.name: {slug: told for slug, (_, told) in read_maps(gold, folder).items()} for folder in options.maps
    }
    for kind, papers in by_kind(gold, rows).items():
        scored = {name: score(papers, of) for name, of in shown.items()}
        print("\n".join(table(kind, scored)))
        kept = ("papers", "places", *OVERALL)
        report[kind] = {name: {k: told[k] for k in kept} for name, told in scored.items()}
    if options.report:
        options.report.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
