"""What the code never does: run data, or give a shell or a program words that it could take for more than words."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").rglob("*.py"), *(ROOT / "research").rglob("*.py")])

RUNS = {"eval", "exec", "compile", "__import__", "execfile"}
LOADS = {
    "pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "jsonpickle", "srsly.pickle_loads",
}  # fmt: skip
CALLS = {
    "os.system", "os.popen", "os.startfile", "commands.getoutput", "subprocess.getoutput",
    "subprocess.getstatusoutput", "torch.load", "yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load",
    "pandas.read_pickle", "pd.read_pickle", "torch.jit.load", "pty.spawn", "importlib.import_module", "import_module",
    "tarfile.open", "shutil.unpack_archive", "tempfile.mktemp", "webbrowser.get", "xml.etree.ElementTree.parse",
    "xml.dom.minidom.parseString", "asyncio.create_subprocess_shell",
}  # fmt: skip
NAMED_BY_US = {
    "src/argmine/__init__.py", "src/argmine/cli/__init__.py", "src/argmine/corpus/__init__.py",
    "src/argmine/evaluation/__init__.py", "src/argmine/readers/__init__.py",
    "src/argmine/formats/__init__.py", "src/argmine/runner/cluster/scheduler.py",
    "src/argmine/isolation/worker_process.py", "scripts/native.py",
    "research/key_points/former_rules.py",
}  # fmt: skip
"""Files in which modules are imported by names that stand in the code."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in FILES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def found(test: Callable[[str, ast.AST], bool]) -> list[str]:
    return [f"{name}:{node.lineno}" for name, tree in trees() for node in ast.walk(tree) if test(name, node)]  # type: ignore[attr-defined]


def called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def keyword(node: ast.AST, name: str) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg == name), None) if isinstance(node, ast.Call) else None


def test_no_data_is_run() -> None:
    assert found(lambda _, n: called(n) in RUNS) == []


def test_nothing_is_unpickled() -> None:
    def imports(name: str, node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            return any(alias.name.split(".")[0] in LOADS for alias in node.names)
        return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LOADS

    assert found(imports) == []


def test_no_loader_that_runs_what_it_loads() -> None:
    assert found(lambda name, n: called(n) in CALLS and name not in NAMED_BY_US) == []


def test_arrays_are_never_unpickled() -> None:
    assert found(lambda _, n: keyword(n, "allow_pickle") is not None) == []


def test_no_shell() -> None:
    def shell(_: str, node: ast.AST) -> bool:
        value = keyword(node, "shell")
        return value is not None and not (isinstance(value, ast.Constant) and value.value is False)

    assert found(shell) == []


def test_programs_get_a_list_of_words() -> None:
    """A command that is one string, or made of one, would be taken apart by a shell or by the program."""

    def text(_: str, node: ast.AST) -> bool:
        words = node.args[0] if isinstance(node, ast.Call) and called(node).startswith("subprocess.") else None
        return isinstance(words, ast.JoinedStr | ast.BinOp) or (
            isinstance(words, ast.Constant) and isinstance(words.value, str)
        )

    assert found(text) == []


def test_the_package_starts_no_program_itself() -> None:
    """Only pytesseract does, with files that it names itself."""
    starts = ("subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "Popen")
    inside = [f for f in found(lambda _, n: called(n).startswith(starts)) if f.startswith("src/")]
    assert inside == []


@pytest.mark.parametrize(
    "name", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
)
def test_scripts_of_pages_put_text_in_as_text(name: str) -> None:
    scripts = sorted((ROOT / "src").rglob("*.js"))
    assert scripts
    assert [p.name for p in scripts if name in p.read_text(encoding="utf-8")] == []


def test_templates_mark_nothing_safe_but_their_own_style_script_and_json() -> None:
    for page in sorted((ROOT / "src").rglob("*.html")):
        marked = set(re.findall(r"(\w+)\s*\|\s*safe", page.read_text(encoding="utf-8")))
        assert marked <= {"style", "script", "data", "index", "looks", "pictures", "policy"}, page.name


READS = re.compile(
    r"from argmine\.readers import [^\n]*\bread_paper\b|from argmine\.pipeline import [^\n]*\bread\b|argmine\.read\("
)
READERS = {"readers/isolated.py", "pipeline.py", "runner/job.py", "readers/__init__.py", "__init__.py"}


def test_commands_read_papers_apart() -> None:
    """Whoever reads a paper in the process of a command gives a stranger's file the command's rights."""
    found = {
        path.relative_to(ROOT / "src/argmine").as_posix()
        for path in FILES
        if path.is_relative_to(ROOT / "src") and READS.search(path.read_text("utf-8"))
    }
    assert found - READERS == set()
