"""OpenDocument texts: styles, outline levels, lists, notes, tables, frames, and what is passed over."""

from __future__ import annotations

import pytest

from argmine.readers import Unreadable
from argmine.readers.raw_document import RawDocument
from research.damage.documents import open_document, zipped
from tests.readers.conftest import read_bytes

SAID = "The ships wait in the harbour for a very long time before the berths are free."
MEDIA_TYPE = "application/vnd.oasis.opendocument.text"


def read(inside: str) -> RawDocument:
    return read_bytes("odt", open_document(inside))


def blocks(inside: str) -> list[tuple[str, str]]:
    return [(b.type, b.text) for b in read(inside).blocks if b.type != "title"]


def test_headings_go_by_their_outline_levels() -> None:
    found = read(
        f'<text:h text:outline-level="1">Ships</text:h><text:h text:outline-level="2">B</text:h><text:p>{SAID}</text:p>'
    )
    assert [(b.type, b.level) for b in found.blocks[1:]] == [("heading", 1), ("heading", 2), ("paragraph", None)]


def test_the_title_goes_by_its_style() -> None:
    assert read(f"<text:p>{SAID}</text:p>").title == "A Paper"


def test_notes_follow_the_paragraph_that_calls_them() -> None:
    body = "<text:note-body><text:p>See there.</text:p></text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    assert blocks(f"<text:p>It is{note} so.</text:p>") == [("paragraph", "It is so."), ("footnote", "See there.")]


def test_lists() -> None:
    inside = f"<text:list><text:list-item><text:p>{SAID}</text:p></text:list-item></text:list>"
    assert blocks(inside) == [("list_item", SAID)]


def test_a_heading_in_a_list_is_a_heading() -> None:
    inside = '<text:list><text:list-item><text:h text:outline-level="1">Ships</text:h></text:list-item></text:list>'
    assert blocks(f"{inside}<text:p>{SAID}</text:p>")[0] == ("heading", "Ships")


def test_tables() -> None:
    row = (
        "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell/></table:table-row>"
    )
    assert blocks(f"<table:table>{row}{row}</table:table><text:p>{SAID}</text:p>")[0] == ("table", "a |  a | ")


@pytest.mark.parametrize(
    "inside",
    [
        "<text:p>It<text:s text:c='9'/>is<text:line-break/>so.</text:p>",
        "<text:p>It <text:span>is <text:a>so</text:a></text:span>.</text:p>",
        "<text:tracked-changes><text:p>No.</text:p></text:tracked-changes><text:p>It is so.</text:p>",
        "<text:table-of-content><text:p>No.</text:p></text:table-of-content><text:p>It is so.</text:p>",
        "<text:section><text:p>It is so.</text:p></text:section>",
        "<text:p>It is<text:bookmark/> so.</text:p>",
    ],
)
def test_what_is_text_and_what_is_none(inside: str) -> None:
    assert blocks(inside) == [("paragraph", "It is so.")]


def test_an_encrypted_file_says_so() -> None:
    data = zipped(MEDIA_TYPE, {"content.xml": b"\x00\x01", "META-INF/manifest.xml": "<m><encryption-data/></m>"})
    with pytest.raises(Unreadable, match="encrypted"):
        read_bytes("odt", data)


def test_a_file_without_a_text_says_so() -> None:
    with pytest.raises(Unreadable, match="holds no OpenDocument text"):
        read_bytes("odt", zipped(MEDIA_TYPE, {"a": "b"}))
