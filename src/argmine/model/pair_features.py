"""What the linker sees of a pair of units, from source to target: their labels, their places, what stands between,
shared words, cues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from argmine.isolation import beat
from argmine.model.sentence_context import Contexts
from argmine.scheme import DEFAULT

Pairs = NDArray[np.int64]
"""Candidates as (source, target), positions among a paper's units: shape (pairs, 2)."""

REACH: Final = 20
"""How many sentences apart the ends of a relation may stand: 96 % of those that the model was trained on do."""
_CHUNK: Final = 4096
"""Pairs between two signs of life."""
_LABELS: Final = DEFAULT.unit_labels
_WORD = re.compile(r"[^\W\d_]+|\d[\d.,]*")

_OPENERS: Final = {
    "contrast": "however but yet nevertheless nonetheless although though while despite still conversely instead "
    "unfortunately whereas otherwise",
    "conclusion": "therefore thus hence consequently accordingly so overall ultimately then",
    "addition": "also moreover furthermore additionally further besides likewise similarly and again finally indeed "
    "equally",
    "example": "for e.g instance example specifically namely among such",
    "order": "first second third firstly secondly thirdly fourth next last one another",
    "back": "this these that those it they such he she its their",
    "reason": "because since given as if",
    "self": "we our i us my",
}
"""Classes of words that, at a sentence's start, say how it goes on from what stands before."""
_INSIDE: Final = {
    "cause": "because therefore thus hence since due leads lead result",
    "oblige": "should must need needs ought recommend recommended require requires",
    "doubt": "not no lack difficult unclear however but although limited problem challenge",
    "help": "help helps improve improves address addresses reduce reduces overcome solve ensure allow allows enable "
    "enables mitigate avoid",
}
_OPENER_SETS, _INSIDE_SETS = ([frozenset(w.split()) for w in cues.values()] for cues in (_OPENERS, _INSIDE))

UNIT_FEATURES: Final = (
    *(f"is {label}" for label in _LABELS),
    "reported",
    *(f"opens with {name}" for name in _OPENERS),
    *(f"has {name}" for name in _INSIDE),
    *("words", "numbers", "question", "citation", "in paragraph", "left in paragraph", "paragraph size"),
    *("in section", "units in paragraph"),
)
FEATURES: Final = (
    *(f"{end} {n}" for end in ("source", "target") for n in UNIT_FEATURES),
    *("distance", "apart", "units apart", "paragraphs apart", "sections apart", "same paragraph", "source closes"),
    *(f"{label}s between" for label in _LABELS),
    *("same label between", "rank of its label", "shared", "shared rank", "shared with opening", "rarest shared"),
    *("before source is", "after source is", "before target is", "after target is"),
)
"""The columns of `pair_features`, by name."""
READ_FEATURES: Final = (
    *("linked", "backwards", "linked rank", "linked lead", "linked rank of target"),
    *(f"label {label}" for label in DEFAULT.relation_labels),
    *(f"{end} scored {label}" for end in ("source", "target") for label in DEFAULT.labels),
)
"""Further columns where an encoder read the sentences (`argmine.model.pair_networks.read_features`)."""


@dataclass(frozen=True, slots=True)
class LinkUnit:
    """A sentence that is a unit, as the linker sees it: its position in the paper, label and attribution."""

    at: int
    label: str
    reported: bool = False


Units = Sequence[LinkUnit]
"""Those of one paper, in its order."""


def several_label(labels: Iterable[str]) -> str:
    """The label of a unit that may have several, as the linker knows it."""
    return " ".join(sorted(labels))


