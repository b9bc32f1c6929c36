"""Moved to argmine.letters."""

from argmine.letters import DIGITS, LetterStream, digest, full_digest, letter_offsets, letters  # noqa: F401
