"""Collects the package's regular expressions and makes the strings that are worst for each.

For every pattern: long runs of each of its characters, of each repeated part behind what comes before it, and of every
beginning of a match (near-matches), each ended by a character that makes the match fail.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCANNING = frozenset({"search", "findall", "finditer", "sub", "subn", "split"})
METHODS = SCANNING | {"match", "fullmatch"}
ENDS = ("", "\x00", "!")


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands (file:line) and the methods by which it is used."""

    pattern: str
    flags: int
    place: str
    methods: frozenset[str]


def collect(package: Path, modules: dict[str, dict[str, Any]], uses: dict[str, set[str]]) -> list[Found]:
    """The patterns written in the package's files, and those made when its modules load.

    `modules` are the globals of those that can be imported. `uses` names the methods for names (module.NAME) whose use
    can't be seen from the code, as of patterns in a table.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
    used = _used(package, trees)
    found: dict[tuple[str, int], Found] = {}

    def add(pattern: str, flags: int, place: str, methods: frozenset[str]) -> None:
        key = pattern, int(re.compile(pattern, flags).flags)
        before = found.get(key)
        found[key] = Found(*key, before.place if before else place, methods | (before.methods if before else set()))

    for module, values in modules.items():
        for name, value in values.items():
            for pattern in _patterns_in(value):
                full = f"{module}.{name}"
                if full in uses or full in used:
                    add(pattern.pattern, pattern.flags, full, frozenset(uses.get(full) or used[full]))
                elif isinstance(value, re.Pattern):
                    continue  # imported here from the module that it is collected from
                else:
                    add(pattern.pattern, pattern.flags, full, METHODS)
    for path, tree in trees.items():
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            call = _call(node)
            if call is None:
                continue
            pattern, flags, function = call
            if any(p == pattern for p, _ in found):
                continue
            methods = frozenset({function})
            if function == "compile":
                parent = parents[node]
                methods = frozenset({parent.attr}) if isinstance(parent, ast.Attribute) else METHODS
            add(pattern, flags, f"{path.relative_to(package).as_posix()}:{node.lineno}", methods)  # type: ignore[attr-defined]
    return list(found.values())


def _used(package: Path, trees: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """By module.NAME the methods of `re.Pattern` that are called on it anywhere in the package."""
    used: dict[str, set[str]] = {}
    for path, tree in trees.items():
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                if isinstance(node.value, ast.Name):
                    full = names.get(node.value.id, f"{module}.{node.value.id}")
                elif isinstance(node.value, ast.Attribute) and isinstance(node.value.value, ast.Name):
                    full = f"{names.get(node.value.value.id, node.value.value.id)}.{node.value.attr}"
                else:
                    continue
                used.setdefault(full, set()).add(node.attr)
    return used


def _call(node: ast.AST) -> tuple[str, int, str] | None:
    """The literal pattern, flags and function of a call of `re`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    function = node.func.attr
    if ast.unparse(node.func.value) != "re" or function not in METHODS | {"compile"}:
        return None
    if not (isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)):
        return None
    last = {"compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2}.get(function)
    given = next((k.value for k in node.keywords if k.arg == "flags"), None)
    if given is None and last is not None and len(node.args) > last:
        given = node.args[last]
    flags = int(eval(compile(ast.Expression(given), "flags", "eval"), {"re": re})) if given is not None else 0
    return node.args[0].value, flags, function


def _patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, list | tuple | set | frozenset | dict) and depth < 4:
        for inner in [*value.keys(), *value.values()] if isinstance(value, dict) else value:
            yield from _patterns_in(inner, depth + 1)


