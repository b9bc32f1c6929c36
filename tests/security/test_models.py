"""A model's folder from somebody else is data: nothing in it is run, and it leads to no other file."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import zlib
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from argmine.errors import ModelError
from argmine.model.encoder import ENCODER, FACTS, HEAD, TOKENIZER, SentenceEncoder
from argmine.model.folder import TAGGER, check_digests, components_of, file_digest, load_arrays, load_facts
from argmine.model.model import shipped_model

from .bounded import STOPPED, needs_fork, outcome


def meta(folder: Path, files: dict[str, str]) -> Path:
    (folder / "meta.json").write_text(json.dumps({"argmine": {"files": files}}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["/dev/zero", "../secret", "/etc/passwd", "a/../../secret"])
def test_digests_are_taken_of_the_models_own_files_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="no file of the model"):
        check_digests(meta(tmp_path, {name: "0"}))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_in_a_model_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights")
    with pytest.raises(ModelError, match="no file of the model"):
        check_digests(meta(tmp_path, {"weights": "0"}))


@pytest.mark.parametrize(
    "header",
    [
        b"\xff\xff\xff\xff\xff\xff\xff\x7f{}",
        struct.pack("<Q", 100) + b"{}",
        b'{"a": {"dtype": "F32", "shape": [1000000000, 1000000000], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 999999999999]}}',
        b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},'
        b' "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"__metadata__": {}, "a": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}',
        b"[" * 100_000,
    ],
)
@needs_fork
def test_arrays_whose_header_lies_are_refused(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    whole = header if header.endswith(b"{}") else struct.pack("<Q", len(header)) + header + b"\0" * 4
    path.write_bytes(whole)
    assert "can't be read" in outcome(lambda: load_arrays(path), mebibytes=512)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "1" * 1_000_000, '"\\ud800"', "NaN", ""])
@needs_fork
def test_facts_that_are_a_bomb_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "meta.json").write_text(text, encoding="utf-8")
    assert "meta.json: " in outcome(lambda: load_facts(tmp_path / "meta.json"), mebibytes=512)


class Pickled:
    """Writes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vocab/vectors", "vocab/lookups.bin", "tokenizer", "argmine_tagger/head.safetensors"])
def test_nothing_in_a_model_is_unpickled(model_copy: Path, tmp_path: Path, name: str) -> None:
    from argmine.model.model import Model

    ran = tmp_path / "ran"
    if name == "vocab/vectors":
        np.save(model_copy / name, np.array([Pickled(ran)], dtype=object), allow_pickle=True)
        (model_copy / f"{name}.npy").replace(model_copy / name)
    else:
        (model_copy / name).write_bytes(pickle.dumps(Pickled(ran)))
    facts = json.loads((model_copy / "meta.json").read_bytes())
    del facts["argmine"]["files"]
    (model_copy / "meta.json").write_text(json.dumps(facts), encoding="utf-8")
    # spaCy's vocabulary and tokenizer are not read at all.
    with pytest.raises(ModelError) if name.endswith("safetensors") else nullcontext():
        Model.load(model_copy)
    assert not ran.exists()


