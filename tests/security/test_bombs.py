"""Files that unpack, expand or nest to far more than they are: each is refused or read within bounds."""

from __future__ import annotations

import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from argmine.annotation.files import read_annotations
from argmine.annotation.validation import FOLDER, read_plan
from argmine.argument_map import ArgumentMap
from argmine.formats import TABLE, read_map
from argmine.paper import Paper
from argmine.pipeline import load
from argmine.readers import ReadOptions, read_paper

from .bounded import RESULT, STOPPED, needs_fork, outcome

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from research.damage import documents  # noqa: E402

pytestmark = needs_fork
SECRET = "the secret words of another file"

# --- XML

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
LONG = "<!ENTITY long '" + "a" * 100_000 + "'>"
DECLARED = {
    "a billion laughs": (f'<!ENTITY l0 "laughs">{LAUGHS}', "&l11;"),
    "a long entity many times": (LONG, "&long;" * 20_000),
    "an entity of itself": ('<!ENTITY me "&me;">', "&me;"),
    "a file": ('<!ENTITY file SYSTEM "{}">', "&file;"),
    "an address": ('<!ENTITY file SYSTEM "http://127.0.0.1:9/secret">', "&file;"),
    "a parameter": ('<!ENTITY % file SYSTEM "{}"> %file;', ""),
}
BODIES = {
    ".jats.xml": "<article><front><article-meta><title-group><article-title>Ships</article-title></title-group>"
    "</article-meta></front><body><sec><title{attribute}>Ships</title><p>Ships wait here for long. {inside}</p></sec>"
    "</body></article>",
    ".tei.xml": '<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body><div><head{attribute}>Ships</head>'
    "<p>Ships wait here for long. {inside}</p></div></body></text></TEI>",
    ".html": "<html><body><article><h1{attribute}>Ships</h1><p>Ships wait here for long. {inside}</p></article></body>"
    "</html>",
    ".xmi": '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore"><cas:Sofa xmi:id="1" '
    'sofaString="Ships wait here for long."{attribute}/>{inside}</xmi:XMI>',
    ".arggraph.xml": '<arggraph id="a"><edu id="e1"{attribute}><![CDATA[Ships wait.]]>{inside}</edu>'
    '<adu id="a1" type="pro"/><edge id="c1" src="e1" trg="a1" type="seg"/></arggraph>',
}
READERS: dict[str, Callable[[Path], object]] = {
    ".xmi": lambda path: read_map(path, format="xmi"),
    ".arggraph.xml": lambda path: read_map(path, format="argument-graph"),
}


def read_text_of(path: Path, kind: str) -> Callable[[], object]:
    """Reads the file and fails where the words of another file are in it."""

    def read() -> None:
        found = READERS.get(kind, read_paper)(path)
        assert SECRET not in repr(found)

    return read


def fill(kind: str, declared: str, inside: str, attribute: str) -> str:
    root = {".html": "html", ".xmi": "xmi:XMI", ".arggraph.xml": "arggraph", ".tei.xml": "TEI"}.get(kind, "article")
    body = BODIES[kind].replace("{inside}", inside).replace("{attribute}", attribute)
    return f'<?xml version="1.0"?>\n<!DOCTYPE {root} [{declared}]>\n{body}'


@pytest.mark.parametrize("what", DECLARED)
@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("where", ["text", "attribute"])
def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path, kind: str, what: str, where: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    declared, used = DECLARED[what]
    inside, attribute = (used, "") if where == "text" else ("", f' id="{used}"')
    path = tmp_path / f"a{kind}"
    path.write_text(fill(kind, declared.replace("{}", secret.as_uri()), inside, attribute), encoding="utf-8")
    assert outcome(read_text_of(path, kind), seconds=10, mebibytes=256) != STOPPED


