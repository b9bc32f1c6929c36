"""Pictures of what was read: pages with their blocks, types, reading order, sentences, and what was left out."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from argmine.errors import ReadError
from argmine.io import fresh
from argmine.isolation import beat
from argmine.paper import Block, BlockType, Box, Paper, Section
from argmine.readers import ReadOptions, SourceFile
from argmine.readers.pdf.glyphs import PageGlyphs, Rect
from argmine.readers.pdf.pdfium import open_pdf, read_pages

COLOURS: Final[dict[BlockType, str]] = {
    "title": "#b3006b",
    "author": "#d35fa0",
    "abstract": "#0b7a75",
    "heading": "#c62828",
    "paragraph": "#1f5fbf",
    "list_item": "#5a3fc0",
    "quote": "#00838f",
    "caption": "#b26a00",
    "table": "#8d6e00",
    "footnote": "#6d4c41",
    "keywords": "#ad5fd3",
    "furniture": "#757575",
    "acknowledgement": "#558b2f",
    "reference": "#33691e",
    "box": "#00695c",
    "figure": "#ef6c00",
    "equation": "#283593",
    "contents": "#9e9d24",
    "epigraph": "#ad1457",
}
"""The colour of each block type."""

_DPI = 110.0
_MAX_PIXELS = 6_000_000
_PANEL = 210  # pixels beside the page, for the legend
_DROPPED = "#9e9e9e"
_TICK = "#e53935"
_OUTLINE = 2


def debug_pages(pdf: Path, paper: Paper, out: Path, *, password: str | None = None) -> list[Path]:
    """Write a picture of each page of `pdf` to the folder `out` (page-001.png and so on) and return their paths.

    Blocks of `paper` are outlined in the colour of their type with their place in the reading order; ticks stand where
    sentences begin; what the paper leaves out is hatched. Raises ReadError where the PDF cannot be opened.
    """
    source = SourceFile(pdf, pdf.read_bytes())
    glyphs = {page.number: page for page in read_pages(source, ReadOptions(password=password), [])[0]}
    if out.is_symlink():
        raise ReadError(pdf, f"its pictures can't be written to {out}, which is a link; remove it")
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with open_pdf(pdf, password, source.data) as document:
        width = len(str(len(document)))
        for number, page in glyphs.items():
            beat()
            try:
                picture = _render(document, number - 1)
            except (pypdfium2.PdfiumError, ValueError):
                continue
            path = out / f"page-{number:0{max(3, width)}}.png"
            with fresh(path) as file:
                _Drawing(picture, paper, page).finish().save(file, "PNG")
            written.append(path)
    return written


def _render(document: Any, index: int) -> Image.Image:
    with closing(document[index]) as page:
        across, down = page.get_size()
        scale = min(_DPI / 72, math.sqrt(_MAX_PIXELS / max(1.0, across * down)))
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        return picture


def areas(boxes: Iterable[Box]) -> list[Rect]:
    """The boxes of one page as areas: a line that is not under the one before it begins a new one (the next column)."""
    found: list[Rect] = []
    for box in boxes:
        last = found[-1] if found else None
        height = box.y1 - box.y0
        under = last is not None and -0.6 * height < box.y0 - last.y1 < 1.5 * height
        if last is not None and under and box.x0 < last.x1 and last.x0 < box.x1:
            found[-1] = Rect(min(last.x0, box.x0), min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1))
        else:
            found.append(Rect(box.x0, box.y0, box.x1, box.y1))
    return found


def dropped(glyphs: PageGlyphs, boxes: Sequence[Box]) -> list[Rect]:
    rest: list[Rect] = []
    for run in sorted(glyphs.runs, key=lambda r: (round(r.base), r.x0)):
        middle, height = (run.x0 + run.x1) / 2, (run.top + run.bottom) / 2
        shown = any(b.x0 - 2 <= middle <= b.x1 + 2 and b.y0 - 2 <= height <= b.y1 + 2 for b in boxes)
        if shown or not run.text.strip():
            continue
        if rest and abs((last := rest[-1]).y0 - run.top) < 2 and run.x0 - last.x1 < 20:
            rest[-1] = Rect(last.x0, min(last.y0, run.top), max(last.x1, run.x1), max(last.y1, run.bottom))
        else:
            rest.append(Rect(run.x0, run.top, run.x1, run.bottom))
    return rest


def label(block: Block, section: Section | None, run_in: bool) -> str:
    """What is written beside a block: "12 · heading 2 method", with "run-in" where the heading runs into its text."""
    words = [block.id.lstrip("b"), "\u00b7", block.type.replace("_", " ")]
    if block.type == "heading" and section is not None:
        words += [str(section.level), section.role, *(["run-in"] if run_in else [])]
    return " ".join(words)


class _Drawing:
    def __init__(self, picture: Image.Image, paper: Paper, glyphs: PageGlyphs) -> None:
        self.paper, self.page = paper, glyphs.number
        self.scale = picture.width / max(1.0, glyphs.width)
        self.glyphs = glyphs
        self.image = Image.new("RGB", (picture.width + _PANEL, max(picture.height, 420)), "white")
        self.image.paste(picture)
        self.left = picture.width
        self.draw = ImageDraw.Draw(self.image, "RGBA")
        self.small, self.large = (ImageFont.load_default(size) for size in (11, 13))

    def finish(self) -> Image.Image:
        shown = [box for block in self.paper.blocks for box in block.boxes if box.page == self.page]
        for area in dropped(self.glyphs, shown):
            self._hatch(area)
        types: set[BlockType] = set()
        for block, text in self._blocks():
            types.add(block.type)
            self._block(block, text)
        self._ticks()
        self._legend(types)
        return self.image

    def _blocks(self) -> Iterator[tuple[Block, str]]:
        sections = {s.heading[0]: s for s in self.paper.sections if s.heading is not None}
        following = [*self.paper.blocks[1:], None]
        for block, then in zip(self.paper.blocks, following, strict=True):
            if any(box.page == self.page for box in block.boxes):
                run_in = then is not None and "\n" not in self.paper.text[block.end : then.start]
                yield block, label(block, sections.get(block.start), run_in)

    def _block(self, block: Block, text: str) -> None:
        colour = COLOURS[block.type]
        for i, area in enumerate(areas(box for box in block.boxes if box.page == self.page)):
            x0, y0, x1, y1 = self._pixels(area)
            self.draw.rectangle((x0, y0, x1, y1), fill=f"{colour}18", outline=colour, width=_OUTLINE)
            goes_on = i > 0 or block.boxes[0].page != self.page
            self._tag(x1, y0, f"{text} …" if goes_on else text, colour)

    def _tag(self, right: float, y: float, text: str, colour: str) -> None:
        x0, top, x1, bottom = self.draw.textbbox((0, 0), text, font=self.small)
        x, rise = right - (x1 - x0) - 3, bottom - top + 4
        self.draw.rectangle((x - 2, y - rise, right, y), fill=colour)
        self.draw.text((x, y - rise - top + 2), text, fill="white", font=self.small)

    def _hatch(self, area: Rect) -> None:
        x0, y0, x1, y1 = self._pixels(area)
        self.draw.rectangle((x0, y0, x1, y1), fill=f"{_DROPPED}30", outline=_DROPPED)
        for x in range(int(x0 - (y1 - y0)), int(x1), 6):
            start, end = max(x, x0), min(x + (y1 - y0), x1)
            self.draw.line((start, y1 - (start - x), end, y1 - (end - x)), fill=_DROPPED)

    def _ticks(self) -> None:
        for first in [sentence.boxes[0] for sentence in self.paper.sentences if sentence.boxes]:
            if first.page == self.page:
                x0, y0, _, y1 = self._pixels(Rect(first.x0, first.y0, first.x1, first.y1))
                self._tick(x0, y0, y1)

    def _tick(self, x: float, top: float, bottom: float) -> None:
        self.draw.line((x, top, x, bottom), fill=_TICK, width=2)
        self.draw.polygon(((x, top), (x + 5, top), (x, top + 5)), fill=_TICK)

    def _legend(self, types: set[BlockType]) -> None:
        x, y = self.left + 12, 14

        def say(text: str, right: int, down: int, font: Any, colour: str = "black") -> None:
            nonlocal y
            self.draw.text((x + right, y), text, fill=colour, font=font)
            y += down

        pages = f" of {self.paper.source.pages}" if self.paper.source.pages else ""
        say(f"page {self.page}{pages}", 0, 24, self.large)
        for kind, colour in COLOURS.items():
            if kind in types:
                self.draw.rectangle((x, y + 1, x + 12, y + 12), fill=f"{colour}40", outline=colour, width=_OUTLINE)
                say(kind.replace("_", " "), 20, 20, self.large)
        self._hatch(Rect(x / self.scale, y / self.scale, (x + 12) / self.scale, (y + 12) / self.scale))
        say("left out", 20, 20, self.large)
        self._tick(x, y, y + 12)
        say("a sentence begins", 20, 24, self.large)
        say("number: reading order", 0, 16, self.small)
        say("heading: level, section's role", 0, 24, self.small)
        for warning in self.paper.warnings:
            if warning.page in (None, self.page) and y < self.image.height - 30:
                for part in textwrap.wrap(f"{warning.code}: {warning.message}", 32)[:8]:
                    say(part, 0, 14, self.small, "#b71c1c")

    def _pixels(self, area: Rect) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = (v * self.scale for v in area)
        return x0, y0, max(x0, x1), max(y0, y1)
