"""A second truth, written by people: how like what is shown first is to the summaries that papers have of themselves.

    python research/key_points/second_truth.py texts --mirrors FOLDER --bank TEXTS... --out PAPERS
    python research/key_points/second_truth.py score PAPERS --maps NAME=FOLDER... [--model MODEL] [--gold GOLD...]
        [--report research/key_points/second_truth.json]

`texts` makes the papers of second_truth.jsonl without their summaries: author summaries and digests of articles,
highlights, the syllabi of judgments, summaries of reports and rules (summaries.py tells how a row says where its own
stands). It writes PAPERS/<slug>/paper.json and summary.json; `former_rules.py` reads these too. TEXTS are the bank's,
as for baselines.py. --pin writes the digests found into the table.

`score` compares the theses and reasons of the first screen (two of each) with the summary: by ROUGE-L (Lin 2004; F1 of
longest common subsequences over all sentences), whole and of the first 75 words shown, since long sentences share more;
and by sentence vectors of all-MiniLM-L6-v2, as the mean of each sentence's likest one on the other side, both ways (an
F measure). Beside the maps stand lead and LexRank with the same number of sentences, and the readers' choices where
GOLD has the paper. Intervals are 95 %, by bootstrap over papers; `against` is what the first of the maps has more than
each of the others, on the same papers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from argmine.annotation.key_points import load_key_points
from argmine.argument_map import ArgumentMap, MapKeyPoints
from argmine.evaluation.key_points import SCREEN
from argmine.metrics import draws, figure
from argmine.model.model import Model
from argmine.paper import Paper
from research.key_points.baselines import RANKINGS, chosen, entries
from research.key_points.fetch_papers import digest, raw_files, read_rows, write_rows
from research.key_points.import_readings import papers
from research.key_points.summaries import summarised

TABLE: Final = Path(__file__).parent / "second_truth.jsonl"
REPORT: Final = Path(__file__).parent / "second_truth.json"
PLACES: Final = ("thesis", "reasons")
READERS: Final = "readers"
Likeness = Callable[[Sequence[str], Sequence[str]], dict[str, float]]
"""How like the sentences that are shown are to those of a summary, by the measures' names."""


@dataclass(frozen=True)
class Case:
    """A paper, its summary, and the sentences that each of several shows of it."""

    slug: str
    kind: str
    truth: str
    summary: Sequence[str]
    shown: Mapping[str, Sequence[str]]


def first_screen(points: MapKeyPoints | None) -> list[str]:
    """The texts of the theses and reasons on a first screen, each sentence once."""
    on_it = [e for place in PLACES for e in (points.place(place) if points else ())[: SCREEN[place]]]
    return list({e.sentence: e.text for e in on_it}.values())


def by_ranking(name: str, paper: Paper) -> list[str]:
    """As many sentences as a first screen has theses and reasons, the best by a baseline."""
    most = sum(SCREEN[place] for place in PLACES)
    return [e.text for e in entries(paper, RANKINGS[name](paper)[:most])]


