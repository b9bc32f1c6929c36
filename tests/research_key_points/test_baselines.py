"""Baselines for key points, and scores by kind of paper."""

from types import SimpleNamespace

import pytest

from argmine.annotation.bank import bare_paper
from argmine.annotation.key_points import KeyPointGold, KeyPoints
from argmine.argument_map import ArgumentMap, MapKeyPoints
from argmine.evaluation.key_points import SCREEN
from argmine.paper import Paper
from research.key_points import former_rules
from research.key_points.baselines import chosen, key_points, lead, lexrank, map_of, title
from research.key_points.former_rules import shown
from research.key_points.score_by_kind import by_kind, cell

TEXTS = [
    "p. 12",
    "Cables carry almost all traffic between the continents.",
    "Ships that repair the cables are few, and the ships are old.",
    "A shared fund should pay for ships that repair cables.",
    "Nobody has asked the fishers of the coast about this.",
]
PAPER = bare_paper("cables", "A shared fund for repair ships", [(text, None) for text in TEXTS])


def shown_by(name):
    points = key_points(name, PAPER)
    return {place: [e.sentence for e in points.place(place)] for place in SCREEN}


def test_the_lead_begins_behind_debris():
    assert lead(PAPER) == ["t2", "t3", "t4", "t5"]


def test_the_first_sentence_is_the_thesis_and_nothing_else_is_shown():
    assert shown_by("first") == {place: ["t2"] if place == "thesis" else [] for place in SCREEN}


def test_the_likest_to_the_title_comes_first():
    assert title(PAPER)[0] == "t4"


def test_the_most_central_sentence_comes_first_and_one_that_nothing_vouches_for_last():
    ranked = lexrank(PAPER)
    assert ranked[0] == "t3"
    assert ranked[-1] == "t5"


def test_no_more_is_shown_than_a_screen_has_room_for():
    assert {place: len(ids) for place, ids in shown_by("lexrank").items()} == {p: min(n, 4) for p, n in SCREEN.items()}


def test_a_paper_without_sentences_shows_nothing():
    assert not key_points("lexrank", bare_paper("empty", "", [])).thesis


def test_a_paper_without_words_is_ranked_all_the_same():
    assert lexrank(bare_paper("figures", "", [("12 %", None), ("15 %", None)])) == ["t1", "t2"]


def test_a_readers_best_choices_stand_first():
    places = {p: {} for p in SCREEN} | {"thesis": {"t2": 1, "t5": 2, "t4": 2}}
    points = chosen(KeyPoints("K", places, (("t3", None), ("t3", "t4"))), PAPER)
    assert [e.sentence for e in points.thesis] == ["t4", "t5", "t2"]
    assert [(a.problem, a.sentence) for a in points.answers] == [("t3", "t4")]


def test_papers_are_grouped_by_their_kind_the_largest_first():
    gold = [KeyPointGold(slug, slug, PAPER, ()) for slug in "abc"]
    rows = {"a": {"kind": "history"}, "b": {"kind": "review"}, "c": {"kind": "review"}}
    assert {k: [g.slug for g in of] for k, of in by_kind(gold, rows).items()} == {
        "all": ["a", "b", "c"], "review": ["b", "c"], "history": ["a"],
    }  # fmt: skip


def test_a_share_of_nothing_is_a_dash():
    assert cell({"value": 0.0, "n": 0}) == "–"
    assert cell({"value": 0.5, "n": 4, "interval": [0.25, 0.75]}) == "0.50 [0.25, 0.75]/4"


def test_the_former_rules_fill_the_places_and_answer_problems_alone():
    def unit(id, label):
        return SimpleNamespace(id=id, sentence=id, label=label, start=0, end=2, text=id, page=None)

    problem, call, answer = unit("t1", "challenge"), unit("t2", "recommendation"), unit("t3", "claim")
    short = SimpleNamespace(
        theses=(answer,), reasons=(), motives=(), recommendations=(call,), problems=(problem,), stated_open=(call,)
    )
    amap = SimpleNamespace(labels=SimpleNamespace(place=lambda name: "challenge"))
    ranking = SimpleNamespace(amap=amap, answers=lambda unit: [answer, call])
    told = shown(ranking, lambda ranking, **most: short)
    assert [e["sentence"] for e in told["open"]] == ["t2"]
    assert [(a["problem"], a["sentence"]) for a in told["answers"]] == [("t1", "t3")]


def test_what_the_former_rules_show_is_a_map_that_is_read_again(tmp_path, monkeypatch):
    unit = SimpleNamespace(id=None, sentence="t4", label="claim", **span("t4"))
    empty = dict.fromkeys(("reasons", "motives", "recommendations", "problems", "stated_open"), ())
    short = SimpleNamespace(theses=(unit,), **empty)
    amap = map_of(PAPER, MapKeyPoints(), "rules")
    model = SimpleNamespace(predict=lambda paper: amap.model_copy(update={"key_points": None}))
    modules = {
        "argmine.render.brief": SimpleNamespace(brief=lambda ranking, **most: short),
        "argmine.render.rank": SimpleNamespace(Ranking=lambda paper, amap: SimpleNamespace(amap=amap)),
        "argmine.model.model": SimpleNamespace(Model=SimpleNamespace(load=lambda folder: model)),
        "argmine.paper": SimpleNamespace(Paper=Paper),
    }
    monkeypatch.setattr(former_rules, "import_module", modules.__getitem__)
    (tmp_path / "papers" / "cables").mkdir(parents=True)
    (tmp_path / "papers" / "cables" / "paper.json").write_text(PAPER.to_json())
    monkeypatch.setattr("sys.argv", ["former_rules.py", str(tmp_path / "papers"), "--out", str(tmp_path / "out")])
    former_rules.main()
    told = ArgumentMap.from_file(tmp_path / "out" / "cables" / "map.json").key_points
    assert told is not None
    assert [e.text for e in told.thesis] == [TEXTS[3]]


def span(id):
    sentence = next(s for s in PAPER.sentences if s.id == id)
    return {"start": sentence.start, "end": sentence.end, "text": PAPER.slice(sentence), "page": None}


def test_without_the_former_rules_it_is_said_what_to_do(tmp_path, monkeypatch):
    def gone(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(former_rules, "import_module", gone)
    monkeypatch.setattr("sys.argv", ["former_rules.py", str(tmp_path), "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="54e218d"):
        former_rules.main()