def candidates(units: Units) -> Pairs:
    """All directed pairs (source, target) of positions in `units` within reach, shape (pairs, 2), source by source."""
    at = np.array([u.at for u in units], dtype=np.int64)
    # Not by a matrix of all with all, which a book's units would fill memory with.
    first, last = np.searchsorted(at, at - REACH), np.searchsorted(at, at + REACH, side="right")
    counts = last - first
    source = np.repeat(np.arange(len(at)), counts)
    target = np.arange(len(source)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    pairs: Pairs = np.column_stack([source, target])[source != target]
    return pairs


def pair_features(units: Units, contexts: Contexts, pairs: Pairs, idf: Mapping[str, float]) -> NDArray[np.float32]:
    """The features of each candidate pair, shape (pairs, len(FEATURES)); `idf` weighs words that two units share."""
    if not len(pairs):
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    words = [_WORD.findall(contexts[u.at].text.lower()) for u in units]
    single = _unit_features(units, contexts, words).astype(np.float32)
    relative = _relative(units, contexts, pairs, words, idf)
    return np.hstack([single[pairs[:, 0]], single[pairs[:, 1]], relative], dtype=np.float32)


def _unit_features(units: Units, contexts: Contexts, words: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    per_paragraph = Counter(contexts[u.at].paragraph_number for u in units)
    rows = []
    for unit, said in zip(units, words, strict=True):
        beat()
        c = contexts[unit.at]
        start, all_ = set(said[:2]), set(said)
        row: list[float] = [*(unit.label == label for label in _LABELS), unit.reported]
        row += [bool(start & cue) for cue in _OPENER_SETS] + [bool(all_ & cue) for cue in _INSIDE_SETS]
        row += [len(said), sum(w[0].isdigit() for w in said), c.text.rstrip().endswith("?")]
        row += ["(" in c.text or "[" in c.text, c.in_paragraph, c.paragraph_size - 1 - c.in_paragraph]
        row += [c.paragraph_size, c.in_section / max(1, c.section_size), per_paragraph[c.paragraph_number]]
        rows.append(row)
    return np.array(rows, dtype=np.float64)


def _relative(
    units: Units, contexts: Contexts, pairs: Pairs, words: Sequence[Sequence[str]], idf: Mapping[str, float]
) -> NDArray[np.float64]:
    source, target = pairs[:, 0], pairs[:, 1]
    at = np.array([u.at for u in units])
    label = np.array([_LABELS.index(u.label) for u in units])
    own = [contexts[u.at] for u in units]
    paragraph, section = np.array([(c.paragraph_number, c.section_number) for c in own]).T
    closes = np.array([c.in_paragraph == c.paragraph_size - 1 for c in own])

    # before[k, i]: how many of the units before the i-th have label k; so a difference counts those between two.
    before = np.zeros((len(_LABELS), len(units) + 1), dtype=np.int64)
    before[:, 1:] = np.cumsum(label == np.arange(len(_LABELS))[:, None], axis=1)
    low, high = np.minimum(source, target), np.maximum(source, target)
    between = before[:, high] - before[:, low + 1]
    same_between = between[label[target], np.arange(len(pairs))]

    similar, rarest = _shared_words(words, idf, pairs)
    first_of = {int(p): i for i, p in reversed(list(enumerate(paragraph)))}
    opening = np.array([first_of[int(p)] for p in paragraph])
    lookup = {(int(s), int(t)): v for s, t, v in zip(source, target, similar, strict=True)}
    with_opening = np.array([lookup.get((int(s), int(opening[t])), 0.0) for s, t in zip(source, target, strict=True)])
    padded = np.concatenate([[-1], label, [-1]])
    apart = at[target] - at[source]
    columns = [apart, np.abs(apart), target - source, paragraph[target] - paragraph[source]]
    columns += [section[target] - section[source], paragraph[target] == paragraph[source], closes[source]]
    columns += [*between, same_between, np.sign(target - source) * (same_between + 1)]
    columns += [similar, _rank_within(source, similar), with_opening, rarest]
    columns += [padded[source], padded[source + 2], padded[target], padded[target + 2]]
    return np.column_stack(columns)


def _shared_words(
    words: Sequence[Sequence[str]], idf: Mapping[str, float], pairs: Pairs
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # For each pair the cosine of the two sentences' idf-weighted word sets and the highest idf of a shared word. A word
    # that the training papers don't hold counts as the rarest there: names and terms of a paper are what its sentences
    # share.
    rare = max(idf.values(), default=1.0)
    weights = [{stem: idf.get(stem, rare) for stem in {w[:6] for w in said}} for said in words]
    norms = np.array([max(1e-9, sum(v * v for v in w.values()) ** 0.5) for w in weights])
    cosine = np.zeros(len(pairs))
    highest = np.zeros(len(pairs))
    seen: dict[tuple[int, int], tuple[float, float]] = {}
    for k, (i, j) in enumerate(pairs.tolist()):
        if k % _CHUNK == 0:
            beat()
        key = (i, j) if i < j else (j, i)
        if key not in seen:
            common = [weights[i][w] for w in weights[i].keys() & weights[j].keys()]
            # sorted, since a set's order differs from run to run and sums of floats with it
            seen[key] = (sum(v * v for v in sorted(common)), max(common, default=0.0))
        cosine[k], highest[k] = seen[key]
    return cosine / (norms[pairs[:, 0]] * norms[pairs[:, 1]]), highest


def _rank_within(groups: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    # From 0, the highest value of each group first.
    order = np.lexsort((np.arange(len(values)), -values, groups))
    sorted_groups = groups[order]
    starts = np.flatnonzero(np.r_[True, sorted_groups[1:] != sorted_groups[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values)) - np.repeat(starts, sizes)
    return ranks


def stem_idf(sentences: Sequence[str]) -> dict[str, float]:
    """The inverse document frequency, ln(sentences / sentences with it), of the words' first six letters."""
    counts = Counter(stem for text in sentences for stem in {w[:6] for w in _WORD.findall(text.lower())})
    total = max(1, len(sentences))
    return {stem: float(np.log(total / count)) for stem, count in sorted(counts.items()) if count > 1}
