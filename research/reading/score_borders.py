"""How well sentence borders are found: F1 against borders that readers drew or a source gives.

    python -m research.reading.score_borders READ BORDERS [--splitter read|argmine|nupunkt|pysbd] [--errors N]

READ holds <stem>/paper.json as `argmine read` writes them, BORDERS either <stem>.txt (a sentence a line, an empty line
between stretches of text) or <stem>.json with `sentences` in the paper's order, as the benchmark's truths are.

Positions are counted in letters (`argmine.text.letters`), so that spaces, hyphens and citations in brackets don't
matter. Of a stretch those runs of sentences count that stand in the letters of the read sentences, in one piece; a
border is the place between two sentences of a run, its two ends are none. `--splitter` draws the borders anew within
the blocks as read, so that splitters differ in nothing but borders (pysbd: in an environment that has it).
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from argmine.metrics import FEWEST, draws, f1, interval
from argmine.paper import BODY_TYPES, Paper
from argmine.readers.sentences import cites_authorities, split_sentences
from argmine.text import letters

Splitter = Callable[[str], list[str]]


class Scored(NamedTuple):
    """A paper's borders: hits, said, right; how many sentences of the truth were found in it; and what is wrong."""

    hits: int
    said: int
    right: int
    found: int
    given: int
    errors: list[str]


def stretches(path: Path) -> list[list[str]]:
    """The sentences of each stretch of a truth."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [json.loads(text)["sentences"]]
    parts = [[line.strip() for line in part.splitlines() if line.strip()] for part in text.split("\n\n")]
    return [part for part in parts if part]


def runs(sentences: Sequence[str], stream: str) -> Iterator[tuple[int, list[int]]]:
    """The longest runs of sentences that stand in `stream` in one piece: where, and the letters of each."""
    first = 0
    bare = [letters(s) for s in sentences]
    while first < len(bare):
        whole, at, last = bare[first], stream.find(bare[first]), first + 1
        while at >= 0 and last < len(bare) and (place := stream.find(whole + bare[last])) >= 0:
            whole, at, last = whole + bare[last], place, last + 1
        if at >= 0 and whole:
            yield at, [len(b) for b in bare[first:last] if b]
        first = last


def score(truth: Sequence[Sequence[str]], read: Sequence[str]) -> Scored:
    """The borders of `read`, a paper's sentences in order, against those of the truth's stretches."""
    bare = [letters(s) for s in read]
    stream = "".join(bare)
    starts = sorted(set(np.cumsum([0, *map(len, bare)]).tolist()))
    hits = said = right = found = 0
    errors: list[str] = []
    for stretch in truth:
        for at, lengths in runs(stretch, stream):
            end = at + sum(lengths)
            wanted = set((at + np.cumsum(lengths)[:-1]).tolist())
            drawn = set(starts[bisect_right(starts, at) : bisect_left(starts, end)])
            hits, said, right = hits + len(wanted & drawn), said + len(drawn), right + len(wanted)
            found += len(lengths)
            errors += [
                f"{kind} {_around(read, bare, place)}"
                for kind, places in (("-", wanted - drawn), ("+", drawn - wanted))
                for place in sorted(places)
            ]
    return Scored(hits, said, right, found, sum(map(len, truth)), errors)


def _around(read: Sequence[str], bare: Sequence[str], place: int) -> str:
    """The text around a place that is counted in letters."""
    for sentence, letters_of in zip(read, bare, strict=True):
        if place < len(letters_of):
            break
        before, place = sentence, place - len(letters_of)
    if not place:
        return f"{before[-70:]} | {sentence[:60]}"
    at = next((i for i in range(len(sentence)) if len(letters(sentence[:i])) >= place), len(sentence))
    return f"{sentence[max(0, at - 70) : at]} ¦ {sentence[at : at + 60]}"


def splitter(name: str, paper: Paper) -> Splitter | None:
    """The sentences of a block as this splitter draws them; None for those that were read."""
    if name == "argmine":
        among = cites_authorities(paper.text)
        return lambda text: [text[a:z] for a, z in split_sentences(text, among_authorities=among)]
    if name == "nupunkt":
        from nupunkt import load

        punkt = load("default")
        return lambda text: [text[a:z] for a, z in punkt.span_tokenize(text)]
    if name == "pysbd":
        import pysbd  # type: ignore[import-not-found, unused-ignore]

        segmenter = pysbd.Segmenter(language="en", clean=False)
        return lambda text: list(segmenter.segment(text))
    return None


def sentences(paper: Paper, split: Splitter | None) -> list[str]:
    """A paper's body sentences, drawn anew by a splitter where there is one."""
    if split is None:
        return [paper.slice(s) for s in paper.sentences]
    blocks = (paper.slice(b) for b in paper.blocks if b.type in BODY_TYPES)
    return [s for block in blocks for s in split(block) if letters(s)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("read", type=Path)
    parser.add_argument("borders", type=Path)
    parser.add_argument("--splitter", choices=("read", "argmine", "nupunkt", "pysbd"), default="read")
    parser.add_argument("--errors", type=int, default=0, help="how many wrong borders of each paper to print")
    options = parser.parse_args()
    rows: list[Scored] = []
    for path in sorted((*options.borders.glob("*.txt"), *options.borders.glob("*.json"))):
        read = options.read / path.stem / "paper.json"
        if not read.exists():
            print(f"{path.stem}: not read")
            continue
        paper = Paper.from_file(read)
        row = score(stretches(path), sentences(paper, splitter(options.splitter, paper)))
        rows.append(row)
        share = f1(np.array([row.hits, row.said, row.right], dtype=float))
        print(f"{path.stem:40} F1 {float(share):.3f}  -{row.right - row.hits} +{row.said - row.hits} of {row.right}"
              f"; {row.found} of {row.given} sentences found")  # fmt: skip
        print(
            *(f"    {error}" for error in row.errors[: options.errors]),
            sep="\n",
            end="\n" if row.errors and options.errors else "",
        )
    table = np.array([row[:3] for row in rows], dtype=float).reshape(-1, 3)
    hits, said, right = table.sum(axis=0)
    drawn = f1(draws(len(rows), 0) @ table)
    ends = interval(drawn) if len(rows) >= FEWEST else None
    print(f"{options.splitter}: precision {hits / max(1, said):.4f}, recall {hits / max(1, right):.4f},"
          f" F1 {float(f1(table.sum(axis=0))):.4f}", ends and f"[{ends[0]:.4f}, {ends[1]:.4f}]",
          f"of {int(right)} borders in {len(rows)} papers")  # fmt: skip


if __name__ == "__main__":
    main()
