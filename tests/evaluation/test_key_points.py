"""The figures of key points: each rule on small maps, and the whole beside the scorer of the data folder."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from argmine.annotation.bank import bare_paper, paper_of, read_bank_paper
from argmine.annotation.key_points import KeyPointGold, KeyPoints, load_key_points
from argmine.argument_map import Answer, ArgumentMap, KeyPoint, MadeBy, MapKeyPoints, MapVoice, PaperRef
from argmine.cli import app
from argmine.errors import UsageError
from argmine.evaluation.key_points import OVERALL, SCREEN, Shown, count, figures, score, score_maps, write_with_papers
from argmine.evaluation.table import key_point_table
from tests.conftest import SHARED

TEXTS = [
    "A shared fund should pay for the ships.",
    "Cables carry almost all traffic between continents.",
    "Repairs take many weeks in every ocean.",
    "Ships are few and old.",
    "Critics say that the market will see to it.",
    "The fund would buy three ships a year.",
    "Nobody knows how many faults go unseen.",
    "A shared fund, then, is the remedy.",
]
PAPER = bare_paper("cables", "Cables", [(text, None) for text in TEXTS])


def read(places=None, answers=(), voices=(), annotator="K"):
    """A reader's choices, by the places' sentences and grades."""
    return KeyPoints(annotator, {p: (places or {}).get(p, {}) for p in SCREEN}, tuple(answers), tuple(voices))


def gold(*readings, slug="cables"):
    return KeyPointGold(slug, slug, PAPER, readings)


def at(id, paper=PAPER):
    sentence = next(s for s in paper.sentences if s.id == id)
    return {"sentence": id, "start": sentence.start, "end": sentence.end, "text": paper.slice(sentence)}


def points(answers=(), **places):
    chosen = {place: tuple(KeyPoint(**at(id)) for id in ids) for place, ids in places.items()}
    return MapKeyPoints(**chosen, answers=tuple(Answer(problem=a, **at(b)) for a, b in answers))


def counted(gold, answers=(), voices=(), **places):
    return count(gold, Shown(points(answers, **places), tuple(TEXTS[int(v[1:]) - 1] for v in voices)))


def test_the_first_thesis_that_is_shown_is_the_hit():
    reader = gold(read({"thesis": {"t1": 2, "t8": 1}}))
    assert counted(reader, thesis=["t8"])["hit"] == 1
    assert counted(reader, thesis=["t2", "t1"])["hit"] == 0


def test_no_thesis_shown_is_a_miss_where_readers_have_one_and_nothing_where_they_have_none():
    assert counted(gold(read({"thesis": {"t1": 2}})))["theses"] == 1
    assert counted(gold(read()), thesis=["t1"])["theses"] == 0


def test_an_entry_is_right_if_any_reader_chose_its_sentence_for_its_place():
    both = gold(read({"why": {"t2": 1}}), read({"why": {"t3": 2}}, annotator="L"))
    found = counted(both, why=["t2", "t3"])
    assert (found["why right"], found["why best"]) == (2, 1)
    assert counted(both, thesis=["t2"])["thesis right"] == 0


def test_an_entry_whose_sentence_stands_there_already_is_wrong():
    found = counted(gold(read({"why": {"t2": 2}})), why=["t2", "t2"])
    assert (found["why shown"], found["why right"]) == (2, 1)


def test_entries_below_the_first_screen_do_not_count():
    ids = ["t3", "t4", "t7"]
    found = counted(
        gold(read({"problems": {"t7": 2}, "recommendations": {"t7": 2}})), problems=ids, recommendations=ids
    )
    assert (found["problems shown"], found["problems right"]) == (2, 0)
    assert (found["recommendations shown"], found["recommendations right"]) == (3, 1)


def test_a_place_counts_for_coverage_where_a_reader_filled_it_with_a_best_sentence():
    found = counted(gold(read({"why": {"t2": 2}, "open": {"t7": 1}, "reasons": {"t4": 2}})), why=["t2"], open=["t7"])
    filled = {p for p in SCREEN if found[f"{p} filled"]}
    assert filled == {"why", "reasons"}
    assert {p for p in SCREEN if found[f"{p} covered"]} == {"why"}


def test_an_answer_is_right_if_a_reader_gave_it_to_that_problem():
    reader = gold(read({"problems": {"t3": 2, "t4": 2}}, answers=[("t3", "t1"), ("t4", "t6")]))
    found = counted(reader, answers=[("t3", "t6"), ("t4", "t6")], problems=["t3", "t4"])
    assert (found["answers shown"], found["answers right"]) == (2, 1)
    assert (found["answerable"], found["answered"]) == (2, 1)


def test_answers_count_for_problems_on_the_screen_alone_and_two_to_each():
    reader = gold(read(answers=[("t3", "t8"), ("t4", "t6")]))
    found = counted(reader, answers=[("t3", "t1"), ("t3", "t6"), ("t3", "t8"), ("t4", "t6")], problems=["t3"])
    assert (found["answers shown"], found["answers right"], found["answerable"]) == (2, 0, 1)


def test_silence_is_right_where_every_reader_found_no_answer():
    one = read(answers=[("t3", None), ("t4", None)])
    other = read(answers=[("t4", "t6")], annotator="L")
    found = counted(gold(one, other), problems=["t3", "t4"])
    assert (found["unanswerable"], found["silent"], found["answerable"]) == (1, 1, 1)
    assert counted(gold(one), answers=[("t3", "t1")], problems=["t3"])["silent"] == 0


def test_voices_are_counted_by_sentences_and_entries_in_them():
    reader = gold(read(voices=[("t5", "t6", "critics")]))
    found = counted(reader, voices=["t4", "t5"], thesis=["t5"], problems=["t6"])
    assert (found["voices found"], found["voices chosen"], found["voices both"]) == (2, 2, 1)
    assert (found["entries"], found["entries in voices"]) == (2, 1)


def test_what_a_map_of_another_reading_shows_is_found_by_its_letters():
    shown = MapKeyPoints(
        thesis=(KeyPoint(sentence="t99", start=5, end=9, text="A shared fund should\npay for the ships"),)
    )
    assert count(gold(read({"thesis": {"t1": 2}})), Shown(shown))["hit"] == 1


def test_what_runs_over_text_that_the_gold_lacks_is_found_by_its_longest_part():
    text = f"{TEXTS[1]} And this was a caption below the map."
    shown = MapKeyPoints(why=(KeyPoint(sentence="t1", start=5, end=9, text=text),))
    assert count(gold(read({"why": {"t2": 2}})), Shown(shown))["why right"] == 1


def test_what_stands_nowhere_is_wrong():
    shown = MapKeyPoints(why=(KeyPoint(sentence="t1", start=5, end=9, text="Of this the paper says nothing at all."),))
    assert count(gold(read({"why": {"t1": 2}})), Shown(shown))["why right"] == 0


def test_shares_of_nothing_are_nothing():
    told = figures([counted(gold(read()))])
    assert all(told[name] == {"value": 0.0, "n": 0} for name in OVERALL)


def test_papers_without_a_map_count_as_wrong():
    papers = [gold(read({"thesis": {"t1": 2}}), slug=slug) for slug in "abcd"]
    told = score(papers, {"a": Shown(points(thesis=["t1"]))})
    assert (told["papers"], told["hit@1"]["value"], told["hit@1"]["n"]) == (4, 0.25, 4)
    assert told["by_paper"]["a"]["hit"] == 1


def test_fewer_than_three_papers_have_no_intervals():
    one = counted(gold(read({"thesis": {"t1": 2}})), thesis=["t1"])
    assert "interval" not in figures([one] * 2)["hit@1"]
    assert figures([one] * 3)["hit@1"]["interval"] == [1.0, 1.0]


def amap(paper=PAPER, chosen=None, voices=()):
    return ArgumentMap(
        paper=PaperRef.of(paper), made_by=MadeBy(kind="model", name="m"), key_points=chosen, voices=voices
    )


def test_voices_of_maps_of_the_same_text_have_their_sentences(tmp_path):
    start, end = at("t5")["start"], at("t6")["end"]
    voice = MapVoice(start=start, end=end, sentences=("t5", "t6"), whose="critics")
    item = gold(read(voices=[("t5", "t6", "critics")]))
    write_with_papers({"cables": amap(chosen=points(thesis=["t1"]), voices=(voice,))}, [item], tmp_path)
    told, missing = score_maps([item], tmp_path)
    assert told["voices"]["value"] == 1.0
    assert not missing


def test_maps_without_key_points_are_refused(tmp_path):
    item = gold(read({"thesis": {"t1": 2}}))
    write_with_papers({"cables": amap()}, [item], tmp_path)
    with pytest.raises(UsageError, match="no map with key points"):
        score_maps([item], tmp_path)


def test_the_table_tells_places_and_what_each_share_is_of():
    table = key_point_table(score([gold(read({"thesis": {"t1": 2}}))], {}) | {"trained_on": []})
    assert "1 papers" in table
    assert all(name in table for name in (*OVERALL, *SCREEN))


def evaluate(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


@pytest.fixture
def scored(tmp_path):
    """A bank paper, a reader's stand-off file for it and a map."""
    sentences = [{"n": n, "text": text, "label": "none"} for n, text in enumerate(TEXTS, 1)]
    bank = tmp_path / "bank" / "cables.json"
    bank.parent.mkdir()
    bank.write_text(json.dumps({"slug": "cables", "title": "Cables", "sentences": sentences}))
    return tmp_path, paper_of(read_bank_paper(bank))


