import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.annotation.bank import BankPaper, paper_of
from argmine.errors import ModelError
from argmine.model import map_key_points
from argmine.model.key_point_features import SeenPaper, WordVectors, features
from argmine.model.key_points import (
    OUTPUTS,
    PLACES,
    Bounds,
    DocumentNetwork,
    KeyPointModel,
    choose,
    closeness,
    distances,
    runs,
)
from argmine.model.sentence_context import Link, contexts_of, plain_contexts
from argmine.model.voices import voices_of
from argmine.paper import ANOTHER_VOICE
from argmine.readers import read_text
from argmine.scheme import DEFAULT

N = len(DEFAULT.labels)
WORDS = ("Ports must act now.", "It rained on Monday.", "Dues have risen.", "The quay is old.", "Nobody knows why.")


def seen(texts, *, links=(), vectors=None, title="Ports"):
    contexts = plain_contexts([(text, 40 * i, 40 * i + len(text)) for i, text in enumerate(texts)])
    scores = np.full((len(texts), N), 1 / N)
    scores[:, DEFAULT.labels.index("claim")] += 0.1
    return SeenPaper(title, contexts, scores, np.zeros(len(texts)), tuple(links), vectors)


def linear(texts, wanted):
    """A network without blocks that gives the place of `wanted` to the sentences that it names."""
    x = features(seen(texts))
    arrays = {"mean": np.zeros(x.shape[1], np.float32), "spread": np.ones(x.shape[1], np.float32)}
    weight = np.zeros((OUTPUTS, x.shape[1]), np.float32)
    for place, at in wanted.items():
        target = np.full(len(texts), -4.0)
        target[at] = 4
        weight[PLACES.index(place)] = np.linalg.lstsq(np.clip(x, -5, 5), target, rcond=None)[0]
    untouched = [k for k, place in enumerate(PLACES) if place not in wanted] + [OUTPUTS - 1]
    bias = np.zeros(OUTPUTS, np.float32)
    bias[untouched] = -9
    return DocumentNetwork(arrays | {"skip.weight": weight, "skip.bias": bias})


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=12), st.text(max_size=20))
def test_features_are_finite_whatever_the_sentences_say(texts, title):
    x = features(seen(texts, title=title))
    assert x.shape[0] == len(texts)
    assert np.isfinite(x).all()


def test_there_are_as_many_features_with_vectors_as_without():
    vectors = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    assert features(seen(WORDS)).shape == features(seen(WORDS, vectors=vectors)).shape


def test_a_sentence_that_shares_words_with_the_others_is_the_most_central():
    said = [["quay", "old"], ["rain"], ["quay", "dues"], ["old", "dues", "quay"]]
    assert WordVectors(said).lexrank().argmax() == 3


def test_what_hangs_on_a_sentence_counts_for_it():
    links = [Link(1, 0, "supports", 0.9), Link(2, 1, "supports", 0.9)]
    assert (features(seen(WORDS, links=links))[0] >= features(seen(WORDS))[0]).all()
    assert (features(seen(WORDS, links=links))[0] > features(seen(WORDS))[0]).any()


def test_distances_tell_before_from_behind_and_far_from_near():
    apart = distances(40)
    assert apart[0, 0] != apart[0, 1] != apart[1, 0]
    assert apart[0, 39] > apart[0, 1]
    assert (apart + apart.T == 2 * apart[0, 0]).all()


def test_sentences_of_one_paragraph_are_closer_than_those_of_another_section():
    places = (("One", 1), ("One", 1), ("One", 2), ("Two", 3))
    rows = [
        {"n": n, "text": f"{n} is so.", "section": section, "paragraph": paragraph, "label": "none"}
        for n, (section, paragraph) in enumerate(places, 1)
    ]
    contexts = contexts_of(paper_of(BankPaper.model_validate({"slug": "s", "title": "S", "sentences": rows})))
    assert closeness(contexts)[0].tolist() == [0, 0, 1, 2]
    assert closeness(contexts, contexts[2:3]).tolist() == closeness(contexts)[2:3].tolist()


def test_no_more_is_chosen_than_the_map_key_points_shows_and_only_what_is_likely_enough():
    p = np.zeros((6, OUTPUTS))
    p[:, PLACES.index("thesis")] = [0.9, 0.8, 0.7, 0, 0, 0]
    p[:, PLACES.index("why")] = [0, 0, 0, 0.25, 0.1, 0]
    bounds = Bounds((0.2,) * len(PLACES), (0.3,) * len(PLACES))
    found = choose(p, bounds, [frozenset({str(i)}) for i in range(6)], np.zeros(6, bool))
    assert [at for at, _ in found["thesis"]] == [0, 1]
    assert [at for at, _ in found["why"]] == [3]
    assert found["open"] == ()


def test_what_another_says_is_no_thesis_but_may_be_a_problem():
    p = np.full((2, OUTPUTS), 0.9)
    found = choose(p, Bounds(), [frozenset("a"), frozenset("b")], np.array([True, False]))
    assert [at for at, _ in found["thesis"]] == [1]
    assert [at for at, _ in found["problems"]] == [0, 1]


