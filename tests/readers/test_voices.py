"""Whose words a paper's sentences are, where headings and layout tell it."""

from __future__ import annotations

import pytest

from argmine.paper import Paper
from argmine.readers import read_text
from argmine.readers.build import build_paper
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine
from argmine.readers.voices import find_voices, opinion_of
from tests.readers.test_build import SOURCE, build, heading, paragraph

OWN = "The harbour is old. Its walls are low. Ships pass it at night. Nobody counts them. The town sleeps. It rains."
OTHER = "I see it otherwise. The walls are high."


def body(text: str = OWN) -> RawBlock:
    return paragraph(text)


def quote(text: str, page: int | None = None) -> RawBlock:
    return RawBlock("quote", [RawLine(text, page, None if page is None else (90.0, 100.0, 400.0, 110.0))])


def voiced(paper: Paper) -> list[tuple[str, str]]:
    return [(paper.slice(v), v.whose) for v in paper.voices]


@pytest.mark.parametrize(
    ("line", "whose"),
    [
        ("MR. JUSTICE GREY, with whom MR. JUSTICE BROWN joins, dissenting.", "MR. JUSTICE GREY, dissenting"),
        ("Mr. Justice GREY, dissenting in part.", "Mr. Justice GREY, dissenting in part"),
        ("GREY, J., concurring in judgment", "GREY, J., concurring in judgment"),
        ("GREY, J. (dissenting).", "GREY, J., dissenting"),
        ("Grey, C. J., concurring in part", "Grey, C. J., concurring in part"),
        ("GREY, J., concurring in part and dissenting in part", "GREY, J., concurring in part and dissenting in part"),
        ("JUSTICE GREY, dissenting from the denial of review.", "JUSTICE GREY, dissenting from the denial of review"),
        ("LORD GREY: (dissenting)", "LORD GREY, dissenting"),
        ("Lady Grey, dissenting", "Lady Grey, dissenting"),
        ("Partly dissenting opinion of Judge Grey", "Partly dissenting opinion of Judge Grey"),
        ("JUSTICE GREY delivered the opinion of the Court.", ""),
        ("Per Curiam", ""),
    ],
)  # fmt: skip
def test_a_line_that_announces_an_opinion_says_whose_it_is(line: str, whose: str) -> None:
    assert opinion_of(line) == whose


@pytest.mark.parametrize(
    "line",
    [
        "Justice Grey, joined by Justice Brown, wrote a dissenting opinion that nobody followed.",
        "JUSTICE BROWN join, dissenting.",
        "Why dissent matters in a small town",
        "The Chief Justice and Mr. Justice Brown think of it as a separate question.",
        "Grey, J. (2019). Concurring views. Harbour Review, 3.",
    ],
)
def test_a_line_that_tells_of_an_opinion_announces_none(line: str) -> None:
    assert opinion_of(line) is None


def test_a_dissent_under_its_heading_runs_over_its_parts_to_the_next_opinion() -> None:
    parts = [heading("I"), body(), heading("GREY, J., dissenting"), body(OTHER), heading("II"), body(OTHER)]
    paper = build(*parts, heading("BROWN, J., concurring"), body("I join them. It is late."))
    assert [whose for _, whose in voiced(paper)] == ["GREY, J., dissenting", "BROWN, J., concurring"]
    assert paper.slice(paper.voices[0]) == f"{OTHER}\n\nII\n\n{OTHER}"


def test_an_opinion_that_opens_with_its_judges_name_needs_no_heading() -> None:
    paper = build(body(), body(f"JUSTICE GREY, with whom JUSTICE BROWN joins, dissenting. {OTHER}"))
    assert [whose for _, whose in voiced(paper)] == ["JUSTICE GREY, dissenting"]


def test_a_sentence_that_tells_of_a_dissent_begins_none() -> None:
    assert not build(body(), body(f"Justice Grey dissents. {OTHER}")).voices


def test_a_papers_first_opinion_is_its_own_even_where_it_dissents() -> None:
    paper = build(heading("GREY, J., dissenting"), body("JUSTICE GREY, dissenting. " + OWN))
    assert not paper.voices


def test_dissents_may_be_longer_than_the_opinion() -> None:
    parts = [heading("Per Curiam"), body(OTHER), heading("GREY, J., dissenting"), body(OWN), body(OWN)]
    assert [whose for _, whose in voiced(build(*parts))] == ["GREY, J., dissenting"]


def test_a_report_of_a_dissent_ends_with_its_section() -> None:
    paper = build(
        heading("1 Facts"), body(), heading("2 Dissenting Opinion"), body(OTHER), heading("3 Effects"), body()
    )
    assert voiced(paper) == [(OTHER, "Dissenting Opinion")]


def test_running_heads_tell_whose_opinion_a_page_is() -> None:
    pages = [RawBlock("paragraph", [RawLine(OWN, page, (72.0, 100.0, 500.0, 110.0))]) for page in (1, 2, 3)]
    heads = {1: ("Opinion of the Court",), 2: ("2 A v. B", "GREY, J., dissenting"), 3: ("GREY, J., dissenting",)}
    paper = build_paper(RawDocument(pages, heads=heads), SOURCE)
    assert voiced(paper) == [(f"{OWN}\n\n{OWN}", "GREY, J., dissenting")]


