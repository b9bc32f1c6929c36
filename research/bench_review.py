"""How fast the review page of a long paper opens and answers a key in Chromium: a paper of 5,000 sentences.

    python research/bench_review.py [--sentences 5000] [--keys 60] [--strict] [--picture FILE]

Starts `argmine review` on a made paper with suggestions and prints the time from opening the address to the drawn page,
and for label keys the time from the key to the drawn label and to the answer that it is on disk (median, 95th of 100).
With --strict it fails above 2 seconds or 50 milliseconds. --picture takes the picture of docs/pictures instead.
"""

from __future__ import annotations

import argparse
import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from argmine.argument_map import ArgumentMap, MadeBy, PaperRef, Relation, Unit
from argmine.paper import Block, Paper, Section, Sentence, Source
from argmine.scheme import DEFAULT

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
OPENS_WITHIN = 2.0
ANSWERS_WITHIN = 0.050


def long_paper(n: int) -> tuple[Paper, ArgumentMap]:
    """A paper of `n` sentences in paragraphs of five and a hundred sections, each sentence with a suggestion."""
    text = ""
    sections: list[Section] = []
    blocks: list[Block] = []
    sentences: list[Sentence] = []
    units: list[Unit] = []
    for i in range(n):
        if i % 50 == 0:
            head = f"Part {len(sections) + 1}"
            sections.append(Section(id=f"s{len(sections)}", title=head, level=1, start=len(text), end=len(text) + 9,
                                    heading=(len(text), len(text) + len(head))))  # fmt: skip
            text += head + "\n"
        said = (
            f"Finding {i} about matter {i} holds for group {i} as long as measure {i} is kept and factor {i} at work."
        )
        span = {"start": len(text), "end": len(text) + len(said), "section": sections[-1].id, "page": 1 + i // 30}
        if i % 5 == 0:
            blocks.append(Block(id=f"b{i // 5}", type="paragraph", start=len(text), end=len(text) + 5 * len(said)))
        text += said + " "
        sentences.append(Sentence(id=f"t{i}", block=f"b{i // 5}", **span))
        scores = dict.fromkeys(DEFAULT.labels, 0.04) | {DEFAULT.unit_labels[i % 5]: 0.8}
        units.append(
            Unit(
                id=f"t{i}",
                sentence=f"t{i}",
                label=DEFAULT.unit_labels[i % 5],
                text=said,
                score=0.8,
                scores=scores,
                **span,
            )
        )
    text += " " * 600
    relations = [Relation.between(f"t{i}", f"t{i + 1}", "supports", 0.5) for i in range(1, n - 1, 3) if i % 5 != 0]
    source = Source(file="long.pdf", sha256="0" * 64, media_type="application/pdf", reader="bench")
    paper = Paper(source=source, title="A long paper", text=text, sections=tuple(sections), blocks=tuple(blocks),
                  sentences=tuple(sentences))  # fmt: skip
    ref = PaperRef(file="long.pdf", sha256="0" * 64, text_sha256=sha256(text.encode()).hexdigest())
    return paper, ArgumentMap(paper=ref, made_by=MadeBy(kind="model", name="bench"), units=tuple(units),
                              relations=tuple(relations))  # fmt: skip


@contextmanager
def served(folder: Path, paper: Path, *options: str) -> Iterator[str]:
    """The address of a review of a paper, its annotations in `folder`."""
    command = [sys.executable, "-m", "argmine", "review", str(paper), "--annotations", str(folder / "annotations"),
               "--annotator", "bench", "--no-browser", *options]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


_WATCH = """() => {
  window.benchTimes = [];
  let pressed = 0;
  let drawn = 0;
  addEventListener("keydown", () => { pressed = performance.now(); drawn = 0; }, true);
  const done = () => requestAnimationFrame(() => { drawn = performance.now(); });
  new MutationObserver((changes) => {
    if (!drawn && changes.some((c) => [...c.addedNodes].some((n) => n.querySelector?.(".u")))) done();
  }).observe(document.getElementById("rv-items"), { childList: true, subtree: true });
  new MutationObserver(() => {
    if (document.getElementById("rv-saved").textContent !== "saved" || !pressed) return;
    const answered = performance.now();
    setTimeout(() => window.benchTimes.push([(drawn || answered) - pressed, answered - pressed]), 60);
  }).observe(document.getElementById("rv-saved"), { childList: true, characterData: true, subtree: true });
}"""


def measure(page: Page, address: str, keys: int) -> tuple[float, list[float], list[float], int]:
    """Seconds to open, to draw each key's label and to have it on disk, and how many nodes the page has."""
    began = time.perf_counter()
    page.goto(address, wait_until="load")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    opened = time.perf_counter() - began
    page.evaluate(_WATCH)
    for i in range(keys):
        page.keyboard.press(str(1 + i % 6))
        page.wait_for_selector("#rv-saved:not(.busy)")
        page.wait_for_timeout(90)
    times = page.evaluate("window.benchTimes")
    return opened, [t[0] / 1000 for t in times], [t[1] / 1000 for t in times], page.locator("*").count()


def picture(page: Page, address: str) -> bytes:
    """The page as an annotator sees it after a while, as WebP."""
    from PIL import Image

    page.goto(address)
    page.wait_for_selector(".u.focus")
    labels = ("6", "6", "5", "4", "Shift+Digit4", "1", "5", "5", "5", "2", "k", "k", "k", "r", "4", "Enter", "s")
    points = (
        "j",
        "j",
        "Shift+P",
        "Shift+A",
        "6",
        "Enter",
        "Home",
        "j",
        "j",
        "j",
        "Shift+T",
        "j",
        "Shift+O",
        "j",
        "Shift+C",
    )
    for key in (*labels, *points, "k", "k"):
        page.keyboard.press(key)
        page.wait_for_selector("#rv-saved:not(.busy)")
    page.wait_for_timeout(300)
    out = io.BytesIO()
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(out, "WEBP", quality=85, method=6)
    return out.getvalue()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=5000)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--picture", type=Path, metavar="FILE")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("error: chromium is not installed (apt-get install chromium)", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        if options.picture is not None:
            with served(folder, ROOT / "corpus" / "samples" / "health-heat-days.pdf") as address:
                options.picture.write_bytes(picture(page, address))
            print(options.picture)
            return 0
        paper, amap = long_paper(options.sentences)
        (folder / "long").mkdir()
        (folder / "long" / "paper.json").write_text(paper.to_json(), encoding="utf-8")
        (folder / "long" / "map.json").write_text(amap.to_json(), encoding="utf-8")
        with served(folder, folder / "long") as address:
            opened, drawn, stored, nodes = measure(page, address, options.keys)
        browser.close()
    ends = [sorted(times)[int(0.95 * len(times))] for times in (drawn, stored)]
    print(f"{options.sentences} sentences: opens in {opened:.2f} s with {nodes} nodes")
    print(
        f"a key's label is drawn in {1000 * statistics.median(drawn):.0f} ms ({1000 * ends[0]:.0f} at the 95th of 100)"
    )
    print(f"and said to be on disk in {1000 * statistics.median(stored):.0f} ms ({1000 * ends[1]:.0f})")
    return int(options.strict and (opened > OPENS_WITHIN or statistics.median(drawn) > ANSWERS_WITHIN))


if __name__ == "__main__":
    sys.exit(main())
