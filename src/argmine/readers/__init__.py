"""Reading papers: `read_paper` makes a `Paper` of a file, whatever its format; a file's bytes tell which one it is.

A new format is a module with a function `read(file, options)` that gives a `RawDocument`, and an entry in `FORMATS`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from argmine import __version__
from argmine.errors import ReadError
from argmine.io import LARGEST, read_regular
from argmine.readers.raw_document import check_characters, check_json, check_lines, check_markup, check_paper, check_raw

if TYPE_CHECKING:
    from argmine.paper import Paper, ReadingWarning
    from argmine.readers.raw_document import RawDocument

Engine = Literal["pdfium", "pdfplumber"]
Ocr = Literal["auto", "always", "never"]

_LARGEST_TEXT: Final = 40_000_000  # bytes; a larger text or XML file is no paper
_XML: Final = (".xml", ".nxml")
_MARKDOWN: Final = (".md", ".markdown", ".mdown", ".mkd")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How papers are read: all but `footnotes` and `max_bytes` are for PDFs.

    `reader` is the engine for PDFs, `password` opens encrypted ones, `ocr` says which of their pages tesseract
    recognises (those without text, all, none). `footnotes` makes sentences of footnotes too. A PDF of more than
    `max_pages` and a file of more than `max_bytes` are refused; None is no limit.
    """

    reader: Engine = "pdfium"
    ocr: Ocr = "auto"
    password: str | None = None
    footnotes: bool = False
    max_pages: int | None = None
    max_bytes: int | None = LARGEST

    def key(self) -> dict[str, Any]:
        """What of the options changes a paper that can be read, for the stamp: not the password itself."""
        return {"reader": self.reader, "ocr": self.ocr, "footnotes": self.footnotes}


DEFAULTS: Final = ReadOptions()


class Unreadable(ValueError):
    """A file that is damaged or not what it seems; the message says why it can't be read and what to do."""


class Unsupported(ValueError):
    """A file of no format that argmine reads; the message says what it is, and what to do where `advised`."""

    def __init__(self, why: object, *, advised: bool = False) -> None:
        super().__init__(str(why))
        self.advised = advised


