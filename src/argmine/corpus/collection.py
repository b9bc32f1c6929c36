"""Which maps are compared: found, read one at a time, and left out with a reason where they can't count.

Nothing is averaged in silently: a file that can't be read, a text that is there twice, a map without units, and a paper
in another language or a map of another scheme than most are left out and said; what stays but limits a comparison (maps
by different makers, maps without relations) is noted.
"""

from __future__ import annotations

import csv
import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from argmine.corpus.entry import Entry, Place
from argmine.errors import ArgmineError, FormatError, UsageError, some_of
from argmine.io import JsonError, load_json, open_regular, read_regular
from argmine.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from argmine.corpus.find import Question

Why = Literal["unreadable", "schema", "labels", "duplicate", "empty", "language", "scheme"]
"""Why a map was left out. The first three are failures of the file, the others of its place in this comparison."""
FAILURES: Final[frozenset[Why]] = frozenset({"unreadable", "schema", "labels"})
_LARGEST_TABLE: Final = 64 << 20
"""Bytes of a table of groups."""
_LONGEST_LINE: Final = 1 << 20
"""Bytes of a line that are looked at: the text, which may be longer, comes after what is looked for."""


T = TypeVar("T", str, "Names")
Names = tuple[tuple[str, ...], tuple[str, ...]]


class Head(NamedTuple):
    """What decides whether a map counts, and what is noted of it. `language` is its paper's, None where not known;
    `names` are those of its scheme."""

    text_sha256: str
    units: int
    relations: int
    maker: str
    language: str | None
    outlined: bool
    names: Names


class Hint(NamedTuple):
    """What can be told of a map before it is read: its paper's language, its scheme's names. None: not known."""

    language: str | None
    names: Names | None


def head_of(entry: Entry) -> Head:
    amap, outline = entry.amap, entry.outline
    language, names = outline.language if outline else None, names_of(amap.labels)
    counts = len(amap.units), len(amap.relations)
    return Head(amap.paper.text_sha256, *counts, entry.maker, language, outline is not None, names)


def names_of(scheme: Scheme) -> Names:
    """The names of a scheme's labels and relations: maps that share them can be compared."""
    return scheme.unit_labels, scheme.relation_labels


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A map that does not count: `why` is stable, `reason` is for people."""

    name: str
    path: str
    why: Why
    reason: str


class Corpus:
    """The maps of one comparison. Iterate `entries()` once: it reads each map when it is asked for, and keeps none.
    What is counted and left out is complete when the iteration is."""

    def __init__(self, places: Sequence[Place], left_out: Sequence[LeftOut] = ()) -> None:
        self.places = places
        self.left_out = list(left_out)
        self.makers: Counter[str] = Counter()
        self.without_relations: list[str] = []
        self.without_paper: list[str] = []

    def entries(self, asked: Question | None = None) -> Iterator[Entry]:
        """The maps that count, in the order of their names. With a question maps of all schemes, but for those that
        surely don't answer it."""
        seen: dict[str, str] = {}
        for place in self.places:
            found = self._read(place, asked)
            if found is None:
                continue
            head = head_of(found) if isinstance(found, Entry) else found
            if (fault := self._fault(head, seen, compared=asked is None)) is not None:
                self._leave(place, *fault)
                continue
            seen[head.text_sha256] = place.name
            self.makers[head.maker] += 1
            if not head.relations:
                self.without_relations.append(place.name)
            if not head.outlined:
                self.without_paper.append(place.name)
            if isinstance(found, Entry):
                yield found

    def _fault(self, head: Head, seen: Mapping[str, str], *, compared: bool) -> tuple[Why, str] | None:
        if not head.units:
            return "empty", "is a map without units: there is nothing to compare"
        if (twin := seen.get(head.text_sha256)) is not None:
            return "duplicate", f"is of the same text as {twin}, which is compared"
        if None not in (head.language, self.language) and head.language != self.language:
            return "language", f"is of a paper in another language ({head.language}) than most here ({self.language})"
        if compared and head.names != self.names:
            names, most = (some_of(labels, 6) for labels, _ in (head.names, self.names))
            return "scheme", f"is of another scheme ({names}) than most here ({most}); compare such maps by themselves"
        return None

    @cached_property
    def _hints(self) -> list[Hint]:
        return [self._hint(place) for place in self.places]

    @cached_property
    def language(self) -> str | None:
        return _commonest(h.language for h in self._hints)

    @cached_property
    def names(self) -> Names:
        """The labels and relations of most maps."""
        return _commonest(h.names for h in self._hints) or names_of(DEFAULT)

    @property
    def schemes(self) -> list[Scheme]:
        """The schemes of all maps; of those but the annotation scheme no more than the names is known."""
        names = dict.fromkeys(h.names for h in self._hints if h.names)
        return [DEFAULT if n == names_of(DEFAULT) else Scheme.of(*n) for n in names] or [DEFAULT]

    def notes(self) -> list[str]:
        """What limits the comparison, each as a sentence."""
        notes = []
        if foreign := [x.name for x in self.left_out if x.why == "scheme"]:
            labels = ", ".join(self.names[0])
            notes.append(
                f"The maps are of different schemes. Those with the labels {labels} are compared; the others are left "
                f"out ({len(foreign)}: {some_of(foreign)})."
            )
        if len(self.makers) > 1:
            who = ", ".join(f"{name} ({n})" for name, n in self.makers.most_common())
            notes.append(f"The maps were made by different hands, which differ in what they find: {who}.")
        if self.without_relations:
            names = some_of(self.without_relations)
            notes.append(
                f"Maps without relations ({len(self.without_relations)}: {names}): their measures of relations are "
                "left empty, and they have no distance to others."
            )
        if self.without_paper:
            names = some_of(self.without_paper)
            notes.append(
                f"Maps without a paper.json beside them ({len(self.without_paper)}: {names}): their sections, year and "
                "density are not known."
            )
        return notes

    def _read(self, place: Place, asked: Question | None = None) -> Entry | Head | None:
        """A map, or no more than its head where it surely doesn't answer `asked`; None where it can't be read."""
        try:
            return self.read(place)
        except ArgmineError as why:
            self._leave(place, *_failure(why))
            return None

    def read(self, place: Place) -> Entry:
        """A map. Raises FormatError where its file can't be read, or not any longer."""
        return Entry.read(place)

    def _leave(self, place: Place, why: Why, reason: str) -> None:
        self.left_out.append(LeftOut(place.name, str(place.path), why, reason))

    def _hint(self, place: Place) -> Hint:
        return hint_of(place)


