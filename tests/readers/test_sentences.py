"""Sentence borders as papers write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argmine.readers.sentences import cites_authorities, is_bare_citation, split_sentences


def split(text: str) -> list[str]:
    return [text[a:z] for a, z in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Smith et al. (2019) found it.", "It held."],
        ["Rajkomar et al. [52] found it.", "Chen et al. tested it, too."],
        ["See Fig. 2 and Eq. 3 on p. 12.", "They show it."],
        ["It was shown in No. 5 of Vol. 2.", "No. 6 was lost."],
        ["He said no.", "The U.S. Congress agreed."],
        ["Cables matter to the U.S.", "The navy knows."],
        ["The U.S.-E.U. Trade Council met.", "It was short."],
        ["G. A. Akerlof taught it, as G. E. P. Box did.", "We agree."],
        ["Deficiency of vitamin C. is rare, e.g. in Oslo."],
        ["It is rare, i.e. unknown, cf. Table 3, and costs approx. 5 marks.", "So what?"],
        ["The cost rose (Gill, 2024).", "It fell (Koga, 2022; Putra, 2019)."],
        ["The rate was 3.5 percent, up from 2.25.", "In 2021 it was .5 lower."],
        ["“Why now?” she asked.", "“Because,” he said, “it is late.”", "They left."],
        ["They called it “a vibrant power.”", "India disagreed."],
        ["See Roe v. Wade, 410 U.S. 113 (1973).", "It held for long."],
        ["They relied on Arts, Inc. v. Espinosa and on Posters, Ltd. v. Bell.", "The D. C. Circuit agreed."],
        ["It was shown in BE&K Constr. Co. v. Labor Board and in 337 So. 2d 1242.", "The rest is new."],
        ["It stands in Tr. of Oral Arg. 8:22 and in Pet. for Cert. 149a.", "The Court agreed."],
        ["It is in Art. I, §9, and in Art. II, §2, cl. 2. Art. II, §2, cl. 3.", "We turn to it."],
        ["It stood in the Times, p. A6, and in 1 Op. Atty. Gen. 631.", "Nobody read it."],
        ["They shared the cost. Ibid.", "Petitioner left.", "He paid. Id., at 5."],
        ["The act is codified at 42 U.S.C. § 1983.", "The court applied it."],
        ["P.L. 117-58 passed.", "H.Rept. 116-455 and S.Con.Res. 33 explain it.", "Sen. Smith voted no."],
        ["Dr. Jones and Prof. Lee wrote to Gov. Brown.", "Nobody answered."],
        ["Is that so?", "Yes!", "It is."],
        ["1. We argue that it holds.", "2. We show where it fails."],
        ["(See the textbox below. It is short.)", "The rest follows."],
        ["The tool (see below. It is free) helps.", "It is used."],
        ["The paper is at https://doi.org/10.1000/a.b.c?x=1.2 and elsewhere.", "Read it."],
        ["There are three aims: (a) to ask; (b) to answer; and (c) to stop.", "We start with the first."],
        ["They waited… and left.", "They spoke…", "The door opened."],
        ["The treaty was “subject to … Iran” and more.", "It lapsed."],
        ["He wrote it at 5 p.m. on Jan. 5 in St. Louis, Mo.", "The letter is lost."],
        ["They use iPhones.", "eLife publishes such work.", "mRNA is stable."],
        ["It costs much, etc.", "Parallel work exists."],
        ["We list them: cost, time, etc., and quit."],
        ["This is “research.” (“Team Scientists” n.d.)", "A number of them exist."],
        ["As he wrote, “it must supply the want.” (Boyes, 2013).", "We agree."],
    ],
    ids=lambda s: s[0][:40],
)
def test_splits_as_papers_write(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was reached.12 The next one.", ["It was reached.12", "The next one."]),
        ("It was reached.3,4 The next one.", ["It was reached.3,4", "The next one."]),
        ("It was shown.[3] Next comes this.", ["It was shown.[3]", "Next comes this."]),
        ("It was shown. [3, 5–7] Next comes this.", ["It was shown. [3, 5–7]", "Next comes this."]),
        ("It was shown.[3]Next comes this.", ["It was shown.[3]", "Next comes this."]),
        ("A note mark stands here.* The next one.", ["A note mark stands here.*", "The next one."]),
        ("Web 2.0 [168] is old. It is 802.3 Ethernet.", ["Web 2.0 [168] is old.", "It is 802.3 Ethernet."]),
        ("This is the policy.The next one is not.", ["This is the policy.", "The next one is not."]),
        ("It is free (see www.a.org).We use it.", ["It is free (see www.a.org).", "We use it."]),
        ("Node.js and Schema.org are names.", ["Node.js and Schema.org are names."]),
    ],
)
def test_marks_and_glued_stops(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "citation",
    [
        "See Roe v. Wade, 410 U. S. 113 (1973).",
        "Id., at 5.",
        "Ibid.",
        "Id. (quoting Roe v. Wade, 410 U. S. 113, 115 (1973)).",
        "18 U. S. C. §704(b); see also, e.g., Smith, 3 Dall., at 392 (“It does not.” (emphasis added)).",
        "Supra, at 3–4.",
        "eOnline Glob., Inc. v. Doe LLC, 387 F. Supp. 3d 980, 984 (N.D. Cal. 2019).",
        "Fed. R. Civ. P. 56(a).",
        "See Smith (2019).",
        "(Emphasis added.)",
    ],
)
def test_a_bare_citation_belongs_to_the_sentence_before(citation: str) -> None:
    text = f"The line was crossed. {citation} We go on."
    spans = split_sentences(text, among_authorities=True)
    assert [text[a:z] for a, z in spans] == [f"The line was crossed. {citation}", "We go on."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Section 5.05(b)(1) provides as much.",
        "Roe v. Wade, 410 U. S. 113 (1973), holds so.",
        "See Table 3.",
        "See id., at 5, where the court denied relief to all who had asked for it.",
        "Recommendation 5.",
        "None. Period.",
    ],
)
def test_what_says_more_than_a_citation_is_a_sentence(sentence: str) -> None:
    assert not is_bare_citation(sentence)


def test_a_brief_is_known_by_its_page_where_authorities_stand_around() -> None:
    text = "They differ. Brief for Petitioner 23. We go on."
    assert len(split_sentences(text, among_authorities=True)) == 2
    assert len(split_sentences(text)) == 3
    assert not cites_authorities(text)
    assert cites_authorities("It is in 410 U. S. 113, in 3 Dall. 386 and in 30 J. Law & Econ. 265.")


def test_what_has_no_letters_is_no_sentence() -> None:
    assert split("") == split("  ") == split("12. 13. 14.") == split("...") == []
    assert split("12. It is. 13.") == ["12. It is. 13."]


def test_a_quotation_keeps_its_sentences_together() -> None:
    text = "He wrote: “Research leads to knowledge. It provides capital.” Then he left."
    assert split(text) == ["He wrote: “Research leads to knowledge. It provides capital.”", "Then he left."]


PIECES = st.sampled_from(
    ["The end. ", "e.g. ", "(Smith, 2019). ", "[3] ", "“Why?” ", "U.S. ", "… ", "No. 5 ", "word ", "12 ", "A. ", "\n",
     ".) ", "é", "ß. ", "𝔘. ", "中文。 ", "! ", "\u00a0", "v. ", "\"", "( ", "] "]
)  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_spans_are_sorted_disjoint_stripped_and_cover_every_letter(text: str) -> None:
    spans = split_sentences(text)
    last = 0
    covered: set[int] = set()
    for a, z in spans:
        assert last <= a < z <= len(text)
        assert text[a:z] == text[a:z].strip()
        covered.update(range(a, z))
        last = z
    assert all(i in covered for i, c in enumerate(text) if c.isalpha())


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(PIECES, max_size=20).map("".join))
def test_splitting_is_the_same_every_time(text: str) -> None:
    assert split_sentences(text) == split_sentences(text)
