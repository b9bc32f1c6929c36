"""A model's folder as data: bounded regular files, a config.cfg of known words, and the mark of one that was made here.

Nothing in it is run. spaCy calls whatever registered function a config.cfg names, with the arguments that stand there,
so argmine reads that file itself, compares it with what it writes, and builds the pipeline by hand.

The mark that `train` and `refine` leave holds the folder's own inode number, its real path and the digest of its
meta.json. An archive or a clone can't have the right number, and a file's owner is who unpacked it: the mark says that
the folder was made in this place and is as it was made, the owner that it was made by this user.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from argmine.errors import ModelError
from argmine.io import digest_of, load_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BYTES: Final = 2**31
"""No file of a model is larger: what ONNX can hold."""
MOST_FACTS: Final = 64 * 2**20
"""No JSON file of a model is larger. The vocabulary of word n-grams, the largest, has some 10 MiB."""
MOST_FILES: Final = 10_000
"""A model of n-grams has two files for each label of its corpus."""
_MOST_CONFIG: Final = 2**16
_AGAIN: Final = "train or install the model again"

CONFIG: Final = "config.cfg"
TAGGER, ATTRIBUTION, LINKER = "argmine_tagger", "argmine_attribution", "argmine_linker"
ENCODER: Final = "argmine_encoder"
KEY_POINTS: Final = "argmine_key_points"
Components = tuple[tuple[str, str], ...]
"""Names and factories in the pipeline's order."""
PIPELINES: Final[tuple[Components, ...]] = (
    ((TAGGER, ENCODER), (LINKER, LINKER), (KEY_POINTS, KEY_POINTS)),
    ((TAGGER, TAGGER), (ATTRIBUTION, ATTRIBUTION), (LINKER, LINKER), (KEY_POINTS, KEY_POINTS)),
    ((TAGGER, ENCODER), (LINKER, LINKER)),
    ((TAGGER, TAGGER), (ATTRIBUTION, ATTRIBUTION), (LINKER, LINKER)),
    ((TAGGER, TAGGER), (LINKER, LINKER)),
    ((TAGGER, ENCODER),),
    ((TAGGER, TAGGER),),
)
"""The annotation scheme's, with and without key points, and those of schemes without attribution, without relations."""
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "components": (),
    "corpora": ("train", "dev"),
    "initialize": ("tokenizer", "components"),
    "nlp": ("tokenizer", "vectors"),
    "paths": (),
    "pretraining": (),
    "system": (),
    "training": ("logger", "batcher", "batcher.size", "optimizer", "score_weights"),
}
_SECTIONS: Final = frozenset(_PARTS) | {f"{whole}.{part}" for whole, parts in _PARTS.items() for part in parts}
_SAID: Final[dict[tuple[str, str], str]] = {
    ("nlp", "disabled"): "[]",
    ("nlp.tokenizer", "@tokenizers"): '"spacy.Tokenizer.v1"',
    ("nlp.vectors", "@vectors"): '"spacy.Vectors.v1"',
    ("corpora.train", "@readers"): '"spacy.Corpus.v1"',
    ("corpora.train", "path"): "${paths.train}",
    ("corpora.dev", "@readers"): '"spacy.Corpus.v1"',
    ("corpora.dev", "path"): "${paths.dev}",
    ("training", "seed"): "${system.seed}",
    ("training", "gpu_allocator"): "${system.gpu_allocator}",
    ("training", "dev_corpus"): '"corpora.dev"',
    ("training", "train_corpus"): '"corpora.train"',
    ("training", "frozen_components"): "[]",
    ("training", "annotating_components"): "[]",
    ("training.logger", "@loggers"): '"spacy.ConsoleLogger.v1"',
    ("training.batcher", "@batchers"): '"spacy.batch_by_words.v1"',
    ("training.batcher.size", "@schedules"): '"compounding.v1"',
    ("training.optimizer", "@optimizers"): '"Adam.v1"',
    ("initialize", "vectors"): "${paths.vectors}",
    ("initialize", "init_tok2vec"): "${paths.init_tok2vec}",
}
"""All values of config.cfg that are no plain number, truth value or null, and so may name something."""

LOCAL: Final = Path("models/local")
MARK: Final = "made-here.json"
"""The mark's file, which is no part of the model: its digests leave it out."""


