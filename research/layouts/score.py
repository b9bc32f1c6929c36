"""How well made papers were read: their sentences, what stands in boxes, and what must not be taken for a sentence."""

from __future__ import annotations

import json
import re
import statistics
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_KEYS = ("recall", "exact", "precision", "with boxes", "boxes", "boxed", "apart", "headings")


def letters(text: str) -> str:
    """What is compared: the letters alone, in lower case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalpha())


def score(paper: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, float | None]:
    """Shares, None where the paper has nothing of the kind.

    recall, exact: truth sentences that stand whole in the body, that are one sentence; precision: letters of the body's
    sentences that stand in the truth's, those of box blocks left out; with boxes: those of box blocks counted, the
    truth's boxed sentences as wrong; boxes: the truth's boxed sentences that are one sentence of the body; boxed: those
    of them that stand in a box block; apart: texts of figures, panels, notes, epigraphs of which no sentence of the
    body holds anything; headings: F1 by title.
    """
    text = paper["text"]
    kinds = {block["id"]: block["type"] for block in paper["blocks"]}
    said = [(letters(text[s["start"] : s["end"]]), kinds[s["block"]]) for s in paper["sentences"]]
    stream = "".join(t for t, _ in said)
    body = "|".join(["".join(map(letters, truth["sentences"])), letters(truth["title"])])
    body += "|".join(letters(h["title"]) for h in truth["headings"])
    want = [w for w in map(letters, truth["sentences"]) if len(w) >= 30]
    whole = {t for t, _ in said}
    outside = [t for t, kind in said if kind != "box"]
    boxes = [letters(s) for s in truth["boxes"]]
    in_box = {t for t, kind in said if kind == "box"}
    pieces = [letters(t) for t in truth["apart"]]
    titles = [_title(h["title"]) for h in truth["headings"]]
    return {
        "recall": _share(w in stream for w in want),
        "exact": _share(w in whole for w in want),
        "precision": sum(len(t) for t in outside if t in body) / max(1, sum(map(len, outside))),
        "with boxes": sum(len(t) for t, _ in said if t in body) / max(1, sum(len(t) for t, _ in said)),
        "boxes": _share(b in whole for b in boxes),
        "boxed": _share(b in in_box for b in boxes),
        "apart": _share(not any(p in t or (len(t) > 12 and t in p) for t in whole) for p in pieces if len(p) > 8),
        "headings": _f1([_title(s["title"]) for s in paper["sections"]], titles),
    }


def _title(title: str | None) -> str:
    return letters(re.sub(r"^\s*\d+(?:\.\d+)*\.?\s", "", title or ""))


def _share(found: Any) -> float | None:
    hits = list(found)
    return sum(hits) / len(hits) if hits else None


def _f1(got: list[str], want: list[str]) -> float:
    got = [t for t in got if t]
    hit = sum(min(got.count(t), want.count(t)) for t in set(want))
    return 2 * hit / max(1, len(got) + len(want))


def table(read: Path, truths: Path) -> str:
    """A line for each paper, and the means, also by what the papers show."""
    rows: dict[str, dict[str, float | None]] = {}
    for file in sorted(truths.glob("*.json")):
        found = read / file.stem / "paper.json"
        truth = json.loads(file.read_text(encoding="utf-8"))
        nothing: dict[str, float | None] = dict.fromkeys(_KEYS, 0.0)
        rows[file.stem] = score(json.loads(found.read_text(encoding="utf-8")), truth) if found.exists() else nothing
    groups = {kind: [r for name, r in rows.items() if name.startswith(kind)] for kind in _kinds(rows)} | {
        "all": list(rows.values())
    }
    lines = [f"{'':28}" + "".join(f"{key:>11}" for key in _KEYS)]
    lines += [f"{name:28}" + "".join(_cell(row[key]) for key in _KEYS) for name, row in rows.items()]
    lines.append("")
    for name, some in groups.items():
        means = {key: [v for row in some if (v := row[key]) is not None] for key in _KEYS}
        cells = "".join(_cell(statistics.mean(means[key]) if means[key] else None) for key in _KEYS)
        lines.append(f"{name + f' ({len(some)})':28}{cells}")
    return "\n".join(lines)


def _kinds(rows: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys(name.partition("-")[0] for name in rows))


def _cell(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>11}"
