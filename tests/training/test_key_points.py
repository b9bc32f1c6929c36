from dataclasses import replace

import numpy as np
import pytest

from argmine.annotation.key_points import KeyPointGold, KeyPoints
from argmine.model.key_points import OUTPUTS, PLACES, KeyPointModel
from argmine.model.model import Model
from argmine.scheme import DEFAULT
from argmine.training.key_points import LEAST, answer_bound, bounds_of, lesson_of, seen_by
from argmine.training.train import train_model


def points_of(gold):
    """A reading that takes the first recommendation for the thesis and its challenges for the problems."""
    at = {label: [u.sentence for u in gold.map.units if u.label == label] for label in DEFAULT.unit_labels}
    places = {place: {} for place in PLACES}
    places["thesis"] = {at["recommendation"][0]: 2}
    places["problems"] = dict.fromkeys(at["challenge"][:2], 1)
    answers = ((at["challenge"][0], at["recommendation"][0]), (at["challenge"][1], None))
    voices = ((at["claim"][0], at["claim"][1], "another"),)
    return KeyPoints("K", places, answers, voices)


def key_points(gold):
    return [KeyPointGold(g.slug, g.group, g.paper, (points_of(g),)) for g in gold]


@pytest.fixture(scope="module")
def chooser(make_gold, tmp_path_factory):
    gold = make_gold(LEAST, 18)
    out = tmp_path_factory.mktemp("model") / "chooser"
    said = []
    facts = train_model(gold, out, key_points=key_points(gold), progress=said.append)
    return Model.load(out), gold, facts, said


def test_a_model_of_enough_papers_with_key_points_chooses_them(chooser):
    model, gold, facts, _ = chooser
    assert facts["key_points"] == LEAST
    shown = [(g, model.predict(g.paper).key_points) for g in gold[:6]]
    assert sum(bool(p.thesis) and p.thesis[0].sentence in points_of(g).places["thesis"] for g, p in shown) >= 4


def test_its_maps_hold_together_with_their_papers(chooser):
    model, gold, *_ = chooser
    amap = model.predict(gold[0].paper)
    amap.check_against(gold[0].paper)
    assert type(amap).model_validate_json(amap.to_json()) == amap


def test_too_few_papers_with_key_points_are_told_and_left(make_gold, tmp_path):
    gold, said = make_gold(2, 18), []
    train_model(gold, tmp_path / "m", key_points=key_points(gold), progress=said.append)
    assert any(f"from {LEAST} papers on" in line for line in said)
    assert Model.load(tmp_path / "m").predict(gold[0].paper).key_points is None


def test_a_lesson_holds_the_best_grade_of_any_reader_and_every_voice(chooser):
    model, gold, *_ = chooser
    one = points_of(gold[0])
    thesis = next(iter(one.places["thesis"]))
    other = replace(one, places=one.places | {"thesis": {thesis: 1}}, voices=(), answers=())
    g = KeyPointGold("s", "s", gold[0].paper, (other, one))
    lesson = seen_by(model, g)
    at = [s.id for s in g.paper.sentences].index(thesis)
    assert lesson.grades[at, 0] == 2
    assert lesson.filled.tolist() == [True, *[False] * 5]
    assert lesson.voices.sum() >= 2
    assert {None} in [set(a) for a in lesson.answers.values()]
    assert lesson_of(g, lesson.seen).slug == "s"


def test_bounds_leave_out_what_is_mostly_wrong(chooser):
    model, gold, *_ = chooser
    lessons = [seen_by(model, g) for g in key_points(gold[:6])]
    said = []
    for lesson in lessons:
        p = np.full((len(lesson.grades), OUTPUTS), 0.01)
        p[:, 0] = np.where(lesson.grades[:, 0] > 0, 0.6, 0.3)
        said.append((lesson, p))
    bounds = bounds_of(said)
    assert 0.3 < bounds.further[0] <= 0.6


def test_the_bound_of_answers_shows_as_many_as_are_right_half_the_time(chooser):
    model, gold, *_ = chooser
    lesson = seen_by(model, key_points(gold[:1])[0])
    problem, right = next((p, next(iter(a))) for p, a in lesson.answers.items() if None not in a)
    wrong = right + 1
    shown = [(problem, right, 0.9), (problem, wrong, 0.8), (problem, wrong, 0.3)]
    assert answer_bound([(lesson, shown)]) == 0.8
    assert answer_bound([(lesson, [(problem, wrong, 0.8)])]) == 1.0


def test_a_network_reads_in_numpy_what_it_learnt_in_torch(chooser):
    torch = pytest.importorskip("torch")
    from argmine.model.key_point_features import features
    from argmine.model.key_points import AnswerPairs
    from argmine.training.encoder.key_points import DocumentNet, Recipe, fit_network

    model, gold, *_ = chooser
    draw = np.random.default_rng(0)
    lessons = [seen_by(model, g) for g in key_points(gold[:6])]
    lessons = [
        replace(d, seen=replace(d.seen, vectors=draw.normal(size=(len(d.grades), 8)).astype(np.float32)))
        for d in lessons
    ]
    recipe = Recipe(width=16, vectors=8, heads=2, answers=4, epochs=2)
    network = fit_network(lessons, recipe, seed=0)
    seen = lessons[0].seen
    x = features(seen)
    net = DocumentNet(8, x.shape[1], recipe).eval()
    net.load_state_dict({n: torch.from_numpy(network.arrays[n]) for n, _ in net.named_parameters()})
    given = np.clip((x - network.arrays["mean"]) / network.arrays["spread"], -5, 5)
    from argmine.model.key_points import closeness, distances

    n = len(x)
    with torch.no_grad():
        arrays = (given, seen.vectors, distances(n), closeness(seen.contexts))
        logits, states = net(*(torch.from_numpy(np.asarray(a)) for a in arrays))
        pairs = AnswerPairs(seen)(3)
        answers = net.answer_logits(states, 3, torch.from_numpy(pairs)).softmax(dim=0)
    read = network(x, seen)
    assert np.allclose(read.probabilities, torch.sigmoid(logits).numpy(), atol=1e-4)
    assert np.allclose(network.answers(read.states, 3, pairs), answers.numpy(), atol=1e-4)
    assert KeyPointModel((network,)).chosen(seen).places.keys() == set(PLACES)
