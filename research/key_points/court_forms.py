"""The forms of judgments: reporters' XML, HTML and Markdown, and the Supreme Court's slip opinions as they are printed.

What a reader gets and gives is told in forms.py.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import lxml.html
import pdfplumber

from research.key_points.blocks import (
    BLOCK_TAG,
    Block,
    Part,
    blocks_under,
    cut,
    decoded,
    element_text,
    elements,
    local,
    named,
    only_marks,
    open_ended,
    paragraphs,
    parsed,
    tidy,
    untagged,
    untagged_text,
)

# Opinions in reporters and on sites

JUDGE = re.compile(
    r"(?:(?:[A-Z][A-Za-z.’'-]+,? ){1,6}(?:(?:Presiding|Chief|Acting|Associate|Vice|Senior|P\.|C\.|A\.C\.) ?)*"
    r"(?:Judge|Justice|J\.|JJ\.|C\.J\.|P\.J\.|C\. ?J\.)[^.]{0,40}"
    r"(?:\((?:dissenting|concurring)[^)]*\))?|[A-Z][\w.]+, J\., (?:concurring|dissenting).*)[.:]?"
)
OPINION_BY = re.compile(
    r"(?:(?:Mr\.|Justice|Chief|The Chief) .*"
    r"(?:delivered the opinion of the court|(?:dissenting|concurring)"
    r"(?: in part| in the judgment| in the result| and dissenting in part)?|announced the judgment of the Court.*)"
    r"|Per Curiam)[.:]?",
    re.IGNORECASE,
)
SEPARATE_OPINION = re.compile(
    r"(?:J\.|JJ\.|Justice),? ?\(?(?:concurring|dissenting|dissents)|delivered the opinion of the Court"
)


def judged(text: str) -> Block:
    """A heading where the line names the judge who goes on or numbers a part, else a paragraph."""
    if len(text) < 100 and re.fullmatch(r"(?:[A-Z]|[IVX]+|\d+)\.?|[^a-z.]*[A-Z]{4}[^a-z.]*|[IVX]+\. [^a-z.]+", text):
        return 2, text
    if len(text) < 260 and OPINION_BY.fullmatch(text):
        return 1, text
    if len(text) < 160 and (JUDGE.fullmatch(text) or SEPARATE_OPINION.search(text)):
        return 1, text
    if (
        len(text) < 110
        and not re.search(r"[.!?:;,]$", text)
        and re.match(r"[A-Z]|\d+\.", text)
        and not re.search(r"[a-z] [a-z]+ [a-z]+ [a-z]+ [a-z]+", text)
    ):
        return 2, text
    return 0, text


PAGE_MARK = re.compile(
    r"\s?\[\*?\d+ (?:[A-Z][\w.’' ]{0,24}\.? ?(?:\d[a-z]{1,2})?) ?\d+(?:\s?,[^\]]{3,40})*\s?\]\s?"
    r"|\s?\[Page \d+\]\s?|\s?\[\d+ [A-Z][^\]]{1,25} \d+\]"
)


def fastcase(files: list[bytes], part: Part) -> Iterator[Block]:
    """A judgment in the XML of the Caselaw Access Project: the opinions without reporters' page marks and notes."""
    text = decoded(files[0])
    text = text[text.find("<CaseHtml>") + len("<CaseHtml>") : text.find("</CaseHtml>")]
    text = re.split(r"-{6,}\s*(?:<[^>]*>\s*)*Notes?:", html.unescape(html.unescape(text)))[0]
    text = re.sub(r"(?si)<SMALL>.*?</SMALL>|<SUP>.*?</SUP>", "", text)
    text = re.sub(r"(?i)</?(?:I|B|STRONG|EM|U|A|FONT|SPAN)\b[^>]*>", "", text)
    joined = ""
    for line in BLOCK_TAG.split(cut(text, part)):
        piece = tidy(re.sub(r"\s?\[\d+\]\s?(?=[A-Z])", " ", PAGE_MARK.sub(" ", untagged(line))))
        if only_marks(piece):
            continue
        indented = line.startswith("\u00a0") and not piece[0].islower()
        if joined and not indented and not re.search(r"[.!?:;”\"’)]$", joined) and not joined.isupper():
            joined += " " + piece
            continue
        if joined:
            yield judged(joined)
        joined = piece
    if joined:
        yield judged(joined)