@pytest.mark.parametrize("kind", BODIES)
def test_included_files_are_not_read(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    dtd = f"<!DOCTYPE article SYSTEM '{secret.as_uri()}'>\n"
    path = tmp_path / f"a{kind}"
    path.write_text(dtd + BODIES[kind].replace("{inside}", include).replace("{attribute}", ""), encoding="utf-8")
    assert outcome(read_text_of(path, kind), seconds=10, mebibytes=256) != STOPPED


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("tag", ["p", "sec", "div"])
def test_deep_nesting_ends(tmp_path: Path, kind: str, tag: str) -> None:
    inside = f"<{tag}>" * 30_000 + "deep" + f"</{tag}>" * 30_000
    path = tmp_path / f"a{kind}"
    path.write_text(BODIES[kind].replace("{inside}", inside).replace("{attribute}", ""), encoding="utf-8")
    assert outcome(read_text_of(path, kind), seconds=30, mebibytes=512) != STOPPED


# --- ZIP


def word_file(document: bytes, more: dict[str, bytes] | None = None) -> bytes:
    import docx

    made = io.BytesIO()
    docx.Document().save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, document if entry.filename == "word/document.xml" else old.read(entry))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def word(inside: bytes, declared: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + declared + b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml'
        b'/2006/main"><w:body><w:p><w:r><w:t>' + inside + b"</w:t></w:r></w:p></w:body></w:document>"
    )


SPOKEN = b"Ships wait longer in the harbour now. The council should measure the berths. "


def lying() -> bytes:
    """A file whose entry for the document says that it is small."""
    document = word(SPOKEN * 60_000)
    made = bytearray(word_file(document))
    size = struct.pack("<I", len(document))
    while (at := made.find(size)) >= 0:
        made[at : at + 4] = struct.pack("<I", 2000)
    return bytes(made)


LAUGHING = f'<!DOCTYPE w:document [<!ENTITY l0 "laughs">{LAUGHS}]>'.encode()
ANOTHERS = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
NESTED = b"</w:t></w:r>" + b"<w:ins>" * 20_000 + b"</w:ins>" * 20_000 + b"<w:r><w:t>"
WORD_BOMBS: dict[str, Callable[[], bytes]] = {
    "spaces": lambda: word_file(word(b" " * 20_000_000)),
    "a size that lies": lying,
    "many entries": lambda: word_file(word(SPOKEN), {f"word/media/{n}.xml": b"" for n in range(10_000)}),
    "a file in itself": lambda: word_file(word(SPOKEN), {"word/embeddings/a.docx": word_file(word(SPOKEN))}),
    "a path": lambda: word_file(word(SPOKEN), {"../../../../tmp/up.xml": b"<a/>", "/etc/up": b"x"}),
    "laughs": lambda: word_file(word(b"&l11;", LAUGHING)),
    "a file's words": lambda: word_file(word(b"&f;", ANOTHERS)),
    "deep": lambda: word_file(word(SPOKEN + NESTED)),
    "one file after another": lambda: word_file(word(SPOKEN)) * 2,
}


@pytest.mark.parametrize("what", WORD_BOMBS)
def test_word_files_unpack_to_no_more_than_a_document(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(WORD_BOMBS[what]())

    def read() -> None:
        assert "root:" not in read_paper(path).text

    assert outcome(read, seconds=20, mebibytes=512) != STOPPED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.docx"]


def told_size(data: bytes, size: int) -> bytes:
    """A ZIP file all of whose entries of this size say that they hold 2,000 bytes."""
    return data.replace(struct.pack("<I", size), struct.pack("<I", 2000))


NAMED_OFTEN = (
    '<package><manifest><item id="a" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine>'
    + '<itemref idref="a"/>' * 100_000
    + "</spine></package>"
)
OTHER_BOMBS: dict[str, Callable[[], tuple[str, bytes]]] = {
    "spaces in OpenDocument": lambda: (".odt", documents.open_document(" " * 20_000_000)),
    "laughs in OpenDocument": lambda: (
        ".odt",
        documents.zipped(
            "application/vnd.oasis.opendocument.text", {"content.xml": LAUGHING.replace(b"w:document", b"a")}
        ),
    ),
    "deep OpenDocument": lambda: (".odt", documents.open_document("<text:p>" * 20_000 + "</text:p>" * 20_000)),
    "a chapter of spaces": lambda: (".epub", documents.book({"c.xhtml": " " * 20_000_000})),
    "a chapter whose size lies": lambda: (
        ".epub",
        told_size(documents.book({"c.xhtml": "So it is. " * 500_000}), 5_000_057),
    ),
    "a text that is named very often": lambda: (
        ".epub",
        documents.book(
            {"c.xhtml": SPOKEN.decode()},
            {"b/p.opf": NAMED_OFTEN},
        ),
    ),
    "very many chapters": lambda: (".epub", documents.book({f"c{n}.xhtml": "<p>So it is.</p>" for n in range(3000)})),
    "an e-book's paths": lambda: (".epub", documents.book({"../../../../etc/passwd": SPOKEN.decode()})),
    "groups in groups": lambda: (".rtf", b"{\\rtf1 " + b"{" * 3_000_000),
    "very many marks": lambda: (".rtf", b"{\\rtf1 " + b"\\b\\b0" * 150_000 + b"}"),
    "a picture longer than its file": lambda: (".rtf", b"{\\rtf1 So it is.{\\pict\\bin9999999999 }}"),
}


@pytest.mark.parametrize("what", OTHER_BOMBS)
def test_other_packages_and_rtf_take_no_more_than_a_document(tmp_path: Path, what: str) -> None:
    suffix, data = OTHER_BOMBS[what]()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)

    def read() -> None:
        assert "root:" not in read_paper(path).text

    assert outcome(read, seconds=20, mebibytes=512) != STOPPED
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