def hint_of(place: Place) -> Hint:
    """The hint in a map's files, by a look that mostly reads no more than those fields."""
    language = _field(place.paper, "language")
    own = _field(place.path, "scheme")
    names = None
    with suppress(ValidationError):  # such a map can't be read either, which is said when it is
        names = names_of(DEFAULT if own is None else Scheme.model_validate(own))
    return Hint(language if isinstance(language, str) else None, names)


def _field(path: Path, key: str) -> Any:
    """A field of a JSON file, None without. argmine writes its keys sorted, one a line: what follows isn't read."""
    try:
        with open_regular(path) as file:
            while line := file.readline(_LONGEST_LINE):
                if line.startswith(b' "'):
                    name, _, value = line.strip().rstrip(b",").partition(b": ")
                    if name == f'"{key}"'.encode():
                        if value == b"{":
                            break
                        return load_json(value)
                    if name.strip(b'"') > key.encode():
                        return None
        found = load_json(read_regular(path))
    except (OSError, JsonError):
        return None
    return found.get(key) if isinstance(found, dict) else None


def _commonest(values: Iterable[T | None]) -> T | None:
    many = Counter(value for value in values if value is not None)
    return min(many, key=lambda value: (-many[value], value), default=None)


def find_places(
    specs: Sequence[str | Path], groups: Path | None = None, *, exclude: Sequence[str | Path] = ()
) -> tuple[list[Place], list[LeftOut], list[str]]:
    """The maps among files, folders (searched to the bottom for map.json) and globs, each once, sorted by name.

    A map is named by its folder, or by its file where that is called otherwise. `groups` is a CSV of paper and group;
    without it, maps below different folders that were given are groups of their folder's name. Returns the places,
    what was given but isn't there, and notes. Raises UsageError where `groups` is not such a table.
    """
    missing: list[LeftOut] = []
    found: dict[Path, tuple[Path, str]] = {}
    barred = {_real(e) for e in exclude}
    for spec in specs:
        path = Path(spec)
        reason = "does not exist; check the name"
        if path.is_dir():
            reason = "is a folder without a map.json; give the folder that argmine mine wrote to"
            hits = [
                p
                for p in sorted(path.rglob("map.json"))
                if not any(x.startswith(".") for x in p.relative_to(path).parts)
            ]
            hits = [p for p in hits if barred.isdisjoint((_real(p), *_real(p).parents))]
        elif path.exists():
            hits = [path]
        else:
            hits = [m for p in sorted(glob.glob(str(spec), recursive=True)) for m in _map_at(Path(p))]
        if not hits:
            missing.append(LeftOut(str(spec), str(spec), "unreadable", reason))
        for hit in hits:
            # A folder of maps is its maps' group, a map's own folder is not.
            home = path if path.is_dir() and hit.parent != path else hit.parent.parent
            found.setdefault(_real(hit), (hit, _real(home).name))
    names = _names([path for path, _ in found.values()])
    one_home = len({home for _, home in found.values()}) == 1
    places = [
        Place(path, name, None if one_home else home) for (path, home), name in zip(found.values(), names, strict=True)
    ]
    notes: list[str] = []
    if groups is not None:
        table = read_groups(groups)
        places = [Place(p.path, p.name, next((table[k] for k in _keys(p) if k in table), None)) for p in places]
        known = {key for p in places for key in _keys(p)}
        if unknown := sorted(name for name in table if name not in known):
            notes.append(f"{groups.name} names {len(unknown)} papers that are not compared: {some_of(unknown)}.")
        if bare := sum(p.group is None for p in places):
            notes.append(f"{bare} papers stand in no group of {groups.name}; they count in none.")
    return sorted(places, key=lambda p: p.name), missing, notes


