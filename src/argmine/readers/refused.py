"""Kinds of files that papers come in and argmine doesn't read: how they are told, and what to do with them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Refused(NamedTuple):
    """A kind of file: what it is, and what to do.

    It is told by how its bytes start, or by what a ZIP file `holds`; in a folder, where other files lie too, by those
    `suffixes` that only papers are likely to have.
    """

    name: str
    advice: str = ""
    starts: tuple[bytes, ...] = ()
    holds: bytes | None = None
    suffixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"is {self.name}; {self.advice}" if self.advice else f"is {self.name}"


_SAVE: Final = "open it in Word or LibreOffice and save it as .docx or PDF"
_EXPORT: Final = "export it as PDF"
_UNPACK: Final = "unpack it and give the papers in it"
REFUSED: Final = (
    Refused(
        "an old Word, Excel or PowerPoint file",
        _SAVE,
        (b"\xd0\xcf\x11\xe0",),
        suffixes=(".doc", ".dot", ".ppt", ".pps"),
    ),
    Refused("a WordPerfect file", _SAVE, (b"\xffWPC",), suffixes=(".wpd",)),
    Refused("a PostScript file", "make a PDF of it (ps2pdf)", (b"%!PS",), suffixes=(".ps",)),
    Refused("a DjVu file", "make a PDF of it (ddjvu -format=pdf)", (b"AT&TFORM",), suffixes=(".djvu", ".djv")),
    Refused("a Kindle e-book", "convert it to .epub", suffixes=(".mobi", ".azw", ".azw3")),
    Refused("a picture (PNG)", starts=(b"\x89PNG",)),
    Refused("a picture (JPEG)", starts=(b"\xff\xd8\xff",)),
    Refused("a picture (GIF)", starts=(b"GIF8",)),
    Refused("a picture (TIFF)", "make a PDF of it", (b"II*\x00", b"MM\x00*")),
    Refused("a compressed file (gzip)", _UNPACK, (b"\x1f\x8b",)),
    Refused("an archive (7z)", _UNPACK, (b"7z\xbc\xaf",)),
    Refused("a program", starts=(b"\x7fELF", b"MZ\x90")),
    Refused("a database", starts=(b"SQLite format 3",)),
    Refused("a presentation (PowerPoint)", _EXPORT, holds=b"ppt/", suffixes=(".pptx", ".ppsx")),
    Refused("a presentation (OpenDocument)", _EXPORT, holds=b"opendocument.presentation", suffixes=(".odp",)),
    Refused("a Pages or Keynote document", _EXPORT, holds=b"Index/Document.iwa", suffixes=(".pages",)),
    Refused("a spreadsheet (.xlsx)", holds=b"xl/"),
    Refused("an archive (ZIP)", _UNPACK, holds=b""),
)
"""In the order in which a file is asked whether it is one."""
SKIPPED: Final = {suffix: str(kind) for kind in REFUSED for suffix in kind.suffixes}
"""What to say of a file with one of these suffixes that is passed over in a folder."""


def refusal(data: bytes, suffix: str) -> Refused | None:
    """What a file is that is none of the formats, by its bytes or, for what has no mark at its start, its suffix."""
    is_zip = data.startswith(b"PK\x03\x04")
    for kind in REFUSED:
        marked = kind.starts or kind.holds is not None
        if data.startswith(kind.starts) if kind.starts else is_zip and kind.holds is not None and kind.holds in data:
            return kind
        if not marked and suffix in kind.suffixes:
            return kind
    return None
