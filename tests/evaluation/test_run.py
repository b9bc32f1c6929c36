import json
import subprocess
import sys

import pytest

from argmine.annotation.gold_dataset import load_gold
from argmine.errors import UsageError
from argmine.evaluation.readings import HeldOut, of_gold, of_map
from argmine.evaluation.run import evaluate_gold, write_maps
from argmine.evaluation.score import score_map
from argmine.evaluation.table import report_table
from tests.conftest import SHARED


def bank(folder, papers):
    """Papers of two kinds of sentences, claims and evidence for them."""
    for number in range(papers):
        said = [("claim", f"Ports of kind {number} are important."), ("evidence", "In 2014 they grew by 12%.")] * 8
        sentences = [
            {"n": n, "paragraph": n // 4, "text": text, "section": "One", "level": 1, "label": label,
             "attribution": "own"}
            for n, (label, text) in enumerate(said, 1)
        ]  # fmt: skip
        relations = [{"source": n, "target": n - 1, "label": "supports"} for n in range(2, 17, 2)]
        paper = {"slug": f"p{number}", "title": "", "sentences": sentences, "relations": relations}
        (folder / f"p{number}.json").write_text(json.dumps(paper), encoding="utf-8")
    return load_gold([folder])[0]


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    return bank(tmp_path_factory.mktemp("bank"), 6)


@pytest.fixture(scope="module")
def results(gold):
    return evaluate_gold(gold, folds=3)


def test_every_paper_is_predicted_by_a_model_that_had_not_seen_it(results, gold):
    assert sorted(results.maps) == sorted(g.slug for g in gold)
    assert results.scores["sentences"] == 96
    assert results.scores["accuracy"]["value"] > 0.9
    assert not any(m.made_by.trained_on_this_paper for m in results.maps.values())


def test_with_gold_units_the_maps_have_them(gold):
    maps = evaluate_gold(gold, folds=2, gold_units=True).maps
    assert all([u.id for u in maps[g.slug].units] == [u.id for u in g.map.units] for g in gold)


def test_the_table_names_all_labels(results):
    table = report_table(results.scores)
    assert all(label in table for label in ("recommendation", "challenge", "motivation", "claim", "evidence", "none"))


def test_maps_are_written_where_scorers_look_for_them(results, tmp_path):
    write_maps(results, tmp_path)
    assert json.loads((tmp_path / "p0" / "map.json").read_text())["schema"] == "argmine/map/1"


def test_predictions_survive_their_file_without_any_text(results, gold):
    line = results.held_out[0].line(gold[0].paper)
    again = HeldOut.of_line(json.loads(json.dumps(line)))
    assert again.predicted.labels == results.held_out[0].predicted.labels
    assert again.on_gold_units.edges == results.held_out[0].on_gold_units.edges
    assert "important" not in json.dumps(line)


def test_gold_scores_itself_perfectly(gold):
    found = score_map(gold[0], gold[0].map)
    assert (found["accuracy"], found["link"], found["typed"]) == (1, 1, 1)


def test_what_nobody_looked_at_is_not_scored(gold):
    from dataclasses import replace

    part = replace(gold[0], looked_at=frozenset({"t1", "t2"}))
    assert of_gold(part).labels == {"t1": "claim", "t2": "evidence"}
    assert of_map(part, gold[0].map).edges == {("t2", "t1"): "supports"}


def test_more_folds_than_papers_is_one_clear_error(gold):
    with pytest.raises(UsageError, match="7 folds need as many papers"):
        evaluate_gold(gold, folds=7)


def test_nothing_annotated_is_one_clear_error():
    with pytest.raises(UsageError, match="nothing to score"):
        evaluate_gold([])


@pytest.mark.shared
def test_the_figures_are_those_of_the_independent_scorer(tmp_path):
    chosen = sorted((SHARED / "bank" / "papers").glob("*.json"))[:6]
    (tmp_path / "gold").mkdir()
    for path in chosen:
        (tmp_path / "gold" / path.name).symlink_to(path)
    gold, _ = load_gold([tmp_path / "gold"])
    results = evaluate_gold(gold)
    write_maps(results, tmp_path / "maps")
    for path in (tmp_path / "maps").glob("*/map.json"):  # what key points bring is scored with them, not as links
        told = json.loads(path.read_text())
        told["relations"] = [r for r in told["relations"] if r.get("from") != "key_points"]
        path.write_text(json.dumps(told))
    command = [
        sys.executable, SHARED / "bench" / "score_tagging.py", tmp_path / "maps", tmp_path / "gold",
        "--json", tmp_path / "s.json",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    theirs = json.loads((tmp_path / "s.json").read_text())
    ours = results.scores
    assert ours["macro5"]["value"] == pytest.approx(theirs["macro5"], abs=2e-3)
    assert ours["kappa"]["value"] == pytest.approx(theirs["kappa"], abs=2e-3)
    links = ours["relations"]["predicted_units"]
    assert links["link"]["f1"] == pytest.approx(theirs["link"]["f1"], abs=2e-3)
    assert links["typed"]["f1"] == pytest.approx(theirs["typed"]["f1"], abs=2e-3)
