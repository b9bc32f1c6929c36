"""Whether what the fonts of a PDF say can be read, and what goes where it can't.

A font may say nothing of its characters, or name wrong ones, by accident or to keep its text from being copied. What an
engine finds then looks like "7KH" for "The", or has letters swapped. That is told by letters that are rare in languages
of Latin script and by the forms of words (none without a vowel, with five consonants in a row, with signs inside), not
by which words they are, so that the language need not be known. Other scripts are believed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from argmine.readers.pdf.glyphs import UNREADABLE, PageGlyphs, Run

_WORD = re.compile(r"[^\s\"\u201c\u201d()\[\]]{4,}")
_NO_WORD = re.compile(r"[@_]|/.*\.|\.\w+\.")  # addresses, names of files and of parts of programs
_SIGNS = r"[^\w\s.,:;/'\u2018\u2019&\-\u00ad\u00b7*+=|<>\u2010-\u2020\u2021\ufffe]"
_ODD = re.compile(rf"(?i:[bcdfghjklmnpqrstvwxz]{{5}})|[a-z]{_SIGNS}[a-z]|[A-Za-z][2-9+#;?][A-Za-z]")
_VOWEL = re.compile(r"[aeiouy\u00c0-\u024f]", re.I)
_RANKS = {letter: rank for rank, letter in enumerate("eaintrosldumcpgkhvbyfzwjxq")}  # by how frequent letters are
_ENOUGH = 25  # words by which a font is judged; fewer may be symbols, or a heading's short forms
_MOST = 3000
_STRANGE = 12.0
_MUCH_OF_A_PAGE, _MUCH_OF_A_PAPER = 0.4, 0.06  # shares of their characters that a font for text has
_TELLING = 0.2  # share of a page's letters that can't be read from which on the page can't be


def drop_unreadable(pages: Sequence[PageGlyphs]) -> set[int]:
    """Take out what can't be read, counted by page as `unread`. Returns the pages that aren't to be read without it."""
    bad = _unreadable_faces(pages)
    pages = [page for page in pages if any(run.face in bad or UNREADABLE in run.text for run in page.runs)]
    for page in pages:
        kept: list[Run] = []
        for run in page.runs:
            page.unread += len(run.text) if run.face in bad else run.text.count(UNREADABLE)
            if run.face not in bad and (text := run.text.replace(UNREADABLE, "")):
                run.text = text
                kept.append(run)
        page.runs = kept
        page.lost, page.fs = ([x for x in found if x.run.face not in bad] for found in (page.lost, page.fs))
    return {p.number for p in pages if p.unread > _TELLING * (p.unread + sum(len(run.text) for run in p.runs))}


def _unreadable_faces(pages: Iterable[PageGlyphs]) -> set[int]:
    words: dict[int, list[str]] = defaultdict(list)
    signs: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    running: set[int] = set()
    mono: set[int] = set()
    for page in pages:
        lost.update(found.run.face for found in page.lost)
        own: Counter[int] = Counter()
        for run in page.runs:
            own[run.face] += len(run.text)
            if run.font.mono:
                mono.add(run.face)
            if len(seen := words[run.face]) < _MOST:
                seen.extend(_WORD.findall(run.text))
        signs += own
        running.update(face for face, n in own.items() if n > _MUCH_OF_A_PAGE * own.total())

    def is_text(face: int) -> bool:
        """Whether a font is for running text: one for addresses and names of programs is strange at its best."""
        share = signs[face] / signs.total()
        return share > (0.5 if face in mono else _MUCH_OF_A_PAPER) or (face in running and face not in mono)

    strange = {face for face in signs if is_text(face) and strangeness(words[face]) > _STRANGE}
    return strange | {face for face, n in signs.items() if lost[face] > 0.5 * n > 50}


def strangeness(words: Iterable[str]) -> float:
    """How far words are from any language of Latin script: 5 to 10 for print, 15 for swapped letters; 0 for too few.

    It is the mean rank of their letters by frequency, and ten times the share of words of odd form.
    """
    seen = odd = letters = ranks = 0
    for word in words:
        plain = unicodedata.normalize("NFD", word).lower()
        own = [_RANKS[c] for c in plain if c in _RANKS]
        if len(own) > 3 and not word.isupper() and not _NO_WORD.search(word):
            seen += 1
            odd += not _VOWEL.search(word) or _ODD.search(word) is not None
            letters += len(own)
            ranks += sum(own)
    return ranks / letters + 10 * odd / seen if seen >= _ENOUGH else 0.0


def spans(numbers: Iterable[int]) -> str:
    """Page numbers for a message: "3, 5-7"."""
    parts: list[list[int]] = []
    for n in sorted(set(numbers)):
        if parts and n == parts[-1][-1] + 1:
            parts[-1][1:] = [n]
        else:
            parts.append([n])
    return ", ".join("\u2013".join(map(str, part)) for part in parts)
