"""Train the shipped encoder on with the places of key points as tasks, while what the other parts read of it stays.

    PYTHONPATH=src python -m research.shipped_model.places TEXTS... [--model models/argmine-en] [--run FOLDER] [--plain]

TEXTS hold the papers as research/key_points/import_readings.py takes them; those of the training part are learnt from.
The encoder begins as the shipped file has it, its int8 weights as floats. A sentence's vector is to tell which places
it fills and whether another speaks; along the directions on which tagger, linker and the view of the units around
project it, it is to stay what the shipped encoder gives (which research/shipped_model/key_points.py keeps on the disk).
So tags and links need no new training. A run goes on from its last checkpoint; at its end the averaged encoder is
written into the model's folder, and research/shipped_model/key_points.py and the `scores` step of
research/train_shipped.py are to be run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from argmine.annotation.bank import paper_of
from argmine.annotation.key_points import load_key_points
from argmine.model.encoder import ENCODER, FACTS, HEAD
from argmine.model.folder import load_arrays, load_facts
from argmine.model.windows import Layout, overlapping, places, tokenise
from argmine.readers.voices import find_voices
from argmine.training.dataset import UNKNOWN
from argmine.training.encoder.data import Batch, Example, load_tokenizer
from argmine.training.encoder.export import export_encoder
from argmine.training.encoder.loop import Recipe, Trainer
from argmine.training.encoder.network import Encoder, Head, Network, Shape
from argmine.training.folder import digests_in, dump
from argmine.training.key_points import KeyPointLesson
from research.key_points.import_readings import PARTS, rows_of
from research.key_points.import_readings import papers as texts_of
from research.shipped_model.key_points import ROOT, SEEN, Reader, lessons_of, without_key_points

RECIPE = Recipe(
    epochs=1.5, tokens=3200, rate=5e-5, head_rate=5e-4, decay=0.9, warmup=0.06, unsure=1.0, links=0, together=1,
    average=0.997,
)  # fmt: skip
POWER = 0.4
"""A place weighs its inverse frequency to this power."""
GRADES = np.array([0.0, 0.75, 1.0])
"""How far a sentence of each grade is to be chosen."""
HEADS = 12
SHOWN = 64
"""Inputs by which the network is made fit for int8."""
EVERY = 100
"""Steps between two checkpoints."""
PARTS_OF_A_LAYER = ("query", "key", "value", "attended", "up", "down")


def floats_of(path: Path) -> Encoder:
    """The encoder in a file that `argmine.training.encoder.export` wrote in int8 with word embeddings in four bits."""
    import onnx
    from onnx import numpy_helper

    stored = {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
    own = {name.removeprefix("encoder."): value for name, value in stored.items()}
    products = [name.removesuffix("_quantized") for name in stored if name.endswith("_quantized")]
    hidden, layers = len(own["norm.weight"]), len(products) // len(PARTS_OF_A_LAYER)
    found: dict[str, NDArray[Any]] = {n: own[n] for n in ("positions.weight", "norm.weight", "norm.bias")}
    found["relative.weight"] = own["relative.weight"]
    found["words.weight"] = _words(own["words.rows"], own["words.scale"], own["words.table"])
    for k, product in enumerate(products):
        name = f"layers.{k // len(PARTS_OF_A_LAYER)}.{PARTS_OF_A_LAYER[k % len(PARTS_OF_A_LAYER)]}"
        weight = (stored[f"{product}_quantized"].astype(np.float32) - stored[f"{product}_zero_point"]) * stored[
            f"{product}_scale"
        ]
        found[f"{name}.weight"] = weight.T * own.get(f"{name}.less", np.float32(1))
        found[f"{name}.bias"] = own[f"{name}.bias"]
    for name, value in own.items():
        if name.startswith("layers.") and "norm." in name:
            found[name] = value
    shape = Shape(
        len(found["words.weight"]), hidden, layers, HEADS, len(found["layers.0.up.bias"]),
        len(found["positions.weight"]), 1e-5, len(found["relative.weight"]),
    )  # fmt: skip
    encoder = Encoder(shape, RECIPE.dropout)
    encoder.load_state_dict({n: torch.from_numpy(np.array(v, np.float32)) for n, v in found.items()})
    return encoder


def _words(rows: NDArray[Any], scale: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
    # As argmine.training.encoder.export.NibbleWords lays them out.
    codes = np.hstack([rows % 16, rows // 16]).astype(np.int64)
    blocks = table[codes].reshape(len(rows), scale.shape[1], -1)
    made: NDArray[Any] = (blocks * scale.astype(np.float32)[:, :, None]).reshape(len(rows), -1)
    return made


def projections(model: Path, width: int) -> Tensor:
    """The directions (rows, width) on which tagger and linker project a sentence's vector, each of length 1."""
    read = [load_arrays(model / "argmine_tagger" / HEAD)["inner_weight"][:, :width]]
    linker = load_arrays(model / "argmine_linker" / "weights.safetensors")
    read += [value for value in linker.values() if value.ndim == 2 and value.shape[1] == width]
    rows = np.vstack(read).astype(np.float32)
    return torch.from_numpy(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def example_of(lesson: KeyPointLesson, tokenizer: Any, layout: Layout) -> Example:
    """A paper's sentences, and how far each fills each place or is another's."""
    contexts = lesson.seen.contexts
    n = len(contexts)
    wanted = np.hstack([GRADES[lesson.grades], lesson.voices[:, None]]).astype(np.float32)
    nothing = np.zeros(n, np.int64)
    return Example(
        lesson.slug, tokenise(tokenizer, contexts, layout), places(contexts), nothing, nothing + UNKNOWN,
        np.zeros(n, np.bool_), 1.0, None, {}, nothing, nothing, wanted.shape[1], np.zeros(n, np.bool_), wanted,
    )  # fmt: skip


def loss_of_places(examples: Sequence[Example], former: Sequence[Tensor], along: Tensor) -> Callable[..., Tensor]:
    """The loss of a batch: the cross entropy of every place and of voices, and how far the vectors' projections `along`
    these directions are from the `former` ones of each example, in their spreads."""
    every = np.vstack([e.many for e in examples if e.many is not None])
    counts = every.sum(axis=0)
    weights = torch.tensor(((len(every) - counts) / counts) ** POWER, dtype=torch.float32)
    spread = torch.cat([part.float() for part in former[::10]]).std(0) + 1e-6

    def loss(network: Network, batch: Batch) -> Tensor:
        chosen, voices, vectors = network(batch.ids, batch.mask, batch.spans, batch.places)
        told = torch.cat([chosen, voices[:, None]], dim=1).float()
        assert batch.many is not None
        cross = F.binary_cross_entropy_with_logits(told, batch.many, pos_weight=weights, reduction="none")
        before = torch.stack([former[e][i] for e, i in batch.rows]).float()
        moved: Tensor = (((vectors.float() @ along.T - before) / spread) ** 2).mean()
        return cross.sum(dim=1).mean() + moved

    return loss


def main(arguments: Sequence[str] | None = None) -> None:
    """The command at the top of this module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "argmine-en")
    parser.add_argument("--gold", type=Path, default=ROOT / "annotations" / "published")
    parser.add_argument("--run", type=Path, default=ROOT / "build" / "encoder" / "places")
    parser.add_argument("--plain", action="store_true", help="compute in floats, not bfloat16")
    given = parser.parse_args(arguments)
    parts = {slug: row["part"] for slug, row in rows_of(PARTS).items()}
    texts = {bank.slug: paper_of(bank) for bank, _ in texts_of(given.texts) if parts.get(bank.slug) == "train"}
    known = {slug: p.model_copy(update={"voices": find_voices(p)}) for slug, p in texts.items()}
    gold, _ = load_key_points([given.gold], known)
    model = without_key_points(given.model)
    digest = model.facts["files"]["argmine_tagger/encoder.onnx"]
    lessons = sorted(lessons_of(gold, Reader(model, SEEN / digest[:12]), {}), key=lambda lesson: lesson.slug)
    tagger = given.model / "argmine_tagger"
    layout, tokenizer = Layout(**load_facts(tagger / FACTS)["layout"]), load_tokenizer(tagger)
    examples = [example_of(lesson, tokenizer, layout) for lesson in lessons]
    encoder = floats_of(tagger / ENCODER)
    network = Network(encoder, RECIPE.width, RECIPE.head_dropout)
    network.head = Head(encoder.shape.hidden_size, RECIPE.width, RECIPE.head_dropout, examples[0].classes - 1)
    along = projections(given.model, 2 * encoder.shape.hidden_size)
    former = [(torch.from_numpy(lesson.seen.vectors) @ along.T).half() for lesson in lessons]
    recipe = RECIPE if given.plain else replace(RECIPE, half=True)
    loss = loss_of_places(examples, former, along)
    trainer = Trainer(network, examples, layout, recipe, given.run, loss=loss)
    trainer.train(lambda trainer: {}, print, EVERY)
    inputs = [list(overlapping(e.tokens, layout)) for e in examples[:SHOWN]]
    shown = [windows[len(windows) // 2].ids for windows in inputs]
    made = trainer.averaged_network().encoder
    export_encoder(made, layout, tagger / ENCODER, quantise=True, shown=shown, four_bits=True)
    meta = load_facts(given.model / "meta.json")
    meta["argmine"]["files"] = digests_in(given.model)
    dump(given.model / "meta.json", meta)


if __name__ == "__main__":
    main()
