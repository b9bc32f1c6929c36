"""What to annotate next, what it is worth, whether it still holds; `review` and `adjudicate` do it in the browser."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Exit, Option

from argmine.cli import base as cli
from argmine.cli.base import count
from argmine.errors import ArgmineError, ModelError, UsageError, need, writing

if TYPE_CHECKING:
    from argmine.annotation.agreement import Readings
    from argmine.annotation.disagreements import Disagreement
    from argmine.annotation.files import AnnotationFile
    from argmine.paper import Paper
    from argmine.review.page import Page
    from argmine.review.session import Session
    from argmine.review.suggestions import Proposal
    from argmine.scheme import Scheme

PartialOption = Annotated[bool, Option("--partial", help="Keep what is good of a file with errors.")]
Annotations = Annotated[
    list[Path], Argument(metavar="ANNOTATIONS...", help="Annotation files (.jsonl), or folders of them.")
]


@cli.app.command(epilog="Example: argmine agree annotations/paper/A.jsonl annotations/paper/B.jsonl --list")
def agree(
    annotations: Annotations,
    list_all: Annotated[
        bool, Option("--list", help="List each disagreement with the sentence's number and text.")
    ] = False,
    papers: cli.PapersOption = None,
    partial: PartialOption = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Measure how far annotators agree: two or more readings of one paper, or each paper's readings in a folder."""
    from argmine.annotation.agreement import agreement, gather
    from argmine.annotation.point_agreement import point_agreement

    with cli.reporting():
        found = gather(annotations, partial=partial)
        cli.say_each("error", found.errors)
        cli.say_each("warning", found.warnings)
        figures = agreement(found.papers) | {"key_points": point_agreement(found.points)}
        differ = _disagreements(found, papers or []) if list_all else []
    if as_json:
        cli.print_json(figures | ({"disagreements": [asdict(d) for d in differ]} if list_all else {}))
    else:
        _print_agreement(found, figures)
        for one in differ:
            ends = f"{one.sentence}" if one.other is None else f"{one.sentence} > {one.other}"
            said = f"{one.first_annotator}: {one.first}, {one.second_annotator}: {one.second}"
            text = one.text or "(the file holds no text; give the paper with --papers)"
            cli.tell(f"{one.slug} {ends}  {one.kind}  {said}\n    {' '.join(text.split())}")
            if one.other_text:
                cli.tell(f"    > {' '.join(one.other_text.split())}")
    cli.end_if(found.errors)


def _print_agreement(found: Readings, figures: dict[str, Any]) -> None:
    from argmine.annotation.disagreements import confusion_rows, figure_rows, label_rows
    from argmine.annotation.point_agreement import point_rows

    if found.papers:
        sizes = figures["readings"]
        each = f"{sizes[0]} readings each" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} readings each"
        judged = f"{count(figures['sentences'], 'sentence')} judged by both of a pair"
        over = f"95 % intervals over {figures['intervals_over']}"
        cli.say(f"{count(figures['papers'], 'paper')}, {each}, {judged}; {over}")
        cli.print_table(["agreement", "value", "interval"], figure_rows(figures, found.papers[0][0].labels))
        print()
        cli.print_table(["label", "n", "F1", "interval"], label_rows(figures))
        print()
        cli.print_table(["first \\ second", *figures["confusion"]], confusion_rows(figures))
        print()
    if found.points:
        chosen = figures["key_points"]
        cli.say(f"key points: {count(chosen['papers'], 'paper')}; n are the choices of the first and of the second")
        cli.print_table(["key points", "n", "n", "agreement", "interval"], point_rows(chosen))
        print()


def _disagreements(found: Readings, places: list[Path]) -> list[Disagreement]:
    from argmine.annotation.agreement import Pair
    from argmine.annotation.disagreements import disagreements, texts_in
    from argmine.annotation.gold_dataset import PaperIndex
    from argmine.annotation.point_agreement import point_disagreements

    index = PaperIndex(_papers_at(places))
    differ: list[Disagreement] = []
    for readings, listed in ((found.papers, disagreements), (found.points, point_disagreements)):
        for files in readings:
            paper = index.find(files[0])
            texts = {n: text for file in files for n, text in texts_in(file, paper).items()} if paper else {}
            for one, two in combinations(files, 2):
                differ += listed(Pair(one.slug, one, two), texts)
    return differ


