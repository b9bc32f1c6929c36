"""`ArgumentMap`: units and relations over one `Paper`, made by a model or by an annotator.

The classes are the contract's map.json, field by field. Gold and prediction are the same type, so that they are
scored, shown and exported by the same code.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from html import escape
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field, model_validator

from argmine.errors import UsageError, need
from argmine.paper import Box, Frozen, Offset, PageNumber, Paper, Probability, dump_json, load_own
from argmine.scheme import DEFAULT, Attribution, Name, Scheme
from argmine.text import asks, leaves_open

if TYPE_CHECKING:
    import pandas as pd

MAP_SCHEMA: Final = "argmine/map/1"


class PaperRef(Frozen):
    """Which paper a map is of. `text_sha256` is the digest of `Paper.text` in UTF-8."""

    file: str
    sha256: str
    title: str = ""
    text_sha256: str

    @classmethod
    def of(cls, paper: Paper) -> PaperRef:
        """How a map names this paper."""
        digest = sha256(paper.text.encode()).hexdigest()
        return cls(file=paper.source.file, sha256=paper.source.sha256, title=paper.title, text_sha256=digest)


class MadeBy(Frozen):
    """Who made a map: a model (name, version, digest) or an annotator (name, role, mode)."""

    kind: Literal["model", "annotator"]
    name: str
    version: str | None = None
    sha256: str | None = None
    trained_on_this_paper: bool | None = None
    role: Literal["independent", "adjudicated"] | None = None
    mode: Literal["blind", "assisted"] | None = None


class Unit(Frozen):
    """A stretch of the text with one function in the argument.

    `score` is the calibrated probability of `label`; `scores` holds those of all six sentence labels.
    """

    id: str
    sentence: str
    label: Name
    start: Offset
    end: Offset
    text: str
    section: str | None = None
    page: PageNumber | None = None
    boxes: tuple[Box, ...] = ()
    score: Probability | None = None
    scores: dict[str, Probability] = Field(default_factory=dict)
    attribution: Attribution = Attribution.OWN
    citations: tuple[str, ...] = ()
    unsure: bool = False
    note: str | None = None


class Relation(Frozen):
    """What the unit `source` does for the unit `target`. `score` is P(this label | the two units).

    `from_` is "key_points" where an answer or a reason among the map's key points brought the relation.
    """

    id: str
    source: str
    target: str
    label: Name
    score: Probability | None = None
    from_: Literal["key_points"] | None = Field(default=None, alias="from", exclude_if=lambda said: said is None)

    @classmethod
    def between(cls, source: str, target: str, label: str, score: float | None = None) -> Relation:
        """A relation with the id that the contract gives it."""
        return cls(id=f"{source}>{target}", source=source, target=target, label=label, score=score)


class _Chosen(Frozen):
    """A sentence that was chosen with the whole paper read; `score` is P(it is right there)."""

    sentence: str
    start: Offset
    end: Offset
    text: str
    page: PageNumber | None = None
    score: Probability | None = None


class KeyPoint(_Chosen):
    """A sentence that stands for the paper in one place of its first screen.

    `unit` is the id of the unit on it, None where it is no unit.
    """

    unit: str | None = None


class Answer(_Chosen):
    """The sentence that says best what the paper puts forward against `problem`, the sentence of another key point."""

    problem: str


class MapKeyPoints(Frozen):
    """What the paper says on one screen: for each place its sentences, best first. A place that nothing is likely right
    for is empty, and so is what nobody filled."""

    thesis: tuple[KeyPoint, ...] = ()
    reasons: tuple[KeyPoint, ...] = ()
    why: tuple[KeyPoint, ...] = ()
    recommendations: tuple[KeyPoint, ...] = ()
    problems: tuple[KeyPoint, ...] = ()
    open: tuple[KeyPoint, ...] = ()
    answers: tuple[Answer, ...] = ()

    def place(self, name: str) -> tuple[KeyPoint, ...]:
        """The sentences of one of the scheme's places; none where it has no key points."""
        return getattr(self, name) if name in KEY_POINT_PLACES else ()

    def answers_to(self, problem: str) -> tuple[Answer, ...]:
        """What is put forward against the problem on this sentence, best first."""
        return tuple(a for a in self.answers if a.problem == problem)


KEY_POINT_PLACES: Final = tuple(name for name in MapKeyPoints.model_fields if name != "answers")
ANSWERED: Final = ("problems", "open")
"""The places whose sentences may have answers."""
AUTHORS_OWN: Final = frozenset({"thesis", "reasons", "recommendations"})
"""The places in which another's voice has no place."""


