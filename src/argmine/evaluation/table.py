"""Results as tables: plain text for the terminal, Markdown for README and model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from argmine.scheme import DEFAULT

Row = Sequence[str]


def report_table(scores: Mapping[str, Any]) -> str:
    """The figures for the terminal, with a final newline."""
    if "macro" in scores:
        return _own_table(scores)
    parts = [
        f"{scores['papers']} papers, {scores['sentences']} sentences",
        _plain(labels_rows(scores)),
        _plain(labels_summary_rows(scores)),
        _plain(relations_rows(scores)),
        f"attribution: F1 {_value(scores['attribution'])} of reported   "
        f"calibration: ECE {_number(scores['calibration']['ece'])}, "
        f"Brier skill {_number(scores['calibration']['brier_skill'])}",
    ]
    if scores.get("trained_on"):
        parts.append(
            f"The model was trained on {len(scores['trained_on'])} of these papers: its figures here say nothing about "
            "new ones. Use --folds, or papers that it has not seen."
        )
    return "\n\n".join(parts) + "\n"


def _own_table(scores: Mapping[str, Any]) -> str:
    baseline = scores["baseline"]
    rows: list[Row] = [["label", "n", "P", "R", "F1", "baseline"]]
    counted = [(label, own, baseline["labels"][label]) for label, own in scores["labels"].items()]
    shares = [(title, scores[name], baseline[name]) for name, title in _SHARES]
    links = [(title, scores[name], baseline.get(name)) for name, title in _LINKS if name in scores]
    for title, own, other in [*counted, *shares, *links]:
        pr = [str(own["n"]), _number(own["p"]), _number(own["r"])] if "p" in own else ["", "", ""]
        rows.append([title, *pr, _value(own), _number(other["value"]) if other else ""])
    head = f"{scores['documents']} documents, {scores['sentences']} labelled sentences"
    tail = "baseline: the commonest label" + ("; the unit before as target" if "links" in scores else "")
    if known := scores["trained_on"]:
        tail += f"\nThe model was trained on {len(known)} of these documents: its figures say nothing about new ones."
    return "\n".join([head, "", _plain(rows), "", tail]) + "\n"


def key_point_table(scores: Mapping[str, Any]) -> str:
    """The figures of key points for the terminal: over all places, then by place; with a final newline."""
    figures = [name for name, figure in scores.items() if isinstance(figure, Mapping) and "value" in figure]
    over_all: list[Row] = [["", "n", "share"], *([n, str(scores[n]["n"]), _value(scores[n])] for n in figures)]
    by_place: list[Row] = [["place", "shown", "right", "best", "coverage"]]
    for place, table in scores["places"].items():
        by_place.append([place, str(table["right"]["n"]), *_cells(table, "right", "best", "coverage")])
    parts = [f"{scores['papers']} papers", _plain(over_all), _plain(by_place)]
    if known := scores["trained_on"]:
        parts.append(f"The model was trained on {len(known)} of these papers: its figures say nothing about new ones.")
    return "\n\n".join(parts) + "\n"


_SHARES = (("macro", "macro"), ("macro_all", "macro of all"), ("accuracy", "accuracy"))
_LINKS = (("links", "links"), ("typed_links", "links, typed"), ("links_on_gold_units", "links, gold units"))


def labels_rows(scores: Mapping[str, Any]) -> list[Row]:
    """Precision, recall and F1 of each label, beside the cue phrases' F1 and, where known, that of two annotators."""
    agreement = scores.get("agreement")
    rows: list[Row] = [["label", "n", "P", "R", "F1", "cue phrases", *(["two annotators"] if agreement else [])]]
    for label in DEFAULT.labels:
        own, cue = scores["labels"][label], scores["baselines"]["cues"]["labels"][label]
        more = [_number(agreement["labels"][label]["f1"])] if agreement else []
        rows.append([label, str(own["n"]), *_cells(own, "p", "r", "f1"), _number(cue["f1"]), *more])
    return rows


def labels_summary_rows(scores: Mapping[str, Any]) -> list[Row]:
    """Macro F1, accuracy and kappa of the model, the baselines and, where known, two annotators."""
    baselines = scores["baselines"]
    named = {"model": scores, "cue phrases": baselines["cues"], "commonest label": baselines["majority"]}
    named |= {"two annotators": scores["agreement"]} if "agreement" in scores else {}
    rows = ([name, *_cells(table, "macro5", "macro4", "accuracy", "kappa")] for name, table in named.items())
    return [["", "macro5", "macro4 (no motivation)", "accuracy", "kappa"], *rows]


