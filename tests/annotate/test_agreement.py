import math

import pytest

from argmine.annotate.agreement import Pair, agreement, blind_pair, nominal_alpha
from argmine.annotate.anchors import Anchor
from argmine.annotate.files import AnnotationFile, Header, PaperInfo, RelationLine, SentenceLine

ANCHOR = Anchor(at=0, letters=4, sha256="0" * 16, before="0" * 16)


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


def reading(annotator, labels, relations=(), role="independent", mode="blind"):
    return AnnotationFile(
        slug="cables",
        header=Header(paper=PaperInfo(), annotator=annotator, role=role, mode=mode),
        sentences=tuple(SentenceLine(n=i, anchor=ANCHOR, label=label) for i, label in enumerate(labels, 1)),
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
    pair = blind_pair(files)
    assert (pair.first.header.annotator, pair.second.header.annotator) == ("A", "B")
    assert blind_pair(files[1:]) is None
