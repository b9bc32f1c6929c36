"""Text for pages that are pictures: what tesseract recognises goes through the PDF reader's own layout.

Tesseract runs as a program of its own, so that a page that hangs it can be stopped. Its hOCR says where lines stand,
how high their letters are, how sure each word is; whether print is bold is measured on the picture. The words become
the runs that `argmine.readers.pdf` makes of a PDF's characters; what follows is the same as on any other page.
"""

from __future__ import annotations

import itertools
import math
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Any, Final

import numpy as np
import pypdfium2
from lxml import etree
from PIL.Image import Image

from argmine.errors import ReadError
from argmine.isolation import beat
from argmine.paper import ReadingWarning
from argmine.readers import ReadOptions, SourceFile
from argmine.readers.pdf.glyphs import Font, PageGlyphs, Rect, Run, weigh
from argmine.readers.pdf.pdfium import open_pdf
from argmine.readers.raw_document import RawDocument

INSTALL: Final = "install tesseract (Debian: apt-get install tesseract-ocr) or use --ocr never"
_TIMEOUT = 50  # seconds for one run; a dense page takes five, and after 60 without a sign of life a paper is ended
_DPI = 300.0  # what tesseract was trained on
_MAX_PIXELS = 30_000_000  # 300 dpi on a page of A3, and some
_GLANCE_DPI = 50.0
_MIN_CONTRAST = 40  # of 255; a blank sheet has less
_NOISE = 50.0  # confidence under which a line is dirt, a drawing or a rule of dots
_TURNED = 60.0  # mean confidence under which the page may stand on its side
_LOW = 70.0  # mean confidence in per cent under which the text should be checked
_UP, _X, _DOWN = 0.69, 0.45, 0.21  # capitals, small letters and descenders of usual book faces, in ems
_TALL = re.compile(r"[^a-z.,:;\-\u2010-\u2015_gjpqy]|[bdfhklti]")
_DEEP = re.compile(r"[gjpqy,;()\[\]{}|/$@_Q]")
_RAISED, _MARK_HEIGHT = 0.22, 0.33  # ems from the baseline to a footnote mark's foot, and the least of its height
_MARK = re.compile(r"[^A-Za-z.,;:?)\]\s]{1,4}$")
_MARK_SIZE, _MARK_RISE = 0.65, 0.33  # of a footnote mark, in ems
_CLOSING = '\u201d"'
_LONG = 12  # letters from which on a word counts no more: leaders of dots are read as endless words
_UNEVEN = 0.25  # by which a line's measured size may differ from its paragraph's
_SAME_SIZE = 0.12  # lines whose heights differ by less are set in one size
_BOLD = 1.2  # thickness of strokes against the document's usual
_CAPITALS = re.compile(r"[A-Z]{2,}")
_SMALL_L = re.compile(r"(?<![A-Z])([A-Z]+)l(?![^\W\d_])")

Fields = dict[str, list[float]]
Pages = Sequence[PageGlyphs]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as recognised, in points of the upright page; `stroke` is in ems, `mark` is raised behind it."""

    text: str
    x0: float
    x1: float
    confidence: float
    stroke: float
    mark: str = ""


@dataclass(frozen=True, slots=True)
class TextLine:
    words: tuple[Word, ...]
    base: float
    size: float

    @property
    def letters(self) -> int:
        return sum(len(w.text) for w in self.words)

    @property
    def confidence(self) -> float:
        return fmean(w.confidence for w in self.words)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a page's picture says. `width` and `height` are the upright page's; `turn` is by how many degrees it was
    turned clockwise to stand upright (0, 90, 180, 270), `skew` the slope that its lines then still had.
    `confidence` is the mean over all words in per cent, those among them whose lines were left out as dirt."""

    number: int
    width: float
    height: float
    turn: int
    skew: float
    lines: tuple[TextLine, ...]
    rules: tuple[Rect, ...] = ()
    confidence: float = 0.0


