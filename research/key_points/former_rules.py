"""What the rules before the model of key points showed first, as maps that `argmine evaluate --key-points` scores.

    git worktree add ELSEWHERE 54e218d
    PYTHONPATH=ELSEWHERE/src python research/key_points/former_rules.py PAPERS --out FOLDER

The rules are argmine's at that commit (render/rank.py and brief.py, which went when the model came), with the model of
its time; so this script runs there, and on nothing that came later. PAPERS is a folder of <slug>/paper.json, FOLDER
gets <slug>/map.json and paper.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def entry(unit: Any) -> dict[str, Any]:
    place = {"start": unit.start, "end": unit.end, "text": unit.text, "page": unit.page}
    return {"sentence": unit.sentence, "unit": unit.id, **place}


def shown(ranking: Any, brief: Any) -> dict[str, list[dict[str, Any]]]:
    """The places of the first screen as those rules filled them, and the answer that a problem was shown with."""
    short = brief(ranking, theses=2, reasons=2, motives=2, left_open=2, problems=2, recommendations=3)
    named = {
        "thesis": short.theses,
        "reasons": short.reasons,
        "why": short.motives,
        "recommendations": short.recommendations,
        "problems": short.problems,
        "open": short.stated_open,
    }
    answers = [
        {"problem": problem.sentence} | {k: v for k, v in entry(answer).items() if k != "unit"}
        for problem in (*short.problems, *short.stated_open)
        if problem.label == ranking.amap.labels.place("problems")
        for answer in ranking.answers(problem)[:1]
    ]
    return {place: [entry(u) for u in units] for place, units in named.items()} | {"answers": answers}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        brief = import_module("argmine.render.brief").brief
        rank = import_module("argmine.render.rank").Ranking
    except (ImportError, AttributeError):
        sys.exit("these rules are argmine's at commit 54e218d: put its src/ into PYTHONPATH")
    model = import_module("argmine.model.model").Model.load(None)
    read = import_module("argmine.paper").Paper.from_file
    found = sorted(options.papers.glob("*/paper.json"))
    for path in found:
        paper = read(path)
        amap = model.predict(paper)
        told = json.loads(amap.to_json()) | {"key_points": shown(rank(paper, amap), brief)}
        place = options.out / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "map.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        (place / "paper.json").write_bytes(path.read_bytes())
    print(f"{options.out}: {len(found)} maps")


if __name__ == "__main__":
    main()
