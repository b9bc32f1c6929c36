"""How far two readers agree on key points, what the command says of it, and which readings are compared."""

import json

import pytest
from annotated_builders import LABELS, TEXTS, file_of, paper_of
from typer.testing import CliRunner

from argmine.annotation.agreement import Pair, gather
from argmine.annotation.key_points import KeyPoints, lines_of
from argmine.annotation.point_agreement import FIRST, point_agreement, point_disagreements
from argmine.cli import app
from argmine.errors import AnnotationError, UsageError
from argmine.text import LetterStream

run = CliRunner()
PAPER = paper_of()


def reading(annotator, places, answers=(), voices=(), *, labels=(), **options):
    """A reading of the paper with these key points by sentence number, and with labels where they are given."""
    file = file_of(annotator=annotator, labels=labels, relations=(), text=False, **options)
    id = {None: None} | {n: s.id for n, s in enumerate(PAPER.sentences, 1)}
    chosen = KeyPoints(
        annotator,
        {place: {id[n]: grade for n, grade in grades.items()} for place, grades in places.items()},
        tuple((id[a], id[b]) for a, b in answers),
        tuple((id[a], id[b], whose) for a, b, whose in voices),
    )
    numbers = {s.id: n for n, s in enumerate(PAPER.sentences, 1)}
    lines = lines_of(chosen, PAPER, LetterStream.of_paper(PAPER), numbers, range(1, len(labels) + 1))
    return type(file)(file.slug, file.header, file.sentences, **lines)


def figures(*papers, **options):
    return point_agreement(papers, **options)["figures"]


def test_f1_is_over_choices_whatever_their_grade():
    found = figures([reading("A", {"why": {1: 2, 2: 1}}), reading("B", {"why": {1: 1, 2: 2, 4: 1}})])["why"]
    assert (found["value"], found["n"], found["interval"]) == (0.8, [2, 3], None)


@pytest.mark.parametrize(
    ("one", "two", "value", "n"),
    [
        ({1: 1, 3: 2}, {3: 1, 4: 2}, 0.5, [1, 1]),  # 3 is accepted, 4 is not
        ({1: 1, 3: 2}, {3: 1, 1: 2}, 1.0, [1, 1]),
        ({3: 2, 1: 2}, {1: 1}, 1.0, [1, 1]),  # the first in the text
        ({3: 2}, {}, 0.0, [1, 0]),
        ({}, {}, None, [0, 0]),
    ],
)
def test_the_first_thesis_is_the_first_of_the_best_and_accepted_with_any_grade(one, two, value, n):
    found = figures([reading("A", {"thesis": one}), reading("B", {"thesis": two})])[FIRST]
    assert (found["value"], found["n"]) == (value, n)


def test_answers_agree_with_their_problem_and_voices_by_sentence():
    places = {"problems": {2: 2}}
    one = reading("A", places, [(2, 3), (2, 4)], [(3, 5, "a town")])
    two = reading("B", places, [(2, 4)], [(4, 5, "another name")])
    found = figures([one, two])
    assert (found["answers"]["value"], found["answers"]["n"]) == (0.6667, [2, 1])
    assert (found["voices"]["value"], found["voices"]["n"]) == (0.8, [3, 2])
    assert figures([one, reading("B", places, [(2, None)])])["answers"]["value"] == 0


def test_all_pairs_of_three_readings_count():
    three = [reading(name, {"open": {n: 2}}) for name, n in (("A", 1), ("B", 1), ("C", 2))]
    assert figures(three)["open"] == {"value": 0.3333, "interval": None, "n": [3, 3]}


def test_intervals_are_over_three_papers_or_more():
    alike = [reading("A", {"open": {1: 2}}), reading("B", {"open": {1: 2}})]
    other = [reading("A", {"open": {1: 2}}), reading("B", {"open": {2: 2}})]
    low, high = figures(alike, alike, other, resamples=200)["open"]["interval"]
    assert low < 0.6667 < high


