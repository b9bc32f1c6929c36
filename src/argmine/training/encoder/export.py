"""From trained weights to the files that `argmine.model.encoder` reads: an int8 network in ONNX, head and tokenizer.

    python -m argmine.training.encoder.export RUN --base FOLDER --out FOLDER

writes what the training left in the folder RUN, whose encoder began as the one in `--base`.

Word embeddings have eight bits, or four: an element is one of sixteen quantiles of a normal distribution times the
largest of its block (NF4: Dettmers et al. 2023, "QLoRA: Efficient Finetuning of Quantized LLMs"). Inputs of products
whose channels differ widely are evened out, the weights taking up the difference (Xiao et al. 2023, "SmoothQuant").
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Sequence, Set
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from argmine.annotation.gold_dataset import Gold
from argmine.model.encoder import ENCODER, FACTS, FORMAT, HEAD, LINKS, TOKENIZER
from argmine.model.folder import load_facts
from argmine.model.sentence_context import contexts_of
from argmine.model.windows import Layout, overlapping, tokenise
from argmine.scheme import DEFAULT, Scheme
from argmine.training.encoder.network import AVERAGED, Encoder, Layer, Network, Shape

BLOCK = 64
"""Elements that share a scale."""
NF4 = (
    *(-1.0, -0.6961928, -0.5250731, -0.3949175, -0.2844414, -0.1847734, -0.0910500, 0.0),
    *(0.0795803, 0.1609302, 0.2461123, 0.3379152, 0.4407098, 0.5626170, 0.7229568, 1.0),
)
OPSET = 17
WIDE = "/down/MatMul"
"""How the nodes are named whose products are not done in int8."""


class SmallWords(nn.Module):
    """Word embeddings in eight bits, each row with a scale of its own: a quarter of the bytes for 0.4 % of error."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("rows", torch.round(weight / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        return self.rows[ids].float() * self.scale[ids]


class NibbleWords(nn.Module):
    """Word embeddings in four bits, an eighth of the bytes; for a network that was trained with them so. A byte holds
    an element of the first half of a row in its lower bits, the one as far into the second half in its upper ones."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        rows, width = weight.shape
        if width % (2 * BLOCK):
            raise ValueError(f"{width} elements a word are no whole number of pairs of {BLOCK}")
        blocks = weight.view(rows, width // BLOCK, BLOCK)
        scale = blocks.abs().amax(dim=2).clamp(min=1e-8).half()
        table = torch.tensor(NF4)
        between = (table[1:] + table[:-1]) / 2
        codes = torch.bucketize((blocks / scale.float()[:, :, None]).contiguous(), between).view(rows, width)
        packed = codes[:, : width // 2] + 16 * codes[:, width // 2 :]
        self.register_buffer("rows", packed.to(torch.uint8))
        self.register_buffer("scale", scale)
        self.register_buffer("table", table)

    def forward(self, ids: Tensor) -> Tensor:
        packed = self.rows[ids].to(torch.int64)
        upper = torch.div(packed, 16, rounding_mode="floor")
        codes = torch.cat([packed - 16 * upper, upper], dim=-1)
        scale = self.scale[ids].float()[..., None]
        elements = self.table[codes].view(*scale.shape[:-1], BLOCK) * scale
        return elements.flatten(-2)


def in_four_bits(weight: Tensor) -> Tensor:
    """These word embeddings as four bits hold them, (words, width); in four bits again, they stay what they are."""
    small = NibbleWords(weight)
    rows: Tensor = small(torch.arange(len(weight)))
    return rows


class Evened(nn.Module):
    """A linear layer whose input is divided by `by`, channel by channel, and whose weights are multiplied by it."""

    def __init__(self, layer: nn.Linear, by: Tensor) -> None:
        super().__init__()
        self.register_buffer("less", 1 / by)
        self.weight = nn.Parameter(layer.weight.detach() * by)
        self.bias = nn.Parameter(layer.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x * self.less, self.weight, self.bias)


def even_out(encoder: Encoder, inputs: Sequence[Sequence[int]], share: float = 0.85) -> None:
    """Replace each layer's widest product by an `Evened` one, by what these inputs (token ids) show. A channel is
    divided by its largest value to the power `share` over its largest weight to the power 1 - `share`. With 0.85 the
    labels' probabilities were 0.004 nats from those in floats, with 0.3 0.075."""
    highest: dict[Layer, Tensor] = {}

    def look(layer: Layer, x: Tensor) -> None:
        seen = x.detach().abs().amax(dim=tuple(range(x.ndim - 1)))
        highest[layer] = torch.maximum(highest[layer], seen) if layer in highest else seen

    hooks = [
        layer.down.register_forward_pre_hook(lambda _, given, layer=layer: look(layer, given[0]))
        for layer in encoder.layers
    ]
    with torch.inference_mode():
        for ids in inputs:
            encoder(torch.tensor([list(ids)]), None)
    for hook in hooks:
        hook.remove()
    for layer, seen in highest.items():
        weights = layer.down.weight.detach().abs().amax(dim=0)
        by = (seen.clamp(min=1e-5) ** share / weights.clamp(min=1e-5) ** (1 - share)).clone()
        layer.down = Evened(layer.down, by)


class _OneInput(nn.Module):
    # The encoder for one input at a time, which needs no mask; of positions it knows as many as there are tokens in the
    # longest input.

    def __init__(self, encoder: Encoder, longest: int, four_bits: bool) -> None:
        super().__init__()
        self.encoder = encoder
        encoder.positions = nn.Embedding.from_pretrained(encoder.positions.weight.detach()[:longest].half())
        encoder.words = (NibbleWords if four_bits else SmallWords)(encoder.words.weight.detach())

    def forward(self, ids: Tensor) -> Tensor:
        return self.encoder(ids, None)


