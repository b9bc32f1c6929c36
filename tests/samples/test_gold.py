"""The samples' gold: whole, by two annotators and an adjudicator, and found again in what the PDFs read as."""

import json
from pathlib import Path

import pytest

from argmine.annotation.agreement import blind_readings
from argmine.annotation.files import read_annotations
from argmine.annotation.gold_dataset import project
from argmine.pipeline import read
from argmine.scheme import DEFAULT
from argmine.text import letters

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "corpus" / "samples"
SLUGS = sorted(p.stem for p in SAMPLES.glob("*.pdf"))


def files(slug):
    return {f.stem: read_annotations(f) for f in sorted((ROOT / "annotations" / slug).glob("*.jsonl"))}


def test_there_are_nine_samples():
    assert len(SLUGS) == 9


@pytest.mark.parametrize("slug", SLUGS)
def test_each_sample_has_two_blind_readings_and_their_adjudication(slug):
    found = files(slug)
    assert sum(file.labels_sentences for file in found.values()) == 3
    assert len(blind_readings(list(found.values()))) == 2
    assert found["adjudicated"].header.role == "adjudicated"
    assert len(found["adjudicated"].header.parents) == 2


@pytest.mark.parametrize("slug", SLUGS)
def test_two_readers_chose_the_key_points_of_each_sample(slug):
    chosen = [file for file in files(slug).values() if file.key_points]
    assert len(chosen) == 2
    assert all({point.place for point in file.key_points} == set(DEFAULT.key_points) for file in chosen)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_sentence_of_the_truth_is_labelled_under_its_own_text(slug):
    truth = json.loads((SAMPLES / "truth" / f"{slug}.json").read_text())
    gold = files(slug)["adjudicated"]
    assert [letters(s.text) for s in gold.sentences] == [letters(s) for s in truth["sentences"]]
    assert len(gold.sentences) >= 80


@pytest.mark.parametrize("slug", SLUGS)
def test_all_labels_and_relations_of_the_scheme_occur_and_fit(slug):
    gold = files(slug)["adjudicated"]
    labels = {str(s.n): str(s.label) for s in gold.sentences}
    assert len(set(labels.values())) == 6
    assert {r.label for r in gold.relations} == set(DEFAULT.relation_labels)
    assert all(DEFAULT.allows(r.label, labels[r.source], labels[r.target]) for r in gold.relations)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_gold_resolves_in_the_pdf(slug):
    gold = files(slug)["adjudicated"]
    _, missing = project(gold, read(SAMPLES / f"{slug}.pdf"))
    assert len(missing) <= 0.03 * len(gold.sentences), f"not found: {missing}"