def recognise(
    file: SourceFile, options: ReadOptions, pages: Pages, wanted: Pages, warnings: list[ReadingWarning]
) -> list[Recognised]:
    """Put recognised text on the `wanted` pages, with a warning each. Raises ReadError where tesseract is missing."""
    if not is_available():
        _without_program(file, options, pages, wanted, warnings)
        return []
    numbers = {p.number for p in wanted}
    body = _body_font(p for p in pages if p.number not in numbers)
    found: list[tuple[PageGlyphs, Recognised]] = []
    for page, image in _pictures(file, options, wanted):
        try:
            done = recognise_picture(image, page.number, page.width, page.height)
        except RuntimeError as why:
            reason = " ".join(str(why).split())[:200]
            warnings.append(ReadingWarning(code="ocr", page=page.number, message=f"could not be recognised ({reason})"))
            continue
        if done.lines:
            found.append((page, done))
            warnings.append(_judgement(done))
    mended = mend_capitals([done for _, done in found])
    _fill([(page, done) for (page, _), done in zip(found, mended, strict=True)], body)
    return mended


def restore_boxes(raw: RawDocument, found: Sequence[Recognised]) -> None:
    """Move the boxes of recognised lines from the upright page, on which they were read, to the page as it is shown."""
    pages = {r.number: r for r in found if r.turn or r.skew}
    for block in raw.blocks:
        block.lines = [
            replace(line, box=_as_shown(line.box, pages[line.page])) if line.box and line.page in pages else line
            for line in block.lines
        ]


def _as_shown(box: tuple[float, float, float, float], page: Recognised) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    corners = [skewed(x, y, page, 1) for x in (x0, x1) for y in (y0, y1)]
    width, height = page.width, page.height
    for _ in range(page.turn // 90):
        corners, width, height = [(y, width - x) for x, y in corners], height, width
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2)


def skewed(x: float, y: float, page: Recognised, direction: int) -> tuple[float, float]:
    """A point turned by the page's skew around its middle: from the straight page (1) or to it (-1)."""
    a = math.atan(page.skew) * direction
    dx, dy = x - page.width / 2, y - page.height / 2
    return page.width / 2 + dx * math.cos(a) - dy * math.sin(a), page.height / 2 + dx * math.sin(a) + dy * math.cos(a)


def _without_program(
    file: SourceFile, options: ReadOptions, pages: Pages, wanted: Pages, warnings: list[ReadingWarning]
) -> None:
    if options.ocr == "always":
        raise ReadError(file.path, f"cannot be recognised without the program for it; {INSTALL}")
    if len(wanted) < len(pages):
        message = f"holds no text, only a picture, and was left out; {INSTALL}"
        warnings.extend(ReadingWarning(code="ocr", page=p.number, message=message) for p in wanted if p.images)
        return
    shown = next((page.number for page, _ in _pictures(file, options, wanted)), None)
    if shown is not None:
        raise ReadError(file.path, f"holds no text, only a picture; {INSTALL}", page=shown)


def _pictures(file: SourceFile, options: ReadOptions, pages: Pages) -> Iterator[tuple[PageGlyphs, Image]]:
    with open_pdf(file.path, options.password, file.data) as document:
        for done, page in enumerate(pages):
            beat("pages recognised", done, len(pages))
            largest = math.sqrt(_MAX_PIXELS / max(1.0, page.width * page.height))
            try:
                sheet = document[page.number - 1]
                glance, whole = (min(dpi / 72, largest) for dpi in (_GLANCE_DPI, _DPI))
                low, high = sheet.render(scale=glance, grayscale=True).to_pil().getextrema()
                if high - low > _MIN_CONTRAST:  # a small picture tells blank pages fast
                    yield page, sheet.render(scale=whole, grayscale=True).to_pil()
                sheet.close()
            except (pypdfium2.PdfiumError, ValueError):
                continue


