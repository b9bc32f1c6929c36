"""Make the LaTeX source of a long book from papers' texts with known truths: chapters, sections, paragraphs.

    python research/made_book.py TRUTHS BOOK.tex [--times 3]

TRUTHS is a folder of JSON files with `title`, `headings` and `sentences`. The texts come `times` over, each in
another order, until there are as many pages as wanted; `pdflatex BOOK.tex` sets some 330 a time from 6,000 sentences.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from pathlib import Path
from random import Random
from typing import Any

_HEAD = r"""\documentclass[11pt]{book}
\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{lmodern}\usepackage[a5paper,margin=2cm]{geometry}
\sloppy\begin{document}\title{A Made Book of Many Papers}\author{}\maketitle\tableofcontents
"""
_SPECIAL = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"~": "", "^": "", "\\": "", "<": "", ">": "", "|": ""})
_PARAGRAPH = 6  # sentences


def tex(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).translate({0x2019: "'", 0x2018: "`", 0x2013: "--", 0x2014: "---"})
    plain = plain.replace("\u201c", "``").replace("\u201d", "''").encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", plain.translate(_SPECIAL))


def chapter(truth: dict[str, Any], random: Random) -> str:
    sentences = [tex(s) for s in truth["sentences"]]
    headings = [tex(h["title"]) for h in truth["headings"]] or ["Introduction"]
    size = max(_PARAGRAPH, -(-len(sentences) // len(headings)))
    parts = [f"\\chapter{{{tex(truth['title'])}}}\n"]
    for n, start in enumerate(range(0, len(sentences), size)):
        parts.append(f"\\section{{{headings[n]}}}\n")
        section = sentences[start : start + size]
        while section:
            count = random.randint(3, 2 * _PARAGRAPH)
            parts.append(" ".join(section[:count]) + "\n\n")
            section = section[count:]
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truths", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    random = Random("a book")
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(given.truths.glob("*.json"))]
    parts = [_HEAD]
    for _ in range(given.times):
        random.shuffle(truths)
        parts += [chapter(truth, random) for truth in truths]
    given.out.write_text("".join([*parts, "\\end{document}\n"]), encoding="ascii")


if __name__ == "__main__":
    main()
