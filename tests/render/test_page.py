import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser

import pytest

from argmine.argument_map import ArgumentMap, MadeBy, Scores
from argmine.model.sentence_context import Reason
from argmine.paper import Box
from argmine.render.highlight import notes_of
from argmine.render.page import map_html

from .conftest import LONG_WORD, poison, with_points


class Page(HTMLParser):
    """Tags with attributes, and the text, as a browser reads them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self._open = [], [], ""
        self.raw = {"script": [], "style": []}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._open = tag
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open in self.raw:
            self.raw[self._open].append(data)
        else:
            self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    def attributes(self, name):
        return [a[name] for _, a in self.tags if name in a]

    def with_class(self, name):
        return [a for _, a in self.tags if name in (a.get("class") or "").split()]


def data_of(html):
    return json.loads(Page(html).raw["script"][1])


def test_page_holds_text_headings_and_marked_units(small):
    page = Page(map_html(*small))
    assert "The article has four parts." in page.text
    assert "Proposals" in page.text
    assert [a["id"] for a in page.with_class("u")] == [u.id for u in small[1].units]


def test_text_of_each_marked_unit_is_the_units_text(small):
    html = map_html(*small)
    for unit in small[1].units:
        inner = re.search(rf'<a class="u [^>]*id="{unit.id}"[^>]*>(.*?)</a>', html)[1]
        bare = re.sub(r'<b class="m.*?</b>', "", inner)
        assert re.sub(r"<[^>]+>", "", bare) == unit.text


def test_head_says_who_made_the_map_and_what_it_is_worth(small):
    page = Page(map_html(*small, notes=["Unlike the training papers."]))
    assert "Made by the model argmine-en 0.1." in page.text
    assert "On 183 unseen papers this model reaches macro-F1 0.46 [0.43, 0.49] for the labels." in page.text
    assert "language-model annotators" in page.text
    assert "Unlike the training papers." in page.text


def test_baseline_and_agreement_stand_beside_the_models_figures(small):
    paper, amap = small
    figures = {"macro5": {"value": 0.46}, "baseline": {"macro5": 0.301}, "link": 0.35, "agreement": 0.869}
    page = Page(map_html(paper, amap.model_copy(update={"scores": Scores(model=figures)})))
    said = "macro-F1 0.46 for the labels (cue phrases 0.30) and F1 0.35 for the links; two annotators agree at 0.87."
    assert said in page.text


def test_a_paper_of_the_training_shows_no_score(small):
    paper, amap = small
    seen = amap.made_by.model_copy(update={"trained_on_this_paper": True})
    scores = Scores(model=amap.scores.model, gold={"macro5": 0.99})
    page = Page(map_html(paper, amap.model_copy(update={"made_by": seen, "scores": scores})))
    assert "trained on this paper, so no score is shown" in page.text
    assert "0.99" not in page.text


def test_gold_score_of_the_paper_is_shown(small):
    paper, amap = small
    scores = Scores(model=amap.scores.model, gold={"macro5": 0.51, "link": {"value": 0.3}})
    assert (
        "this paper's gold: macro-F1 0.51, links F1 0.30"
        in Page(map_html(paper, amap.model_copy(update={"scores": scores}))).text
    )


@pytest.mark.parametrize(
    ("role", "said"),
    [("independent", "Annotated by B, without seeing suggestions."), ("adjudicated", "Adjudicated annotation (B).")],
)
def test_annotators_map_says_so_and_shows_no_model_figures(small, role, said):
    paper, amap = small
    by = MadeBy(kind="annotator", name="B", role=role, mode="blind")
    page = Page(map_html(paper, amap.model_copy(update={"made_by": by})))
    assert said in page.text
    assert "unseen papers" not in page.text


def test_policy_names_exactly_the_inlined_script_and_style(small):
    page = Page(map_html(*small))
    policy = next(a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    for kind, text in (("script", page.raw["script"][-1]), ("style", page.raw["style"][0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_page_asks_for_nothing_from_elsewhere(small):
    page = Page(map_html(*small))
    assert not page.attributes("src")
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert not re.search(
        r"url\((?!#)|@import|fetch\(|XMLHttp|innerHTML", "".join(page.raw["style"] + page.raw["script"])
    )


def test_equal_input_gives_equal_bytes(small):
    assert map_html(*small) == map_html(*small)


def test_relations_stand_in_a_table(small):
    page = Page(map_html(*small))
    rows = [a for t, a in page.tags if t == "tr" and "data-source" in a]
    assert [(a["data-source"], a["data-target"]) for a in rows] == [(r.source, r.target) for r in small[1].relations]


def test_units_list_says_whose_view_page_and_citations(small):
    text = " ".join(Page(map_html(*small)).text.split())
    assert "80 % p. 1 view of others 1 citation Evidence" in text


def test_cited_works_reach_the_page(small):
    data = data_of(map_html(*small))
    cited = {u["id"]: u["citations"] for u in data["units"]}
    assert [data["references"][r] for r in cited["t5"]] == ["Author, B. (2020). A cited work."]


def test_reasons_reach_the_page_five_a_unit(small):
    reasons = {"t1": [Reason("word", f"w{n}", 1.0 - n / 10) for n in range(9)]}
    whys = {u["id"]: u["why"] for u in data_of(map_html(*small, reasons=reasons))["units"]}
    assert whys["t1"] == [["word", f"w{n}", round(1.0 - n / 10, 2)] for n in range(5)]
    assert whys["t2"] == []


def test_a_relation_that_the_key_points_brought_says_so_in_page_and_table(small):
    paper, amap = small
    brought = amap.relations[4].model_copy(update={"from_": "key_points"})
    html = map_html(paper, amap.model_copy(update={"relations": (*amap.relations[:4], brought)}))
    assert [r.get("from") for r in data_of(html)["relations"]] == [None] * 4 + ["key_points"]
    assert html.count('title="an answer or reason among the key points"') == 1


def test_the_first_screens_figures_stand_beside_the_models(small):
    paper, amap = small
    figures = {"macro5": 0.46, "key_points": {"hit@1": [0.75, 0.58, 0.92], "precision": [0.63, 0.5, 0.7],
                                              "coverage": ["x"], "papers": 24}}  # fmt: skip
    text = Page(map_html(paper, amap.model_copy(update={"scores": Scores(model=figures)}))).text
    assert (
        "Key points, on 24 unseen papers: the first thesis shown is one of the paper's in 75 % [58, 92]; "
        "63 % [50, 70] of the entries are right." in text
    )


def voiced(html):
    """The runs of other voices: whose, and the text from there to the end of the run's last block."""
    runs = re.findall(r'<div class="voice".*?aria-label="(.*?)">(.*?)</div>', html, re.DOTALL)
    return [(said, " ".join(re.sub(r"<[^>]+>", " ", inside).split())) for said, inside in runs]