def annotated(folder, paper, points):
    from argmine.annotation.files import AnnotationFile, Header, PaperInfo
    from argmine.annotation.key_points import lines_of
    from argmine.text import LetterStream

    numbers = {s.id: n for n, s in enumerate(paper.sentences, 1)}
    lines = lines_of(points, paper, LetterStream.of_paper(paper), numbers, ())
    header = Header(paper=PaperInfo(title="Cables"), annotator="K", role="independent", mode="blind")
    AnnotationFile("cables", header, (), **lines).write(folder / "gold" / "cables" / "K.jsonl")


def test_the_command_scores_maps_that_are_there(scored):
    folder, paper = scored
    annotated(folder, paper, read({"thesis": {"t1": 2}}))
    item = KeyPointGold("cables", "cables", paper, ())
    write_with_papers({"cables": amap(paper, points(thesis=["t1"]))}, [item], folder / "maps")
    done = evaluate(folder / "gold", folder / "bank", "--key-points", "--from-maps", folder / "maps", "--report",
                    folder / "scores.json")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "hit@1" in done.stdout
    assert json.loads((folder / "scores.json").read_text())["hit@1"] == {"n": 1, "value": 1.0}


def test_the_command_takes_the_papers_that_stand_beside_the_maps_by_their_folders(scored):
    folder, paper = scored
    other = bare_paper("ports", "Cables", [("Ports are another thing.", None)])
    annotated(folder, paper, read({"thesis": {"t1": 2}}))
    for slug, of, shown in (("cables", paper, "t1"), ("a-ports", other, "t1")):
        item = KeyPointGold(slug, slug, of, ())
        chosen = MapKeyPoints(thesis=(KeyPoint(**at(shown, of)),))
        write_with_papers({slug: amap(of, chosen)}, [item], folder / "maps")
    done = evaluate(folder / "gold", "--key-points", "--from-maps", folder / "maps", "--json")
    assert json.loads(done.stdout)["hit@1"] == {"n": 1, "value": 1.0}


