"""The only place where the stages meet: one paper in, one result or one error out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from argmine.argument import MAP_SCHEMA, ArgumentMap
from argmine.errors import ArgmineError, FormatError, ReadError, UsageError
from argmine.inputs import Input, find_inputs
from argmine.labels import LABELS
from argmine.paper import PAPER_SCHEMA, Paper
from argmine.stamp import STAMP_FILE, code_digest, is_current, read_stamp, write_atomically, write_stamp

if TYPE_CHECKING:
    from argmine.annotate.gold import Gold
    from argmine.model import Model
    from argmine.show.pictures import PagePicture

Reader = Literal["pdfium", "pdfplumber"]
Ocr = Literal["auto", "always", "never"]

READ_OUTPUTS: Final = ("paper.json",)
MINE_OUTPUTS: Final = ("paper.json", "map.json", "map.html", "summary.md")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How papers are read. `password` opens encrypted PDFs; `footnotes` makes footnotes part of the body."""

    reader: Reader = "pdfium"
    ocr: Ocr = "auto"
    password: str | None = None
    footnotes: bool = False

    def key(self) -> dict[str, Any]:
        """What of the options changes the result, for the stamp: not the password itself."""
        return {k: v for k, v in asdict(self).items() if k != "password"}


@dataclass(frozen=True, slots=True)
class Row:
    """What the overview says of one paper."""

    stem: str
    file: str
    title: str = ""
    pages: int | None = None
    sections: int = 0
    sentences: int = 0
    units: dict[str, int] = field(default_factory=dict)
    relations: int = 0
    gold_score: float | None = None
    map: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None


def read(
    path: str | Path, *, reader: Reader = "pdfium", ocr: Ocr = "auto", password: str | None = None,
    footnotes: bool = False,
) -> Paper:  # fmt: skip
    """Read a paper: PDF, plain text, Markdown, JATS XML or a paper.json.

    Raises ReadError (or FormatError for a paper.json of another schema) that says in one line what is wrong.
    """
    from argmine.read import read_paper

    return read_paper(Path(path), reader=reader, ocr=ocr, password=password, footnotes=footnotes)


def mine(
    paper: str | Path | Paper, *, model: Model | str | Path | None = None, any_language: bool = False
) -> ArgumentMap:
    """Find a paper's units and relations with a model (None: ./models/local if there is one, else the shipped one).

    Raises ReadError for a paper that can't be read or is not in English (unless `any_language`), ModelError for a
    model that can't be used.
    """
    from argmine.model import Model

    if not isinstance(paper, Paper):
        paper = read(paper)
    if not isinstance(model, Model):
        model = Model.load(None if model is None else Path(model))
    check_language(paper, any_language=any_language)
    return model.predict(paper)


def check_language(paper: Paper, *, any_language: bool) -> None:
    """Raise ReadError for a paper in another language than the model's, unless that is wanted."""
    if paper.language not in {None, "en"} and not any_language:
        raise ReadError(
            paper.source.file,
            f"is in another language than English ({paper.language}), which the model doesn't know; "
            "use --any-language to tag it all the same",
        )


def load(path: str | Path) -> Paper | ArgumentMap:
    """Load a paper.json or a map.json, whichever it is. Raises FormatError for anything else."""
    path = Path(path)
    try:
        schema = json.loads(path.read_bytes()).get("schema")
    except OSError as why:
        raise FormatError(path, f"cannot be opened ({why.strerror})") from why
    except (ValueError, AttributeError, RecursionError) as why:
        raise FormatError(path, "is not a paper.json or map.json") from why
    if str(schema).startswith("argmine/map/"):
        return ArgumentMap.from_file(path)
    if str(schema).startswith("argmine/paper/"):
        return Paper.from_file(path)
    raise FormatError(path, f"has the schema {schema!r}, neither {PAPER_SCHEMA} nor {MAP_SCHEMA}")