def _judgement(page: Recognised) -> ReadingWarning:
    message = f"was read from its picture by OCR, with a confidence of {page.confidence:.0f} %"
    if page.confidence < _LOW:
        message += ", which is low: check it against the page"
    return ReadingWarning(code="ocr", page=page.number, message=message)


def _body_font(pages: Iterable[PageGlyphs]) -> Font | None:
    weight = weigh((run.font, len(run.text)) for page in pages for run in page.runs)
    return max(weight, key=lambda f: weight[f]) if weight else None


def mend_capitals(pages: Sequence[Recognised]) -> list[Recognised]:
    """The pages with "AI" for "Al" where the document has the same capitals with an I elsewhere."""
    known = {m for page in pages for line in page.lines for w in line.words for m in _CAPITALS.findall(w.text)}

    def mended(word: Word) -> Word:
        return replace(word, text=_SMALL_L.sub(lambda m: m[1] + "I" if m[1] + "I" in known else m[0], word.text))

    return [
        replace(page, lines=tuple(replace(line, words=tuple(map(mended, line.words))) for line in page.lines))
        for page in pages
    ]


def _fill(found: Sequence[tuple[PageGlyphs, Recognised]], body: Font | None) -> None:
    lines = [line for _, done in found for line in done.lines]
    sizes = _size_classes(lines)
    family, scale = "ocr", 1.0
    if body is not None and lines:
        family, scale = body.family, body.size / next(iter(sizes.values()))
    stroke = median([w.stroke for line in lines for w in line.words for _ in w.text] or [0.0])
    for page, done in found:
        page.width, page.height = done.width, done.height
        page.rules = [r for r in done.rules if r.height <= 6.0 and r.width >= 20.0]
        page.fills, page.boxes, page.images, page.lost = [], [], [], []
        page.runs = []
        for line in done.lines:
            size = round(sizes[line.size] * scale, 1)
            for i, (word, bold) in enumerate(zip(line.words, _bold_words(line, stroke), strict=True)):
                font = Font(family, size, bold, False, False)
                end = word.x1 - 0.3 * size * len(word.mark)
                page.runs.append(Run(word.text, word.x0, end, line.base, font, i > 0, len(page.runs)))
                if word.mark:  # the layout knows by its size and place what it is
                    small = font._replace(size=round(_MARK_SIZE * size, 1))
                    base = line.base - _MARK_RISE * size
                    page.runs.append(Run(word.mark, end, word.x1, base, small, False, len(page.runs)))


def _size_classes(lines: Sequence[TextLine]) -> dict[float, float]:
    """For each measured size the frequent one close to it, since a line's height says its font's size only roughly."""
    weight = weigh((line.size, line.letters) for line in lines)
    classes: dict[float, float] = {}
    while weight:
        centre = max(weight, key=lambda s: sum(n for t, n in weight.items() if abs(t - s) <= _SAME_SIZE * s / 2))
        near = [t for t in weight if abs(t - centre) <= _SAME_SIZE * centre]
        usual = round(sum(t * weight[t] for t in near) / sum(weight[t] for t in near), 1)
        classes |= dict.fromkeys([centre, *near], usual)
        for t in near:
            del weight[t]
    return classes


def _bold_words(line: TextLine, usual: float) -> list[bool]:
    """Which words are bold: all of a line, its beginning (a heading that runs in), or none; single ones are noise."""
    letters = [len(w.text) for w in line.words]
    ink = [w.stroke * n for w, n in zip(line.words, letters, strict=True)]
    around = [slice(max(0, i - 1), i + 2) for i in range(len(letters))]
    thick = [sum(ink[near]) > _BOLD * usual * sum(letters[near]) for near in around]
    if sum(n for n, t in zip(letters, thick, strict=True) if t) >= 0.7 * sum(letters):
        return [True] * len(letters)
    opening = next((i for i, t in enumerate(thick) if not t), len(thick))
    return [i < opening and sum(letters[:opening]) >= 4 for i in range(len(letters))]


# --- tesseract ------------------------------------------------------------------------------------------------------
def is_available() -> bool:
    return shutil.which("tesseract") is not None


