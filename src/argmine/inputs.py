"""Which papers a command is about: files, folders and globs, the names that their outputs get, what became of each."""

from __future__ import annotations

import fnmatch
import glob
import json
import math
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from argmine.errors import ReadError, one_line
from argmine.io import digest_of, read_regular
from argmine.paper import Paper, Probability
from argmine.scheme import Name

MOST_PAGES: Final = 2000
"""Pages of a PDF that are mined unless more are allowed; a longer one is an archive's volume or an attack."""
MOST_MEBIBYTES: Final = 512
"""The size of a paper's file unless more is allowed."""
# What breaks or turns the line that a name stands in, and bytes that are no characters.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f/\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST: Final = 240  # bytes of a folder's name: most systems allow 255, and part of a digest has to fit too
_LONGEST_LIST: Final = 256 << 20  # bytes of a list of papers
# An address, a DOI or an arXiv id, old or new.
_ELSEWHERE: Final = re.compile(
    r"(?i)(?:https?|ftp)://|www\.|(?:doi|arxiv):|10\.\d{4,9}/|\d{4}\.\d{4,5}(?:v\d{1,3})?\Z"
    r"|[a-z-]{2,20}(?:\.[a-z]{2})?/\d{7}(?:v\d{1,3})?\Z"
)
_DEVICES: Final = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
_FILES: Final = {"index.html", "units.js", "units.csv", "summary.json", "paper.json", "map.json"}
"""The names of files beside the papers' folders, and of those that commands look for in all folders."""
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Input:
    """One paper to do: its file, the name of its output folder and its digest; or why it can't be done."""

    path: Path
    stem: str
    sha256: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What the overview says of one paper: of one that could not be done `error` says why, and the counts are 0.

    `units` counts by label, `gold_score` is macro-F1 over the five labels against gold that the model was not trained
    on, `map` the map's page relative to the overview, not quoted. `listing` holds the units as
    `argmine.runner.overview.Listing` has them where the run that the row belongs to has just made them; it is no part
    of what is written.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    stem: str
    file: str
    title: str = ""
    pages: Count | None = None
    sections: Count = 0
    sentences: Count = 0
    units: dict[Name, Count] = field(default_factory=dict)
    relations: Count = 0
    gold_score: Probability | None = None
    map: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    listing: str | None = field(default=None, repr=False, compare=False)

    @property
    def summary(self) -> str | None:
        return None if self.map is None else f"{self.stem}/summary.md"

    @classmethod
    def failed(cls, item: Input, reason: str) -> Row:
        return cls(item.stem, one_line(item.path.name), error=one_line(f"{item.path}: {reason}"))

    def facts(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "listing"}

    @classmethod
    def from_facts(cls, facts: Any, stem: str) -> Row:
        """The row of the paper `stem` from its JSON form, which somebody else may have written. Raises TypeError where
        it isn't one, with a value of the wrong type, or is another paper's."""
        try:
            row = _ROW.validate_json(json.dumps(facts))  # whose strict types are those of JSON
        except ValidationError as why:
            raise TypeError("is no row of an overview") from why
        if row.stem != stem or row.map not in {None, f"{stem}/map.html"}:
            raise TypeError("is another paper's row")
        return row


_ROW: Final = TypeAdapter(Row)


def with_lists(specs: Sequence[str]) -> tuple[list[str], list[ReadError]]:
    """What is given, with the lines of a file in place of each `@file`; a list that can't be read comes back as an
    error. A file whose own name begins with @ is that file."""
    given: list[str] = []
    errors: list[ReadError] = []
    for spec in specs:
        if not spec.startswith("@") or Path(spec).exists():
            given.append(spec)
            continue
        try:
            lines = read_regular(spec[1:], _LONGEST_LIST).decode("utf-8").splitlines()
        except (OSError, ValueError) as why:
            reason = getattr(why, "strerror", None) or "it is no text"
            errors.append(ReadError(spec[1:], f"can't be read as a list of papers ({reason})"))
            continue
        given += [line.strip() for line in lines if line.strip()]
    return given, errors


