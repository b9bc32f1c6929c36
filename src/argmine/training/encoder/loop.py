"""The training loop: resumable, logged, scored after each epoch by whoever asks for it.

A base is a folder with config.json, model.safetensors and tokenizer.json of a BERT or MPNet encoder.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from argmine.model.windows import Layout
from argmine.scheme import DEFAULT, Scheme
from argmine.training.dataset import UNKNOWN
from argmine.training.encoder.data import Batch, Example, epoch, reading
from argmine.training.encoder.export import in_four_bits
from argmine.training.encoder.network import Encoder, Network, link_loss, pairs_of, parameter_groups

CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the network is trained."""

    epochs: float = 6
    tokens: int = 1600
    """Tokens in a batch."""
    rate: float = 1.5e-4
    """Peak learning rate of the top layer; each layer below has `decay` of the one above."""
    decay: float = 0.85
    head_rate: float = 1e-3
    warmup: float = 0.08
    """Share of the steps over which the rate rises; then it falls as a cosine to a twentieth."""
    dropout: float = 0.1
    head_dropout: float = 0.15
    width: int = 256
    smoothing: float = 0.05
    power: float = 0.35
    """A label weighs its inverse frequency to this power."""
    unsure: float = 0.6
    reported: float = 0.3
    """The weight of the second task."""
    taught: float = 0.3
    """The teachers' share in what a labelled sentence should say."""
    unlabelled: float = 0.5
    """How much a sentence counts that has the teachers' word alone."""
    links: int = 96
    """The width of the link head; 0 leaves the third task out."""
    linked: float = 0.7
    """The weight of the third task."""
    together: int = 2
    """How many consecutive inputs of a paper share a batch."""
    average: float = 0.995
    """Decay of the running average of the weights, which is what is scored and kept."""
    layers: int = 0
    """How many of the encoder's lowest layers are kept; 0 for all."""
    four_bits: bool = False
    """Train with word embeddings as four bits hold them, for a file that has them so."""
    seed: int = 0
    half: bool = False
    """Compute in bfloat16 where that is safe: ten times faster on processors with AMX, slower on others."""


def learning_rate(step: int, steps: int, warmup: float) -> float:
    """The share of the peak rate at this step."""
    rise = max(1, int(warmup * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, steps - rise))))


def class_weights(examples: Sequence[Example], power: float, classes: int = len(DEFAULT.labels)) -> torch.Tensor:
    """The weight of each label, its mean over the sentences 1; where a sentence may have several, how much its being
    there weighs against its not being there."""
    counts = np.zeros(classes)
    known = 0.0
    for e in examples:
        if e.many is not None:
            counts += e.weight * e.many.sum(axis=0)
            known += e.weight * int((e.labels != UNKNOWN).sum())
        else:
            counts += e.weight * np.bincount(e.labels[e.labels != UNKNOWN], minlength=classes)
    if known:
        return torch.tensor((np.maximum(1, known - counts) / np.maximum(1, counts)) ** power, dtype=torch.float32)
    weights = np.maximum(1, counts) ** -power
    weights *= counts.sum() / max(1e-9, float((weights * counts).sum()))
    return torch.tensor(weights, dtype=torch.float32)


