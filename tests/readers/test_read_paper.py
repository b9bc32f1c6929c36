"""`read_paper`: the right reader for each file, and one clear line for what can't be read."""

from __future__ import annotations

import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest

from argmine import readers
from argmine.errors import FormatError, ReadError
from argmine.readers import SUFFIXES, Format, ReadOptions, SourceFile, format_of, read_paper
from argmine.readers.raw_document import RawBlock, RawDocument
from argmine.readers.refused import SKIPPED

TEXT = (
    "The towns of the coast have long lived by their ships and by what the ships brought in. "
    "Their councils now argue about what to do with the quays."
)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_the_source_is_filled_in(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    source = read_paper(path).source
    assert (source.file, source.media_type, source.pages) == ("a.txt", "text/plain", None)
    assert source.sha256 == sha256(TEXT.encode()).hexdigest()
    assert source.reader.startswith("argmine ")


def test_the_language_is_found(tmp_path: Path) -> None:
    assert read_paper(write(tmp_path / "a.txt", TEXT)).language == "en"
    german = "Die Städte an der Küste haben lange von ihren Schiffen gelebt und von dem, was diese Schiffe brachten."
    assert read_paper(write(tmp_path / "b.txt", german)).language == "de"
    assert read_paper(write(tmp_path / "c.txt", "It is so.")).language is None


def test_content_decides_before_the_suffix(tmp_path: Path) -> None:
    article = f"<article><body><p>{TEXT}</p></body></article>"
    assert read_paper(write(tmp_path / "a.txt", article)).source.media_type == "application/jats+xml"
    assert read_paper(write(tmp_path / "a.nxml", article)).source.media_type == "application/jats+xml"
    assert read_paper(write(tmp_path / "a.md", f"# One\n\n{TEXT}")).source.media_type == "text/markdown"
    assert read_paper(write(tmp_path / "a", TEXT)).source.media_type == "text/plain"
    assert read_paper(write(tmp_path / "b.txt", f"<i>{TEXT}</i>")).source.media_type == "text/plain"


def test_a_paper_json_is_read_back(tmp_path: Path) -> None:
    paper = read_paper(write(tmp_path / "a.txt", TEXT))
    assert read_paper(write(tmp_path / "paper.json", paper.to_json())) == paper


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16"],
)  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str) -> None:
    paper = read_paper(write(tmp_path / "a.txt", f"Über “quays”. {TEXT}".encode(encoding)))
    assert paper.text.startswith("Über “quays”. The towns")
    assert not paper.warnings


def test_an_encoding_that_was_guessed_is_a_warning(tmp_path: Path) -> None:
    paper = read_paper(write(tmp_path / "a.txt", f"Über “quays”. {TEXT}".encode("cp1252")))
    assert paper.text.startswith("Über “quays”.")
    assert [w.code for w in paper.warnings] == ["encoding"]


BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.txt", b"", "is empty"),
    "blank": ("a.txt", b" \n\n", "is empty"),
    "no sentences": ("a.txt", b"12\n\n13\n", "no body sentences"),
    "binary": ("a.txt", bytes(range(256)) * 40, "is no text"),
    "utf-16 without its mark": ("a.txt", TEXT.encode("utf-16-le"), "is no text"),
    "text named pdf": ("a.pdf", TEXT.encode(), "is no PDF"),
    "odt": ("a.odt", b"PK\x03\x04" + b"\x00" * 30 + b"mimetypeapplication/vnd.oasis.opendocument.text", "cut short"),
    "epub": ("a.epub", b"PK\x03\x04" + b"\x00" * 30 + b"mimetypeapplication/epub+zip", "cut short"),
    "doc": (
        "a.doc",
        b"\xd0\xcf\x11\xe0" + b"\x00" * 30,
        r"old Word.*; open it in Word or LibreOffice and save it as .docx",
    ),
    "pptx": ("a.pptx", b"PK\x03\x04" + b"\x00" * 30 + b"ppt/slides", "PowerPoint.*; export it as PDF"),
    "mobi": ("a.mobi", b"a" * 60 + b"BOOKMOBI", "Kindle.*; convert it to .epub"),
    "zip": ("a.zip", b"PK\x03\x04" + b"\x00" * 30, "ZIP.*; unpack it"),
    "picture": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, "picture"),
    "no jats": ("a.xml", b"<?xml version='1.0'?><book/>", "not a JATS article"),
    "broken xml": ("a.xml", b"<article><body>", "not well-formed"),
    "entities": ("a.xml", b'<!DOCTYPE article [<!ENTITY x SYSTEM "/etc/passwd">]><article>&x;</article>', "entities"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_one_clear_line(tmp_path: Path, case: str) -> None:
    name, data, reason = BAD[case]
    with pytest.raises(ReadError, match=reason) as caught:
        read_paper(write(tmp_path / name, data))
    message = str(caught.value)
    assert message.startswith(str(tmp_path / name))
    assert "\n" not in message


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="does not exist"):
        read_paper(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="is a folder"):
        read_paper(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    path.chmod(0)
    with pytest.raises(ReadError, match="permissions"):
        read_paper(path)


@pytest.mark.parametrize("data", [{"schema": "argmine/map/1"}, {"schema": "argmine/paper/9"}, {"no": 1}, []])
def test_json_of_another_schema(tmp_path: Path, data: object) -> None:
    with pytest.raises(FormatError, match="schema"):
        read_paper(write(tmp_path / "paper.json", json.dumps(data)))


def test_broken_json(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not JSON"):
        read_paper(write(tmp_path / "paper.json", '{"schema": '))


def test_ocr_is_for_pdfs_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    assert read_paper(path, ReadOptions(ocr="always")) == read_paper(path)


TYPES: dict[str, tuple[bytes, str]] = {
    "a.docx": (b"PK\x03\x04" + b"\x00" * 30 + b"word/document.xml", "Word"),
    "a.odt": (b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument"),
    "a.epub": (b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/epub+zip", "EPUB"),
    "b.epub": (b"PK\x03\x04" + b"\x00" * 26 + b"META-INF/container.xml", "EPUB"),
    "a.doc": (b"\n{\\rtf1 It is.}", "RTF"),
    "a.html": (b"<!DOCTYPE html><html><body><p>It is.</p></body></html>", "HTML"),
    "b.html": (b"<p>It is.</p>", "HTML"),
    "c.html": (b"It is.", "plain text"),
    "a.xml": (b'<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0"/>', "TEI XML"),
    "b.xml": (b"<!-- <html> --><t:TEI xmlns:t='http://www.tei-c.org/ns/1.0'/>", "TEI XML"),
    "c.xml": (b'{"schema": 1}', "paper.json"),
    "d.xml": (b"{schema}", "JATS XML"),
    "a.json": (b"[1]", "paper.json"),
    "b.json": (b"<?xml version='1.0'?><article/>", "JATS XML"),
    "c.json": (b"<b>", "paper.json"),
    "a.mkd": (b"It is.", "Markdown"),
    "a.txt": (b"% a\n%PDF-1.7", "PDF"),
}


@pytest.mark.parametrize("name", TYPES)
def test_the_format_is_told(name: str) -> None:
    data, kind = TYPES[name]
    assert format_of(SourceFile(Path(name), data)).name == kind


def test_a_format_is_an_entry_and_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("argmine.readers.djvu")
    module.read = lambda file, options: RawDocument([RawBlock.of("paragraph", TEXT)])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    entry = Format("DjVu", "image/vnd.djvu", (".djvu",), "djvu", lambda f: f.data.startswith(b"AT&TFORM"))
    path = write(tmp_path / "a.djvu", b"AT&TFORM")
    with pytest.raises(ReadError, match="is a DjVu file"):
        read_paper(path)
    monkeypatch.setattr(readers, "FORMATS", (entry, *readers.FORMATS))
    assert read_paper(path).source.media_type == "image/vnd.djvu"
    assert readers.named_formats().startswith("DjVu, PDF, ")


def test_what_is_no_format_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(
        ReadError, match=r"is a picture \(PNG\); argmine reads PDF \(\.pdf\), Word \(\.docx\), OpenDocument"
    ):
        read_paper(write(tmp_path / "a.png", b"\x89PNG\r\n"))


def test_suffixes_are_those_of_the_formats() -> None:
    assert {".pdf", ".txt", ".md", ".xml", ".nxml"} <= set(SUFFIXES)
    assert ".json" not in SUFFIXES


def test_the_readme_names_each_format() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^Inputs are ([^;]+);", readme, re.MULTILINE)
    assert [kind.name for kind in readers.FORMATS if kind.name.removesuffix(" XML") not in told] == []


def test_no_suffix_is_both_read_and_passed_over() -> None:
    assert not {*SUFFIXES} & {*SKIPPED}
    assert {".doc", ".ppt", ".pptx"} <= {*SKIPPED}
