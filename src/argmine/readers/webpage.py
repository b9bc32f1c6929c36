"""A web page without what is no part of its paper: the element that holds the paper, its text, the page's metadata.

Navigation, banners, sidebars and the like go by what the page says of itself (HTML elements, ARIA roles, words in class
and id) as long as they hold little running text, and lists of links by their links. trafilatura was measured first on
five publishers' pages: it lost one whole, paragraphs that hold a figure, and some of the reference lists.

Text is taken as a reader sees it: citations in brackets, no marks of notes, no permalinks.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from lxml import html

from argmine.isolation import beat
from argmine.readers import Unreadable, Unsupported, decode
from argmine.readers.heuristics import words
from argmine.readers.markup import Flow, tidy
from argmine.readers.metadata import find_doi
from argmine.readers.names import forward
from argmine.readers.raw_document import Tally

Element: TypeAlias = html.HtmlElement

_NEVER: Final = words("""
    script style noscript template iframe object embed svg canvas audio video map nav button input select textarea
    dialog option datalist link meta title img annotation annotation-xml""")
_ROLES: Final = words("""
    navigation banner contentinfo search complementary dialog alertdialog alert menu menubar toolbar tablist tooltip
    status button doc-pagebreak doc-backlink doc-toc""")
# Words of a class or id that mark page furniture. They count only where the element holds little running text.
_WORDS: Final = words("""
    nav navbar navigation menu submenu breadcrumb breadcrumbs sidebar leftbar rightbar cookie cookies consent gdpr
    banner share sharing social addthis newsletter signup subscribe login signin advert advertisement ads ad promo
    sponsor related comments disqus respond pagination pager toolbar popup modal overlay tooltip skip skiplink
    masthead metrics altmetric footer annotations dropdown sr sronly permalink hidden recommended trending popular
    reflinks backlink mathjaxpreview mjxassistivemathml""")
_KEPT_TAGS: Final = words("html body main article table tr td th math p")
_BLOCK_TEXT: Final = words("p li blockquote dd td div section article figcaption pre font")
_ANY_BLOCK: Final = _BLOCK_TEXT | words("ul ol table tbody tr dl figure main aside header footer form")
_PAPERS: Final = words("footnotes footnote endnotes references reflist bibliography refs")  # whose lists are kept
_TALK: Final = words("comments commentlist disqus respond")
_DATES: Final = (
    "citation_publication_date", "citation_date", "citation_online_date", "citation_year", "dc.date", "dc.date.issued",
    "dcterms.date", "dcterms.issued", "prism.publicationdate", "article:published_time", "date", "dcterms.created",
)  # fmt: skip
HEADINGS: Final = {f"h{n}": n for n in range(1, 7)}
BLOCKS: Final = words("""
    p div section article main header footer aside form fieldset center address ul ol li dl dt dd blockquote figure
    figcaption table tbody thead tfoot tr td th caption pre hr details summary hgroup menu dir body h1 h2 h3 h4 h5 h6
