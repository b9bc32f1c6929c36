"""Which sentences of a paper are not its author's: what the reading says of them, as runs of a map."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from argmine.argument_map import MapVoice
from argmine.paper import Paper, Sentence


def voices_of(paper: Paper) -> tuple[MapVoice, ...]:
    """The runs that layout and headings tell, in the order of the text, from their first sentence to their last."""
    sentences = paper.sentences
    starts = [s.start for s in sentences]
    found: list[MapVoice] = []
    for voice in sorted(paper.voices, key=lambda v: v.start):
        first, end = bisect_left(starts, voice.start), bisect_left(starts, voice.end)
        if first < end:
            ends = sentences[first].id, sentences[end - 1].id
            found.append(MapVoice(start=voice.start, end=voice.end, sentences=ends, whose=voice.whose))
    return tuple(found)


def in_voice(voices: Sequence[MapVoice], sentence: Sentence) -> bool:
    """Whether a sentence stands in one of the runs, which are in order and apart."""
    before = bisect_right(voices, sentence.start, key=lambda voice: voice.start) - 1
    return before >= 0 and sentence.start < voices[before].end
