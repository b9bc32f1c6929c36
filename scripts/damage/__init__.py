"""Damaged and hostile inputs for `scripts/soak.py`, made from a seed: the same name gives the same bytes.

A maker is a function from a `random.Random` to a `Case`; each module lists its own in `MAKERS`.
"""

from __future__ import annotations

from random import Random

from scripts.damage import documents, json_files, markup, pdf_files, pdf_made, texts
from scripts.damage.case import Case, Maker

KINDS: dict[str, tuple[Maker, ...]] = {
    "pdf": (*pdf_files.MAKERS * 2, *pdf_made.MAKERS),
    "xml": markup.MAKERS,
    "json": json_files.MAKERS,
    "text": texts.MAKERS,
    "document": documents.MAKERS,
}
"""The makers of each kind of input."""


def make(name: str, seed: int) -> Case:
    """The input called `name` ("pdf-17"): its makers take turns, so that every one is met."""
    kind, _, number = name.rpartition("-")
    makers = KINDS[kind]
    return makers[int(number) % len(makers)](Random(f"{seed}:{name}"))