def test_the_command_names_papers_that_are_not_here(scored):
    folder, paper = scored
    annotated(folder, paper, read({"thesis": {"t1": 2}}))
    (folder / "maps").mkdir()
    done = evaluate(folder / "gold", "--key-points", "--from-maps", folder / "maps")
    assert done.exit_code == 2
    assert "cables" in done.stderr


@pytest.mark.parametrize("unfit", [["--folds", "2"], ["--gold-units"], ["--none", "x"]])
def test_options_that_say_nothing_about_key_points_are_refused(unfit):
    done = evaluate("gold", "--key-points", *unfit)
    assert done.exit_code == 2
    assert unfit[0] in done.stderr


def test_maps_are_scored_with_key_points_alone(tmp_path):
    assert "--key-points" in evaluate(tmp_path, "--from-maps", tmp_path).stderr


def _guess(paper, readings, n):
    """Key points and voices of some right and some wrong sentences, as a model may choose them."""
    ids = [s.id for s in paper.sentences]
    places = {}
    for k, place in enumerate(SCREEN):
        right = sorted({id for r in readings for id in r.places[place]}, key=ids.index)
        wrong = [ids[(7 * n + 5 * k) % len(ids)], ids[(11 * n + k) % len(ids)]]
        places[place] = [wrong, [*right[:1], *wrong], [*right[:1], *right[:1], *right[1:]], right[-2:], []][(n + k) % 5]
    problems = [*places["problems"][:2], *places["open"][:2]]
    chosen = {a: b for r in readings for a, b in r.answers if b is not None}
    answers = [(p, a) for i, p in enumerate(problems) for a in ([chosen.get(p, ids[0])], ids[:3], ())[(n + i) % 3]]
    entries = {place: tuple(KeyPoint(**at(id, paper)) for id in given) for place, given in places.items()}
    told = MapKeyPoints(**entries, answers=tuple(Answer(problem=p, **at(a, paper)) for p, a in answers))
    runs = [(first, last) for r in readings for first, last, _ in r.voices][: n % 3] or [(ids[0], ids[1])]
    voices = []
    for first, last in runs:
        start, end = at(first, paper)["start"], at(last, paper)["end"]
        voices.append(MapVoice(start=start, end=end, sentences=(first, last), whose="another"))
    return amap(paper, told, tuple(voices))


