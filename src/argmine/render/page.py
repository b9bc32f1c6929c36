"""map.html: a paper's text beside the graph of its argument, and pictures of its pages, in one file."""

from __future__ import annotations

import base64
import io
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

from argmine.argument_map import ArgumentMap, MapVoice, Unit, voice_at
from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.model.sentence_context import Reason
from argmine.paper import Block, Paper, Section
from argmine.render.first_screen import FirstScreen
from argmine.render.layout import CARD_WIDTH, INDENT, NARROW_WIDTH, Lane, Layout, lay_out
from argmine.render.salience import Salience
from argmine.render.templates import json_text, render
from argmine.render.words import CAUTION, count, cut, made_by, thresholds, trust
from argmine.scheme import Attribution

M = TypeVar("M", bound=tuple[int, Any] | tuple[int, int, Any])
_STYLES: Final = ("base.css", "map.css", "graph.css", "print.css")
# The page's head shows title and authors; furniture belongs to the printed page.
_LEFT_OUT: Final = frozenset({"title", "author", "furniture"})
# What stands apart from the run of the text.
_APART: Final = frozenset({*_LEFT_OUT, "footnote", "table", "caption", "figure", "equation", "contents"})
_SHORT_WORD: Final = 18
_LISTS: Final = {"list_item": "list", "reference": "references"}
_WHOLE: Final = 4000  # longest text of a unit that is carried beside the paper's text; no real sentence is longer
_REASONS: Final = 5
_PICTURE_WIDTH: Final = 1000  # pixels across a page: its print is readable, a page takes 30 to 120 KB
_MOST_PIXELS: Final = 4_000_000  # pixels of a picture, for pages of odd shapes
_QUALITY: Final = 45


def map_html(
    paper: Paper,
    amap: ArgumentMap,
    *,
    notes: Sequence[str] = (),
    reasons: Mapping[str, Sequence[Reason]] | None = None,
    unexplained: str = "",
    pictures: Mapping[int, PagePicture] | None = None,
    saved: ArgumentMap | None = None,
) -> str:
    """The page of a map: one self-contained HTML file without remote sources.

    `notes` are warnings for the reader and stand in the page's head. `reasons` say by unit's id why it has its label,
    strongest first; `unexplained` says why they are missing. `pictures` are the printed pages by number, on which units
    are then marked. `saved` is the map that the page gives back as JSON where `amap` is only a stand-in for it, with
    the same units. Raises ValueError where the map is not of this paper's text. Equal input gives equal bytes.
    """
    amap.check_against(paper)
    salience = Salience(amap)
    layout = lay_out(paper, amap, salience)
    counts = Counter(u.label for u in amap.units)
    scheme = amap.labels
    values: dict[str, Any] = {
        "title": paper.title or paper.source.file,
        "about": _about(paper),
        "made_by": made_by(amap),
        "caution": CAUTION if amap.made_by.kind == "model" else "",
        "trust": trust(amap),
        "notes": list(notes),
        "warnings": [w.message if w.page is None else f"Page {w.page}: {w.message}" for w in paper.warnings],
        "scheme": scheme,
        "counts": counts,
        "groups": set_text(paper, amap),
        "outline": [s for s in paper.sections if s.heading is not None and s.title],
        "brief": FirstScreen(paper, salience).columns(),
        "language": paper.language or "",
        "columns": layout.columns,
        "units": [(label, [u for u in amap.units if u.label == label]) for label in scheme.to_read if counts[label]],
        "sections": {s.id: s.title for s in paper.sections},
        "relations": [(r, amap.unit(r.source), amap.unit(r.target)) for r in amap.relations],
        "scored": any(u.score is not None for u in amap.units),
        "reported": any(u.attribution is Attribution.REPORTED for u in amap.units),
        "filter_sections": _filter_sections(paper, amap),
        "data": json_text(page_data(paper, amap, layout, reasons or {}, saved or amap, unexplained)),
        "pictures": json_text({n: p.data() for n, p in sorted(pictures.items())}) if pictures else "",
    }
    return render("map.html", _STYLES, "main.js", values)