# --- JSON

JSON_BOMBS = {
    "deep lists": "[" * 300_000,
    "deep lists, closed": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 300_000,
    "a number of a million digits": "1" * 1_000_000,
    "an infinite number": "1e999999",
    "no number": "NaN",
    "half a character": '"\\ud800"',
    "a key many times": "{" + '"a": 1, ' * 300_000 + '"a": 2}',
    "a million items": "[" + "null," * 1_000_000 + "null]",
}
PLACES = {
    "paper.json": '{{"schema": "argmine/paper/1", "source": {{"file": "a", "sha256": "b", "media_type": "c", "reader": '
    '"d"}}, "text": "", "year": {}}}',
    "map.json": '{{"schema": "argmine/map/1", "paper": {{"file": "a", "sha256": "b", "text_sha256": "c"}}, "made_by": '
    '{{"kind": "model", "name": {0}}}, "scores": {{"model": {{"a": {0}}}}}}}',
    "annotations": '{{"type": "header", "schema": "argmine/annotation/1", "annotator": {}}}',
    "plan": '{{"schema": "argmine/validation/1", "sizes": {{"a": {}}}}}',
}
LOADERS: dict[str, Callable[[Path], object]] = {
    "paper.json": Paper.from_file,
    "map.json": ArgumentMap.from_file,
    "annotations": read_annotations,
    "plan": lambda path: read_plan(path.parent.parent, "me"),
}


@pytest.mark.parametrize("what", JSON_BOMBS)
@pytest.mark.parametrize("kind", PLACES)
def test_own_files_that_are_a_bomb_are_refused_in_one_line(tmp_path: Path, kind: str, what: str) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    path = folder / ("me.plan.json" if kind == "plan" else "a.jsonl" if kind == "annotations" else "a.json")
    for text in (JSON_BOMBS[what], PLACES[kind].format(JSON_BOMBS[what])):
        path.write_text(text, encoding="utf-8")
        said = outcome(lambda: LOADERS[kind](path), mebibytes=512)
        assert said == RESULT or path.name in said
        assert len(said.splitlines()) == 1
        assert len(said) < 2000
        assert outcome(lambda: load(path), mebibytes=512) != STOPPED


FOREIGN = {
    "xaif": '{{"AIF": {{"nodes": [{{"nodeID": 1, "text": {0}, "type": "I"}}], "edges": [], "locutions": []}}}}',
    "aif": '{{"nodes": [{{"nodeID": "1", "text": {0}, "type": "I"}}], "edges": {0}, "locutions": []}}',
    "sadface": '{{"nodes": [{{"id": "1", "type": "atom", "text": {0}}}], "edges": {0}, "metadata": {{}}}}',
    "doccano": '{{"text": "Ships wait.", "label": [[0, {0}, "claim"]]}}\n',
    "prodigy": '{{"text": "Ships wait.", "spans": [{{"start": 0, "end": {0}, "label": "claim"}}]}}\n',
    "label-studio": '[{{"data": {{"text": "Ships wait."}}, "annotations": [{{"result": [{{"type": "labels", "value": '
    '{{"start": {0}, "end": 5, "labels": ["claim"]}}}}]}}]}}]',
    "web-annotation": '{{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationCollection", "first": '
    '{{"items": {0}}}}}',
    "cas-json": '{{"%TYPES": {{}}, "%FEATURE_STRUCTURES": [{{"%ID": {0}, "%TYPE": "uima.cas.Sofa"}}]}}',
}