def test_a_line_on_its_first_page_tells_more_exactly_where_an_opinion_begins() -> None:
    lines = [OWN, f"JUSTICE GREY, dissenting. {OTHER}", OTHER]
    pages = [
        RawBlock("paragraph", [RawLine(text, page, (72.0, 100.0, 500.0, 110.0))])
        for page, text in zip((1, 1, 2), lines, strict=True)
    ]
    heads = {1: ("Opinion of the Court",), 2: ("GREY, J., dissenting",)}
    paper = build_paper(RawDocument(pages, heads=heads), SOURCE)
    assert [paper.slice(v)[:12] for v in paper.voices] == ["JUSTICE GREY"]


def test_of_several_judges_speeches_the_longest_is_the_papers_own() -> None:
    agreed = "I would allow the appeal. I have nothing to add."
    paper = build(
        heading("LORD GREY"),
        body(agreed),
        heading("LADY BROWN OF HARBOUR"),
        body(),
        heading("LORD WHITE"),
        body(agreed),
    )
    assert voiced(paper) == [(agreed, "LORD GREY"), (agreed, "LORD WHITE")]


def test_lords_and_ladies_of_a_novel_are_no_judges() -> None:
    paper = build(heading("LADY GREY"), body(OTHER), heading("LORD BROWN"), body(), heading("LADY WHITE"), body(OTHER))
    assert not paper.voices


@pytest.mark.parametrize(
    "title",
    [
        "Editors' Summary",
        "Case study: the harbour of Lee",
        "Draft memorandum from Ann Lee",
        "The Appellant’s submissions",
    ],
)
def test_a_heading_says_that_its_section_is_anothers(title: str) -> None:
    assert voiced(build(heading("1 Start"), body(), heading(title), body(OTHER))) == [(OTHER, title)]


@pytest.mark.parametrize("title", ["Case studies", "Memorandum of understanding", "Submission of data", "Argument"])
def test_a_heading_that_only_looks_like_it_says_nothing(title: str) -> None:
    assert not build(heading("1 Start"), body(), heading(title), body(OTHER)).voices


def test_a_paper_that_is_a_letter_is_its_authors() -> None:
    assert not build(heading("Letter from Ann Lee"), body(OTHER), heading("Annex"), body()).voices


def test_contributions_under_names_with_offices_are_their_speakers() -> None:
    titles = ["Ann Lee – Director of Harbours, Lee", "J. P. Moss, Professor of Ships, Moss University"]
    parts = [part for title in titles for part in (heading(title), body(OTHER))]
    assert [whose for _, whose in voiced(build(body(), *parts))] == titles
    assert not build(body(), *parts[:2]).voices


def test_block_quotes_that_follow_each_other_are_one_voice() -> None:
    paper = build(body(), quote("The walls are high."), quote("They are new."), body())
    assert voiced(paper) == [("The walls are high.\n\nThey are new.", "a quotation")]


def test_on_a_page_a_block_quote_is_one_only_where_the_text_leads_to_it() -> None:
    assert not build(body(), quote(OTHER, page=1)).voices
    assert voiced(build(body(f"{OWN} She wrote:"), quote(OTHER, page=1))) == [(OTHER, "a quotation")]


@pytest.mark.parametrize(
    "said",
    [
        "“The walls are high.\n\n“Nobody has counted the ships.”",
        '"I see it otherwise. The walls are high," she says. "They are new."',
        "“I see it otherwise.”\n\n“The walls are high.”",
        "“(1) No ship passes.\n\n(a) Not by day.\n\n(b) Not by night.”",
    ],
)
def test_sentences_between_quotation_marks_are_a_voice(said: str) -> None:
    paper = build(body(), *map(paragraph, said.split("\n\n")), body())
    assert [text for text, _ in voiced(paper)] == [said]


@pytest.mark.parametrize(
    "said",
    [
        "“The walls are high.” So it was said.",
        "She calls it “a high wall of stone”. He calls it “no wall at all, but a hedge”.",
        "“It never ends. It goes on and on.",
    ],
)
def test_words_between_quotation_marks_are_none(said: str) -> None:
    assert not build(body(), paragraph(said), body()).voices


def test_quotations_that_are_most_of_a_paper_leave_it_to_its_author() -> None:
    assert not build(body(OTHER), quote(OWN)).voices


def test_voices_are_found_in_a_plain_text() -> None:
    dissent = "JUSTICE GREY, dissenting.\n\nI see it otherwise. The walls of this harbour are high and new."
    paper = read_text(f"JUSTICE BROWN delivered the opinion of the Court.\n\n{OWN}\n\n{dissent}\n")
    assert [v.whose for v in paper.voices] == ["JUSTICE GREY, dissenting"]


def test_a_paper_without_sentences_has_none() -> None:
    assert find_voices(Paper(source=SOURCE, text="")) == ()