@pytest.mark.shared
def test_the_figures_are_those_of_the_scorer_in_the_data_folder(tmp_path):
    bank, chosen = SHARED / "bank" / "papers", SHARED / "bank" / "keypoints"
    names = defaultdict(list)
    for path in sorted(chosen.glob("*.json")):
        names[path.stem.rsplit(".", 1)[0]].append(path)
    slugs = [*[s for s, paths in names.items() if len(paths) > 1][:8], *list(names)[60:90]]
    papers = {slug: paper_of(read_bank_paper(bank / f"{slug}.json")) for slug in slugs}
    published = Path(__file__).parents[2] / "annotations" / "published"
    items, absent = load_key_points([published / slug for slug in slugs], papers)
    assert not absent
    write_with_papers({g.slug: _guess(g.paper, g.readings, n) for n, g in enumerate(items)}, items, tmp_path / "maps")
    (tmp_path / "only").write_text("\n".join(slugs))
    subprocess.run(
        [sys.executable, SHARED / "bench" / "score_keypoints.py", tmp_path / "maps", chosen, bank, "--only",
         tmp_path / "only", "--json", tmp_path / "theirs.json"], check=True, capture_output=True,
    )  # fmt: skip
    theirs = json.loads((tmp_path / "theirs.json").read_text())
    ours, missing = score_maps(items, tmp_path / "maps")
    assert not missing
    for name in OVERALL:
        assert ours[name]["value"] == pytest.approx(theirs[name], abs=5.1e-5), name
        assert ours[name]["interval"] == pytest.approx(theirs[f"{name} interval"], abs=5.1e-5), name
        assert 0 < ours[name]["value"] < 1, name
    for place, told in theirs["places"].items():
        mine = ours["places"][place]
        for name, other in (("right", "precision"), ("best", "best"), ("coverage", "coverage")):
            assert mine[name]["value"] == pytest.approx(told[other], abs=5.1e-5), (place, name)
        assert mine["right"]["n"] == told["shown"]
    assert (ours["papers"], ours["precision"]["n"], ours["answers"]["n"]) == (
        theirs["n"], theirs["shown"], theirs["answers_shown"],
    )  # fmt: skip


def test_links_are_scored_without_what_the_key_points_brought():
    from argmine.annotation.gold_dataset import Gold
    from argmine.argument_map import ArgumentMap, MadeBy, PaperRef, Relation, Unit
    from argmine.evaluation.readings import of_map
    from argmine.readers import read_text

    paper = read_text("Dues rose. Ports must act. It rained.")
    units = tuple(
        Unit(id=s.id, sentence=s.id, label="claim", start=s.start, end=s.end, text=paper.slice(s))
        for s in paper.sentences
    )
    a, b, c = (u.id for u in units)
    brought = Relation(id=f"{c}>{b}", source=c, target=b, label="supports", from_="key_points")
    linked = Relation.between(a, b, "supports")
    made_by = MadeBy(kind="model", name="m")
    amap = ArgumentMap(paper=PaperRef.of(paper), made_by=made_by, units=units, relations=(linked, brought))
    gold = Gold("s", "s", paper, amap, frozenset(s.id for s in paper.sentences))
    assert set(of_map(gold, amap).edges) == {(a, b)}
