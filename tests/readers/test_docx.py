"""Word files: headings by style and by look, lists, notes, tracked changes, text boxes, refused packages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from argmine.readers import Unreadable
from argmine.readers.raw_document import RawBlock, RawDocument
from tests.readers.conftest import read_bytes

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = (
    "Cities grow hotter every year, and most of them have fewer trees than they had when they were small. "
    "We count the trees of three invented cities and ask what they do for the people who live under them."
)


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(write: Callable[[Document], object]) -> RawDocument:
    document = docx.Document()
    write(document)
    return read_bytes("docx", saved(document))


def with_xml(paragraphs: str, **parts: str) -> bytes:
    """A Word file with these paragraphs' XML as its body, and further parts such as footnotes."""
    source = zipfile.ZipFile(io.BytesIO(saved(docx.Document())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                start, _, rest = data.partition(b"<w:body>")
                data = start + b"<w:body>" + paragraphs.encode() + rest[rest.index(b"<w:sectPr") :]
            if name == "word/_rels/document.xml.rels":
                for kind in parts:
                    target = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + kind
                    link = f'<Relationship Id="r{kind}" Type="{target}" Target="{kind}.xml"/></Relationships>'
                    data = data.replace(b"</Relationships>", link.encode())
            package.writestr(name, data)
        for kind, xml in parts.items():
            package.writestr(f"word/{kind}.xml", xml)
    return out.getvalue()


def replaced(data: bytes, part: str, xml: str) -> bytes:
    """The Word file with one part replaced."""
    source = zipfile.ZipFile(io.BytesIO(data))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name, xml if name == part else source.read(name))
    return out.getvalue()


def blocks(draft: RawDocument) -> list[tuple[str, str]]:
    return [(b.type, " ".join(line.text for line in b.lines)) for b in draft.blocks]


def headings(draft: RawDocument) -> list[RawBlock]:
    return [b for b in draft.blocks if b.type == "heading"]


def look(document: Document, text: str, *, bold: bool = False, italic: bool = False, size: float | None = None) -> None:
    run = document.add_paragraph().add_run(text)
    run.bold, run.italic, run.font.size = bold or None, italic or None, Pt(size) if size else None


# --- by style


def test_headings_and_title_by_style() -> None:
    def write(document: Document) -> None:
        document.add_heading("On Trees", 0)
        document.add_heading("Aims", 1)
        document.add_paragraph(BODY)
        document.add_heading("Means", 2)
        document.add_paragraph(BODY)

    draft = read(write)
    assert draft.title == "On Trees"
    assert [(h.lines[0].text, h.level) for h in headings(draft)] == [("Aims", 1), ("Means", 2)]


def test_an_author_in_the_properties_counts_where_the_page_prints_it() -> None:
    def write(document: Document, author: str) -> None:
        document.core_properties.author = author
        document.add_paragraph("On Quays", "Title")
        document.add_paragraph("A study by Ann Ek for the town, https://doi.org/10.1000/182", "Subtitle")
        document.add_paragraph("It is so, as all of them say. " * 20)

    draft = read(lambda document: write(document, "Ann Ek"))
    assert (draft.authors, draft.doi) == (("Ann Ek",), "10.1000/182")
    assert read(lambda document: write(document, "The Typist")).authors == ()


def test_a_style_based_on_a_heading_is_one_whatever_its_name() -> None:
    def write(document: Document) -> None:
        style = document.styles.add_style("Nadpis moj", 1)
        style.base_style = document.styles["Heading 2"]
        document.add_paragraph("Aims", style)
        document.add_paragraph(BODY)

    assert [h.level for h in headings(read(write))] == [2]


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        ("MDPI_7.1_References", "reference"),
        ("referenceitem", "reference"),
        ("figurecaption", "caption"),
        ("Block Text", "quote"),
        ("Abstract", "abstract"),
        ("MDPI_1.8_keywords", "keywords"),
        ("HTML Preformatted", None),
        ("toc 1", "furniture"),
        ("My own text", "paragraph"),
    ],
)
def test_what_the_names_of_styles_say(style: str, kind: str | None) -> None:
    def write(document: Document) -> None:
        names = [s.name for s in document.styles]
        document.add_paragraph(BODY, style if style in names else document.styles.add_style(style, 1))

    assert [b.type for b in read(write).blocks] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("style", "level"), [("MDPI_2.1_heading1", 1), ("heading2", 2), ("Head3", 3), ("papertitle", 0)]
)
def test_headings_of_journals_templates(style: str, level: int) -> None:
    def write(document: Document) -> None:
        document.add_paragraph("On Trees", document.styles.add_style(style, 1))
        document.add_paragraph(BODY)

    draft = read(write)
    assert [h.level for h in headings(draft)] == ([level] if level else [])
    assert draft.title == ("" if level else "On Trees")


