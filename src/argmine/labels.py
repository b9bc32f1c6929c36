"""The labels of the annotation scheme, in the order in which an annotator asks for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Label(StrEnum):
    """What a unit does in its paper's argument; the members stand in the scheme's order of precedence."""

    RECOMMENDATION = "recommendation"
    CHALLENGE = "challenge"
    MOTIVATION = "motivation"
    CLAIM = "claim"
    EVIDENCE = "evidence"


class RelationLabel(StrEnum):
    """What the source of a relation does for its target."""

    SUPPORTS = "supports"
    ATTACKS = "attacks"
    MOTIVATES = "motivates"
    ADDRESSES = "addresses"


class Attribution(StrEnum):
    """Whose position a unit is: the authors' or somebody else's."""

    OWN = "own"
    REPORTED = "reported"


NONE: Final = "none"
"""The sixth value of a sentence: no unit. It is never the label of a unit."""

LABELS: Final[tuple[str, ...]] = tuple(Label)
SENTENCE_LABELS: Final[tuple[str, ...]] = (*LABELS, NONE)
RELATION_LABELS: Final[tuple[str, ...]] = tuple(RelationLabel)

_ANY: Final = frozenset(Label)

RELATION_TYPES: Final[dict[RelationLabel, tuple[frozenset[Label], frozenset[Label]]]] = {
    RelationLabel.SUPPORTS: (_ANY - {Label.RECOMMENDATION}, _ANY),
    RelationLabel.ATTACKS: (_ANY, _ANY),
    RelationLabel.MOTIVATES: (
        frozenset({Label.MOTIVATION, Label.CHALLENGE}),
        frozenset({Label.CLAIM, Label.RECOMMENDATION}),
    ),
    RelationLabel.ADDRESSES: (
        frozenset({Label.RECOMMENDATION, Label.CLAIM}),
        frozenset({Label.CHALLENGE}),
    ),
}
"""For each relation label, the unit labels that its source and its target may have."""


def relation_allowed(relation: str, source: str, target: str) -> bool:
    """Whether the scheme lets a relation of this label run between units of these two labels."""
    sources, targets = RELATION_TYPES[RelationLabel(relation)]
    return source in sources and target in targets
