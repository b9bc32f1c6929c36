"""Seconds and peak of memory of each step by which a paper becomes a map (Linux): how a long paper fares.

    python research/long_paper.py BOOK.pdf [--only-read]

Each step's peak is what the process held at most while it ran (VmHWM, reset before it), beside what it held after it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


def held(name: str) -> int:
    """MiB of this process by a name of /proc/self/status: VmRSS now, VmHWM at most since it was reset."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


def step(name: str, work: Callable[[], Result]) -> Result:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begun = time.monotonic()
    result = work()
    print(f"{name:12}{time.monotonic() - begun:9.1f} s{held('VmHWM'):8,} MiB at most{held('VmRSS'):8,} MiB after it")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paper", type=Path)
    parser.add_argument("--only-read", action="store_true")
    given = parser.parse_args()

    from argmine.isolation import own_process
    from argmine.readers import ReadOptions, read_paper

    own_process()
    paper = step("read", lambda: read_paper(given.paper, ReadOptions(ocr="never")))
    print(f"{paper.source.pages or 0:,} pages, {len(paper.sentences):,} sentences, {len(paper.text):,} characters")
    step("paper.json", paper.to_json)
    if given.only_read:
        return
    from argmine.model.model import Model
    from argmine.render.page import map_html
    from argmine.render.summary import summary_md

    model = step("model", Model.load)
    amap = step("map", lambda: model.predict(paper))
    print(f"{len(amap.units):,} units, {len(amap.relations):,} relations")
    step("unlike", lambda: model.unlike(paper))
    reasons = step("reasons", lambda: model.reasons(paper, amap))
    step("map.json", amap.to_json)
    page = step("map.html", lambda: map_html(paper, amap, reasons=reasons))
    print(f"map.html has {len(page) / 2**20:.1f} MiB")
    step("summary.md", lambda: summary_md(paper, amap))


if __name__ == "__main__":
    main()
