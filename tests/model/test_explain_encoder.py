import numpy as np
import pytest

from argmine.model import encoder as encoder_module
from argmine.model.encoder import Head, SentenceEncoder, explain_encoder
from argmine.model.sentence_context import SentenceContext
from argmine.model.windows import PLACES, Layout
from argmine.scheme import DEFAULT

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "¶", "§", "Aims", "ports", "must", "act", "."]
MUST = WORDS.index("must")


def context(text, index=0, total=1):
    return SentenceContext(
        text=text, start=0, end=len(text), block="paragraph", index=index, total=total, section="Aims", above="",
        role="other", section_number=0, sections=1, in_section=index, section_size=total, paragraph_number=0,
        in_paragraph=index, paragraph_size=total,
    )  # fmt: skip


class Marks:
    """A network whose vector of a token says whether it is "must", and whether the input has a heading."""

    def run(self, names, feed):
        ids = feed["ids"]
        heading = np.full(ids.shape, float((ids == WORDS.index("Aims")).any()))
        return [np.stack([ids == MUST, heading], axis=2).astype(np.float32)]


@pytest.fixture
def encoder():
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    k = DEFAULT.labels.index("recommendation")
    inner = np.zeros((2, 4 + PLACES), np.float32)
    inner[0, 0], inner[1, 1] = 8, 2  # the share of "must", the heading
    labels = np.zeros((6, 2), np.float32)
    labels[k] = 1
    head = Head(inner, np.ones(2, np.float32), labels, np.zeros(6, np.float32), np.zeros((1, 2), np.float32),
                np.zeros(1, np.float32))  # fmt: skip
    return SentenceEncoder(Marks(), tokenizer, head, Layout())


def reasons(encoder, label="recommendation"):
    contexts = [context("ports must act .", 0, 2), context("ports act .", 1, 2)]
    return explain_encoder(encoder, contexts, {0: label})[0]


def test_the_word_that_moved_the_label_comes_first_among_the_words(encoder):
    words = [r for r in reasons(encoder) if r.kind == "word"]
    assert words[0].text == "must"
    assert words[0].weight > 0


def test_it_speaks_against_another_label(encoder):
    words = [r for r in reasons(encoder, "claim") if r.kind == "word"]
    assert words[0].text == "must"
    assert words[0].weight < 0


def test_what_stands_around_counts_as_a_whole(encoder):
    around = [r for r in reasons(encoder) if r.kind == "around"]
    assert around[0].weight == pytest.approx(2.0, abs=1e-3)


def test_reasons_are_few_and_strongest_first(encoder):
    weights = [abs(r.weight) for r in reasons(encoder)]
    assert len(weights) <= 5
    assert weights == sorted(weights, reverse=True)


def test_a_papers_reading_is_kept_for_its_reasons(encoder):
    contexts = [context("ports must act .")]
    assert encoder.reading(contexts) is encoder.reading(list(contexts))


def test_a_very_long_papers_tokens_are_not_kept_and_its_reasons_are_the_same(encoder, monkeypatch):
    kept = reasons(encoder)
    monkeypatch.setattr(encoder_module, "_KEPT_TOKENS", 3)
    encoder._last = None
    assert reasons(encoder) == kept
    assert encoder._last[1].states == []
