"""RTF files: styles and outline levels, characters, notes, lists, tables, text boxes, and what is passed over."""

from __future__ import annotations

import pytest

from argmine.readers import Unreadable
from argmine.readers.raw_document import RawDocument
from argmine.readers.rtf import _DEEPEST
from research.damage.documents import rich_text
from tests.readers.conftest import read_bytes

HEAD = (
    r"\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Times;}{\f2\fcharset2 Symbol;}"
    r"{\f3\fcharset128 Mincho;}}{\colortbl;\red0\green0\blue0;}"
    r"{\stylesheet{Normal;}{\s1\sbasedon0\outlinelevel0 heading 1;}"
    r"{\s2\sbasedon1\outlinelevel1 heading 2;}{\s3 Quote;}{\s4\sbasedon3 Own;}{\*\cs10 Default Paragraph Font;}}"
)
SAID = "The ships wait in the harbour for a very long time before the berths are free."


def read(body: str) -> RawDocument:
    return read_bytes("rtf", rf"{{{HEAD}{body}}}".encode("ascii"))


def blocks(body: str) -> list[tuple[str, str]]:
    return [(b.type, b.text) for b in read(body).blocks]


def text(body: str) -> str:
    return " ".join(t for _, t in blocks(body))


def test_headings_go_by_the_styles_and_their_outline_levels() -> None:
    found = read(rf"\pard\s1\b Ships\par\pard\plain {SAID}\par\pard\s2 Berths\par\pard\plain {SAID}\par").blocks
    assert [(b.type, b.level) for b in found] == [
        ("heading", 1),
        ("paragraph", None),
        ("heading", 2),
        ("paragraph", None),
    ]


def test_a_paragraphs_own_outline_level_makes_a_heading() -> None:
    found = read(rf"\pard\outlinelevel2 Ships\par\pard {SAID}\par").blocks
    assert [(b.type, b.level) for b in found] == [("heading", 3), ("paragraph", None)]


def test_a_style_that_says_nothing_goes_by_the_one_it_is_based_on() -> None:
    assert blocks(rf"\pard\s4 {SAID}\par") == [("quote", SAID)]


def test_headings_without_styles_go_by_their_look() -> None:
    body = rf"\pard {SAID}\par\pard\b Ships\b0\par\pard {SAID}\par"
    assert [kind for kind, _ in blocks(body)] == ["paragraph", "heading", "paragraph"]


def test_the_title_of_the_properties_tells_the_title() -> None:
    assert read(rf"{{\info{{\title On Ships}}{{\author A}}}}\pard On Ships\par {SAID}\par").title == "On Ships"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"It costs \u8364?5.", "It costs €5."),
        (r"It costs \u8364\'805.", "It costs €5."),
        (r"{\uc0 It costs \u8364 5.}", "It costs €5."),
        (r"{\uc2 It costs \u8364\'80\'805.}", "It costs €5."),
        (r"A sign \u-10179?\u-8704? of two.", "A sign 😀 of two."),
        (r"Na\'efve people.", "Naïve people."),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2} they say.", "Привет they say."),
        (r"{\f2 a} is small.", "α is small."),
        (r"{\f3 \'8e\'6d} is read.", "士 is read."),
        (r"\ldblquote So\rdblquote\emdash it\rquote s a\~day.", "“So”—it’s a day."),
        (r"Non\_breaking and op\-tional.", "Non-breaking and optional."),
        (r"A brace \{ and a bar \\ stand.", "A brace { and a bar \\ stand."),
        ("Words that\r\n go on.", "Words that go on."),
        (r"Hidden {\v not }text.", "Hidden text."),
        (r"Struck {\deleted not }text.", "Struck text."),
        (r"A {\field{\*\fldinst HYPERLINK a}{\fldrslt link}} here.", "A link here."),
        (r"Of two {\upr{one}{\*\ud{other}}} forms.", "Of two other forms."),
        (r"A {\pict\wmetafile8 00ff00ff}picture.", "A picture."),
        (r"Bytes {\pict\bin4 {{}\}are passed over.", "Bytes are passed over."),
        (r"What {\*\unknown nobody knows}is unknown.", "What is unknown."),
        (r"A mark{\*\bkmkstart here}{\*\bkmkend here} of a place.", "A mark of a place."),
    ],
)
def test_characters(written: str, read_as: str) -> None:
    assert text(rf"\pard {written}\par") == read_as


def test_a_page_of_characters_of_an_old_mac() -> None:
    assert read_bytes("rtf", rb"{\rtf1\mac Na\'95ve people live.\par}").blocks[0].text == "Naïve people live."


@pytest.mark.parametrize("opens", [r"{\footnote", r"{\*\footnote"])
def test_notes_follow_the_paragraph_that_calls_them(opens: str) -> None:
    body = rf"\pard So it is.{opens}\pard\plain \chftn See there.\par And there.}} And more.\par"
    assert blocks(body) == [("paragraph", "So it is. And more."), ("footnote", "See there. And there.")]


def test_lists() -> None:
    body = (
        r"\pard{\listtext\pard\bullet\tab}\ls1 The first is old and was built before the war.\par"
        r"{\listtext 2.\tab}\ls1 The second is new.\par\pard\fi-360\li360 3.\tab The third is not there yet.\par"
    )
    assert [kind for kind, _ in blocks(body)] == ["list_item"] * 3
    assert "bullet" not in text(body)


def test_tables() -> None:
    body = rf"\trowd\pard\intbl a\cell\pard\intbl b\cell\row\trowd\pard\intbl c\cell d\cell\row\pard {SAID}\par"
    found = read(body).blocks
    assert ([line.text for line in found[0].lines], found[1].text) == (["a | b", "c | d"], SAID)


def test_a_table_of_one_cell_is_a_frame_round_text() -> None:
    assert blocks(rf"\trowd\pard\intbl {SAID}\par {SAID}\cell\row\pard So.\par")[:2] == [("paragraph", SAID)] * 2


def test_a_text_box_stands_apart_from_the_paragraph_that_holds_it() -> None:
    box = rf"{{\shp{{\*\shpinst{{\sp{{\sn a}}{{\sv b}}}}{{\shptxt {SAID}\par}}}}{{\shprslt x}}}}"
    assert blocks(rf"\pard The ships {box}wait long.\par") == [
        ("paragraph", SAID),
        ("paragraph", "The ships wait long."),
    ]


def test_headers_and_comments_are_passed_over() -> None:
    assert text(r"{\header A head}{\footerl 3}\pard It is so.{\*\annotation No.}\par") == "It is so."


def test_a_file_that_was_cut_off_is_read_with_a_warning() -> None:
    whole = rich_text()
    assert not read_bytes("rtf", whole).warnings
    assert [w.code for w in read_bytes("rtf", whole[:-40]).warnings] == ["cut"]


def test_groups_nested_beyond_measure_are_refused() -> None:
    with pytest.raises(Unreadable, match="deep"):
        read("{" * _DEEPEST + "a")


def test_what_follows_the_last_brace_is_not_read() -> None:
    assert read_bytes("rtf", rb"{\rtf1 It is so.\par} And no more").blocks[-1].text == "It is so."