def test_an_outline_level_makes_a_heading() -> None:
    xml = f"<w:p {W}><w:pPr><w:outlineLvl w:val='1'/></w:pPr><w:r><w:t>Aims</w:t></w:r></w:p>"
    assert [(h.lines[0].text, h.level) for h in headings(read_bytes("docx", with_xml(xml)))] == [("Aims", 2)]


# --- by look


def manuscript(document: Document) -> None:
    look(document, "On Trees in Three Cities", bold=True, size=14)
    look(document, "Ada Example and Bo Writer")
    look(document, "University of Nowhere")
    look(document, "May 4, 2023")
    look(document, "Abstract", bold=True)
    look(document, BODY)
    look(document, "Why Trees?", bold=True)
    look(document, BODY)
    look(document, "Shade", italic=True)
    look(document, BODY)
    look(document, "This is important.", bold=True)
    look(document, "Cost", italic=True)
    look(document, BODY)
    look(document, "Conclusion:", bold=True)
    look(document, BODY)
    look(document, "References", bold=True)
    look(document, "Example, A. (2020). On trees. Journal of Trees, 3, 4–5.")


def test_headings_by_look_with_levels_by_weight() -> None:
    assert [(h.lines[0].text, h.level) for h in headings(read(manuscript))] == [
        ("Abstract", 1),
        ("Why Trees?", 1),
        ("Shade", 2),
        ("Cost", 2),
        ("Conclusion:", 1),
        ("References", 1),
    ]


def test_the_title_page_by_look() -> None:
    draft = read(manuscript)
    assert (draft.title, draft.year) == ("On Trees in Three Cities", 2023)
    assert draft.authors == ("Ada Example", "Bo Writer")
    assert ("furniture", "University of Nowhere") in blocks(draft)
    assert ("abstract", BODY) in blocks(draft)


def test_a_bold_sentence_is_no_heading() -> None:
    assert ("paragraph", "This is important.") in blocks(read(manuscript))


def test_bold_words_at_a_paragraphs_start_are_a_run_in_heading() -> None:
    def write(document: Document) -> None:
        paragraph = document.add_paragraph()
        paragraph.add_run("Shade and rain. ").bold = True
        paragraph.add_run(BODY)

    draft = read(write)
    assert [(b.type, b.run_in) for b in draft.blocks] == [("heading", True), ("paragraph", False)]
    assert draft.blocks[1].lines[0].text == BODY


def test_an_abstract_and_keywords_that_start_with_their_name() -> None:
    def write(document: Document) -> None:
        for lead, rest in (("Abstract: ", BODY), ("Keywords: ", "trees; heat")):
            paragraph = document.add_paragraph()
            paragraph.add_run(lead).bold = True
            paragraph.add_run(rest)

    assert [kind for kind, _ in blocks(read(write))] == ["heading", "abstract", "keywords"]


def test_bold_that_comes_from_the_style_counts() -> None:
    def write(document: Document) -> None:
        style = document.styles.add_style("Loud", 1)
        style.font.bold = True
        document.add_paragraph(BODY)
        document.add_paragraph("Why Trees?", style)
        document.add_paragraph(BODY)

    assert [h.lines[0].text for h in headings(read(write))] == ["Why Trees?"]


