"""A model's folder, replaced as a whole: what stood there stays until the new one is complete."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from argmine import __version__
from argmine.errors import ModelError, UsageError
from argmine.mark import MARK, Mark, read_mark, write_mark
from argmine.stamp import sync_folder
from argmine.weights import load_facts

NOT_DIGESTED = frozenset({"meta.json", "scores.json", "predictions.jsonl", "folds.json", "MODEL_CARD.md", MARK})
"""Files of a model's folder that aren't weights: they may change without its being another model."""

LOCAL_VERSION = f"{__version__}+local"
"""The version of models that were trained here, whose names tell them apart."""


@contextmanager
def replaced(out: Path, mark: Mark | None = None) -> Iterator[Path]:
    """An empty folder beside `out` that takes its place when the block ends, and is gone where it raises.

    All of it is on the disk before it does; with `mark` it says that this user made it there (`argmine.mark`).
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield new
        new.chmod(0o755)
        if mark is not None:
            write_mark(new, out, mark)
        _settle(new)
        old = None
        if out.exists():
            old = new.with_name(new.name + "-old")
            os.replace(out, old)
        os.replace(new, out)
        sync_folder(out.parent)
        if old is not None:
            old.unlink() if old.is_symlink() else shutil.rmtree(old)
    finally:
        if new.exists():
            shutil.rmtree(new)


def _settle(folder: Path) -> None:
    """Bring a folder's files and names to the disk: after a power cut what stands there is whole."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("r+b") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def dump(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON, its keys sorted."""
    path.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def own_name(kind: str, files: Mapping[str, str]) -> str:
    """The name of a model that was trained here: `kind` and a digest of its files' digests, so none is called alike."""
    whole = sha256("".join(f"{name} {digest}\n" for name, digest in sorted(files.items())).encode())
    return f"{kind}-{whole.hexdigest()[:8]}"


def check_better(out: Path, mark: Mark, force: bool) -> None:
    """Raise UsageError where the model in `out` is used unasked and the new one would not be, unless `force`."""
    if force or mark.taken:
        return
    try:
        before = read_mark(out)
    except ModelError:
        return
    if before.taken:
        raise UsageError(
            f"{out}: is used in the shipped model's place ({before.why}), and the new one would not be: {mark.why}; "
            "give another --out, or use --force to replace it"
        )


def check_target(out: Path, sentences: int, force: bool) -> None:
    """Raise UsageError where `out` must not be replaced: by a model of `sentences`, unless `force`."""
    from argmine.model import shipped_model

    try:
        shipped = shipped_model().resolve()
    except ModelError:
        shipped = None
    if shipped is not None and out.resolve() == shipped:
        raise UsageError(f"{out}: is the shipped model, which is never overwritten; give another --out")
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        before = int(load_facts(out / "meta.json")["argmine"]["sentences"])
    except (ModelError, KeyError, TypeError, ValueError) as why:
        raise UsageError(f"{out}: exists and is not a model of argmine's; give another --out") from why
    if before > sentences and not force:
        raise UsageError(
            f"{out}: was trained on {before} sentences, more than the {sentences} given now; use --force to replace it"
        )
