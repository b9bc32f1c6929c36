"""Small papers and maps made by hand, and the gold of two samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from argmine.argument_map import ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, PaperRef, Relation, Unit
from argmine.corpus.comparison import entry_of
from argmine.paper import Block, Paper, Section, Sentence, Source
from argmine.scheme import Scheme

ROOT = Path(__file__).resolve().parents[2]
SECURITY = ("security-cable-repair", "security-cable-watch")

Spec = tuple[str, str | None, str]
"""A sentence's section, label (None: no unit) and text."""


def make(
    sentences: Sequence[Spec], relations: Sequence[tuple[str, str, str]] = (), *, title: str = "A small paper",
    roles: dict[str, Any] | None = None, scores: dict[str, Any] | None = None, made_by: MadeBy | None = None,
    reported: Sequence[str] = (), language: str | None = "en", year: int | None = 2024, score: float | None = None,
    scheme: Scheme | None = None,
) -> tuple[Paper, ArgumentMap]:  # fmt: skip
    """A paper and its map; sentences are t1, t2, … and `scores` the probabilities of a unit by its id."""
    text, sections, blocks, kept, units = title + "\n", [], [], [], []
    for n, (head, label, said) in enumerate(sentences, 1):
        if not sections or sections[-1]["title"] != head:
            id = f"s{len(sections) + 1}"
            sections.append(
                {"id": id, "title": head, "level": 1, "start": len(text), "role": (roles or {}).get(head, "other")}
            )
            blocks.append({"id": f"b{len(blocks)}", "type": "paragraph", "start": len(text), "section": id})
        start = len(text)
        text += said + " "
        blocks[-1]["end"] = sections[-1]["end"] = start + len(said)
        place = {"start": start, "end": start + len(said), "section": sections[-1]["id"]}
        kept.append(Sentence(id=f"t{n}", block=blocks[-1]["id"], **place))
        if label is not None:
            units.append(
                Unit(id=f"t{n}", sentence=f"t{n}", label=label, text=said, score=score, **place,
                     scores=(scores or {}).get(f"t{n}", {}), attribution="reported" if f"t{n}" in reported else "own")
            )  # fmt: skip
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Source(file=f"{title}.txt", sha256=digest, media_type="text/plain", reader="t")
    paper = Paper(
        source=source, title=title, text=text, language=language, year=year,
        sections=tuple(Section(**s) for s in sections), blocks=tuple(Block(**b) for b in blocks), sentences=tuple(kept),
    )  # fmt: skip
    amap = ArgumentMap(
        paper=PaperRef.of(paper), made_by=made_by or MadeBy(kind="annotator", name="A", role="independent"),
        units=tuple(units), relations=tuple(Relation.between(s, t, label) for s, t, label in relations),
        scheme=scheme,
    )  # fmt: skip
    return paper, amap


def with_thesis(made: tuple[Paper, ArgumentMap], id: str) -> tuple[Paper, ArgumentMap]:
    """The same with this sentence as the thesis among its key points."""
    paper, amap = made
    at = paper.sentence(id)
    point = KeyPoint(sentence=id, start=at.start, end=at.end, text=paper.slice(at), score=0.8)
    return paper, amap.model_copy(update={"key_points": MapKeyPoints(thesis=(point,))})


def save(folder: Path, paper: Paper | None, amap: ArgumentMap) -> Path:
    """The two files as argmine mine writes them; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "map.json").write_text(amap.to_json(), encoding="utf-8")
    (folder / "map.html").write_text("<!doctype html>", encoding="utf-8")
    if paper is not None:
        (folder / "paper.json").write_text(paper.to_json(), encoding="utf-8")
    return folder


def essay(word: str, **fields: Any) -> tuple[Paper, ArgumentMap]:
    """A paper of eight units about `word`, with relations of each kind."""
    return make(
        [("Introduction", "motivation", f"Little is known about the {word} of towns and their trees."),
         ("Introduction", "claim", f"Every {word} lowers the heat that walkers feel in the streets."),
         ("Results", "evidence", f"In 2021 the {word} cooled a street by four degrees."),
         ("Results", "evidence", f"Of forty walkers thirty chose the {word} over the sun."),
         ("Results", None, "The next part turns to costs."),
         ("Problems", "challenge", f"Nobody pays for the watering of a young {word} in dry summers."),
         ("Problems", "challenge", f"It is unclear who owns the {word} on private ground."),
         ("Proposals", "recommendation", f"Towns should pay for watering each young {word} for three years."),
         ("Proposals", "claim", f"Such a plan for the {word} costs less than planting twice.")],
        [("t3", "t2", "supports"), ("t4", "t2", "supports"), ("t1", "t8", "motivates"), ("t8", "t6", "addresses"),
         ("t9", "t8", "supports")],
        title=f"On the {word}", roles={"Introduction": "introduction", "Results": "result"}, **fields,
    )  # fmt: skip


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    """A folder of three mined papers."""
    for word in ("hedge", "orchard", "arbour"):
        save(tmp_path / "maps" / word, *essay(word))
    return tmp_path / "maps"


@pytest.fixture(scope="session")
def security():
    """The two sample papers on security with their adjudicated gold, as entries."""
    from argmine.annotation.gold_dataset import load_gold
    from argmine.pipeline import read

    entries = []
    for name in SECURITY:
        paper = read(ROOT / "corpus" / "samples" / f"{name}.pdf")
        gold, _ = load_gold([ROOT / "annotations" / name / "adjudicated.jsonl"], {name: paper}, every_reading=False)
        entries.append(entry_of(gold[0].map, paper, name=name))
    return entries