def opinion_html(files: list[bytes], part: Part) -> Iterator[Block]:
    """A slip opinion in HTML: what stands between the patterns of `part`."""
    text = re.sub(r"(?si)<aside.*?</aside>|<sup>.*?</sup>", "", cut(decoded(files[0]), part))
    for piece in BLOCK_TAG.split(text):
        piece = re.sub(r"\s?\[\d+\](?=\s|$)|(?<=[a-z][.,;])\d{1,2}(?=\s|$)", "", untagged_text(piece))
        if not only_marks(piece):
            yield judged(piece)


NOTE_MARK = re.compile(
    r"(?<=[a-z][.,;:])\d{1,2}(?=\s|$)|(?<=[\"”’'\])])\d{1,2}(?=\s|$)|(?<=[a-z]{3})\d{1,2}(?=[\s.,;:]|$)"
    r"|(?<=\d\d\d\.)\d{1,2}(?=\s[A-Z]|$)|(?<=\)\.)\d{1,2}(?=\s|$)"
)


def casebook(files: list[bytes], part: Part) -> Iterator[Block]:
    """An opinion in Markdown with numbered paragraphs: from the Court's opinion to its notes, numbered anew."""
    last = 0
    for piece in paragraphs(cut(decoded(files[0]), part)):
        piece = tidy(re.sub(r"\\([.*_\[\]()-])", r"\1", piece))
        if re.fullmatch(r"\d{1,3}", piece):
            if int(piece) <= last and int(piece) == 1:
                return
            last = int(piece)
            continue
        if re.fullmatch(r"[*†]+|\[.{0,60}\]", piece) or not piece:
            continue
        piece = re.sub(r"(?<![\w*])[*_]+|[*_]+(?![\w*])", "", piece)
        piece = NOTE_MARK.sub("", re.sub(r"^\* \(\d+(?:, \d+)*\) ", "", piece))
        piece = re.sub(r"(?<=[a-z][.,;])[*†]{1,2}|\s[*†]{1,2}(?=\s|$)", "", piece)
        if re.fullmatch(r"(?:[IVX]+|[A-Z]|[IVX]+-?[A-Z])\.?", piece):
            yield 2, piece
        else:
            yield 1 if len(piece) < 260 and OPINION_BY.fullmatch(piece) else 0, piece


SITE = ("header_holder", "footer_holder", "cookie_html", "cookie_text_hidden", "bottomNavigation")
SAYS = re.compile(r"\b(?:that|says|say|provides|is|are|of|as follows|states)$")


def lords(files: list[bytes], part: Part) -> Iterator[Block]:
    """A judgment of the House of Lords: each Lord's opinion from the first to the end, over several pages."""
    started = False
    for data in files:
        root = lxml.html.fromstring(decoded(data))
        classed = bool(root.xpath("//p[@class='para']"))
        for element in root.iter("p", "h2", "h3", "h4", "blockquote"):
            text = element_text(element, named("script", "style", "p", "table"))
            if classed and element.tag == "p" and not element.get("class"):
                continue
            if not text or of_the_site(element) or re.match(r"(?:continue|previous|back to|©)", text, re.IGNORECASE):
                continue
            name = re.fullmatch(r"(?:LORD|BARONESS|LADY) [A-Z’' -]+[A-Z]", text)
            started = started or bool(name)
            if name:
                yield 1, text
            elif started and text.rstrip(",") != "My Lords" and not element.tag.startswith("h"):
                title = len(text) < 90 and text[0].isupper() and open_ended(text) and not SAYS.search(text)
                yield 2 if title else 0, text


def of_the_site(element: Any) -> bool:
    around = [element, *element.iterancestors()]
    return any(e.get("id") in SITE or (e.tag == "ul" and (e.get("id") or e.get("class"))) for e in around)


SIGNATURE = re.compile(
    r"(?=.{1,79}$)(?:\d{1,2} \w+ \d{4}|\(?[a-z]+\)?|.{0,60}(?:Judge|Justice|QC|KC|Release date:.*))$"
    r"|(?:RELEASE DATE|Release date|Signed|Authorised)"
)
JUDGE_SPEAKS = re.compile(
    r"(?:The Hon\w* |THE HON\w* )?(?:MR|MRS|MS|LORD|LADY|Lord|Lady|Mr|Mrs|Ms|HHJ|Sir|Dame)\b.{0,80}:"
)


