"""The second truth: summaries apart from their papers, what is shown first, and how like both are."""

import json

import numpy as np
import pytest

from argmine.annotation.bank import BankPaper, bare_paper
from argmine.argument_map import MapKeyPoints
from research.key_points import summaries
from research.key_points.baselines import entries
from research.key_points.second_truth import Case, by_ranking, figures, first_screen, lines, main, measured, report
from research.key_points.summaries import summarised, syllabus, typed_abstract, within

TEXTS = [f"Sentence number {n} says something of its own." for n in ("one", "two", "three", "four", "five", "six")]
PAPER = bare_paper("cables", "Cables", [(text, None) for text in TEXTS])

ARTICLE = b"""<article><front><article-meta>
<abstract><p>Of the abstract.</p></abstract>
<abstract abstract-type="summary"><object-id>10.1/x</object-id><title>Author Summary</title>
<p>First we asked.<xref>1</xref> Then we knew.</p></abstract>
<abstract abstract-type="highlights"><p><list><list-item><p>One point</p></list-item>
<list-item><p>Another point</p></list-item></list></p></abstract>
</article-meta></front></article>"""


def test_an_abstract_of_a_type_is_read_without_title_and_marks():
    assert list(typed_abstract(ARTICLE, "summary")) == ["First we asked.", "Then we knew."]


def test_each_point_of_a_list_is_a_sentence():
    assert list(typed_abstract(ARTICLE, "highlights")) == ["One point", "Another point"]


def test_what_stands_below_a_title_goes_with_it():
    headings = [("", 1), ("Executive summary", 1), ("Why", 2), ("How", 3), ("Full paper", 1), ("Why", 2)]
    assert within(headings, "^executive summary$") == [False, True, True, True, False, False]


def bank(*sections):
    said = [(section, text) for section, texts in sections for text in texts]
    sentences = [{"n": n, "text": t, "section": s, "level": 1, "label": "none"} for n, (s, t) in enumerate(said, 1)]
    return {"crs": BankPaper.model_validate({"slug": "crs", "title": "A report", "sentences": sentences})}


ROW = {"slug": "crs", "kind": "policy report", "truth": "report summary", "bank": "crs", "sections": "^Summary$"}


def test_a_summary_is_no_part_of_what_is_read(tmp_path):
    told = summarised(ROW, tmp_path, bank(("Summary", TEXTS[:2]), ("Body", TEXTS[2:])))
    assert told.summary == tuple(TEXTS[:2])
    assert [s.id for s in told.paper.sentences] == ["t3", "t4", "t5", "t6"]
    assert not any(text in told.paper.text for text in told.summary)


@pytest.mark.parametrize(("section", "lacks"), [("Summary", "text"), ("Body", "summary")])
def test_a_paper_needs_a_summary_and_a_text_beside_it(tmp_path, section, lacks):
    with pytest.raises(ValueError, match=f"has no {lacks}"):
        summarised(ROW, tmp_path, bank((section, TEXTS)))


def test_a_syllabus_is_what_was_held_without_note_facts_and_disposal(monkeypatch):
    pages = [
        ["(Slip Opinion) OCTOBER TERM, 2013 1", "Syllabus", "NOTE: Where it is feasible, a syllabus will be",
         "SUPREME COURT OF THE UNITED STATES", "No. 12-1. Argued May 1, 2013—Decided June 2, 2013",
         "A ship was late.", "Held: The owner must pay. Pp. 3–7."],
        ["Syllabus", "(a) He knew of the delay. P. 4.", "680 F. 3d 577, reversed.",
         "KAGAN, J., delivered the opinion for a unanimous Court."],
        ["Opinion of the Court", "The owner must pay, we hold."],
    ]  # fmt: skip
    monkeypatch.setattr(summaries, "printed_pages", lambda data: [[(0.0, line) for line in page] for page in pages])
    assert syllabus(b"") == "The owner must pay. (a) He knew of the delay."


def test_the_first_screen_has_two_theses_and_two_reasons_each_sentence_once():
    points = MapKeyPoints(thesis=entries(PAPER, ["t1", "t2", "t3"]), reasons=entries(PAPER, ["t2", "t4", "t5"]))
    assert first_screen(points) == [TEXTS[0], TEXTS[1], TEXTS[3]]
    assert first_screen(None) == []


def test_a_baseline_shows_as_many_sentences():
    assert by_ranking("lead", PAPER) == TEXTS[:4]


def like(shown, summary):
    return {"shared": len(set(shown) & set(summary)) / len(summary)}


def case(slug, truth="syllabus", **shown):
    return Case(slug, "judgment", truth, ["a", "b"], shown)


def test_figures_stand_for_all_and_for_each_kind():
    cases = [case(str(n), model=["a", "b"], lead=["a"]) for n in range(4)] + [case("x", "digest", model=[], lead=["a"])]
    told = report(measured(cases, like), ["model", "lead"])
    assert told["all"]["n"] == 5
    assert told["all"]["shared"]["model"]["value"] == 0.8
    assert told["summary: syllabus"]["shared"]["against"]["lead"]["value"] == 0.5
    assert told["summary: digest"]["shared"]["model"]["value"] == 0.0
    assert set(told["by paper"]) == {"0", "1", "2", "3", "x"}


def test_readers_stand_beside_the_others_on_their_papers_alone():
    cases = [case("1", model=["a"], readers=["a", "b"]), case("2", model=["a", "b"])]
    told = report(measured(cases, like), ["model"])["where readers chose"]
    assert (told["n"], told["shared"]["model"]["value"], told["shared"]["readers"]["value"]) == (1, 0.5, 1.0)


def test_a_group_without_papers_is_left_out_of_the_table():
    told = report(measured([case("1", model=["a"])], like), ["model"])
    assert not any("readers" in line for line in lines(told))
    assert figures([], ["model"]) == {"n": 0}


def test_papers_and_maps_become_a_report(tmp_path, monkeypatch):
    likeness = pytest.importorskip("research.key_points.likeness")
    monkeypatch.setattr(likeness, "likeness_of", lambda folder: like)
    place = tmp_path / "papers" / "cables"
    place.mkdir(parents=True)
    (place / "paper.json").write_text(PAPER.to_json())
    about = {"kind": "report", "truth": "summary", "summary": [TEXTS[0], TEXTS[5]]}
    (place / "summary.json").write_text(json.dumps(about))
    main(["score", str(tmp_path / "papers"), "--maps", f"model={tmp_path}", "--report", str(tmp_path / "out.json")])
    told = json.loads((tmp_path / "out.json").read_text())["all"]["shared"]
    assert told["lead"]["value"] == 0.5
    assert told["model"]["value"] == 0.0


def test_vectors_are_matched_both_ways():
    likeness = pytest.importorskip("research.key_points.likeness")
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert likeness.matched(np.stack([east]), np.stack([east, north])) == pytest.approx(2 / 3)
    assert likeness.matched(np.stack([east]), np.stack([north])) == 0.0


def test_texts_are_cut_to_a_number_of_words_together():
    likeness = pytest.importorskip("research.key_points.likeness")
    assert likeness.first_words(["One two three.", "Four five.", "Six."], 4) == ["One two three.", "Four"]
