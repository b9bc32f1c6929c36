"""How much code one paper's way through `mine` needs."""

import os
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "corpus" / "samples" / "health-heat-days.pdf"
MOST = 74
"""Files of argmine that mining a PDF runs."""
MINE = """
import sys
sys.argv = ["argmine", "mine", *sys.argv[1:], "--quiet", "--jobs", "1"]
sys.argv += ["--timeout", "0", "--progress-timeout", "0", "--max-memory", "0"]
from argmine.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sorted(n for n in sys.modules if n == "argmine" or n.startswith("argmine.")))
"""


def test_mining_a_pdf_runs_few_files_and_none_of_other_commands(tmp_path):
    command = [sys.executable, "-c", MINE, SAMPLE, "--out", tmp_path / "out"]
    plain = {**os.environ, "ARGMINE_SANDBOX": "never"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=plain, check=True)
    ran = done.stdout.split()
    others = ("annotation", "corpus", "evaluation", "formats", "refine", "review", "training")
    assert [name for name in ran if name.startswith(tuple(f"argmine.{other}" for other in others))] == []
    assert len(ran) <= MOST, ran
