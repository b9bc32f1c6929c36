"""Ask pip-audit whether known vulnerabilities are published for the packages in requirements.lock.

Where the data of vulnerabilities can't be reached, or doesn't know a package that is known to have some, there was no
audit: it says so in a block of lines on stderr and ends with 3, or with 0 where `--allow-offline` (in make
AUDIT_OFFLINE=allow) says that this was expected. The last line is then "NOT AUDITED": nobody shall take it for a pass.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.packages import LOCK, locked_here  # noqa: E402

SERVICES = ("pypi", "osv")
CANARY = "jinja2", "2.4.1"
"""A release that is known to be vulnerable: data that doesn't say so is none."""
ACCEPTED: dict[str, str] = {}
"""Vulnerabilities (by their ids) that don't concern argmine, and why."""
NOT_AUDITED = 3
"""The exit status where there was no audit: 1 says that something is vulnerable, 2 that the command was wrong."""
_TIMEOUT = 300
_FRAME = "*" * 96
_MISSING = """NO AUDIT WAS MADE. No package was looked at: the data of known vulnerabilities ({services}) can't be
reached from here. The digests in the lock files still hold, which says nothing of vulnerabilities.
Run this again where pypi.org or api.osv.dev can be reached{more}."""


def audit(packages: dict[str, str], service: str) -> list[dict[str, Any]] | None:
    """What a service knows of each package; None where it can't be asked or knows nothing of the canary."""
    name, old = CANARY
    pins = [*(f"{n}=={v}" for n, v in packages.items() if n != name), f"{name}=={old}"]
    first = _ask([f"{name}=={old}"], service)
    if not first or not first[0].get("vulns"):
        return None
    if name in packages:
        pins[-1] = f"{name}=={packages[name]}"
    else:
        del pins[-1]
    return _ask(pins, service)


def _ask(pins: list[str], service: str) -> list[dict[str, Any]] | None:
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "packages.txt"
        wanted.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off",
                   "--format", "json", "--vulnerability-service", service, "--requirement", str(wanted)]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
            found = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return None
    return found if isinstance(found, list) else None


def vulnerable(found: list[dict[str, Any]]) -> list[str]:
    """A line for each vulnerability that is not accepted."""
    return [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none'}"
        for package in found
        for one in package.get("vulns", ())
        if not {one["id"], *one.get("aliases", ())} & ACCEPTED.keys()
    ]


def main() -> int:
    """Print what is vulnerable; 1 where anything is, 3 where nobody could be asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--allow-offline", action="store_true", help="End with 0 where the data can't be reached.")
    offline: bool = parser.parse_args().allow_offline
    packages = {name: entry.version for name, entry in locked_here().items()}
    for service in SERVICES:
        found = audit(packages, service)
        if found is None:
            continue
        wrong = vulnerable(found)
        for line in wrong:
            print(line, file=sys.stderr)
        unknown = [p["name"] for p in found if "skip_reason" in p]
        tail = f", {len(unknown)} unknown to it ({', '.join(unknown)})" if unknown else ""
        print(f"audit by {service}: {len(found)} packages of {LOCK.name}, {len(wrong)} vulnerabilities{tail}")
        return 1 if wrong else 0
    more = "" if offline else ",\nor say that it is expected: make audit AUDIT_OFFLINE=allow"
    print(_FRAME, _MISSING.format(services=", ".join(SERVICES), more=more), _FRAME, sep="\n", file=sys.stderr)
    print("NOT AUDITED" + (" (allowed by --allow-offline)" if offline else ""), flush=True)
    return 0 if offline else NOT_AUDITED


if __name__ == "__main__":
    sys.exit(main())
