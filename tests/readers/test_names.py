"""Names of people told from what else is capitalised."""

import pytest

from argmine.readers.names import GAP, MARK, forward, is_person, leading_names, stated_names, unique

COMMON = {"policy", "harbour", "global", "security", "published", "versions"}


NAMES = ["Ada Lister", "A. McNab", "Ben Q. Okafor", "Wei-Ming O’Neill", "J. van der Berg", "ADA LISTER", "Eve T. Le"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_person(name: str) -> None:
    assert is_person(name, COMMON)


@pytest.mark.parametrize(
    "text",
    [
        "Harbour Policy", "Published Versions", "Global Security", "Legislative Attorney", "Hong Kong",
        "Proposed Rules", "South Carolina", "University of Oslo", "Ada", "June 2019", "Daniel S.",
        "Congressional Research Service",
    ],
)  # fmt: skip
def test_headings_posts_and_places_are_no_people(text: str) -> None:
    assert not is_person(text, COMMON)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ada Lister and Ben Okafor", ["Ada Lister", "Ben Okafor"]),
        (f"A. Lister{MARK}B. Okafor{MARK}", ["A. Lister", "B. Okafor"]),
        (f"Ada Lister{GAP}Ben Okafor", ["Ada Lister", "Ben Okafor"]),
        ("Ada Lister, Ph.D., Ben Okafor, MD, MPH", ["Ada Lister", "Ben Okafor"]),
        ("Ada Lister, Analyst in Harbours", ["Ada Lister"]),
        ("Ada Lister (Coast University), Ben Okafor (Hill College)", ["Ada Lister", "Ben Okafor"]),
        ("Ada Lister, Coast University; Ben Okafor, Hill College", ["Ada Lister", "Ben Okafor"]),
        ("Tom Ray, Jr.", ["Tom Ray Jr"]),
        ("Coast Harbour and Bridge Research Institute", []),
        ("Coast University, Ada Lister", []),
        ("Kent St, Bentley, Western Australia", []),
    ],
)
def test_a_line_gives_the_names_that_it_opens_with(line: str, names: list[str]) -> None:
    assert leading_names(line)[0] == names


def test_a_name_that_the_line_cuts_off_is_kept_apart() -> None:
    assert leading_names("Ada Lister, Ben Q.") == (["Ada Lister"], "Ben Q")


def test_a_middle_name_makes_no_second_person() -> None:
    assert unique(["Ada Lister", "Ben Okafor", "Ada M. Lister"]) == ("Ada Lister", "Ben Okafor")


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Lister, Ada; Okafor, Ben Q.", ["Ada Lister", "Ben Q. Okafor"]),
        ("Lister, Ada", ["Ada Lister"]),
        ("Ada Lister, Ben Okafor and Eve Ray", ["Ada Lister", "Ben Okafor", "Eve Ray"]),
        ("", []),
    ],
)
def test_names_of_a_field_stand_in_the_order_of_speech(field: str, names: list[str]) -> None:
    assert stated_names(field) == names


def test_a_surname_before_a_comma_goes_last() -> None:
    assert forward("Miller, Eric C.") == "Eric C. Miller"