def read_groups(path: Path) -> dict[str, str]:
    """The groups in a CSV with the columns paper and group: a paper is named by its folder, file or stem. Raises
    UsageError with the line where it is not such a table."""
    try:
        text = read_regular(path, _LARGEST_TABLE).decode("utf-8-sig")
    except OSError as why:
        raise UsageError(f"{path}: cannot be opened ({why.strerror})") from why
    except UnicodeDecodeError as why:
        raise UsageError(f"{path}: is not UTF-8; save the table as CSV in UTF-8") from why
    rows = csv.DictReader(text.splitlines())
    if not {"paper", "group"} <= set(rows.fieldnames or ()):
        raise UsageError(f"{path}: needs the columns paper and group in its first line")
    table: dict[str, str] = {}
    for row in rows:
        paper, group = ((row[name] or "").strip() for name in ("paper", "group"))
        if not paper or not group:
            raise UsageError(f"{path}, line {rows.line_num}: needs a paper and a group")
        if table.setdefault(paper, group) != group:
            raise UsageError(f"{path}, line {rows.line_num}: {paper} stands in two groups, {table[paper]} and {group}")
    return table


def _real(path: str | Path) -> Path:
    """Where a path leads, as far as it leads anywhere: unlike `Path.resolve` at home in loops of links."""
    return Path(os.path.realpath(path))


def _keys(place: Place) -> tuple[str, ...]:
    return place.name, place.path.parent.name, str(place.path), place.path.name


def _map_at(path: Path) -> list[Path]:
    if path.is_dir():
        return [path / "map.json"] if (path / "map.json").is_file() else []
    return [path] if path.suffix == ".json" and path.name not in {"paper.json", "summary.json"} else []


def _names(paths: Sequence[Path]) -> list[str]:
    """Names by which the maps are called, each once: their folder's, with folders above it where two share one."""
    depth = 1
    parts = [(*_real(p).parent.parts,) if p.name == "map.json" else (*_real(p).parent.parts, p.stem) for p in paths]
    names = ["/".join(p[-depth:]) for p in parts]
    while len(set(names)) < len(names) and depth < max(map(len, parts)):
        depth += 1
        twice = Counter(names)
        names = ["/".join(p[-depth:]) if twice[n] > 1 else n for p, n in zip(parts, names, strict=True)]
    return names


def _failure(why: ArgmineError) -> tuple[Why, str]:
    reason = why.reason if isinstance(why, FormatError) else str(why)
    if other := re.match(r"has the schema '(argmine/map/[^']*)'", reason):
        said = f"has another schema ({other[1]}) than this version reads; use argmine migrate, or mine it again"
        return "schema", said
    if other := re.search(r"has the label '(.+)', not one of its scheme's", reason):
        return "labels", f"has labels of another scheme ({other[1]}); map them with argmine convert --map"
    return "unreadable", reason
