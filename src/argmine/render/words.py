"""Wording that the pages and the summary share: counts, places, what is known of a map's quality.

`ArgumentMap.scores.model` holds the model's published figures. Read here are `macro5` (a number, or a mapping with
`value` and `interval`), `link` the same way, `papers` (how many held-out papers), `baseline` (`macro5` of cue phrases),
`agreement` (two annotators against each other), `thresholds` (what precision and recall to expect where only units of
at least a probability are taken) and `key_points` (`hit@1`, `precision` and `coverage`, each [value, low, high], and
`papers`); `scores.gold` holds `macro5` and `link` of this paper. What is missing is left out of the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, Final

from argmine.argument_map import ArgumentMap

GOLD_NOTE: Final = (
    "The gold that the model and the samples came with was made by language-model annotators: agreement with it says "
    "how clear the scheme is, not how right the labels are."
)

CAUTION: Final = "Labelled by a machine, which is often wrong: check against the text."


def cut(text: str, limit: int) -> str:
    """The text on one line, cut at a word's end to at most `limit` characters, the last of which is then "…"."""
    line = " ".join(text[: 4 * limit].split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    kept = line[: limit - 1]
    at = kept.rfind(" ")
    if at > limit // 2 and line[limit - 1 : limit] != " ":
        kept = kept[:at]
    return kept.rstrip(" ,;:") + "…"


def count(n: int, one: str, many: str | None = None) -> str:
    """ "1 page", "1,234 pages"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def word_list(text: str) -> frozenset[str]:
    """The words of a list that is written out as text."""
    return frozenset(text.split())


def percent(score: float | None) -> str:
    """ "81 %", or nothing where there is no score."""
    return "" if score is None else f"{100 * score:.0f} %"


def place_of(page: int | None, section: str, limit: int = 80) -> str:
    """Page and section: "p. 4, 2.1 Policy"; empty where neither is known. The title is cut at `limit`."""
    parts = (f"p. {page}" if page is not None else "", cut(section, limit))
    return ", ".join(part for part in parts if part)


def words_of(text: str) -> frozenset[str]:
    """The longer words of a text without case and marks; of an endless text its start."""
    kept = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", text[:2000]).casefold())
    words = kept.split()
    return frozenset(w for w in words if len(w) > 3) or frozenset(words)


_POINTERS: Final = word_list(
    """
    this these those that such it its they their them he she his her both latter former aforementioned above doing
    """
)
_ITSELF: Final = word_list("paper article study essay report work chapter review brief thesis research")
"""After "this" these mean the paper in hand."""
_EMPTY_IT: Final = re.compile(
    r"it (?:is|was|remains|seems|appears|follows|would be|may be|might be|can be|could be|has been|is not|is also)\b"
    r"(?: [^ ]+){0,4} (?:to|that|whether|who|why|how|what|if)\b",
    re.IGNORECASE,
)
"""The subject of "it is essential to" points to nothing."""
_BACK: Final = frozenset({"this", "these", "those", "such"})
_JOINS: Final = word_list("if when while as since because although though where until for but and so")
_HEAD: Final = 3
"""In the first words of a sentence a demonstrative points to the sentence before; later ones mostly point into it."""


def points_back(text: str, topic: Collection[str] = ()) -> bool:
    """Whether a sentence opens with a word that is understood only from the sentence before it ("this" before one of
    the words in `topic`, those of the paper's title, is understood without)."""
    words = [word.casefold().strip(",.:;()\u201c\u201d\"'") for word in text[:200].split(None, _HEAD + 1)]
    for at, word in enumerate(words[:_HEAD]):
        following = words[at + 1] if at + 1 < len(words) else ""
        if following in _ITSELF or (word in _BACK and following in topic):
            return False
        opens = at == 0 or (at == 1 and (words[0] in _JOINS or text.split(None, 1)[0].endswith(",")))
        if word == "it" and _EMPTY_IT.search(" ".join(text[:200].split())):
            return False
        if word == "both" and " and " in text[:200]:
            return False
        if word in _BACK or (opens and word in _POINTERS):
            return True
    return False


def made_by(amap: ArgumentMap) -> str:
    """Who made the map, in a few words."""
    by = amap.made_by
    if by.kind == "model":
        return f"Made by the model {cut(by.name, 80)}" + (f" {cut(by.version, 40)}" if by.version else "")
    how = {"blind": ", without seeing suggestions", "assisted": ", from a model's suggestions"}.get(by.mode or "", "")
    if by.role == "adjudicated":
        return "Adjudicated annotation" + (f" ({cut(by.name, 80)})" if by.name != "adjudicated" else "")
    return f"Annotated by {cut(by.name, 80)}{how}"


def trust(amap: ArgumentMap) -> list[str]:
    """How far the map can be trusted: held-out figures, this paper's score, and what the gold is."""
    if amap.made_by.kind == "annotator":
        return []
    model, gold = amap.scores.model or {}, amap.scores.gold or {}
    macro, link, agreement = (_figure(model.get(key)) for key in ("macro5", "link", "agreement"))
    lines = ["No held-out figures came with this model."]
    if macro:
        papers, baseline = model.get("papers"), model.get("baseline")
        unseen = f"{papers} unseen papers" if isinstance(papers, int) else "unseen papers"
        cues = _figure(baseline.get("macro5")) if isinstance(baseline, Mapping) else ""
        line = f"On {unseen} this model reaches macro-F1 {macro} for the labels"
        line += f" (cue phrases {cues})" if cues else ""
        line += f" and F1 {link} for the links" if link else ""
        lines = [line + (f"; two annotators agree at {agreement}." if agreement else ".")]
    lines += _first_screen(model.get("key_points"))
    if amap.made_by.trained_on_this_paper:
        lines.append("The model was trained on this paper, so no score is shown for it.")
    elif own := _figure(gold.get("macro5")):
        link = _figure(gold.get("link"))
        lines.append(f"Against this paper's gold: macro-F1 {own}" + (f", links F1 {link}." if link else "."))
    if macro or gold:
        lines.append(GOLD_NOTE)
    return lines


_OF_KEY_POINTS: Final = {
    "hit@1": "the first thesis shown is one of the paper's in {}",
    "precision": "{} of the entries are right",
    "coverage": "{} of the places that a paper fills have a right entry",
}


def _first_screen(figures: object) -> list[str]:
    """How often the first screen is right, in a sentence; nothing where that is not told."""
    told = figures if isinstance(figures, Mapping) else {}
    said = [words.format(share) for key, words in _OF_KEY_POINTS.items() if (share := _share(told.get(key)))]
    papers = told.get("papers")
    unseen = f"{papers} unseen papers" if isinstance(papers, int) else "unseen papers"
    return [f"Key points, on {unseen}: {'; '.join(said)}."] if said else []


def _share(value: object) -> str:
    """ "75 % [58, 92]" from a share with its interval; else empty."""
    match value:
        case [int() | float() as share, int() | float() as low, int() | float() as high]:
            return f"{100 * share:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"
    return percent(float(value)) if isinstance(value, int | float) and _is_number(value) else ""


def thresholds(amap: ArgumentMap) -> list[tuple[float, float, float]]:
    """The model's published table as (least probability, precision, recall), rising; empty without one."""
    table = (amap.scores.model or {}).get("thresholds")
    rows = []
    for row in table if isinstance(table, list) else ():
        match row:
            case {
                "threshold": float() | int() as least,
                "precision": float() | int() as p,
                "recall": float() | int() as r,
            }:
                if all(0 <= n <= 1 for n in (least, p, r)):
                    rows.append((float(least), float(p), float(r)))
    return sorted(rows)


def _figure(value: Any) -> str:
    """ "0.46 [0.42, 0.50]" from a number or from a mapping with a value and an interval; else empty."""
    if isinstance(value, Mapping):
        number = next((value[k] for k in ("value", "f1", "mean") if _is_number(value.get(k))), None)
        if number is None:
            return ""
        for key in ("interval", "ci", "ci95"):
            match value.get(key):
                case [int() | float() as low, int() | float() as high]:
                    return f"{number:.2f} [{low:.2f}, {high:.2f}]"
        return f"{number:.2f}"
    return f"{value:.2f}" if _is_number(value) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