def test_a_sentence_that_repeats_another_is_not_chosen_beside_it():
    p = np.full((3, OUTPUTS), 0.9)
    same = frozenset({"quay", "old", "dues", "risen", "act"})
    found = choose(p, Bounds(), [same, same, frozenset({"rain"})], np.zeros(3, bool))
    assert [at for at, _ in found["thesis"]] == [0, 2]


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_two_or_more_sentences_long_and_apart(spoken):
    found = runs(np.array(spoken, dtype=bool))
    assert all(b > a and all(spoken[a : b + 1]) for a, b in found)
    assert all(not spoken[b + 1] for _, b in found if b + 1 < len(spoken))
    lonely = [i for i, s in enumerate(spoken) if s and not any(a <= i <= b for a, b in found)]
    assert not any(i + 1 in lonely for i in lonely)


def test_a_model_without_an_encoder_chooses_by_features_alone():
    model = KeyPointModel((linear(WORDS, {"thesis": [0], "open": [4]}),))
    chosen = model.chosen(seen(WORDS))
    assert [at for at, _ in chosen.places["thesis"]] == [0]
    assert [at for at, _ in chosen.places["open"]] == [4]
    assert chosen.places["why"] == ()
    assert chosen.answers == ()


def test_a_paper_without_sentences_has_no_key_points():
    assert KeyPointModel((linear(WORDS, {}),)).chosen(seen([])).places == {}


def test_a_model_comes_back_from_its_folder(tmp_path):
    model = KeyPointModel((linear(WORDS, {"thesis": [0]}),), Bounds(answer=0.4))
    model.save(tmp_path)
    again = KeyPointModel.load(tmp_path)
    assert again.bounds == model.bounds
    assert np.allclose(again.probabilities(seen(WORDS)), model.probabilities(seen(WORDS)), atol=0.02)


@pytest.mark.parametrize("damage", ['{"format": 9}', "[]", "{", '{"format": 1, "places": ["thesis"]}'])
def test_a_garbled_folder_is_refused_in_a_line(tmp_path, damage):
    KeyPointModel((linear(WORDS, {}),)).save(tmp_path)
    (tmp_path / "key_points.json").write_text(damage)
    with pytest.raises(ModelError):
        KeyPointModel.load(tmp_path)


def test_a_very_long_paper_is_read_in_stretches():
    texts = [f"Sentence number {i} tells of quay {i % 7}." for i in range(2300)]
    assert KeyPointModel((linear(WORDS, {}),)).probabilities(seen(texts)).shape == (2300, OUTPUTS)


PAPER = read_text("Ports must act. It rained. Dues have risen. The quay is old.")


def unit(paper, at, label):
    from argmine.argument_map import Unit

    s = paper.sentences[at]
    return Unit(id=s.id, sentence=s.id, label=label, start=s.start, end=s.end, text=paper.slice(s))


def test_a_key_point_names_the_unit_on_its_sentence_where_there_is_one():
    units = {PAPER.sentences[0].id: unit(PAPER, 0, "recommendation")}
    found = map_key_points.key_points_of(PAPER, units, {"thesis": [(0, 0.71239), (1, 0.4)]})
    assert [(p.text, p.unit, p.score) for p in found.thesis] == [
        ("Ports must act.", PAPER.sentences[0].id, 0.712), ("It rained.", None, 0.4)
    ]  # fmt: skip


def test_an_answer_becomes_a_relation_that_says_where_it_is_from():
    units = {PAPER.sentences[i].id: unit(PAPER, i, label) for i, label in ((0, "recommendation"), (2, "challenge"))}
    points = map_key_points.key_points_of(PAPER, units, {"problems": [(2, 0.8)], "answers": [(2, 0, 0.6)]})
    (relation,) = map_key_points.relations_of(points, units, [], DEFAULT)
    assert (relation.source, relation.target) == (PAPER.sentences[0].id, PAPER.sentences[2].id)
    assert relation.label in {c.relation for c in DEFAULT.gap("challenge").closed_by}
    assert relation.from_ == "key_points"


def test_a_reason_supports_the_first_thesis_unless_that_would_make_a_circle():
    from argmine.argument_map import Relation

    units = {PAPER.sentences[i].id: unit(PAPER, i, "claim") for i in range(3)}
    a, b, c = units
    points = map_key_points.key_points_of(PAPER, units, {"thesis": [(0, 0.9)], "reasons": [(1, 0.8), (2, 0.7)]})
    known = [Relation.between(a, b, "attacks"), Relation.between(b, c, "supports")]
    found = map_key_points.relations_of(points, units, known, DEFAULT)
    assert [(r.source, r.target, r.label) for r in found] == [(c, a, "supports")]
    circle = [Relation.between(a, b, "supports"), Relation.between(b, c, "supports")]
    assert map_key_points.relations_of(points, units, circle, DEFAULT) == ()


def test_a_run_that_layout_names_comes_before_what_the_model_hears():
    from argmine.paper import Voice

    last = PAPER.sentences[3]
    told = Voice(start=PAPER.sentences[2].start, end=last.end, whose="Justice X, dissenting")
    paper = PAPER.model_copy(update={"voices": (told,)})
    found = voices_of(paper, [(1, 3, 0.8)])
    assert [(v.whose, v.sentences) for v in found] == [(told.whose, (PAPER.sentences[2].id, last.id))]
    assert [v.whose for v in voices_of(PAPER, [(1, 3, 0.8)])] == [ANOTHER_VOICE]
