"""A small paper, readings of it, and a server as a user starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from argmine.annotation.files import Header, PaperInfo
from argmine.argument_map import ArgumentMap
from argmine.paper import Block, Paper, Section, Sentence, Source
from argmine.review.session import Session, open_session
from argmine.review.state import Text

ROOT = Path(__file__).resolve().parents[2]

SAID = (
    "Towns need cheaper ways to keep cool; shade should be planted.",
    "Shade lowers the heat that walkers feel (Author, 2020).",
    "In 2021 shaded streets were four degrees cooler.",
    "[3].",
    "Young trees 🌳 often die, so that é̈ch town should water them, and pay.",
    "Shade lowers the heat that walkers feel (Author, 2020).",
    "It remains unclear who pays.",
    "Cities should share the cost: they gain most.",
)


def make_paper(said: tuple[str, ...] = SAID, *, file: str = "small.pdf") -> Paper:
    """A paper of these sentences, two sections, three sentences a paragraph."""
    text = "Part one\n"
    sections = [Section(id="s1", title="Part one", level=1, heading=(0, 8), start=0, end=8)]
    blocks: list[Block] = []
    kept: list[Sentence] = []
    for i, sentence in enumerate(said):
        if i == len(said) // 2:
            sections.append(
                Section(id="s2", title="Part two", level=1, heading=(len(text), len(text) + 8), start=len(text),
                        end=len(text) + 8)
            )  # fmt: skip
            text += "Part two\n"
        block = f"b{i // 3}{sections[-1].id}"
        start = len(text)
        if not blocks or blocks[-1].id != block:
            blocks.append(Block(id=block, type="paragraph", start=start, end=start + len(sentence)))
        kept.append(
            Sentence(
                id=f"t{i + 1}", start=start, end=start + len(sentence), block=block, section=sections[-1].id, page=1
            )
        )
        text += sentence + " "
    source = Source(file=file, sha256="0" * 64, media_type="application/pdf", pages=1, reader="t")
    return Paper(source=source, title="On Small Papers", language="en", text=text, sections=tuple(sections),
                 blocks=tuple(blocks), sentences=tuple(kept))  # fmt: skip


def put_mined(folder: Path, paper: Paper, amap: ArgumentMap) -> Path:
    """A paper and its map as `mine` leaves them."""
    folder.mkdir()
    (folder / "paper.json").write_text(paper.to_json(), encoding="utf-8")
    (folder / "map.json").write_text(amap.to_json(), encoding="utf-8")
    return folder


def header(text: Text, annotator: str = "me", **more: Any) -> Header:
    fields = {"paper": PaperInfo(title="On Small Papers"), "annotator": annotator, "role": "independent",
              "mode": "blind", "date": "2026-11-24", "letters_sha256": text.digest}  # fmt: skip
    return Header(**(fields | more))


def left(folder: Path) -> list[str]:
    """What stands in a reading's folder, but for the locks, which stay."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.fixture(scope="session")
def text() -> Text:
    return Text.of(make_paper())


@pytest.fixture
def session(text: Text, tmp_path: Path) -> Session:
    made, _ = open_session(text, tmp_path / "small", "me", header(text))
    return made


@pytest.fixture(autouse=True, scope="module")
def unsynced() -> Iterator[None]:
    """Nobody cuts the power during these tests, so the disk needn't be waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


class Server:
    """`argmine review` or `adjudicate` in its own process; killed at the end of the test."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> str:
        command = [sys.executable, "-m", "argmine", *self.arguments, "--no-browser"]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=(self.folder / "stderr.txt").open("a"), text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), (self.folder / "stderr.txt").read_text()
        return self.address

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*arguments: str) -> Server:
        servers.append(Server(tmp_path, *arguments))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.end(signal.SIGKILL)


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page; fails afterwards on errors of its script, dialogs, or requests to anywhere else."""
    troubles: list[str] = []
    contexts: list[Any] = []

    def open_page(address: str, *, context: Any = None, width: int = 1440, height: int = 900) -> Any:
        if context is None:
            context = chromium.new_context(viewport={"width": width, "height": height})
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda r: None if r.url.startswith("http://127.0.0.1:") else troubles.append(r.url))
        page.goto(address)
        page.wait_for_selector(".u.focus")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