@dataclass
class SourceFile:
    """A file to read: its bytes, what they say about its format, and the warnings about it so far."""

    path: Path
    data: bytes
    warnings: list[ReadingWarning] = field(default_factory=list)

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @cached_property
    def start(self) -> str:
        """The first characters of a text, without byte order mark and white space. Raises Unsupported for no text."""
        from argmine.readers.refused import refusal

        if (kind := refusal(self.data, self.suffix)) is not None:
            raise Unsupported(kind, advised=bool(kind.advice))
        if self.suffix == ".pdf":
            raise Unsupported("is named .pdf but is no PDF; give it the suffix of what it is")
        return self._first(4096)

    @cached_property
    def root(self) -> str:
        """The name of the first element of markup without its namespace; empty for other texts."""
        if not self.start.startswith("<"):
            return ""
        found = re.search(r"<(?![?!])(?:\w+:)?([A-Za-z][\w.-]*)", _without_comments(self._first(65536)))
        return found.group(1) if found else ""

    @property
    def is_zip(self) -> bool:
        return self.data.startswith(b"PK\x03\x04")

    @property
    def is_json(self) -> bool:
        if self.suffix == ".json":
            return self.start.startswith("{") or not (self.is_html or self.is_tei or self.is_jats)
        return bool(re.match(r"\{\s*\"", self.start))

    @property
    def is_html(self) -> bool:
        named = self.suffix in (".html", ".htm") or re.match(r"<!doctype\s+html", self.start, re.IGNORECASE)
        return self.start.startswith("<") and bool(named or self.root.lower() == "html")

    @property
    def is_tei(self) -> bool:
        return self.root in ("TEI", "TEI.2", "teiCorpus")

    @property
    def is_jats(self) -> bool:
        rooted = self.root in ("article", "pmc-articleset", "OAI-PMH") or self.start.startswith("<?xml")
        return rooted or (self.suffix in _XML and not self.is_json)

    def _first(self, size: int) -> str:
        head = self.data[:size]
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        return head[: len(head) // 2 * 2].decode(encoding, "replace").lstrip("\ufeff \t\r\n")

    def text(self) -> str:
        """Its text, with a warning where their encoding was guessed. Raises Unsupported, ReadError and TooMuch."""
        self._check_size()
        text, encoding = decode(self.data)
        check_characters(len(text))
        check_lines(text.count("\n") + text.count("\r"))
        if encoding == "cp1252":
            from argmine.paper import ReadingWarning

            message = "the file is not UTF-8 and was read as Windows-1252; save it as UTF-8 if letters are wrong"
            self.warnings.append(ReadingWarning(code="encoding", message=message))
        return text

    def markup(self) -> bytes:
        """The bytes of XML or HTML. Raises ReadError and TooMuch for more than a paper holds."""
        self._check_size()
        check_markup(self.data.count(b"<") // 2)
        return self.data

    def _check_size(self) -> None:
        if (size := len(self.data)) > _LARGEST_TEXT:
            reason = f"is {size // 1_000_000} MB of text, too much for a paper; split it or take out what is data"
            raise ReadError(self.path, reason)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name for messages, its media type, the suffixes that its files are looked for by, the module in
    `argmine.readers` whose `read` reads it, how a file of it is told, and the library that parses it.

    A `read` raises Unreadable for a damaged file; where there is a library, every ValueError counts as one.
    """

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    module: str
    matches: Callable[[SourceFile], bool]
    library: str = ""

    def read(self, file: SourceFile, options: ReadOptions) -> RawDocument:
        """The blocks of a file. Raises ReadError where it can't be read, Unsupported where it is no text."""
        try:
            raw: RawDocument = import_module(f"argmine.readers.{self.module}").read(file, options)
        except ValueError as why:  # in which a library says what is wrong with the file
            if isinstance(why, Unsupported) or not (self.library or isinstance(why, Unreadable)):
                raise
            raise ReadError(file.path, str(why)) from why
        ours = f"{self.library} {version_of(self.library)}" if self.library else f"argmine {__version__}"
        raw.reader = raw.reader or ours
        raw.warnings += file.warnings
        return raw


def _is_epub(file: SourceFile) -> bool:
    return _is_package(file, _EPUB.encode()) or (file.is_zip and b"META-INF/container.xml" in file.data)


def _is_package(file: SourceFile, media_type: bytes) -> bool:
    """Whether a ZIP file's first part says that it is a document of this type, as in e-books and OpenDocument."""
    return file.is_zip and b"mimetype" + media_type in file.data[:200]


_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ODT: Final = "application/vnd.oasis.opendocument.text"
_EPUB: Final = "application/epub+zip"
PAPER_JSON: Final = Format("paper.json", "application/json", (), "", lambda f: f.is_json)
PLAIN_TEXT: Final = Format("plain text", "text/plain", (".txt",), "text", lambda f: True)
FORMATS: Final = (
    # Those that are told by their bytes (`data`) come first. The others ask for `start`, which refuses what stands in
    # `refused`: a format that is listed there and gets a reader is taken out of it.
    Format("PDF", "application/pdf", (".pdf",), "pdf", lambda f: b"%PDF-" in f.data[:1024]),
    Format("Word", _WORD, (".docx",), "docx", lambda f: f.is_zip and b"word/document" in f.data, "python-docx"),
    Format("OpenDocument", _ODT, (".odt",), "odt", lambda f: _is_package(f, _ODT.encode()), "lxml"),
    Format("EPUB", _EPUB, (".epub",), "epub", _is_epub, "lxml"),
    Format("RTF", "application/rtf", (".rtf",), "rtf", lambda f: f.data[:64].lstrip().startswith(b"{\\rtf")),
    PAPER_JSON,
    Format("HTML", "text/html", (".html", ".htm"), "html", lambda f: f.is_html, "lxml"),
    Format("TEI XML", "application/tei+xml", (".xml",), "tei", lambda f: f.is_tei, "lxml"),
    Format("JATS XML", "application/jats+xml", _XML, "jats", lambda f: f.is_jats, "lxml"),
    Format("Markdown", "text/markdown", _MARKDOWN[:2], "markdown", lambda f: f.suffix in _MARKDOWN, "markdown-it-py"),
    PLAIN_TEXT,
)
"""The formats in the order in which a file is asked whether it is one: content first, then the suffix."""

SUFFIXES: Final = tuple(dict.fromkeys(suffix for kind in FORMATS for suffix in kind.suffixes))
"""Files that are taken for papers where a folder is searched. A paper.json is read when it is named."""


def named_formats(*, suffixes: bool = False) -> str:
    """The formats for a message: "PDF, Word, ..."; with their suffixes "PDF (.pdf), Word (.docx), ..."."""
    own = [kind for kind in FORMATS if kind is not PAPER_JSON]
    if suffixes:
        return ", ".join(f"{kind.name} ({', '.join(kind.suffixes)})" for kind in own) + " and its own paper.json"
    return ", ".join(kind.name for kind in own) + " or a paper.json"


def format_of(file: SourceFile) -> Format:
    """The format by the content, by the suffix only where that leaves it open. Raises Unsupported."""
    return next(kind for kind in FORMATS if kind.matches(file))


def _without_comments(text: str) -> str:
    # By hand: an expression looks for each opening's end anew, which takes seconds where none of many is closed.
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join(parts) + text[at:]


def decode(data: bytes) -> tuple[str, str]:
    """Characters and encoding of a text: utf-8, utf-16 with its mark, else cp1252. Raises Unsupported for no text."""
    if data[:3] == b"\xef\xbb\xbf":
        return data.decode("utf-8-sig", "replace"), "utf-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as why:
            raise Unsupported("is no text, though it starts as UTF-16 does") from why
    controls = sum(data.count(bytes([c])) for c in range(32) if c not in b"\t\n\r\f\x1b\x0b")
    if controls > 0.002 * len(data) + 2:
        raise Unsupported("is no text (it holds binary data, or UTF-16 without its byte order mark)")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def version_of(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and every command comes here

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


# --- reading ---
def read_paper(path: Path, options: ReadOptions = DEFAULTS) -> Paper:
    """Read a paper from a file: one of `FORMATS` or a paper.json.

    Raises ReadError, or FormatError for a paper.json of another schema, with one line that says what is wrong.
    """
    path = Path(path)
    with _naming(path):
        file = SourceFile(path, _load(path, options.max_bytes))
        kind = format_of(file)
        return _loaded(path, file.data) if kind is PAPER_JSON else _made(file, kind, options)


def load_paper(path: Path) -> Paper:
    """Load a paper.json that holds no more than a paper does.

    Raises FormatError where it is none that this version reads, ReadError where it can't be opened or holds more.
    """
    with _naming(path):
        return _loaded(path, _load(path, LARGEST))


def read_text(text: str) -> Paper:
    """A paper of a text that is at hand, read as a plain text's file is. Raises ReadError where it says nothing."""
    file = SourceFile(Path("text"), text.encode())
    if not text.strip():
        raise ReadError(file.path, "is empty; give the words of a paper")
    with _naming(file.path):
        return _made(file, PLAIN_TEXT, DEFAULTS)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the file's path into errors that are raised where it isn't known."""
    try:
        yield
    except Unsupported as why:
        raise ReadError(
            path, str(why) if why.advised else f"{why}; argmine reads {named_formats(suffixes=True)}"
        ) from why
    except ReadError as why:
        raise ReadError(path, why.reason, page=why.page) from why


def _made(file: SourceFile, kind: Format, options: ReadOptions) -> Paper:
    from argmine.paper import Source
    from argmine.readers.build import build_paper

    raw = kind.read(file, options)
    check_raw(raw, len(file.data))
    digest = sha256(file.data).hexdigest()
    name, media_type = file.path.name, kind.media_type
    source = Source(file=name, sha256=digest, media_type=media_type, pages=raw.pages, reader=raw.reader)
    return build_paper(raw, source, footnotes=options.footnotes)


def _loaded(path: Path, data: bytes) -> Paper:
    from argmine.paper import Paper

    check_json(len(data))
    paper = Paper.from_file(path, data)
    check_paper(paper, len(data))
    return paper


def _load(path: Path, max_bytes: int | None) -> bytes:
    if path.is_dir():
        raise ReadError(path, "is a folder; name a paper in it")
    try:
        data = read_regular(path, sys.maxsize if max_bytes is None else max_bytes)
    except FileNotFoundError as why:
        raise ReadError(path, "does not exist; check the name") from why
    except OSError as why:
        raise ReadError(path, f"cannot be opened ({why.strerror}); check its permissions") from why
    if not data.strip():
        raise ReadError(path, "is empty; get the file again")
    return data
