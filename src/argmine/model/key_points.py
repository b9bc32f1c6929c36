"""Key points: which sentences of a paper stand on its first screen, what answers a problem, and whose voice speaks.

A small transformer over all sentences of the paper (Vaswani et al. 2017, relative positions as in Shaw et al. 2018)
gives each the probability of every place and of being another's voice; several of them, trained from different seeds,
are averaged. For a problem each sentence, and "nothing", is scored as its answer. What is likely right is shown, at
most as many as the scheme's first screen has room for; the probabilities that are asked for were chosen on papers held
back from training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from argmine.argument_map import ANSWERED, AUTHORS_OWN
from argmine.errors import ModelError
from argmine.isolation import beat
from argmine.model.folder import load_arrays, load_facts, save_arrays
from argmine.model.key_point_features import Floats, SeenPaper, WordVectors, centred, features
from argmine.model.sentence_context import Contexts
from argmine.scheme import DEFAULT

WEIGHTS: Final = "key_points.safetensors"
FACTS: Final = "key_points.json"
FORMAT: Final = 1

PLACES: Final = DEFAULT.key_points
OUTPUTS: Final = len(PLACES) + 1
"""The places, then being another's voice."""
DISTANCES: Final = 19
"""Buckets of how far apart two sentences stand: 0 to 4, then wider and wider ranges, to either side."""
PAIR_FEATURES: Final = 11
_NEAR: Final = 5
_SAME: Final = 0.8
"""From this share of common words on, of all that either has, two sentences say the same."""
_AT_ONCE: Final = 1000
"""Sentences that see each other; a longer paper is read in stretches."""
_SHORTEST: Final = 2
"""Sentences of a voice."""
_GAP: Final = DEFAULT.gap(DEFAULT.place("problems") or "")
_CLOSING: Final = {c.relation for c in (_GAP.closed_by if _GAP else ()) if c.side == "into"}
"""The relations by which something answers a problem."""
_ARGUED: Final = sorted({DEFAULT.labels.index(p.label) for p in DEFAULT.screen})
"""The columns of the labels that the places are of."""

Ints = NDArray[np.int64]


