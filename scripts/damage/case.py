"""What a maker gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Case:
    """An input: what was done to it, its bytes, and the suffix of its file."""

    what: str
    data: bytes
    suffix: str


Maker = Callable[[Random], Case]
