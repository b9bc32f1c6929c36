"""What is more than a paper gives one line that names the file, the limit and what to do; and gives it early."""

import json
import pickle

import pytest

from argmine.errors import ReadError
from argmine.paper import Paper
from argmine.readers import ReadOptions, raw_document, read_paper
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine, Tally, TooMuch

SENTENCE = "The council should measure how long ships wait. "


@pytest.fixture
def small(monkeypatch):
    """Limits that a small file reaches."""
    for name, most in {
        "MOST_BLOCKS": 20, "MOST_SENTENCES": 30, "MOST_CHARACTERS": 2000, "ALWAYS_FINE": 500, "MOST_FOR_A_BYTE": 2,
        "MOST_LINES": 100, "MOST_MARKUP": 200, "MOST_JSON": 20_000, "MOST_DEPTH": 4,
    }.items():  # fmt: skip
        monkeypatch.setattr(raw_document, name, most)


def refused(path, data, **options):
    """The one line that reading these bytes gives."""
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(ReadError) as caught:
        read_paper(path, ReadOptions(**options))
    message = str(caught.value)
    assert path.name in message
    assert len(message.splitlines()) == 1
    return message


def web(body):
    return f"<html><body><main><h1>Ships</h1><p>{SENTENCE}</p>{body}</main></body></html>"


def jats(body):
    return f"<article><front/><body><p>{SENTENCE}</p>{body}</body></article>"


def tei(body):
    return (
        f'<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body><div><p>{SENTENCE}</p>{body}</div></body></text></TEI>'
    )


def word(body):
    from research.damage.greedy import paragraph, word_file, word_xml

    return word_file({"word/document.xml": word_xml(paragraph(SENTENCE) + body)})


def paper_json(**changes):
    data = {
        "schema": "argmine/paper/1", "source": {"file": "a", "sha256": "b", "media_type": "c", "reader": "d"},
        "text": SENTENCE, "blocks": [{"id": "b1", "type": "paragraph", "start": 0, "end": 47}],
        "sentences": [{"id": "t1", "block": "b1", "start": 0, "end": 47}],
    }  # fmt: skip
    return json.dumps(data | changes)


MANY = {
    "text": ("a.txt", lambda: f"{SENTENCE}\n\n" * 25),
    "Markdown": ("a.md", lambda: f"{SENTENCE}\n\n" * 25),
    "HTML": ("a.html", lambda: web(f"<p>{SENTENCE}</p>" * 25)),
    "JATS": ("a.xml", lambda: jats(f"<p>{SENTENCE}</p>" * 25)),
    "TEI": ("a.xml", lambda: tei(f"<p>{SENTENCE}</p>" * 25)),
    "Word": ("a.docx", lambda: word(f"<w:p><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>" * 25)),
    "paper.json": (
        "a.json",
        lambda: paper_json(blocks=[{"id": f"b{i}", "type": "caption", "start": 0, "end": 5} for i in range(1, 25)]),
    ),
}


@pytest.mark.parametrize(("name", "make"), MANY.values(), ids=MANY)
def test_more_blocks_than_a_paper_has_are_refused(small, monkeypatch, tmp_path, name, make):
    monkeypatch.setattr(raw_document, "MOST_CHARACTERS", 10**6)
    monkeypatch.setattr(raw_document, "MOST_FOR_A_BYTE", 10**6)
    assert "20 blocks" in refused(tmp_path / name, make())


LONG = {
    "text": ("a.txt", lambda: SENTENCE * 60),
    "Markdown": ("a.md", lambda: SENTENCE * 60),
    "HTML": ("a.html", lambda: web(f"<p>{SENTENCE * 60}</p>")),
    "JATS": ("a.xml", lambda: jats(f"<p>{SENTENCE * 60}</p>")),
    "TEI": ("a.xml", lambda: tei(f"<p>{SENTENCE * 60}</p>")),
    "Word": ("a.docx", lambda: word(f"<w:p><w:r><w:t>{SENTENCE * 60}</w:t></w:r></w:p>")),
    "paper.json": ("a.json", lambda: paper_json(text=SENTENCE * 60)),
}


@pytest.mark.parametrize(("name", "make"), LONG.values(), ids=LONG)
def test_more_text_than_a_paper_has_is_refused(small, tmp_path, name, make):
    assert "2,000 characters" in refused(tmp_path / name, make())


@pytest.mark.parametrize("engine", ["pdfium", "pdfplumber"])
def test_more_text_than_a_paper_has_is_refused_in_a_pdf_at_the_page_that_has_it(small, tmp_path, monkeypatch, engine):
    from random import Random

    from argmine.readers.pdf import pdfium, plumber
    from research.damage.pdf_made import page_content, paper, stream

    read = []
    for module, name in ((pdfium, "read_page"), (plumber, "_read_page")):
        true = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, true=true: read.append(1) or true(*a))
    monkeypatch.setattr(raw_document, "ALWAYS_FINE", 10**6)
    data = paper([stream(page_content(Random(1), 10))] * 20)
    assert "2,000 characters" in refused(tmp_path / "a.pdf", data, reader=engine)
    assert len(read) < 10


@pytest.mark.parametrize(("name", "make"), [("a.txt", lambda: SENTENCE * 35), ("a.html", lambda: web(SENTENCE * 35))])
def test_more_sentences_than_a_paper_has_are_refused(small, tmp_path, name, make):
    assert "30 sentences" in refused(tmp_path / name, make())