def program_name() -> str:
    return f"tesseract {_tesseract().get_tesseract_version()}"


def recognise_picture(image: Image, number: int, width: float, height: float) -> Recognised:
    """The text of a page, turned where it stands on its side or head. Raises RuntimeError where tesseract fails."""
    result = _read_picture(image, Recognised(number, width, height, 0, 0.0, ()))
    if result.confidence < _TURNED and (turn := _orientation(image)):
        across, down = (height, width) if turn in (90, 270) else (width, height)
        turned = _read_picture(image.rotate(-turn, expand=True), Recognised(number, across, down, turn, 0.0, ()))
        result = max(result, turned, key=lambda r: r.confidence)
    return result


def _tesseract() -> Any:
    import pytesseract

    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads slow one page down and starve other papers
    return pytesseract


def _orientation(image: Image) -> int:
    tesseract = _tesseract()
    beat()
    with suppress(RuntimeError, ValueError, KeyError):  # too few letters to tell
        found = tesseract.image_to_osd(image, output_type=tesseract.Output.DICT, timeout=_TIMEOUT)
        return int(found.get("rotate", 0)) % 360
    return 0


def _read_picture(image: Image, page: Recognised) -> Recognised:
    scale = page.width / image.width
    beat()
    config = f"--dpi {max(70, round(72 / scale))}"
    hocr = _tesseract().image_to_pdf_or_hocr(image, extension="hocr", config=config, timeout=_TIMEOUT)
    return _parse(hocr, page, scale, _strokes(image))


def _strokes(image: Image) -> Any:
    """(ink, edge): boolean arrays of the picture's dark pixels and of those of them that touch paper."""
    pixels = np.asarray(image)
    ink = np.pad(pixels < (int(pixels.min()) + int(pixels.max())) / 2, 1)
    inner = ink[1:-1, 1:-1] & ink[:-2, 1:-1] & ink[2:, 1:-1] & ink[1:-1, :-2] & ink[1:-1, 2:]
    ink = ink[1:-1, 1:-1]
    return ink, ink & ~inner


def _fields(element: Any) -> Fields:
    """The numbers of hOCR's title attribute by their names: "bbox 1 2 3 4; x_wconf 96"."""
    fields: Fields = {}
    for name, *values in map(str.split, filter(str.strip, element.get("title", "").split(";"))):
        with suppress(ValueError):  # the picture's file name
            fields |= {name: [float(v) for v in values]} if values else {}
    return fields