def targets_of(batch: Batch, recipe: Recipe) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What the batch's sentences should say (rows, labels), if they are reported (rows,), and how much each row counts.
    A label is smoothed and mixed with what teachers say, who alone speak of a sentence without one."""
    known = batch.labels != UNKNOWN
    taught = ~batch.soft[:, 0].isnan()
    k = batch.soft.shape[1] - 1
    if batch.many is not None:
        labels = batch.many * (1 - recipe.smoothing) + recipe.smoothing / 2
    else:
        labels = F.one_hot(batch.labels.clamp(min=0), k).float() * (1 - recipe.smoothing) + recipe.smoothing / k
    share = torch.where(known, torch.where(taught, recipe.taught, 0.0), 1.0)[:, None]
    soft = batch.soft.nan_to_num(0.0)
    labels = (1 - share) * labels + share * soft[:, :k]
    unit = batch.reported != UNKNOWN
    reported = torch.where(unit, batch.reported.float(), soft[:, k])
    weights = batch.weights * torch.where(known, 1.0, torch.where(taught, recipe.unlabelled, 0.0))
    return labels, reported, weights


def loss_of(
    network: Network, batch: Batch, weights: torch.Tensor, recipe: Recipe, examples: Sequence[Example] = ()
) -> torch.Tensor:
    """Cross entropy of the labels plus that of being reported, each the mean over the sentences that it is known of,
    plus that of the links, a unit. `weights` (labels,) are those of the labels; `examples` those that the batch's rows
    are of, wanted for links alone."""
    labels, reported, vectors = network(batch.ids, batch.mask, batch.spans, batch.places)
    wanted, wanted_reported, counts = targets_of(batch, recipe)
    if batch.many is not None:
        per = F.binary_cross_entropy_with_logits(labels, wanted, pos_weight=weights, reduction="none").sum(dim=1)
    else:
        per = F.cross_entropy(labels, wanted, weight=weights, reduction="none")
    loss = (per * counts).sum() / max(1, int((counts > 0).sum()))
    # Of a sentence that is no unit nobody said whose view it is.
    unit = (batch.reported != UNKNOWN) | ((batch.labels == UNKNOWN) & (counts > 0))
    if unit.any():
        second = F.binary_cross_entropy_with_logits(reported[unit], wanted_reported[unit], reduction="none")
        loss = loss + recipe.reported * (second * counts[unit]).mean()
    if network.links is not None and examples:
        pairs, apart, side, kinds = pairs_of(examples, batch.rows)
        if len(pairs):
            third = network.links(vectors, pairs, apart, side)
            papers = torch.tensor([examples[e].weight for e, _ in batch.rows])[pairs[:, 0]]
            loss = loss + recipe.linked * link_loss(third.float(), kinds, papers, len(pairs[:, 0].unique()))
    return loss


Loss = Callable[[Network, Batch], torch.Tensor]


class Trainer:
    """A network, its running average, and where in the training they are."""

    def __init__(
        self,
        base: Path | Network,
        examples: Sequence[Example],
        layout: Layout,
        recipe: Recipe,
        folder: Path,
        labels: Scheme = DEFAULT,
        loss: Loss | None = None,
    ) -> None:
        """`base` is a pretrained encoder's folder, or a network to go on from; `loss` what is learnt if not `loss_of`
        of the labels, links and reported sentences."""
        torch.manual_seed(recipe.seed)
        self.examples, self.layout, self.recipe, self.folder = list(examples), layout, recipe, folder
        if isinstance(base, Network):
            self.network = base
        else:
            encoder = Encoder.pretrained(base, recipe.dropout, recipe.layers)
            self.network = Network(encoder, recipe.width, recipe.head_dropout, recipe.links, labels)
        groups = parameter_groups(self.network, recipe.rate, recipe.head_rate, recipe.decay)
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)
        self.peaks = [g["lr"] for g in self.optimiser.param_groups]
        weights = class_weights(self.examples, recipe.power, len(labels.labels))
        self.loss = loss or (lambda network, batch: loss_of(network, batch, weights, recipe, self.examples))
        self.done_epochs = self.done_batches = self.step = 0
        self.history: list[dict[str, Any]] = []
        self._begin_average()

    def _begin_average(self) -> None:
        if self.recipe.four_bits:
            words = self.network.encoder.words.weight
            words.data = in_four_bits(words.detach())
        self.averaged = {n: p.detach().clone() for n, p in self.network.named_parameters() if p.requires_grad}

    def begin_with(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take the weights of a network of the same width, which may have more layers; a checkpoint of this run's own
        comes before them."""
        own = self.network.state_dict()
        self.network.load_state_dict(own | {n: p for n, p in weights.items() if n in own})
        self._begin_average()

    def _epoch(self, number: int) -> Iterator[Batch]:
        r = self.recipe
        return epoch(self.examples, self.layout, r.tokens, r.seed, number, r.unsure, r.together)

    def train(self, after_epoch: Callable[[Trainer], dict[str, Any]], say: Callable[[str], None], every: int) -> None:
        """Train to the end of the recipe; a checkpoint every `every` steps and after each epoch."""
        self._resume()
        steps = round(sum(1 for _ in self._epoch(0)) * self.recipe.epochs)
        while self.step < steps:
            began, losses = time.monotonic(), []
            for number, batch in enumerate(self._epoch(self.done_epochs)):
                if number < self.done_batches or self.step == steps:
                    continue
                losses.append(self._learn(batch, steps))
                self.done_batches = number + 1
                if self.step % 50 == 0:
                    pace = (time.monotonic() - began) / len(losses)
                    say(f"step {self.step}/{steps} loss {np.mean(losses[-50:]):.4f} {pace:.2f} s a step")
                if self.step % every == 0:
                    self._keep()
            self.done_epochs, self.done_batches = self.done_epochs + 1, 0
            result = after_epoch(self) | {"epoch": self.done_epochs, "loss": round(float(np.mean(losses or [0])), 4)}
            self.history.append(result)
            say(json.dumps(result))
            self._keep()

    def _learn(self, batch: Batch, steps: int) -> float:
        share = learning_rate(self.step, steps, self.recipe.warmup)
        for group, peak in zip(self.optimiser.param_groups, self.peaks, strict=True):
            group["lr"] = peak * share
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16) if self.recipe.half else nullcontext():
            loss = self.loss(self.network, batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        # Early on the average follows fast, or the untrained weights would stay in it.
        keep = min(self.recipe.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                if name in self.averaged:
                    self.averaged[name].lerp_(parameter, 1 - keep)
        return float(loss.detach())

    def averaged_network(self) -> Network:
        network = copy.deepcopy(self.network)
        network.load_state_dict(network.state_dict() | self.averaged)
        return network.eval()

    def _keep(self) -> None:
        # Write everything that going on needs; the old checkpoint stays until the new one is whole.
        from safetensors.torch import save_file

        tensors = {f"network.{n}": p.detach() for n, p in self.network.named_parameters() if p.requires_grad}
        tensors |= {f"averaged.{n}": p for n, p in self.averaged.items()}
        for group in self.optimiser.param_groups:
            for key, value in self.optimiser.state[group["params"][0]].items():
                tensors[f"optimiser.{group['name']}.{key}"] = torch.as_tensor(value)
        tensors["rng"] = torch.get_rng_state()
        facts = {"epochs": self.done_epochs, "batches": self.done_batches, "step": self.step, "history": self.history}
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f"{CHECKPOINT}.new"
        save_file({k: v.contiguous() for k, v in tensors.items()}, new, {"facts": json.dumps(facts)})
        new.replace(self.folder / f"{CHECKPOINT}.safetensors")

    def _resume(self) -> None:
        from safetensors import safe_open

        path = self.folder / f"{CHECKPOINT}.safetensors"
        if not path.exists():
            return
        with safe_open(path, "pt") as file:
            facts = json.loads(file.metadata()["facts"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
        own = dict(self.network.named_parameters())
        with torch.no_grad():
            for name in self.averaged:
                own[name].copy_(tensors[f"network.{name}"])
                self.averaged[name].copy_(tensors[f"averaged.{name}"])
        for group in self.optimiser.param_groups:
            prefix = f"optimiser.{group['name']}."
            self.optimiser.state[group["params"][0]] = {
                key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
            }
        torch.set_rng_state(tensors["rng"])
        self.done_epochs, self.done_batches = facts["epochs"], facts["batches"]
        self.step, self.history = facts["step"], facts["history"]


def predict(
    network: Network, examples: Sequence[Example], layout: Layout, half: bool = False
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """The logits of every sentence of each example, (sentences, labels), and those of being reported, (sentences,)."""
    return [(labels, reported) for labels, reported, _ in read_off(network, examples, layout, half)]


def read_off(
    network: Network, examples: Sequence[Example], layout: Layout, half: bool = False
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    """The same, with the sentences' vectors, (sentences, 2 hidden)."""

    def empty(e: Example, *columns: int) -> NDArray[np.float32]:
        return np.zeros((len(e.tokens), *columns), np.float32)

    hidden = network.encoder.shape.hidden_size
    found = [(empty(e, e.classes), empty(e), empty(e, 2 * hidden)) for e in examples]
    network.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16) if half else nullcontext():
        for batch in reading(examples, layout, 8 * layout.limit):
            read = network(batch.ids, batch.mask, batch.spans, batch.places)
            for (e, i), *each in zip(batch.rows, *(r.float().numpy() for r in read), strict=True):
                for array, row in zip(found[e], each, strict=True):
                    array[i] = row
    return found