def test_a_voice_is_marked_from_its_first_sentence_to_its_last(make):
    said = [("A", None, "One."), ("A", None, "Two."), ("A", None, "Three."), ("A", None, "Four.")]
    html = map_html(*with_points(make(said), voices=[("t2", "t3", "Justice X, dissenting")]))
    assert voiced(html) == [("Not the author speaking: Justice X, dissenting", "Justice X, dissenting Two. Three.")]


def test_a_voice_over_several_sections_is_one_run(small):
    html = map_html(*with_points(small, voices=[("t4", "t8", "a critic"), ("t9", "t9", "a mayor")]))
    assert [said for said, _ in voiced(html)] == [
        "Not the author speaking: a critic", "Not the author speaking: a mayor",
    ]  # fmt: skip
    assert [u["id"] for u in data_of(html)["units"] if u["voice"] == "a critic"] == ["t4", "t5", "t6", "t7", "t8"]


def test_a_note_in_the_pdf_says_whose_words_it_stands_in(small):
    notes = notes_of(with_points(small, voices=[("t4", "t5", "a critic")])[1])
    assert [id for id, note in notes.items() if "in another voice: a critic" in note] == ["t4", "t5"]


def test_a_paper_that_is_all_quoted_is_one_run(small):
    html = map_html(*with_points(small, voices=[("t1", "t10", "a speaker")]))
    assert len(voiced(html)) == 1


def test_a_text_without_voices_is_set_as_it_was(small):
    assert "whose" not in map_html(*small).split("<article")[1].split("</article")[0]


def test_what_to_expect_at_a_threshold_reaches_the_page(small):
    paper, amap = small
    table = [{"threshold": 0.5, "precision": 0.7, "recall": 0.3}, {"threshold": 0.0, "precision": 0.5, "recall": 0.6},
             {"threshold": "x", "precision": 0.7, "recall": 0.3}, {"threshold": 0.9}, 7]  # fmt: skip
    amap = amap.model_copy(update={"scores": Scores(model={"thresholds": table})})
    assert data_of(map_html(paper, amap))["thresholds"] == [[0.0, 0.5, 0.6], [0.5, 0.7, 0.3]]


