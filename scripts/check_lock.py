"""Fail where a lock file doesn't pin, with digests, all that it is for: argmine, its extras, the tests' programs.

Looks at pyproject.toml, package.json and at what is installed, and asks no registry: a new release of some package
changes nothing. `make lock` writes the lock files anew; `make lock UPGRADE=1` takes newer versions into them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.lock import Plan, plans  # noqa: E402
from scripts.packages import LOCK, NPM_LOCK, UNLOCKED, Locked, locked, locked_here, needed  # noqa: E402


def problems() -> list[str]:
    """What is wrong with the lock files, a line each that begins with the file's name."""
    found = [f"{plan.path.name}: {line}" for plan in plans() for line in problems_of(plan)]
    return found + [f"{NPM_LOCK.name}: {line}" for line in problems_of_npm(NPM_LOCK)]


def problems_of(plan: Plan) -> list[str]:
    """What is wrong with one lock file of Python packages."""
    try:
        entries, here = locked(plan.path), locked_here(plan.path)
    except (OSError, ValueError) as why:
        return [str(why)]
    found = [f"{entry.name}: has no digest" for entry in entries if not entry.hashes]
    found += _unmet("argmine", [Requirement(line) for line in plan.wanted], here)
    for name, entry in here.items():
        try:
            if version(name) == entry.version:
                found += _unmet(name, needed(name), here)
        except PackageNotFoundError:
            continue  # its own needs can't be seen; installing from the lock file, as CI does, would tell
    for other in plan.agrees:
        for name, entry in locked_here(other).items():
            if name in here and here[name].version != entry.version:
                found.append(f"{name} {here[name].version} is {entry.version} in {other.name}")
    return sorted(set(found))


def problems_of_npm(path: Path) -> list[str]:
    """What is wrong with package-lock.json: no digest, an address, or not what package.json asks for."""
    try:
        wanted = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))["dependencies"]
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        root = packages.pop("")
        found = [f"{name}: has no digest" for name, facts in packages.items() if not facts.get("integrity")]
        found += [f"{name}: has an address" for name, facts in packages.items() if "resolved" in facts]
        return found + ([] if root["dependencies"] == wanted else ["is not of this package.json"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as why:
        return [f"can't be read ({type(why).__name__}: {why})"]


def _unmet(name: str, wanted: list[Requirement], here: Mapping[str, Locked]) -> list[str]:
    found = []
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if UNLOCKED.fullmatch(canonicalize_name(requirement.name)):
            continue
        pinned = here.get(canonicalize_name(requirement.name))
        if pinned is None:
            found.append(f"{name} needs {requirement.name}, which is missing")
        elif not requirement.specifier.contains(pinned.version, prereleases=True):
            found.append(f"{name} needs {requirement}, and {pinned.version} is locked")
    return found


def main() -> int:
    """Print what is wrong and how many packages are locked; 1 where anything is wrong."""
    wrong = problems()
    for line in wrong:
        print(f"{line}; type make lock", file=sys.stderr)
    if not wrong:
        other = [f"{e.name} {version(e.name)}" for e in locked_here().values() if _differs(e)]
        tail = f"; installed here in another version: {', '.join(other)}" if other else ""
        print(f"{LOCK.name}: {len(locked())} packages with their digests{tail}")
        print("; ".join(f"{plan.path.name}: {len(locked(plan.path))}" for plan in plans() if plan.path != LOCK))
    return 1 if wrong else 0


def _differs(entry: Locked) -> bool:
    try:
        return version(entry.name) != entry.version
    except PackageNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
