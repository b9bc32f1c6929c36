import math
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from argmine.anchors import Anchor
from argmine.annotation.agreement import Pair, agreement, blind_readings, check_same_text
from argmine.annotation.files import AnnotationFile, Header, PaperInfo, RelationLine, SentenceLine, UnitLine
from argmine.errors import AnnotationError
from argmine.metrics import alpha, coincidences, kappa, nominal_alpha
from argmine.scheme import DEFAULT


def test_alpha_of_two_observers_without_missing_data_is_krippendorffs():
    # Krippendorff (2011), section B: nominal data, two observers, no missing data.
    one, two = (
        ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"],
        ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"],
    )
    assert nominal_alpha(zip(one, two, strict=True)) == pytest.approx(0.692, abs=0.0005)


def test_alpha_of_binary_data_is_krippendorffs():
    # Krippendorff (2011), section A: binary data, two observers, no missing data.
    one, two = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert nominal_alpha(zip(one, two, strict=True)) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_many_observers_with_missing_data_is_krippendorffs():
    # Krippendorff (2011), section C: four observers, values missing.
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[v for v in column if v is not None] for column in zip(*rows, strict=True)]
    assert nominal_alpha(units) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_nothing_is_not_a_number():
    assert math.isnan(nominal_alpha([["claim"], []]))


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=3, max_size=3), min_size=2, max_size=12))
def test_alpha_and_kappa_are_those_of_nltk(rows):
    from nltk.metrics.agreement import AnnotationTask

    task = AnnotationTask([(str(c), str(i), v) for i, row in enumerate(rows) for c, v in enumerate(row)])
    if len({v for row in rows for v in row}) > 1:
        assert nominal_alpha(rows) == pytest.approx(task.alpha())
    confusion = np.zeros((3, 3))
    for one, two, _ in rows:
        confusion["abc".index(one), "abc".index(two)] += 1
    if len({v for row in rows for v in row[:2]}) > 1:
        assert float(kappa(confusion)) == pytest.approx(task.kappa_pairwise("0", "1"))


def test_alpha_of_a_stack_of_matrices_is_that_of_each():
    one, two = (coincidences(units, "ab") for units in (["aa", "ab", "bb"], ["ab", "ba"]))
    assert alpha(np.stack([one, two])).tolist() == [float(alpha(one)), float(alpha(two))]


def anchor(n, letters=20):
    return Anchor(at=20 * (n - 1), letters=letters, sha256=f"{n:016x}", before="0" * 16)


def reading(annotator, labels, relations=(), role="independent", mode="blind", units=(), letters="f" * 64):
    return AnnotationFile(
        slug="cables",
        header=Header(paper=PaperInfo(), annotator=annotator, role=role, mode=mode, letters_sha256=letters),
        sentences=tuple(SentenceLine(n=i, anchor=anchor(i), label=label) for i, label in enumerate(labels, 1)),
        units=tuple(units),
        relations=tuple(RelationLine(source=s, target=t, label=label) for s, t, label in relations),
    )


