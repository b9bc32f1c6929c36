"""Write annotations/agreement.json: how far the annotators of the published papers and of the samples agree.

    python scripts/measure_agreement.py [--check]

With --check nothing is written; the exit code is 1 where the file is not what the annotations give.
"""

from __future__ import annotations

import argparse
import json
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from argmine.annotation.agreement import Pair, agreement, blind_readings
from argmine.annotation.files import AnnotationFile, annotation_paths, read_annotations
from argmine.annotation.point_agreement import FIRST, point_agreement

ANNOTATIONS = Path(__file__).resolve().parents[1] / "annotations"
OUT = ANNOTATIONS / "agreement.json"


def figures_of(folder: Path) -> dict[str, Any]:
    """The figures of a folder's annotation folders: two readings of a paper's labels, and all of its key points."""
    papers = [p for p in sorted(folder.iterdir()) if p.is_dir() and p.name != "published"]
    files: list[list[AnnotationFile]] = [[read_annotations(f) for f in annotation_paths(paper)] for paper in papers]
    labelled = [blind_readings(of) for of in files]
    pointed = [blind_readings(of, attrgetter("points")) for of in files]
    pairs = [Pair(of[0].slug, of[0], of[1]) for of in labelled if len(of) >= 2]
    return agreement(pairs) | {"key_points": point_agreement([of for of in pointed if len(of) >= 2])}


def main() -> int:
    """Measure, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    figures = {"published": figures_of(ANNOTATIONS / "published"), "samples": figures_of(ANNOTATIONS)}
    text = json.dumps(figures, indent=1, sort_keys=True) + "\n"
    if check:
        if OUT.read_text(encoding="utf-8") != text:
            print(f"{OUT} is not what the annotations give; run scripts/measure_agreement.py", file=sys.stderr)
            return 1
        return 0
    OUT.write_text(text, encoding="utf-8")
    for name, found in figures.items():
        alpha, link = found["alpha"]["value"], found["link"]["value"]
        print(f"{name}: {found['papers']} papers, alpha {alpha:.3f}, link F1 {link:.3f}")
        points = found["key_points"]
        print(f"{name}: {points['papers']} papers, first thesis accepted {points['figures'][FIRST]['value']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
