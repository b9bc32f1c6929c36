"""Text whose fonts say little of it, or nothing: what is recovered, and what is said where it can't be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pdfminer.pdfinterp import PDFPageInterpreter
from pypdf import PdfReader, PdfWriter

from argmine.errors import ReadError
from argmine.readers.pdf.glyphs import PageGlyphs, Run, make_font
from argmine.readers.pdf.legible import drop_unreadable, spans, strangeness
from research.damage.pdf_made import document, stream
from tests.readers.pdf.conftest import WORDS, read_pdf, texts

LIGATURES = (
    "The first office of the staff offers a different definition of what a fluent waffle is, which reflects "
    "how difficult and inefficient it is to find officials who affirm the five benefits of flat files."
)
PLAIN = "/Subtype /Type1 /BaseFont /ABCDEF+Harbour"
PAIRS = ("ffi", "ffl", "ff", "fi", "fl")


def pdf(
    path: Path, text: str, font: str, codes: Mapping[str, int] | None = None, *, wide: bool = False, drawing: str = ""
) -> Path:
    """A page that shows a text in lines, whose pairs and characters have these codes, by a font of this description."""
    codes = codes or {}
    of_one = "|".join(map(re.escape, sorted(codes, key=len, reverse=True))) or "(?!)"
    lines = re.findall(r".{1,80}(?:\s|$)", text)
    shown = []
    for line in lines:
        signs = [codes.get(sign, ord(sign[0])) for sign in re.findall(f"{of_one}|.", line)]
        shown.append("<" + "".join(f"{code:0{4 if wide else 2}X}" for code in signs) + "> Tj T*")
    content = "/D Do BT /F1 10 Tf 12 TL 72 700 Td\n" + "\n".join(shown) + "\nET"
    width = "/DW 500" if wide else f"/FirstChar 0 /LastChar 255 /Widths [{' '.join(['500'] * 256)}]"
    inner = f"<< /Type /Font {font} {width} >>"
    top = "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Harbour /Encoding /Identity-H /DescendantFonts [4 0 R] >>"
    path.write_bytes(document({
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
        3: (top if wide else inner).encode(),
        4: inner.encode(),
        10: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R"
            b" /Resources << /Font << /F1 3 0 R >> /XObject << /D 12 0 R >> >> >>",
        11: stream(content.encode()),
        12: stream(drawing.encode(), b"/Type /XObject /Subtype /Form /BBox [0 0 612 792]"),
    }))  # fmt: skip
    return path


def named(names: Mapping[int, str]) -> str:
    return "/Encoding << /Differences [" + " ".join(f"{code} /{name}" for code, name in sorted(names.items())) + "] >>"


def paragraphs(path: Path, **options: object) -> str:
    return closed(" ".join(texts(read_pdf(path, **options), "paragraph")))


def closed(text: str) -> str:
    """Without spaces, which depend on the widths of a font that is not there."""
    return text.replace(" ", "")


@pytest.mark.parametrize("style", ["{0}", "uni{1}", "{2}", "{2}.liga"])
@pytest.mark.parametrize("first", [2, 11, 27, 128])
def test_ligatures_at_any_code_are_told_by_their_names(tmp_path: Path, style: str, first: int) -> None:
    codes = {pair: first + i for i, pair in enumerate(PAIRS)}
    points = ("FB03", "FB04", "FB00", "FB01", "FB02")
    names = {first + i: style.format(pair, points[i], "_".join(pair)) for i, pair in enumerate(PAIRS)}
    assert paragraphs(pdf(tmp_path / "a.pdf", LIGATURES, PLAIN + named(names), codes)) == closed(LIGATURES)


def test_ligatures_of_tex_without_names_are_told_by_their_codes(tmp_path: Path) -> None:
    for name, codes in {
        "t1.pdf": dict(zip(("ff", "fi", "fl", "ffi", "ffl"), range(27, 32), strict=True)),
        "ot1.pdf": dict(zip(("ff", "fi", "fl", "ffi", "ffl"), range(11, 16), strict=True)),
    }.items():
        font = PLAIN + named({code: f"x{code}" for code in codes.values()})
        assert paragraphs(pdf(tmp_path / name, LIGATURES, font, codes)) == closed(LIGATURES)


def test_names_that_are_numbers_of_codes_are_not_those_of_dingbats(tmp_path: Path) -> None:
    font = PLAIN + named({code: f"a{code}" for code in range(33, 127)})
    assert paragraphs(pdf(tmp_path / "a.pdf", WORDS, font)) == closed(WORDS)


def test_large_drawings_are_not_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, x: object, y: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PDFPageInterpreter, "do_l", fail)
    codes = dict(zip(PAIRS, range(128, 133), strict=True))
    font = PLAIN + named({code: "_".join(pair) for pair, code in codes.items()})
    path = pdf(tmp_path / "a.pdf", LIGATURES, font, codes, drawing="10 20 l\n" * 150_000)
    assert paragraphs(path) == closed(LIGATURES)


def test_dingbats_stay_what_they_are(tmp_path: Path) -> None:
    font = PLAIN + named({33: "a1", 34: "a20"})
    assert paragraphs(pdf(tmp_path / "a.pdf", WORDS + ' It was well !" done.', font)).endswith("\u2701\u2714done.")


def test_glyphs_in_their_usual_order_need_no_table(tmp_path: Path) -> None:
    codes = {chr(code): code - 29 for code in range(32, 127)}
    font = PLAIN.replace("Type1", "CIDFontType2") + "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) >>"
    assert paragraphs(pdf(tmp_path / "a.pdf", WORDS, font, codes, wide=True)) == closed(WORDS)


def swapped(text: str) -> str:
    return text.translate(str.maketrans("aeiourstnlhdc", "qxzvkwjpgmbfy"))


def test_text_with_swapped_letters_is_not_read(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", swapped(f"{WORDS} {LIGATURES}"), PLAIN)
    with pytest.raises(ReadError, match=r"has text in fonts that don't say which characters it is of; .*OCR|tesseract"):
        read_pdf(path, ocr="never")


def test_pages_that_cannot_be_read_are_left_out_with_a_warning(tmp_path: Path) -> None:
    writer = PdfWriter()
    for name, text in (("a.pdf", f"{WORDS} {LIGATURES}"), ("b.pdf", swapped(f"{WORDS} {LIGATURES}"))):
        writer.append(PdfReader(pdf(tmp_path / name, text, PLAIN)))
    writer.write(tmp_path / "both.pdf")
    paper = read_pdf(tmp_path / "both.pdf", ocr="never")
    assert closed(" ".join(texts(paper, "paragraph"))) == closed(WORDS + LIGATURES)
    assert [w.code for w in paper.warnings] == ["glyphs"]
    assert paper.warnings[0].message.startswith("Text on page 2 is set in fonts that don't say which characters these")


def page_of(*faces: tuple[int, str, str]) -> PageGlyphs:
    """A page of text in faces, each with a font's name."""
    page = PageGlyphs(1, 600, 800)
    page.runs = [
        Run(word, 50, 90, 100, make_font(name, 10), True, k, face)
        for face, name, text in faces
        for k, word in enumerate(text.split())
    ]
    return page