def _about(paper: Paper) -> str:
    parts = [cut(", ".join(paper.authors), 300), cut(paper.venue or "", 120), str(paper.year or "")]
    parts.append(f"doi:{cut(paper.doi, 120)}" if paper.doi else "")
    parts.append(count(paper.source.pages, "page") if paper.source.pages else "")
    parts.append(count(len(paper.sentences), "sentence"))
    return " · ".join(part for part in parts if part)


def _filter_sections(paper: Paper, amap: ArgumentMap) -> list[Section]:
    # Those with a title and with units in them or below them.
    sections = [paper.section(id) for id in {u.section for u in amap.units}]
    used = {s.id for section in sections if section is not None for s in (section, *paper.ancestors(section))}
    return [s for s in paper.sections if s.id in used and s.title]


def page_data(
    paper: Paper,
    amap: ArgumentMap,
    layout: Layout,
    reasons: Mapping[str, Sequence[Reason]],
    saved: ArgumentMap,
    unexplained: str = "",
) -> Mapping[str, Any]:
    """The data as JSON values. Of each unit's reasons the first five are kept; spans and sections are `saved`'s."""
    cards = {card.id: card for card in layout.cards}
    cited = {c for u in amap.units for c in u.citations}
    says = {gap.name: gap.says for gap in amap.labels.gaps}
    unaddressed = {u.id for u in amap.unaddressed}
    runs = Runs(amap.voices)

    def unit(u: Unit) -> dict[str, Any]:
        kept = saved.unit(u.id)
        return {
            **u.model_dump(),
            **kept.model_dump(include={"start", "end", "section"}),
            **asdict(cards[u.id]),
            "text": u.text[:_WHOLE],
            "note": u.note[:_WHOLE] if u.note else None,
            "unaddressed": u.id in unaddressed,
            "gap": says.get(amap.gap(u)),
            "voice": cut(voice.whose, 120) if (voice := runs.at(u.start)) else None,
            "why": [[r.kind, cut(r.text, 80), round(r.weight, 2)] for r in reasons.get(u.id, ())[:_REASONS]],
        }

    return {
        "units": [unit(u) for u in amap.units],
        "relations": [r.model_dump(by_alias=True) for r in amap.relations],
        "lanes": [lane_data(lane) for lane in layout.lanes],
        "chains": [lane_data(lane) for lane in layout.chains],
        "sections": {s.id: [cut(s.title, 200), s.parent] for s in paper.sections},
        "references": {r.id: cut(r.raw, 400) for r in paper.references if r.id in cited},
        "thresholds": [] if amap.made_by.kind == "annotator" else thresholds(amap),
        "map": saved.model_dump(mode="json", by_alias=True, exclude={"units", "relations"}),
        "unexplained": cut(unexplained, 300),
        "columns": layout.columns,
        "size": {"card": CARD_WIDTH, "narrow": NARROW_WIDTH, "indent": INDENT},
    }


