"""Measure how fast argmine is on this machine and write docs/performance.md.

    python scripts/bench.py [--papers ../shared/papers/pdf] [--no-write]

Papers are the samples and, where there are more beside the repository, those too. Every reader gets the same PDFs in
one run, one after the other, in one process with one thread. Memory is the peak of a fresh process.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted((ROOT / "corpus" / "samples").glob("*.pdf"))
OUT = ROOT / "docs" / "performance.md"


def by_argmine(path: Path) -> None:
    """Read a PDF the whole way: text, tables, structure, sentences, references."""
    from argmine.pipeline import read

    read(path, ocr="never")


def by_pdfplumber(path: Path) -> None:
    """pdfplumber's plain text."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.close()


def by_pdfium(path: Path) -> None:
    """pdfium's bare text."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(path)
    for page in pdf:
        page.get_textpage().get_text_bounded()


def by_pdftotext(path: Path) -> None:
    """poppler's pdftotext, a process a paper as its users run it."""
    subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True)


def pages_of(path: Path) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as pdf:
        return len(pdf)


def readable(papers: Sequence[Path]) -> list[Path]:
    """The papers that hold text; scans are another measure."""
    from argmine.errors import ReadError

    good = []
    for path in papers:
        try:
            by_argmine(path)
        except ReadError:
            continue
        good.append(path)
    return good


def seconds(work: Callable[[Path], None], papers: Sequence[Path]) -> tuple[float, int]:
    """Wall time to do all papers once, the libraries loaded before; and how many of them failed."""
    work(papers[0])
    failed = 0
    began = time.perf_counter()
    for path in papers:
        try:
            work(path)
        except Exception:  # other people's readers raise whatever they like; what counts here is that they go on
            failed += 1
    return time.perf_counter() - began, failed


def peak_memory(code: str, *arguments: str) -> tuple[float, float]:
    """Run Python code in a fresh process: its peak resident memory in MiB, and its seconds."""
    began = time.perf_counter()
    tail = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code + tail, *arguments], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1024, time.perf_counter() - began


def joined(papers: Sequence[Path], pages: int, path: Path) -> None:
    """A PDF of this many pages, made of these papers' pages again and again."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    while len(writer.pages) < pages:
        for paper in papers:
            for page in PdfReader(paper).pages:
                if len(writer.pages) < pages:
                    writer.add_page(page)
    writer.write(path)


def reading(papers: Sequence[Path]) -> list[str]:
    """The table of readers."""
    pages = sum(map(pages_of, papers))
    works = {
        "argmine (text, tables, structure, sentences)": by_argmine,
        "pdfplumber extract_text": by_pdfplumber,
        "pypdfium2 get_text_bounded": by_pdfium,
    }
    if subprocess.run(["which", "pdftotext"], capture_output=True, check=False).returncode == 0:
        works["pdftotext"] = by_pdftotext
    lines = [
        f"{len(papers)} papers, {pages} pages.",
        "",
        "| reader | seconds | ms a page | pages a second |",
        "|---|---|---|---|",
    ]
    for name, work in works.items():
        took, failed = seconds(work, papers)
        note = f" ({failed} failed)" if failed else ""
        lines.append(f"| {name}{note} | {took:.1f} | {1000 * took / pages:.1f} | {pages / took:.0f} |")
        print(lines[-1], file=sys.stderr)
    return lines


def growth(papers: Sequence[Path]) -> list[str]:
    """Time and memory against the number of pages."""
    lines = ["| pages | seconds | ms a page | peak memory |", "|---|---|---|---|"]
    code = "import sys; from argmine.pipeline import read; read(sys.argv[1])"
    with tempfile.TemporaryDirectory() as folder:
        for pages in (75, 150, 300, 600):
            path = Path(folder) / f"{pages}.pdf"
            joined(papers, pages, path)
            memory, took = peak_memory(code, str(path))
            lines.append(f"| {pages} | {took:.1f} | {1000 * took / pages:.1f} | {memory:.0f} MiB |")
            print(lines[-1], file=sys.stderr)
    return lines


def mining(papers: Sequence[Path]) -> list[str]:
    """Tagging speed, loading time, whole runs, start-up."""
    began = time.perf_counter()
    import spacy  # noqa: F401

    imported = time.perf_counter() - began
    from argmine.model import Model, shipped_model
    from argmine.pipeline import read

    began = time.perf_counter()
    model = Model.load(shipped_model())
    loaded = time.perf_counter() - began
    read_papers = [read(p) for p in papers]
    model.predict(read_papers[0])
    began = time.perf_counter()
    sentences = 0
    for paper in read_papers:
        model.predict(paper)
        sentences += len(paper.sentences)
    tagged = time.perf_counter() - began
    lines = [
        "| what | figure |",
        "|---|---|",
        f"| importing spaCy | {imported:.2f} s |",
        f"| loading the model after that | {loaded:.2f} s |",
        f"| tagging and linking | {sentences / tagged:.0f} sentences a second |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for jobs in (1, 2):
            began = time.perf_counter()
            command = [
                sys.executable,
                "-m",
                "argmine",
                "mine",
                *map(str, papers),
                "--out",
                f"{folder}/{jobs}",
                "--quiet",
            ]
            subprocess.run([*command, "--jobs", str(jobs)], check=True)
            took = time.perf_counter() - began
            lines.append(
                f"| `argmine mine --jobs {jobs}`, from PDF to map | {60 * len(papers) / took:.0f} papers a minute |"
            )
        began = time.perf_counter()
        subprocess.run(command, check=True)
        lines.append(f"| the same again, nothing changed | {time.perf_counter() - began:.1f} s |")
        code = "import sys; from argmine.pipeline import mine; mine(sys.argv[1])"
        lines.append(f"| peak memory, one paper | {peak_memory(code, str(papers[0]))[0]:.0f} MiB |")
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "argmine", "--help"], check=True, capture_output=True)
    lines.append(f"| `argmine --help` | {time.perf_counter() - began:.2f} s |")
    return lines


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=Path, default=ROOT.parent / "shared" / "papers" / "pdf")
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    papers = readable([*SAMPLES, *sorted(options.papers.glob("*.pdf"))])
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    text = "\n".join([
        "# Performance", "",
        f"Written by `make bench` on one machine ({machine}); yours will differ.",
        "One process and one thread unless said.", "",
        "## Reading", "", *reading(papers), "",
        "## Reading against the number of pages", "", *growth(SAMPLES), "",
        "## Tagging, linking, whole runs", "", "On the sample papers.", "", *mining(SAMPLES), "",
    ])  # fmt: skip
    if options.no_write:
        print(text)
    else:
        OUT.write_text(text, encoding="utf-8")
        print(f"wrote {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
