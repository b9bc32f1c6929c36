"""What the spaCy components know of a paper: its sentences with their places, as plain data that `Model` hangs on a
`Doc` under the names below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from typing import Any, Final, Literal

from argmine.paper import Paper

CONTEXTS: Final = "argmine_sentences"
"""`Doc._.argmine_sentences`: tuple[SentenceContext, ...]; None on a Doc that was not made from a Paper."""
FEATURES: Final = "argmine_features"
"""`Doc._.argmine_features`: the names of each sentence's features, which tagger and attribution share."""
SCORES: Final = "argmine_scores"
"""`Doc._.argmine_scores`: array (sentences, labels) of calibrated probabilities, columns as the scheme's labels."""
LABELS: Final = "argmine_labels"
"""`Doc._.argmine_labels`: tuple[str, ...], the label of each sentence, of several the likeliest ("none": no unit)."""
LABEL_SETS: Final = "argmine_label_sets"
"""`Doc._.argmine_label_sets`: tuple[tuple[str, ...], ...], all labels of each sentence; None where it has one."""
NAMES: Final = "argmine_names"
"""`Doc._.argmine_names`: tuple[str, ...], the labels that the columns of the scores are of."""
REPORTED: Final = "argmine_reported"
"""`Doc._.argmine_reported`: array (sentences, 2): the probability that a sentence puts forward somebody else's view,
and 1 where it is taken to do so, else 0."""
VECTORS: Final = "argmine_vectors"
"""`Doc._.argmine_vectors`: array (sentences, d) that an encoder made; None where the tagger has none."""
RELATIONS: Final = "argmine_relations"
"""`Doc._.argmine_relations`: tuple[Link, ...] between sentences."""
TITLE: Final = "argmine_title"
"""`Doc._.argmine_title`: the paper's title; None on a Doc that was not made from a Paper."""
SPOKEN: Final = "argmine_spoken"
"""`Doc._.argmine_spoken`: for each sentence whether layout tells that somebody else than the authors speaks."""
KEY_POINTS: Final = "argmine_key_points"
"""`Doc._.argmine_key_points`: by place the sentences chosen, best first, as (position, probability); under "answers"
(problem, answer, probability), under "voices" the runs of another's sentences as (first, last, probability)."""
ATTRIBUTES: Final = (
    *(CONTEXTS, FEATURES, SCORES, LABELS, LABEL_SETS, NAMES, REPORTED, VECTORS, RELATIONS, TITLE, SPOKEN, KEY_POINTS),
)


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """A sentence and where it stands. Positions count from 0; sizes are in sentences."""

    text: str
    start: int
    end: int
    section: str
    """The title of its innermost section."""
    above: str
    """The titles of the sections around that one, outermost first, joined by a space."""
    role: str
    block: str
    """The layout type of its block (paragraph, list_item, ...)."""
    index: int
    total: int
    section_number: int
    sections: int
    in_section: int
    section_size: int
    paragraph_number: int
    in_paragraph: int
    paragraph_size: int


Contexts = Sequence[SentenceContext]
"""Those of one paper's sentences, in order."""


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two sentences, by their positions in the paper."""

    source: int
    target: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """What moved a sentence's label, and how far.

    `kind` is "word" (`text` stands in the sentence), "before", "after" or "section" (the neighbouring sentence or the
    titles above, of which `text` names the words that count most), "around" (all of these together) or "place" (`text`
    says where or what it is).
    `weight` is in natural log odds of the label against all others, negative where it speaks against the label.
    """

    kind: Literal["word", "before", "after", "section", "around", "place"]
    text: str
    weight: float


def strongest(reasons: Iterable[Reason], limit: int) -> list[Reason]:
    """The first `limit` of these reasons by weight, without those that count next to nothing."""
    ordered = sorted(reasons, key=lambda r: (-abs(r.weight), r.kind, r.text))
    return [r for r in ordered[:limit] if abs(r.weight) >= 0.02]


def contexts_of(paper: Paper) -> tuple[SentenceContext, ...]:
    """The paper's sentences in order, each with its place."""
    by_section = _runs([s.section for s in paper.sentences])
    by_block = _runs([s.block for s in paper.sentences])
    count = by_section[-1][0] + 1 if by_section else 0
    found = []
    for index, sentence in enumerate(paper.sentences):
        section = paper.section(sentence.section)
        title, role = (section.title, section.role) if section else ("", "other")
        above = " ".join(one.title for one in reversed(paper.ancestors(section)))
        block = paper.block(sentence.block).type
        number, *inside = by_section[index]
        where = index, len(paper.sentences), number, count, *inside, *by_block[index]
        said = paper.slice(sentence), sentence.start, sentence.end
        found.append(SentenceContext(*said, title, above, role, block, *where))
    return tuple(found)


def plain_contexts(spans: Sequence[tuple[str, int, int]]) -> tuple[SentenceContext, ...]:
    """Contexts of a text of which nothing but its sentences (text, start, end) is known: one section, one paragraph."""
    n = len(spans)
    return tuple(
        SentenceContext(text, start, end, "", "", "other", "paragraph", i, n, 0, 1, i, n, 0, i, n)
        for i, (text, start, end) in enumerate(spans)
    )


def _runs(keys: Sequence[str | None]) -> list[tuple[int, int, int]]:
    # For each item: the number of its run of equal keys, its position in the run, the run's length.
    runs: list[tuple[int, int, int]] = []
    for number, (_, run) in enumerate(groupby(keys)):
        size = len(list(run))
        runs += ((number, i, size) for i in range(size))
    return runs


_PACKED: Final = {"SentenceContext": SentenceContext, "Link": Link}


def pack(value: Any, chain: Any = None) -> Any:
    """What stands for a `SentenceContext` or `Link` in a Doc's bytes: srsly's msgpack asks for it."""
    if isinstance(value, SentenceContext | Link):
        return {"argmine": type(value).__name__, "values": list(astuple(value))}
    return value if chain is None else chain(value)


def unpack(value: Any, chain: Any = None) -> Any:
    """A `SentenceContext` or `Link` back from what `pack` made of it."""
    if isinstance(value, dict) and value.get("argmine") in _PACKED:
        return _PACKED[value["argmine"]](*value["values"])
    return value if chain is None else chain(value)