def measured(cases: Iterable[Case], like: Likeness) -> dict[str, list[dict[str, Any]]]:
    """The rows of each group of papers: of all, by the kind of summary, and by the kind of paper."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        row = {"slug": case.slug, "scores": {name: like(texts, case.summary) for name, texts in case.shown.items()}}
        for group in ("all", f"summary: {case.truth}", f"paper: {case.kind}"):
            groups[group].append(row)
    return groups


def figures(rows: Sequence[Mapping[str, Any]], names: Sequence[str], *, seed: int = 0) -> dict[str, Any]:
    """Each measure of each of `names` over the papers where all of them show something to compare, and what the first
    has more than the others."""
    kept = [r["scores"] for r in rows if all(name in r["scores"] for name in names)]
    found: dict[str, Any] = {"n": len(kept)}
    if not kept:
        return found
    drawn = draws(len(kept), seed) / len(kept)
    for measure in kept[0][names[0]]:
        values = {name: np.array([scores[name][measure] for scores in kept]) for name in names}
        told: dict[str, Any] = {name: figure(of.mean(), drawn @ of) for name, of in values.items()}
        ahead = {name: values[names[0]] - of for name, of in values.items() if name != names[0]}
        told["against"] = {name: figure(more.mean(), drawn @ more) for name, more in ahead.items()}
        found[measure] = told
    return found


def report(groups: Mapping[str, Sequence[Mapping[str, Any]]], names: Sequence[str]) -> dict[str, Any]:
    """The figures of all groups, and again of the papers that readers chose key points of."""
    told: dict[str, Any] = {group: figures(rows, names) for group, rows in groups.items()}
    told["where readers chose"] = figures(groups["all"], [*names, READERS])
    told["by paper"] = {row["slug"]: row["scores"] for row in groups["all"]}
    return told


def lines(told: Mapping[str, Any]) -> list[str]:
    """The figures of each group for the terminal."""
    found: list[str] = []
    for group, of in told.items():
        if group == "by paper" or not of["n"]:
            continue
        found.append(f"{group} ({of['n']})")
        for measure, values in of.items():
            if isinstance(values, Mapping):
                cells = (f"{name} {cell(value)}" for name, value in values.items() if name != "against")
                found.append(f"  {measure:19} " + "  ".join(cells))
    return found


def cell(value: Mapping[str, Any]) -> str:
    ends = f" [{value['interval'][0]:.3f}, {value['interval'][1]:.3f}]" if "interval" in value else ""
    return f"{value['value']:.3f}{ends}"


def make_texts(options: argparse.Namespace) -> None:
    rows = read_rows(options.table)
    bank = {paper.slug: paper for paper, _ in papers(options.bank)}
    for row in rows:
        if options.pin and "path" in row:
            row["sha256"] = digest(raw_files(row, options.mirrors)[0])
        told = summarised(row, options.mirrors, bank)
        place = options.out / told.slug
        place.mkdir(parents=True, exist_ok=True)
        (place / "paper.json").write_text(told.paper.to_json(), encoding="utf-8")
        about = {"slug": told.slug, "kind": told.kind, "truth": told.truth, "summary": told.summary}
        (place / "summary.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"{len(told.paper.sentences):5} sentences, {len(told.summary):3} of the summary  {told.slug}")
    if options.pin:
        write_rows(options.table, rows)


def make_cases(options: argparse.Namespace) -> list[Case]:
    """What each shows of each paper; a map that is not there shows nothing."""
    found = {path.parent.name: Paper.from_file(path) for path in sorted(options.papers.glob("*/paper.json"))}
    gold, _ = load_key_points(options.gold or [], found)
    readers = {g.slug: chosen(g.readings[0], g.paper) for g in gold}
    model = Model.load(options.model) if options.model else None
    cases = []
    for slug, paper in found.items():
        about = json.loads((options.papers / slug / "summary.json").read_text(encoding="utf-8"))
        shown: dict[str, list[str]] = {}
        if model is not None:
            shown["model"] = first_screen(model.predict(paper).key_points)
        for name, folder in options.maps:
            path = folder / slug / "map.json"
            shown[name] = first_screen(ArgumentMap.from_file(path).key_points) if path.is_file() else []
        shown |= {name: by_ranking(name, paper) for name in ("lead", "lexrank")}
        if slug in readers and (theirs := first_screen(readers[slug])):
            shown[READERS] = theirs
        cases.append(Case(slug, about["kind"], about["truth"], about["summary"], shown))
        print(f"{slug}: {', '.join(f'{len(texts)} of {name}' for name, texts in shown.items())}", file=sys.stderr)
    return cases


def make_report(options: argparse.Namespace) -> None:
    from research.key_points.likeness import likeness_of  # torch and rouge-score, which `texts` does without

    cases = make_cases(options)
    if not cases:
        sys.exit(f"{options.papers}: holds no paper that `texts` made")
    names = [name for name in cases[0].shown if name != READERS]
    told = report(measured(cases, likeness_of(options.vectors)), names)
    print("\n".join(lines(told)))
    options.report.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not folder:
        raise argparse.ArgumentTypeError(f"{text}: give a name and a folder of maps, as model=FOLDER")
    return name, Path(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    texts = commands.add_parser("texts", help="make the papers without their summaries")
    texts.add_argument("--table", type=Path, default=TABLE)
    texts.add_argument("--mirrors", type=Path, required=True, help="folder of mirrors: owner+name/repo")
    texts.add_argument("--bank", type=Path, nargs="+", default=[])
    texts.add_argument("--out", type=Path, required=True)
    texts.add_argument("--pin", action="store_true", help="write the digests found into the table")
    texts.set_defaults(do=make_texts)
    score = commands.add_parser("score", help="compare what is shown first with the summaries")
    score.add_argument("papers", type=Path)
    score.add_argument("--maps", type=named_folder, nargs="+", default=[], help="NAME=FOLDER of <slug>/map.json")
    score.add_argument("--model", type=Path, help="a model whose maps are made now, and come first")
    score.add_argument("--gold", type=Path, nargs="+", help="annotation files or folders")
    score.add_argument("--vectors", type=Path, help="folder of all-MiniLM-L6-v2 (the package's, where it is installed)")
    score.add_argument("--report", type=Path, default=REPORT)
    score.set_defaults(do=make_report)
    options = parser.parse_args(arguments)
    options.do(options)


if __name__ == "__main__":
    main()
