"""The key points' network in torch, and its training.

The loss of a paper is the cross entropy of every place and sentence, plus for each place that a reader filled how much
probability a softmax over the whole paper gives to what the reader chose (ListNet: Cao et al. 2007), plus the same for
the answers to each problem, "nothing" among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from argmine.model.key_point_features import features
from argmine.model.key_points import (
    DISTANCES,
    OUTPUTS,
    PAIR_FEATURES,
    PLACES,
    AnswerPairs,
    DocumentNetwork,
    closeness,
    distances,
    standardised,
)
from argmine.training.key_points import KeyPointLesson

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How the networks are trained."""

    width: int = 192
    vectors: int = 128
    """What the sentences' vectors are made into first."""
    layers: int = 2
    heads: int = 4
    dropout: float = 0.3
    vector_dropout: float = 0.4
    answers: int = 48
    """The width in which problems and answers meet."""
    epochs: int = 12
    together: int = 4
    """Papers between two steps."""
    rate: float = 2e-3
    decay: float = 0.05
    ranking: float = 1.0
    answering: float = 0.3
    average: float = 0.995
    """Decay of the running average of the weights, which is what is kept."""
    longest: int = 1000
    """Sentences of a paper that are learnt from at once."""


class _Block(nn.Module):
    # A transformer block, layer norm first, with biases for how far apart two sentences stand and how closely.
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.drop = heads, nn.Dropout(dropout)
        self.norm_in, self.norm_up = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.attended = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.apart = nn.Parameter(torch.zeros(heads, DISTANCES))
        self.close = nn.Parameter(torch.zeros(heads, 3))

    def forward(self, x: Tensor, apart: Tensor, close: Tensor) -> Tensor:
        n, d = x.shape
        q, k, v = self.attend(self.norm_in(x)).view(n, 3, self.heads, d // self.heads).permute(1, 2, 0, 3)
        bias = self.apart[:, apart] + self.close[:, close]
        mixed = F.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=bias[None])[0]
        x = x + self.drop(self.attended(mixed.permute(1, 0, 2).reshape(n, d)))
        return x + self.drop(self.down(F.gelu(self.up(self.norm_up(x)), approximate="tanh")))


class DocumentNet(nn.Module):
    """`argmine.model.key_points.DocumentNetwork` as it is trained."""

    def __init__(self, vectors: int, columns: int, recipe: Recipe) -> None:
        super().__init__()
        d, small, r = recipe.width, recipe.vectors, recipe
        self.vectors_norm, self.vectors_in = nn.LayerNorm(vectors), nn.Linear(vectors, small)
        self.joined, self.features_in = nn.Linear(small, d), nn.Linear(columns, d)
        self.blocks = nn.ModuleList(_Block(d, r.heads, r.dropout) for _ in range(r.layers))
        self.norm, self.out, self.skip = nn.LayerNorm(d), nn.Linear(d, OUTPUTS), nn.Linear(columns + small, OUTPUTS)
        self.asks, self.meets, self.nothing = nn.Linear(d, r.answers), nn.Linear(d, r.answers), nn.Linear(d, 1)
        self.pair_in, self.pair_out = nn.Linear(PAIR_FEATURES, 32), nn.Linear(32, 1)
        self.vector_drop, self.feature_drop = nn.Dropout(r.vector_dropout), nn.Dropout(0.1)

    def forward(self, x: Tensor, vectors: Tensor, apart: Tensor, close: Tensor) -> tuple[Tensor, Tensor]:
        """Of standardised features (sentences, columns) and vectors (sentences, d): logits (sentences, OUTPUTS) and
        states."""
        small = self.vectors_in(self.vector_drop(self.vectors_norm(vectors)))
        x = self.feature_drop(x)
        state = F.gelu(self.joined(small) + self.features_in(x), approximate="tanh")
        for block in self.blocks:
            state = block(state, apart, close)
        state = self.norm(state)
        return self.out(state) + self.skip(torch.cat([x, small], dim=1)), state

    def answer_logits(self, states: Tensor, problem: int, pairs: Tensor) -> Tensor:
        """The logit of each sentence, and last of nothing, as the answer to a problem, (sentences + 1,)."""
        asked = self.asks(states[problem])
        together = self.meets(states) @ asked / len(asked) ** 0.5
        logits = together + self.pair_out(F.relu(self.pair_in(pairs)))[:, 0]
        itself = torch.arange(len(states)) == problem
        return torch.cat([logits.masked_fill(itself, -1e9), self.nothing(states[problem])])


