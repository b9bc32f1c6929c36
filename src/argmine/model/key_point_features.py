"""What the key points' model sees of each sentence of a paper beside its vectors: where it stands, how it resembles
the title and the parts of the paper, what tagger and linker said, and a little of its wording."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spacy.lang.en.stop_words import STOP_WORDS

from argmine.model.sentence_context import Contexts, Link
from argmine.model.windows import ROLES
from argmine.scheme import DEFAULT

Floats = NDArray[np.float32]

_WORD: Final = re.compile(r"[a-z]+")
_STEM: Final = 7
"""So many letters of a word count."""
_POINTS_BACK: Final = re.compile(
    r"(?:this|these|that|those|it|they|he|she|such|but|and|however|thus|therefore|hence|so)\b", re.IGNORECASE
)
_AUTHOR: Final = re.compile(r"\b(?:we|our|us|my|I)\b")
_WORK: Final = re.compile(
    r"\b(?:this|the|present|our) (?:paper|article|study|report|essay|chapter|review)\b", re.IGNORECASE
)
_STEPS: Final = 20
"""Of the power iteration; 0.85 to this power is below a twentieth."""
_DAMPING: Final = 0.85


@dataclass(frozen=True)
class SeenPaper:
    """A paper as the components before this one left it. Arrays run over its sentences.

    `vectors` (sentences, d) are an encoder's, None where the tagger has none; `scores` (sentences, labels) the
    tagger's; `reported` (sentences,) the probabilities of being somebody else's view.
    """

    title: str
    contexts: Contexts
    scores: NDArray[np.float64]
    reported: NDArray[np.float64]
    links: Sequence[Link]
    vectors: Floats | None = None

    @cached_property
    def words(self) -> list[list[str]]:
        """The stems of each sentence's words, as `words_of` takes them."""
        return [words_of(c.text) for c in self.contexts]