""")
# Elements inside words and names; others stand apart in a reference list's entry.
_INLINE: Final = words("a i b em strong sub sup u small cite q abbr mark font x wbr")
_LEAST_PROSE: Final = 60  # characters outside links; shorter stretches of text are labels, not running text
# Characters. An element named like furniture that holds more is kept, since names of layout classes are ambiguous.
_LITTLE_PROSE: Final = 400
# Shares of the page's running text. Whatever holds more is not dropped by the words of its class;
_MOST_LOST: Final = 0.25
_MOST_DROPPED: Final = 0.8  # all that is dropped together;
_MOST_TALK: Final = 0.7  # readers' comments, which often hold more than the text that they are about
# A tag of 4,000 characters and more beside its attributes' quoted values.
_CROWD: Final = re.compile(r"<[A-Za-z](?:=\s{0,99}+\"[^\"]*+\"|=\s{0,99}+'[^']*+'|[^>]){4000,}+(?:>|\Z)")
_OPENS: Final = re.compile(r"<(?:!--|([A-Za-z][A-Za-z0-9]{0,20}))")  # a tag or comment begins
_CLOSES: Final = {
    "comment": re.compile("-->"),
    **{name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title")},
}
_DOIS: Final = (
    "citation_doi",
    "prism.doi",
    "dc.identifier",
    "dc.identifier.doi",
    "dcterms.identifier",
    "bepress_citation_doi",
)
_VENUES: Final = (
    "citation_journal_title", "citation_conference_title", "prism.publicationname", "dc.source",
    "citation_inbook_title",
)  # fmt: skip
_YEAR: Final = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


@dataclass(slots=True)
class WebPage:
    """The element that holds the paper, the body round it without the site's furniture, and what the head says.

    `lengths` are the characters of text, white space single, inside each element of the body.
    """

    root: Element
    body: Element
    lengths: dict[Element, int]
    titles: tuple[str, ...]
    authors: tuple[str, ...]
    affiliations: tuple[str, ...]
    year: int | None
    doi: str | None
    venue: str | None
    language: str | None


def parse_page(data: bytes) -> Element:
    """The `html` element of a page. Raises Unreadable."""
    text = _without_crowds(_decode(data))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        tree: Element = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (html.etree.ParserError, html.etree.XMLSyntaxError) as why:
        raise Unreadable(f"holds no web page that can be read ({why})") from why
    return tree


def page_of(tree: Element) -> WebPage:
    """What `html` reads of the page with this `html` element, from which what is no part of the paper is taken out."""
    named = [(_name(meta), content) for meta in tree.iter("meta") if (content := tidy(meta.get("content") or ""))]
    body = tree if (found := tree.find("body")) is None else found
    titles, year = tuple(_titles(tree, named)), _year(tree, named)
    _prune(body)
    measures = _measures(body)
    root, lengths = _content(body, measures), {element: measure.text for element, measure in measures.items()}
    places = tuple(dict.fromkeys(content for name, content in named if name == "citation_author_institution"))
    dois = (find_doi(content) for wanted in _DOIS for name, content in named if name == wanted)
    venue = next((content for wanted in _VENUES for name, content in named if name == wanted), None)
    return WebPage(
        root,
        body,
        lengths,
        titles,
        tuple(_authors(named)),
        places,
        year,
        next(filter(None, dois), None),
        venue,
        _language(tree, named),
    )


def _loose(element: Element) -> int:
    return sum(len(" ".join(t.split())) for t in (element.text or "", *(c.tail or "" for c in element)))


def tokens(element: Element) -> set[str]:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:400]
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", names).lower()
    return {*re.split(r"[^a-z]+", split), *re.split(r"[^a-z]+", names.lower())} - {""}


# --- bytes and head -------------------------------------------------------------------------------------------------
def _decode(data: bytes) -> str:
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", data[:4096], re.IGNORECASE)
    if declared and data[:2] not in (b"\xff\xfe", b"\xfe\xff") and data[:3] != b"\xef\xbb\xbf":
        name = declared.group(1).decode("ascii", "replace").lower()
        name = "cp1252" if name in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else name
        try:
            return codecs.lookup(name).decode(data, "strict")[0]
        except (LookupError, UnicodeError, TypeError, ValueError):
            pass  # a wrong or unknown declaration: go by the bytes
    try:
        return decode(data)[0]
    except Unsupported as why:
        raise Unreadable(str(why)) from why


def _without_crowds(text: str) -> str:
    """The page with the attributes of a tag left out where there are thousands: the parser compares each with all."""
    if _CROWD.search(text) is None:
        return text
    parts: list[str] = []
    at = 0
    while (opened := _OPENS.search(text, at)) is not None:
        name = (opened[1] or "comment").lower()
        if opened[1] and (crowd := _CROWD.match(text, opened.start())) is not None:
            parts += [text[at : opened.start()], f"<{name}>"]
            at = crowd.end()
            continue
        end = _CLOSES[name].search(text, opened.end()) if name in _CLOSES else opened
        if end is None:
            break
        parts.append(text[at : end.end()])
        at = end.end()
    return "".join(parts) + text[at:]


def _name(meta: Element) -> str:
    return (meta.get("name") or meta.get("property") or "").strip().lower()


def _titles(tree: Element, named: Iterable[tuple[str, str]]) -> Iterator[str]:
    order = ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title")
    found = dict(reversed([pair for pair in named if pair[0] in order]))
    yield from (found[name] for name in order if name in found)
    yield from filter(None, [tidy(title.text_content()) for title in tree.iterfind(".//title")][:1])


def _authors(named: list[tuple[str, str]]) -> list[str]:
    for wanted in (("citation_author", "citation_authors"), ("dc.creator", "dc.creator.personalname"), ("author",)):
        stated = [n.strip() for name, content in named if name in wanted for n in content.split(";") if n.strip()]
        if names := [n for n in stated if "://" not in n and "@" not in n]:
            return [forward(n) for n in dict.fromkeys(names)]
    return []


def _year(tree: Element, named: list[tuple[str, str]]) -> int | None:
    values = [content for wanted in _DATES for name, content in named if name == wanted]
    values += [time.get("datetime") or "" for time in tree.iter("time")][:1]
    return next((int(m.group()) for value in values if (m := _YEAR.search(value))), None)


def _language(tree: Element, named: list[tuple[str, str]]) -> str | None:
    codes = [tree.get("lang") or "", tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""]
    codes += [content for name, content in named if name in ("citation_language", "dc.language", "og:locale")]
    return next((c[:2].lower() for c in codes if re.match(r"[A-Za-z]{2}(?:$|[-_])", c)), None)


# --- what belongs to the paper --------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Measure:
    prose: int = 0
    text: int = 0
    linked: int = 0
    links: int = 0
    headings: int = 0


def _measures(body: Element) -> dict[Element, _Measure]:
    found = {e: _Measure() for e in body.iter() if isinstance(e.tag, str)}
    for element in reversed(list(found)):
        beat()
        own = found[element]
        if element.tag in _NEVER:
            found[element] = _Measure()
            continue
        loose = _loose(element)
        own.text += loose
        within = [found[c] for c in element if c in found and c.tag not in _ANY_BLOCK]
        inline = sum(m.text - m.linked for m in within)
        if element.tag in _BLOCK_TEXT and loose + inline >= _LEAST_PROSE:
            own.prose += loose + inline
        own.headings += element.tag in HEADINGS
        if element.tag == "a":
            own.linked, own.links = own.text, 1
        parent = element.getparent()
        if parent is not None and parent in found:
            above = found[parent]
            above.prose += own.prose
            above.text += own.text
            above.linked += own.linked
            above.links += own.links
            above.headings += own.headings
    return found


def _prune(body: Element) -> None:
    measures = _measures(body)
    whole = max(1, measures[body].prose if body in measures else 0)
    never = [e for e in measures if e.tag in _NEVER]
    furniture = [e for e, m in measures.items() if e.tag not in _NEVER and e is not body and _is_furniture(e, m, whole)]
    marked = {*never, *furniture}
    outermost = [e for e in furniture if not any(a in marked for a in e.iterancestors())]
    if sum(measures[e].prose for e in outermost) > _MOST_DROPPED * whole:
        outermost = []  # the page names its own text like furniture
    for element in [*never, *outermost]:
        element.drop_tree()


def _is_furniture(element: Element, measure: _Measure, whole: int) -> bool:
    said = tokens(element)
    most = _MOST_TALK if said & _TALK else _MOST_LOST
    if element.tag in _KEPT_TAGS or measure.prose >= most * whole:
        return False
    role = (element.get("role") or "").lower()
    if role.startswith("doc-") and role not in _ROLES:
        return False
    surely = measure.prose < _LITTLE_PROSE or said & (_TALK | {"related", "sidebar", "footer"})
    named = role in _ROLES or element.tag in ("aside", "header", "footer", "form") or (said & _WORDS and surely)
    if named or _is_hidden(element):
        return not _holds_paper(element)
    mostly_links = measure.links >= 3 and measure.linked > 0.6 * measure.text and not measure.prose
    return element.tag in ("ul", "ol", "div", "section") and mostly_links and not measure.headings


def _holds_paper(element: Element) -> bool:
    if element.tag == "h1" or element.find(".//h1") is not None:
        return True
    return any(_PAPERS & tokens(e) for e in element.iter("ol", "ul", "div", "section"))


def _is_hidden(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    hidden = "hidden" in element.attrib or (element.get("aria-hidden") or "").lower() == "true"
    return hidden or "display:none" in style or "visibility:hidden" in style


def _content(body: Element, measures: dict[Element, _Measure]) -> Element:
    whole = measures[body].prose
    named = [e for e in measures if e.tag in ("main", "article") or e.get("role") == "main"]
    if full := [e for e in named if measures[e].prose >= 0.9 * whole]:
        return full[-1]
    most = max(named, key=lambda e: measures[e].prose, default=None)
    if most is not None and measures[most].prose >= 0.5 * whole:
        return most
    inner, element = [body], body
    while len(inner) == 1 and inner[0].tag not in ("p", "ul", "ol", "table", "pre"):
        element = inner[0]
        inner = [c for c in element if c in measures and measures[c].prose >= 0.95 * whole]
    return element


# --- the text of elements -------------------------------------------------------------------------------------------

_SERVICE_TAGS: Final = words("a span ul ol div p")
_SERVICE: Final = re.compile(  # what the links behind an entry say
    r"(?i)\W*(?:(?:view|full\stext|abstract|pdf|html|google\sscholar|scholar|crossref|pub\s?med(?:\scentral)?|medline|scopus"
    r"|cas|isi|acs|web\sof\s(?:science|knowledge)|open\s?url|free|links?|article|publisher|zentralblatt\s?math|mathscinet"
    r"|export|citation|bibtex|ris|endnote|download|go\sto|show|context|on|at|in|and|via|find\sit)\W*)+"
)
_NUMBERS: Final = re.compile(r"[\[(]?\d{1,3}[a-z]?(?:\s*(?:[,;–-]\s*)?\d)*[\])]?")
_NOTE_TARGET: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:fn|ftn|edn|foot-?note|end-?note|note|n|en)[^a-z]*(?:ref)?[^a-z]*\d+"
)
_GLUED: Final = re.compile(r"[^\W\d_]$|[.,;:!?)\]\"”’%]$")  # the end of text that a raised number follows directly
_AFTER_MARK: Final = re.compile(r" \[\d{1,3}(?:[\s,;–-]+\d{1,3})*\]\s*$")
_BETWEEN_MARKS: Final = re.compile(r"\]\s*(?:([,;–-])\s*)?\[(?=\d)")
# Characters. A `div` after that many holds what sites hide behind an entry: abstracts, records of databases.
_SHORT_ENTRY: Final = 60
_LONGEST_ENTRY: Final = 600


class Inline:
    def __init__(self, tally: Tally | None = None) -> None:
        self.flow = Flow(tally)
        self.unlinked = 0  # pieces of text since the last block that stand in no link
        self._links = 0

    def write(self, text: str | None) -> None:
        if text and text.strip():
            self.unlinked += not self._links
        self.flow.write(text)

    def inside(self, element: Element) -> None:
        self._links += element.tag == "a"
        self.write(element.text)
        for child in element:
            if child.tag == "br" or child.tag in BLOCKS:
                self.flow.write(" ")
                self.inside(child)
                self.flow.write(" ")
            elif isinstance(child.tag, str):
                self.inline(child)
            self.write(child.tail)
        self._links -= element.tag == "a"

    def inline(self, element: Element) -> None:
        """Add an inline element among others: its text, or what stands for it where it is a mark."""
        if (mark := self._mark(element)) is None:
            self.inside(element)
        else:
            self.write(mark)

    def text(self) -> str:
        self.unlinked = 0
        return tidy(_BETWEEN_MARKS.sub(lambda m: m.group(1) or ",", self.flow.take()))

    def _mark(self, element: Element) -> str | None:
        """What stands for a mark: a citation in brackets, nothing for a note's or permalink's; None for others."""
        if element.tag not in ("a", "sup"):
            return None
        text = tidy(element.text_content())
        links = [element] if element.tag == "a" else list(element.iter("a"))
        if not any(c.isalnum() for c in text):
            return "" if links and len(text) <= 2 else None
        targets = [(link.get("href") or "").partition("#")[2] for link in links]
        if not links or not all(targets) or not _NUMBERS.fullmatch(text):
            return None
        if all(_NOTE_TARGET.search(target) for target in targets):
            return ""
        before = self.flow.last(60)
        if any(before.rfind(opening) > before.rfind(closing) for opening, closing in ("[]", "()")):
            return None
        raised = element.tag == "sup" or any(c.tag == "sup" for c in element) or bool(_GLUED.search(before))
        return f" [{text.strip('[]()')}]" if raised or _AFTER_MARK.search(before) else None


def plain(element: Element) -> str:
    """All text inside an element, white space single."""
    inline = Inline()
    inline.inside(element)
    return inline.text()


def entry(element: Element) -> str:
    """A reference list's entry without the links to services that follow it, and without what is hidden behind it."""
    flow = Flow()

    def write(parent: Element) -> None:
        flow.write(parent.text)
        for child in parent:
            if isinstance(child.tag, str) and not _is_service(child, nested=parent is not element):
                hidden = child.tag == "div" and flow.length() > _SHORT_ENTRY
                apart = "" if child.tag in _INLINE else " "
                flow.write(apart)
                if not hidden:
                    write(child)
                flow.write(apart)
            flow.write(child.tail)

    write(element)
    text = re.sub(r"\[[\s,]*\],?|(?<=\s)[·|](?=\s|$)|↵", " ", flow.take())
    return re.sub(r"\s(?=[.,;:)\]](?:\s|$))", "", tidy(text))[:_LONGEST_ENTRY].strip()


def _is_service(element: Element, *, nested: bool) -> bool:
    if element.tag not in _SERVICE_TAGS:
        return False
    text = tidy(element.text_content())
    listed = nested and element.tag in ("ul", "ol") and element.find(".//a") is not None
    return listed or (len(text) < 200 and any(c.isalpha() for c in text) and bool(_SERVICE.fullmatch(text)))
