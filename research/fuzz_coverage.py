"""Fuzz the readers with inputs that grow by what they reach (Atheris, libFuzzer's way), and keep those that reach more.

    python research/fuzz_coverage.py [--readers pdf,docx] [--seconds 180] [--keep] [--out build/fuzz]

Each reader runs in a process of its own under limits of memory and of time an input. It starts from small seeds (those
of research/damage) and the kept cases in tests/fuzz/corpus/<reader>/. An input must give a paper or one clear line;
what gives neither is written to build/fuzz/<reader>/crash-… and makes the exit code 1. `--keep` takes over into
tests/fuzz/corpus the few smallest inputs that together reach what all reached (libFuzzer's merge); tests replay them.

Atheris is no dependency of argmine's: `pip install atheris` where there is a wheel for the Python at hand. Without it
the mutations of research/damage search instead, from whatever reached new lines; the report says which it was.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

CORPUS: Final = ROOT / "tests" / "fuzz" / "corpus"
LARGEST_KEPT: Final = 4096
"""Bytes of a kept case."""
MOST_KEPT: Final = 28_000
"""Bytes of all kept cases of a reader."""
MEMORY: Final = 2048
"""MiB that a process may have."""
AN_INPUT: Final = 20
"""Seconds that an input may take."""
MOST_CRASHES: Final = 8
"""Of a reader in one go."""

READERS: Final[dict[str, str]] = {
    "pdf": ".pdf", "pdfplumber": ".pdf", "docx": ".docx", "odt": ".odt", "epub": ".epub", "rtf": ".rtf",
    "html": ".html", "jats": ".xml", "tei": ".xml", "markdown": ".md", "text": ".txt", "paper": ".json",
    "map": ".json", "annotations": ".jsonl",
}  # fmt: skip
"""What is fuzzed, and its files' suffix."""


_HTML: Final = (
    b"<h1>A</h1><table><tr><td>b<td>c<ul><li>d</table><p><b>E.</b> F g<sup><a href=#b1>1</a></sup>.<blockquote>h"
    b"<pre>i</pre><h2>References</h2><ol><li id=b1>Doe, J. (2020). A title.</ol>"
)
_MARKDOWN: Final = (
    b"---\ntitle: A\nauthor: [B C]\n---\n# A\n\n**B.** C d.\n\n- e[^1]\n\n> f\n\n|a|b|\n|-|-|\n|1|2|\n\n[^1]: g\n"
)
_TEXT: Final = (
    b"A Title\n\nBy Jo Doe\n\nAbstract: It says so.\n\n1. One\n\nA sentence stands here. Another (Doe, 2020).\n\n- a\n"
    b"- b\n\nReferences\n\nDoe, J. (2020). A title. A Journal.\n"
)
_WORD: Final = (
    '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Ships</w:t></w:r></w:p><w:p><w:pPr><w:numPr>'
    '<w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:rPr><w:b/><w:sz w:val="24"/></w:rPr>'
    "<w:t>So. </w:t></w:r><w:ins><w:r><w:t>It says so.</w:t></w:r></w:ins></w:p>"
    "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc>"
    "</w:tr></w:tbl><w:p><w:r><w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict></w:r></w:p>"
)


def target(reader: str, folder: Path) -> Callable[[bytes], bool]:
    """The function that gives bytes to a reader: True for a result, False for an error of one line.

    Whatever else a reader raises goes through. `folder` is for the file that it reads.
    """
    from argmine.annotation.files import read_annotations
    from argmine.argument_map import ArgumentMap
    from argmine.errors import ArgmineError
    from argmine.readers import ReadOptions, read_paper
    from research.damage import greedy

    path = folder / f"input{READERS[reader]}"
    engine: Any = "pdfplumber" if reader == "pdfplumber" else "pdfium"

    def load(path: Path) -> object:
        if reader == "map":
            return ArgumentMap.from_file(path)
        if reader == "annotations":
            return read_annotations(path)
        return read_paper(path, ReadOptions(reader=engine, ocr="never"))

    def run(data: bytes) -> bool:
        if reader == "docx" and data[:1] == b"<":  # the main part alone
            data = greedy.word_file({"word/document.xml": data})
        path.write_bytes(data)
        try:
            load(path)
        except ArgmineError as why:
            message = str(why)
            if len(message.splitlines()) != 1 or path.name not in message:
                raise AssertionError(f"no line that names the file: {message!r}") from why
            return False
        return True

    return run