def akoma_ntoso(files: list[bytes], part: Part) -> Iterator[Block]:
    """A British judgment in Akoma Ntoso: headings and numbered paragraphs, quotations within them."""
    unread = named("num", "authorialnote", "noteref", "table", "img", "math", "marker")

    def level(element: Any) -> int | None:
        if local(element) in ("heading", "subheading"):
            return max(sum(local(e) == "level" for e in element.iterancestors()), 1)
        if local(element) not in ("p", "block"):
            return None
        return 2 if emphasised(element, element_text(element, unread)) else 0

    body = next(elements(parsed(files[0]), "judgmentbody"))
    for found, text in blocks_under(body, level, unread, unread):
        if not found and (only_marks(text) or SIGNATURE.match(text)):
            continue
        text = re.sub(r"^—\s*", "", text)
        title = len(text) < 60 and re.match(r"[A-Z]", text) and open_ended(text)
        if found or title or (len(text) < 90 and JUDGE_SPEAKS.fullmatch(text)):
            yield found or 2, text
        else:
            yield 0, re.sub(r"^\(?(?:\d{1,3}|[ivx]{1,5}|[a-z])[.)]\s+(?=[A-Z])", "", text)


def emphasised(element: Any, text: str) -> bool:
    """Whether a paragraph of its own is a short line in capitals, or wholly bold or underlined."""
    if len(text) >= 90 or not open_ended(text) or local(element.getparent()) not in ("content", "intro"):
        return False
    set_off = element.xpath("boolean(./*[contains(@style,'bold') or contains(@style,'underline')])")
    return text.isupper() or (set_off and len(element) == 1 and not (element.text or "").strip())


# Slip opinions of the Supreme Court, by their printed lines

Line = tuple[float, str]  # how far a line is set in, and its text
Page = list[Line]

MONTH_DAY = r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d"
PAGE_HEAD = re.compile(
    r"\s*Cite as: \d+ ?U\. ?S\. ?_+ \(\d{4}\)\s+\d+\s*$"
    r"|\s{0,3}\d{1,2}\s{6,}[A-Z][A-Z&.,’' -]+ v\. [A-Z&.,’' -]+\s*$"
    r"|\s{0,3}\d{1,2}\s{6,}(?:[A-Z.,’'&-]+ ){1,6}[A-Z.,’'&-]+\s*$"
)
OPINION_HEAD = re.compile(
    r"(?:Opinion of the Court|Per Curiam|Syllabus|Decree|Statement of .*|Opinion of [A-Z].{1,30}"
    r"|[A-Z][A-Za-z’'., ]+, (?:C\. )?J\., (?:concurring|dissenting|statement).*|(?:Appendix|APPENDIX).*|Order)\s*$"
)
CAPTION_END = re.compile(rf"Decided {MONTH_DAY}|^\[{MONTH_DAY}")
PART_NUMBER = re.compile(r"(?:[IVX]{1,5}|[A-H]|\d)(?:[–-](?:[A-Z]|\d))?\.?|\* ?\* ?\*(?: ?\*)*")


def slip_opinion(files: list[bytes], part: Part) -> Iterator[Block]:
    """A slip opinion of the Supreme Court, in PDF or CourtListener's JSON, without syllabus and notes."""
    pages = printed_pages(files[0])
    joined = joining(pages)
    blocks: list[Block] = []
    for level, text in printed_blocks(pages, joined):
        before = blocks[-1] if blocks else (1, "")
        parted = not level and not before[0] and text[0].islower() and not re.search(r"[.?!:;”’)]$", before[1])
        if parted:  # by a page's end
            blocks[-1] = (0, joined(before[1], text))
        else:
            blocks.append((level, text))
    for level, text in blocks:
        if re.match(r"APP+ENDI|AppenBd", text):
            return
        if not level:
            text = NOTE_MARK.sub("", tidy(text))
            text = re.sub(r"(?<=[a-z][.,;])[*†]{1,2}|(?<=[a-z”])[*†](?=\s|$)", "", text)
            text = re.sub(r"(?<=[A-Za-z])\(\s+", "(", text)
        if level or not text.startswith("NOTICE: This opinion is subject"):
            yield level, text


def printed_pages(data: bytes) -> list[Page]:
    return list(pages_of_layout(data) if data.lstrip().startswith(b"{") else pages_of_pdf(data))


def pages_of_layout(data: bytes) -> Iterator[Page]:
    tag_alone = r"</pre>\s*(<span|<a|\()|(</span>|</a>)\s*<pre[^>]*>"
    text = re.sub(tag_alone, lambda found: found[1] or found[2], json.loads(data)["html"])
    page: Page = []
    for line in html.unescape(untagged(text)).replace("\r", "").replace("\f", "\n").split("\n"):
        if PAGE_HEAD.match(line):
            if page:
                yield page
            page = []
        elif line.strip():
            page.append((len(line) - len(line.lstrip()), line.strip()))
    if page:
        yield page


