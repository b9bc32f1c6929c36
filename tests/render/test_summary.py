import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from argmine.argument_map import MadeBy
from argmine.render.summary import escape, summary_md

from .conftest import LONG_WORD, poison, with_points

COMMONMARK = MarkdownIt("gfm-like", {"linkify": False})


def shown(markdown):
    """The text that a Markdown renderer shows for an inline text."""
    tokens = COMMONMARK.parse(f"- {markdown}")
    inline = [t for t in tokens if t.type == "inline"]
    return "".join(
        c.content if c.type in ("text", "text_special") else f"<{c.type}>" for t in inline for c in t.children
    )


@pytest.fixture
def told(small):
    """The small paper with key points in every place."""
    return with_points(
        small, [("t7", "t9")], thesis=["t2"], reasons=["t4"], why=["t1"], recommendations=["t9"], problems=["t7"],
        open=["t8"],
    )  # fmt: skip


def test_sections_stand_in_order_with_page_and_section(told):
    text = summary_md(*told)
    assert re.findall("^## (.*)$", text, re.M) == [
        "What the paper claims", "Why it matters", "What should be done", "What it leaves open",
        "Problems it names",
    ]  # fmt: skip
    assert (
        "- Shade from street trees lowers the heat that walkers feel more than any other measure. (p. 1, Introduction)"
        in text
    )


def test_the_thesis_comes_with_its_reasons(told):
    assert "(p. 1, Introduction)\n  - reason: In 2021 shaded streets" in summary_md(*told)


def test_without_a_thesis_reasons_have_their_own_heading(small):
    assert "## Reasons it gives\n\n- In 2021" in summary_md(*with_points(small, reasons=["t4"]))


def test_problems_are_counted_and_come_with_their_answers(told):
    text = summary_md(*told)
    text = text[text.index("## Problems it names") :]
    assert "Of 2 challenges, 1 is addressed" in text
    assert "  - answer: Towns should plan water" in text


def test_without_key_points_there_is_a_heading_for_each_label_and_one_for_what_is_open(small):
    assert re.findall("^## (.*)$", summary_md(*small), re.M) == [
        "Claims", "Evidence", "Motivations", "Challenges", "Recommendations", "What it leaves open",
    ]  # fmt: skip


def test_notes_stand_at_the_top(small):
    text = summary_md(*small, notes=["Unlike what the model was trained on."])
    assert text.index("> Unlike what") < text.index("## Claims")


def test_last_line_counts_and_gives_the_models_figures(small):
    last = summary_md(*small).rstrip().splitlines()[-1]
    assert "10 sentences: 3 claims, 2 evidence, 1 motivation, 2 challenges, 1 recommendation, 6 relations." in last
    assert "language-model annotators" in last


def test_it_stays_one_page(make):
    labels = ["claim", "challenge", "motivation", "recommendation"]
    said = [
        (f"Part {n // 9}", labels[n % 4], f"Unit number {n} of kind k{n} says {n * n} words of its own.")
        for n in range(300)
    ]
    relations = [(f"t{n + 2}", f"t{n}", "addresses") for n in range(2, 290, 8)]
    assert len(summary_md(*make(said, relations)).splitlines()) <= 60


def test_long_units_are_cut_at_a_words_end(make):
    text = summary_md(*make([("A", "claim", "measured words " * 60 + "end.")]))
    line = next(line for line in text.splitlines() if line.startswith("- "))
    assert re.search(r" (measured|words)… \(p\. 1, A\)$", line)
    assert len(line) < 330


def test_reported_units_say_so(make):
    text = summary_md(
        *make([("A", "claim", "Critics call it a waste of money.")], unit={"t1": {"attribution": "reported"}})
    )
    assert "(p. 1, A; view of others)" in text


def test_paper_without_units_says_so(make):
    assert "No units of argument were found" in summary_md(*make([("A", None, "Nothing.")]))


def test_annotators_map_shows_no_model_figures(small):
    paper, amap = small
    by = MadeBy(kind="annotator", name="B", role="independent", mode="blind")
    assert "unseen papers" not in summary_md(paper, amap.model_copy(update={"made_by": by}))


def test_hostile_text_makes_no_markup(poisoned):
    tokens = COMMONMARK.parse(summary_md(*poisoned, notes=[poisoned[0].title]))
    kinds = {t.type for t in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
        "list_item_open", "list_item_close", "blockquote_open", "blockquote_close", "inline", "text", "text_special",
        "softbreak",
    }  # fmt: skip
    levels = [t.level for t in tokens if t.type == "bullet_list_open"]
    assert max(levels) <= 2


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp"))))
def test_escaped_text_is_shown_as_it_was(text):
    assert shown(escape(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("http://x.org", "http\\://x.org"), ("www.x.org", "www\\.x.org"), ("a@x.org", "a\\@x.org"), ("1. x", "1\\. x")],
)
def test_what_github_would_link_or_list_is_escaped(text, escaped):
    assert escape(text) == escaped


def test_direction_marks_cannot_turn_the_line():
    assert "\u202e" not in escape("a\u202eb\u2066c")


def test_endless_word_is_cut():
    assert len(summary_md(*poison(LONG_WORD))) < 20_000


def test_equal_input_gives_equal_bytes(small):
    assert summary_md(*small) == summary_md(*small)
