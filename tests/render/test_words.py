from hypothesis import given
from hypothesis import strategies as st

from argmine.render.words import count, cut, place_of


@given(st.text(), st.integers(2, 300))
def test_cut_text_is_no_longer_than_asked(text, limit):
    assert len(cut(text, limit)) <= limit


@given(st.text(max_size=50))
def test_short_text_is_whole(text):
    assert cut(text, 200) == " ".join(text.split())


def test_text_is_cut_between_words():
    assert cut("several words in a row", 16) == "several words…"


def test_count_agrees_in_number():
    assert [count(n, "page") for n in (0, 1, 1234)] == ["0 pages", "1 page", "1,234 pages"]


def test_a_place_leaves_out_what_is_not_known():
    assert [place_of(*at) for at in ((1, "Introduction"), (None, "Introduction"), (1, ""))] == [
        "p. 1, Introduction", "Introduction", "p. 1",
    ]  # fmt: skip
