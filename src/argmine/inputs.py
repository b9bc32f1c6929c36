"""Which papers a command is about: files, folders and globs, and the names that their outputs get."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath

from argmine.errors import ReadError


@dataclass(frozen=True, slots=True)
class Input:
    """One paper to do: its file, the name of its output folder and its digest; or why it can't be done."""

    path: Path
    stem: str
    sha256: str
    error: str | None = None


def find_inputs(
    specs: Sequence[str], suffixes: Iterable[str], exclude: Sequence[str] = ()
) -> tuple[list[Path], list[ReadError]]:
    """The papers among files, folders (searched to the bottom) and globs, sorted, each once.

    `exclude` are files or folders left out of folders and globs. Hidden files and those with other suffixes are passed
    over in folders and globs, but a file that is named is taken whatever it is called. What is missing or holds no
    paper comes back as an error for it.
    """
    wanted = {s.lower() for s in suffixes}
    barred = [Path(e).resolve() for e in exclude]
    paths: dict[Path, Path] = {}
    errors: list[ReadError] = []

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


def name_inputs(paths: Sequence[Path]) -> list[Input]:
    """Give each paper the name of its output folder: its stem, with part of its digest where two share one.

    A paper.json is named by its folder, since all of them are called alike.
    """
    digests: list[tuple[Path, str, str | None]] = []
    for path in paths:
        try:
            digests.append((path, sha256(path.read_bytes()).hexdigest(), None))
        except OSError as why:
            digests.append(
                (path, "", str(ReadError(path, f"cannot be opened ({why.strerror}); check its permissions")))
            )
    stems = [_stem(path) for path in paths]
    # Two names that differ by case alone would be one folder on some file systems.
    seen = Counter(stem.casefold() for stem in stems)
    return [
        Input(path, f"{stem}-{digest[:8]}" if seen[stem.casefold()] > 1 and digest else stem, digest, error)
        for stem, (path, digest, error) in zip(stems, digests, strict=True)
    ]


def stem_of(name: str, folder: str) -> str:
    """The name of a paper's output folder, by its file's name and its folder's."""
    if name == "paper.json":
        return folder
    stem = name[: -len(".paper.json")] if name.endswith(".paper.json") else PurePath(name).stem
    return stem.strip(" .") or "paper"


def _stem(path: Path) -> str:
    return stem_of(path.name, path.resolve().parent.name if path.name == "paper.json" else "")
