"""Reading a model's files: arrays and JSON, nothing that is run."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from numpy.typing import NDArray

from argmine.errors import ModelError


class NoWeights(ModelError, AttributeError):
    """A component is used before it was trained or loaded.

    It is an AttributeError too, so that `hasattr(component, "model")` is False instead of raising: spaCy asks that of
    every component that it adds, in an order that varies with the hash seed.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the component {name} holds no weights; load a trained pipeline")


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file; nothing in it is run. Raises ModelError where it can't be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except (OSError, SafetensorError, ValueError) as why:
        raise ModelError(f"{path}: can't be read ({why}); train or install the model again") from why


def load_facts(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises ModelError where it can't be read."""
    try:
        facts = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as why:
        raise ModelError(f"{path}: can't be read ({why}); train or install the model again") from why
    if not isinstance(facts, dict):
        raise ModelError(f"{path}: is not a JSON object; train or install the model again")
    return facts


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_digests(root: Path, under: str = "") -> None:
    """Compare a model's files (those whose names start with `under`) with the digests in its meta.json.

    Raises ModelError naming the first that is missing or differs. Digests find damage and mixed-up files; whoever can
    change the files can change meta.json too. A folder without such digests (a pipeline of the user's own making that
    has argmine's components in it) is not checked.
    """
    try:
        files = dict(load_facts(root / "meta.json")["argmine"]["files"])
    except (ModelError, KeyError, TypeError, ValueError):
        return
    for name, digest in files.items():
        if not name.startswith(under):
            continue
        path = root / name
        if PurePosixPath(name).is_absolute() or ".." in name or (path.exists() and not path.is_file()):
            raise ModelError(f"{root / 'meta.json'}: names {name!r}, which is no file of the model; install it again")
        try:
            same = file_digest(path) == digest
        except OSError as why:
            raise ModelError(f"{root / name}: is missing from the model; train or install it again") from why
        if not same:
            raise ModelError(f"{root / name}: has been changed or damaged since the model was made; install it again")
