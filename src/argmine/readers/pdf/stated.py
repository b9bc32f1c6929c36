"""What a PDF's own properties say: its information dictionary and its XMP packet.

Both are often wrong ("untitled", the typist's name, the template's title), so that they count where the pages print
what they say, save for identifiers, which nobody types by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from argmine.readers.metadata import field_text, find_doi, find_year, is_junk
from argmine.readers.names import stated_names

_LARGEST_XMP: Final = 1_000_000  # bytes; a packet of a paper has some 5,000
_DOI_FIELDS: Final = ("doi", "url", "identifier", "source")
_SAID: Final = re.compile(rb"/(?:Title|Author|Subject|Metadata|doi|DOI)\b")
_JOURNAL: Final = re.compile(  # "Journal of Bridges, 12 (2020) 1-10. doi:10.1000/1"
    r"(?P<venue>[A-Z][^\d,;:]{3,90}?),?\s\d{1,5}\s?\((?P<year>(?:19|20)\d\d)\)|(?P<also>[A-Z][^\d,;:]{3,90}?)[.,]?\s(?P<in>(?:19|20)\d\d)[.;]\d"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """The fields that say something: one line each, whatever stood in the file."""

    title: str = ""
    authors: tuple[str, ...] = ()
    doi: str | None = None
    venue: str | None = None
    year: int | None = None


NOTHING: Final = Stated()


def read_stated(data: bytes, password: str | None) -> Stated:
    """The properties of a PDF; what can't be read of them says nothing."""
    if not _SAID.search(data) and b"/ObjStm" not in data:
        return NOTHING
    with suppress(Exception):  # pypdf raises what the damage happens to cause
        return _read(data, password)
    return NOTHING


def _read(data: bytes, password: str | None) -> Stated:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted:
        reader.decrypt(password or "")
    info: dict[str, str] = {}
    with suppress(Exception):
        info = {str(k).strip("/").lower(): field_text(v) for k, v in (reader.metadata or {}).items()}
    xmp: dict[str, list[str]] = {}
    with suppress(Exception):
        root: Any = reader.trailer["/Root"].get_object()
        xmp = _read_xmp(root.get("/Metadata"))
    titles = [t for t in (info.get("title", ""), *xmp.get("title", ())) if t and not is_junk(t)]
    authors = xmp.get("creator", []) if len(xmp.get("creator", [])) > 1 else [info.get("author", "")]
    people = [name for field in authors for name in stated_names(field) if name and not is_junk(name)]
    subject = info.get("subject", "")
    journal = _JOURNAL.match(subject)
    venues = [*xmp.get("publicationname", ()), (journal["venue"] or journal["also"] or "") if journal else ""]
    printed = [*xmp.get("publicationdate", ()), *xmp.get("coverdate", ()), *xmp.get("coverdisplaydate", ())]
    years = map(find_year, [*printed, (journal["year"] or journal["in"] or "") if journal else ""])
    return Stated(
        title=next(iter(titles), ""),
        authors=tuple(dict.fromkeys(people)),
        doi=_doi([*(info[k] for k in info if "doi" in k), *(v for k in _DOI_FIELDS for v in xmp.get(k, ())), subject]),
        venue=next((v.strip(" .") for v in venues if v and not is_junk(v)), None),
        year=next(filter(None, years), None),
    )


def _doi(values: Iterable[str]) -> str | None:
    return next(filter(None, map(find_doi, values)), None)


def _read_xmp(stored: Any) -> dict[str, list[str]]:
    """The values of an XMP packet by their names without namespace, in small letters."""
    stream = None if stored is None else stored.get_object()
    if stream is None or len(getattr(stream, "_data", b"")) > _LARGEST_XMP:
        return {}
    from argmine.readers import markup

    packet = stream.get_data()
    if len(packet) > _LARGEST_XMP:
        return {}
    start, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
    root = markup.parse_xml(packet[start : end + 12] if 0 <= start < end else packet.strip(b"\0 \r\n"))
    found: dict[str, list[str]] = {}
    for description in markup.descendants(root, "Description"):
        for key, value in description.attrib.items():
            found.setdefault(str(key).rpartition("}")[2].lower(), []).append(field_text(value))
        for child in description:
            items = [field_text("".join(map(str, item.itertext()))) for item in markup.descendants(child, "li")]
            values = items or [field_text("".join(map(str, child.itertext())))]
            found.setdefault(markup.name_of(child).lower(), []).extend(v for v in values if v)
    return found
