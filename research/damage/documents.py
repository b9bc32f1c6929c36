"""Web pages, Word files, OpenDocument, e-books, RTF and TEI that are broken, hostile or hardly there."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from random import Random

from research.damage.case import Case, Maker
from research.damage.pdf_made import prose


def _page(random: Random) -> str:
    sections = "".join(f"<h2>Section {i}</h2><p>{prose(random, 60)}</p>" for i in range(4))
    return (
        "<!DOCTYPE html><html><head><title>A Paper</title></head><body><main><h1>A Paper</h1>"
        f"{sections}</main></body></html>"
    )


def _tei(random: Random) -> str:
    divs = "".join(f'<div><head n="{i}">Section</head><p>{prose(random, 60)}</p></div>' for i in range(1, 4))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>'
        "<title>A Paper</title></titleStmt></fileDesc><profileDesc><abstract><p>What it is about.</p></abstract>"
        f"</profileDesc></teiHeader><text><body>{divs}</body></text></TEI>"
    )


@cache
def _word() -> bytes:
    import docx

    random = Random("a Word file")
    document = docx.Document()
    document.add_heading("A Paper", 0)
    for i in range(3):
        document.add_heading(f"Section {i}", 1)
        document.add_paragraph(prose(random, 60))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_CONTENT = (
    f'<office:document-content xmlns:office="{_OFFICE}:office:1.0" xmlns:text="{_OFFICE}:text:1.0"'
    f' xmlns:table="{_OFFICE}:table:1.0" xmlns:style="{_OFFICE}:style:1.0"><office:automatic-styles><style:style'
    ' style:name="P1" style:family="paragraph" style:parent-style-name="Title"/></office:automatic-styles><office:body>'
    '<office:text><text:p text:style-name="P1">A Paper</text:p>{inside}</office:text></office:body>'
    "</office:document-content>"
)


def zipped(media_type: str, parts: dict[str, str | bytes]) -> bytes:
    """A ZIP file that begins with its media type, as e-books and OpenDocument do."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", media_type, zipfile.ZIP_STORED)
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def open_document(inside: str | None = None) -> bytes:
    """An OpenDocument text with this as its body's XML."""
    random = Random("an OpenDocument text")
    told = "".join(
        f'<text:h text:outline-level="{i}">Part {i}</text:h><text:p>{prose(random, 40)}</text:p>' for i in (1, 2)
    )
    inside = told if inside is None else inside
    return zipped("application/vnd.oasis.opendocument.text", {"content.xml": _CONTENT.replace("{inside}", inside)})


def book(chapters: dict[str, str] | None = None, parts: dict[str, str | bytes] | None = None) -> bytes:
    """An e-book of these bodies by their documents' names, with these parts beside its own or in their places."""
    random = Random("an e-book")
    chapters = chapters or {f"c{i}.xhtml": f"<h1>Part {i}</h1><p>{prose(random, 40)}</p>" for i in (1, 2)}
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>'
        f"A Book</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="b/p.opf"/>'
        "</rootfiles></container>"
    )
    texts = {f"b/{name}": f"<html><head><title/></head><body>{body}</body></html>" for name, body in chapters.items()}
    own: dict[str, str | bytes] = {"META-INF/container.xml": container, "b/p.opf": package, **texts}
    return zipped("application/epub+zip", own | (parts or {}))


def rich_text() -> bytes:
    """An RTF file with styles, a list, a note, a table and characters of several code pages."""
    words = prose(Random("rich text"), 40)
    return (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}{\f1\fcharset204 Times;}}{\stylesheet{\s0 Normal;}"
        r"{\s1\sbasedon0\outlinelevel0 heading 1;}}{\info{\title A Paper}}\pard\s1\b Part 1\par\pard\plain "
        rf"{words}{{\footnote \pard See there.}}\par{{\listtext 1.\tab}}\ls1 It is \u8364?5 or \f1\'ef.\par"
        r"\trowd\intbl a\cell b\cell\row\pard{\*\shpinst{\shptxt In a box.\par}}{\pict 00ff}}"
    ).encode()