def relations_rows(scores: Mapping[str, Any]) -> list[Row]:
    relations, baselines = scores["relations"], scores["baselines"]
    named = {
        "model, gold units": relations["gold_units"],
        "model, predicted units": relations["predicted_units"],
        "nearest claim or challenge before, gold units": baselines["nearest_on_gold_units"],
        "nearest claim or challenge before, predicted units": baselines["nearest_on_predicted_units"],
    }
    named |= {"two annotators, each on own units": scores["agreement"]} if "agreement" in scores else {}
    rows = ([name, *_cells(table, "link", "typed")] for name, table in named.items())
    return [["relations", "link F1", "typed F1"], *rows]


def paper_rows(scores: Mapping[str, Any]) -> list[Row]:
    """Each paper's own figures, best first."""
    ordered = sorted(scores["by_paper"].items(), key=lambda item: (-item[1]["accuracy"], item[0]))
    figures = ("macro5", "macro4", "accuracy", "link", "typed")
    rows = ([slug, str(one["sentences"]), *_cells(one, *figures)] for slug, one in ordered)
    return [["paper", "sentences", "macro5", "macro4", "accuracy", "link F1", "typed F1"], *rows]


def kind_rows(scores: Mapping[str, Any]) -> list[Row]:
    figures = ("macro5", "macro4", "accuracy", "link")
    kinds = scores["by_kind"].items()
    rows = ([kind, str(one["papers"]), str(one["sentences"]), *_cells(one, *figures)] for kind, one in kinds)
    return [["kind", "papers", "sentences", "macro5", "macro4", "accuracy", "link F1"], *rows]


def key_point_rows(points: Mapping[str, Any]) -> list[Row]:
    """The first screen: the model, then each baseline, then the model by kind of paper."""
    figures = ("hit@1", "precision", "coverage", "answers", "answered", "voices")
    named = {"model": points, **points.get("baselines", {})}
    named |= {f"model, {kind}": one for kind, one in points.get("by_kind", {}).items()}
    heads = ("first thesis right", "entries right", "places covered", "answers right", "problems answered", "voices F1")

    def cells(one: Mapping[str, Any]) -> list[str]:
        return [cell if one[k].get("n", 1) else "–" for k, cell in zip(figures, _cells(one, *figures), strict=True)]

    rows = [[name, str(one["papers"]), *cells(one)] for name, one in named.items()]
    return [["first screen", "papers", *heads], *rows]


def threshold_rows(scores: Mapping[str, Any]) -> list[Row]:
    reached = scores["thresholds"][::2]
    rows = ([f"{row['threshold']:.2f}", str(row["units"]), *_cells(row, "precision", "recall")] for row in reached)
    return [["threshold", "units", "precision", "recall"], *rows]


def sample_rows(scores: Mapping[str, Any]) -> list[Row]:
    """Papers scored from PDF to map, each in a row, then all of them with intervals."""
    named = dict(scores["by_paper"])
    named[f"all {scores['papers']}"] = {**scores, **scores["relations"]["predicted_units"]}
    named |= {"two annotators": scores["agreement"]} if scores.get("agreement") else {}
    figures = ("macro5", "accuracy", "link", "typed")
    rows = ([name, str(one["sentences"]), *_cells(one, *figures)] for name, one in named.items())
    return [["paper", "sentences", "macro5", "accuracy", "link F1", "typed F1"], *rows]


def _cells(table: Mapping[str, Any], *names: str) -> list[str]:
    return [_value(table[k]) if isinstance(table[k], Mapping) else _number(table[k]) for k in names]


def markdown(rows: Sequence[Row]) -> str:
    head, *body = rows
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _plain(rows: Sequence[Row]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = ((cell.ljust if i == 0 else cell.rjust)(widths[i]) for i, cell in enumerate(row))
        lines.append("  ".join([first, *others]).rstrip())
    return "\n".join(lines)


def _value(figure: Mapping[str, Any]) -> str:
    text = _number(figure["value"])
    if interval := figure.get("interval"):
        text += f" [{_number(interval[0])}, {_number(interval[1])}]"
    return text


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