@pytest.mark.parametrize("name", ["NimbusMonL-Regu", "Harbour"])
def test_a_font_for_names_of_programs_is_kept(name: str) -> None:
    page = page_of((1, "Times", 100 * WORDS), (2, name, 7 * "ggtern hrbrthemes xtrctr wrkflw8x "))
    assert drop_unreadable([page]) == set()
    assert {run.face for run in page.runs} == {1, 2}


@pytest.mark.parametrize(
    "text",
    [
        WORDS + " " + LIGATURES,
        "Alle Menschen sind frei und gleich an W\u00fcrde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
        "begabt und sollen einander im Geist der Br\u00fcderlichkeit begegnen, und niemand darf in Sklaverei leben.",
        "Genir pawb yn rhydd ac yn gydradd \u00e2'i gilydd mewn urddas a hawliau. Fe'u cynysgaeddir \u00e2 rheswm a "
        "chydwybod, a dylai pawb ymddwyn y naill at y llall mewn ysbryd cymodlon, heb wahaniaethu o unrhyw fath.",
        "Wszyscy ludzie rodz\u0105 si\u0119 wolni i r\u00f3wni pod wzgl\u0119dem swej godno\u015bci i swych praw. "
        "S\u0105 oni obdarzeni rozumem i sumieniem i powinni post\u0119powa\u0107 wobec innych w duchu braterstwa. "
        "Ka\u017cdy cz\u0142owiek ma prawo do \u017cycia, wolno\u015bci i bezpiecze\u0144stwa swojej osoby zawsze.",
    ],
)
def test_languages_are_not_strange(text: str) -> None:
    assert 0 < strangeness(2 * text.split()) < 11 < 14 < strangeness(swapped(f"{WORDS} {LIGATURES}").split())


def test_pages_are_named_in_runs() -> None:
    assert spans([7, 3, 5, 6, 9]) == "3, 5\u20137, 9"