@dataclass(frozen=True)
class Job:
    """What to do with each paper of a run, and where its outputs go; picklable, so that other processes can do it.

    The model is loaded with the first paper that needs it and kept. With `pages` the map pages hold pictures of the
    printed pages; with `debug` a folder `debug` beside paper.json shows on such pictures what was read.
    """

    out: Path
    options: ReadOptions = ReadOptions()
    model_path: Path | None = None
    annotations: Path | None = None
    any_language: bool = False
    only_read: bool = False
    pages: bool = False
    debug: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that each paper gets."""
        return READ_OUTPUTS if self.only_read else MINE_OUTPUTS

    @cached_property
    def _model(self) -> Model:
        from argmine.model import Model

        return Model.load(self.model_path)

    @cached_property
    def _model_digest(self) -> str:
        from argmine.model import Model

        return Model.digest_of(self.model_path)

    def made_from(self, item: Input) -> dict[str, Any]:
        """All that a paper's outputs depend on."""
        made_from: dict[str, Any] = {
            "paper": item.sha256,
            "file": item.path.name,
            "code": code_digest(),
            "read": self.options.key(),
        }
        if self.only_read:
            made_from["debug"] = self.debug
        else:
            made_from |= {
                "model": self._model_digest,
                "any_language": self.any_language,
                "pages": self.pages,
                "gold": self._gold_digest(item.stem),
            }
        return made_from

    def current(self, item: Input) -> Row | None:
        """The paper's row where its outputs are up to date, else None."""
        folder = self.out / item.stem
        if item.error or not is_current(folder, self.made_from(item), self.outputs):
            return None
        row = dict((read_stamp(folder) or {}).get("row", {}))
        row["warnings"] = tuple(row.get("warnings", ()))
        return Row(**row)

    def __call__(self, item: Input) -> Row:
        """Do one paper. A paper that fails leaves its reason in the row, and whatever it had before untouched."""
        if item.error:
            return Row(item.stem, item.path.name, error=item.error)
        try:
            return self._write(item)
        except UsageError:
            raise
        except ArgmineError as why:
            return Row(item.stem, item.path.name, error=str(why))
        except OSError as why:
            reason = f"its outputs can't be written to {self.out / item.stem} ({why.strerror})"
            return Row(item.stem, item.path.name, error=f"{item.path}: {reason}")

    def _write(self, item: Input) -> Row:
        paper = read(item.path, **asdict(self.options))
        texts = {"paper.json": paper.to_json()}
        if self.only_read:
            row = _row(item.stem, paper, None, ())
        else:
            amap, notes = self._mine(paper, item.stem)
            from argmine.show.page import map_html
            from argmine.show.summary import summary_md

            pictures = self._pictures(item, paper, amap, notes)
            texts |= {
                "map.json": amap.to_json(),
                "map.html": map_html(
                    paper,
                    amap,
                    notes=notes,
                    reasons=self._model.reasons(paper, amap),
                    pictures=pictures,
                ),
                "summary.md": summary_md(paper, amap, notes=notes),
            }
            row = _row(item.stem, paper, amap, notes)
        folder = self.out / item.stem
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STAMP_FILE).unlink(missing_ok=True)  # until the new stamp stands, the folder counts as not made
        for name, text in texts.items():
            write_atomically(folder / name, text)
        if self.debug and paper.source.media_type == "application/pdf":
            from argmine.read.debug import debug_pages

            debug_pages(item.path, paper, folder / "debug", password=self.options.password)
        write_stamp(folder, self.made_from(item), asdict(row))
        return row

    def _pictures(self, item: Input, paper: Paper, amap: ArgumentMap, notes: list[str]) -> dict[int, PagePicture]:
        """Pictures of the pages that hold units, where they are wanted and the paper has pages that can be drawn."""
        from argmine.show.pictures import page_pictures, pages_with_units

        pages = pages_with_units(amap) if self.pages and paper.source.media_type == "application/pdf" else []
        try:
            return page_pictures(item.path, pages, password=self.options.password) if pages else {}
        except ReadError as why:
            notes.append(why.reason)
            return {}

    def _mine(self, paper: Paper, stem: str) -> tuple[ArgumentMap, list[str]]:
        check_language(paper, any_language=self.any_language)
        amap = self._model.predict(paper)
        notes = [note for note in (self._model.unlike(paper),) if note]
        gold = self._gold(stem, paper)
        if gold is not None and not amap.made_by.trained_on_this_paper:
            from argmine.evaluate import score_map

            amap = amap.model_copy(update={"scores": amap.scores.model_copy(update={"gold": score_map(gold, amap)})})
        return amap, notes

    def _gold_files(self, stem: str) -> list[Path]:
        return [] if self.annotations is None else sorted((self.annotations / stem).glob("*.jsonl"))

    def _gold_digest(self, stem: str) -> str | None:
        files = self._gold_files(stem)
        if not files:
            return None
        return sha256(b"\0".join(f.name.encode() + b"\0" + f.read_bytes() for f in files)).hexdigest()[:16]

    def _gold(self, stem: str, paper: Paper) -> Gold | None:
        files = self._gold_files(stem)
        if not files:
            return None
        from argmine.annotate.gold import load_gold

        gold, _ = load_gold(files, {stem: paper}, every_reading=False)
        return gold[0] if gold else None


def _row(stem: str, paper: Paper, amap: ArgumentMap | None, notes: Sequence[str]) -> Row:
    units = dict.fromkeys(LABELS, 0) if amap else {}
    for unit in amap.units if amap else ():
        units[unit.label] += 1
    return Row(
        stem=stem,
        file=paper.source.file,
        title=paper.title,
        pages=paper.source.pages,
        sections=sum(bool(s.title) for s in paper.sections),
        sentences=len(paper.sentences),
        units=units,
        relations=len(amap.relations) if amap else 0,
        gold_score=(amap.scores.gold or {}).get("macro5") if amap else None,
        map=f"{stem}/map.html" if amap else None,
        warnings=(*notes, *(w.message for w in paper.warnings)),
    )


def papers_at(places: Sequence[Path]) -> Iterator[Paper]:
    """The papers in these files and folders, for laying annotations over them: paper.json first, else read anew.

    A folder of mined papers gives its paper.json files; PDFs and others are read. What can't be read is passed over.
    """
    from argmine.read import SUFFIXES

    for place in places:
        if place.is_dir() and (ready := sorted(place.rglob("paper.json"))):
            paths = ready
        else:
            paths, _ = find_inputs([str(place)], SUFFIXES)
        for path in paths:
            try:
                yield read(path)
            except ArgmineError:
                continue
