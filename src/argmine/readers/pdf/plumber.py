"""Runs of characters from pdfplumber: the second engine, slower, for files that pdfium reads badly."""

from __future__ import annotations

import logging
import math
from contextlib import suppress
from io import BytesIO
from itertools import islice
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage

from argmine.errors import ReadError
from argmine.paper import ReadingWarning
from argmine.readers import ReadOptions, SourceFile
from argmine.readers.pdf.glyphs import LOST, Font, Lost, PageGlyphs, Rect, Run, check_pages, is_pictures, make_font
from argmine.readers.pdf.pdfium import DAMAGED, MAX_CHARS, MIN_SIZE, left_out, loadable_pages, why_locked
from argmine.readers.raw_document import Tally


def read_pages(
    file: SourceFile, options: ReadOptions, warnings: list[ReadingWarning]
) -> tuple[list[PageGlyphs], int, str]:
    """As `pdfium.read_pages`, with pdfplumber."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # what it warns of concerns no reader
    pages: list[PageGlyphs] = []
    # pdfminer raises what the damage happens to cause, so every exception here is the file's fault.
    try:
        document = pdfplumber.open(BytesIO(file.data), password=options.password or "")
    except Exception as why:
        locked = any(isinstance(e, PDFPasswordIncorrect) for e in (why, why.__context__, *why.args))
        raise ReadError(file.path, why_locked(options.password) if locked else DAMAGED) from why
    try:
        if (most := options.max_pages) is not None:  # counted before pdfplumber makes an object of each
            check_pages(file.path, sum(1 for _ in islice(PDFPage.create_pages(document.doc), most + 1)), most)
        count = len(document.pages)
        tally = Tally(len(file.data))
        for index in loadable_pages(count, file, options, warnings):
            page = document.pages[index]
            try:
                read = _read_page(page, index + 1)
                page.close()
            except Exception as why:
                warnings.append(left_out(index, type(why).__name__))
            else:
                tally.add(sum(len(run.text) for run in read.runs), blocks=0)
                pages.append(read)
    except ReadError:
        raise
    except Exception as why:
        raise ReadError(file.path, DAMAGED) from why
    finally:
        with suppress(Exception):
            document.close()
    return pages, count, f"pdfplumber {pdfplumber.__version__}"


def _read_page(page: Any, number: int) -> PageGlyphs:
    left, top, right, bottom = page.bbox
    result = PageGlyphs(number, right - left, bottom - top)

    def rect(item: Any) -> Rect:
        return Rect(item["x0"] - left, item["top"] - top, item["x1"] - left, item["bottom"] - top)

    result.drawn.extend(box for item in page.curves if min((box := rect(item)).width, box.height) > 2)
    for item in (*page.rects, *page.lines, *page.curves):
        box = rect(item)
        painted = item.get("fill") or item.get("stroke")
        if not result.add_stroke(box) and painted and box.height > 20 and box.width > 60:
            result.boxes.append(box)
    result.images.extend(rect(item) for item in page.images)
    _read_chars(page.chars[:MAX_CHARS], left, top, result)
    return result


def _read_chars(chars: list[Any], left: float, top: float, result: PageGlyphs) -> None:
    fonts: dict[tuple[str, float, bool], Font] = {}
    run: Run | None = None
    space = False
    for char in chars:
        text = char["text"]
        if not text.strip():
            space = True
            continue
        a, b, c, d, _, rise = char["matrix"]
        size = char["size"]
        if abs(math.degrees(math.atan2(b, a))) > 8 or not MIN_SIZE <= size < 400:
            continue
        key = (char["fontname"], round(size, 1), abs(c) > 0.15 * abs(d))
        if key not in fonts:
            fonts[key] = make_font(key[0], size, italic=key[2])
        font = fonts[key]
        text = "\u2022" if is_pictures(key[0]) else LOST if text.startswith("(cid:") or text < " " else text
        x0, x1 = char["x0"] - left, char["x1"] - left
        base = char["bottom"] - top - (rise - char["y0"])
        gap = x0 - run.x1 if run is not None else 0.0
        if run is None or run.font != font or abs(run.base - base) > 0.1 or not -1.5 * size < gap < 0.9 * size:
            run = Run("", x0, x1, base, font, space, len(result.runs), hash(key[0]))
            result.runs.append(run)
        elif space or gap > 0.25 * size:
            run.text += " "
        if text in (LOST, "f"):
            (result.lost if text == LOST else result.fs).append(Lost(run, len(run.text), (x1 - x0) / size))
        run.text += text
        run.x1 = max(run.x1, x1)
        space = False