def lane_data(lane: Lane) -> dict[str, Any]:
    """A lane as the scripts of the graphs know it."""
    return {"title": cut(lane.title, 110), "pages": lane.pages, "units": lane.units}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one kind: "text", "unit" (`unit` and its inner `pieces`), "point" (a key point on no unit, by its
    `sentence`), "page" (`text` its number), "run-in".

    A unit's `text` is its first word where that is short: it is kept on one line with the unit's marker.
    """

    kind: str
    text: str = ""
    unit: Unit | None = None
    section: str | None = None
    sentence: str | None = None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A block ready to be set, or a part of one where a voice begins or ends in it. `level` is a heading's, from 1;
    `section` the id of the section that it opens; `voice` the run that it belongs to."""

    kind: str
    pieces: tuple[Piece, ...]
    level: int = 1
    section: str | None = None
    voice: MapVoice | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring blocks that stand in one element: items of a list, else a single block. `opens` is the voice whose
    run begins with it; `closes` says that a run ends."""

    kind: str
    blocks: tuple[Setting, ...]
    opens: MapVoice | None = None
    closes: bool = False


class Runs:
    """The voices of a map, none of which overlaps another: of two at one place the first is kept."""

    def __init__(self, voices: Iterable[MapVoice]) -> None:
        self._runs: list[MapVoice] = []
        for voice in sorted(voices, key=lambda v: (v.start, v.end)):
            if not self._runs or voice.start >= self._runs[-1].end:
                self._runs.append(voice)

    def at(self, start: int) -> MapVoice | None:
        """The voice that this offset belongs to."""
        return voice_at(self._runs, start)

    def cuts(self, start: int, end: int) -> list[int]:
        """Where runs begin or end inside a stretch, with its own ends."""
        low = max(0, bisect_right(self._runs, start, key=lambda v: v.start) - 1)
        high = bisect_left(self._runs, end, key=lambda v: v.start)
        borders = {at for voice in self._runs[low:high] for at in (voice.start, voice.end) if start < at < end}
        return [start, *sorted(borders), end]


def set_text(paper: Paper, amap: ArgumentMap) -> list[Group]:
    """The paper's blocks in reading order with their units marked."""
    cutter = _Cutter(paper, amap)
    blocks = [b for b in sorted(paper.blocks, key=lambda b: (b.start, b.end)) if b.type not in _LEFT_OUT]
    set_blocks = [setting for b in blocks if b.end > b.start for setting in cutter.set_block(b)]
    groups: list[Group] = []
    for voice, run in groupby(set_blocks, key=lambda s: s.voice):
        of_run: list[Group] = []
        for kind, some in groupby(run, key=lambda s: _LISTS.get(s.kind)):
            members = tuple(some)
            of_run += [Group(m.kind, (m,)) for m in members] if kind is None else [Group(kind, members)]
        if voice is not None:
            of_run[0] = replace(of_run[0], opens=voice)
            of_run[-1] = replace(of_run[-1], closes=True)
        groups += of_run
    return groups


class _Cutter:
    def __init__(self, paper: Paper, amap: ArgumentMap) -> None:
        self._text = paper.text
        self._units = [(u.start, u.end, u) for u in amap.units]
        self._points = _bare_points(amap)
        self._runs = Runs(amap.voices)
        self._breaks = _page_breaks(paper)
        headed = [(*s.heading, s) for s in paper.sections if s.heading is not None and s.heading[0] < s.heading[1]]
        self._headed: list[tuple[int, int, Section]] = sorted(headed, key=lambda h: h[:2])

    def set_block(self, block: Block) -> Iterator[Setting]:
        voice = self._runs.at(block.start)
        if block.type == "heading":
            section = next((s for *_, s in _starting(self._headed, block.start, block.end)), None)
            pieces = tuple(self._plain(block.start, block.end))
            level, id = (section.level, section.id) if section else (1, None)
            yield Setting("heading", pieces, level, id, voice=voice)
            return
        for start, end in pairwise(self._runs.cuts(block.start, block.end)):
            if self._text[start:end].strip():
                yield Setting(block.type, tuple(self._pieces(start, end)), voice=self._runs.at(start))

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        units = [(first, min(last, end), unit) for first, last, unit in _starting(self._units, start, end)]
        marks: list[tuple[int, int, Unit | Section | str]] = [*units, *_starting(self._headed, start, end)]
        marks += [(first, min(last, end), id) for first, last, id in _starting(self._points, start, end)]
        at = start
        for first, last, mark in sorted(marks, key=lambda m: m[:2]):
            if first < at:  # two readings of one stretch: the first is kept
                continue
            yield from self._plain(at, first)
            for _, page in _starting(self._breaks, first, first + 1):  # before the marker
                yield Piece("page", str(page))
            pieces = tuple(self._plain(first, last, break_at_start=False))
            if isinstance(mark, Unit):
                word = pieces[0].text.split(" ", 1)[0] if pieces[0].kind == "text" else ""
                if len(word) > _SHORT_WORD:
                    word = ""
                if word:
                    pieces = (Piece("text", pieces[0].text[len(word) :]), *pieces[1:])
                yield Piece("unit", word, unit=mark, pieces=pieces)
            elif isinstance(mark, str):
                yield Piece("point", sentence=mark, pieces=pieces)
            else:
                yield Piece("run-in", section=mark.id, pieces=pieces)
            at = last
        yield from self._plain(at, end)

    def _plain(self, start: int, end: int, *, break_at_start: bool = True) -> Iterator[Piece]:
        at = start
        for where, page in _starting(self._breaks, start if break_at_start else start + 1, end):
            if where > at:
                yield Piece("text", self._text[at:where])
            yield Piece("page", str(page))
            at = where
        if end > at:
            yield Piece("text", self._text[at:end])