class WordVectors:
    """The sentences' tf-idf vectors, each of length 1, as (row, column, value): long papers have many words."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        known: dict[str, int] = {}
        counts = [Counter(words) for words in sentences]
        entries = [
            (row, known.setdefault(word, len(known)), n) for row, c in enumerate(counts) for word, n in c.items()
        ]
        self._rows, self._columns, n = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        self._shape = len(sentences), len(known)
        found_in = np.bincount(self._columns, minlength=len(known))
        values = (1 + np.log(n)) * np.log((len(sentences) + 1) / (found_in[self._columns] + 0.5))
        norms = np.sqrt(np.bincount(self._rows, values**2, len(sentences)))
        self._values = values / np.maximum(norms, 1e-9)[self._rows]

    def times(self, words: NDArray[np.float64]) -> NDArray[np.float64]:
        """The product of each sentence with a vector over the words, (sentences,)."""
        return np.asarray(np.bincount(self._rows, self._values * words[self._columns], self._shape[0]), np.float64)

    def sum(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted sum of the sentences, a vector over the words."""
        return np.asarray(np.bincount(self._columns, self._values * weights[self._rows], self._shape[1]), np.float64)

    def likeness(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The cosine of each sentence with the sum of those chosen, (sentences,)."""
        centre = self.sum(chosen.astype(np.float64))
        return self.times(centre / max(1e-9, float(np.sqrt((centre**2).sum()))))

    def lexrank(self) -> NDArray[np.float64]:
        """Each sentence's centrality times their number, (sentences,): continuous LexRank (Erkan and Radev 2004)."""
        n = self._shape[0]
        others = np.maximum(self.times(self.sum(np.ones(n))) - 1, 1e-9)
        rank = np.full(n, 1 / n)
        for _ in range(_STEPS):
            given = rank / others
            rank = (1 - _DAMPING) / n + _DAMPING * (self.times(self.sum(given)) - given)
            rank = np.maximum(rank, 0) / max(1e-12, float(np.maximum(rank, 0).sum()))
        return rank * n


def words_of(text: str) -> list[str]:
    """The stems of a text's words but the most common ones."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return [w[:_STEM] for w in found if len(w) > 2 and w not in STOP_WORDS]


def features(seen: SeenPaper) -> Floats:
    """The features of each sentence, (sentences, columns): as many with vectors as without, where likeness by them is
    0."""
    return np.hstack([_standing(seen.contexts), _wording(seen), _likeness(seen), _judged(seen)], dtype=np.float32)


def _standing(contexts: Contexts) -> NDArray[np.float64]:
    total = max(1, len(contexts))
    rows: list[list[float]] = []
    for c in contexts:
        before, after = c.index, c.total - 1 - c.index
        left = c.section_size - 1 - c.in_section
        row: list[float] = [before / total, after / total, np.log1p(before) / 7, np.log1p(after) / 7]
        row += [min(before, 10) / 10, min(after, 10) / 10, c.in_section / max(1, c.section_size)]
        row += [np.log1p(c.in_section) / 4, np.log1p(left) / 4, c.section_number / max(1, c.sections)]
        row += [np.log1p(c.sections) / 4, c.section_number == 0, c.section_number == c.sections - 1]
        row += [c.in_paragraph == 0, c.in_paragraph == c.paragraph_size - 1, np.log1p(c.in_paragraph) / 3]
        row += [np.log1p(c.paragraph_size) / 3, np.log1p(total) / 7, c.block == "list_item", c.block == "quote"]
        rows.append(row + [c.role == role for role in ROLES])
    return np.array(rows, dtype=np.float64)


def _wording(seen: SeenPaper) -> NDArray[np.float64]:
    rows: list[list[float]] = []
    for c, words in zip(seen.contexts, seen.words, strict=True):
        text, length = c.text.strip(), max(1, len(c.text))
        row: list[float] = [np.log1p(length) / 6, min(length, 60) / 60, len(words) / 30]
        row += [text.endswith(":"), text.endswith("?"), text[:1] in "\"'“‘«" and bool(text)]
        row += [5 * sum(map(str.isdigit, text)) / length, text.count("(") / 3, bool(_POINTS_BACK.match(text))]
        rows.append([*row, bool(_AUTHOR.search(text)), bool(_WORK.search(text))])
    return np.array(rows, dtype=np.float64)


def _likeness(seen: SeenPaper) -> NDArray[np.float64]:
    contexts, n = seen.contexts, len(seen.contexts)
    title, headings = set(words_of(seen.title)), {c.section: set(words_of(c.section)) for c in contexts}

    def shared(a: set[str], b: set[str]) -> float:
        return len(a & b) / max(1, len(a))

    pairs = [(set(words), headings[c.section]) for c, words in zip(contexts, seen.words, strict=True)]
    columns = [[shared(title, w), shared(w, title), shared(h, w), shared(h, title)] for w, h in pairs]
    by_words, by_vectors = WordVectors(seen.words), centred(seen)
    rank = by_words.lexrank()
    edge, at = max(3, min(15, n // 8)), np.arange(n)
    roles = np.array([c.role for c in contexts])
    parts = [np.ones(n, dtype=np.bool_), at < edge, at >= n - edge]
    parts += [roles == role for role in ("abstract", "introduction", "conclusion")]
    found = [np.array(columns, dtype=np.float64), rank[:, None], np.log(np.maximum(rank, 1e-3))[:, None]]
    found += [(by_words.likeness(part) if part.any() else np.zeros(n))[:, None] for part in parts]
    found += [_vector_likeness(by_vectors, part)[:, None] for part in parts[1:]]
    return np.hstack(found)


def centred(seen: SeenPaper) -> Floats:
    """The sentences' vectors without what all of the paper share, each of length 1; of width 0 where there are none."""
    if seen.vectors is None:
        return np.zeros((len(seen.contexts), 0), dtype=np.float32)
    own = seen.vectors - seen.vectors.mean(axis=0)
    own /= np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-6)
    return np.asarray(own, dtype=np.float32)


def _vector_likeness(vectors: Floats, part: NDArray[np.bool_]) -> NDArray[np.float64]:
    # The cosine with the part's mean, of `centred` vectors.
    if not part.any():
        return np.zeros(len(vectors))
    centre = vectors[part].mean(axis=0)
    return np.asarray(vectors @ (centre / max(1e-6, float(np.linalg.norm(centre)))), dtype=np.float64)


def _judged(seen: SeenPaper) -> NDArray[np.float64]:
    # What tagger and linker said: probabilities, what runs into and out of a sentence, and how much hangs on it.
    n, relations = len(seen.contexts), DEFAULT.relation_labels
    into, out = np.zeros((2, n, len(relations)))
    ends = np.array([(r.source, r.target) for r in seen.links], dtype=np.int64).reshape(-1, 2)
    weights = np.array([r.score for r in seen.links], dtype=np.float64)
    for (source, target), r in zip(ends.tolist(), seen.links, strict=True):
        if r.label in relations:
            into[target, relations.index(r.label)] += r.score
            out[source, relations.index(r.label)] += r.score
    pull: NDArray[np.float64] = np.ones(n)
    for _ in range(4):
        pull = np.asarray(1 + 0.5 * np.bincount(ends[:, 1], weights * pull[ends[:, 0]], n))
    judged = [seen.scores, seen.reported[:, None], np.log(pull)[:, None], np.log1p(into), np.log1p(out)]
    return np.hstack(judged)
