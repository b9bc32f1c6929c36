"""Small files that ask for far more than their size: what grows is counted before it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from argmine.errors import ArgmineError
from argmine.readers import ReadOptions, read_paper

from .bounded import RESULT, STOPPED, needs_fork, outcome

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from research.damage import greedy  # noqa: E402
from research.damage.pdf_made import page_content, paper, stream  # noqa: E402

LEAF = b"BT /F1 10 Tf 72 700 Td (The ships wait in a form and say so.) Tj ET"


def chain(fan: int, depth: int, leaf: bytes = LEAF) -> dict[int, bytes]:
    """Forms from 100 on, each of which paints the next one `fan` times."""
    made = {100 + i: greedy.form(b"/X Do " * fan, {"X": 101 + i}) for i in range(depth)}
    return {**made, 100 + depth: greedy.form(leaf, {})}


def warned(path: Path, data: bytes, engine: str = "pdfium") -> bool:
    """Whether a page was left out for its forms."""
    path.write_bytes(data)
    found = read_paper(path, ReadOptions(reader=engine, ocr="never"))  # type: ignore[arg-type]
    return any("forms" in w.message for w in found.warnings)


# --- PDF

GROWING = {
    "twice": chain(2, 26),
    "ten times": chain(10, 9),
    "deep": chain(1, 5000),
    "a ring": {
        100: greedy.form(LEAF + b" /X Do /X Do", {"X": 101}),
        101: greedy.form(b"/X Do /X Do", {"X": 100}),
    },
    "themselves": {100: greedy.form(LEAF + b" /X Do" * 3, {"X": 100})},
    "under an escaped name": {
        100: greedy.form(b"/X#59 Do " * 1000, {"XY": 101}),
        101: greedy.form(b"/XY%so\nDo " * 1000, {"XY": 102}),
        102: greedy.form(LEAF, {}),
    },
    "of an escaped type": {k: v.replace(b"/Form", b"/F#6frm") for k, v in chain(2, 26).items()},
}  # fmt: skip


@needs_fork
@pytest.mark.parametrize("engine", ["pdfium", "pdfplumber"])
@pytest.mark.parametrize("what", GROWING)
def test_forms_that_paint_forms_are_counted_before_the_page_is_loaded(tmp_path: Path, what: str, engine: str) -> None:
    import pdfplumber  # noqa: F401  (loaded before the child's memory is bounded)
    import pypdf  # noqa: F401
    import pypdfium2  # noqa: F401

    path, data = tmp_path / "a.pdf", greedy.painted(GROWING[what], 100, Random(1))

    def read() -> None:
        assert warned(path, data, engine)

    assert outcome(read, seconds=20, mebibytes=512) == RESULT


@needs_fork
def test_a_form_painted_very_often_is_left_out(tmp_path: Path) -> None:
    import pypdf  # noqa: F401
    import pypdfium2  # noqa: F401

    data = greedy.painted({100: greedy.form(page_content(Random(1), 400), {})}, 100, Random(1), 200_000)
    assert outcome(lambda: warned(tmp_path / "a.pdf", data), seconds=20, mebibytes=512) == RESULT
    assert warned(tmp_path / "a.pdf", data)


def test_figures_of_figures_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(greedy.painted(chain(2, 3), 100, Random(1)))
    found = read_paper(path, ReadOptions(ocr="never"))
    assert "wait in a form" in found.text
    assert not found.warnings


def test_a_form_that_only_could_paint_itself_is_read(tmp_path: Path) -> None:
    forms = {100: greedy.form(LEAF, {"X": 100, "Y": 101}), 101: greedy.form(LEAF, {"X": 100})}
    assert not warned(tmp_path / "a.pdf", greedy.painted(forms, 100, Random(1)))


def test_a_page_without_forms_needs_no_second_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argmine.readers.pdf import pdfium

    monkeypatch.setattr(pdfium, "_pages", None)
    assert not warned(tmp_path / "a.pdf", paper([stream(page_content(Random(1)))]))


@needs_fork
@pytest.mark.parametrize("within", ["the page", "a form"])
def test_a_page_of_very_many_pieces_of_text_on_one_line_is_left_out(tmp_path: Path, within: str) -> None:
    import pypdf  # noqa: F401
    import pypdfium2  # noqa: F401

    line = b"BT /F1 4 Tf " + b"".join(b"1 0 0 1 %d 700 Tm (x) Tj " % (i % 600) for i in range(100_000)) + b"ET"
    if within == "the page":
        data = paper([stream(line), stream(page_content(Random(1)))])
    else:
        data = greedy.painted({100: greedy.form(line, {})}, 100, Random(1))
    path = tmp_path / "a.pdf"
    path.write_bytes(data)

    def read() -> None:
        (warning,) = read_paper(path, ReadOptions(ocr="never")).warnings
        assert "pieces of text" in warning.message

    assert outcome(read, seconds=20, mebibytes=512) == RESULT


BOXES = (
    b"[0 0 0 0]", b"[0 0 60000 60000]", b"[0 0 1e9 1e9]", b"[612 792 0 0]", b"[-612 -792 0 0]", b"[nan nan nan nan]",
    b"[0 0 612 0]", b"[1e38 1e38 3e38 3e38]", b"[-3e38 -3e38 3e38 3e38]", b"null",
)  # fmt: skip


@needs_fork
@pytest.mark.parametrize("more", [b"", b"/Rotate 90", b"/Rotate 45", b"/CropBox [9 9 5 5] /Rotate 180"])
@pytest.mark.parametrize("box", BOXES)
def test_pages_that_have_no_place_for_text_end(tmp_path: Path, box: bytes, more: bytes) -> None:
    import pdfplumber  # noqa: F401
    import pypdfium2  # noqa: F401

    path = tmp_path / "a.pdf"
    path.write_bytes(paper([stream(page_content(Random(1), 40, size)) for size in (10, 300)], box=box + b" " + more))
    for engine in ("pdfium", "pdfplumber"):
        said = outcome(lambda: read_paper(path, ReadOptions(reader=engine, ocr="never")), seconds=20, mebibytes=512)  # type: ignore[arg-type]  # noqa: B023
        assert said == RESULT or path.name in said


# --- Word


@pytest.mark.parametrize("name", ["word/document.dat", "main", "word/media/image1.png", "word/document.xml.bin"])
@pytest.mark.parametrize("declared", ["override", "default"])
def test_a_part_of_a_word_file_is_measured_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, declared: str
) -> None:
    from argmine.readers import zipped

    monkeypatch.setattr(zipped, "LARGEST_PART", 600_000)
    parts = greedy._moved(name)
    if declared == "default" and "." in name:
        kind = f"{greedy._CONTENT_TYPE}.document.main+xml"
        default = f'<Default Extension="{name.rpartition(".")[2]}" ContentType="{kind}"/>'
        parts["[Content_Types].xml"] = lambda old: old.replace(b"<Default ", default.encode() + b"<Default ", 1)
    words = "".join(greedy.paragraph(f"Ship {i} waits {i * i} days.") for i in range(10_000))
    path = tmp_path / "a.docx"
    path.write_bytes(greedy.word_file({**parts, name: greedy.word_xml(words)}))
    with pytest.raises(Exception, match="ZIP bomb"):
        read_paper(path)


def test_a_large_picture_in_a_word_file_is_none_of_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argmine.readers import zipped

    monkeypatch.setattr(zipped, "LARGEST_PART", 600_000)
    png = b'<Default Extension="png" ContentType="image/png"/>'
    parts = {
        "[Content_Types].xml": lambda old: old.replace(b"<Default ", png + b"<Default ", 1),
        "word/media/image1.png": Random(1).randbytes(700_000),
        "word/document.xml": greedy.word_xml(greedy.paragraph("The ships wait in the harbour for long.")),
    }
    path = tmp_path / "a.docx"
    path.write_bytes(greedy.word_file(parts))
    assert read_paper(path).sentences


def test_a_word_file_whose_main_part_is_of_another_type_says_so(tmp_path: Path) -> None:
    def types(old: bytes) -> bytes:
        return old.replace(b"document.main+xml", b"comments+xml")

    path = tmp_path / "a.docx"
    path.write_bytes(greedy.word_file({"[Content_Types].xml": types}))
    with pytest.raises(Exception, match="another type") as caught:
        read_paper(path)
    assert "0x" not in str(caught.value)


# --- time in proportion


def word_styles(count: int) -> bytes:
    return greedy.word_many(_Chosen({"how": "styles", "count": count})).data


class _Chosen(Random):
    """Chooses what is wanted from the choices of `greedy`'s makers: a name among names, a number among numbers."""

    def __init__(self, wanted: dict[str, object]) -> None:
        super().__init__(1)
        self.wanted = wanted

    def choice(self, seq):  # type: ignore[no-untyped-def]
        if isinstance(seq[0], int):
            return self.wanted["count"]
        return self.wanted["how"] if self.wanted["how"] in seq else super().choice(seq)

    def random(self) -> float:
        return 0.5