def distances(sentences: int) -> Ints:
    """The bucket of each ordered pair of sentences, (sentences, sentences)."""
    at = np.arange(sentences)
    apart = at[None, :] - at[:, None]
    far = np.abs(apart)
    wide = np.floor(_NEAR - 1 + np.log2(np.maximum(far, 1) / (_NEAR - 1))).astype(np.int64)
    bucket = np.minimum(np.where(far < _NEAR, far, wide), DISTANCES // 2)
    return np.asarray(np.where(apart < 0, DISTANCES // 2 - bucket, DISTANCES // 2 + bucket), dtype=np.int64)


def closeness(contexts: Contexts, of: Contexts | None = None) -> Ints:
    """Whether each sentence `of` these (None: of all) shares a paragraph (0), a section (1) or neither (2) with each,
    (of, sentences)."""
    own = contexts if of is None else of

    def alike(name: str) -> NDArray[np.bool_]:
        rows, columns = (np.array([getattr(c, name) for c in some], dtype=np.int64) for some in (own, contexts))
        return np.asarray(rows[:, None] == columns[None, :])

    return np.where(alike("paragraph_number"), 0, np.where(alike("section_number"), 1, 2))


class AnswerPairs:
    """What is known of a paper's sentences as answers to its problems."""

    def __init__(self, seen: SeenPaper) -> None:
        self._seen, self._words, self._vectors = seen, WordVectors(seen.words), centred(seen)

    def __call__(self, problem: int) -> Floats:
        """The features of each sentence as an answer to the problem at this position, (sentences, PAIR_FEATURES)."""
        contexts = self._seen.contexts
        n, at = len(contexts), np.arange(len(contexts))
        apart = at - problem
        one = np.zeros(n)
        one[problem] = 1
        same = closeness(contexts, contexts[problem : problem + 1])[0]
        linked = np.zeros((n, 3))
        for link in self._seen.links:
            if link.target == problem:
                linked[link.source, 0 if link.label in _CLOSING else 1] += link.score
            elif link.source == problem:
                linked[link.target, 2] += link.score
        alike = self._words.times(self._words.sum(one)), self._vectors @ self._vectors[problem]
        columns = [apart / max(1, n), np.sign(apart) * np.log1p(np.abs(apart)) / 5, apart == 1, np.abs(apart) == 1]
        return np.column_stack([*columns, same == 0, same == 1, *alike, *linked.T]).astype(np.float32)


@dataclass(frozen=True)
class Read:
    """What one network makes of a paper: probabilities (sentences, OUTPUTS) and the sentences' states."""

    probabilities: NDArray[np.float64]
    states: Floats


class DocumentNetwork:
    """One trained network. The arrays are those of `DocumentNet` in `argmine.training.encoder.key_points`, by name;
    without blocks it is a logistic regression on the features."""

    def __init__(self, arrays: Mapping[str, Floats]) -> None:
        self.arrays = dict(arrays)
        self._blocks = sum(name.endswith(".attend.weight") for name in self.arrays)

    def __call__(self, x: Floats, seen: SeenPaper) -> Read:
        """Read a paper by its `features`."""
        stretches = [slice(a, a + _AT_ONCE) for a in range(0, len(x), _AT_ONCE)]
        parts = [
            self._stretch(x[s], seen.contexts[s], None if seen.vectors is None else seen.vectors[s]) for s in stretches
        ]
        return Read(np.vstack([p.probabilities for p in parts]), np.vstack([p.states for p in parts]))

    def answers(self, states: Floats, problem: int, pairs: Floats) -> NDArray[np.float64]:
        """The probability of each sentence, and last of nothing, as the answer to this problem, (sentences + 1,)."""
        asked, met = self._linear("asks", states[problem]), self._linear("meets", states)
        hidden = np.maximum(self._linear("pair_in", pairs), 0)
        logits = met @ asked / np.sqrt(len(asked)) + self._linear("pair_out", hidden)[:, 0]
        logits[problem] = -np.inf
        logits = np.append(logits, self._linear("nothing", states[problem])[0]).astype(np.float64)
        e = np.exp(logits - logits.max())
        return np.asarray(e / e.sum(), dtype=np.float64)

    @property
    def has_answers(self) -> bool:
        return "asks.weight" in self.arrays

    def _stretch(self, x: Floats, contexts: Contexts, vectors: Floats | None) -> Read:
        beat()
        x = standardised(x, self.arrays["mean"], self.arrays["spread"])
        given = [x]
        state = np.zeros((len(x), 0), dtype=np.float32)
        if self._blocks:
            if vectors is None:
                raise ModelError("the key points' model needs an encoder before it in the pipeline")
            small = self._linear("vectors_in", self._norm("vectors_norm", vectors))
            given.append(small)
            state = _gelu(self._linear("joined", small) + self._linear("features_in", x))
            apart, close = distances(len(x)), closeness(contexts)
            for k in range(self._blocks):
                state = self._block(f"blocks.{k}", state, apart, close)
            state = self._norm("norm", state)
        logits = self._linear("skip", np.hstack(given)).astype(np.float64)
        if self._blocks:
            logits += self._linear("out", state)
        return Read(1 / (1 + np.exp(-logits)), state)

    def _block(self, name: str, x: Floats, apart: Ints, close: Ints) -> Floats:
        n, d = x.shape
        apart_bias, close_bias = self.arrays[f"{name}.apart"], self.arrays[f"{name}.close"]
        heads = len(apart_bias)
        asked = self._linear(f"{name}.attend", self._norm(f"{name}.norm_in", x)).reshape(n, 3, heads, d // heads)
        mixed = np.zeros((n, heads, d // heads), dtype=np.float32)
        for h in range(heads):
            q, k, v = asked[:, 0, h], asked[:, 1, h], asked[:, 2, h]
            weights = q @ k.T / np.float32(np.sqrt(d // heads)) + apart_bias[h][apart] + close_bias[h][close]
            weights = np.exp(weights - weights.max(axis=1, keepdims=True))
            mixed[:, h] = (weights / weights.sum(axis=1, keepdims=True)) @ v
        x = x + self._linear(f"{name}.attended", mixed.reshape(n, d))
        return x + self._linear(f"{name}.down", _gelu(self._linear(f"{name}.up", self._norm(f"{name}.norm_up", x))))

    def _linear(self, name: str, x: Floats) -> Floats:
        return np.asarray(x @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"], dtype=np.float32)

    def _norm(self, name: str, x: Floats) -> Floats:
        middle, spread = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
        x = (x - middle) / np.sqrt(spread + 1e-5)
        return np.asarray(x * self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"], dtype=np.float32)


def standardised(x: Floats, mean: Floats, spread: Floats) -> Floats:
    """Features by their mean and spread over the papers learnt from; what lies far out counts as five spreads."""
    return np.asarray(np.clip((x - mean) / spread, -5, 5), dtype=np.float32)


def _gelu(x: Floats) -> Floats:
    # by the tanh formula (Hendrycks and Gimpel 2016), as in training: numpy has no error function.
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), dtype=np.float32)


@dataclass(frozen=True)
class Chosen:
    """A paper's key points by position: of each place (sentence, probability), best first; (problem, answer,
    probability); voices as (first, last, probability)."""

    places: Mapping[str, tuple[tuple[int, float], ...]]
    answers: tuple[tuple[int, int, float], ...] = ()
    voices: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Bounds:
    """The probabilities asked for: `first` and `further` are those of each place's first and other sentences."""

    first: tuple[float, ...] = (0.2,) * len(PLACES)
    further: tuple[float, ...] = (0.3,) * len(PLACES)
    answer: float = 0.3
    voice: float = 0.5


@dataclass(frozen=True)
class KeyPointModel:
    """The trained networks and the bounds."""

    networks: tuple[DocumentNetwork, ...]
    bounds: Bounds = field(default_factory=Bounds)

    def probabilities(self, seen: SeenPaper) -> NDArray[np.float64]:
        """Of each place and of being another's voice, (sentences, OUTPUTS)."""
        return _mean([read.probabilities for read in self._reads(seen)])

    def chosen(self, seen: SeenPaper, spoken: NDArray[np.bool_] | None = None) -> Chosen:
        """The key points of a paper. `spoken` (sentences,) says of which it is known already that another speaks."""
        if not seen.contexts:
            return Chosen({})
        reads = self._reads(seen)
        p = _mean([read.probabilities for read in reads])
        voices = runs(p[:, -1] >= self.bounds.voice)
        other = np.zeros(len(p), dtype=np.bool_) if spoken is None else spoken.copy()
        for first, last in voices:
            other[first : last + 1] = True
        places: dict[str, tuple[tuple[int, float], ...]] = dict.fromkeys(PLACES, ())
        # A price list or a chronicle argues nothing: then no place is filled.
        if np.isin(seen.scores.argmax(axis=1), _ARGUED).any():
            places = choose(p, self.bounds, [frozenset(words) for words in seen.words], other)
        problems = {at: likely for name in reversed(ANSWERED) for at, likely in places[name]}
        spans = tuple((a, b, float(p[a : b + 1, -1].mean())) for a, b in voices)
        return Chosen(places, self._answers(seen, reads, problems), spans)

    def _answers(
        self, seen: SeenPaper, reads: Sequence[Read], problems: Mapping[int, float]
    ) -> tuple[tuple[int, int, float], ...]:
        # Of each problem (to its own probability) what is likely enough to answer it, and it to be a problem.
        if not problems or not all(network.has_answers for network in self.networks):
            return ()
        pairs_of = AnswerPairs(seen)
        found = []
        for problem, likely in problems.items():
            pairs = pairs_of(problem)
            each = [n.answers(read.states, problem, pairs) for n, read in zip(self.networks, reads, strict=True)]
            p = likely * _mean(each)[:-1]
            best = int(p.argmax())
            if best != problem and p[best] >= self.bounds.answer:
                found.append((problem, best, float(p[best])))
        return tuple(found)

    def _reads(self, seen: SeenPaper) -> list[Read]:
        x = features(seen)
        return [network(x, seen) for network in self.networks]

    def save(self, folder: Path) -> None:
        """Write the files into a folder; weights in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"{k}.{name}": a for k, n in enumerate(self.networks) for name, a in n.arrays.items()}
        save_arrays(folder / WEIGHTS, {name: a.astype(np.float16) for name, a in arrays.items()})
        bounds = {name: getattr(self.bounds, name) for name in Bounds.__dataclass_fields__}
        facts = {"format": FORMAT, "places": PLACES, "networks": len(self.networks), **bounds}
        (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ModelError where it is of another version or damaged."""
        facts = load_facts(folder / FACTS)
        if facts.get("format") != FORMAT or facts.get("places") != list(PLACES):
            raise ModelError(f"{folder / FACTS}: is of another version of argmine; install the model again")
        arrays = {name: np.asarray(a, np.float32) for name, a in load_arrays(folder / WEIGHTS).items()}
        try:
            first, further = (tuple(map(float, facts[name])) for name in ("first", "further"))
            bounds = Bounds(first, further, float(facts["answer"]), float(facts["voice"]))
            networks = [_numbered(arrays, k) for k in range(int(facts["networks"]))]
        except (KeyError, TypeError, ValueError) as why:
            raise ModelError(f"{folder / FACTS}: is garbled ({why}); install the model again") from why
        if not networks or any("mean" not in n.arrays or "skip.weight" not in n.arrays for n in networks):
            raise ModelError(f"{folder / WEIGHTS}: lacks arrays; install the model again")
        return cls(tuple(networks), bounds)


def _numbered(arrays: Mapping[str, Floats], k: int) -> DocumentNetwork:
    prefix = f"{k}."
    return DocumentNetwork({name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)})


def _mean(given: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(np.mean(given, axis=0), dtype=np.float64)


def choose(
    p: NDArray[np.float64], bounds: Bounds, said: Sequence[frozenset[str]], other: NDArray[np.bool_]
) -> dict[str, tuple[tuple[int, float], ...]]:
    """Of each place the likeliest sentences as far as they are likely enough, none that says what one before it says.
    `said` are the sentences' words; those of another's voice (`other`) fill no place of the author's own."""
    found = {}
    for k, place in enumerate(DEFAULT.screen):
        taken: list[tuple[int, float]] = []
        for at in np.argsort(-p[:, k], kind="stable").tolist():
            enough = bounds.further[k] if taken else bounds.first[k]
            if len(taken) == place.shown or p[at, k] < enough:
                break
            if (other[at] and place.name in AUTHORS_OWN) or any(_same(said[at], said[b]) for b, _ in taken):
                continue
            taken.append((at, float(p[at, k])))
        found[place.name] = tuple(taken)
    return found


def _same(a: frozenset[str], b: frozenset[str]) -> bool:
    return len(a & b) >= _SAME * max(1, len(a | b))


def runs(spoken: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of two or more sentences that are spoken by others, first and last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], spoken.astype(np.int8), [0]])))
    return [(a, b - 1) for a, b in edges.reshape(-1, 2).tolist() if b - a >= _SHORTEST]
