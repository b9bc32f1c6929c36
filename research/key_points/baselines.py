"""Baselines for key points: what a model has to beat, as maps that `argmine evaluate --key-points` scores.

    python research/key_points/baselines.py GOLD... --texts TEXTS... --out FOLDER [--only NAME...]

GOLD are annotation files or folders, TEXTS the papers' texts (folders of bank papers, and the JSON Lines files of
`fetch_papers.py`). FOLDER gets <name>/<slug>/map.json and paper.json for each baseline:

- first: the first sentence is the thesis, and nothing else is shown
- lead: each place shows the first sentences of the paper
- title: each place shows the sentences likest to the title, by tf-idf
- lexrank: each place shows the most central sentences (LexRank: Erkan and Radev 2004)

What the rules before the model showed is made by `former_rules.py`, from the same paper.json files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import networkx
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from argmine.annotation.bank import paper_of
from argmine.annotation.key_points import KeyPointGold, KeyPoints, load_key_points
from argmine.argument_map import Answer, ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, PaperRef
from argmine.evaluation.key_points import SCREEN, write_with_papers
from argmine.paper import Paper
from research.key_points.import_readings import papers

Ranking = Callable[[Paper], list[str]]
"""A paper's sentences by their ids, best first."""

ALIKE: Final = 0.1
"""From this cosine on two sentences vouch for each other; Erkan and Radev found it the best of those they tried."""
DAMPING: Final = 0.85
FEWEST_LETTERS: Final = 20
"""A shorter sentence is debris of the reading; none of the rankings begins with one."""


def sentences(paper: Paper) -> dict[str, str]:
    """The sentences that a ranking may choose, by their ids."""
    texts = {s.id: paper.slice(s) for s in paper.sentences}
    return {id: text for id, text in texts.items() if sum(map(str.isalpha, text)) >= FEWEST_LETTERS} or texts


def lead(paper: Paper) -> list[str]:
    return list(sentences(paper))


def title(paper: Paper) -> list[str]:
    texts = sentences(paper)
    vectors = weighed([paper.title, *texts.values()])
    return by(vectors[1:] @ vectors[0], list(texts))


def lexrank(paper: Paper) -> list[str]:
    """By PageRank over the graph of sentences whose cosine is at least ALIKE, each edge as heavy as it is."""
    texts = sentences(paper)
    vectors = weighed(list(texts.values()))
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, 0.0)
    graph = networkx.from_numpy_array(np.where(cosine >= ALIKE, cosine, 0.0))
    score = networkx.pagerank(graph, alpha=DAMPING)
    return by(np.array([score[i] for i in range(len(texts))]), list(texts))


def weighed(texts: Sequence[str]) -> NDArray[np.float64]:
    """The texts' tf-idf vectors of length 1; of texts without a word they are empty."""
    try:
        return np.asarray(TfidfVectorizer(sublinear_tf=True).fit_transform(texts).todense())
    except ValueError:
        return np.zeros((len(texts), 1))


def by(score: NDArray[np.float64], ids: Sequence[str]) -> list[str]:
    """The best first; of what is alike the earlier in the text."""
    return [ids[i] for i in np.argsort(-score, kind="stable")]


RANKINGS: Final[Mapping[str, Ranking]] = {"lead": lead, "title": title, "lexrank": lexrank}
NAMES: Final = ("first", *RANKINGS)


def key_points(name: str, paper: Paper) -> MapKeyPoints:
    """What a baseline shows: in each place the same sentences; of `first` the first as thesis alone."""
    if not paper.sentences:
        return MapKeyPoints()
    if name == "first":
        return MapKeyPoints(thesis=entries(paper, lead(paper)[:1]))
    ranked = RANKINGS[name](paper)
    return MapKeyPoints(**{place: entries(paper, ranked[:most]) for place, most in SCREEN.items()})


def chosen(reading: KeyPoints, paper: Paper) -> MapKeyPoints:
    """A reader's choices as a map's key points: of each place the best, in the order of the text."""
    order = {s.id: n for n, s in enumerate(paper.sentences)}
    places = {
        place: entries(paper, sorted(grades, key=lambda id: (-grades[id], order[id])))
        for place, grades in reading.places.items()
    }
    answers = tuple(Answer(problem=a, **at(paper, b)) for a, b in reading.answers if b is not None)
    return MapKeyPoints(**places, answers=answers)


def entries(paper: Paper, ids: Sequence[str]) -> tuple[KeyPoint, ...]:
    return tuple(KeyPoint(**at(paper, id)) for id in ids)


def at(paper: Paper, id: str) -> dict[str, Any]:
    sentence = paper.sentence(id)
    text = paper.slice(sentence)
    return {"sentence": id, "start": sentence.start, "end": sentence.end, "text": text, "page": sentence.page}


def map_of(paper: Paper, points: MapKeyPoints, name: str) -> ArgumentMap:
    return ArgumentMap(paper=PaperRef.of(paper), made_by=MadeBy(kind="model", name=name), key_points=points)


def gold_of(annotations: Sequence[Path], texts: Sequence[Path]) -> list[KeyPointGold]:
    """The readers' choices over these texts. Papers whose text is not there are named."""
    known = {bank.slug: paper_of(bank) for bank, _ in papers(texts)}
    gold, absent = load_key_points(annotations, known)
    if absent:
        print(f"no text of {', '.join(absent)}")
    return gold


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    options = parser.parse_args()
    gold = gold_of(options.gold, options.texts)
    for name in options.only:
        maps = {g.slug: map_of(g.paper, key_points(name, g.paper), name) for g in gold}
        write_with_papers(maps, gold, options.out / name)
        print(f"{options.out / name}: {len(maps)} maps")


if __name__ == "__main__":
    main()
