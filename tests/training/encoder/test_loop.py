from dataclasses import replace

import numpy as np
import pytest

from argmine.model.encoder import SentenceEncoder
from argmine.model.windows import Layout

torch = pytest.importorskip("torch")

from argmine.model.sentence_context import contexts_of  # noqa: E402
from argmine.training.encoder.data import examples_of  # noqa: E402
from argmine.training.encoder.loop import Recipe, Trainer, learning_rate, predict  # noqa: E402

LAYOUT = Layout(limit=60, longest=20, margin=12)
RECIPE = Recipe(epochs=2, tokens=200, rate=1e-2, head_rate=1e-2, width=8, average=0.5)


class Stopped(Exception):
    """Raised in the middle of a training."""


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def examples(gold, tokenizer):
    return examples_of(gold, tokenizer, LAYOUT)


def quiet(trainer):
    return {}


def test_the_rate_rises_then_falls():
    rates = [learning_rate(step, 100, 0.1) for step in range(100)]
    assert rates.index(max(rates)) == 9
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.06


def test_a_training_that_was_cut_off_goes_on_as_if_it_had_not_been(base, examples, tmp_path):
    whole = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "whole")
    whole.train(quiet, lambda message: None, every=1)

    def stop(message):
        raise Stopped

    cut = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "cut")
    with pytest.raises(Stopped):
        cut.train(quiet, stop, every=1)  # at the end of the first epoch, before its checkpoint
    again = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "cut")
    again.train(quiet, lambda message: None, every=1)
    for name, value in whole.averaged.items():
        assert torch.equal(value, again.averaged[name]), name


def test_a_training_may_end_in_the_middle_of_an_epoch(base, examples, tmp_path):
    trainer = Trainer(base, examples, LAYOUT, replace(RECIPE, epochs=1.5), tmp_path / "run")
    trainer.train(quiet, lambda message: None, every=1000)
    assert trainer.step == round(1.5 * sum(1 for _ in trainer._epoch(0)))


def test_a_network_learns_by_the_loss_that_is_given(base, examples, tmp_path):
    first = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "first")
    before = first.network.head.inner.weight.detach().clone()

    def loss(network, batch):
        return network(batch.ids, batch.mask, batch.spans, batch.places)[0].sum() * 0

    trainer = Trainer(
        first.network, examples, LAYOUT, replace(RECIPE, rate=0, head_rate=0), tmp_path / "run", loss=loss
    )
    trainer.train(quiet, lambda message: None, every=1000)
    assert torch.equal(trainer.network.head.inner.weight, before)


def test_a_training_can_begin_with_the_weights_of_another(base, examples, tmp_path):
    first = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "first")
    first.train(quiet, lambda message: None, every=1)
    second = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "second")
    second.begin_with(first.averaged_network().state_dict())
    assert all(torch.equal(first.averaged[name], value) for name, value in second.averaged.items())


def test_a_network_with_fewer_layers_begins_with_the_lowest_of_another(base, examples, tmp_path):
    first = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "first")
    first.train(quiet, lambda message: None, every=1)
    second = Trainer(base, examples, LAYOUT, replace(RECIPE, layers=1), tmp_path / "second")
    second.begin_with(first.averaged_network().state_dict())
    assert len(second.network.encoder.layers) == 1
    assert all(torch.equal(first.averaged[name], value) for name, value in second.averaged.items())


def test_it_learns_what_follows_from_the_words(base, examples, tmp_path):
    recipe = replace(RECIPE, epochs=50, rate=3e-3, width=32, dropout=0.0, head_dropout=0.0, smoothing=0.0, decay=1.0)
    trainer = Trainer(base, examples, LAYOUT, recipe, tmp_path / "run")
    trainer.train(quiet, lambda message: None, every=1000)
    found = predict(trainer.averaged_network(), examples, LAYOUT)
    chosen = np.concatenate([labels.argmax(axis=1) for labels, _ in found])
    wanted = np.concatenate([e.labels for e in examples])
    assert (chosen == wanted).mean() > 2 * np.bincount(wanted).max() / len(wanted)


def test_word_embeddings_stay_as_they_are(base, examples, tmp_path):
    trainer = Trainer(base, examples, LAYOUT, RECIPE, tmp_path / "run")
    before = trainer.network.encoder.words.weight.clone()
    trainer.train(quiet, lambda message: None, every=1000)
    assert torch.equal(before, trainer.network.encoder.words.weight)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("quantise", "shown", "tolerance"), [(False, (), 0.01), (True, (), 0.3), (True, [[5, 6, 7, 8]], 0.3)]
)
def test_the_exported_files_say_what_the_network_says(base, gold, examples, tmp_path, quantise, shown, tolerance):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from argmine.training.encoder.export import export
    from argmine.training.encoder.network import Encoder, Network

    network = Network(Encoder.pretrained(base), 8).eval()
    labels, reported = predict(network, examples, LAYOUT)[0]
    export(network, LAYOUT, base, tmp_path / "out", quantise=quantise, shown=shown)
    found = SentenceEncoder.load(tmp_path / "out")(contexts_of(gold[0].paper))
    np.testing.assert_allclose(found[0], labels, atol=tolerance)
    np.testing.assert_allclose(found[1], reported, atol=tolerance)
