"""Which sentences of a paper are not its author's: what the reading says of them and what the model hears, as runs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from argmine.argument_map import MapVoice, voice_at
from argmine.paper import ANOTHER_VOICE, Paper, Sentence


def voices_of(paper: Paper, heard: Iterable[tuple[int, int, float]] = ()) -> tuple[MapVoice, ...]:
    """The runs that layout and headings tell, from their first sentence to their last, and beside them those that the
    model hears (first and last position, probability); in the order of the text."""
    sentences = paper.sentences
    starts = [s.start for s in sentences]

    def run(first: int, last: int, whose: str, score: float | None = None) -> MapVoice:
        a, b = sentences[first], sentences[last]
        return MapVoice(start=a.start, end=b.end, sentences=(a.id, b.id), whose=whose, score=score)

    told = [(bisect_left(starts, v.start), bisect_left(starts, v.end) - 1, v.whose) for v in paper.voices]
    found = [run(*where) for where in told if where[0] <= where[1]]
    for first, last, score in heard:
        if not any(a <= last and first <= b for a, b, _ in told):
            found.append(run(first, last, ANOTHER_VOICE, round(score, 3)))
    return tuple(sorted(found, key=lambda v: v.start))


def in_voice(voices: Sequence[MapVoice], sentence: Sentence) -> bool:
    """Whether a sentence stands in one of the runs, which are in order and apart."""
    return voice_at(voices, sentence.start) is not None
