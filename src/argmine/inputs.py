"""Which papers a command is about: files, folders and globs, and the names that their outputs get."""

from __future__ import annotations

import glob
import math
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePath
from typing import Final

from argmine.errors import ReadError

_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f/\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What breaks or turns the line that a name stands in, and bytes that are no characters."""
_LONGEST: Final = 240
"""Bytes of a folder's name: most systems allow 255, and part of a digest has to fit too."""
_DEVICES: Final = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
_FILES: Final = {"index.html", "units.js", "units.csv", "summary.json", "paper.json", "map.json"}
"""The names of files beside the papers' folders, and of those that commands look for in all folders."""


@dataclass(frozen=True, slots=True)
class Input:
    """One paper to do: its file, the name of its output folder and its digest; or why it can't be done."""

    path: Path
    stem: str
    sha256: str
    error: str | None = None


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
            lines = Path(spec[1:]).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as why:
            reason = getattr(why, "strerror", None) or "it is no text"
            errors.append(ReadError(spec[1:], f"can't be read as a list of papers ({reason})"))
            continue
        given += [line.strip() for line in lines if line.strip()]
    return given, errors


def find_inputs(
    specs: Sequence[str], suffixes: Iterable[str], exclude: Sequence[str] = ()
) -> tuple[list[Path], list[ReadError]]:
    """The papers among files, folders (searched to the bottom), globs and `@lists` of these, sorted, each once.

    `exclude` are files or folders left out of folders and globs. Hidden files and those with other suffixes are passed
    over in folders and globs, but a file that is named is taken whatever it is called. What is missing or holds no
    paper comes back as an error for it.
    """
    wanted = {s.lower() for s in suffixes}
    barred = [Path(e).resolve() for e in exclude]
    paths: dict[Path, Path] = {}
    specs, errors = with_lists(specs)

    def take(path: Path) -> None:
        paths.setdefault(path.resolve(), path)

    def fits(path: Path, below: Path) -> bool:
        resolved = path.resolve()
        shown = path.relative_to(below) if path.is_relative_to(below) else Path(path.name)
        return (
            path.suffix.lower() in wanted
            and not any(part.startswith(".") for part in shown.parts)
            and path.name.lower() != "readme.md"
            and path.is_file()
            and not any(resolved == b or b in resolved.parents for b in barred)
        )

    for spec in specs:
        path = Path(spec)
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if fits(p, path)]
            if not inside:
                kinds = ", ".join(sorted(wanted))
                errors.append(ReadError(spec, f"is a folder without papers; put files of these kinds into it: {kinds}"))
            for p in inside:
                take(p)
        elif path.exists():
            take(path)
        elif glob.has_magic(spec):
            hits = [Path(p) for p in sorted(glob.glob(spec, recursive=True))]
            good = [p for p in hits if fits(p, p.parent)]
            if not good:
                errors.append(ReadError(spec, "matches no paper; check the pattern"))
            for p in good:
                take(p)
        else:
            errors.append(ReadError(spec, "does not exist; check the name"))
    return list(paths.values()), errors


def name_inputs(paths: Sequence[Path], max_size: int | None = None) -> list[Input]:
    """Give each paper the name of its output folder: its stem, with part of its digest where two share one.

    A paper.json is named by its folder, since all of them are called alike. Of files with the same name and content
    the first is taken. Nothing is read of a file of more than `max_size` MiB, nor of what is no file: an error says so.
    """
    digests = [(path, *_digest(path, max_size)) for path in paths]
    stems = [_stem(path) for path in paths]
    seen = Counter(alike(stem) for stem in stems)
    named: dict[str, Input] = {}
    for stem, (path, digest, error) in zip(stems, digests, strict=True):
        name = stem
        if seen[alike(stem)] > 1:
            # What can't be read has no digest: that of its name tells it apart as well.
            name = f"{stem}-{(digest or sha256(os.fsencode(path.resolve())).hexdigest())[:8]}"
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
            return "", str(ReadError(path, "is a folder; name a paper in it"))
        if not stat.S_ISREG(facts.st_mode):
            return "", str(ReadError(path, "is no file but a pipe or device; name a file"))
        if max_size is not None and facts.st_size > max_size * 1024 * 1024:
            return "", str(ReadError(path, too_large(facts.st_size, max_size)))
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest(), None
    except UnicodeEncodeError:
        return "", str(ReadError(path, "has a name that is no text; give it another"))
    except FileNotFoundError:
        return "", str(ReadError(path, "does not exist any more; check the name"))
    except OSError as why:
        return "", str(ReadError(path, f"cannot be opened ({why.strerror}); check its permissions"))


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
    return _safe(stem)


def _safe(stem: str) -> str:
    """The name, changed where a folder can't or mustn't be called that on some system."""
    stem = _UNSAFE.sub("_", stem).strip(" .") or "paper"
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1].strip(" .")
    reserved = stem.partition(".")[0].rstrip().casefold() in _DEVICES or stem.casefold() in _FILES
    return f"{stem}_" if reserved else stem


def _stem(path: Path) -> str:
    return stem_of(path.name, path.resolve().parent.name if path.name == "paper.json" else "")
