"""Read a paper, mine it, load what was made of it: the functions of the public API."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from argmine.argument_map import MAP_SCHEMA, ArgumentMap
from argmine.errors import FormatError
from argmine.inputs import check_language
from argmine.io import LARGEST, JsonError, load_json, read_regular
from argmine.paper import PAPER_SCHEMA, Paper
from argmine.readers import SUFFIXES, Engine, Ocr, ReadOptions, named_formats, read_paper, read_text

if TYPE_CHECKING:
    from argmine.model.model import Model


def read(
    path: str | Path,
    *,
    reader: Engine = "pdfium",
    ocr: Ocr = "auto",
    password: str | None = None,
    footnotes: bool = False,
    max_pages: int | None = None,
    max_bytes: int | None = LARGEST,
) -> Paper:
    """Read a paper: {formats}. A PDF of more than `max_pages` is refused, and a file of more than `max_bytes`.

    Raises ReadError (or FormatError for a paper.json of another schema) that says in one line what is wrong.
    """
    return read_paper(Path(path), ReadOptions(reader, ocr, password, footnotes, max_pages, max_bytes))


read.__doc__ = str(read.__doc__).format(formats=named_formats())


def mine(
    paper: str | Path | Paper, *, model: Model | str | Path | None = None, any_language: bool = False
) -> ArgumentMap:
    """Find a paper's units and relations with a model, or the folder of one (None: the default, see `load_model`).

    `paper` is a Paper, the path of a file, or a text: a str of several words that is no file's name. Raises ReadError
    for a paper that can't be read or is not in English (unless `any_language`), ModelError for a model that can't be
    used.
    """
    from argmine.model.model import Model

    if not isinstance(paper, Paper):
        paper = read_text(paper) if isinstance(paper, str) and _is_text(paper) else read(paper)
    if not isinstance(model, Model):
        model = load_model(model)
    check_language(paper, any_language=any_language)
    return model.predict(paper)


def load_model(path: str | Path | None = None) -> Model:
    """The model in a folder; None is the default: this user's models/local where it is in use, else the shipped one.

    It is kept until another one is asked for, so that asking again costs nothing. Raises ModelError.
    """
    from argmine.model.model import Model, find_model

    folder = find_model(None if path is None else Path(path))
    return _loaded(folder, Model.digest_of(folder))


def _is_text(given: str) -> bool:
    """Whether a str is a text rather than a path: blank, of several lines, or of words that name no file."""
    if not given.strip() or "\n" in given.strip():
        return True
    if len(given.split()) < 2:
        return False
    try:
        return Path(given).suffix.lower() not in {*SUFFIXES, ".json"} and not Path(given).exists()
    except OSError:  # longer than a name may be
        return True


@lru_cache(maxsize=1)
def _loaded(folder: Path, digest: str) -> Model:
    from argmine.model.model import Model

    return Model.load(folder)


def load(path: str | Path) -> Paper | ArgumentMap:
    """Load a paper.json or a map.json, whichever it is. Raises FormatError for anything else."""
    path = Path(path)
    try:
        schema = load_json(read_regular(path)).get("schema")
    except OSError as why:
        raise FormatError(path, f"cannot be opened ({why.strerror})") from why
    except (JsonError, AttributeError) as why:
        raise FormatError(path, "is not a paper.json or map.json") from why
    if str(schema).startswith("argmine/map/"):
        return ArgumentMap.from_file(path)
    if str(schema).startswith("argmine/paper/"):
        return Paper.from_file(path)
    raise FormatError(path, f"has the schema {schema!r}, neither {PAPER_SCHEMA} nor {MAP_SCHEMA}")