def _parse(hocr: bytes, page: Recognised, scale: float, strokes: Any) -> Recognised:
    root = etree.fromstring(hocr, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    paragraphs: list[list[tuple[Fields, list[tuple[str, Fields]]]]] = []
    rules: list[Rect] = []
    for element in root.iter("{*}p", "{*}span", "{*}div"):
        kind = element.get("class", "")
        if kind == "ocr_separator":
            rules.append(Rect(*(v * scale for v in _fields(element)["bbox"])))
        elif kind == "ocr_par":
            paragraphs.append([])
        elif kind.startswith("ocr_") and element.tag.endswith("span"):
            spans = [w for w in element.iter("{*}span") if w is not element]
            words = [("".join(map(str, w.itertext())).strip(), _fields(w)) for w in spans]
            if words := [(text, f) for text, f in words if text and "bbox" in f]:
                paragraphs[-1].append((_fields(element), words))
    long = [f for lines in paragraphs for f, words in lines if "baseline" in f and len(words) > 3]
    slopes = sorted((f["baseline"][0], f["bbox"][2] - f["bbox"][0]) for f in long)
    page = replace(page, skew=_weighted_median(slopes))
    made: list[TextLine] = []
    sure: list[float] = []
    for lines in paragraphs:
        read = [_line(fields, words, page, scale, strokes) for fields, words in lines]
        sure += [word.confidence for line in read for word in line.words]
        made.extend(_evened([line for line in read if line.confidence >= _NOISE]))
    return replace(page, lines=tuple(made), rules=tuple(rules), confidence=fmean(sure) if sure else 0.0)


def _evened(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines of one paragraph in its size: a short line's height says little about its font."""
    usual = _weighted_median(sorted((line.size, line.letters) for line in lines))
    return [replace(line, size=usual) if abs(line.size - usual) <= _UNEVEN * usual else line for line in lines]


def _weighted_median(values: Sequence[tuple[float, float]]) -> float:
    sums = itertools.accumulate(weight for _, weight in values)
    half = sum(w for _, w in values) / 2
    return next((value for (value, _), weight in zip(values, sums, strict=True) if weight >= half), 0.0)


def _line(
    fields: Fields, words: Sequence[tuple[str, Fields]], page: Recognised, scale: float, strokes: Any
) -> TextLine:
    left, _, _, bottom = fields["bbox"]
    slope, offset = fields.get("baseline", [0.0, 0.0])[:2]
    size = _size(fields, words, scale)
    made: list[Word] = []
    bases: list[float] = []
    for text, word in words:
        x0, y0, x1, y1 = word["bbox"]
        middle = (x0 + x1) / 2
        row = bottom + offset + slope * (middle - left)
        x, base = skewed(middle * scale, row * scale, page, -1)
        half = (x1 - x0) * scale / 2
        part = slice(int(y0), int(y1)), slice(int(x0), int(x1))
        edge = int(strokes[1][part].sum())
        stroke = 2 * int(strokes[0][part].sum()) / edge * scale / size if edge else 0.0
        text, mark = _split_mark(text, _raised(strokes[0][part], row - y0, size / scale))
        made.append(Word(text, x - half, x + half, word.get("x_wconf", [0.0])[0], stroke, mark))
        bases.append(base)
    return TextLine(tuple(made), median(bases), size)


def _raised(ink: Any, base: float, em: float) -> int:
    """How many glyphs at the end of a word stand as high as footnote marks. `base` and `em` are in pixels."""
    if not ink.size:
        return 0
    columns = ink.any(axis=0)
    count, end = 0, len(columns)
    while end > 0:
        while end > 0 and not columns[end - 1]:
            end -= 1
        start = end
        while start > 0 and columns[start - 1]:
            start -= 1
        rows = ink[:, start:end].any(axis=1).nonzero()[0]
        if start == 0 or not len(rows) or rows[-1] > base - _RAISED * em or rows[-1] - rows[0] < _MARK_HEIGHT * em:
            break
        count, end = count + 1, start
    return count


def _split_mark(text: str, raised: int) -> tuple[str, str]:
    """A word without its footnote mark, and the mark: digits as recognised, a star for what was taken for quotes."""
    found = _MARK.search(text) if raised else None
    if found is None or len(found[0]) > raised + 1:
        return text, ""
    at = len(text) - min(raised, len(found[0]))
    if text[at] in _CLOSING and at + 1 < len(text):  # two raised digits read as one sign, behind a quotation's end
        at += 1
    mark = text[at:]
    return (text[:at], mark if mark.isdigit() else "*") if at else (text, "")


def _size(fields: Fields, words: Sequence[tuple[str, Fields]], scale: float) -> float:
    """The size of a line's font in points: what the heights of its words say, weighted by their letters."""
    slope = abs(fields.get("baseline", [0.0])[0])
    sizes: list[tuple[float, float]] = []
    for text, word in words:
        x0, y0, x1, y1 = word["bbox"]
        letters = sum(c.isalnum() for c in text)
        if 2 * letters > len(text):  # no dashes, dots and marks
            height = (_UP if _TALL.search(text) else _X) + (_DOWN if _DEEP.search(text) else 0.0)
            sizes.append(((y1 - y0 - slope * (x1 - x0)) / height * scale, min(letters, _LONG)))
    measured = _weighted_median(sorted(sizes)) if sizes else fields.get("x_size", [10.0])[0] * scale
    return max(3.0, measured)
