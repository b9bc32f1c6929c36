"""How well in-text citations are linked with the entries that they name.

    python -m research.reading.score_citations PDF… [--errors N]

The truth is what the papers' own sources made: LaTeX, pandoc and Manubot turn a citation into a link within the PDF,
whose destination (cite.KEY, ref-KEY) stands at the entry. The readers don't look at links. What is compared are places
on pages: a link is found where a citation that was read lies over it and names the entry at its destination.

- recall: links found; precision: of the pairs (citation, entry) as read, those that a link confirms, where a citation
  lies over any link or none (the numbers inside of a range, which carry no link, are left out)
- whole: entries whose reference begins at the destination and ends where the next one begins
"""

from __future__ import annotations

import argparse
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pypdf import PdfReader
from pypdf.generic import Destination

from argmine.metrics import FEWEST, draws, interval
from argmine.paper import Box, Paper
from argmine.pipeline import read
from argmine.readers.build import clip_boxes

NAME = re.compile(r"/?(?:cite\.|ref-|bib\.?)")
NEAR = 15.0  # points: a citation's box within a line is reckoned, not measured


class Link(NamedTuple):
    """A link to an entry: its box, origin at the page's top left, and the name of its destination."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    name: str


class Scored(NamedTuple):
    """Links, links found, pairs read, pairs right, entries, entries found whole."""

    links: int
    found: int
    said: int
    right: int
    entries: int
    whole: int


def links(pdf: PdfReader) -> tuple[list[Link], dict[str, tuple[int, float, float]]]:
    """The links to entries, and of each entry its page, left and top, measured from the page's top."""
    named = {k.lstrip("/"): d for k, d in pdf.named_destinations.items() if NAME.match(k)}
    numbers = {p.indirect_reference.idnum: n for n, p in enumerate(pdf.pages, 1) if p.indirect_reference}
    tops = [float(p.cropbox.top) for p in pdf.pages]
    places = {name: place for name, d in named.items() if (place := _place(d, numbers, tops))}
    found: list[Link] = []
    for n, page in enumerate(pdf.pages, 1):
        for annotation in page.get("/Annots") or []:
            link = annotation.get_object()
            action = link.get("/A")
            target = link.get("/Dest") or (action and action.get_object().get("/D"))
            name = str(target).lstrip("/") if target is not None and not isinstance(target, list) else ""
            if link.get("/Subtype") == "/Link" and name in places:
                x0, y0, x1, y1 = map(float, link["/Rect"])
                left = float(page.cropbox.left)
                found.append(Link(n, min(x0, x1) - left, tops[n - 1] - max(y0, y1), max(x0, x1) - left,
                                  tops[n - 1] - min(y0, y1), name))  # fmt: skip
    return found, places


def _place(d: Destination, numbers: dict[int, int], tops: list[float]) -> tuple[int, float, float] | None:
    page = getattr(d.page, "idnum", None)
    if page not in numbers or d.top is None:
        return None
    number = numbers[page]
    return number, float(d.left or 0), tops[number - 1] - float(d.top)


def score(pdf: Path, errors: list[str]) -> Scored | None:
    """The counts of one paper; None where its PDF links nothing."""
    found, places = links(PdfReader(pdf))
    if not found:
        return None
    paper = read(pdf)
    blocks = [b for b in paper.blocks if b.type == "reference"]
    heads = [b.boxes[0] for b in blocks if b.boxes]
    at = {name: _entry(place, heads) for name, place in places.items()}
    named = {i: {name for name, index in at.items() if index == i} for i in set(at.values()) if i is not None}
    order = sorted(places, key=lambda name: (places[name][0], places[name][1] // 150, places[name][2]))
    steps = {name: at[after] for name, after in pairwise(order)}
    whole = sum(
        (index := at[name]) is not None and len(named[index]) == 1 and steps.get(name, index + 1) in (index + 1, None)
        for name in order
    )
    index_of = {r.id: i for i, r in enumerate(paper.references)}
    hit: set[Link] = set()
    said = right = 0
    for citation in paper.citations:
        boxes = _boxes(paper, citation.start, citation.end)
        under = [k for k in found if any(_over(box, k) for box in boxes)]
        linked = [index for k in under if (index := at[k.name]) is not None]
        for id in citation.references:
            names = named.get(index_of[id], set())
            confirming = [k for k in under if k.name in names]
            inside = linked and min(linked) < index_of[id] < max(linked)
            if confirming:
                hit.update(confirming)
            elif inside and re.search(r"\d\s?[-–]\s?\d|^\D*$", paper.text[citation.start : citation.end]):
                continue
            said, right = said + 1, right + bool(confirming)
            if not confirming:
                errors.append(
                    f"+ {paper.text[citation.start - 40 : citation.end]!r}: {paper.references[index_of[id]].raw[:60]!r}"
                )
    errors += [
        f"- page {k.page} at {k.x0:.0f}, {k.y0:.0f}: {k.name} ({_raw(paper, at[k.name])!r})"
        for k in found
        if k not in hit
    ]
    return Scored(len(found), len(hit), said, right, len(places), whole)


def _raw(paper: Paper, index: int | None) -> str | None:
    return None if index is None or index >= len(paper.references) else paper.references[index].raw[:60]


def _entry(place: tuple[int, float, float], heads: list[Box]) -> int | None:
    """Which reference begins at a destination: the next one below it in its column."""
    page, left, top = place
    below = [
        (box.y0, i) for i, box in enumerate(heads)
        if box.page == page and box.y1 > top + 2 and box.y0 < top + 30 and (left < 1 or abs(box.x0 - left) < 60)
    ]  # fmt: skip
    return min(below)[1] if below else None


def _boxes(paper: Paper, start: int, end: int) -> list[Box]:
    block = next((b for b in paper.blocks if b.start <= start and end <= b.end), None)
    return list(clip_boxes(paper.text, block.boxes, start, end)) if block else []


def _over(box: Box, link: Link) -> bool:
    apart = box.page != link.page or box.x0 - NEAR > link.x1 or link.x0 > box.x1 + NEAR
    return not apart and min(box.y1, link.y1) - max(box.y0, link.y0) > 0.4 * min(box.y1 - box.y0, link.y1 - link.y0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pdf", type=Path, nargs="+")
    parser.add_argument("--errors", type=int, default=0, help="how many wrong or missing pairs of each paper to print")
    options = parser.parse_args()
    rows: list[Scored] = []
    for pdf in options.pdf:
        errors: list[str] = []
        if (row := score(pdf, errors)) is None:
            print(f"{pdf.stem}: links no citation")
            continue
        rows.append(row)
        print(f"{pdf.stem:32}", line(np.array(row, dtype=float)))
        for error in errors[: options.errors]:
            print("   ", error)
    table = np.array(rows, dtype=float).reshape(-1, len(Scored._fields))
    print(f"{f'all {len(rows)}':32}", line(table.sum(axis=0)))
    if len(rows) >= FEWEST:
        drawn = draws(len(rows), 0) @ table
        for name, top, bottom in (("recall", 1, 0), ("precision", 3, 2), ("whole", 5, 4)):
            print(f"  {name}", interval(drawn[:, top] / np.maximum(1, drawn[:, bottom])))


def line(row: np.ndarray) -> str:
    """The shares of a row of counts, for people."""
    links, found, said, right, entries, whole = row
    return (
        f"recall {found / max(1, links):.3f} of {links:.0f}  precision {right / max(1, said):.3f} of {said:.0f}"
        f"  whole {whole / max(1, entries):.3f} of {entries:.0f}"
    )


if __name__ == "__main__":
    main()
