import tracemalloc

import numpy as np

from argmine.model.pair_features import FEATURES, REACH, LinkUnit, candidates, pair_features
from argmine.model.sentence_context import plain_contexts


def contexts(*sentences):
    return plain_contexts([(s, 0, len(s)) for s in sentences])


def test_pairs_within_reach_are_candidates_both_ways():
    units = [LinkUnit(0, "claim"), LinkUnit(REACH, "claim"), LinkUnit(REACH + 1, "claim")]
    assert candidates(units).tolist() == [[0, 1], [1, 0], [1, 2], [2, 1]]


def test_every_feature_of_every_pair_is_a_number():
    units = [LinkUnit(0, "claim"), LinkUnit(1, "evidence", True), LinkUnit(1, "recommendation"), LinkUnit(2, "claim")]
    pairs = candidates(units)
    x = pair_features(units, contexts("Ports fail.", "In 2014 two did.", "They are old."), pairs, {})
    assert x.shape == (len(pairs), len(FEATURES))
    assert np.isfinite(x).all()


def test_units_between_are_counted_by_label():
    units = [LinkUnit(0, "claim"), LinkUnit(1, "evidence"), LinkUnit(2, "claim"), LinkUnit(3, "evidence")]
    pairs = np.array([[3, 0], [0, 3]])
    x = pair_features(units, contexts("A a.", "B b.", "C c.", "D d."), pairs, {})
    assert x[:, FEATURES.index("claims between")].tolist() == [1, 1]
    assert x[:, FEATURES.index("evidences between")].tolist() == [1, 1]
    assert x[:, FEATURES.index("challenges between")].tolist() == [0, 0]


def test_the_sentence_that_shares_words_ranks_first():
    units = [LinkUnit(0, "claim"), LinkUnit(1, "claim"), LinkUnit(2, "evidence")]
    said = contexts("Harbour dredging pays.", "Schools need teachers.", "Dredging the harbour cost little.")
    x = pair_features(units, said, np.array([[2, 0], [2, 1]]), {})
    assert x[:, FEATURES.index("shared rank")].tolist() == [0, 1]


def test_no_pairs_no_rows():
    assert pair_features([], (), np.zeros((0, 2), dtype=np.int64), {}).shape == (0, len(FEATURES))


def test_candidates_come_source_by_source_and_a_books_take_little_memory():
    at = [0, 3, 3, REACH, REACH + 1, 3 * REACH]
    near = [[s, t] for s, a in enumerate(at) for t, b in enumerate(at) if s != t and abs(a - b) <= REACH]
    assert candidates([LinkUnit(i, "claim") for i in at]).tolist() == near
    tracemalloc.start()
    candidates([LinkUnit(10 * i, "claim") for i in range(20_000)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20