# --- lists, tables, captions


def test_lists_tables_and_captions() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("Oaks live long.", "List Bullet")
        document.add_paragraph("Table 1. Trees by city.", "Caption")
        cells = document.add_table(1, 2).rows[0].cells
        cells[0].text, cells[1].text = "Alder", "12"
        document.add_paragraph("[Figure 2 about here]").alignment = WD_ALIGN_PARAGRAPH.CENTER

    assert blocks(read(write)) == [
        ("list_item", "Oaks live long."),
        ("caption", "Table 1. Trees by city."),
        ("table", "Alder | 12"),
        ("furniture", "[Figure 2 about here]"),
    ]


def test_automatic_numbers_of_headings_are_counted() -> None:
    numbering = f"""<w:numbering {W}><w:abstractNum w:abstractNumId="0">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>
      <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
      </w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""

    def heading(text: str, level: int) -> str:
        number = f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='7'/></w:numPr>"
        style = f"<w:pStyle w:val='Heading{level + 1}'/>"
        return f"<w:p {W}><w:pPr>{style}{number}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    data = with_xml(heading("Aims", 0) + heading("Means", 0) + heading("Trees", 1) + heading("End", 0))
    numbered = replaced(data, "word/numbering.xml", numbering)
    assert [h.number for h in headings(read_bytes("docx", numbered))] == ["I", "II", "II.1", "III"]


def test_levels_that_word_does_not_have_do_no_harm() -> None:
    level = "<w:lvl w:ilvl='99999999999'><w:lvlText w:val='%1'/></w:lvl><w:lvl w:ilvl='x'/>"
    lists = f"<w:abstractNum w:abstractNumId='0'>{level}</w:abstractNum>"
    lists += "<w:num w:numId='7'><w:abstractNumId w:val='0'/></w:num>"
    number = "<w:numPr><w:ilvl w:val='99999999999'/><w:numId w:val='7'/></w:numPr>"
    data = with_xml(f"<w:p {W}><w:pPr>{number}</w:pPr><w:r><w:t>It is so.</w:t></w:r></w:p>")
    data = replaced(data, "word/numbering.xml", f"<w:numbering {W}>{lists}</w:numbering>")
    assert [text for _, text in blocks(read_bytes("docx", data))] == ["It is so."]


# --- what Word hides in its XML


def test_insertions_are_read_and_deletions_are_not() -> None:
    xml = f"""<w:p {W}><w:r><w:t xml:space="preserve">Trees </w:t></w:r>
      <w:del w:id="1"><w:r><w:delText>warm</w:delText></w:r></w:del>
      <w:ins w:id="2"><w:r><w:t xml:space="preserve">cool </w:t></w:r></w:ins>
      <w:moveFrom w:id="3"><w:r><w:t>never</w:t></w:r></w:moveFrom>
      <w:moveTo w:id="4"><w:r><w:t xml:space="preserve">most </w:t></w:r></w:moveTo>
      <w:hyperlink><w:r><w:t>cities</w:t></w:r></w:hyperlink>
      <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>"""
    assert blocks(read_bytes("docx", with_xml(xml))) == [("paragraph", "Trees cool most cities.")]


def test_soft_hyphens_go_and_hard_ones_stay() -> None:
    run = "<w:t>Co</w:t><w:softHyphen/><w:t>operate in mid</w:t><w:noBreakHyphen/><w:t>air.</w:t>"
    document = read_bytes("docx", with_xml(f"<w:p {W}><w:r>{run}</w:r></w:p>"))
    assert blocks(document) == [("paragraph", "Cooperate in mid-air.")]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>Figure 3. Trees by year.</w:t></w:r></w:p></w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    xml = f"""<w:p {W} xmlns:mc="{mc}"><w:r><w:t>It is so.</w:t></w:r><w:r><mc:AlternateContent>
      <mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>
      <mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""
    document = read_bytes("docx", with_xml(xml))
    assert blocks(document) == [("paragraph", "It is so."), ("caption", "Figure 3. Trees by year.")]


