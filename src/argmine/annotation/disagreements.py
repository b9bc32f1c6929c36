"""Where two readings of a paper differ, and agreement in rows for people."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from argmine.anchors import placed
from argmine.annotation.agreement import Pair, sentence_labels, spans_of
from argmine.annotation.files import AnnotationFile, sentence_of
from argmine.paper import Paper
from argmine.scheme import DEFAULT, Scheme
from argmine.text import LetterStream, letter_offsets

Edge = TypeVar("Edge", bound=Hashable)
"""A relation's source and target: their sentences' numbers, or their units' names."""


Kind = Literal["label", "attribution", "unit", "relation", "key point", "answer", "voice"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One difference. `first` and `second` are what each says, `other` is a relation's target, an answer or where a
    voice ends."""

    slug: str
    kind: Kind
    sentence: int
    other: int | None
    first: str
    second: str
    first_annotator: str
    second_annotator: str
    text: str | None
    other_text: str | None = None


def disagreements(pair: Pair, texts: Mapping[int, str] | None = None) -> list[Disagreement]:
    """All differences of a pair over the sentences that both looked at, in the paper's order. `texts` are the
    sentences' texts by number, for stand-off files; files that carry their text need none."""
    files = pair.first, pair.second
    first, second = ({s.n: s for s in f.sentences} for f in files)
    both = sorted(first.keys() & second.keys(), key=lambda n: first[n].anchor.at)
    names = pair.first.header.annotator, pair.second.header.annotator
    labels = [sentence_labels(f) for f in files]
    split = [_split(f) for f in files]
    edges = [{(sentence_of(r.source), sentence_of(r.target)): r.label for r in f.relations} for f in files]
    relations: dict[int, dict[int, tuple[str, str]]] = {}
    for (source, target), drawn in differing_relations(*edges).items():
        if {source, target} <= set(both):
            relations.setdefault(source, {})[target] = drawn
    found: list[Disagreement] = []

    def text(n: int) -> str | None:
        return (texts or {}).get(n) or first[n].text or second[n].text

    def add(kind: Kind, n: int, said: Iterable[str]) -> None:
        one, two = said
        found.append(Disagreement(pair.slug, kind, n, None, one, two, *names, text(n)))

    for n in both:
        one, two = first[n], second[n]
        if labels[0][n] != labels[1][n]:
            doubts = (" (unsure)" if line.unsure else "" for line in (one, two))
            add("label", n, (label[n] + doubt for label, doubt in zip(labels, doubts, strict=True)))
        elif split[0].get(n) != split[1].get(n):
            units = zip(split, labels, strict=True)
            add("unit", n, (" + ".join(u for _, u in of.get(n, ())) or f"{label[n]}, whole" for of, label in units))
        elif one.label != pair.labels.none and one.attribution is not two.attribution:
            add("attribution", n, (one.attribution.value, two.attribution.value))
        for target, (a, b) in sorted(relations.get(n, {}).items()):
            ends = text(n), text(target)
            found.append(Disagreement(pair.slug, "relation", n, target, a or "–", b or "–", *names, *ends))
    return found


def _split(file: AnnotationFile) -> dict[int, list[tuple[int, str]]]:
    """The units of each split sentence: where each begins, and its label."""
    found: dict[int, list[tuple[int, str]]] = {n: [] for n in file.parts}
    for span in spans_of(file):
        if span.sentence in found:
            found[span.sentence].append((span.start, span.label))
    return found


def differing_relations(first: Mapping[Edge, str], second: Mapping[Edge, str]) -> dict[Edge, tuple[str, str]]:
    """Where two readings differ in relations, by source and target: what each calls it, "" where it draws none. A
    relation that the other draws the other way round is two: each lacks one's direction."""
    edges = dict.fromkeys((*first, *second))
    said = {edge: (first.get(edge, ""), second.get(edge, "")) for edge in edges}
    return {edge: (one, two) for edge, (one, two) in said.items() if one != two}


def texts_in(file: AnnotationFile, paper: Paper) -> dict[int, str]:
    """The text of each annotated or named sentence as it stands in `paper`, by its number; without those not found."""
    stream = LetterStream.of_paper(paper)

    def offset(index: int, letter: int) -> int:
        sentence = paper.sentences[index]
        return sentence.start + letter_offsets(paper.slice(sentence))[letter - stream.starts[index]]

    texts: dict[int, str] = {}
    for line, start, cover in placed(file.numbered, stream):
        if start is None:
            continue
        (first, _), (last, _) = cover[0], cover[-1]
        stop = start + line.anchor.letters
        begin, end = paper.sentences[first].start, paper.sentences[last].end
        if start != stream.starts[first]:
            begin = offset(first, start)
        if stop != stream.starts[last] + stream.length(last):
            end = offset(last, stop - 1) + 1
        texts[line.n] = " ".join(paper.text[begin:end].split())
    return texts


def counted(scheme: Scheme) -> str:
    numbers = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    many = len(scheme.unit_labels)
    return numbers[many] if many < len(numbers) else str(many)


def figure_rows(figures: Mapping[str, Any], scheme: Scheme = DEFAULT) -> list[list[Any]]:
    """Rows of a table: what, value, 95 % interval."""
    named: list[tuple[str, Mapping[str, Any]]] = [
        ("sentences: Krippendorff's alpha", figures["alpha"]),
        ("sentences: Cohen's kappa", figures["kappa"]),
        (f"sentences: mean F1 of the {counted(scheme)} labels", figures["macro5"]),
        ("attribution: F1 of reported", figures["attribution"]["reported"]),
        ("attribution: Cohen's kappa", figures["attribution"]["kappa"]),
        *((f"units: F1, {kind}", figures["units"][kind]) for kind in ("exact", "weak")),
        ("links between sentences: F1", figures["link"]),
        ("links with their label: F1", figures["typed"]),
        *((f"relations: F1, {kind}", figures["relation_f1"][kind]) for kind in ("exact", "weak")),
        *(
            (f"relations given agreed units: F1, {kind}", figures["relation_f1_given_units"][kind])
            for kind in ("exact", "weak")
        ),
    ]
    return [[name, found["value"], interval(found)] for name, found in named]


def label_rows(figures: Mapping[str, Any]) -> list[list[Any]]:
    return [[label, f1["n"], f1["value"], interval(f1)] for label, f1 in figures["f1"].items()]


def confusion_rows(figures: Mapping[str, Any]) -> list[list[Any]]:
    """Rows of a table: the first's label, then how often the second has each label."""
    return [[one, *row.values()] for one, row in figures["confusion"].items()]


def interval(found: Mapping[str, Any]) -> str:
    ends = found["interval"]
    return f"{ends[0]:.2f}–{ends[1]:.2f}" if ends else "–"
