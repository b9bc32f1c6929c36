"""Write requirements.lock: what `pip install argmine` needs, one version each, with the digests of all its files.

One file serves all systems and Pythons from 3.11 on. Versions that are locked stay unless pyproject.toml asks for
others, or --upgrade is given.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.packages import LOCK  # noqa: E402

_HEAD = """# What `pip install argmine` needs, pinned with the digests of all files. Made by `make lock`; use it as in
#     pip install --require-hashes -r requirements.lock && pip install --no-deps .
"""


def main() -> int:
    """Write the file; what uv says where it can't."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="Take the newest versions.")
    more = ["--upgrade"] if parser.parse_args().upgrade else []
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-annotate", "--no-header", "--no-config", "--quiet", "--output-file",
        LOCK.name, *more,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        LOCK.write_text(_HEAD + LOCK.read_text(encoding="utf-8"), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