def pages_of_pdf(data: bytes) -> Iterator[Page]:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for printed in pdf.pages:
            found = printed.extract_text_lines(x_tolerance=1.5)
            page = [(line["x0"] / 5, line["text"].replace("\u00ad", "-").strip()) for line in found]
            if page and re.search(r"Cite as:|^\d+ [A-Z]|\d$", page[0][1]):
                del page[0]
            if page:
                yield page


def joining(pages: list[Page]) -> Callable[[str, str], str]:
    """How lines are joined: a hyphen at the end stays where only the hyphenated word stands elsewhere."""
    text = " ".join(line for page in pages for _, line in page)
    known = {word.lower() for word in re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", text)}

    def joined(before: str, line: str) -> str:
        if before.endswith("-") and (second := re.match(r"[a-z]+", line)):
            first = re.search(r"([A-Za-z]+)-$", before)
            if first and f"{first[0]}{second[0]}".lower() in known and f"{first[1]}{second[0]}".lower() not in known:
                return before + line
            return before[:-1] + line
        return before + line if before.endswith(("-", "—", "–")) else f"{before} {line}"

    return joined


def opinion_pages(pages: list[Page]) -> Iterator[tuple[str, Page]]:
    """The pages of the opinions without running head and caption, with a heading where another opinion begins."""
    current, left_out = "", False
    for page in pages:
        lines = [line for _, line in page]
        at = next((n for n, line in enumerate(lines[:4]) if OPINION_HEAD.match(line)), None)
        head = "" if at is None else lines[at]
        if at is not None:
            page = page[at + 1 :]
        elif not current:  # a cover, or the first page of an order without a running head
            if not any(re.match(r"PER CURIAM|JUSTICE|Justice|CHIEF|THE CHIEF", line) for line in lines):
                continue
            head = "Per Curiam" if any(line.startswith("PER CURIAM") for line in lines) else ""
        if head.startswith(("Syllabus", "APPENDIX", "Appendix")):
            current, left_out = head, True
        elif head or not left_out:
            yield "" if head == current else head, below_caption(page)
            current, left_out = head or current, False


def below_caption(page: Page) -> Page:
    ends = [n for n, (_, line) in enumerate(page[:40]) if CAPTION_END.search(line)]
    captioned = ends and any("SUPREME COURT OF THE UNITED" in line for _, line in page[:20])
    return page[ends[-1] + 1 :] if captioned else page


def left_margin(page: Page) -> int:
    margins = Counter(round(x) for x, line in page if len(line) > 45) or Counter(round(x) for x, _ in page)
    common = [x for x, n in margins.items() if n >= max(2, 0.25 * margins.total())]
    return min(common or margins, default=0)


def printed_blocks(pages: list[Page], joined: Callable[[str, str], str]) -> Iterator[Block]:
    """Headings and paragraphs by how far the lines are set in, each page down to the rule above its notes."""
    paragraph = ""
    for heading, page in opinion_pages(pages):
        if heading:
            if paragraph:
                yield 0, paragraph
            yield 1, heading
            paragraph = ""
        left, was_set_in = left_margin(page), False
        for x, line in page:
            if re.match(r"[—–_-]{4,}\s*$", line):
                break
            line = re.sub(r"\s{2,}", " ", line)
            set_in = round(x) - left
            number = set_in > 6 and PART_NUMBER.fullmatch(line)
            alone = bool(number or re.match(r"PER CURIAM\.?$", line))
            if paragraph and (alone or begins(paragraph, line, set_in, was_set_in)):
                yield 0, paragraph
                paragraph = ""
            if number and "*" not in line:
                yield 2, line
            if not alone:
                paragraph = joined(paragraph, line) if paragraph else line
            was_set_in = set_in >= 1 and not alone
    if paragraph:
        yield 0, paragraph


def begins(paragraph: str, line: str, set_in: int, was_set_in: bool) -> bool:
    """Whether a line begins a paragraph after that of which the lines so far are given."""
    if set_in >= 1 and not was_set_in:
        return not (paragraph.endswith("-") and line[0].islower())
    if set_in >= 1:  # two paragraphs of a line each
        short = len(paragraph) < 75 and re.search(r"[.?!”’)]$", paragraph)
        return bool(short and set_in <= 3 and re.match(r"[A-Z“]", line))
    quoted = paragraph.startswith("“") and re.search(r"[.?!]”$", paragraph)
    return bool(was_set_in and quoted and re.match(r"[A-Z]", line))
