"""The shipped encoder trained on: its file made floats again, and the loss that keeps what the other parts read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from argmine.model.windows import Layout  # noqa: E402
from argmine.training.encoder.export import BLOCK, export_encoder, in_four_bits  # noqa: E402
from argmine.training.encoder.network import Encoder, Shape  # noqa: E402
from research.shipped_model import places  # noqa: E402

WIDTH = 2 * BLOCK


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_floats_of_an_exported_encoder_are_near_its_own(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    shape = Shape(50, WIDTH, 2, 4, 2 * WIDTH, 64, 1e-5, 32)
    encoder = Encoder(shape, 0.0).eval()
    for name, parameter in encoder.named_parameters():
        if "norm" in name:  # what is the same stands in the file once
            parameter.data += 0.1 * torch.randn_like(parameter)
    encoder.words.weight.data = in_four_bits(encoder.words.weight.detach())
    ids = torch.tensor([[3, 4, 5, 6, 7, 8]])
    with torch.no_grad():
        before = encoder(ids, None)
    export_encoder(
        encoder, Layout(limit=64), tmp_path / "e.onnx", quantise=True, shown=[[3, 4, 5], [6, 7, 8]], four_bits=True
    )
    monkeypatch.setattr(places, "HEADS", 4)
    with torch.no_grad():
        after = places.floats_of(tmp_path / "e.onnx").eval()(ids, None)
    assert (after - before).abs().mean() < 0.05 * before.abs().mean()


def test_vectors_that_move_along_what_is_read_cost_more():
    examples = [SimpleNamespace(many=np.array([[1.0, 0.0], [0.0, 1.0]], np.float32))]
    former = [torch.tensor([[1.0], [3.0]]).half()]
    loss = places.loss_of_places(examples, former, torch.tensor([[1.0, 0.0]]))
    batch = SimpleNamespace(
        ids=None, mask=None, spans=None, places=None, rows=[(0, 0), (0, 1)], many=torch.from_numpy(examples[0].many)
    )

    def says(vectors):
        return loss(lambda *given: (torch.zeros(2, 1), torch.zeros(2), torch.tensor(vectors)), batch)

    assert says([[1.0, 5.0], [3.0, 5.0]]) < says([[1.0, 5.0], [4.0, 5.0]])
