"""What a reader sees first: the key points of each place, and nothing where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argmine.render.first_screen import FirstScreen
from argmine.render.page import map_html
from argmine.render.salience import Salience
from argmine.render.summary import summary_md
from argmine.render.words import points_back
from argmine.text import leaves_open

from .conftest import SMALL, with_points
from .test_page import Page

WHOLE = {
    "thesis": ["t2"], "reasons": ["t4", "t6"], "why": ["t1"], "recommendations": ["t9"], "problems": ["t7"],
    "open": ["t8"],
}  # fmt: skip


def screen(paper, amap):
    return FirstScreen(paper, Salience(amap))


def places(made, each=5):
    return {part.place or part.label: [e.id for e in part.entries] for part in screen(*made).parts(each)}


def questions(made):
    return [question for column in screen(*made).columns() for question in column]


def words(made):
    return " ".join(Page(map_html(*made)).text.split())


def first_screen(made):
    text = words(made)
    return text[text.index("In short") : text.index("By section")]


def test_places_show_their_key_points_best_first_and_no_more_than_they_show(small):
    made = with_points(small, thesis=["t2", "t10", "t6"], recommendations=["t9"])
    assert places(made) == {"thesis": ["t2", "t10"], "recommendations": ["t9"]}


def test_a_sentence_stands_in_one_place_unless_its_answer_is_told_below_it(small):
    twice = {"why": ["t7", "t1"], "problems": ["t7"], "open": ["t7", "t8"]}
    assert places(with_points(small, **twice)) == {"why": ["t7", "t1"], "open": ["t8"]}
    answered = with_points(small, answers=[("t7", "t9")], **twice)
    assert places(answered)["problems"] == ["t7"]


def test_page_and_summary_show_the_same_entries(small):
    made = with_points(small, answers=[("t7", "t9")], **WHOLE)
    page, summary = first_screen(made), summary_md(*made)
    for id in {id for ids in WHOLE.values() for id in ids}:
        said = made[0].slice(made[0].sentence(id))
        assert said in page
        assert said in summary


def test_an_empty_place_has_no_heading_and_says_nothing(small):
    made = with_points(small, thesis=["t2"])
    for text in (first_screen(made), summary_md(*made)):
        assert SMALL[1][2] in text
        for silent in ("Why", "should be done", "open", "Problems", "found", "addressed"):
            assert silent not in text


def test_a_map_whose_places_are_all_empty_has_no_first_screen(small):
    made = with_points(small)
    assert "In short" not in words(made)
    assert "## " not in summary_md(*made)


def test_reasons_stand_under_why_and_alone_where_nothing_says_why(small):
    both = questions(with_points(small, why=["t1"], reasons=["t4"]))
    assert [(q["question"], [p["heading"] for p in q["parts"]]) for q in both] == [
        ("Why?", ["Why it matters", "Reasons it gives"]),
    ]  # fmt: skip
    alone = questions(with_points(small, reasons=["t4"]))
    assert [(q["question"], [p["heading"] for p in q["parts"]]) for q in alone] == [("Reasons it gives", [""])]


def test_problems_are_not_what_a_paper_leaves_open(small):
    found = questions(with_points(small, problems=["t7"]))
    assert [q["question"] for q in found] == ["Problems it names"]


def test_a_problem_shows_its_first_answer_and_nothing_where_there_is_none(small):
    made = with_points(small, [("t7", "t9"), ("t7", "t10")], problems=["t7", "t8"])
    assert "Answer (p. 2): Towns should plan water" in first_screen(made)
    assert first_screen(made).count("Answer") == 1
    assert summary_md(*made).count("  - answer: ") == 1
    assert "unaddressed" not in first_screen(made)


def test_only_under_problems_are_answers_shown(small):
    made = with_points(small, [("t7", "t9")], why=["t7"], open=["t7"])
    assert "Answer" not in first_screen(made)
    assert "answer" not in summary_md(*made)


def test_a_key_point_on_no_unit_is_shown_and_its_place_in_the_text_can_be_gone_to(small):
    made = with_points(small, thesis=["t3"])
    page = Page(map_html(*made))
    assert "The article has four parts. (p. 1, Introduction)" in first_screen(made)
    assert "The article has four parts." in summary_md(*made)
    assert [a["id"] for a in page.with_class("point")] == ["t3"]
    assert "t3" in page.attributes("data-go")


def test_an_answer_on_no_unit_is_marked_in_the_text_too(small):
    made = with_points(small, [("t7", "t3")], problems=["t7"])
    assert [a["id"] for a in Page(map_html(*made)).with_class("point")] == ["t3"]


def test_an_entry_that_points_back_comes_after_the_sentence_that_it_needs(make):
    said = [("A", None, "Towns plant trees."), ("A", "claim", "This lowers the heat of streets in summer.")]
    made = with_points(make(said), thesis=["t2"])
    assert '<span class="before">Towns plant trees. </span>This lowers' in map_html(*made)
    assert "- Towns plant trees. This lowers the heat" in summary_md(*made)


def test_nothing_of_another_paragraph_is_put_in_front(make):
    said = [("A", None, "Towns plant trees."), ("B", "claim", "This lowers the heat of streets in summer.")]
    [part] = screen(*with_points(make(said), thesis=["t2"])).parts(2)
    assert part.entries[0].before == ""


def test_a_part_of_a_sentence_comes_after_the_rest_of_it(make):
    paper, amap = make([("A", "claim", "Towns plant trees: they lower the heat of streets.")])
    start = paper.text.index("they")
    unit = amap.units[0].model_copy(update={"start": start, "text": paper.text[start : amap.units[0].end]})
    [part] = screen(paper, amap.model_copy(update={"units": (unit,)})).parts(2)
    assert part.entries[0].before == "Towns plant trees:"


def test_without_key_points_each_label_shows_its_first_units(small):
    assert places(small, 2) == {
        "claim": ["t2", "t6"], "evidence": ["t4", "t5"], "motivation": ["t1"], "challenge": ["t7", "t8"],
        "recommendation": ["t9"], "open": ["t8"],
    }  # fmt: skip


def test_without_key_points_a_problem_is_answered_by_what_addresses_it(small):
    assert "Answer (p. 2): Towns should plan water" in first_screen(small)
    assert "  - answer: Towns should plan water" in summary_md(*small)


def test_what_is_left_open_is_the_key_points_and_not_what_words_say(small):
    made = with_points(small, thesis=["t2"], open=["t7"])
    assert places(made)["open"] == ["t7"]


@pytest.mark.parametrize("each", [2, 5])
def test_any_number_of_the_problems_is_said_in_good_words(small, each):
    says = [part.says for part in screen(*small).parts(each) if part.says]
    assert says == ["Of 2 challenges, 1 is addressed in this paper, as far as was found."]


def test_long_lists_leave_room_for_all_questions(make):
    said = "Shade and water and " * 20 + "lower the heat."
    labels = {"thesis": "claim", "why": "motivation", "recommendations": "recommendation", "problems": "challenge"}
    made = make([("A", label, f"{n} {said}") for n, label in enumerate(labels.values()) for _ in range(3)])
    points = {place: [f"t{3 * n + k}" for k in (1, 2, 3)] for n, place in enumerate(labels)}
    found = questions(with_points(made, **points))
    assert [len(part["items"]) >= 1 for question in found for part in question["parts"]] == [True] * 4
    assert sum(len(part["items"]) for question in found for part in question["parts"]) < 9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This works well.", True),
        ("To overcome this difficulty, they met.", True),
        ("However, it failed.", True),
        ("They doubt it.", True),
        ("If it is the voice, let others call.", True),
        ("This paper argues for trees.", False),
        ("It is essential to plant.", False),
        ("It remains unclear who pays.", False),
        ("Both towns and states pay.", False),
        ("Towns say that.", False),
    ],
)
def test_words_that_point_back(text, expected):
    assert points_back(text) is expected


def test_the_papers_own_topic_needs_no_sentence_before():
    assert not points_back("This cooperation grew.", {"cooperation"})


@given(st.text(max_size=400))
def test_any_text_is_judged(text):
    assert isinstance(points_back(text), bool)
    assert isinstance(leaves_open(text), bool)


def test_sentences_stand_whole_on_the_page_with_place_and_link(make):
    said = "Shade " + "and water " * 60 + "lower the heat."
    assert f"{said} (p. 1, Findings)" in words(with_points(make([("Findings", "claim", said)]), thesis=["t1"]))


def test_the_caution_stands_before_the_models_figures(small):
    text = Page(map_html(*small)).text
    assert text.index("Labelled by a machine, which is often wrong: check against the text.") < text.index("macro-F1")
