"""Blocks of a page that a script fills: what stands between `<!-- KIND:NAME -->` and `<!-- /KIND -->`."""

from __future__ import annotations

import re
from collections.abc import Callable


def fill(page: str, kind: str, part: Callable[[str], str | None]) -> str:
    """The page with `part(NAME)` and a line end in each block of this kind; where that is None the block stays."""

    def filled(block: re.Match[str]) -> str:
        text = part(block[2])
        return block[0] if text is None else f"{block[1]}{text}\n{block[3]}"

    return re.sub(rf"(<!-- {kind}:([\w-]+) -->\n).*?(<!-- /{kind} -->)", filled, page, flags=re.DOTALL)