def signed(folder: Path) -> Path:
    """The folder, with the digests of its files as they are now in its meta.json."""
    facts = json.loads((folder / "meta.json").read_bytes())
    files = facts["argmine"]["files"]
    facts["argmine"]["files"] = {name: file_digest(folder / name) for name in files}
    (folder / "meta.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


REGISTRIES = ("loggers", "readers", "callbacks", "misc", "tokenizers", "vectors", "batchers", "schedules")


@pytest.fixture
def called(tmp_path: Path) -> Path:
    """Where a folder is made by functions that are registered with spaCy under the name `argmine_tests.folder`."""
    import spacy

    def make() -> object:
        (tmp_path / "called").mkdir(exist_ok=True)
        return lambda nlp: nlp

    for registry in REGISTRIES:
        getattr(spacy.registry, registry)("argmine_tests.folder", func=make)
    return tmp_path / "called"


HOSTILE = {
    "logger": ('@loggers = "spacy.ConsoleLogger.v1"', '@loggers = "argmine_tests.folder"'),
    "reader": ('@readers = "spacy.Corpus.v1"', '@readers = "argmine_tests.folder"'),
    "a reader of any path": (
        "[initialize.components]", '[initialize.components]\n@readers = "srsly.read_json.v1"\npath = "/dev/stdin"'
    ),
    "tokenizer": ('@tokenizers = "spacy.Tokenizer.v1"', '@tokenizers = "argmine_tests.folder"'),
    "vectors": ('@vectors = "spacy.Vectors.v1"', '@vectors = "argmine_tests.folder"'),
    "a logger in the tokenizer's place": ('@tokenizers = "spacy.Tokenizer.v1"', '@loggers = "argmine_tests.folder"'),
    "a size that is a function": ("batch_size = 1000", 'batch_size = {"@misc":"argmine_tests.folder"}'),
    "before_creation": ("before_creation = null", 'before_creation = {"@callbacks":"argmine_tests.folder"}'),
    "a section of a callback": (
        "[pretraining]", '[pretraining]\n\n[nlp.after_creation]\n@callbacks = "argmine_tests.folder"'
    ),
    "an argument of a component": (
        'factory = "argmine_linker"', 'factory = "argmine_linker"\nmore = {"@misc":"argmine_tests.folder"}'
    ),
    "after_creation": ("after_creation = null", 'after_creation = {"@callbacks":"argmine_tests.folder"}'),
    "before_init": ("before_init = null", 'before_init = {"@callbacks":"argmine_tests.folder"}'),
    "vocab_data": ("vocab_data = null", 'vocab_data = "/dev/zero"'),
    "batcher": ('@batchers = "spacy.batch_by_words.v1"', '@batchers = "argmine_tests.folder"'),
    "a setting that is a function": ("dropout = 0.1", 'dropout = {"@schedules":"argmine_tests.folder"}'),
    "factory": ('factory = "argmine_linker"', 'factory = "entity_ruler"'),
    "a component from elsewhere": ('factory = "argmine_linker"', 'source = "en_core_web_sm"'),
    "one component more": (
        "[components.argmine_linker]", '[components.more]\nfactory = "sentencizer"\n\n[components.argmine_linker]'
    ),
    "another pipeline": ('["argmine_tagger", "argmine_linker", "argmine_key_points"]', '["argmine_linker"]'),
    "another language": ('lang = "en"', 'lang = "zh"'),
    "a section more": ("[pretraining]", '[pretraining]\n\n[more]\n@misc = "argmine_tests.folder"'),
    "a key twice": ('lang = "en"', 'lang = "en"\nlang = "en"'),
    "a variable": ("path = ${paths.train}", "path = ${nlp.lang}"),
    "no key": ("[paths]", "@misc\n[paths]"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_config_names_is_refused_and_never_called(model_copy: Path, called: Path, name: str) -> None:
    from argmine.model.model import Model

    path = model_copy / "config.cfg"
    before, after = HOSTILE[name]
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ModelError, match=r"config\.cfg: ") as caught:
        Model.load(signed(model_copy))
    assert "\n" not in str(caught.value)
    assert not called.exists()


@pytest.mark.parametrize(
    "text", ["[" * 10**5, "a" + " " * 6 * 10**4 + "b", "[nlp]\n" * 9000, "", "\0", "x = 1\n" * 10**6]
)
@needs_fork
def test_a_config_that_is_a_bomb_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.cfg").write_text(text, encoding="utf-8")
    assert "config.cfg: " in outcome(lambda: components_of(tmp_path), mebibytes=128, seconds=5)


def test_numbers_of_another_spacy_are_no_matter(tmp_path: Path) -> None:
    text = (shipped_model() / "config.cfg").read_text(encoding="utf-8")
    (tmp_path / "config.cfg").write_text(text.replace("max_steps = 20000", "max_steps = 5\nmore = true"), "utf-8")
    assert components_of(tmp_path) == components_of(shipped_model())


@pytest.fixture(scope="module")
def one_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped model for tests that leave it as it was."""
    return Path(shutil.copytree(shipped_model(), tmp_path_factory.mktemp("model") / "copy"))


FILES = sorted(p.relative_to(shipped_model()).as_posix() for p in shipped_model().rglob("*") if p.is_file())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("kind", ["pipe", "link", "device"])
@pytest.mark.parametrize("name", [*FILES, "more"])
@needs_fork
def test_what_is_no_file_is_not_opened(one_copy: Path, tmp_path: Path, name: str, kind: str) -> None:
    from argmine.model.model import Model

    path, aside = one_copy / name, tmp_path / "aside"
    if path.exists():
        path.rename(aside)
    try:
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero" if kind == "device" else aside)
        said = outcome(lambda: Model.load(one_copy), seconds=5, mebibytes=4096)
        digest = outcome(lambda: Model.digest_of(one_copy), seconds=5)
    finally:
        path.unlink()
        if aside.exists():
            aside.rename(path)
    assert said == digest
    assert f"{path}: is a" in said


def test_a_file_that_is_too_large_is_not_read(one_copy: Path) -> None:
    from argmine.model.model import Model

    path = one_copy / "more.json"
    try:
        with path.open("wb") as file:
            file.truncate(2**32)
        with pytest.raises(ModelError, match=r"more\.json: has more than"):
            Model.load(one_copy)
    finally:
        path.unlink()


def test_vocabulary_and_tokenizer_are_not_read(model_copy: Path) -> None:
    from argmine.model.model import Model

    text = "Ports lose trade. Governments should fund the dredging of small ports."
    before = Model.load(model_copy).nlp(text)
    for name in FILES:
        if name == "tokenizer" or name.startswith("vocab/"):
            (model_copy / name).write_bytes(b"\xc1 none of these is read")
    after = Model.load(signed(model_copy)).nlp(text)
    assert [t.text for t in after] == [t.text for t in before]
    assert [s.label_ for s in after.spans["argmine"]] == [s.label_ for s in before.spans["argmine"]] != []


@pytest.mark.parametrize("where", ["pre_tokenizer", "normalizer"])
def test_a_tokenizer_with_a_regular_expression_is_refused(tmp_path: Path, shipped: Path, where: str) -> None:
    facts = json.loads((shipped / TOKENIZER).read_bytes())
    split = {"type": "Split", "pattern": {"Regex": "(a|a)*$"}, "behavior": "Removed", "invert": False}
    facts[where] = {"type": "Sequence", "pretokenizers": [split], "normalizers": [split | {"type": "Replace"}]}
    with pytest.raises(ModelError, match=r"tokenizer\.json: brings a regular expression"):
        SentenceEncoder.load(encoder(tmp_path / "tagger", shipped, tokenizer=json.dumps(facts).encode()), threads=1)


def encoder(folder: Path, shipped: Path, **changed: bytes) -> Path:
    """A tagger's folder with the shipped facts and head, and other files in the place of some."""
    folder.mkdir()
    for name in (FACTS, HEAD, TOKENIZER, ENCODER):
        data = changed.get(name.partition(".")[0])
        (folder / name).write_bytes((shipped / name).read_bytes() if data is None else data)
    return folder


@pytest.fixture
def shipped() -> Path:
    return shipped_model() / TAGGER


@pytest.mark.parametrize("where", ["../secret", "{}/secret", "link", "/dev/zero"])
def test_weights_that_lie_elsewhere_are_not_read(tmp_path: Path, shipped: Path, where: str) -> None:
    (tmp_path / "secret").write_bytes(struct.pack("4f", 1, 2, 3, 4))
    folder = encoder(tmp_path / "tagger", shipped, encoder=onnx(where.format(tmp_path)))
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ModelError, match="can't be read"):
        SentenceEncoder.load(folder, threads=1)


def test_a_network_that_is_none_is_refused(tmp_path: Path, shipped: Path) -> None:
    with pytest.raises(ModelError, match="can't be read"):
        SentenceEncoder.load(encoder(tmp_path / "tagger", shipped, encoder=zlib.compress(bytes(10**6))), threads=1)


@pytest.mark.parametrize(
    "words",
    [b"[" * 100_000, b'{"version": "1.0", "model": {"type": "WordPiece", "vocab": {' + b'"a": 1, ' * 100_000 + b"}}}",
     b'{"version": "1.0", "added_tokens": [' + b'{"id": 1},' * 1000 + b"]}", b"\x80\x04K\x01."],
)  # fmt: skip
@needs_fork
def test_a_tokenizer_that_is_a_bomb_is_refused(tmp_path: Path, shipped: Path, words: bytes) -> None:
    import onnxruntime  # noqa: F401  (loaded before the child's memory is bounded)

    folder = encoder(tmp_path / "tagger", shipped, tokenizer=words)
    said = outcome(lambda: SentenceEncoder.load(folder, threads=1), mebibytes=4096, seconds=60)
    assert "can't be read" in said
    assert said != STOPPED


def onnx(location: str, count: int = 4) -> bytes:
    """A network that adds weights which lie in another file (its `location`) to what comes in."""

    def number(n: int) -> bytes:
        return bytes([n & 127 | 128]) + number(n >> 7) if n > 127 else bytes([n])

    def field(key: int, value: int | str | bytes) -> bytes:
        if isinstance(value, int):
            return number(key << 3) + number(value)
        data = value.encode() if isinstance(value, str) else value
        return number(key << 3 | 2) + number(len(data)) + data

    facts = (("location", location), ("offset", "0"), ("length", str(4 * count)))
    outside = b"".join(field(13, field(1, key) + field(2, value)) for key, value in facts)
    weights = field(1, count) + field(2, 1) + field(8, "w") + outside + field(14, 1)

    def value(name: str) -> bytes:
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, field(1, field(1, count)))))

    node = field(1, "x") + field(1, "w") + field(2, "y") + field(4, "Add")
    graph = field(1, node) + field(2, "g") + field(5, weights) + field(11, value("x")) + field(12, value("y"))
    return field(1, 8) + field(8, field(1, "") + field(2, 13)) + field(7, graph)