class NoWeights(ModelError, AttributeError):
    """A component is used before it was trained or loaded. An AttributeError too, so that `hasattr(component,
    "model")`, which spaCy asks of every component that it adds, is False instead of raising."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the component {name} holds no weights; load a trained pipeline")


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file. Raises ModelError where it can't be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    check_file(path)
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError, ValueError) as why:
        raise ModelError(f"{path}: can't be read ({why}); {_AGAIN}") from why


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a safetensors file."""
    import numpy as np
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def load_facts(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises ModelError where it can't be read."""
    check_file(path, MOST_FACTS)
    try:
        facts = load_json(path.read_bytes())
    except (OSError, ValueError) as why:
        raise ModelError(f"{path}: can't be read ({why}); {_AGAIN}") from why
    if not isinstance(facts, dict):
        raise ModelError(f"{path}: is not a JSON object; {_AGAIN}")
    return facts


def check_file(path: Path, most: int = MOST_BYTES) -> None:
    """Raise ModelError for what is missing, no regular file, or larger than `most` bytes, without opening it: a pipe
    waits for somebody who writes into it, and a device may have no end."""
    try:
        _check(path, path.stat(), most)
    except OSError as why:
        raise ModelError(f"{path}: can't be read ({why.strerror}); {_AGAIN}") from why


def check_folder(root: Path, *, links: bool = False) -> None:
    """Raise ModelError for anything but folders and regular files of a bounded size, without opening it. Links are
    refused unless `links`: argmine writes none, and one may lead to any file of this machine."""
    seen = 0
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda e: e.name)
            for entry in found:
                seen += 1
                facts = entry.stat(follow_symlinks=links)
                path = folder / entry.name
                if seen > MOST_FILES:
                    raise ModelError(f"{root}: holds more than {MOST_FILES} files, so it is no model; give its folder")
                if stat.S_ISDIR(facts.st_mode) and not entry.is_symlink():
                    waiting.append(path)
                else:
                    _check(path, facts, MOST_FACTS if path.suffix == ".json" else MOST_BYTES)
        except OSError as why:
            raise ModelError(f"{folder}: can't be read ({why.strerror}); {_AGAIN}") from why


