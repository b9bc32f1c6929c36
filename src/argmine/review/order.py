"""In which order sentences come, other than the text's."""

from __future__ import annotations

from argmine.review.proposals import Proposal, uncertainty
from argmine.review.state import State, Text


def ordered(text: Text, proposal: Proposal, state: State, order: str) -> list[int]:
    """Sentence numbers, those most worth an annotator's time first; empty for the text's own order."""
    doubt = uncertainty(proposal)
    if order == "text":
        return []
    return sorted((n for n in doubt if text.has(n)), key=lambda n: (-doubt[n], n))
