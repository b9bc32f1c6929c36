"""Summaries that people wrote of their own papers, apart from the papers' texts.

A row of second_truth.jsonl is one of sources.jsonl (see fetch_papers.py) with `truth`, the kind of summary, and one of

- abstract: an abstract of JATS of this type (an author summary, a digest, highlights)
- syllabus: true where a slip opinion's syllabus is the summary
- sections: the sections, by their titles as a regular expression, that are the summary

or, in place of repository, commit, path, sha256 and form, with `bank`, where the text stands among the bank's. What is
the summary is no part of the text that is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argmine.annotation.bank import BankPaper, paper_of
from argmine.paper import Paper
from research.key_points.blocks import element_text, named, parsed, tidy
from research.key_points.court_forms import OPINION_HEAD, below_caption, joining, printed_pages
from research.key_points.fetch_papers import check, made, raw_files
from research.key_points.import_readings import unlabelled
from research.key_points.sentences import sentences_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Summarised:
    """A paper without its summary, and the summary's sentences."""

    slug: str
    kind: str
    truth: str
    paper: Paper
    summary: tuple[str, ...]


def summarised(row: Row, mirrors: Path, bank: Mapping[str, BankPaper]) -> Summarised:
    """The paper and summary of a row. Raises ValueError where there is no summary, or nothing beside it."""
    if "bank" in row:
        text, summary = bank[row["bank"]], list[str]()
        of = within([(s.section or "", s.level or 1) for s in text.sentences], row["sections"])
        summary += [s.text for s, there in zip(text.sentences, of, strict=True) if there]
        kept = tuple(s for s, there in zip(text.sentences, of, strict=True) if not there)
        text = text.model_copy(update={"sentences": kept})
    else:
        files = raw_files(row, mirrors)
        check(row, files)
        whole, summary = made(row, files), list(written(row, files))
        if "sections" in row:
            of = within([(s["title"], s["level"]) for s in whole["sections"]], row["sections"])
            parted = list(zip(whole["sections"], of, strict=True))
            summary += [t for s, there in parted if there for paragraph in s["paragraphs"] for t in paragraph]
            whole["sections"] = [s for s, there in parted if not there]
        text = unlabelled(whole)
    if not summary or not text.sentences:
        raise ValueError(f"{row['slug']}: has no {'text' if summary else 'summary'}")
    return Summarised(row["slug"], row["kind"], row["truth"], paper_of(text), tuple(summary))


def within(headings: Sequence[tuple[str, int]], pattern: str) -> list[bool]:
    """Whether each title, of its level, matches the pattern or stands below one that does."""
    found: list[bool] = []
    above = 0  # the level of the title that matched
    for title, level in headings:
        if re.search(pattern, title, re.IGNORECASE):
            above = level
        elif level <= above:
            above = 0
        found.append(above > 0)
    return found


def written(row: Row, files: Sequence[bytes]) -> Iterator[str]:
    """The sentences of a summary that the form of the text leaves out."""
    if "abstract" in row:
        yield from typed_abstract(files[0], row["abstract"])
    elif row.get("syllabus"):
        yield from sentences_of(syllabus(files[0]), citations=True)


def typed_abstract(data: bytes, kind: str) -> Iterator[str]:
    """The sentences of the abstracts of a type, without titles and identifiers; each point of a list is one."""
    unread = named("title", "object-id", "xref", "sup", "label")
    for abstract in parsed(data).iter("{*}abstract"):
        if abstract.get("abstract-type") != kind:
            continue
        for paragraph in abstract.iter("{*}p"):
            text = re.sub(r"^\W+|^DOI:.*", "", element_text(paragraph, unread))
            if not any(child.tag == "list" for child in paragraph) and re.search(r"\w{3}", text):
                yield from sentences_of(text)


NOTE = re.compile(r"NOTE: ?Where it is feasible|NOTICE: ?This opinion is subject")
CITED_PAGES = re.compile(r"\s*\(?\bPp?\. ?\d+(?:[–-]\d+)?(?:, ?\d+(?:[–-]\d+)?)*\.\)?")
HELD = re.compile(r"\bHeld: ?")
DISPOSED = re.compile(
    r"(?:\s?(?:Nos?\. [\d–, -]+)?(?:and No\. [\d–-]+, )?\d+ [A-Z][^,;]{1,25} \d+[,;]?)+[^A-Z.]{0,80}"
    r"\b(?:affirmed|reversed|vacated|dismissed)\b[^.]{0,60}\.?\s*$"
)
DELIVERED = re.compile(r"[A-Z’' ,.]{3,40}, (?:C\. ?)?J\., (?:delivered|announced)")


def syllabus(data: bytes) -> str:
    """What the syllabus of a slip opinion says was held: without the facts, the pages and who wrote what."""
    pages = printed_pages(data)
    joined = joining(pages)
    text = ""
    for number, page in enumerate(pages):
        lines = [line for _, line in page]
        head = next((line for line in lines[:4] if OPINION_HEAD.match(line)), "")
        if number and (not head.startswith("Syllabus") or any(NOTE.match(line) for line in lines[:6])):
            break
        at = next((n for n, line in enumerate(lines[:4]) if OPINION_HEAD.match(line)), -1)
        for _, line in below_caption(page[at + 1 :]):
            text = joined(text, line) if text else line
    held, ends = HELD.search(text), DELIVERED.search(text)
    text = CITED_PAGES.sub("", text[held.end() if held else 0 : ends.start() if ends else None])
    return tidy(DISPOSED.sub("", text))
