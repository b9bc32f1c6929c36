"""Write readers' choices of key points as stand-off annotation files, without a word of the papers' text.

    python research/key_points/import_readings.py READINGS... --texts TEXTS... [--out annotations/published]

READINGS are folders of `<slug>.<reader>.json` in the form of ../shared/keypoints-scheme.md, which name sentences by
their numbers. TEXTS hold the papers: folders of bank papers, and JSON Lines files of papers without labels, which
`fetch_papers.py` writes. What a reader chose in a sample paper (`sample-<slug>`) goes to annotations/<slug>. A paper
that `papers.csv` does not list yet gets a line there. Files that are the same already stay as they are.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from argmine.annotation.bank import BankPaper, paper_of, read_bank_paper
from argmine.annotation.files import (
    AnnotationFile,
    Header,
    PaperInfo,
    read_annotations,
)
from argmine.annotation.gold_dataset import own_text
from argmine.annotation.key_points import KeyPoints, lines_of
from argmine.cells import guarded
from argmine.paper import Paper
from argmine.scheme import DEFAULT
from argmine.text import LetterStream, full_digest

SAMPLE = "sample-"
SAMPLES_LICENCE = "CC0 1.0"
PARTS = Path(__file__).parent / "papers.csv"
"""The table of the papers with key points: slug, part, kind, whether their reader was certain."""
FIELDS = ("slug", "title", "identifier", "licence", "sentences", "independent_readings")


def papers(texts: Iterable[Path]) -> Iterator[tuple[BankPaper, str]]:
    """The papers of TEXTS, and how their source is called."""
    for place in texts:
        if place.is_dir():
            for path in sorted(place.glob("*.json")):
                yield read_bank_paper(path), ""
        else:
            for line in place.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                yield unlabelled(row), row.get("source", "")


def rows_of(path: Path = PARTS) -> dict[str, dict[str, str]]:
    """What the table tells of each paper, by its slug."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["slug"]: row for row in csv.DictReader(file)}


def unlabelled(row: Mapping[str, Any]) -> BankPaper:
    """A paper without labels in the bank's form; its sentences are numbered through."""
    sentences: list[dict[str, Any]] = []
    paragraphs = ((s, p) for s in row["sections"] for p in s["paragraphs"])
    for number, (section, paragraph) in enumerate(paragraphs, 1):
        for text in paragraph:
            place = {"paragraph": number, "section": section["title"], "level": section.get("level") or 1}
            sentences.append({"n": len(sentences) + 1, "text": text, "label": DEFAULT.none, **place})
    return BankPaper(
        slug=row["slug"], title=row["title"], licence=row.get("licence"), sentences=tuple(sentences)
    )  # fmt: skip


def file_of(reading: Mapping[str, Any], paper: Paper, info: PaperInfo, slug: str) -> AnnotationFile:
    """A reading as an annotation file: its choices, and an anchor for each sentence that they name."""
    stream = LetterStream.of_paper(paper)
    numbers = {s.id: int(s.id.lstrip("t")) for i, s in enumerate(paper.sentences) if stream.length(i)}
    places = {p: {f"t{n}": g for n, g in reading[p].items() if f"t{n}" in numbers} for p in DEFAULT.key_points}
    pairs = dict.fromkeys((f"t{a}", None if b is None else f"t{b}") for a, b in reading["answers"])
    answers = tuple((a, b) for a, b in pairs if a in numbers and (b is None or b in numbers))
    voices = tuple(
        (f"t{a}", f"t{b}", whose) for a, b, whose in reading["voices"] if {f"t{a}", f"t{b}"} <= numbers.keys()
    )
    points = KeyPoints(reading["annotator"], places, answers, voices)
    header = Header(
        paper=info,
        annotator=reading["annotator"],
        role="independent",
        mode="blind",
        date=date.today().isoformat(),
        letters_sha256=full_digest(stream.text),
    )
    return AnnotationFile(slug, header, (), **lines_of(points, paper, stream, numbers, ()))


def write(file: AnnotationFile, path: Path) -> None:
    """Write a file, but for one that differs from what is there by its date alone.

    Of a long paper some sections may be labelled, and key points chosen in all: then the digest of the whole text,
    which is for readings that are compared, is left out.
    """
    others = [read_annotations(other).header for other in path.parent.glob("*.jsonl") if other != path]
    if any(h.letters_sha256 != file.header.letters_sha256 for h in others if h.letters_sha256):
        file = replace(file, header=file.header.model_copy(update={"letters_sha256": None}))
    if path.exists():
        old = read_annotations(path)
        if (old.points, old.anchors, old.header.letters_sha256) == (
            file.points,
            file.anchors,
            file.header.letters_sha256,
        ):
            return
    file.write(path)


def listed(path: Path, new: Iterable[tuple[str, ...]]) -> None:
    """Add lines for new papers to papers.csv, sorted by slug."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row[0]: tuple(row) for row in list(csv.reader(file))[1:]}
    rows |= {row[0]: row for row in new if row[0] not in rows}
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(FIELDS)
        table.writerows(row for _, row in sorted(rows.items()))


def main() -> None:
    """Write the files and print how many."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readings", type=Path, nargs="+")
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=Path("annotations/published"))
    options = parser.parse_args()
    readings = [json.loads(path.read_text()) for place in options.readings for path in sorted(place.glob("*.json"))]
    known = {bank.slug: (bank, source) for bank, source in papers(options.texts)}
    count, new = 0, []
    for reading in readings:
        slug = reading["slug"]
        if slug.startswith(SAMPLE):
            folder = options.out.parent / slug.removeprefix(SAMPLE)
            first = read_annotations(folder / "adjudicated.jsonl")
            paper, info = own_text(first), first.header.paper
            assert paper is not None
        else:
            bank, source = known[slug]
            folder, paper = options.out / slug, paper_of(bank)
            info = PaperInfo(title=bank.title, licence=bank.licence)
            new.append((slug, guarded(bank.title), guarded(source), bank.licence or "", "0", "0"))
        write(file_of(reading, paper, info, folder.name), folder / f"{reading['annotator']}.jsonl")
        count += 1
    listed(options.out / "papers.csv", new)
    print(f"{count} readings of {len({r['slug'] for r in readings})} papers")


if __name__ == "__main__":
    main()