def test_of_no_papers_there_are_no_figures():
    assert point_agreement([]) == {"papers": 0, "figures": {}}


def test_each_difference_is_listed_with_its_text():
    one = reading("A", {"thesis": {1: 2}, "why": {2: 2}}, [(2, 3)])
    two = reading("B", {"thesis": {1: 1}, "why": {2: 2}}, [(2, None)])
    found = point_disagreements(Pair("cables", one, two), {1: TEXTS[0]})
    assert [(d.kind, d.sentence, d.other, d.first, d.second) for d in found] == [
        ("key point", 1, None, "thesis 2", "thesis 1"),
        ("answer", 2, 3, "is answered", "–"),
        ("answer", 2, None, "–", "has no answer"),
    ]
    assert found[0].text == TEXTS[0]


@pytest.fixture
def folder(tmp_path):
    """Two readings of labels, two others of key points, and one of a reader who saw suggestions."""
    for name in "AB":
        file_of(annotator=name).write(tmp_path / "cables" / f"{name}.jsonl")
    for name, sentences in (("K1", {1: 2}), ("K2", {2: 2})):
        reading(name, {"thesis": sentences}).write(tmp_path / "cables" / f"{name}.jsonl")
    reading("K3", {"thesis": {1: 2}}, mode="assisted").write(tmp_path / "cables" / "K3.jsonl")
    return tmp_path / "cables"


def names(papers):
    return [[file.header.annotator for file in files] for files in papers]


def test_labels_and_key_points_are_compared_each_among_their_own_readings(folder):
    found = gather([folder.parent])
    assert (names(found.papers), names(found.points)) == ([["A", "B"]], [["K1", "K2"]])


def test_files_with_both_are_compared_in_both(tmp_path):
    paths = []
    for name in "AB":
        paths.append(tmp_path / "cables" / f"{name}.jsonl")
        reading(name, {"thesis": {1: 2}}, labels=LABELS).write(paths[-1])
    found = gather(paths)
    assert names(found.papers) == names(found.points) == [["A", "B"]]


def test_readings_of_nothing_in_common_are_refused(folder):
    with pytest.raises(UsageError, match="no two label sentences, and no two choose key points"):
        gather([folder / "A.jsonl", folder / "K1.jsonl"])


def test_key_points_of_another_text_are_refused(folder):
    texts = ["Rivers run to the sea.", *TEXTS[1:]]
    other = file_of(texts, annotator="K4", labels=(), relations=())
    own = reading("K4", {"thesis": {2: 2}})
    wrong = type(own)(own.slug, other.header, (), key_points=own.key_points, anchors=own.anchors)
    wrong.write(folder / "K4.jsonl")
    with pytest.raises(AnnotationError, match=r"K4\.jsonl"):
        gather([folder / "K1.jsonl", folder / "K4.jsonl"])


def test_the_command_tells_them_with_n(folder):
    done = run.invoke(app, ["agree", str(folder), "--list"])
    assert done.exit_code == 0, done.output
    assert "key points: 1 paper" in done.stderr
    assert ["first", "thesis", "1", "1", "0.00", "–"] in [line.split() for line in done.stdout.splitlines()]
    assert "cables 1  key point  K1: thesis 2, K2: –" in done.stdout


def test_and_of_files_that_have_nothing_else(folder, tmp_path):
    paper = tmp_path / "cables.json"
    paper.write_text(PAPER.to_json(), encoding="utf-8")
    files = [str(folder / f"{name}.jsonl") for name in ("K1", "K2")]
    done = run.invoke(app, ["agree", *files, "--list", "--papers", str(paper)])
    assert done.exit_code == 0, done.output
    assert TEXTS[0] in done.stdout
    found = json.loads(run.invoke(app, ["agree", *files, "--json"]).stdout)
    assert found["key_points"]["figures"]["thesis"]["n"] == [1, 1]