def find_inputs(
    specs: Sequence[str],
    suffixes: Iterable[str],
    exclude: Sequence[str] = (),
    *,
    follow_links: bool = False,
    skipped: Mapping[str, str] = MappingProxyType({}),
) -> tuple[list[Path], list[ReadError]]:
    """The papers among files, folders (searched to the bottom), globs and `@lists` of these, sorted, each once.

    `exclude` are files or folders left out of folders and globs. Hidden files and those with other suffixes are passed
    over in folders and globs, but a file that is named is taken whatever it is called, a link too. A link that is found
    in a folder or by a glob and leads out of it is left out unless `follow_links`; one that leads to a paper within it
    is that paper. What is missing or holds no paper comes back as an error for it, as an `Unsearched` what couldn't be
    looked into and a link that is left out or leads nowhere; as `Skipped` files in folders and globs whose suffix is
    among `skipped`, which says what they are.
    """
    wanted = {s.lower() for s in suffixes}
    search = _Search(wanted, [os.path.realpath(e) for e in exclude], follow_links, skipped)
    specs, errors = with_lists(specs)
    paths: dict[str, Path] = {}
    for spec in specs:
        path = Path(spec)
        # Not by methods of Path, which raise where a folder above is closed.
        if os.path.isdir(path):
            found = search.below(path)
            nothing = f"is a folder without papers; put files of these kinds into it: {', '.join(sorted(wanted))}"
        elif os.path.exists(path):
            found, nothing = {os.path.realpath(path): path}, ""
        elif _ELSEWHERE.match(spec):
            found, nothing = (
                {},
                "is no file but an address, DOI or arXiv id; argmine fetches nothing: download the paper",
            )
            nothing += " first and give its file"
        elif glob.has_magic(spec):
            found, nothing = search.matching(path), "matches no paper; check the pattern"
        else:
            found = {}
            nothing = "is a link that leads nowhere" if os.path.islink(path) else "does not exist; check the name"
        wrong = search.errors()
        errors += wrong
        if not found and all(isinstance(why, Skipped) for why in wrong):
            errors.append(ReadError(spec, nothing))
        paths |= {real: each for real, each in found.items() if real not in paths}
    return list(paths.values()), errors


class Unsearched(ReadError):
    """A folder that couldn't be searched for papers, or a link that wasn't followed."""


class Skipped(ReadError):
    """A file in a folder that may be meant for a paper and is of a kind that argmine doesn't read; no failure."""


