"""The only place where the stages meet: one paper in, one result or one error out."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from argmine.argument import MAP_SCHEMA, ArgumentMap
from argmine.errors import ArgmineError, FormatError, ReadError, UsageError
from argmine.inputs import Input, find_inputs, name_inputs
from argmine.labels import LABELS, Label
from argmine.paper import PAPER_SCHEMA, Paper
from argmine.stamp import STAMP_FILE, code_digest, is_current, read_stamp, write_atomically, write_stamp

if TYPE_CHECKING:
    from argmine.annotate.gold import Gold
    from argmine.model import Model

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


@dataclass(frozen=True, slots=True)
class Done:
    """A paper that a run has finished with: its row, and whether it was made now or already up to date."""

    row: Row
    made: bool


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


@dataclass
class Run:
    """One call of `mine` or `read` over many papers into one folder.

    `papers()` does them one after the other and yields each when it is finished; `finish()` writes what is about all
    of them. A paper that fails leaves its error in the overview and whatever it had before untouched.
    """

    specs: Sequence[str]
    out: Path
    options: ReadOptions = ReadOptions()
    model_path: Path | None = None
    annotations: Path | None = None
    exclude: Sequence[str] = ()
    any_language: bool = False
    force: bool = False
    only_read: bool = False
    samples_link: str | None = None

    def __post_init__(self) -> None:
        from argmine.read import SUFFIXES

        paths, errors = find_inputs(self.specs, SUFFIXES, [*self.exclude, str(self.out)])
        self.inputs = name_inputs(paths)
        self.errors: list[ArgmineError] = list(errors)
        self.done: list[Done] = []
        self._model: Model | None = None
        self._model_digest: str | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that each paper gets."""
        return READ_OUTPUTS if self.only_read else MINE_OUTPUTS

    def papers(self, started: Callable[[Input], None] | None = None) -> Iterator[Done]:
        """Do the papers in order; `started` is called before one that is not up to date."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise UsageError(f"{self.out}: can't be made a folder for outputs ({why.strerror})") from why
        for item in self.inputs:
            done = self._current(item)
            if done is None:
                if started is not None:
                    started(item)
                done = Done(self._make(item), made=True)
            self.done.append(done)
            yield done

    def _made_from(self, item: Input) -> dict[str, Any]:
        made_from: dict[str, Any] = {
            "paper": item.sha256, "file": item.path.name, "code": code_digest(), "read": self.options.key(),
        }  # fmt: skip
        if not self.only_read:
            if self._model_digest is None:
                from argmine.model import Model

                self._model_digest = Model.digest_of(self.model_path)
            made_from |= {
                "model": self._model_digest, "any_language": self.any_language, "gold": self._gold_digest(item.stem),
            }  # fmt: skip
        return made_from

    def _current(self, item: Input) -> Done | None:
        """The paper's row from its stamp where its outputs are up to date."""
        folder = self.out / item.stem
        if self.force or item.error or not is_current(folder, self._made_from(item), self.outputs):
            return None
        stamp = read_stamp(folder) or {}
        row = dict(stamp.get("row", {}))
        row["warnings"] = tuple(row.get("warnings", ()))
        return Done(Row(**row), made=False)

    def _make(self, item: Input) -> Row:
        if item.error:
            return Row(item.stem, item.path.name, error=item.error)
        try:
            return self._write(item)
        except ArgmineError as why:
            if isinstance(why, UsageError):
                raise
            return Row(item.stem, item.path.name, error=str(why))

    def _write(self, item: Input) -> Row:
        paper = read(item.path, **asdict(self.options))
        texts = {"paper.json": paper.to_json()}
        if self.only_read:
            row = _row(item.stem, paper, None, None, ())
        else:
            amap, notes = self._mine(paper, item.stem)
            from argmine.show.page import map_html
            from argmine.show.summary import summary_md

            texts |= {
                "map.json": amap.to_json(), "map.html": map_html(paper, amap, notes=notes),
                "summary.md": summary_md(paper, amap, notes=notes),
            }  # fmt: skip
            gold = (amap.scores.gold or {}).get("macro5")
            row = _row(item.stem, paper, amap, gold, notes)
        folder = self.out / item.stem
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STAMP_FILE).unlink(missing_ok=True)  # until the new stamp stands, the folder counts as not made
        for name, text in texts.items():
            write_atomically(folder / name, text)
        write_stamp(folder, self._made_from(item), asdict(row))
        return row

    def _mine(self, paper: Paper, stem: str) -> tuple[ArgumentMap, list[str]]:
        if self._model is None:
            from argmine.model import Model

            self._model = Model.load(self.model_path)
        check_language(paper, any_language=self.any_language)
        amap = self._model.predict(paper)
        notes = [note for note in (self._model.unlike(paper),) if note]
        gold = self._gold(stem, paper)
        if gold is not None and not amap.made_by.trained_on_this_paper:
            from argmine.evaluate import score_map

            amap = amap.model_copy(update={"scores": amap.scores.model_copy(update={"gold": score_map(gold, amap)})})
        return amap, notes

    def _gold_files(self, stem: str) -> list[Path]:
        if self.annotations is None:
            return []
        return sorted((self.annotations / stem).glob("*.jsonl"))

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

    def prune(self) -> list[str]:
        """Remove the outputs of papers that are no longer among the inputs; only what argmine wrote there itself."""
        keep = {item.stem for item in self.inputs}
        gone = []
        for folder in sorted(self.out.iterdir()) if self.out.is_dir() else []:
            if folder.name in keep or not (folder / STAMP_FILE).is_file():
                continue
            for name in (*MINE_OUTPUTS, STAMP_FILE):
                (folder / name).unlink(missing_ok=True)
            if not any(folder.iterdir()):
                shutil.rmtree(folder)
            gone.append(folder.name)
        return gone

    def finish(self) -> None:
        """Write index.html, summary.json and units.csv over all the papers of this run."""
        if self.only_read:
            return
        from argmine.show.overview import PaperRow, index_html

        rows = [done.row for done in self.done]
        papers = [
            PaperRow(
                stem=r.stem, file=r.file, title=r.title, pages=r.pages, sections=r.sections, units=r.units,
                relations=r.relations, gold_score=r.gold_score,
                map_path=f"{r.stem}/map.html" if r.map else "", summary_path=f"{r.stem}/summary.md" if r.map else "",
                error=r.error, warnings=r.warnings,
            )
            for r in rows
        ]  # fmt: skip
        title = f"Argument maps: {self.out.resolve().name}"
        _write_if_new(self.out / "index.html", index_html(papers, title=title, samples_link=self.samples_link))
        summary = {"schema": "argmine/summary/1", "papers": [asdict(r) for r in rows]}
        _write_if_new(
            self.out / "summary.json", json.dumps(summary, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        )
        if (
            any(d.made for d in self.done)
            or not (self.out / "units.csv").exists()
            or _listed(self.out / "units.csv") - {r.stem for r in rows}
        ):
            self._write_units()

    def _write_units(self) -> None:
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\n")
        table.writerow([
            "paper", "unit", "label", "score", "attribution", "section", "page", "start", "end", "text", "relations",
        ])  # fmt: skip
        for done in self.done:
            if done.row.error:
                continue
            folder = self.out / done.row.stem
            paper = Paper.from_file(folder / "paper.json")
            amap = ArgumentMap.from_file(folder / "map.json")
            titles = {s.id: s.title for s in paper.sections}
            links: dict[str, list[str]] = {}
            for r in amap.relations:
                links.setdefault(r.source, []).append(f"{r.label} {r.target}")
            for u in amap.units:
                table.writerow([
                    done.row.stem, u.id, u.label, u.score, u.attribution, csv_text(titles.get(u.section or "", "")),
                    u.page, u.start, u.end, csv_text(u.text), "; ".join(links.get(u.id, ())),
                ])  # fmt: skip
        write_atomically(self.out / "units.csv", out.getvalue())


def csv_text(text: str) -> str:
    """Text for a CSV cell: a paper's words must not become a spreadsheet's formula."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _listed(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["paper"] for row in csv.DictReader(lines)}


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)


def _row(stem: str, paper: Paper, amap: ArgumentMap | None, gold: float | None, notes: Sequence[str]) -> Row:
    units = dict.fromkeys(LABELS, 0)
    for unit in amap.units if amap else ():
        units[Label(unit.label)] += 1
    return Row(
        stem=stem, file=paper.source.file, title=paper.title, pages=paper.source.pages,
        sections=sum(bool(s.title) for s in paper.sections), sentences=len(paper.sentences),
        units=units if amap else {}, relations=len(amap.relations) if amap else 0, gold_score=gold,
        map=f"{stem}/map.html" if amap else None, warnings=(*notes, *(w.message for w in paper.warnings)),
    )  # fmt: skip


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