def made(maker: Callable[[Random], greedy.Case], how: str, count: int) -> greedy.Case:
    return maker(_Chosen({"how": how, "count": count}))


GROWTH = [
    (greedy.word_many, "boxes", 1000), (greedy.word_many, "flat drawing", 8000), (greedy.word_many, "styles", 1000),
    (greedy.word_many, "tables", 2000), (greedy.word_many, "runs", 1000), (greedy.word_many, "cells", 2000),
    (greedy.word_many, "lists", 1000), (greedy.web_many, "attributes", 50_000), (greedy.web_many, "classes", 20_000),
    (greedy.web_many, "inline", 10_000), (greedy.web_many, "bold", 5_000), (greedy.web_many, "loose", 5_000),
    (greedy.web_many, "headings", 5_000), (greedy.web_many, "entries", 5_000), (greedy.web_many, "citations", 10_000),
    (greedy.web_many, "definitions", 5_000), (greedy.web_many, "spans in spans", 10_000),
    (greedy.web_many, "tables", 20_000), (greedy.xml_many, "nested", 5_000), (greedy.xml_many, "sections", 5_000),
    (greedy.xml_many, "marks", 5_000), (greedy.xml_many, "lists in lists", 10_000),
    (greedy.xml_many, "formulas", 10_000), (greedy.xml_many, "tables", 5_000),
    *((greedy.marks, how, 100_000) for how in (
        "table", "items", "nested items", "quotes", "quoted items", "links", "definitions", "emphasis", "ticks",
        "brackets", "rules", "headings", "stars", "entities", "autolinks",
    )),
    *((greedy.one_point, how, 20_000) for how in ("no width", "set back", "one line", "each anew")),
]  # fmt: skip
IDS = [f"{maker.__name__} {how}" for maker, how, _ in GROWTH]


