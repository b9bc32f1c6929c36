import json
import shutil
from pathlib import Path

import pytest

from argmine.errors import ModelError
from argmine.model.model import SHIPPED, Model
from argmine.paper import Block, Citation, Paper, Reference, Section, Sentence, Source, Voice
from argmine.scheme import DEFAULT, Attribution

SHIPPED_FOLDER = Path(__file__).parents[2] / "models" / SHIPPED
pytestmark = pytest.mark.skipif(not (SHIPPED_FOLDER / "meta.json").exists(), reason="the shipped model is not here")

SAID = [
    "Small ports lose trade to large ones.",
    "In 2014 twelve of them closed (Miller, 2015).",
    "However, a lack of money makes dredging difficult.",
    "12 345.",
    "Governments should fund the dredging of small ports.",
]


@pytest.fixture(scope="module")
def model():
    return Model.load(SHIPPED_FOLDER)


def paper_of(sentences, language="en", repeat=1):
    text, spans = "", []
    for said in sentences * repeat:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(said)))
        text += said
    cited = text.find("(Miller")
    return Paper(
        source=Source(file="p.txt", sha256="0" * 64, media_type="text/plain", reader="test"),
        language=language, text=text,
        sections=(Section(id="s1", title="", level=1, start=0, end=len(text)),),
        blocks=(Block(id="b1", type="paragraph", start=0, end=len(text), section="s1"),) if text else (),
        sentences=tuple(
            Sentence(id=f"t{i + 1}", start=a, end=z, block="b1", section="s1") for i, (a, z) in enumerate(spans)
        ),
        references=(Reference(id="r1", raw="Miller 2015"),),
        citations=(Citation(start=cited, end=cited + 14, references=("r1",)),) if cited >= 0 else (),
    )  # fmt: skip


def test_units_hold_the_papers_text_and_all_six_probabilities(model):
    paper = paper_of(SAID)
    amap = model.predict(paper)
    amap.check_against(paper)
    assert amap.units
    for unit in amap.units:
        assert unit.scores.keys() == set(DEFAULT.labels)
        assert sum(unit.scores.values()) == pytest.approx(1, abs=1e-9)
        assert unit.score == unit.scores[unit.label]


def test_a_unit_has_the_references_cited_in_it(model):
    found = {u.sentence: u.citations for u in model.predict(paper_of(SAID)).units}
    assert found.get("t2") == ("r1",)
    assert all(not cited for sentence, cited in found.items() if sentence != "t2")


def test_a_sentence_without_letters_is_no_unit(model):
    assert "t4" not in {u.sentence for u in model.predict(paper_of(SAID)).units}


def test_a_paper_without_sentences_has_an_empty_map(model):
    amap = model.predict(paper_of([]))
    assert (amap.units, amap.relations) == ((), ())


def test_a_paper_of_one_sentence_has_its_unit_and_no_relation(model):
    amap = model.predict(paper_of(SAID[4:]))
    assert [unit.label for unit in amap.units] == ["recommendation"]
    assert amap.relations == ()


def test_all_capitals_are_read_as_the_same_words(model):
    usual, loud = (model.predict(paper_of(said)) for said in (SAID, [s.upper() for s in SAID]))
    assert [(u.sentence, u.label) for u in loud.units] == [(u.sentence, u.label) for u in usual.units]


@pytest.mark.slow
def test_ten_thousand_sentences_give_a_map_that_holds(model):
    paper = paper_of(SAID, repeat=2000)
    amap = model.predict(paper)
    amap.check_against(paper)
    assert len(amap.units) > 2000


def test_two_runs_give_the_same_bytes(model):
    first, second = (m.predict(paper_of(SAID)).to_json() for m in (model, Model.load(SHIPPED_FOLDER)))
    assert first == second


def test_linking_keeps_the_given_units(model):
    paper = paper_of(SAID)
    units = model.predict(paper)
    linked = model.link(paper, units.model_copy(update={"relations": ()}))
    assert linked.units == units.units
    assert linked.relations == units.relations


def test_a_paper_that_it_was_not_trained_on_is_not_said_to_be(model):
    assert model.predict(paper_of(SAID)).made_by.trained_on_this_paper is False


def test_another_language_and_unknown_words_are_said(model):
    assert "another language" in model.unlike(paper_of(SAID, language="de", repeat=4))
    gibberish = [f"Zqva{i} wrunt blixorp haggadoon ferrimel." for i in range(20)]
    assert "unknown" in model.unlike(paper_of(gibberish))
    assert model.unlike(paper_of(SAID)) is None  # too short to say


def test_the_digest_follows_weights_and_figures(tmp_path):
    shutil.copytree(SHIPPED_FOLDER, tmp_path / "m")
    before = Model.digest_of(tmp_path / "m")
    assert before == Model.digest_of(tmp_path / "m")
    (tmp_path / "m" / "scores.json").write_text("{}")
    assert Model.digest_of(tmp_path / "m") != before


@pytest.mark.parametrize("name", ["argmine_tagger/encoder.onnx", "argmine_linker/linker.json", "config.cfg"])
@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_model_is_one_line(tmp_path, name, damage):
    shutil.copytree(SHIPPED_FOLDER, tmp_path / "m")
    path = tmp_path / "m" / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelError) as caught:
        Model.load(tmp_path / "m")
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_of_another_format_is_refused(tmp_path):
    shutil.copytree(SHIPPED_FOLDER, tmp_path / "m")
    meta = json.loads((tmp_path / "m" / "meta.json").read_text())
    meta["argmine"]["format"] = 99
    (tmp_path / "m" / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(ModelError, match="99"):
        Model.load(tmp_path / "m")


def test_a_folder_without_a_model_is_one_line(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelError, match="there is no model here"):
            Model.load(path)


def test_units_in_a_voice_of_the_paper_are_reported_and_the_map_tells_the_voice(model):
    paper = paper_of(SAID, repeat=3)
    first, last = paper.sentences[5], paper.sentences[9]
    paper = paper.model_copy(update={"voices": (Voice(start=first.start, end=last.end, whose="a dissent"),)})
    amap = model.predict(paper)
    inside = [u.attribution for u in amap.units if first.start <= u.start < last.end]
    assert set(inside) == {Attribution.REPORTED}
    assert [u.attribution for u in amap.units if u.start < first.start] == [
        u.attribution for u in model.predict(paper_of(SAID, repeat=3)).units if u.start < first.start
    ]
    assert [(v.sentences, v.whose) for v in amap.voices] == [(("t6", "t10"), "a dissent")]
