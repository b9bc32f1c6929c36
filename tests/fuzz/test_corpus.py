"""The kept cases of `research/fuzz_coverage.py`: each gives a result or one line that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from research.fuzz_coverage import CORPUS, LARGEST_KEPT, READERS, seeds, target

CASES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("reader", READERS)
def test_each_kept_case_gives_a_result_or_a_clean_error(tmp_path: Path, reader: str) -> None:
    run = target(reader, tmp_path)
    results = [run(path.read_bytes()) for path in CASES if path.parent.name == reader]
    assert results, "there are cases of every reader"


@pytest.mark.parametrize("reader", READERS)
def test_the_seeds_are_sound(tmp_path: Path, reader: str) -> None:
    assert target(reader, tmp_path)(seeds(reader)[0])


def test_kept_cases_are_small() -> None:
    assert max(path.stat().st_size for path in CASES) <= LARGEST_KEPT
    assert sum(path.stat().st_size for path in CASES) <= 28_000 * len(READERS)


def test_kept_cases_belong_to_readers_that_there_are() -> None:
    assert {path.parent.name for path in CASES} == set(READERS)