@pytest.mark.parametrize("what", JSON_BOMBS)
@pytest.mark.parametrize("kind", FOREIGN)
def test_other_tools_files_that_are_a_bomb_end(tmp_path: Path, kind: str, what: str) -> None:
    path = tmp_path / "a.json"
    for text in (JSON_BOMBS[what], FOREIGN[kind].format(JSON_BOMBS[what])):
        path.write_text(text, encoding="utf-8")
        said = outcome(lambda: read_map(path, format=kind), mebibytes=1024)
        assert said != STOPPED
        assert len(said.splitlines()) == 1


def test_every_format_in_json_is_tried() -> None:
    others = {"map", "annotations", "xmi", "webanno-tsv", "brat", "conll", "argdown", "argument-graph", "graphml",
              "dot", "csv", "markdown"}  # fmt: skip
    assert FOREIGN.keys() | others == TABLE.keys()


# --- PDF


def packed(data: bytes, filters: str) -> bytes:
    return b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (len(data), filters.encode(), data)


def lzw(byte: int, length: int) -> bytes:
    """LZW of one byte again and again: codes that grow by one, cleared when the table is full."""
    bits = 0
    count = 0
    out = bytearray()
    made = 0

    def put(code: int, width: int) -> None:
        nonlocal bits, count
        bits, count = bits << width | code, count + width
        while count >= 8:
            out.append(bits >> (count - 8) & 255)
            count -= 8
            bits &= (1 << count) - 1

    while made < length:
        put(256, 9)
        put(byte, 9)
        made += 1
        size = 1
        for code in range(258, 4094):
            width = 9 if code < 511 else 10 if code < 1023 else 11 if code < 2047 else 12
            put(code, width)
            size += 1
            made += size
            if made >= length:
                break
    put(257, 12)
    return bytes(out + bytes([bits << (8 - count) & 255]))


def pdf_of(data: bytes, filters: str) -> bytes:
    from research.damage.pdf_made import page_content, paper, stream

    return paper([stream(page_content(Random(1))), packed(data, filters)])


SPACES = b" " * 30_000_000
PDF_BOMBS: dict[str, Callable[[], bytes]] = {
    "Flate": lambda: pdf_of(zlib.compress(SPACES, 9), "/FlateDecode"),
    "Flate thrice": lambda: pdf_of(zlib.compress(zlib.compress(zlib.compress(SPACES, 9), 9), 9), "/FlateDecode " * 3),
    "LZW": lambda: pdf_of(lzw(32, 4_000_000), "/LZWDecode"),
    "run lengths": lambda: pdf_of(b"\x81 " * 100_000 + b"\x80", "/RunLengthDecode"),
    "hexadecimal of Flate": lambda: pdf_of(zlib.compress(b"20" * 5_000_000, 9), "/FlateDecode /ASCIIHexDecode"),
    "a hundred filters": lambda: pdf_of(b"20", "/ASCIIHexDecode " * 100),
    "a filter that is none": lambda: pdf_of(b"20", "/Bomb"),
    "endless columns": lambda: pdf_of(
        zlib.compress(SPACES, 9),
        "/FlateDecode] /DecodeParms [<< /Predictor 12 /Columns 2000000000 /Colors 32 /BitsPerComponent 16 >>",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdfium", "pdfplumber"])
@pytest.mark.parametrize("what", PDF_BOMBS)
def test_packed_streams_of_a_pdf_end(tmp_path: Path, what: str, engine: str) -> None:
    import pdfplumber  # noqa: F401  (loaded before the child's memory is bounded)
    import pypdfium2  # noqa: F401

    path = tmp_path / "a.pdf"
    path.write_bytes(PDF_BOMBS[what]())
    said = outcome(lambda: read_paper(path, ReadOptions(reader=engine, ocr="never")), seconds=60, mebibytes=1500)  # type: ignore[arg-type]
    assert said != STOPPED


@pytest.mark.slow
def test_a_page_of_endless_size_is_drawn_in_bounded_pixels_for_recognition(tmp_path: Path) -> None:
    import pypdfium2  # noqa: F401

    from research.damage.pdf_made import paper, stream

    path = tmp_path / "a.pdf"
    box = b"[0 0 200000 200000]"
    path.write_bytes(paper([stream(b"0 0 100000 100000 re f")], box=box))
    assert outcome(lambda: read_paper(path, ReadOptions(ocr="auto")), seconds=60, mebibytes=1500) != STOPPED
