"""What was read of papers' titles, authors and the like, against what they print.

    python research/reading/score_metadata.py OUT TRUTH [--all]

OUT is what `argmine read` wrote: a folder with one folder a paper, paper.json in each. TRUTH is a JSONL file with a
paper a line (`metadata.jsonl` beside this script) or a folder of JSON files, one a paper: `slug` (else the file's
name), `title`, `subtitle`, `authors`, `affiliations`, `year`, `doi`, `venue`, `kind`. A value may be a list of what is
right as well; null means that the paper prints none, a missing key that nobody looked.

Titles, names and venues are compared by their letters and digits, so that quotes, hyphens and capitals don't count.
A title is right as the title alone or with its subtitle. Year, DOI, venue and kind have a recall over the papers that
print one and a precision over those for which one was read. Intervals are 95 %, by a bootstrap over papers.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from argmine.metrics import draws, f1, interval

Row = Mapping[str, Any]
_ONE: Final = ("year", "doi", "venue", "kind")
_ALSO: Final = {"preprint": "article"}  # a kind that only the place where it lies tells
_LISTS: Final = ("authors", "affiliations")


def letters(text: object) -> str:
    plain = unicodedata.normalize("NFKD", str(text)).casefold()
    return "".join(c for c in plain if c.isalnum())


def read_truth(path: Path) -> list[Row]:
    if path.is_dir():
        rows = [{"slug": file.stem, **json.loads(file.read_text())} for file in sorted(path.glob("*.json"))]
    else:
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [row for row in rows if "title" in row]


def among(truth: object, found: object) -> bool:
    right = [_ALSO.get(str(t), t) for t in (truth if isinstance(truth, list) else [truth])]
    return letters(found) in map(letters, right)


def title_is_right(truth: Row, found: Row) -> bool:
    read = letters(found.get("title") or "")
    whole = read + letters(found.get("subtitle") or "")
    wanted = truth["title"] if isinstance(truth["title"], list) else [truth["title"]]
    mains = [letters(title or "") for title in wanted]
    wholes = [main + letters(truth.get("subtitle") or "") for main in mains]
    return read in (*mains, *wholes) or whole in wholes


def name_key(name: str) -> str:
    return letters(re.sub(r"(?i)^(?:dr|prof|mr|mrs|ms)\.?\s+|,?\s+(?:ph\.?d|m\.?d)\.?$", "", name))


def counts(truth: Row, found: Row) -> dict[str, list[int]]:
    """Hits, said and right of each field for one paper; a title's are right, 1, 1."""
    result = {"title": [int(title_is_right(truth, found)), 1, 1]}
    for field in _LISTS:
        if field in truth:
            names, read = ({name_key(n) for n in row.get(field) or []} for row in (truth, found))
            result[field] = [len(names & read), len(read), len(names)]
    for field in _ONE:
        if field in truth:
            right, said = truth[field], found.get(field)
            hit = right is not None and said is not None and among(right, said)
            result[field] = [int(hit), int(said is not None), int(right is not None)]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--all", action="store_true", help="tell what was read wrong, paper by paper")
    given = parser.parse_args()
    rows: list[dict[str, list[int]]] = []
    for truth in read_truth(given.truth):
        file = given.out / truth["slug"] / "paper.json"
        found = json.loads(file.read_text()) if file.exists() else {}
        rows.append(counts(truth, found))
        if given.all:
            _tell(truth, found, rows[-1])
    print(f"{len(rows)} papers")
    print(f"{'':14}{'right':>12} {'precision':>9} {'recall':>9} {'f1':>6}  95 %")
    for field in ("title", *_LISTS, *_ONE):
        _print(field, [row[field] for row in rows if field in row])


def _tell(truth: Row, found: Row, row: Mapping[str, Sequence[int]]) -> None:
    for field, (hit, said, right) in row.items():
        if not hit == said == right:
            print(f"{truth['slug']}: {field}: read {found.get(field)!r}, right is {truth[field]!r}")


def _print(field: str, rows: Sequence[Sequence[int]]) -> None:
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    hit, said, right = table.sum(axis=0)
    ends = interval(f1(draws(len(table), 1) @ table)) if len(table) > 1 else None
    shown = f"{ends[0]:.3f} to {ends[1]:.3f}" if ends else ""
    shares = f"{hit / max(1, said):9.3f} {hit / max(1, right):9.3f} {f1(table.sum(axis=0)):6.3f}"
    print(f"{field:14}{f'{hit:.0f} of {right:.0f}':>12} {shares}  {shown}")


if __name__ == "__main__":
    main()