def _bare_points(amap: ArgumentMap) -> list[tuple[int, int, str]]:
    """Where the key points stand that are on no unit, each once, with the ids of their sentences."""
    bare = {p.sentence: (p.start, p.end, p.sentence) for p in amap.all_points if amap.unit_on(p) is None}
    return sorted(bare.values())


def _starting(marks: Sequence[M], start: int, end: int) -> Sequence[M]:
    """Those of the marks, sorted tuples of an offset and more, whose offset is in [start, end)."""
    low, high = (bisect_left(marks, at, key=lambda mark: mark[0]) for at in (start, end))
    return marks[low:high]


def _page_breaks(paper: Paper) -> list[tuple[int, int]]:
    """Where each page's text begins: (offset, page), in the order of the text."""
    starts: dict[int, int] = {}
    for block in paper.blocks:
        for box in block.boxes if block.type not in _APART else ():
            starts[box.page] = min(starts.get(box.page, box.start), box.start)
    for sentence in paper.sentences:
        if sentence.page is not None and not sentence.boxes:
            starts.setdefault(sentence.page, sentence.start)
    rising: list[tuple[int, int]] = []
    for at, page in sorted((at, page) for page, at in starts.items()):
        if not rising or page > rising[-1][1]:
            rising.append((at, page))
    return rising


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as WebP. `width` and `height` are the page's, in the points that boxes are in."""

    width: float
    height: float
    webp: bytes

    def data(self) -> list[float | str]:
        uri = "data:image/webp;base64," + base64.b64encode(self.webp).decode()
        return [round(self.width, 2), round(self.height, 2), uri]


def pages_with_units(amap: ArgumentMap) -> list[int]:
    """The numbers of the pages that a map's units stand on."""
    return sorted({box[0] for u in amap.units for box in u.boxes})


def page_pictures(path: Path, pages: Iterable[int], *, password: str | None = None) -> dict[int, PagePicture]:
    """Pictures of these pages of a PDF, numbered from 1, rotated and cropped as boxes are; pages that it doesn't have
    are left out. Raises ReadError where the file is no PDF that can be opened."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path, password=password)
    except (pypdfium2.PdfiumError, OSError) as why:
        raise ReadError(path, f"its pages can't be drawn ({why})") from why
    found: dict[int, PagePicture] = {}
    with pdf:
        for number in sorted(set(pages)):
            beat()
            if not 1 <= number <= len(pdf):
                continue
            try:
                page = pdf[number - 1]
                width, height = page.get_size()
                scale = min(_PICTURE_WIDTH / max(width, 1), math.sqrt(_MOST_PIXELS / max(width * height, 1)))
                webp = io.BytesIO()
                page.render(scale=scale).to_pil().convert("RGB").save(webp, "WEBP", quality=_QUALITY, method=4)
                found[number] = PagePicture(width, height, webp.getvalue())
            except pypdfium2.PdfiumError:
                continue  # a damaged page has no picture; its units are still in the text
    return found
