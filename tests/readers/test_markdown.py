"""Markdown papers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from argmine.errors import ReadError
from argmine.paper import Paper, Source
from argmine.readers.build import build_paper
from argmine.readers.markdown import read_markdown

SOURCE = Source(file="a.md", sha256="0" * 64, media_type="text/markdown", reader="test")

PAPER = """---
title: "On Quays: A Study"
author:
  - name: Ann Ek
    affiliation: Alder University
  - Bo van Dam
date: 2024-05-01
---

# Abstract

We *show* it[^1] with `code`.

# Introduction {#intro .unnumbered}

The first [link](https://example.org) sentence.
It goes on<br>here.

**A bold start.** It opens a subsection of it.

```python
print("This is code.")
```

- One item is here.

  Its second paragraph.
- Another <b>item</b> is here.

> A quotation is here.

| Town | Rent |
|------|------|
| Alder | 12 |

Table 1: Rents of towns.

![A picture](a.png)

## Deeper

It ends here.

[^1]: The note says more.
    It goes on.

## References

- Gill, D. (2024). Quays. Press.
"""


def read(text: str) -> Paper:
    return build_paper(read_markdown(text), SOURCE)


def test_title_authors_and_year_come_from_the_front_matter() -> None:
    paper = read(PAPER)
    assert (paper.title, paper.authors, paper.year) == ("On Quays: A Study", ("Ann Ek", "Bo van Dam"), 2024)


def test_subtitle_doi_and_journal_come_from_the_front_matter() -> None:
    fields = "title: On Quays\nsubtitle: A Study\ndoi: https://doi.org/10.1000/182\njournal: Annals of Quays"
    paper = read(f"---\n{fields}\naffiliation: Alder University\n---\n\nIt is so, as all of them say.\n")
    assert (paper.title, paper.subtitle, paper.doi) == ("On Quays", "A Study", "10.1000/182")
    assert (paper.venue, paper.affiliations) == ("Annals of Quays", ("Alder University",))


def test_headings_and_run_in_headings() -> None:
    assert [(s.level, s.title, s.role) for s in read(PAPER).sections if s.title] == [
        (1, "Abstract", "abstract"), (1, "Introduction", "introduction"), (2, "A bold start", "background"),
        (2, "Deeper", "background"),
    ]  # fmt: skip


def test_sentences_are_the_bodys_without_markup_code_and_notes() -> None:
    paper = read(PAPER)
    assert [paper.slice(s) for s in paper.sentences] == [
        "We show it with code.", "The first link sentence.", "It goes on here.", "It opens a subsection of it.",
        "One item is here.", "Its second paragraph.", "Another item is here.", "A quotation is here.", "It ends here.",
    ]  # fmt: skip


def test_block_types() -> None:
    types = {paper_slice: kind for kind, paper_slice in ((b.type, read(PAPER).slice(b)) for b in read(PAPER).blocks)}
    assert types["Town | Rent Alder | 12"] == "table"
    assert types["Table 1: Rents of towns."] == "caption"
    assert types["A quotation is here."] == "quote"
    assert types["The note says more. It goes on."] == "footnote"
    assert types["Gill, D. (2024). Quays. Press."] == "reference"


def test_a_lone_top_heading_is_the_title_and_the_names_below_it_the_authors() -> None:
    paper = read("# On Quays\n\nAnn Ek and Bo Dam\n\nann@example.org\n\n## One\n\nIt is.\n\n## Two\n\nIt was.\n")
    assert (paper.title, paper.authors) == ("On Quays", ("Ann Ek", "Bo Dam"))
    assert [(s.level, s.title) for s in paper.sections if s.title] == [(1, "One"), (1, "Two")]


def test_several_top_headings_are_sections() -> None:
    paper = read("# One\n\nIt is.\n\n# Two\n\nIt was.\n")
    assert paper.title == ""
    assert [s.title for s in paper.sections] == ["One", "Two"]


def test_text_without_markup_is_read() -> None:
    assert [s.start for s in read("It is so.\n").sentences] == [0]


LINES = st.sampled_from(
    ["", "---", "title: a", "# One", "## Two {.x}", "===", "- item", "  1. item", "> quote", "| a | b |", "|---|---|",
     "[^1]: note", "It is[^1] so.", "**Bold.** It is.", "```", "    code", "<div>", "![a](b)", "References", "Ann Ek"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=40), max_size=25).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        paper = read(text)
    except ReadError:
        return
    assert all(paper.slice(s).strip() for s in paper.sentences)