def seeds(reader: str) -> list[bytes]:
    """Small sound files to begin with, and the cases that were kept."""
    from random import Random

    from research.damage import documents, greedy, markup, pdf_made
    from research.damage import seeds as made
    from research.damage.json_files import _paper_json

    random = Random(0)
    pdfs = [
        pdf_made.paper([pdf_made.stream(pdf_made.page_content(random, 12), packed=False)]),
        greedy.painted({100: greedy.form(b"BT /F1 10 Tf 72 700 Td (ha) Tj ET", {})}, 100, random),
    ]
    own = {
        "pdf": pdfs, "pdfplumber": pdfs, "docx": [documents._word(), greedy.word_xml(_WORD)],
        "odt": [documents.open_document()], "epub": [documents.book()], "rtf": [documents.rich_text()],
        "html": [documents._page(random).encode(), _HTML], "jats": [markup.article(random).encode()],
        "tei": [documents._tei(random).encode()], "markdown": [_MARKDOWN], "text": [_TEXT],
        "paper": [_paper_json().encode()], "map": [made.small_map().to_json().encode()],
        "annotations": [made.annotation().encode()],
    }  # fmt: skip
    kept = sorted((CORPUS / reader).glob("*")) if (CORPUS / reader).is_dir() else []
    return [*own[reader], *(path.read_bytes() for path in kept)]


def bound() -> None:
    """Limit this process's memory."""
    import resource

    size = MEMORY * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def with_atheris(reader: str, arguments: list[str]) -> None:
    """Be the fuzzer: libFuzzer with these arguments. Does not return."""
    import atheris

    with atheris.instrument_imports(include=["argmine"]):
        import argmine.annotation.files
        import argmine.argument_map
        import argmine.readers
        import argmine.readers.build
        import argmine.readers.docx
        import argmine.readers.epub
        import argmine.readers.html
        import argmine.readers.jats
        import argmine.readers.markdown
        import argmine.readers.odt
        import argmine.readers.pdf
        import argmine.readers.pdf.pdfium
        import argmine.readers.pdf.plumber
        import argmine.readers.rtf
        import argmine.readers.styled
        import argmine.readers.tei
        import argmine.readers.text  # noqa: F401
    bound()
    with tempfile.TemporaryDirectory(prefix="argmine-fuzz-") as folder:
        run = target(reader, Path(folder))
        atheris.Setup([sys.argv[0], *arguments], lambda data: run(data) and None)
        atheris.Fuzz()


def with_mutations(reader: str, seconds: int, out: Path) -> int:
    """Search by mutations of what reached new lines of argmine, the seeds first; how many inputs crashed."""
    from random import Random

    from research.damage import mutate

    bound()
    known: set[tuple[str, int]] = set()
    crashes, end, random = 0, time.monotonic() + seconds, Random(0)
    pool = seeds(reader)
    with tempfile.TemporaryDirectory(prefix="argmine-fuzz-") as folder:
        run = target(reader, Path(folder))
        while time.monotonic() < end:
            data = mutate.raw(random, random.choice(pool))[1]
            lines: set[tuple[str, int]] = set()
            sys.settrace(_follow(lines))
            try:
                run(data)
            except (Exception, RecursionError):
                sys.settrace(None)
                crashes += 1
                (out / f"crash-{crashes}").write_bytes(data)
            finally:
                sys.settrace(None)
            if lines - known and len(data) <= LARGEST_KEPT * 4:
                known |= lines
                pool.append(data)
                (out / "corpus" / f"{len(pool)}").write_bytes(data)
    return crashes


def _follow(lines: set[tuple[str, int]]) -> Any:
    def follow(frame: Any, event: str, _: Any) -> Any:
        if "argmine" not in frame.f_code.co_filename:
            return None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return follow

    return follow