def _check(path: Path, facts: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(facts.st_mode):
        kind = "a link" if stat.S_ISLNK(facts.st_mode) else "a pipe, a device or a folder"
        raise ModelError(f"{path}: is {kind} where a model has a file; {_AGAIN}")
    if facts.st_size > most:
        raise ModelError(f"{path}: has more than {most // 2**20} MiB, as no model's; {_AGAIN}")


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes. Raises ModelError for what is no regular file of a bounded size."""
    check_file(path)
    try:
        return digest_of(path)
    except OSError as why:
        raise ModelError(f"{path}: can't be read ({why.strerror}); {_AGAIN}") from why


def check_digests(root: Path, under: str = "") -> None:
    """Raise ModelError naming the first of a model's files (whose names start with `under`) that is missing or differs
    from its digest in meta.json: it was damaged or mixed up, as whoever can change the files can change meta.json too.
    A folder without digests, a pipeline of the user's own making, is not checked."""
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
        if not path.exists():
            raise ModelError(f"{root / name}: is missing from the model; train or install it again")
        if file_digest(path) != digest:
            raise ModelError(f"{root / name}: has been changed or damaged since the model was made; install it again")


def components_of(folder: Path) -> Components:
    """The components of the pipeline in a model's folder, one of PIPELINES. Raises ModelError where config.cfg is
    missing or says anything that argmine doesn't write. Numbers may differ, as spaCy's own defaults do between its
    versions: nothing here reads them."""
    path = folder / CONFIG
    check_file(path, _MOST_CONFIG)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as why:
        raise ModelError(f"{path}: can't be read ({why}); {_AGAIN}") from why
    found = _parse(path, text)
    for components in PIPELINES:
        names = json.dumps([name for name, _ in components])
        factory = found.get((f"components.{TAGGER}", "factory"))
        if found.get(("nlp", "pipeline")) == names and factory == json.dumps(components[0][1]):
            break
    else:
        raise _foreign(path, "has another pipeline than argmine's models")
    own = {(f"components.{name}", "factory"): json.dumps(factory) for name, factory in components}
    own |= {("nlp", "pipeline"): found["nlp", "pipeline"], ("nlp", "lang"): '"en"'}
    sections = _SECTIONS | {section for section, _ in own}
    for (section, key), value in found.items():
        if section not in sections:
            raise _foreign(path, f"has a section [{section}]")
        wanted = own.get((section, key), _SAID.get((section, key)))
        if key and value != wanted and not (wanted is None and not key.startswith("@") and _plain(value)):
            raise _foreign(path, f"says {key} = {value[:80]} in [{section}]")
    for (section, key), value in own.items():
        if found.get((section, key)) != value:
            raise _foreign(path, f"lacks {key} = {value} in [{section}]")
    return components


def _parse(path: Path, text: str) -> dict[tuple[str, str], str]:
    # Values by section and key, as they stand there; a section itself has the key "" and no value.
    found: dict[tuple[str, str], str] = {}
    section = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if line.startswith("[") and line.endswith("]"):
            section, key, value = line[1:-1], "", ""
        elif section is None or not equals or not key:
            raise _foreign(path, f"has a line {number} that argmine does not write")
        if (section, key) in found:
            raise _foreign(path, f"says {key or f'[{section}]'} twice")
        found[section, key] = value
    return found


def _plain(value: str) -> bool:
    # Whether a value is a number, a truth value or null: it can name nothing.
    try:
        return not isinstance(load_json(value), str | list | dict)
    except ValueError:
        return False


def _foreign(path: Path, what: str) -> ModelError:
    return ModelError(
        f"{path}: {what}, which argmine does not write, and whatever a config.cfg names is run by spaCy; don't use "
        "this model unless you know who made it and why, and train or install one again"
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """What training says of the folder that it makes: whether the model is to be used unasked, and why, in words."""

    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Local:
    """What lies at models/local: whether this user made it there, whether it is used where no other model is asked for,
    and the line that a command says of it."""

    own: bool = False
    taken: bool = False
    note: str | None = None


def write_mark(new: Path, out: Path, mark: Mark) -> None:
    """Mark the complete folder `new`, which is then renamed to `out`: it keeps its inode number. Raises OSError."""
    facts = {"inode": new.stat().st_ino, "path": _place(out), "meta_sha256": file_digest(new / "meta.json")}
    facts |= {"taken": mark.taken, "why": mark.why}
    (new / MARK).write_text(json.dumps(facts, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def read_mark(folder: Path) -> Mark:
    """The mark of a folder that this user made in its place. Raises ModelError that says in a few words why it is none;
    nothing is opened that is no regular file of this user's."""
    try:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode):
            raise ModelError("it is a link")
        _check_owner(facts)
        for name in (MARK, "meta.json"):
            of_file = (folder / name).lstat()
            _check_owner(of_file)
            if not stat.S_ISREG(of_file.st_mode):
                raise ModelError(f"its {name} is no file")
    except FileNotFoundError as why:
        raise ModelError("no `argmine train` or `refine` made it in this place") from why
    except OSError as why:
        raise ModelError(f"it can't be read ({why.strerror})") from why
    check_file(folder / MARK, _MOST_CONFIG)
    said = load_facts(folder / MARK)
    if said.get("inode") != facts.st_ino or said.get("path") != _place(folder):
        raise ModelError("it was copied or moved here after it was made")
    if said.get("meta_sha256") != file_digest(folder / "meta.json"):
        raise ModelError("it was changed after it was made")
    return Mark(said.get("taken") is True, str(said.get("why", "")))


def local_model() -> Local:
    """What lies at models/local below the current folder."""
    if not os.path.lexists(LOCAL / "meta.json"):
        return Local()
    try:
        mark = read_mark(LOCAL)
    except ModelError as why:
        return Local(note=f"the shipped model is used, not {LOCAL}: {why}; if you trust it, give --model {LOCAL}")
    if mark.taken:
        return Local(own=True, taken=True, note=f"{LOCAL} is used, not the shipped model: {mark.why}")
    return Local(own=True, note=f"the shipped model is used, not {LOCAL}: {mark.why}; --model {LOCAL} uses it")


def is_local(folder: Path) -> bool:
    """Whether a folder, however it is named, is models/local."""
    return _place(folder) == _place(LOCAL)


def _check_owner(facts: os.stat_result) -> None:
    geteuid: Any = getattr(os, "geteuid", None)  # not on Windows, whose files have no number for their owner
    if geteuid is not None and facts.st_uid != geteuid():
        raise ModelError("it belongs to another user")


def _place(folder: Path) -> str:
    # A folder's real path; its own name is left as it is, as it may be a link that is about to be replaced.
    return os.path.join(os.path.realpath(folder.parent), folder.name)
