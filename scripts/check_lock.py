"""Fail where requirements.lock doesn't pin, with digests, all that `pip install argmine` needs.

Looks at pyproject.toml and at what is installed, and asks no registry: a new release of some package changes nothing.
`make lock` writes the lock file anew; `make lock UPGRADE=1` takes newer versions into it.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.packages import LOCK, Locked, locked, locked_here, needed  # noqa: E402


def problems() -> list[str]:
    """What is wrong with the lock file, a line each."""
    try:
        entries, here = locked(), locked_here()
    except (OSError, ValueError) as why:
        return [str(why)]
    found = [f"{entry.name}: has no digest" for entry in entries if not entry.hashes]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [Requirement(line) for line in project["dependencies"]]
    found += _unmet("argmine", direct, here)
    for name, entry in here.items():
        try:
            if version(name) == entry.version:
                found += _unmet(name, needed(name), here)
        except PackageNotFoundError:
            continue  # its own needs can't be seen; installing from the lock file, as CI does, would tell
    return sorted(set(found))


def _unmet(name: str, wanted: list[Requirement], here: Mapping[str, Locked]) -> list[str]:
    found = []
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
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
        print(f"{LOCK.name}: {line}; type make lock", file=sys.stderr)
    if not wrong:
        other = [f"{e.name} {version(e.name)}" for e in locked_here().values() if _differs(e)]
        tail = f"; installed here in another version: {', '.join(other)}" if other else ""
        print(f"{LOCK.name}: {len(locked())} packages with their digests{tail}")
    return 1 if wrong else 0


def _differs(entry: Locked) -> bool:
    try:
        return version(entry.name) != entry.version
    except PackageNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
