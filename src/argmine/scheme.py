"""`Scheme`: what sentences may be called, which relations run between them, how both look, and when something is open.

Everything that needs a label's name, colour or place asks a scheme. `DEFAULT` is the annotation scheme, whose table is
scheme.toml; a model of other labels has a scheme of its own, which travels in its meta and in its maps.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from itertools import cycle
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class Attribution(StrEnum):
    """Whose position a unit is: the authors' or somebody else's."""

    OWN = "own"
    REPORTED = "reported"


Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f<>&\"]+$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Words = Annotated[str, StringConstraints(max_length=400)]
Shape = Literal["square", "ring", "circle", "hexagon", "arrow"]
Line = Literal["solid", "dotted", "dashed", "double", "thick"]

MOST_LABELS: Final = 64
"""No known scheme has half as many; a file's table of more is refused."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Colours(_Row):
    """A label's colours on light and on dark ground: of text, of surfaces, and of lines (which highlights take too)."""

    ink: Colour = "#333333"
    fill: Colour = "#eeeeee"
    line: Colour = "#777777"
    dark_ink: Colour = "#dddddd"
    dark_fill: Colour = "#2a2a2a"
    dark_line: Colour = "#999999"
    paper: Colour = "#e8e8e8"
    """Surfaces in pictures that other programs draw."""


class Guide(_Row):
    """What an annotator wants in sight: the label's question, what often decides, sentences with a remark each."""

    question: str = ""
    decides: str = ""
    examples: tuple[tuple[str, str], ...] = ()


class UnitType(_Row):
    """What a unit may be called.

    `column` is its place in the graph, from 0; `under` the label whose column it shares, folded below what it
    supports. `stage` orders the labels along a chain of argument. `cue` is the baseline's pattern.
    """

    name: Name
    plural: Words = ""
    initial: Annotated[str, StringConstraints(max_length=3)] = ""
    colours: Colours = Colours()
    shape: Shape = "square"
    line: Line = "solid"
    column: Annotated[int, Field(ge=0, le=MOST_LABELS)] | None = None
    under: Name | None = None
    stage: Annotated[int, Field(ge=0, le=MOST_LABELS)] | None = None
    guide: Guide = Guide()
    cue: str = ""


class RelationType(_Row):
    """What the source of a relation may do for its target, and between which labels.

    `acyclic` ones give reasons and never run in a circle. `against` says that the source speaks against its target,
    `backward` that it comes after it in a chain of argument.
    """

    name: Name
    sources: tuple[Name, ...]
    targets: tuple[Name, ...]
    passive: Words = ""
    key: Annotated[str, StringConstraints(max_length=1)] = ""
    does: Words = ""
    acyclic: bool = False
    against: bool = False
    backward: bool = False
    colour: Colour = "#4a6375"
    dark: Colour = "#9db4c4"
    paper: Colour = "#555555"
    line: Literal["solid", "dashed", "dotted", "bold"] = "solid"
    arrow: Literal["normal", "tee", "vee", "diamond"] = "normal"

    @property
    def incoming(self) -> str:
        """How it is told from its target: "supported by"; of a relation without such words "reason (from)"."""
        return self.passive or f"{self.name} (from)"


class Closing(_Row):
    """A relation that keeps a unit from being open: into it or out of it, its other end with one of `others`."""

    relation: Name
    side: Literal["into", "out of"]
    others: tuple[Name, ...] = ()


class Gap(_Row):
    """What is missing at a unit with this label where none of `closed_by` is there."""

    name: Name
    label: Name
    closed_by: tuple[Closing, ...]
    says: Words
    """At the unit: "nothing supports it"."""
    title: Words
    """Over several such units: "Claims that nothing supports"."""


class Place(_Row):
    """A place of the first screen, and the label whose units fill it most often."""

    name: Name
    label: Name
    asks: Words = ""
    """The question that they answer there."""
    title: Words = ""
    """What stands above them in a list."""
    shown: Annotated[int, Field(ge=0, le=99)] = 0
    """How many sentences a first screen shows there. Annotators choose key points for the places that show any."""