class MapVoice(Frozen):
    """A run of sentences that are not the author's, from its first to its last; `whose` says whose they are."""

    start: Offset
    end: Offset
    sentences: tuple[str, str]
    whose: str
    score: Probability | None = None


def voice_at(voices: Sequence[MapVoice], start: int) -> MapVoice | None:
    """The voice that this offset belongs to, of voices that are in order and apart."""
    n = bisect_right(voices, start, key=lambda voice: voice.start)
    return voices[n - 1] if n and start < voices[n - 1].end else None


class Scores(Frozen):
    """What is known of a map's quality: against gold of this paper, and the model's published figures."""

    gold: dict[str, Any] | None = None
    model: dict[str, Any] | None = None


def _default_labels(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema which labels a map without a scheme of its own may have."""
    of = {"units": DEFAULT.unit_labels, "relations": DEFAULT.relation_labels}
    named = {key: {"items": {"properties": {"label": {"enum": list(names)}}}} for key, names in of.items()}
    schema["if"] = {"properties": {"scheme": {"type": "null"}}}
    schema["then"] = {"properties": named}


class Frames(NamedTuple):
    """A map's units and relations as pandas DataFrames."""

    units: pd.DataFrame
    relations: pd.DataFrame


class ArgumentMap(Frozen):
    """The units and relations of one paper. Validated when it is made.

    `scheme` is None where the labels are the annotation scheme's; `labels` gives the scheme in both cases.
    """

    model_config = ConfigDict(json_schema_extra=_default_labels)

    schema_: Literal["argmine/map/1"] = Field(default=MAP_SCHEMA, alias="schema")
    paper: PaperRef
    made_by: MadeBy
    units: tuple[Unit, ...] = ()
    relations: tuple[Relation, ...] = ()
    scores: Scores = Scores()
    scheme: Scheme | None = Field(default=None, exclude_if=lambda scheme: scheme is None)
    key_points: MapKeyPoints | None = Field(default=None, exclude_if=lambda points: points is None)
    """None where nobody chose any: an annotator's map without, or a model that was not trained to."""
    voices: tuple[MapVoice, ...] = Field(default=(), exclude_if=lambda voices: not voices)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = {u.id for u in self.units}
        if len(ids) != len(self.units):
            raise ValueError("two units have the same id")
        last = 0
        for unit in self.units:
            if unit.start < last or unit.end <= unit.start:
                raise ValueError(f"unit {unit.id} is empty, out of order or overlaps the one before")
            if not unit.text:
                raise ValueError(f"unit {unit.id} has no text")
            if unit.label not in self.labels.unit_labels:
                raise ValueError(f"unit {unit.id} has the label {unit.label!r}, not one of its scheme's")
            last = unit.end
        pairs: set[frozenset[str]] = set()
        for relation in self.relations:
            if relation.source not in ids or relation.target not in ids:
                raise ValueError(f"relation {relation.id} has an end that is not a unit")
            pair = frozenset((relation.source, relation.target))
            if len(pair) == 1:
                raise ValueError(f"relation {relation.id} runs from a unit to itself")
            if pair in pairs:
                raise ValueError(f"relation {relation.id} is the second between its two units")
            if relation.label not in self.labels.relation_labels:
                raise ValueError(f"relation {relation.id} has the label {relation.label!r}, not one of its scheme's")
            pairs.add(pair)
        cycle = support_cycle((r.source, r.target) for r in self.relations if r.label in self.labels.acyclic)
        if cycle:
            raise ValueError(f"the supports run in a cycle: {' > '.join(cycle)}")
        for run in (*self.voices, *self.all_points):
            if run.end <= run.start:
                raise ValueError(f"a key point or voice is empty: it runs from {run.start} to {run.end}")
        for point in self.all_points:
            named = point.unit if isinstance(point, KeyPoint) else None
            if named is not None and named not in ids:
                raise ValueError(f"a key point names the unit {named}, which does not exist")
        return self

    @property
    def all_points(self) -> tuple[KeyPoint | Answer, ...]:
        """All key points and answers, by place."""
        of = self.key_points
        return () if of is None else (*(p for name in KEY_POINT_PLACES for p in of.place(name)), *of.answers)

    @cached_property
    def labels(self) -> Scheme:
        """The scheme of the map's labels and relations."""
        return self.scheme or DEFAULT

    @cached_property
    def units_by_id(self) -> Mapping[str, Unit]:
        """The units by their ids, in the order of the text."""
        return {u.id: u for u in self.units}

    def unit(self, id: str) -> Unit:
        """The unit with this id. Raises KeyError where there is none."""
        return self.units_by_id[id]

    def incoming(self, unit: Unit | str, label: str | None = None) -> tuple[Relation, ...]:
        """The relations whose target is this unit (or the unit with this id), in the order of the map."""
        return _of_label(self._into.get(_id(unit), ()), label)

    def outgoing(self, unit: Unit | str, label: str | None = None) -> tuple[Relation, ...]:
        """The relations whose source is this unit (or the unit with this id), in the order of the map."""
        return _of_label(self._out_of.get(_id(unit), ()), label)

    def answers(self, unit: Unit | str) -> tuple[Unit, ...]:
        """What keeps a unit from being open by its scheme's rule: what addresses a challenge, what supports a claim.

        In the order of the rule, then of the map; empty where its label has no such rule.
        """
        unit = self.unit(_id(unit))
        return tuple(self.unit(r.source if r.target == unit.id else r.target) for r in self.closing(unit))

    def closing(self, unit: Unit | str) -> tuple[Relation, ...]:
        """The relations to a unit's `answers`, in their order."""
        unit = self.unit(_id(unit))
        found: list[Relation] = []
        gap = self.labels.gap(unit.label)
        for rule in gap.closed_by if gap else ():
            into = rule.side == "into"
            for relation in self.incoming(unit, rule.relation) if into else self.outgoing(unit, rule.relation):
                other = self.unit(relation.source if into else relation.target)
                if not rule.others or other.label in rule.others:
                    found.append(relation)
        return tuple(found)

    def gap(self, unit: Unit | str) -> str:
        """What is missing at a unit by its scheme's rule ("unaddressed"), empty where nothing is.

        Nothing is missing on a map without relations, of which nobody knows what is linked.
        """
        unit = self.unit(_id(unit))
        rule = self.labels.gap(unit.label)
        met = rule is None or not self.relations or self.closing(unit) or self.key_answers(unit)
        return "" if rule is None or met else rule.name

    def key_answers(self, unit: Unit | str) -> tuple[Answer, ...]:
        """The answers among the key points to the problem that a unit states; none where it states no problem."""
        unit = self.unit(_id(unit))
        if self.key_points is None or unit.label != self.labels.place("problems"):
            return ()
        return self.key_points.answers_to(unit.sentence)

    def unit_on(self, point: KeyPoint | Answer) -> Unit | None:
        """The unit on a key point's sentence: the one that it names, else the first that begins there."""
        named = point.unit if isinstance(point, KeyPoint) else None
        if named is not None and named in self.units_by_id:
            return self.units_by_id[named]
        at = bisect_left(self.units, point.start, key=lambda unit: unit.start)
        return next((u for u in self.units[at : at + 1] if u.start < point.end), self.units_by_id.get(point.sentence))

    @cached_property
    def unaddressed(self) -> tuple[Unit, ...]:
        """The challenges that nothing in the map addresses and that motivate no recommendation, in the text's order."""
        problem = self.labels.place("problems")
        return tuple(u for u in self.units if u.label == problem and self.gap(u))

    @cached_property
    def _into(self) -> Mapping[str, tuple[Relation, ...]]:
        return _by_end(self.relations, "target")

    @cached_property
    def _out_of(self) -> Mapping[str, tuple[Relation, ...]]:
        return _by_end(self.relations, "source")

    def to_dataframe(self) -> Frames:
        """The map as two pandas DataFrames: `units`, a row each by id, and `relations` with their ends' labels.

        The columns of `scores` stand beside the unit's own, as "p(claim)".
        """
        need("analysis", "to_dataframe")
        import pandas as pd

        kept = [name for name in Unit.model_fields if name not in {"boxes", "scores"}]
        rows = [
            {name: getattr(u, name) for name in kept} | {f"p({label})": p for label, p in u.scores.items()}
            for u in self.units
        ]
        units = pd.DataFrame(rows, columns=None if rows else kept).set_index("id")
        columns = [*Relation.model_fields, "source_label", "target_label"]
        links = [(*dict(r).values(), self.unit(r.source).label, self.unit(r.target).label) for r in self.relations]
        relations = pd.DataFrame(links, columns=columns).set_index("id")
        return Frames(units, relations)

    def to_networkx(self) -> Any:
        """The map as a networkx.DiGraph: units are nodes by id, relations edges, their fields the attributes.

        Raises UsageError where networkx is not installed.
        """
        try:
            import networkx
        except ImportError as why:
            raise UsageError("to_networkx needs networkx: pip install networkx") from why
        graph = networkx.DiGraph(title=self.paper.title)
        for unit in self.units:
            graph.add_node(unit.id, **unit.model_dump(exclude={"id", "boxes"}))
        for relation in self.relations:
            graph.add_edge(relation.source, relation.target, label=relation.label, score=relation.score)
        return graph

    def __repr__(self) -> str:
        name = self.paper.title or self.paper.file
        return f"<ArgumentMap of {name!r}: {len(self.units)} units, {len(self.relations)} relations>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """A small map for notebooks: the likeliest units of each label, each with what speaks for or against it."""
        parts = [f"<p><b>{escape(self.paper.title or self.paper.file)}</b></p>"]
        for label in self.labels.to_read:
            units = [u for u in self.units if u.label == label]
            if units:
                shown = sorted(sorted(units, key=lambda u: -(u.score or 1.0))[:_IN_NOTEBOOK], key=lambda u: u.start)
                of = self.labels.unit(label)
                heading = f"<b style='color:{of.colours.line}'>{escape(of.plural or label)}</b> ({len(units)})"
                parts.append(f"<p>{heading}</p><ul>{''.join(f'<li>{self._entry(u)}</li>' for u in shown)}</ul>")
        return "".join(parts)

    def _entry(self, unit: Unit) -> str:
        into = [(self.labels.relation(r.label).passive or r.label, self.unit(r.source)) for r in self.incoming(unit)]
        told = "".join(f"<br><small>{escape(how)}: {escape(_short(u.text))}</small>" for how, u in into[:_IN_NOTEBOOK])
        page = f" <small>(p. {unit.page})</small>" if unit.page is not None else ""
        return f"{escape(_short(unit.text))}{page}{told}"

    def check_against(self, paper: Paper) -> None:
        """Raise ValueError unless every unit's and key point's text is the paper's text at its span."""
        for unit in self.units:
            if paper.text[unit.start : unit.end] != unit.text:
                raise ValueError(f"unit {unit.id} does not stand in the paper's text at {unit.start}:{unit.end}")
        for point in self.all_points:
            if paper.text[point.start : point.end] != point.text:
                raise ValueError(f"a key point does not stand in the paper's text at {point.start}:{point.end}")

    def to_json(self) -> str:
        """The map as map.json, keys sorted, with a final newline."""
        return dump_json(self)

    @classmethod
    def from_file(cls, path: str | Path) -> ArgumentMap:
        """Read a map.json. Raises FormatError where it is not one that this version reads."""
        return load_own(cls, Path(path), MAP_SCHEMA)


_IN_NOTEBOOK: Final = 5  # units of a label, and relations of a unit, that a notebook's small map shows


def _short(text: str) -> str:
    return shorten(text, 200, placeholder=" …")


def _id(unit: Unit | str) -> str:
    return unit if isinstance(unit, str) else unit.id


def _of_label(relations: tuple[Relation, ...], label: str | None) -> tuple[Relation, ...]:
    return relations if label is None else tuple(r for r in relations if r.label == label)


def _by_end(relations: Iterable[Relation], end: Literal["source", "target"]) -> Mapping[str, tuple[Relation, ...]]:
    found: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        found[relation.source if end == "source" else relation.target].append(relation)
    return {id: tuple(there) for id, there in found.items()}


def stated_open(paper: Paper, amap: ArgumentMap) -> tuple[Unit, ...]:
    """What the paper itself says is open: limits, open questions, calls for further study; in the order of the text.

    These are units with one of the scheme's `limits` as label that say so in words ("remains unclear", "further
    research"). A problem, which a unit of the paper may address, is among them only where none does; it also counts
    where it is a question, or where the authors name it as their own among their limitations.
    """
    problem = amap.labels.place("problems")

    def is_open(unit: Unit) -> bool:
        if unit.label != problem:
            return leaves_open(unit.text)
        named_as_limit = unit.attribution is Attribution.OWN and paper.role(unit.section) == "limitation"
        said = leaves_open(unit.text) or asks(unit.text) or named_as_limit
        return said and not amap.answers(unit) and not amap.key_answers(unit)

    return tuple(unit for unit in amap.units if unit.label in amap.labels.limits and is_open(unit))


def support_cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """One cycle among these directed edges as a list of nodes (the first again at the end), or an empty list."""
    given = list(edges)
    sorter = TopologicalSorter[str]({source: () for source, _ in given})
    for source, target in reversed(given):
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError as why:
        return list(why.args[1])
    return []


def round_scores(scores: Mapping[str, float], digits: int = 3) -> dict[str, float]:
    """Scores rounded so that they still sum to 1: the rounding's remainder goes to the largest."""
    rounded = {k: round(float(v), digits) for k, v in scores.items()}
    if rounded:
        top = max(rounded, key=lambda k: rounded[k])
        rounded[top] = round(rounded[top] + 1.0 - sum(rounded.values()), digits)
    return rounded