def test_more_sentences_than_a_paper_has_are_refused_in_a_paper_json(small, tmp_path):
    spans = [{"id": f"t{i}", "block": "b1", "start": i, "end": i + 1} for i in range(40)]
    assert "30 sentences" in refused(tmp_path / "a.json", paper_json(sentences=spans))


def test_sentences_are_counted_while_they_are_split(small, tmp_path, monkeypatch):
    from argmine.readers import build

    split = []
    true = build.split_sentences
    monkeypatch.setattr(build, "split_sentences", lambda text, **how: split.append(1) or true(text, **how))
    refused(tmp_path / "a.txt", f"{SENTENCE * 4}\n\n" * 10)
    assert len(split) < 10


def test_text_that_its_file_could_not_say_is_refused(small, tmp_path, monkeypatch):
    from argmine.readers import text

    endless = RawDocument([RawBlock("paragraph", [RawLine(SENTENCE * 15)])])
    monkeypatch.setattr(text, "read", lambda file, options: endless)
    assert "for each byte" in refused(tmp_path / "a.txt", "Short.")


def test_a_note_that_is_called_again_and_again_is_text_that_its_file_could_not_say(small, monkeypatch):
    monkeypatch.setattr(raw_document, "MOST_CHARACTERS", 10**6)
    tally = Tally(size=1000)
    for _ in range(41):
        tally.add(len(SENTENCE), blocks=0)
    with pytest.raises(TooMuch, match="for each byte"):
        tally.add(len(SENTENCE), blocks=0)


def test_a_short_text_may_be_longer_than_its_file():
    raw_document.check_characters(raw_document.ALWAYS_FINE, 1)


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize("end", ["\n", "\r"])
def test_more_lines_than_a_text_has_are_refused(small, tmp_path, name, end):
    assert "100 lines" in refused(tmp_path / name, SENTENCE + end * 200)


MARKED = {
    "HTML": ("a.html", lambda: web("<i>a</i>" * 250)),
    "JATS": ("a.xml", lambda: jats("<i>a</i>" * 250)),
    "TEI": ("a.xml", lambda: tei("<hi>a</hi>" * 250)),
}


@pytest.mark.parametrize(("name", "make"), MARKED.values(), ids=MARKED)
def test_more_elements_than_a_paper_has_are_refused_before_they_are_parsed(small, tmp_path, monkeypatch, name, make):
    import lxml.etree
    import lxml.html

    def never(*_, **__):
        raise AssertionError("it was parsed")

    monkeypatch.setattr(lxml.html, "document_fromstring", never)
    monkeypatch.setattr(lxml.etree, "fromstring", never)
    assert "200 elements" in refused(tmp_path / name, make())


@pytest.mark.parametrize("piece", ["|1|2|3|\n", "- a\n", "-\n", "> a\n\n", "# A\n"])
def test_markdowns_marks_are_counted_while_they_are_parsed(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(raw_document, "MOST_MARKUP", 2000)
    text = f"{SENTENCE}\n\n|a|b|c|\n|-|-|-|\n" if piece.startswith("|") else f"{SENTENCE}\n\n"
    assert "2,000 elements" in refused(tmp_path / "a.md", text + piece * 5000)


@pytest.mark.slow
def test_markdowns_marks_within_a_line_are_not_kept(tmp_path):
    import tracemalloc

    path = tmp_path / "a.md"
    path.write_text(f"{'*so* it **says**. ' * 300}\n\n" * 40)
    read_paper(path)  # what libraries keep for good
    tracemalloc.start()
    try:
        from argmine.readers.markdown import read_markdown

        read_markdown(path.read_text())
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()


def test_a_paragraph_of_markdown_that_is_none_keeps_its_marks(monkeypatch):
    from argmine.readers import markdown

    monkeypatch.setattr(markdown, "_LONGEST_PARAGRAPH", 1000)
    draft = markdown.read_markdown("It *says* so. " * 100 + "\n\nIt *says* so.")
    assert [("*" in block.lines[0].text) for block in draft.blocks] == [True, False]


def test_markdowns_links_know_the_addresses_that_follow_them():
    from argmine.readers.markdown import read_markdown

    draft = read_markdown("It [says so][a] &amp; more \\* here.\n\n[a]: http://example.org\n")
    assert draft.blocks[0].lines[0].text == "It says so & more * here."


def test_a_paper_json_that_is_too_large_is_not_parsed(small, tmp_path, monkeypatch):
    monkeypatch.setattr(Paper, "from_file", None)
    assert "MiB" in refused(tmp_path / "a.json", paper_json(unknown="x" * 30_000))


def test_sections_that_stand_too_deep_in_each_other_are_refused(small, tmp_path):
    text = "".join(f"{'#' * level} Part {level}\n\n{SENTENCE}\n\n" for level in range(1, 7))
    assert "4 deep" in refused(tmp_path / "a.md", text)


def test_sections_that_stand_too_deep_are_refused_in_a_paper_json(small, tmp_path):
    sections = [{"id": "s1", "title": "A", "level": 10**6, "start": 0, "end": 5}]
    assert "4 deep" in refused(tmp_path / "a.json", paper_json(sections=sections))


def test_a_limit_may_come_from_another_process():
    why = pickle.loads(pickle.dumps(TooMuch("is too much")))
    assert (type(why), why.reason) == (TooMuch, "is too much")


def test_a_book_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(["The Book", *([SENTENCE * 5] * 3000)]))
    assert len(read_paper(path).sentences) == 15_000


def test_front_matter_without_a_title_is_read(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(f"---\ntitle:\nauthor: [Jo Doe]\n---\n# Ships\n\n{SENTENCE}\n")
    assert read_paper(path).sentences