def test_footnotes_stand_after_the_paragraph_that_calls_them() -> None:
    note = "<w:footnote w:id='2'><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>See there.</w:t></w:r></w:p></w:footnote>"
    separator = "<w:footnote w:id='0' w:type='separator'><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>"
    call = "<w:r><w:footnoteReference w:id='2'/></w:r>"
    xml = f"<w:p {W}><w:r><w:t>It is</w:t></w:r>{call}<w:r><w:t xml:space='preserve'> so.</w:t></w:r></w:p>"
    data = with_xml(xml, footnotes=f"<w:footnotes {W}>{separator}{note}</w:footnotes>")
    assert blocks(read_bytes("docx", data)) == [("paragraph", "It is so."), ("footnote", "See there.")]


# --- what is refused


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 cut", "cut short"),
        (zipped({"a.txt": b"a"}), "holds no Word document"),
        (zipped({"word/document.xml": b"<a/>"}), "save it as .docx"),
        (zipped({"word/document.xml": b" " * 30_000_000}), "ZIP bomb"),
        (saved(docx.Document())[:-40], "cut short"),
        (with_xml("<w:p><w:r>"), "not well formed"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_bytes("docx", data)


RELATIONS, LINKS, TYPES = "_rels/.rels", "word/_rels/document.xml.rels", "[Content_Types].xml"
DAMAGES = {
    "a relation without a target": (RELATIONS, ' Target="docProps/core.xml"', ""),
    "styles that are the document": (LINKS, 'Target="styles.xml"', 'Target="document.xml"'),
    "two relations for the styles": (LINKS, "microsoft.com/office/2007/relationships/stylesWithEffects",
                                     "openxmlformats.org/officeDocument/2006/relationships/styles"),
    "styles of the type of numbering": (TYPES, "wordprocessingml.styles+xml", "wordprocessingml.numbering+xml"),
    "styles of no type": (TYPES, ' PartName="/word/styles.xml"', ' PartName="/none.xml"'),
    "no body": ("word/document.xml", None, "<a/>"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGES)
def test_a_package_with_damaged_relations_is_refused(what: str) -> None:
    name, old, new = DAMAGES[what]
    data = saved(docx.Document())
    text = zipfile.ZipFile(io.BytesIO(data)).read(name).decode()
    assert old is None or old in text
    with pytest.raises(Unreadable):
        read_bytes("docx", replaced(data, name, new if old is None else text.replace(old, new)))


def test_a_relation_of_no_type_is_passed_over() -> None:
    data = saved(docx.Document())
    text = zipfile.ZipFile(io.BytesIO(data)).read(LINKS).decode()
    kind = ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"'
    assert kind in text
    assert read_bytes("docx", replaced(data, LINKS, text.replace(kind, ""))) is not None


@pytest.mark.parametrize("tag", ["outlineLvl", "ilvl", "sz"])
def test_a_number_of_thousands_of_digits_is_passed_over(tag: str) -> None:
    inner = f'<w:{tag} w:val="{"9" * 5000}"/>'
    place = {"ilvl": f'<w:pPr><w:numPr>{inner}<w:numId w:val="1"/></w:numPr></w:pPr><w:r>',
             "outlineLvl": f"<w:pPr>{inner}</w:pPr><w:r>", "sz": f"<w:r><w:rPr>{inner}</w:rPr>"}[tag]  # fmt: skip
    assert BODY in blocks(read_bytes("docx", with_xml(f"<w:p>{place}<w:t>{BODY}</w:t></w:r></w:p>")))[0][1]


def test_a_frame_whose_only_cell_is_not_in_its_first_row_is_read() -> None:
    cell = f"<w:tc><w:p><w:r><w:t>{BODY}</w:t></w:r></w:p></w:tc>"
    assert BODY in blocks(read_bytes("docx", with_xml(f"<w:tbl><w:tr/><w:tr>{cell}</w:tr></w:tbl>")))[0][1]