class Scheme(_Row):
    """A body of labels. `none` says that a sentence is no unit; with `multi` a sentence has any number of labels.
    `units` and `relations` stand in the order in which an annotator asks for them."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    units: Annotated[tuple[UnitType, ...], Field(min_length=1, max_length=MOST_LABELS)]
    none: Name | None = None
    none_guide: Guide = Guide()
    multi: bool = False
    attribution: bool = False
    relations: Annotated[tuple[RelationType, ...], Field(max_length=MOST_LABELS)] = ()
    gaps: tuple[Gap, ...] = ()
    places: tuple[Place, ...] = ()
    limits: tuple[Name, ...] = ()
    """Labels of which a unit may state that something is open."""
    reading_order: tuple[Name, ...] = ()
    chains: Annotated[tuple[tuple[Name, Name, Name], ...], Field(max_length=MOST_LABELS)] = ()
    """Chains of two relations that maps are told apart by: the label that they lead to first."""

    @model_validator(mode="after")
    def _names_known_labels(self) -> Self:
        units = set(self.unit_labels)
        named = [n for r in self.relations for n in (*r.sources, *r.targets)]
        named += [n for g in self.gaps for n in (g.label, *(o for c in g.closed_by for o in c.others))]
        named += [p.label for p in self.places] + [u.under for u in self.units if u.under] + list(self.limits)
        named += [n for chain in self.chains for n in chain]
        if unknown := sorted({*named, *self.reading_order} - units):
            raise ValueError(f"the scheme has no label {unknown[0]!r}")
        if unknown := sorted({c.relation for g in self.gaps for c in g.closed_by} - set(self.relation_labels)):
            raise ValueError(f"the scheme has no relation {unknown[0]!r}")
        if len(units) < len(self.units) or self.none in units or len(set(self.relation_labels)) < len(self.relations):
            raise ValueError("the scheme names a label twice")
        if len(self._gaps) < len(self.gaps):
            raise ValueError("the scheme has two gaps for one label")
        return self

    @cached_property
    def unit_labels(self) -> tuple[str, ...]:
        """The names of all labels but the one of a sentence that is no unit."""
        return tuple(u.name for u in self.units)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What a sentence may be called, as the classifier's columns stand: the units' labels, `none` last."""
        return (*self.unit_labels, self.none) if self.none is not None else self.unit_labels

    @cached_property
    def relation_labels(self) -> tuple[str, ...]:
        """The names of the relations."""
        return tuple(r.name for r in self.relations)

    @property
    def vocabulary(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of labels and relations: what two annotations need in common to be compared."""
        return self.labels, self.relation_labels

    @cached_property
    def to_read(self) -> tuple[str, ...]:
        """The units' labels in the order in which readers see them listed."""
        return (*self.reading_order, *(n for n in self.unit_labels if n not in self.reading_order))

    @cached_property
    def _units(self) -> Mapping[str, UnitType]:
        return {u.name: u for u in self.units}

    @cached_property
    def _relations(self) -> Mapping[str, RelationType]:
        return {r.name: r for r in self.relations}

    @cached_property
    def _gaps(self) -> Mapping[str, Gap]:
        return {g.label: g for g in self.gaps}

    @cached_property
    def acyclic(self) -> frozenset[str]:
        """The relations that never run in a circle."""
        return frozenset(r.name for r in self.relations if r.acyclic)

    @property
    def reasons(self) -> str:
        """The relations that never run in a circle, as messages name them: "supports"."""
        return " and ".join(r.name for r in self.relations if r.acyclic)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The labels that have a column of the graph, from left to right."""
        placed = sorted((u for u in self.units if u.column is not None), key=lambda u: u.column or 0)
        return tuple(u.name for u in placed)

    @cached_property
    def stages(self) -> Mapping[str, int]:
        """The place of each label along a chain of argument, from 0, in the order of the chain."""
        return {name: stage for stage, name in sorted((u.stage, u.name) for u in self.units if u.stage is not None)}

    def unit(self, name: str) -> UnitType:
        """The label of this name. Raises KeyError where the scheme has none."""
        return self._units[name]

    def relation(self, name: str) -> RelationType:
        """The relation of this name. Raises KeyError where the scheme has none."""
        return self._relations[name]

    def gap(self, label: str) -> Gap | None:
        """What may be missing at a unit with this label."""
        return self._gaps.get(label)

    @property
    def screen(self) -> tuple[Place, ...]:
        """The places that a first screen shows."""
        return tuple(p for p in self.places if p.shown)

    @property
    def key_points(self) -> tuple[str, ...]:
        """The places for which a paper's key points are chosen."""
        return tuple(p.name for p in self.screen)

    def place(self, name: str) -> str | None:
        """The label that fills a place of the first screen; None where the scheme has no such place."""
        return next((p.label for p in self.places if p.name == name), None)

    def allows(self, relation: str, source: str, target: str) -> bool:
        """Whether a relation of this label may run between units of these two labels."""
        known = self._relations.get(relation)
        return known is not None and source in known.sources and target in known.targets

    @cached_property
    def plurals(self) -> Mapping[str, str]:
        """What several units of a label are called, by label."""
        return {u.name: u.plural or f"“{u.name}”" for u in self.units}

    @cached_property
    def initials(self) -> Mapping[str, str]:
        """What a label's marker says, by label."""
        made = _initials(self.unit_labels)
        return {u.name: u.initial or letters for u, letters in zip(self.units, made, strict=True)}

    @cached_property
    def column_of(self) -> Mapping[str, str]:
        """The label in whose column of the graph each label stands: its own, or the one that it is `under`."""
        columns = self.columns or self.unit_labels[:_MOST_COLUMNS]
        own = {u.name: u.name if u.name in columns else u.under for u in self.units}
        return {name: above if above in columns else columns[0] for name, above in own.items()}

    def css(self, label: str) -> str:
        """The label as a class of the pages' stylesheets: its name if the annotation scheme has it, else its number.
        Another name can be of any kind, and may be that of a class which is no label's."""
        if label == self.none:
            return "none"
        return label if label in DEFAULT.unit_labels else f"label-{self.unit_labels.index(label)}"

    def relation_css(self, relation: str) -> str:
        """The same for a relation."""
        return relation if relation in DEFAULT.relation_labels else f"relation-{self.relation_labels.index(relation)}"

    @classmethod
    def joined(cls, schemes: Sequence[Scheme]) -> Scheme:
        """One scheme with the labels and relations of all these (at least one). What several have is taken from the
        first of them; all else, as what is missing at a unit, is the first's."""
        first = schemes[0]
        if all(scheme == first for scheme in schemes):
            return first
        units = {unit.name: unit for scheme in reversed(schemes) for unit in scheme.units}
        relations = {relation.name: relation for scheme in reversed(schemes) for relation in scheme.relations}
        reading = tuple(dict.fromkeys(name for scheme in schemes for name in scheme.to_read))
        drawn = dict.fromkeys(name for scheme in schemes for name in scheme.relation_labels)
        changed = {
            "units": tuple(units[name] for name in reading),
            "relations": tuple(relations[name] for name in drawn),
            "reading_order": reading,
            "attribution": any(scheme.attribution for scheme in schemes),
        }
        return cls.model_construct(**{name: getattr(first, name) for name in cls.model_fields} | changed)

    @classmethod
    def of(
        cls,
        labels: Iterable[str],
        relations: Iterable[str] = (),
        *,
        none: str | None = None,
        multi: bool = False,
        name: str = "",
    ) -> Scheme:
        """A scheme of bare names, with looks in turn and relations between any two labels."""
        kept = tuple(n for n in labels if n != none)
        units = []
        looks = zip(kept, _initials(kept), cycle(_LOOKS), strict=False)
        for at, (label, initial, (colours, shape, line)) in enumerate(looks):
            place = {"column": at} if at < _MOST_COLUMNS else {"under": kept[0]}
            look = {"colours": dict(zip(Colours.model_fields, colours, strict=True)), "shape": shape, "line": line}
            fields = {"name": label, "plural": f"“{label}”", "initial": initial, **place, **look}
            units.append(UnitType.model_validate(fields))
        related = tuple(
            RelationType(name=r, sources=kept, targets=kept, passive=f"{r} (from)", **look)
            for r, look in zip(relations, cycle(_RELATION_LOOKS), strict=False)
        )
        return cls(name=name, units=tuple(units), none=none, multi=multi, relations=related)


_MOST_COLUMNS: Final = 5


def _initials(names: Iterable[str]) -> list[str]:
    """One or two letters a label, no two alike as long as letters last."""
    taken: list[str] = []
    for name in names:
        letters = [c for c in name if c.isalnum()] or ["?"]
        tries = [letters[0].upper(), *(letters[0].upper() + c.lower() for c in letters[1:])]
        taken.append(next((t for t in tries if t not in taken), tries[-1]))
    return taken


_Look = tuple[tuple[str, ...], Shape, Line]
_LOOKS: Final[tuple[_Look, ...]] = (
    (("#0b5a94", "#e1eefa", "#2f83c0", "#93ccf5", "#16344c", "#4f9fd8", "#cfe8f7"), "square", "solid"),
    (("#963c00", "#fde8d9", "#d9691c", "#ffb585", "#4a2711", "#e0803f", "#f9d9c2"), "hexagon", "double"),
    (("#842a61", "#f8e4ef", "#c2689b", "#f0abd0", "#46213a", "#c877a6", "#f6dcea"), "circle", "dashed"),
    (("#00664a", "#daf2e9", "#1b9c77", "#7fdcbc", "#0d3d30", "#2fae88", "#c9ebdf"), "arrow", "thick"),
    (("#5a4a00", "#f7f0cc", "#a88b00", "#e8d46a", "#3a3208", "#c2a52a", "#fbf3bd"), "square", "dotted"),
    (("#4b3b9a", "#e8e4f8", "#7a68c9", "#c3b8f5", "#2c2450", "#9484de", "#dcd6f5"), "hexagon", "solid"),
    (("#4b5560", "#eceff1", "#87929c", "#bcc5cd", "#2a3239", "#76828d", "#e8e8e8"), "ring", "dotted"),
)  # fmt: skip
"""What labels without looks of their own are given in turn: colours that differ for colour-blind readers too."""

_RELATION_LOOKS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"colour": "#b3261e", "dark": "#ff9d94", "paper": "#a84300", "line": "dashed", "arrow": "vee"},
    {"colour": "#842a61", "dark": "#f0abd0", "paper": "#7a6a00", "line": "dotted", "arrow": "diamond"},
    {"colour": "#00664a", "dark": "#7fdcbc", "paper": "#00507f", "line": "bold", "arrow": "tee"},
)
"""The same for relations."""

_TABLE: Final = tomllib.loads(files("argmine").joinpath("scheme.toml").read_text("utf-8"))
DEFAULT: Final = Scheme.model_validate(_TABLE)
"""The annotation scheme, which the shipped model and the annotators speak."""


def meanings(tool: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What another tool's labels of units and of relations mean in the annotation scheme."""
    found = _TABLE["meanings"][tool]
    return found["units"], found["relations"]