@dataclass(frozen=True)
class _Example:
    inputs: tuple[Tensor, Tensor, Tensor, Tensor]
    grades: Tensor
    answers: tuple[tuple[int, Tensor, Tensor], ...]  # a problem, its pairs' features, the columns that are right


def _example(lesson: KeyPointLesson, x: Floats, middle: Floats, spread: Floats, longest: int) -> _Example:
    n = min(longest, len(lesson.seen.contexts))
    assert lesson.seen.vectors is not None
    contexts = lesson.seen.contexts[:n]
    arrays = (standardised(x[:n], middle, spread), lesson.seen.vectors[:n], distances(n), closeness(contexts))
    grades = np.hstack([lesson.grades[:n], 2 * lesson.voices[:n, None]])
    links = [r for r in lesson.seen.links if r.source < n and r.target < n]
    pairs_of = AnswerPairs(replace(lesson.seen, contexts=contexts, vectors=lesson.seen.vectors[:n], links=links))
    answers = []
    for problem, given in lesson.answers.items():
        # What states a problem and answers it stands there already.
        right = [n if at is None else at for at in given if at is None or (at < n and at != problem)]
        if problem < n and right:
            answers.append((problem, torch.from_numpy(pairs_of(problem)), torch.tensor(sorted(right))))
    given_to, vectors, apart, close = (torch.from_numpy(np.ascontiguousarray(a)) for a in arrays)
    return _Example((given_to.float(), vectors.float(), apart, close), torch.from_numpy(grades), tuple(answers))


def loss_of(net: DocumentNet, example: _Example, recipe: Recipe) -> Tensor:
    """The loss of one paper, as the module says."""
    logits, states = net(*example.inputs)
    grades = example.grades.float()
    wanted = (grades > 0).float() * (0.5 + 0.25 * grades)
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(dim=0)
    loss = each.mean() / (10 + 0.1 * len(grades))
    weights = grades[:, : len(PLACES)]
    filled = weights.sum(dim=0) > 0
    if filled.any():
        shares = weights / weights.sum(dim=0).clamp(min=1e-6)
        ranked = -(shares * logits[:, : len(PLACES)].log_softmax(dim=0)).sum(dim=0)
        loss = loss + recipe.ranking * ranked[filled].mean()
    if example.answers:
        said = [
            -torch.logsumexp(net.answer_logits(states, problem, pairs).log_softmax(dim=0)[right], dim=0)
            for problem, pairs, right in example.answers
        ]
        loss = loss + recipe.answering * torch.stack(said).mean()
    return loss


def fit_network(
    lessons: Sequence[KeyPointLesson], recipe: Recipe, seed: int, say: Callable[[str], None] = lambda message: None
) -> DocumentNetwork:
    """Train one network, in one thread, as its products are small. The same input gives the same weights on one
    machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _fitted(lessons, recipe, seed, say)
    finally:
        torch.set_num_threads(threads)


def _fitted(
    lessons: Sequence[KeyPointLesson], recipe: Recipe, seed: int, say: Callable[[str], None]
) -> DocumentNetwork:
    torch.manual_seed(seed)
    rows = [features(lesson.seen) for lesson in lessons]
    every = np.vstack(rows)
    middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    examples = [_example(lesson, x, middle, spread, recipe.longest) for lesson, x in zip(lessons, rows, strict=True)]
    net = DocumentNet(examples[0].inputs[1].shape[1], every.shape[1], recipe)
    steps = recipe.epochs * -(-len(examples) // recipe.together)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps, pct_start=0.15)
    draw = np.random.default_rng(seed)
    averaged = {name: p.detach().clone() for name, p in net.named_parameters()}
    step = 0
    for number in range(recipe.epochs):
        losses = []
        order = draw.permutation(len(examples))
        for at in range(0, len(order), recipe.together):
            optimiser.zero_grad()
            for k in order[at : at + recipe.together]:
                loss = loss_of(net, examples[k], recipe) / recipe.together
                loss.backward()
                losses.append(float(loss.detach()) * recipe.together)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            keep = min(recipe.average, step / (step + 10))
            with torch.no_grad():
                for name, parameter in net.named_parameters():
                    averaged[name].lerp_(parameter, 1 - keep)
        say(f"epoch {number + 1} of {recipe.epochs}: loss {np.mean(losses):.3f}")
    arrays = {name: p.numpy().astype(np.float16).astype(np.float32) for name, p in averaged.items()}
    return DocumentNetwork(arrays | {"mean": middle, "spread": spread})