def _damaged(random: Random, data: bytes) -> tuple[str, bytes]:
    how = random.choice(("cut", "bytes changed", "stretch missing", "noise within"))
    at = random.randrange(len(data))
    if how == "cut":
        return how, data[:at]
    if how == "stretch missing":
        return how, data[:at] + data[at + random.randint(1, 300) :]
    if how == "noise within":
        return how, data[:at] + random.randbytes(100) + data[at:]
    changed = bytearray(data)
    for _ in range(random.choice((1, 10, 100))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return how, bytes(changed)


def web_damaged(random: Random) -> Case:
    """A web page with wrong bytes."""
    how, data = _damaged(random, _page(random).encode())
    return Case(f"web page: {how}", data, ".html")


def web_odd(random: Random) -> Case:
    """A web page that nests, never closes, or holds no text."""
    count = random.choice((300, 5000, 100_000))
    tag = random.choice(
        ("div", "b", "table><tr><td", "ul><li", "blockquote", "svg", "script", "section><h2", "a href=x")
    )
    how = random.choice(("deep", "open", "empty", "attributes", "comment", "entities"))
    inside = {
        "deep": f"<{tag}>" * count,
        "open": f"<p>{prose(random, 30)}" * (count // 30),
        "empty": "<p></p>" * count,
        "attributes": f"<p {'x=y ' * count}>" + prose(random, 30),
        "comment": "<!--" + "-" * count,
        "entities": "&#xD800;&#0;&#x110000;&bogus;" * (count // 10),
    }[how]
    page = _page(random)
    page = (
        page.replace("<main>", "<main>" + inside, 1) if random.random() < 0.5 else f"<html><body>{inside}</body></html>"
    )
    return Case(f"web page: {how} {count} {tag}", page.encode(), ".html")


def tei_damaged(random: Random) -> Case:
    """GROBID's TEI with wrong bytes or parts under other names."""
    text = _tei(random)
    if random.random() < 0.5:
        how, data = _damaged(random, text.encode())
        return Case(f"TEI: {how}", data, ".xml")
    old, new = random.choice((("body", "back"), ("div", "list"), ("head", "note"), ("TEI", "TEI.2"), ("p", "formula")))
    return Case(f"TEI with {new} for {old}", re.sub(rf"(</?){old}\b", rf"\1{new}", text).encode(), ".xml")


def other_damaged(random: Random) -> Case:
    """An OpenDocument text, e-book or RTF file with wrong bytes."""
    name, data, suffix = random.choice(
        (("OpenDocument", open_document(), ".odt"), ("e-book", book(), ".epub"), ("RTF", rich_text(), ".rtf"))
    )
    how, damaged = _damaged(random, data)
    return Case(f"{name}: {how}", damaged, suffix)


def rtf_odd(random: Random) -> Case:
    """An RTF file that nests, repeats or counts beyond measure."""
    count = random.choice((300, 5000, 100_000))
    inside = random.choice(
        (
            r"{",
            r"}",
            r"{\*\x ",
            r"\u-1?",
            r"\bin999999999 ",
            r"\'zz",
            r"{\footnote ",
            r"\cell",
            r"\row",
            r"{\shptxt ",
            r"\par",
        )
    )
    return Case(f"RTF: {count} {inside}", rf"{{\rtf1 {inside * count} It is so, they say.\par}}".encode(), ".rtf")


def word_damaged(random: Random) -> Case:
    """A Word file whose package or XML has wrong bytes."""
    if random.random() < 0.4:
        how, data = _damaged(random, _word())
        return Case(f"Word: package {how}", data, ".docx")
    out = io.BytesIO()
    what = "nothing"
    with zipfile.ZipFile(io.BytesIO(_word())) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        chosen = random.choice(package.namelist())
        for name in package.namelist():
            data = package.read(name)
            if name == chosen:
                how, data = _damaged(random, data) if random.random() < 0.6 else ("empty", b"")
                what = f"{name} {how}"
                if random.random() < 0.2:
                    continue
            copy.writestr(name, data)
    return Case(f"Word: {what}", out.getvalue(), ".docx")


def word_bomb(random: Random) -> Case:
    """A Word file that unpacks to far more than a document, or whose XML grows or nests."""
    how = random.choice(("zeros", "entities", "deep", "long"))
    head = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    tail = "</w:body></w:document>"
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    body = {
        "zeros": " " * 300_000_000,
        "entities": "<w:p><w:r><w:t>&l11;</w:t></w:r></w:p>",
        "deep": "<w:p>" * 100_000 + "</w:p>" * 100_000,
        "long": f"<w:p><w:r><w:t>{prose(random, 300)}</w:t></w:r></w:p>" * 2000,
    }[how]
    declared = f'<!DOCTYPE w:document [<!ENTITY l0 "ha">{laughs}]>' if how == "entities" else ""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_word())) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in package.namelist():
            inside = f"{declared}{head}{body}{tail}".encode() if name == "word/document.xml" else package.read(name)
            copy.writestr(name, inside)
    return Case(f"Word bomb: {how}", out.getvalue(), ".docx")


MAKERS: tuple[Maker, ...] = (web_damaged, web_odd, tei_damaged, word_damaged, word_bomb, other_damaged, rtf_odd)
