"""Cases that a judgment cites."""

from __future__ import annotations

import pytest

from argmine.readers.cases import find_cases

LISTED = "Ek v. Om, 1 U. S. 2 (1801); Yun v. Zo, 3 F.3d 4 (2d Cir. 1993); Abe v. Bo [2001] 1 AC 45. "


def cited(text: str) -> list[tuple[str, str]]:
    """The places in `text`, behind three other cases, each with the title of the case that it cites."""
    whole = LISTED + text
    references, citations = find_cases(whole, [(0, len(whole))])
    titles = {r.id: r.title or "" for r in references}
    return [(whole[c.start : c.end], titles[c.references[0]]) for c in citations if c.start >= len(LISTED)]


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("See Smith v. Doe, 538 U. S. 84, 92 (2003).", "Smith v. Doe", 2003),
        ("It is so (quoting In the Arts, Inc. v. Bell & Co., 740 F. Supp. 2d 802, 819 (S.D. Miss. 2010)).",
         "Arts, Inc. v. Bell & Co.", 2010),
        ("As in Citizens for Order in Bergen v. FEC, 475 F.3d 337, 338 (D.C. Cir. 2007), it is.",
         "Citizens for Order in Bergen v. FEC", 2007),
        ("Lex, Inc. v. Stat Co., 572 U.S. 118, 134 S. Ct. 1377, 1393, 188 L. Ed. 2d 392 (2014).",
         "Lex, Inc. v. Stat Co.", 2014),
        ("Per Smith v Jones [2019] UKSC 5, it is.", "Smith v Jones", 2019),
    ],
)  # fmt: skip
def test_a_case_has_its_parties_and_year(text: str, title: str, year: int) -> None:
    references, _ = find_cases(LISTED + text, [(0, len(LISTED + text))])
    assert len(references) == 4
    assert (references[-1].title, references[-1].year) == (title, year)


def test_a_case_is_cited_again_by_volume_and_by_what_stands_for_the_last_one() -> None:
    text = "No: Smith v. Doe, 538 U. S. 84, 92 (2003). Id., at 93. Om, 1 U. S., at 3. Ibid. Smith, 538 U. S., at 9."
    assert cited(text) == [
        ("Smith v. Doe, 538 U. S. 84, 92 (2003)", "Smith v. Doe"),
        ("Id., at 93", "Smith v. Doe"),
        ("1 U. S., at 3", "Ek v. Om"),
        ("Ibid.", "Ek v. Om"),
        ("538 U. S., at 9", "Smith v. Doe"),
    ]


def test_after_a_statute_or_an_unknown_volume_the_last_one_is_no_case() -> None:
    assert cited("It is in 18 U. S. C. §704. Ibid.") == []
    assert cited("It is in 77 F.3d at 5. Id. at 6.") == []


def test_prose_between_the_parties_and_the_volume_is_no_party() -> None:
    assert cited("In Poe v. Roe, the court said so again. 572 U. S. 434, 456 (2014).") == []


def test_a_text_with_few_cases_has_no_references() -> None:
    assert find_cases("See Ek v. Om, 1 U. S. 2 (1801).", [(0, 31)]) == ((), ())


@pytest.mark.parametrize("text", ["A v. B " * 3000, "Roe v. Wade, 1 " + "A. " * 5000, "Id. at " * 4000, "1 A. " * 5000])
def test_no_pattern_runs_away(text: str) -> None:
    assert find_cases(text, [(0, len(text))]) == ((), ())