def fuzz(reader: str, seconds: int, out: Path) -> tuple[bool, str]:
    """Fuzz a reader for so long into `out`; whether all went well, and a line that says what was done."""
    found = out / reader
    corpus = found / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(reader)):
        (corpus / f"seed-{number}").write_bytes(data)
    before = set(_crashes(found))
    words = [sys.executable, str(Path(__file__).resolve()), "--be", reader, "--out", str(out)]
    end, runs, log, failed = time.monotonic() + seconds, 0, [], False
    while (left := round(end - time.monotonic())) > 0 and len(set(_crashes(found)) - before) < MOST_CRASHES:
        # libFuzzer ends with the first crash: it is started again for the rest of the time.
        options = [
            f"-max_total_time={left}", f"-timeout={AN_INPUT}", f"-rss_limit_mb={MEMORY}", "-max_len=32768",
            "-len_control=0", f"-artifact_prefix={found}{os.sep}", "-print_final_stats=1", str(corpus),
        ]  # fmt: skip
        command = [*words, "--seconds", str(left), "--", *options]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        log.append(done.stdout + done.stderr)
        runs += sum(int(n) for n in re.findall(r"number_of_executed_units: (\d+)", done.stderr))
        failed |= done.returncode != 0
        if failed and not set(_crashes(found)) - before:
            break  # it could not even begin
    (found / "log.txt").write_text("\n".join(log), encoding="utf-8")
    crashed = sorted(set(_crashes(found)) - before)
    way = f"Atheris, {runs} inputs" if importlib.util.find_spec("atheris") else "mutations, as there is no Atheris,"
    line = f"{reader}: {way} in {seconds} s, {len(list(corpus.iterdir()))} kept to go on from"
    if crashed:
        line += f"; FAILED on {', '.join(crashed)} in {found}"
    return not crashed and not failed, line


def _crashes(folder: Path) -> list[str]:
    return [path.name for kind in ("crash-*", "timeout-*", "oom-*") for path in folder.glob(kind)]


def keep(reader: str, out: Path) -> str:
    """Take over the smallest inputs that reach everything; a line that says how many."""
    folder = CORPUS / reader
    sources = [out / reader / "corpus", *([folder] if folder.is_dir() else [])]
    with tempfile.TemporaryDirectory(prefix="argmine-fuzz-") as held:
        merged, small = Path(held) / "merged", Path(held) / "small"
        merged.mkdir()
        small.mkdir()
        for source in sources:
            for path in source.iterdir():
                if path.is_file() and path.stat().st_size <= LARGEST_KEPT:
                    shutil.copy(path, small / path.name)
        if importlib.util.find_spec("atheris"):
            words = [sys.executable, str(Path(__file__).resolve()), "--be", reader, "--", "-merge=1"]
            subprocess.run([*words, f"-timeout={AN_INPUT}", str(merged), str(small)], capture_output=True, check=False)
        chosen = sorted(merged.iterdir() if any(merged.iterdir()) else small.iterdir(), key=lambda p: p.stat().st_size)
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        total = count = 0
        from hashlib import sha256

        for path in chosen:
            data = path.read_bytes()
            if total + len(data) > MOST_KEPT:
                break
            total, count = total + len(data), count + 1
            (folder / (sha256(data).hexdigest()[:16] + READERS[reader])).write_bytes(data)
    return f"{reader}: {count} cases of {total} bytes kept"


def main() -> int:
    """Fuzz the readers one after another and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", default=",".join(READERS))
    parser.add_argument("--seconds", type=int, default=180, help="for each reader")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--keep", action="store_true", help="take what reaches more over into tests/fuzz/corpus")
    parser.add_argument("--be", help=argparse.SUPPRESS)
    parser.add_argument("options", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        if importlib.util.find_spec("atheris"):
            with_atheris(options.be, options.options)
        return int(with_mutations(options.be, options.seconds, options.out / options.be) > 0)
    whole = True
    for reader in options.readers.split(","):
        fine, line = fuzz(reader, options.seconds, options.out)
        whole &= fine
        print(line, flush=True)
        if options.keep:
            print(keep(reader, options.out), flush=True)
    return int(not whole)


if __name__ == "__main__":
    sys.exit(main())
