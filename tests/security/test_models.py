"""A model's folder from somebody else is data: nothing in it is run, and it leads to no other file."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from argmine.errors import ModelError
from argmine.tag.encoder import ENCODER, FACTS, HEAD, TOKENIZER, SentenceEncoder
from argmine.weights import check_digests, load_arrays, load_facts

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
    from argmine.model import Model

    ran = tmp_path / "ran"
    if name == "vocab/vectors":
        np.save(model_copy / name, np.array([Pickled(ran)], dtype=object), allow_pickle=True)
        (model_copy / f"{name}.npy").replace(model_copy / name)
    else:
        (model_copy / name).write_bytes(pickle.dumps(Pickled(ran)))
    facts = json.loads((model_copy / "meta.json").read_bytes())
    del facts["argmine"]["files"]
    (model_copy / "meta.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ModelError):
        Model.load(model_copy)
    assert not ran.exists()


def encoder(folder: Path, shipped: Path, **changed: bytes) -> Path:
    """A tagger's folder with the shipped facts and head, and other files in the place of some."""
    folder.mkdir()
    for name in (FACTS, HEAD, TOKENIZER, ENCODER):
        data = changed.get(name.partition(".")[0])
        (folder / name).write_bytes((shipped / name).read_bytes() if data is None else data)
    return folder


@pytest.fixture
def shipped() -> Path:
    from argmine.model import TAGGER, shipped_model

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
