"""What a paper's outputs were made from, so that only what changed is made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from argmine import __version__

STAMP_FILE = ".argmine.json"


@cache
def code_digest() -> str:
    """Digest of argmine's own code and page templates: another version of the code makes every map again."""
    root = Path(__file__).parent
    whole = sha256(__version__.encode())
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".js", ".css", ".html"} and "_models" not in path.parts:
            whole.update(path.relative_to(root).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def write_atomically(path: Path, text: str) -> None:
    """Write a file under a temporary name and rename it, so that nobody ever sees half of it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def read_stamp(folder: Path) -> dict[str, Any] | None:
    """The stamp of an output folder, None where there is none that can be read."""
    try:
        data = json.loads((folder / STAMP_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("made_from"), dict) else None


def write_stamp(folder: Path, made_from: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Say what a folder's outputs were made from and what stands in the overview about them."""
    text = json.dumps({"made_from": made_from, "row": row}, ensure_ascii=False, sort_keys=True, indent=1)
    write_atomically(folder / STAMP_FILE, text + "\n")


def is_current(folder: Path, made_from: Mapping[str, Any], outputs: tuple[str, ...]) -> bool:
    """Whether a folder's outputs are all there and were made from just this."""
    stamp = read_stamp(folder)
    return stamp is not None and stamp["made_from"] == made_from and all((folder / name).is_file() for name in outputs)