@pytest.mark.slow
@pytest.mark.parametrize(("maker", "how", "count"), GROWTH, ids=IDS)
def test_four_times_as_much_takes_about_four_times_as_long(
    tmp_path: Path, maker: Callable[[Random], greedy.Case], how: str, count: int
) -> None:
    """In processor time: a second is allowed in any case, and else ten times where four would be in proportion."""

    def seconds(size: int) -> float:
        case = made(maker, how, size)
        path = tmp_path / f"a{case.suffix}"
        path.write_bytes(case.data)
        began = time.process_time()
        with suppress(ArgmineError):
            read_paper(path, ReadOptions(ocr="never"))
        return time.process_time() - began

    seconds(count // 10)  # what is loaded once
    small = seconds(count)
    assert seconds(4 * count) < max(1.0, 10 * small)


@needs_fork
def test_a_tag_of_very_many_attributes_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(made(greedy.web_many, "attributes", 200_000).data)
    import argmine.readers.html  # noqa: F401

    assert outcome(lambda: read_paper(path), seconds=10, mebibytes=512) == RESULT


@pytest.mark.parametrize(
    "tag",
    [
        '<p a="' + "x " * 9000 + '">',
        "<script>if (a<b) { " + "c " * 9000 + "}</script><p>",
        "<!-- a <b " + "c " * 9000 + "--><p>",
        "<p " + "a " * 9000 + ">",
        "<p " + "a='b > c' " * 9000 + ">",
    ],
)  # fmt: skip
def test_the_text_round_a_long_tag_is_kept(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        f"<body><h1>Ships</h1><p>They wait here for long.</p>{tag}The council should measure it.</p></body>"
    )
    assert "They wait here for long." in (found := read_paper(path).text)
    assert "The council should measure it." in found


@needs_fork
def test_a_note_that_is_called_very_often_is_refused_early(tmp_path: Path) -> None:
    import docx  # noqa: F401

    path = tmp_path / "a.docx"
    path.write_bytes(made(greedy.word_many, "notes", 20_000).data)
    said = outcome(lambda: read_paper(path), seconds=20, mebibytes=512)
    assert "for each byte" in said
    assert said != STOPPED
