"""Blocks of a page that a script fills: what stands between `<!-- KIND:NAME -->` and `<!-- /KIND -->`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection


def fill(page: str, kind: str, part: Callable[[str], str | None], wanted: Collection[str] = ()) -> str:
    """The page with `part(NAME)` and a line end in each block of this kind; where that is None the block stays.

    Raises ValueError where a block that is wanted does not stand there once.
    """
    names: list[str] = []

    def filled(block: re.Match[str]) -> str:
        names.append(block[2])
        text = part(block[2])
        return block[0] if text is None else f"{block[1]}{text}\n{block[3]}"

    after = re.sub(rf"(<!-- {kind}:([\w-]+) -->\n).*?(<!-- /{kind} -->)", filled, page, flags=re.DOTALL)
    for name in wanted:
        if names.count(name) != 1:
            raise ValueError(f"the page has {names.count(name)} blocks {kind}:{name}, and wants one")
    return after
