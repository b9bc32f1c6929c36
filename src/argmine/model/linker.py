"""The relation linker of the annotation scheme: boosted trees for all candidate pairs, then the decoder.

scikit-learn trains the trees (`argmine.training.fitting`); here they are plain arrays, walked in numpy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from argmine.errors import ModelError
from argmine.isolation import beat
from argmine.model.decision import Array, calibrate
from argmine.model.decoder import Limits, decode
from argmine.model.folder import load_arrays, load_facts, save_arrays
from argmine.model.pair_features import FEATURES, READ_FEATURES, Pairs, Units, candidates, pair_features
from argmine.model.pair_networks import Around, Floats, PairScorer, Seen, read_features
from argmine.model.sentence_context import Contexts, Link
from argmine.scheme import DEFAULT

_WEIGHTS: Final = "weights.safetensors"
_FACTS: Final = "linker.json"
_HOPELESS: Final = -5.0
"""A pair whose logit has fallen to this (a probability below 0.7 %) after some trees never becomes a relation."""
_STAGE: Final = 25
_CHUNK: Final = 4096
"""Rows that are walked down a tree together: few enough that they stay in the processor's cache."""


@dataclass(frozen=True)
class Trees:
    """An ensemble of regression trees with `baseline` (outputs,) added; the arrays hold all nodes of all trees.

    A node sends a row left where its `feature` is at most `threshold`. `left` of a leaf is the leaf itself with an
    infinite threshold, so that all rows can be walked down `depths` steps together; the right child stands right
    after the left one. Tree t starts at `roots[t]` and adds to output `t % outputs`.
    """

    feature: NDArray[np.int16]
    threshold: Array
    left: NDArray[np.int32]
    value: Array
    roots: NDArray[np.int32]
    depths: NDArray[np.int16]
    baseline: Array

    def raw(self, x: Floats, *, hopeless: float | None = None) -> Array:
        """The summed values, shape (rows, outputs), before any link function. `x` has no NaN. With one output, rows
        whose sum lies below `hopeless` after each `_STAGE` trees are left at that sum."""
        out = np.tile(self.baseline, (len(x), 1))
        for begin in range(0, len(x), _CHUNK):
            beat("pairs linked", begin, len(x))
            self._add(np.ascontiguousarray(x[begin : begin + _CHUNK]), out[begin : begin + _CHUNK], hopeless)
        return out

    def _add(self, x: Floats, out: Array, hopeless: float | None) -> None:
        flat, width, outputs = x.ravel(), x.shape[1], len(self.baseline)
        rows = np.arange(len(x))
        sums = out
        for t, (root, depth) in enumerate(zip(self.roots.tolist(), self.depths.tolist(), strict=True)):
            if hopeless is not None and t and t % _STAGE == 0:
                kept = sums[:, 0] >= hopeless
                if not kept.all():
                    out[rows] = sums
                    rows, sums = rows[kept], sums[kept]
            if not len(rows):
                return
            base = rows * width
            node = np.full(len(rows), root, dtype=np.int32)
            for _ in range(depth):
                value = flat.take(base + self.feature.take(node))
                node = self.left.take(node) + (value > self.threshold.take(node))
            sums[:, t % outputs] += self.value.take(node)
        out[rows] = sums

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        return {f"{prefix}.{name}": getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """What `arrays` gave. Raises KeyError where one is missing, ValueError where they don't fit together."""
        trees = cls(**{name: arrays[f"{prefix}.{name}"] for name in cls.__dataclass_fields__})
        n = len(trees.feature)
        sizes_fit = len(trees.threshold) == len(trees.left) == len(trees.value) == n
        inside = n and trees.left.min() >= 0 and trees.left.max() < n and 0 <= trees.roots.min() < n
        if not sizes_fit or not inside or trees.roots.max() >= n or len(trees.roots) != len(trees.depths):
            raise ValueError(f"{prefix}: the trees' arrays don't fit together")
        return trees


@dataclass(frozen=True)
class Linker:
    """Boosted trees for whether a pair is linked (one output, a logit) and how (an output for each relation label).
    `slope` and `shift` calibrate the first one's logit (Platt scaling). `idf` weighs the words that units share. With a
    `scorer` the trees have its columns too; with `around` it reads the vectors that this makes of the encoder's."""

    link: Trees
    kind: Trees
    slope: float
    shift: float
    limits: Limits
    idf: dict[str, float]
    scorer: PairScorer | None = None
    around: Around | None = None

    @property
    def features(self) -> tuple[str, ...]:
        return FEATURES if self.scorer is None else FEATURES + READ_FEATURES

    def rows(self, units: Units, contexts: Contexts, pairs: Pairs, seen: Seen | None) -> Floats:
        """The trees' columns for these pairs. Raises ModelError where an encoder is needed and there was none."""
        x = pair_features(units, contexts, pairs, self.idf)
        if self.scorer is None:
            return x
        if seen is None:
            raise ModelError("the linker needs the encoder that it was trained with before it in the pipeline")
        read = read_features(self.scorer, units, contexts, pairs, seen, self.around)
        return np.hstack([x, read], dtype=np.float32)

    def probabilities(
        self, units: Units, contexts: Contexts, seen: Seen | None = None, *, at_least: float = 0.0
    ) -> tuple[Pairs, Array, Array]:
        """The candidate pairs (n, 2), P(linked) (n,) and P(label | linked) (n, relation labels). The labels of pairs
        that are linked with a probability below `at_least`, nearly all, are not worked out: they have zeros."""
        pairs = candidates(units)
        x = self.rows(units, contexts, pairs, seen)
        logits = np.clip(self.slope * self.link.raw(x, hopeless=_HOPELESS)[:, 0] + self.shift, -40, 40)
        linked = 1 / (1 + np.exp(-logits))
        likely = linked >= at_least
        kinds = np.zeros((len(pairs), len(DEFAULT.relation_labels)))
        kinds[likely] = calibrate(self.kind.raw(x[likely]), 1.0, np.zeros(kinds.shape[1]))
        return pairs, linked, kinds

    def links(self, units: Units, contexts: Contexts, seen: Seen | None = None) -> list[Link]:
        """The relations among these units; ends are positions in `units`, which stand in the paper's order."""
        if len(units) < 2:
            return []
        lowest = min(self.limits.first, self.limits.further)
        pairs, linked, kinds = self.probabilities(units, contexts, seen, at_least=lowest)
        return decode([u.label for u in units], pairs, linked, kinds, self.limits)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        stems = sorted(self.idf)
        weights = np.array([self.idf[s] for s in stems], dtype=np.float32)
        arrays = {**self.link.arrays("link"), **self.kind.arrays("kind"), "idf": weights}
        for prefix, network in (("pairs", self.scorer), ("around", self.around)):
            if network is not None:  # in half the bytes, exact to a thousandth
                arrays |= {name: array.astype(np.float16) for name, array in network.arrays(prefix).items()}
        save_arrays(folder / _WEIGHTS, arrays)
        limits = [self.limits.first, self.limits.further, self.limits.targets]
        facts = {"features": self.features, "labels": DEFAULT.relation_labels, "slope": self.slope, "shift": self.shift}
        text = json.dumps(facts | {"limits": limits, "stems": stems}, ensure_ascii=False, separators=(",", ":"))
        (folder / _FACTS).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ModelError where it is missing, garbled or of another version."""
        arrays = load_arrays(folder / _WEIGHTS)
        facts = load_facts(folder / _FACTS)
        features = tuple(facts.get("features", ()))
        known = features in {FEATURES, FEATURES + READ_FEATURES}
        if not known or tuple(facts.get("labels", ())) != DEFAULT.relation_labels:
            raise ModelError(f"{folder}: the linker is of another version of argmine; train or install the model again")
        try:
            first, further, targets = facts["limits"]
            linker = cls(
                link=Trees.from_arrays(arrays, "link"),
                kind=Trees.from_arrays(arrays, "kind"),
                slope=float(facts["slope"]),
                shift=float(facts["shift"]),
                limits=Limits(float(first), float(further), int(targets)),
                idf=dict(zip(facts["stems"], arrays["idf"].astype(float).tolist(), strict=True)),
                scorer=PairScorer.from_arrays(arrays, "pairs") if len(features) > len(FEATURES) else None,
                around=Around.from_arrays(arrays, "around") if "around.input_weight" in arrays else None,
            )
        except (KeyError, TypeError, ValueError) as why:
            raise ModelError(f"{folder}: the linker's files lack or garble {why}; train it again") from why
        widest = max(int(linker.link.feature.max()), int(linker.kind.feature.max()))
        outputs = len(linker.link.baseline), len(linker.kind.baseline)
        if widest >= len(features) or outputs != (1, len(DEFAULT.relation_labels)):
            raise ModelError(f"{folder}: the linker's trees are of another version; train or install the model again")
        return linker