def test_sections_can_be_chosen_where_units_stand(small):
    page = Page(map_html(*small))
    assert [a["value"] for t, a in page.tags if t == "option"] == [
        "", *(s.id for s in small[0].sections), "", "own", "reported"
    ]  # fmt: skip


def test_page_numbers_stand_where_pages_begin(small):
    page = Page(map_html(*small))
    assert len(page.with_class("page")) == 2


def test_a_page_break_inside_a_unit_is_marked_there(make):
    paper, amap = make([("A", "claim", "One sentence that a page break cuts in two.")])
    middle = paper.text.index("page")
    end = len(paper.text.rstrip())
    boxes = (Box(1, 0, 0, 9, 9, paper.sentences[0].start, middle), Box(2, 0, 0, 9, 9, middle, end))
    blocks = tuple(b.model_copy(update={"boxes": boxes}) if b.type == "paragraph" else b for b in paper.blocks)
    html = map_html(paper.model_copy(update={"blocks": blocks}), amap)
    assert 'that a <span class="page"><span class="vh">page </span>2</span>page break' in html


def test_run_in_heading_keeps_its_place(make):
    paper, amap = make([("", "claim", "Costs. Trees are cheap over their whole life.")])
    unit = amap.units[0].model_copy(update={"start": 7, "text": "Trees are cheap over their whole life."})
    section = paper.sections[0].model_copy(update={"heading": (0, 6), "title": "Costs"})
    html = map_html(paper.model_copy(update={"sections": (section,)}), amap.model_copy(update={"units": (unit,)}))
    assert '<strong class="run-in" id="am-s1">Costs.</strong> <a class="u claim"' in html


def test_empty_map_says_so(make):
    page = Page(map_html(*make([("A", None, "Nothing is argued here.")])))
    assert "No units of argument were found in this paper." in page.text
    assert "No relations between units were found in this paper." in page.text


def test_map_of_another_text_is_refused(small, make):
    other, _ = make([("A", "claim", "Something else.")])
    with pytest.raises(ValueError, match="does not stand in the paper's text"):
        map_html(other, small[1])


def test_hostile_text_stays_text(poisoned, small):
    page, plain = Page(map_html(*poisoned)), Page(map_html(*small))
    assert {t for t, _ in page.tags} <= {t for t, _ in plain.tags} | {"details", "summary", "ul", "li"}
    assert len(page.raw["script"]) == 3  # scheme, data, program
    allowed = {name for _, a in plain.tags for name in a} | {"hidden", "disabled"}
    assert {name for _, a in page.tags for name in a} <= allowed
    assert all(href.startswith("#") for href in page.attributes("href"))


def test_hostile_text_is_shown_as_it_is(poisoned, hostile):
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", hostile)
    head = shown.split(" ", 1)[0]
    assert head in Page(map_html(*poisoned)).text


def test_data_survives_hostile_text(poisoned, hostile):
    assert data_of(map_html(*poisoned))["units"][0]["text"] == f"{hostile} a claim."


@pytest.mark.parametrize(("bare", "most"), [(True, 12_000_000), (False, 20_000_000)])
def test_endless_word_is_no_trouble(bare, most):
    start = time.perf_counter()
    html = map_html(*poison(LONG_WORD, bare=bare))
    assert time.perf_counter() - start < 10
    assert len(html) < most  # each endless field once or twice, whatever shows it, a key point's in map.json once more


def test_page_of_a_long_paper_stays_below_a_megabyte(make):
    labels = ["claim", "evidence", None, "challenge", "recommendation", "motivation"]
    said = "Sentence {} about thing {} says what takes about as many words as sentences of papers often do, and {}."
    paper, amap = make(
        [(f"Part {n // 40}", labels[n % 6], said.format(n, n % 17, n * n)) for n in range(420)],
        [(f"t{n + 1}", f"t{n}", "supports") for n in range(1, 420, 6)],
    )
    assert len(map_html(paper, amap).encode()) < 1_000_000


def test_map_read_back_from_json_gives_the_same_page(small):
    paper, amap = small
    again = ArgumentMap.model_validate(json.loads(amap.to_json()))
    assert map_html(paper, again) == map_html(paper, amap)
