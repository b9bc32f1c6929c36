"""The Python examples in README.md and docs/ run as tests, on a sample paper called paper.pdf."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).parent


def _setup(namespace: dict[str, Any]) -> None:
    folder = Path(mkdtemp(prefix="argmine-docs-"))
    shutil.copy(ROOT / "corpus" / "samples" / "health-heat-days.pdf", folder / "paper.pdf")
    (folder / "annotations").symlink_to(ROOT / "annotations")
    namespace["_back"] = os.getcwd()
    namespace["_folder"] = folder
    os.chdir(folder)


def _teardown(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_back"])
    shutil.rmtree(namespace["_folder"])


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md"],
    setup=_setup,
    teardown=_teardown,
).pytest()