def is_web_address(spec: str) -> bool:
    """Whether what is given is an address that a browser opens."""
    return bool(re.match(r"(?i)(?:https?|ftp)://", spec))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class _Search:
    """Looks for papers in folders and by globs: files with a suffix among `wanted`, but for what is `barred`.

    Where a path leads is asked of `os.path.realpath`, which unlike `Path.resolve` is at home in loops of links.
    """

    def __init__(self, wanted: set[str], barred: Sequence[str], follow: bool, skipped: Mapping[str, str]) -> None:
        self._wanted, self._barred, self._follow, self._skipped = wanted, barred, follow, skipped
        self._errors: dict[str, Unsearched | Skipped] = {}

    def errors(self) -> list[Unsearched | Skipped]:
        """What was wrong since this was asked last."""
        errors, self._errors = self._errors, {}
        return list(errors.values())

    def below(self, folder: Path) -> dict[str, Path]:
        """The papers in a folder by where they really lie, sorted by name."""
        root = os.path.realpath(folder)
        hits = (place / e.name for place, _, entries in self._folders(folder, root) for e in entries if not _is_dir(e))
        return self._papers(hits, root)

    def matching(self, pattern: Path) -> dict[str, Path]:
        """The papers that match a glob, in the same way. They are looked for in the folder before its first sign."""
        parts = pattern.parts
        magic = next(n for n, part in enumerate(parts) if glob.has_magic(part))
        folder = Path(*parts[:magic])
        root = os.path.realpath(folder)
        return self._papers(self._matches(folder, parts[magic:], root), root)

    def _papers(self, hits: Iterable[Path], root: str) -> dict[str, Path]:
        """The papers among what was found; one with several names by the first that is no link."""
        found: dict[str, Path] = {}
        for path in sorted(set(hits)):
            real = self._paper(path, root)
            if real is not None and (real not in found or (found[real].is_symlink() and not path.is_symlink())):
                found[real] = path
        return {real: found[real] for real in sorted(found, key=found.__getitem__)}

    def _paper(self, path: Path, root: str) -> str | None:
        """Where a paper really lies that is to be taken, else None; a link that isn't followed is told."""
        name, suffix = path.name, path.suffix.lower()
        # Word's own temporary files begin with ~$.
        if name.startswith((".", "~$")) or name.lower() == "readme.md":
            return None
        if suffix not in self._wanted:
            if suffix in self._skipped and not self._is_barred(os.path.realpath(path)) and os.path.isfile(path):
                self._errors.setdefault(str(path), Skipped(path, self._skipped[suffix]))
            return None
        real = os.path.realpath(path)
        if self._is_barred(real):
            return None
        if not os.path.exists(path):
            self._tell(path, "is a link that leads nowhere; remove it")
        elif not self._follow and not _within(real, root):
            self._tell(path, f"leads to a file elsewhere, {_ONLY_WITH}")
        elif os.path.isfile(path):
            return real
        return None

    def _folders(self, folder: Path, root: str) -> Iterator[tuple[Path, str, list[os.DirEntry[str]]]]:
        """A folder and all below it that are to be searched, each once: its path, where it really lies, its entries.
        Links to folders come last, so that what has a name of its own is found by that."""
        waiting, seen = [(folder, os.path.realpath(folder))], set[str]()
        links: list[tuple[Path, str]] = []
        while waiting or links:
            place, real = waiting.pop() if waiting else links.pop()
            if real in seen:
                continue
            seen.add(real)
            entries = self._entries(place)
            yield place, real, entries
            for entry in entries:
                path, lies = place / entry.name, os.path.join(real, entry.name)
                if not _is_dir(entry):
                    continue
                if not entry.is_symlink():
                    if not self._is_barred(lies):
                        waiting.append((path, lies))
                elif not self._is_barred(lies := os.path.realpath(path)):
                    if self._follow:
                        links.append((path, lies))
                    elif not _within(lies, root):
                        self._tell(path, f"leads to a folder elsewhere, {_ONLY_WITH}")

    def _entries(self, place: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(place) as entries:
                return [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as why:
            self._tell(place, f"can't be searched ({why.strerror}); check its permissions")
            return []

    def _matches(self, folder: Path, parts: Sequence[str], root: str) -> Iterator[Path]:
        """What matches the parts of a glob in a folder. Unlike `glob.glob`, `**` goes into no link that leads back."""
        part, *rest = parts
        if part == "**":
            for place, _, entries in self._folders(folder, root):
                yield from self._matches(place, rest, root) if rest else (place / e.name for e in entries)
            return
        names = [e.name for e in self._entries(folder)] if glob.has_magic(part) else [part]
        for name in fnmatch.filter(names, part) if glob.has_magic(part) else names:
            path = folder / name
            if not rest:
                yield path
            elif os.path.isdir(path):
                yield from self._matches(path, rest, root)

    def _is_barred(self, real: str) -> bool:
        return any(_within(real, barred) for barred in self._barred)

    def _tell(self, path: Path, reason: str) -> None:
        self._errors.setdefault(str(path), Unsearched(path, reason))


_ONLY_WITH: Final = "and links are followed only with --follow-links or where they are named"


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def name_inputs(paths: Sequence[Path], max_size: int | None = None) -> list[Input]:
    """Give each paper the name of its output folder: its stem, with part of its digest where two share one.

    A paper.json is named by its folder, since all of them are called alike. Of files with the same name and content
    the first is taken. Nothing is read of a file of more than `max_size` MiB, nor of what is no file: an error says so.
    """
    digests = [(path, *_digest(path, max_size)) for path in paths]
    stems = [stem_of(path.name, Path(os.path.realpath(path)).parent.name) for path in paths]
    seen = Counter(alike(stem) for stem in stems)
    named: dict[str, Input] = {}
    for stem, (path, digest, error) in zip(stems, digests, strict=True):
        name = stem
        if seen[alike(stem)] > 1:
            # What can't be read has no digest: that of its name tells it apart as well.
            name = f"{stem}-{(digest or sha256(os.fsencode(os.path.realpath(path))).hexdigest())[:8]}"
        if (other := named.get(alike(name))) is not None:
            if other.sha256 == digest:
                continue
            name = f"{stem[:150]}-{digest}"
        named[alike(name)] = Input(path, name, digest, error)
    return list(named.values())


def _digest(path: Path, max_size: int | None) -> tuple[str, str | None]:
    """A file's digest, or an empty one and why there is none."""
    try:
        path.name.encode()
        # A pipe or device would keep whoever opens it waiting.
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            reason = "is a folder; name a paper in it"
        elif not stat.S_ISREG(facts.st_mode):
            reason = "is no file but a pipe or device; name a file"
        elif max_size is not None and facts.st_size > max_size * 1024 * 1024:
            reason = too_large(facts.st_size, max_size)
        else:
            return digest_of(path), None
    except UnicodeEncodeError:
        reason = "has a name that is no text; give it another"
    except FileNotFoundError:
        reason = "does not exist any more; check the name"
    except OSError as why:
        reason = f"cannot be opened ({why.strerror}); check its permissions"
    return "", str(ReadError(path, reason))


def check_language(paper: Paper, *, any_language: bool) -> None:
    """Raise ReadError for a paper in another language than the model's, unless that is wanted."""
    if paper.language not in {None, "en"} and not any_language:
        reason = f"is in another language than English ({paper.language}), which the model doesn't know"
        raise ReadError(paper.source.file, f"{reason}; use --any-language to tag it all the same")


def too_large(size: int, max_size: int) -> str:
    """Why nothing is read of a file: `size` is in bytes, `max_size` in MiB."""
    mebibytes = math.ceil(size / (1024 * 1024))
    return f"is {mebibytes:,} MiB large, and a paper may have {max_size:,}; allow more with --max-file-size"


def alike(name: str) -> str:
    """The same for names that some file system takes for one: those that differ by case or by how accents are made."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def stem_of(name: str, folder: str) -> str:
    """The name of a paper's output folder, by its file's name and its folder's."""
    if name == "paper.json":
        return folder
    stem = name[: -len(".paper.json")] if name.endswith(".paper.json") else PurePath(name).stem
    # Changed where a folder can't or mustn't be called that on some system.
    stem = _UNSAFE.sub("_", stem).strip(" .") or "paper"
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1].strip(" .")
    reserved = stem.partition(".")[0].rstrip().casefold() in _DEVICES or stem.casefold() in _FILES
    return f"{stem}_" if reserved else stem
