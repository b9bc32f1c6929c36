"""Runs of a paper's sentences that are not its author's, as a map has them."""

from __future__ import annotations

import pytest

from argmine.model.voices import in_voice, voices_of
from argmine.paper import Paper, Voice
from tests.model.test_model import SAID, paper_of


@pytest.fixture
def paper() -> Paper:
    made: Paper = paper_of(SAID)
    a, b, c, d, _ = made.sentences
    voices = (Voice(start=c.start, end=d.end, whose="Lee"), Voice(start=a.start, end=b.end, whose="Moss"))
    return made.model_copy(update={"voices": voices})


def test_a_papers_voices_run_from_sentence_to_sentence_in_the_order_of_the_text(paper: Paper) -> None:
    assert [(v.sentences, v.whose) for v in voices_of(paper)] == [(("t1", "t2"), "Moss"), (("t3", "t4"), "Lee")]


def test_a_sentence_stands_in_a_voice_or_in_none(paper: Paper) -> None:
    assert [in_voice(voices_of(paper), s) for s in paper.sentences] == [True, True, True, True, False]
    assert not in_voice((), paper.sentences[0])


def test_a_voice_without_sentences_is_left_out(paper: Paper) -> None:
    empty = (Voice(start=len(paper.text), end=len(paper.text), whose="nobody"),)
    assert voices_of(paper.model_copy(update={"voices": empty})) == ()