def test_figures_of_two_readings():
    one = reading("A", ["claim", "evidence", "none", "claim"], [("2", "1", "supports"), ("4", "1", "supports")])
    two = reading("B", ["claim", "evidence", "claim", "claim"], [("2", "1", "attacks")])
    found = agreement([Pair("cables", one, two)], resamples=10)
    assert found["f1"]["claim"]["value"] == pytest.approx(4 / 5)
    assert found["link"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["typed"]["value"] == 0.0
    assert found["sentences"] == 4


def test_only_blind_independent_readings_count():
    files = [
        reading("B", ["claim"]),
        reading("A", ["claim"]),
        reading("adjudicated", ["claim"], role="adjudicated"),
        reading("0", ["claim"], mode="assisted"),
    ]
    assert [file.header.annotator for file in blind_readings(files)] == ["A", "B"]


def part(n, start, label="claim"):
    at = 20 * (n - 1) + start
    return UnitLine(
        sentence=n, part="b", anchor=Anchor(at=at, letters=20 - start, sha256="1" * 16, before="0" * 16), label=label
    )


@pytest.mark.parametrize(("cut", "weak"), [(10, 2 / 3), (9, 0.0)])
def test_a_unit_agrees_weakly_from_half_of_the_longer_span(cut, weak):
    one = reading("A", ["claim"])
    two = reading("B", ["claim"], units=[part(1, cut, "evidence")])
    found = agreement([Pair("cables", one, two)], resamples=2)["units"]
    assert found["exact"]["value"] == 0.0
    assert found["weak"]["value"] == pytest.approx(weak, abs=1e-4)


def test_weak_relations_need_weakly_agreed_units():
    supports = [("1", "2", "supports")]
    one = reading("A", ["evidence", "claim"], supports)
    two = reading("B", ["evidence", "claim"], supports, units=[part(2, 15, "challenge")])
    found = agreement([Pair("cables", one, two)], resamples=2)
    assert (found["relation_f1"]["exact"]["value"], found["relation_f1"]["weak"]["value"]) == (0.0, 1.0)


def test_relations_of_units_in_dispute_do_not_count_given_agreed_units():
    one = reading("A", ["evidence", "claim", "claim"], [("1", "2", "supports"), ("1", "3", "supports")])
    two = reading("B", ["evidence", "claim", "none"], [("1", "2", "supports")])
    found = agreement([Pair("cables", one, two)], resamples=2)
    assert found["relation_f1"]["exact"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["relation_f1_given_units"]["exact"]["value"] == 1.0


def test_the_direction_of_a_relation_counts():
    one = reading("A", ["claim", "claim"], [("1", "2", "supports")])
    two = reading("B", ["claim", "claim"], [("2", "1", "supports")])
    found = agreement([Pair("cables", one, two)], resamples=2)
    assert found["link"]["value"] == found["relation_f1"]["weak"]["value"] == 0.0


def test_sentences_that_only_one_looked_at_do_not_count():
    one = reading("A", ["claim", "evidence", "evidence"], [("3", "1", "supports")])
    found = agreement([Pair("cables", one, reading("B", ["claim", "evidence"]))], resamples=2)
    assert (found["sentences"], found["relations"], found["kappa"]["value"]) == (2, [0, 0], 1.0)


def test_alpha_is_over_all_readings_of_a_paper():
    three = [reading(a, labels) for a, labels in (("A", ["claim", "none"]), ("B", ["claim", "none"]),
                                                  ("C", ["none", "claim"]))]  # fmt: skip
    found = agreement([three], resamples=2)
    assert found["alpha"]["value"] == pytest.approx(nominal_alpha([("c", "c", "n"), ("n", "n", "c")]), abs=1e-4)
    assert found["sentences"] == 6


def test_intervals_of_one_paper_are_over_blocks_of_sentences():
    labels = ["claim", "none"] * 20
    pair = Pair("cables", reading("A", labels), reading("B", ["claim", *labels[1:]]))
    assert agreement([pair], resamples=2)["intervals_over"] == "blocks of 10 sentences"
    assert agreement([pair] * 3, resamples=2)["intervals_over"] == "papers"


def test_the_interval_holds_the_value_and_narrows_with_the_paper():
    def width(n):
        labels = (["claim"] * 9 + ["none"] * 7) * n
        other = ["none" if i % 5 == 0 else label for i, label in enumerate(labels)]
        found = agreement([Pair("cables", reading("A", labels), reading("B", other))], resamples=200)["alpha"]
        low, high = found["interval"]
        assert low <= found["value"] <= high
        return high - low

    assert width(40) < width(5)


@given(st.lists(st.sampled_from(DEFAULT.labels), min_size=1, max_size=30))
def test_a_reading_agrees_with_itself(labels):
    found = agreement([Pair("cables", reading("A", labels), reading("B", labels))], resamples=2)
    assert found["kappa"]["value"] == 1.0
    assert found["units"]["exact"] == found["units"]["weak"]
    assert all(found["confusion"][a][b] == 0 for a in DEFAULT.labels for b in DEFAULT.labels if a != b)


def test_agreement_of_nothing_has_no_figures():
    found = agreement([], resamples=2)
    assert found["alpha"] == {"value": None, "interval": None}


def test_readings_of_two_papers_are_refused():
    other = reading("B", ["claim"], letters="e" * 64)
    moved = AnnotationFile(other.slug, other.header, (SentenceLine(n=1, anchor=anchor(9), label="claim"),))
    with pytest.raises(AnnotationError, match=r"B\.jsonl: is a reading of another paper"):
        check_same_text(reading("A", ["claim"]), moved, Path("B.jsonl"))


def test_readings_over_a_changed_text_are_told_to_migrate():
    other = reading("B", ["claim"] * 5, letters="e" * 64)
    with pytest.raises(AnnotationError, match="another text of the paper; carry one of the two over"):
        check_same_text(reading("A", ["claim"] * 5), other, Path("B.jsonl"))


def test_readings_of_different_halves_have_nothing_in_common():
    one, two = reading("A", ["claim", "none"]), reading("B", ["claim", "none"])
    half = AnnotationFile(two.slug, two.header, (two.sentences[1],))
    with pytest.raises(AnnotationError, match="has no sentence in common"):
        check_same_text(AnnotationFile(one.slug, one.header, one.sentences[:1]), half, Path("B.jsonl"))