def attacks(found: Found, size: int, most: int) -> list[str]:
    """Strings of about `size` characters that are likely to be the pattern's worst."""
    tree = list(parser.parse(found.pattern, found.flags & ~re.DEBUG))
    seeds: dict[str, None] = {}

    def pump(before: str, body: str) -> None:
        if body and len(seeds) < most:
            seeds.setdefault(before + body * max(1, (size - len(before)) // len(body)))

    characters = list(dict.fromkeys("".join(_examples(tree)) + " a1A."))
    for prefix in dict.fromkeys(_prefixes(tree)):
        pump("", prefix)
        pump("", prefix + " ")
    for before, body in dict.fromkeys(_repeats(tree, "")):
        pump(before, body)
        pump("", before + body * 3)
    for one in characters[:12]:
        pump("", one)
        for other in characters[:6]:
            pump("", one + other)
    return [seed + end for seed in seeds for end in ENDS]


def _examples(items: Any, choice: int = 0) -> Iterator[str]:
    """One string that each item may match, in order; `choice` picks among branches."""
    for kind, value in items:
        if kind is op.LITERAL:
            yield chr(value)
        elif kind is op.NOT_LITERAL:
            yield "a" if value != ord("a") else "b"
        elif kind is op.ANY:
            yield "a"
        elif kind is op.IN:
            yield _member(value)
        elif kind is op.BRANCH:
            branches = value[1]
            yield "".join(_examples(branches[choice % len(branches)], choice))
        elif kind is op.SUBPATTERN:
            yield "".join(_examples(value[3], choice))
        elif kind is op.ATOMIC_GROUP:
            yield "".join(_examples(value, choice))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield "".join(_examples(value[2], choice)) * min(max(value[0], 1), 5)
        else:
            yield ""  # anchors, assertions and references match nothing of their own


def _member(value: Any) -> str:
    """A character of a set."""
    negated = value[0][0] is op.NEGATE
    if not negated:
        for kind, item in value:
            if kind is op.LITERAL:
                return chr(item)
            if kind is op.RANGE:
                return chr(item[0])
            if kind is op.CATEGORY:
                return {op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_NOT_WORD: "-"}.get(item, "a")
    test = re.compile(_set_source(value))
    return next((c for c in "a1 A-.,(;/\n" if test.fullmatch(c)), "\u00e9")


def _set_source(value: Any) -> str:
    parts = []
    names = {
        op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
        op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    for kind, item in value:
        if kind is op.NEGATE:
            parts.append("^")
        elif kind is op.LITERAL:
            parts.append(re.escape(chr(item)))
        elif kind is op.RANGE:
            parts.append(f"{re.escape(chr(item[0]))}-{re.escape(chr(item[1]))}")
        else:
            parts.append(names[item])
    return f"[{''.join(parts)}]"


def _prefixes(items: Any) -> Iterator[str]:
    """The beginnings of what a pattern matches, by its first branches."""
    for choice in range(3):
        text = ""
        for part in _examples(items, choice):
            text += part
            yield text
        for kind, value in items:
            if kind is op.SUBPATTERN:
                yield from _prefixes(value[3])
            elif kind is op.BRANCH:
                for branch in value[1][:8]:
                    yield "".join(_examples(branch))


def _repeats(items: Any, before: str) -> Iterator[tuple[str, str]]:
    """Each repeated part, with a string that leads up to it."""
    for item, example in zip(items, _examples(items), strict=True):
        kind, value = item
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            for choice in range(3):
                yield before, "".join(_examples(value[2], choice))
            yield from _repeats(value[2], before)
        elif kind is op.SUBPATTERN:
            yield from _repeats(value[3], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, before)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeats(value[1], before)
        before += example


class Slow(Exception):
    """A match took more processor time than it may."""


def _stop(*_: object) -> None:
    raise Slow


def worst(found: Found, size: int, limit: float, most: int) -> tuple[float, str, str]:
    """The longest processor time in seconds, with its method and the start of its string; ends at one over `limit`."""
    pattern = re.compile(found.pattern, found.flags)
    ways: dict[str, Callable[[str], object]] = {"match": pattern.match, "fullmatch": pattern.fullmatch}
    methods = {"search" if m in SCANNING else m for m in found.methods}
    longest = (0.0, "", "")
    for text in attacks(found, size, most):
        for method in sorted(methods):
            way = ways.get(method) or (lambda t: sum(1 for _ in pattern.finditer(t)))
            began = time.process_time()
            signal.setitimer(signal.ITIMER_VIRTUAL, limit)
            try:
                way(text)
                took = time.process_time() - began
            except Slow:
                took = limit + 1
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            if took > longest[0]:
                longest = (took, method, text[:80])
            if took > limit:
                return longest
    return longest


def globals_of(package: str, skipped: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The globals of a package's modules, those below `skipped` left out."""
    root = importlib.import_module(package)
    names = [m.name for m in pkgutil.walk_packages(root.__path__, f"{package}.")]
    return {n: vars(importlib.import_module(n)) for n in names if not n.startswith(skipped)}


def main(package: str, options: str) -> None:
    """Print as JSON how many patterns there are, which are too slow, and which of the bounds name no pattern."""
    given = json.loads(options)
    root = Path(str(importlib.import_module(package).__file__)).parent
    uses = {name: set(methods) for name, methods in given["uses"].items()}
    found = collect(root, globals_of(package, tuple(given["skipped"])), uses)
    bounds: dict[str, int] = given["bounds"]
    signal.signal(signal.SIGVTALRM, _stop)
    slow = []
    for one in found:
        took, method, text = worst(one, bounds.get(one.pattern, given["size"]), given["limit"], given["most"])
        if took > given["limit"]:
            slow.append(f"{one.place}: {method} of {one.pattern!r} takes over {given['limit']} s for {text!r}…")
    unknown = sorted(bounds.keys() - {one.pattern for one in found})
    print(json.dumps({"patterns": len(found), "slow": slow, "unknown": unknown}))


if __name__ == "__main__":
    main(*sys.argv[1:])