def load_network(run: Path, base: Path, labels: Scheme = DEFAULT) -> Network:
    """The averaged network that a training left in `run`."""
    from safetensors.torch import load_file

    facts = load_facts(run / "recipe.json")
    shape = Shape.of(base).cut(int(facts.get("layers", 0)))
    network = Network(Encoder(shape), int(facts["width"]), links=int(facts.get("links", 0)), labels=labels)
    network.load_state_dict(load_file(run / AVERAGED))
    return network.eval()


def layout_of(run: Path) -> Layout:
    facts = load_facts(run / "recipe.json")
    return Layout(**{name: facts[name] for name in asdict(Layout())})


def some_inputs(gold: Sequence[Gold], tokenizer: Tokenizer, layout: Layout, count: int) -> list[tuple[int, ...]]:
    """The middle input of each of the first papers, as token ids."""
    found = []
    for g in gold[:count]:
        inputs = list(overlapping(tokenise(tokenizer, contexts_of(g.paper), layout), layout))
        found.append(inputs[len(inputs) // 2].ids)
    return found


def export(
    network: Network,
    layout: Layout,
    base: Path,
    out: Path,
    *,
    quantise: bool = True,
    shown: Sequence[Sequence[int]] = (),
    four_bits: bool = False,
) -> None:
    """Write encoder.onnx, head.safetensors, tokenizer.json and encoder.json to `out`. `shown` are inputs, as token ids,
    by which the widest products are made fit for int8; without them these stay in floats, which takes twice as long to
    run. `four_bits` is for networks that were trained with such word embeddings."""
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    head = {name.replace(".", "_"): value.half().contiguous() for name, value in network.head.state_dict().items()}
    save_file(head, out / HEAD)
    if network.links is not None:
        links = {f"pairs.{n.replace('.', '_')}": p.detach().contiguous() for n, p in network.links.named_parameters()}
        save_file(links, out / LINKS)
    for file in out.glob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes it for its owner alone
    (out / TOKENIZER).write_bytes((base / "tokenizer.json").read_bytes())
    facts = {"format": FORMAT, "labels": list(network.scheme.labels), "layout": asdict(layout)}
    (out / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    export_encoder(network.encoder, layout, out / ENCODER, quantise=quantise, shown=shown, four_bits=four_bits)


def export_encoder(
    encoder: Encoder, layout: Layout, out: Path, *, quantise: bool, shown: Sequence[Sequence[int]], four_bits: bool
) -> None:
    """Write the encoder alone to a file, as `export` does; the encoder is changed on the way."""
    if shown:
        even_out(encoder, shown)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        one = _OneInput(encoder, layout.limit, four_bits).eval()
        given = (torch.ones(1, 8, dtype=torch.int64),)
        names = {"input_names": ["ids"], "output_names": ["tokens"]}
        axes = {"ids": {1: "tokens"}, "tokens": {1: "tokens"}}
        torch.onnx.export(one, given, str(whole), **names, opset_version=OPSET, dynamo=False, dynamic_axes=axes)
        if quantise:
            _quantise(whole, out, evened=bool(shown))
        else:
            out.write_bytes(whole.read_bytes())


def _quantise(source: Path, target: Path, *, evened: bool) -> None:
    # Products are done in int8, activations scaled as they come, each column of a matrix with a scale of its own. Those
    # whose input has the widest range (what comes out of the feed-forward layers' non-linearity) are not, unless it was
    # evened out: their weights are made floats again when the file is loaded. Of MiniLM macro5 on the development part
    # was 0.613 in floats, 0.599 all in int8 without evening and 0.614 with the widest in floats.
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().addFilter(_unasked)
    nodes = [] if evened else onnx.load(source).graph.node
    wide = [n.name for n in nodes if n.op_type == "MatMul" and n.name.endswith(WIDE)]
    how = {"op_types_to_quantize": ["MatMul"], "nodes_to_exclude": wide, "weight_type": QuantType.QInt8}
    quantize_dynamic(source, target, per_channel=True, **how)
    onnx.save(_small_weights(onnx.load(target), set(wide)), target)


def _unasked(record: logging.LogRecord) -> bool:
    # Drops the advice, for networks of other kinds, to have the graph rewritten before it is quantised.
    return "pre-processing before quantization" not in record.getMessage()


def _small_weights(model: Any, names: Set[str]) -> Any:
    # The weights of these products in int8, followed by a node that makes them floats.
    from onnx import helper, numpy_helper

    weights = {w.name: w for w in model.graph.initializer}
    for at, node in reversed(list(enumerate(model.graph.node))):
        if node.name not in names:
            continue
        name = node.input[1]
        whole = numpy_helper.to_array(weights[name])
        scale = (np.maximum(np.abs(whole).max(axis=0), 1e-8) / 127).astype(np.float32)
        model.graph.initializer.remove(weights[name])
        arrays = {f"{name}_int8": np.round(whole / scale).astype(np.int8), f"{name}_scale": scale}
        model.graph.initializer.extend(numpy_helper.from_array(array, own) for own, array in arrays.items())
        model.graph.node.insert(at, helper.make_node("DequantizeLinear", list(arrays), [name], axis=1))
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    export(load_network(given.run, given.base), layout_of(given.run), given.base, given.out)


if __name__ == "__main__":
    main()
