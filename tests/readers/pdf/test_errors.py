"""Files that cannot be read say so in one line, and say what to do."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from argmine.errors import ReadError
from tests.readers.pdf.conftest import HEIGHT, WIDTH, WORDS, Sheet, read_pdf, texts

SAMPLES = Path(__file__).parents[3] / "corpus" / "samples"


def reason(path: Path, **options: object) -> str:
    with pytest.raises(ReadError) as caught:
        read_pdf(path, **options)
    assert caught.value.path == str(path)
    assert "\n" not in str(caught.value)
    return caught.value.reason


def encrypted(sheet: Sheet, password: str) -> Path:
    sheet.paragraph(70, 100, WORDS)
    writer = PdfWriter(clone_from=PdfReader(sheet.save()))
    writer.encrypt(password, algorithm="AES-256")
    writer.write(sheet.path)
    return sheet.path


@pytest.mark.parametrize("engine", ["pdfium", "pdfplumber"])
def test_encrypted_files_want_their_password(sheet: Sheet, engine: str) -> None:
    path = encrypted(sheet, "secret")
    assert reason(path, reader=engine) == "is encrypted; give its password with --password"
    assert "wrong" in reason(path, reader=engine, password="guess")
    assert texts(read_pdf(path, reader=engine, password="secret"), "paragraph") == [WORDS]


@pytest.mark.parametrize("engine", ["pdfium", "pdfplumber"])
def test_a_file_cut_off_early_is_damaged(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(next(SAMPLES.glob("*.pdf")).read_bytes()[:3000])
    assert "damaged" in reason(path, reader=engine)


def test_pictures_of_pages_need_ocr(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    Image.new("RGB", (600, 800), (200, 200, 200)).save(path)
    assert "OCR" in reason(path, ocr="never")


def test_blank_pages_hold_no_text(sheet: Sheet) -> None:
    sheet.canvas.line(10, 10, 50, 50)
    # What follows depends on whether tesseract is installed.
    assert reason(sheet.save()).startswith("holds no text")


def test_the_source_is_described(sheet: Sheet) -> None:
    sheet.paragraph(70, 100, WORDS)
    paper = sheet.read()
    assert paper.pages == 1
    assert paper.reader.startswith("pdfium ")


def test_a_picture_among_pages_is_a_warning(sheet: Sheet, tmp_path: Path) -> None:
    sheet.paragraph(70, 100, WORDS)
    picture = tmp_path / "b.pdf"
    Image.new("RGB", (600, 800), (200, 200, 200)).save(picture)
    writer = PdfWriter(clone_from=PdfReader(sheet.save()))
    writer.append(PdfReader(picture))
    writer.write(sheet.path)
    assert [(w.code, w.page) for w in read_pdf(sheet.path, ocr="never").warnings] == [("page", 2)]


def test_a_scan_with_the_text_of_another_page_is_a_warning(sheet: Sheet) -> None:
    for _ in range(2):
        sheet.canvas.drawInlineImage(Image.new("L", (60, 80), 200), 0, 0, WIDTH, HEIGHT)
        sheet.paragraph(70, 100, f"{WORDS} {WORDS}")
        sheet.new_page()
    paper = read_pdf(sheet.save(), ocr="never")
    assert [(w.page, w.message.split(";")[0]) for w in paper.warnings] == [
        (2, "has the text of page 1 under its picture")
    ]
    assert texts(paper, "paragraph") == [f"{WORDS} {WORDS}"]


@pytest.mark.parametrize("seed", range(12))
def test_damage_gives_a_reading_or_a_clear_error(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.choice(sorted(SAMPLES.glob("*.pdf"))).read_bytes())
    for _ in range(rng.randrange(1, 80)):
        at = rng.randrange(len(data) - 20)
        data[at : at + rng.randrange(1, 20)] = rng.randbytes(rng.randrange(1, 20))
    path = tmp_path / "damaged.pdf"
    path.write_bytes(data)
    with suppress(ReadError):
        read_pdf(path)


def test_both_engines_read_the_same(sheet: Sheet) -> None:
    sheet.text(70, 60, "1 The Harbour", 14, "Times-Bold")
    sheet.paragraph(70, 90, WORDS)
    path = sheet.save()
    first, second = read_pdf(path), read_pdf(path, reader="pdfplumber")
    assert texts(first, "heading", "title", "paragraph") == texts(second, "heading", "title", "paragraph")
    assert second.reader.startswith("pdfplumber ")


@pytest.mark.parametrize("reader", ["pdfium", "pdfplumber"])
def test_a_pdf_of_more_pages_than_are_allowed_is_refused(reader: str) -> None:
    path = SAMPLES / "climate-retrofit.pdf"
    assert read_pdf(path, reader=reader, max_pages=3).pages == 3
    assert reason(path, reader=reader, max_pages=2) == (
        "has more than 2 pages; allow more with --max-pages, or split it"
    )
