import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argmine.document import SentenceContext
from argmine.errors import ModelError
from argmine.labels import SENTENCE_LABELS
from argmine.tag.encoder import (
    FACTS,
    FORMAT,
    PLACES,
    Head,
    Layout,
    Marks,
    SentenceEncoder,
    Tokens,
    fill,
    overlapping,
    places,
    tokenise,
    window,
)  # fmt: skip

MARKS = Marks(start=1, separator=2, paragraph=3, section=4)


def tokens_of(lengths, new_section=(), new_paragraph=()):
    n = len(lengths)
    return Tokens(
        MARKS, tuple((10 + i,) * length for i, length in enumerate(lengths)), ((7,),) * n, ((6, 7),) * n,
        tuple(i in new_section for i in range(n)), tuple(i in new_paragraph for i in range(n)),
    )  # fmt: skip


def context(text="A b.", index=0, total=1, **places):
    given = {
        "section": "Aims", "above": "", "role": "other", "section_number": 0, "sections": 1, "in_section": index,
        "section_size": total, "paragraph_number": 0, "in_paragraph": index, "paragraph_size": total,
    } | places  # fmt: skip
    return SentenceContext(text=text, start=0, end=len(text), block="paragraph", index=index, total=total, **given)


papers = st.builds(
    lambda lengths, seed: tokens_of(lengths, {i for i in range(60) if (seed >> i) % 7 == 0}, set(range(0, 60, 3))),
    st.lists(st.integers(0, 30), min_size=1, max_size=60),
    st.integers(0, 2**64),
)
layouts = st.builds(Layout, limit=st.integers(60, 120), longest=st.just(30), margin=st.integers(0, 40))


@settings(derandomize=True, deadline=None)
@given(papers, layouts)
def test_every_sentence_is_kept_in_exactly_one_input(tokens, layout):
    kept = [i for w in overlapping(tokens, layout) for i in range(w.keep_from, w.keep_to)]
    assert kept == list(range(len(tokens)))


@settings(derandomize=True, deadline=None)
@given(papers, layouts)
def test_no_input_is_longer_than_the_limit(tokens, layout):
    assert all(len(w.ids) <= layout.limit for w in overlapping(tokens, layout))


@settings(derandomize=True, deadline=None)
@given(papers, layouts)
def test_a_sentence_owns_its_tokens_and_its_separator(tokens, layout):
    for w in overlapping(tokens, layout):
        for i in range(w.first, w.last):
            own = w.ids[w.starts[i - w.first] : w.ends[i - w.first]]
            assert own == (*tokens.sentences[i], MARKS.separator)


@settings(derandomize=True, deadline=None)
@given(papers, layouts)
def test_the_cost_of_sentences_is_the_length_of_their_input(tokens, layout):
    last = fill(tokens, 0, layout.limit)
    cost = tokens.cost(0, True) + sum(tokens.cost(i, False) for i in range(1, last))
    assert len(window(tokens, 0, last).ids) == cost


def test_an_input_shows_titles_and_paragraphs():
    tokens = tokens_of([2, 1, 1], new_section={0, 2}, new_paragraph={0, 2})
    assert window(tokens, 0, 3).ids == (1, 6, 7, 2, 3, 10, 10, 2, 11, 2, 4, 7, 2, 3, 12, 2)


def test_a_sentence_in_the_middle_has_neighbours_on_both_sides():
    found = list(overlapping(tokens_of([9] * 50), Layout(limit=100, margin=20)))
    assert all(w.first < w.keep_from and w.keep_to < w.last for w in found[1:-1])
    assert len(found) > 3


def test_places_lie_between_0_and_1():
    rows = places([context(index=i, total=300, role="result", sections=9, section_number=8) for i in range(300)])
    assert rows.shape == (300, PLACES)
    assert rows.min() >= 0
    assert rows.max() <= 1


class Echo:
    """A network whose vector of a token is its id, twice."""

    def run(self, names, feed):
        return [np.repeat(feed["ids"][..., None], 2, axis=2).astype(np.float32)]


@pytest.fixture
def tokenizer():
    tokenizers = pytest.importorskip("tokenizers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "¶", "§", "Aims", "A", "b", "c", "."]
    model = tokenizers.models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return tokenizer


@pytest.fixture
def head():
    k, width, d = len(SENTENCE_LABELS), 3, 4 + PLACES
    draw = np.random.default_rng(0)
    shapes = ((width, d), (width,), (k, width), (k,), (1, width), (1,))
    return Head(*(draw.normal(size=shape).astype(np.float32) for shape in shapes))


def test_a_vector_is_the_mean_of_the_tokens_and_the_separator(tokenizer, head):
    _, _, vectors = SentenceEncoder(Echo(), tokenizer, head, Layout())([context("A b c")])
    assert vectors.tolist() == [[(7 + 8 + 9 + 3) / 4] * 2 + [3.0] * 2]


def test_each_sentence_has_logits(tokenizer, head):
    contexts = [context("A b c.", i, 90) for i in range(90)]
    logits, reported, vectors = SentenceEncoder(Echo(), tokenizer, head, Layout())(contexts)
    assert logits.shape == (90, 6)
    assert reported.shape == (90,)
    assert len(vectors) == 90


def test_a_paper_without_sentences_has_no_logits(tokenizer, head):
    logits, reported, _ = SentenceEncoder(Echo(), tokenizer, head, Layout())([])
    assert logits.shape == (0, 6)
    assert reported.shape == (0,)


def test_long_sentences_and_titles_are_cut(tokenizer):
    layout = Layout(longest=8)
    tokens = tokenise(tokenizer, [context("A " * 50, section="b " * 50)], layout)
    assert len(tokens.sentences[0]) == 8
    assert len(tokens.paths[0]) == 2


def test_a_title_that_is_cut_keeps_its_innermost_part(tokenizer):
    tokens = tokenise(tokenizer, [context(above="b b b b", section="c")], Layout(longest=8))
    assert tokens.paths[0] == (8, 9)


def test_a_tokenizer_without_the_marks_is_refused():
    tokenizers = pytest.importorskip("tokenizers")
    with pytest.raises(ModelError, match="lacks"):
        Marks.of(tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0}, unk_token="a")))


def test_a_missing_file_is_one_line(tmp_path):
    (tmp_path / FACTS).write_text(json.dumps({"format": FORMAT, "labels": list(SENTENCE_LABELS)}))
    with pytest.raises(ModelError, match=r"encoder\.onnx: is missing"):
        SentenceEncoder.load(tmp_path)


def test_another_version_is_refused(tmp_path):
    (tmp_path / FACTS).write_text(json.dumps({"format": FORMAT + 1, "labels": list(SENTENCE_LABELS)}))
    with pytest.raises(ModelError, match="another version"):
        SentenceEncoder.load(tmp_path)


def test_a_head_of_another_shape_is_refused(tmp_path, head):
    numpy = pytest.importorskip("safetensors.numpy")
    arrays = {name: getattr(head, name) for name in Head.__dataclass_fields__}
    numpy.save_file(arrays | {"labels_bias": np.zeros(5, np.float32)}, tmp_path / "head.safetensors")
    with pytest.raises(ModelError, match="labels_bias"):
        Head.load(tmp_path / "head.safetensors")
