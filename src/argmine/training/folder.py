"""A model's folder, replaced as a whole, also when the power is cut: the new one is complete and on the disk before it
takes the old one's place at one stroke."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from argmine import __version__
from argmine.errors import FULL, ModelError, OutputError, UsageError
from argmine.io import sync_folder, take_lock
from argmine.model.folder import MARK, Mark, file_digest, load_facts, read_mark, write_mark

NOT_DIGESTED = frozenset({"meta.json", "scores.json", "predictions.jsonl", "folds.json", "MODEL_CARD.md", MARK})
"""Files of a model's folder that aren't weights: they may change without its being another model."""
LOCAL_VERSION = f"{__version__}+local"
"""The version of models that were trained here, whose names tell them apart."""

_FULL: Final = FULL | {errno.EROFS}
_SYSTEMS: Final = re.compile(r"\(os error (\d+)\)|\[Errno (\d+)\]")
"""How safetensors, and shutil where it copies a whole tree, name what the system said."""
_ASIDE: Final = "-old"
_HERE: Final = -100
"""AT_FDCWD: paths are from the folder that the process is in."""
_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""
_CANNOT: Final = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


@contextmanager
def replaced(out: Path, mark: Mark | None = None) -> Iterator[Path]:
    """An empty folder beside `out` that takes its place when the block ends, and is gone where it raises. All of it is
    on the disk before it does; with `mark` it says that this user made it there. Raises OutputError where it can't be
    written."""
    from safetensors import SafetensorError

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        with _beside(out) as new:
            yield new
            new.chmod(0o755)
            if mark is not None:
                write_mark(new, out, mark)
            _put_in_place(new, out)
    except (shutil.Error, SafetensorError) as why:
        said = _SYSTEMS.search(str(why))
        number = int(said[1] or said[2]) if said else 0
        if number not in _FULL:
            raise
        raise OutputError(out, OSError(number, os.strerror(number))) from why
    except OSError as why:
        # An error about what is written for `out`, and not about what is read for it.
        where = Path(os.fsdecode(why.filename)) if isinstance(why.filename, str | bytes) else None
        if why.errno not in _FULL and (where is None or (where != out.parent and not _is_beside(where, out))):
            raise
        raise OutputError(out, why) from why


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    # An empty folder for what is to take the place of `out`, held so that `_sweep` leaves it alone; at the end it, or
    # what it has changed places with, is removed.
    new = Path(tempfile.mkdtemp(prefix=_prefix(out), dir=out.parent))
    lock = _held(new)
    try:
        yield new
    finally:
        if new.is_symlink():
            new.unlink()
        else:
            shutil.rmtree(new, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _put_in_place(new: Path, out: Path) -> None:
    # What stood at `out` is at `new` then. Everything is on the disk before, and the names are when this returns. `out`
    # is the old or the new one at any moment, but for systems that can't exchange two names: there it is missing for a
    # moment.
    _sync_tree(new)
    if not os.path.lexists(out):
        os.replace(new, out)
    elif not exchange(new, out):
        aside = new.with_name(new.name + _ASIDE)
        os.replace(out, aside)
        os.replace(new, out)
        os.replace(aside, new)
    sync_folder(out.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two names change places at one stroke; False where the system or the file system can't. Raises OSError."""
    if sys.platform not in {"linux", "darwin"}:
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _EXCHANGE)
    else:
        return False
    if failed and (code := ctypes.get_errno()) not in _CANNOT:
        raise OSError(code, os.strerror(code), str(other))
    return not failed


def _sweep(out: Path) -> None:
    # Remove what killed processes left beside `out`; what one had put aside comes back where `out` is missing.
    for path in sorted(out.parent.iterdir()):
        made = _is_beside(Path(path.name), out) and path.is_dir() and not path.is_symlink()
        lock = _held(path) if made else None
        if lock is None:
            continue
        try:
            if path.name.endswith(_ASIDE) and not os.path.lexists(out):
                os.replace(path, out)
            elif any(path.iterdir()):  # another process may just have made an empty one, and not hold it yet
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)


def _is_beside(path: Path, out: Path) -> bool:
    ours = re.compile(re.escape(_prefix(out)) + rf"[a-z0-9_]{{8}}({_ASIDE})?")
    return any(ours.fullmatch(part) for part in path.parts)


def _prefix(out: Path) -> str:
    return f".argmine-{out.name}-"  # nobody else's: `_sweep` removes what is called so


def _held(folder: Path) -> int | None:
    # A lock on a folder that ends with the process; None where another has it or folders have no locks.
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return None
    try:
        take_lock(handle)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("r+b" if os.name == "nt" else "rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def digests_in(folder: Path) -> dict[str, str]:
    """The digest of each file of a model's weights, by its path within the folder; all can read them from then on."""
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes them for their owner alone
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in NOT_DIGESTED)
    return {p.relative_to(folder).as_posix(): file_digest(p) for p in files}


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
    from argmine.model.model import is_shipped

    if is_shipped(out):
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
