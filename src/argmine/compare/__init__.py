"""Argument structure across papers: profiles, distances, pairs that speak to each other, questions over a corpus.

`compare` reads maps and gives a `Comparison` with pandas DataFrames; `write_comparison` writes the report; `find`
answers a `question` over maps; `entry_of` takes maps that are in memory.
"""

from argmine.compare.comparison import Comparison, compare, entry_of
from argmine.compare.corpus import Corpus, Entry, find_places
from argmine.compare.files import write_comparison
from argmine.compare.find import find, question

__all__ = [
    "Comparison",
    "Corpus",
    "Entry",
    "compare",
    "entry_of",
    "find",
    "find_places",
    "question",
    "write_comparison",
]
