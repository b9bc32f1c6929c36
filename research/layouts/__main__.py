"""Make the PDFs of a part with their truths, or score what was read of them.

    python -m research.layouts make ../shared/papers/truth OUT --part mend
    argmine read OUT/mend/pdf --out READ --ocr never
    python -m research.layouts score READ OUT/mend/truth

Each layout is dealt to a part by its producer: those of `mend` are looked at while a reader is made better, those of
`last` only once it is done, by other producers and over other papers. The same truths give the same texts and layouts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from . import latex, typeset, web
from .content import Content, Kind, make_content
from .score import table


class Made(NamedTuple):
    """One PDF to make: what it shows, by whom, in which mode, with what between its paragraphs."""

    shows: str
    producer: str
    mode: str
    extras: tuple[Kind, ...] = ()


MEND = (
    *(Made("numbers", "pdflatex", mode) for mode in latex.NUMBERED),
    Made("panel", "pdflatex", "panel", ("panel",)),
    Made("panel", "pdflatex", "panel-box", ("note",)),
    Made("panel", "pdflatex", "sidenotes", ("note",)),
    Made("labels", "pdflatex", "plain", ("labelled",)),
    Made("labels", "pdflatex", "twocolumn", ("labelled",)),
    Made("labels", "pdflatex", "panel-box", ("labelled",)),
    *(Made("box", "pdflatex", mode, ("box",)) for mode in ("plain", "ground", "framed", "wrapped")),
    Made("figure", "pdflatex", "plain", ("figure",)),
    Made("figure", "pdflatex", "twocolumn", ("figure", "equation")),
    Made("figure", "pdflatex", "left", ("figure", "box")),
    Made("kinds", "pdflatex", "plain", ("contents", "epigraph", "equation", "list")),
    Made("kinds", "pdflatex", "framed", ("contents", "epigraph", "equation", "list")),
    Made("kinds", "pdflatex", "twocolumn", ("epigraph", "equation", "list")),
)
LAST = (
    Made("numbers", "lualatex", "left"),
    Made("numbers", "lualatex", "switch"),
    Made("numbers", "dvipdfmx", "twocolumn"),
    Made("numbers", "chromium", "left"),
    Made("numbers", "chromium", "right5"),
    Made("numbers", "typst", "left"),
    Made("numbers", "typst", "twocolumn"),
    Made("numbers", "typst", "pagewise"),
    Made("panel", "chromium", "panel", ("panel",)),
    Made("panel", "chromium", "sidenotes", ("note",)),
    Made("panel", "typst", "panel", ("panel",)),
    Made("panel", "typst", "sidenotes", ("note",)),
    Made("panel", "lualatex", "panel", ("panel",)),
    *(Made("labels", who, "plain", ("labelled",)) for who in ("chromium", "typst", "lualatex")),
    *(Made("box", "chromium", mode, ("box",)) for mode in ("plain", "ground", "wrapped")),
    *(Made("box", "typst", mode, ("box",)) for mode in ("plain", "ground")),
    *(Made("figure", who, "plain", ("figure",)) for who in ("chromium", "typst", "lualatex")),
    *(
        Made("kinds", who, "plain", ("contents", "epigraph", "equation", "list"))
        for who in ("chromium", "typst", "lualatex")
    ),
)
PARTS = {"mend": MEND, "last": LAST}


def producer(name: str) -> Callable[[Content, str, Path], None]:
    """What writes a content to a PDF in a mode."""
    makers = {"chromium": web.produce, "typst": typeset.produce}
    return makers.get(name) or partial(latex.produce, engine=name)


def make(truths: Path, out: Path, part: str) -> None:
    """Write OUT/part/pdf and OUT/part/truth. The papers of one part are not those of the other."""
    files = sorted(truths.glob("*.json"))
    usable = [f for f in files if len(json.loads(f.read_text(encoding="utf-8"))["sentences"]) >= 70]
    usable = usable[::2] if part == "mend" else usable[1::2]
    for kind in ("pdf", "truth"):
        (out / part / kind).mkdir(parents=True, exist_ok=True)
    for i, made in enumerate(PARTS[part]):
        content = make_content(json.loads(usable[i % len(usable)].read_text(encoding="utf-8")), made.extras)
        name = f"{made.shows}-{made.producer}-{made.mode}"
        if not (out / part / "pdf" / f"{name}.pdf").exists():
            producer(made.producer)(content, made.mode, out / part / "pdf" / f"{name}.pdf")
        truth = json.dumps(content.truth(), ensure_ascii=False, indent=1) + "\n"
        (out / part / "truth" / f"{name}.json").write_text(truth, encoding="utf-8")


def main() -> None:
    """Make or score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("truths", type=Path)
    making.add_argument("out", type=Path)
    making.add_argument("--part", choices=sorted(PARTS), default="mend")
    scoring = commands.add_parser("score")
    scoring.add_argument("read", type=Path)
    scoring.add_argument("truths", type=Path)
    options = parser.parse_args()
    if options.command == "make":
        make(options.truths, options.out, options.part)
    else:
        print(table(options.read, options.truths))


if __name__ == "__main__":
    main()