def _papers_at(places: list[Path]) -> list[Paper]:
    from argmine.readers.isolated import papers_at

    return list(papers_at(places, cli.say))


@cli.app.command(epilog="Example: argmine queue corpus/ --annotations annotations --limit 30")
def queue(
    inputs: cli.Inputs,
    annotations: Annotated[Path | None, Option(help="Leave out what is annotated here, in a folder a paper.")] = None,
    annotator: Annotated[str | None, Option(help="Leave out only what this annotator has done.")] = None,
    limit: Annotated[int, Option(min=1, help="How many sentences.")] = 20,
    model: cli.ModelOption = None,
    follow_links: cli.FollowLinksOption = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Say which papers and sentences to annotate next: where the model is unsure, labels are rare, and texts differ."""
    from argmine.annotation.queue import Done, Waiting, rank_papers
    from argmine.annotation.queue import queue as next_sentences
    from argmine.inputs import find_inputs, name_inputs
    from argmine.model.model import Model
    from argmine.readers import SUFFIXES
    from argmine.readers.isolated import read_paper

    with cli.reporting():
        need("analysis", "the queue")
        specs: list[str] = []
        for spec in inputs:  # a folder of mined papers stands for their paper.json files, not for the pages beside them
            mined = sorted(Path(spec).rglob("paper.json")) if Path(spec).is_dir() else []
            specs += map(str, mined) if mined else [spec]
        paths, errors = find_inputs(specs, SUFFIXES, follow_links=follow_links)
        done = Done.of(annotations, annotator)
        cli.say_model(model)
        tagger = Model.load(model)
        waiting: list[Waiting] = []
        problems: list[ArgmineError] = [*errors]
        for given in name_inputs(paths):
            try:
                paper = read_paper(given.path)
                ids = [s.id for s in paper.sentences]
                texts = [" ".join(paper.slice(s).split()) for s in paper.sentences]
                waiting.append(Waiting(given.stem, ids, texts, tagger.sentence_scores(paper), done.positions(paper)))
            except ArgmineError as why:
                problems.append(why)
        cli.say_each("error", [*problems, *done.errors])
        chosen = next_sentences(waiting, limit=limit, annotated=done.labels, scheme=tagger.scheme)
        papers = rank_papers(waiting, chosen, tagger.scheme)
    if waiting and not chosen and annotator is None:
        cli.say("all of it is annotated by somebody; --annotator NAME leaves out only what NAME has done")
    if as_json:
        cli.print_json({"papers": [asdict(p) for p in papers], "sentences": [asdict(n) for n in chosen]})
    else:
        rows = [[p.slug, p.waiting, p.done, p.uncertainty, p.chosen, p.reason] for p in papers]
        cli.print_table(["paper", "waiting", "done", "unsure", "here", "why"], rows)
        print()
        rows = [[n.slug, n.sentence, n.likely, n.probability, n.reason, cli.short(n.text, 90)] for n in chosen]
        cli.print_table(["paper", "sentence", "likely", "p", "why", "text"], rows)
    cli.end_if(problems or done.errors)


@cli.app.command(epilog="Example: argmine validate build/ --annotations annotations --annotator ME --sentences 100")
def validate(
    annotations: Annotated[Path, Option(help="Where the sheet goes and annotation files are, a folder a paper.")],
    annotator: Annotated[str, Option(help="The reader's name.")],
    maps: Annotated[
        list[Path] | None,
        Argument(metavar="MAP...", help="Maps of your papers: map.json files or folders of mined papers."),
    ] = None,
    sentences: Annotated[int, Option(min=1, help="How many sentences to label.")] = 100,
    seed: Annotated[int, Option(help="The same seed and maps draw the same sentences.")] = 0,
    partial: Annotated[
        bool, Option("--partial", help="Give figures of what is labelled so far, and pass over wrong rows.")
    ] = False,
    as_json: cli.JsonOption = False,
) -> None:
    """Find out how far you agree with the maps of your own papers: label a blind sample, then run this again.

    The first run draws the sample and writes a sheet to label; the next ones print your agreement with the maps.
    """
    from argmine.annotation import validation
    from argmine.annotation.blind_validation import in_words

    with cli.reporting():
        plan = validation.read_plan(annotations, annotator)
        if plan is None:
            if not maps:
                raise UsageError("give the maps to draw sentences from, for example build/")
            papers, notes = validation.load_mined(maps)
            cli.say_each("note", notes)
            plan = validation.draw(papers, annotations, annotator, sentences, seed=seed)
            sheet = validation.sheet_path(annotations, annotator)
            labels = f"{', '.join(plan.labels.to_read[:2])}, …, {plan.labels.labels[-1]}"
            meant = "" if plan.scheme else "; annotations/GUIDELINES.md says what they mean"
            drawn = f"{count(len(plan.sample), 'sentence')} of {count(len(papers), 'paper')} drawn"
            row = f"a label ({labels}{meant}) into each row of the column label of {sheet}"
            how = "without looking at the maps; or use argmine review --blind"
            cli.say(f"{drawn}. Write {row}, {how}. Then run this again.")
            print(sheet)
            return
        found = validation.read_labels(plan, annotations)
    cli.say_each("error", found.errors)
    cli.say_each("note", found.notes)
    left = len(plan.sample) - len(found.labels)
    if left:
        cli.say(f"{len(found.labels)} of {len(plan.sample)} sentences labelled, {left} to go")
    if (left or found.errors) and not partial:
        cli.say("the figures are printed when all are labelled and right; --partial prints those of what is there")
        raise Exit(1 if found.errors else 0)
    figures = validation.figures(plan, found.labels)
    words = in_words(figures, plan.published, plan.labels)
    if as_json:
        print(validation.as_json(plan, figures, words))
    else:
        _print_trust(figures, words, plan.labels)
    cli.end_if(found.errors)


def _print_trust(figures: dict[str, Any], words: list[str], scheme: Scheme) -> None:
    from argmine.annotation.disagreements import confusion_rows, counted, interval

    for sentence in words:
        cli.tell(sentence)
    print()
    macro = f"mean F1 of the {counted(scheme)} labels"
    named = [("same label", "accuracy"), ("Cohen's kappa", "kappa"), (macro, "macro5")]
    rows = [[name, figures[key]["value"], interval(figures[key])] for name, key in named]
    cli.print_table(["agreement with you, weighted", "value", "interval"], rows)
    print()
    columns = ["label", "in maps", "drawn", "you gave", "you agree", "interval", "maps find", "interval", "F1"]
    labels = []
    for label, of in figures["labels"].items():
        agree = [of["p"]["value"], interval(of["p"]), of["r"]["value"], interval(of["r"]), of["f1"]["value"]]
        labels.append([label, of["of"], of["drawn"], of["given"], *agree])
    cli.print_table(columns, labels)
    print()
    cli.print_table(["you \\ maps (drawn)", *figures["confusion"]], confusion_rows(figures))


@cli.app.command(epilog="Example: argmine check annotations/ --papers corpus/")
def check(annotations: Annotations, papers: cli.PapersOption = None, as_json: cli.JsonOption = False) -> None:
    """Find what is wrong in annotation files, a line each; with --papers also what no longer holds of their papers."""
    from argmine.annotation.check import check_annotations

    with cli.reporting():
        files, against, problems = check_annotations(annotations, _papers_at(papers or []))
    wrong = [p for p in problems if not p.notice]
    if as_json:
        keys = ("file", "line", "message", "notice")
        cli.print_json([dict(zip(keys, (str(p.path), p.line, p.message, p.notice), strict=True)) for p in problems])
    else:
        for problem in problems:
            cli.tell(f"{'note: ' if problem.notice else ''}{problem}")
    beside = f", {against} of them against their paper" if papers else ""
    cli.say(f"{count(files, 'annotation file')} checked{beside}, {count(len(wrong), 'problem')}")
    cli.end_if(wrong)


@cli.app.command(epilog="Example: argmine migrate annotations/paper paper-v2.pdf --out annotations/paper-v2")
def migrate(
    annotations: Annotated[
        Path, Argument(metavar="ANNOTATIONS", help="An annotation file, or the folder of one paper's.")
    ],
    paper: Annotated[Path, Argument(metavar="PAPER", help="The changed paper: any input, or its paper.json.")],
    out: Annotated[Path, Option("--out", "-o", help="The new file, or for a folder the new folder.")],
    partial: PartialOption = False,
) -> None:
    """Carry annotations over to a changed text of their paper; what has no place in it is listed, never guessed.

    The old files stay as they are. The exit code is 1 where something could not be placed.
    """
    from argmine.annotation.files import annotation_paths, read_annotations, read_good
    from argmine.annotation.migrate import migrate_family
    from argmine.errors import AnnotationError
    from argmine.readers.isolated import read_paper

    problems = 0
    with cli.reporting():
        paths = annotation_paths(annotations)
        if len({p.parent for p in paths}) != 1:
            raise UsageError(f"{annotations}: is not the folder of one paper's annotations; give one at a time")
        files: dict[Path, AnnotationFile] = {}
        for path in paths:
            files[path], errors = read_good(path) if partial else (read_annotations(path), [])
            problems += len(errors)
            cli.say_each("error", errors)
        text = read_paper(paper / "paper.json" if paper.is_dir() else paper)
        targets = {p: out / p.name if annotations.is_dir() else out for p in paths}
        try:
            done = migrate_family(files, text, targets)
        except OSError as why:
            raise AnnotationError(out, f"can't be written ({why.strerror})") from why
    for path, moved in done.items():
        cli.say_each(f"note: {path}", moved.notes)
        cli.say_each(f"lost: {path}", moved.lost)
        problems += len(moved.lost)
        placed, given = len(moved.file.sentences), len(files[path].sentences)
        cli.say(f"{path}: {count(given, 'sentence')} given, {placed} of the new text labelled, {len(moved.lost)} lost")
        print(targets[path])
    cli.end_if(problems)


Order = Literal["text", "uncertainty", "queue"]
PaperArgument = Annotated[Path, Argument(metavar="PAPER", help="A paper, a paper.json, or a folder that `mine` made.")]
AnnotationsOption = Annotated[
    Path, Option("--annotations", metavar="DIR", help="The annotations: DIR/<paper>/<annotator>.jsonl.")
]
PortOption = Annotated[int, Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]
BrowserOption = Annotated[bool, Option("--browser/--no-browser", help="Open the page in the browser.")]


@cli.app.command(epilog="Example: argmine review paper.pdf --annotations annotations --annotator me")
def review(
    paper: PaperArgument,
    annotator: Annotated[str, Option(metavar="NAME", help="Who labels; names the file.")],
    annotations: AnnotationsOption = Path("annotations"),
    blind: Annotated[bool, Option("--blind", help="Show no suggestions, as independent readings need.")] = False,
    order: Annotated[Order, Option(help="The order that the page begins with.")] = "text",
    licence: Annotated[
        str | None, Option(help="The paper may be shipped under this: the file holds its sentences' text.")
    ] = None,
    model: cli.ModelOption = None,
    reader: cli.ReaderOption = "pdfium",
    ocr: cli.OcrOption = "auto",
    password: cli.PasswordOption = None,
    footnotes: cli.FootnotesOption = False,
    port: PortOption = 0,
    browser: BrowserOption = True,
) -> None:
    """Label a paper and mark its key points on a local page: every keystroke is saved, Ctrl-C ends it."""
    from argmine.readers import ReadOptions
    from argmine.review.loading import annotation_folder, check_name, new_header, open_paper, suggest
    from argmine.review.page import Page
    from argmine.review.session import open_session
    from argmine.review.suggestions import ordered

    with cli.reporting():
        need("review", "the page for labelling")
        check_name(annotator)
        opened = open_paper(paper, ReadOptions(reader, ocr, password, footnotes))
        folder = annotation_folder(annotations, opened.slug)
        opened = opened.by_scheme_of((folder / f"{annotator}.jsonl", *sorted(folder.glob("*.jsonl"))), model)
        found: Proposal | None = None
        notes: list[str] = []
        if not blind or order != "text":
            cli.say_model(model)
            found, notes = suggest(opened, model)
        if order != "text" and (found is None or not found.scores):
            raise ModelError(f"--order {order} needs a model's probabilities, and there are none for this paper")
        with writing(folder):
            header = new_header(opened.text, annotator, licence=licence)
            session, more = open_session(opened.text, folder, annotator, header, with_text=True if licence else None)
        if found is not None and not blind and not session.assisted and session.checked():
            assisted = "with suggestions in sight it is assisted (see --blind)"
            more.append(f"{session.path.name} was blind until now: {assisted}")
        shown = () if blind or found is None else (found,)
        session.show(shown)
        queue = ordered(opened.text, found, session.state, order) if found is not None else []
        begin = "queue" if blind and order != "text" else order  # the probabilities stay here
        page = Page(opened.text, shown, begin, queue, notes=(*notes, *more))
        _serve(session, page, port, browser)


@cli.app.command(epilog="Example: argmine adjudicate paper.pdf A B --annotations annotations --annotator adjudicated")
def adjudicate(
    paper: PaperArgument,
    readings: Annotated[
        list[str] | None,
        Argument(metavar="[A B]", help="The two readings, by name or file (the two in the paper's folder)."),
    ] = None,
    annotations: AnnotationsOption = Path("annotations"),
    annotator: Annotated[str, Option(metavar="NAME", help="Names the result's file.")] = "adjudicated",
    reader: cli.ReaderOption = "pdfium",
    ocr: cli.OcrOption = "auto",
    password: cli.PasswordOption = None,
    footnotes: cli.FootnotesOption = False,
    port: PortOption = 0,
    browser: BrowserOption = True,
) -> None:
    """Decide between two readings of a paper on a local page, disagreements first; the result names its parents."""
    from argmine.readers import ReadOptions
    from argmine.review.loading import adjudication, annotation_folder, check_name, open_paper, readings_to_decide
    from argmine.review.page import Page
    from argmine.review.session import changed_since, open_session

    with cli.reporting():
        need("review", "the page for labelling")
        check_name(annotator)
        opened = open_paper(paper, ReadOptions(reader, ocr, password, footnotes))
        folder = annotation_folder(annotations, opened.slug)
        paths = readings_to_decide(folder, readings or [], annotator)
        text = opened.by_scheme_of(paths).text
        voices, header = adjudication(text, paths)
        with writing(folder):
            header = header.model_copy(update={"annotator": annotator})
            session, notes = open_session(text, folder, annotator, header)
        if changed_since(session.earlier_parents, header.parents):
            notes.append("the readings are others than those that this adjudication began with; it names the new ones")
        session.show(voices)
        places = session.decisions.places() if session.decisions is not None else []
        page = Page(text, voices, "disagreements", places, adjudicates=True, notes=notes)
        _serve(session, page, port, browser)


def _serve(session: Session, page: Page, port: int, browser: bool) -> None:
    import webbrowser

    from argmine.review.server import LOOPBACK, application, listen, new_token, serve

    for note in page.notes:
        cli.say(note)
    try:
        on = listen(port)
    except OSError as why:
        session.close()
        raise UsageError(f"--port {port}: can't be used ({why.strerror})") from why
    try:
        token, ticket = new_token(), new_token()
        number = on.getsockname()[1]
        address = f"http://{LOOPBACK}:{number}/{token}/"
        print(address, flush=True)
        cli.say(f"saves every keystroke to {session.path}; end with Ctrl-C")
        if browser:
            webbrowser.open(f"http://{LOOPBACK}:{number}/{ticket}/")
        serve(application(session, page, port=number, token=token, ticket=ticket if browser else None), on)
    finally:
        session.close()
    left = f"{session.decisions.words(session.state)}; " if session.decisions is not None else ""
    done = f"{session.checked()} of {page.text.count()} sentences checked, {len(session.state.relations)} relations"
    chosen = sum(point.kind == "key_point" and bool(grade) for point, grade in session.state.points.items())
    points = f", {count(chosen, 'key point')}" if chosen else ""
    cli.say(f"{left}{done}{points}: {session.path}")
