"""Who wrote a paper, where, when and in what it appeared: from the lines round its title, its margins and its end.

A paper's own properties (`stated`) help where the pages print what they say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from argmine.paper import DocumentKind
from argmine.readers.heuristics import section_kind
from argmine.readers.metadata import DATE, is_called_journal, kind_of, own_doi, venue_of, year_of
from argmine.readers.names import BREAKS, GAP, MARK, is_person, leading_names, unique
from argmine.readers.pdf.blocks import Block, is_contact, is_date_line, is_licence, is_prose
from argmine.readers.pdf.correspondence import Head, signature
from argmine.readers.pdf.front import is_authors_title, is_no_title, letters
from argmine.readers.pdf.lines import Line, is_raised_mark
from argmine.readers.pdf.stated import Stated
from argmine.readers.raw_document import RawDocument

_FEW_WORDS: Final = 15  # different ones in small letters; a page of print has some hundred
_LONGEST_JOURNAL: Final = 4  # words
_OPENING: Final = 5  # pages among which a thesis says that it is one
_COVER_WORDS: Final = 80  # a page of a report that holds no more is its cover
_REPORT_PAGES: Final = 300  # a longer one may be a book
_CREDIT: Final = re.compile(r"(?i)©|\(cc?\)|(?:photo|cover|image)s?\s(?:by|credit)")
_OTHERS: Final = re.compile(
    r"(?i)\W*(?:reviewe[rd]s?|edit(?:ed|or)s?|translat\w+|acknowledge?ments?|with support|design(?:ed)?|funding)\b"
    r".{0,20}[:@]|designed by"
)
_MAY_NAME: Final = frozenset({"furniture", "heading", "table", "footnote"})
_NOTICES: Final = 6  # blocks, and their lines, that may stand between title and authors ("This version is of ...")
_CAPTION_LINES: Final = 60  # of a judgment's first page
_COURT: Final = re.compile(
    r"(?i)(?:in\s+the\s+)?(?P<court>(?:[\w.,’'-]+\s+){0,6}(?:court|tribunal)(?:\s+(?:of|for|the|[\w.,’'-]+)){0,8})"
)
_DISTRICT: Final = re.compile(
    r"(?i)(?:for\s+the\s+)?(?:[\w.]+\s+){0,3}(?:district|circuit|division|state)(?:\s+[\w.]+){0,4}"
)
_PARTY: Final = re.compile(
    r"\bv\.\s|\bv\.$|^v\.?$|^vs?\.?\s|(?i:\b(?:plaintiff|defendant|appell(?:ant|ee)|petitioner|respondent)s?[,.]?$|^in\s+re\b|certiorari)"
)
_JUDGE: Final = re.compile(
    r"(?:The\s+)?(?:(?:Hon(?:orable|\.)|Chief|Senior|Circuit|District|Magistrate|Presiding)\s+)*(?:Judge|Justice)\s+(?P<name>[^,;:]{5,50})"
)
_OFFICE: Final = re.compile(r"(?i)(?:[\w.]+\s+){0,5}(?:judge|justice)(?:\s+of\s.{3,60})?[.,]?")
_SMALL: Final = frozenset({"of", "the", "for", "and", "in"})
_BODY: Final = frozenset({"paragraph", "abstract", "list_item", "quote", "reference", "table", "contents", "heading"})
_FRONT_PAGES: Final = 3
_MOST: Final = 500  # authors; a line's worth of hostile text gives no more
_MARKS: Final = re.compile(
    r"\s?[\d*\u2020\u2021\u00a7\u00b6\u2217\u2709]+(?:\s?,\s?[\d*\u2020\u2021\u2217\u2709]+)*,?\s?"
)
_LONGEST: Final = 2000  # characters of a line, or of lines of names that go on
_DATE: Final = re.compile(rf"(?i)\b{DATE}|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b\.?\s+\d.*")
_ADDRESS: Final = re.compile(r"\S{1,80}@\S{1,80}|https?://\S+|www\.\S+|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b")
_INSTITUTION: Final = re.compile(
    r"(?i)universi|institut|department|d\u00e9partement|dept\b|school|college|laborator|cent(?:er|re)\b|facult|hospital|clinic"
    r"|foundation|academy|\binc\b|\bltd\b|\bgmbh\b|\bllc\b|ministry|agency|society|\bcouncil|museum|observatory|polytechn"
    r"|hochschule|\bcorporation|\bcompany\b|research (?:group|unit)|\blabs?\b|\bcnrs\b|\bcern\b"
)
_NO_PLACE: Final = re.compile(
    r"(?i)correspond|contributed|e-?mail|received|accepted|published|copyright|funded|license|orcid|author|roles?\b|editor"
)
_IN_BRACKETS: Final = re.compile(r"\((\d*[A-Z][^()@:\d]{2,80})\)")
_CUT: Final = re.compile(
    r"(?i)\bfunded by\b.*|^\s*+(?:\(?(?:current|former|present) address\)?|affiliations?)\s*+:?\s*"
)


def add_metadata(
    raw: RawDocument,
    blocks: Sequence[Block],
    margins: Sequence[Line],
    heads: Mapping[int, Collection[str]],
    stated: Stated,
    head: Head,
    body: float,
) -> None:
    """Fill in authors, affiliations, DOI, year, venue and kind, and mend the title by what the properties state.

    `margins` are the running heads and feet of the first two pages, `heads` those of all, by page, `body` the size of
    the running text.
    """
    common = {w.strip(".,;:()") for b in blocks if b.kind in _BODY for w in b.text.split() if w[:1].islower()}
    last = max((b.first.page for b in blocks if b.lines), default=1)
    ends = [b for b in blocks if b.lines and (b.first.page <= _FRONT_PAGES or b.first.page >= last)]
    printed = letters(" ".join([*(b.text for b in ends), *(line.text for line in margins), *_running(heads)]))
    court = None if head.kind else _court(blocks)
    raw.title = "" if court and _COURT.fullmatch(raw.title[:200]) else raw.title
    # What only runs over the pages may be the journal's name, if it is short.
    long = len(stated.title.split()) > _LONGEST_JOURNAL or not raw.title
    shown = printed if long else letters(" ".join(b.text for b in ends if b.first.page <= _FRONT_PAGES))
    raw.title = _best_title(raw.title, stated.title, shown)
    raw.subtitle = "" if head.kind else _subtitle(blocks, body)
    if letters(raw.subtitle) in letters(raw.title):
        raw.subtitle = ""
    zone = _zone(blocks)
    near = [*_around(zone, _NOTICES)]
    far = [*_around(b for b in blocks if b.lines and b.first.page <= 2), *(line.text for line in margins)]
    if court:
        people: tuple[str, ...] = _judges(blocks)
        raw.kind, raw.venue = "judgment", court
        far += (line.text for b in ends for line in b.lines)
    elif head.kind:
        signed = [*head.senders, *(signature(blocks) if head.kind == "letter" else ())]
        people = unique(name for line in signed for name in leading_names(line, common)[0][:1])[:1]
    elif len(common) < _FEW_WORDS:  # all in capitals: names look like words
        people = ()
    else:
        people, raw.affiliations = _front(zone, blocks, common)
        people = people or _bylines(blocks, common)
        said = [name for name in stated.authors if len(name.split()) > 1 and letters(name) in printed]
        people = _agreed(people, said)
    opening = (
        b.text for b in blocks if b.lines and b.first.page <= _OPENING and b.kind not in ("paragraph", "footnote")
    )
    raw.kind = kind_of([raw.title, *near, *far], opening) if raw.kind is None and head.kind != "memo" else raw.kind
    raw.kind = raw.kind or head.kind or _by_shape(blocks, people)
    raw.authors = people[:_MOST] if raw.kind != "review" else ()
    raw.doi = own_doi(_parts(zone, blocks, margins), raw.title) or stated.doi
    raw.year = year_of(near, far) or stated.year
    raw.venue = raw.venue or stated.venue or venue_of([*near, *far], _running(heads))


def _running(heads: Mapping[int, Collection[str]]) -> list[str]:
    return list(dict.fromkeys(head for found in heads.values() for head in found))


def _best_title(read: str, stated: str, printed: str) -> str:
    """The title by layout, or the one that the properties state where the pages print it and it is another or longer.

    A number before it and a date after it are the archive's.
    """
    stated = re.sub(rf"(?i)^\d[\d-]*\s+(?=[A-Z])|[\s,:(\u2013-]+{DATE}\)?$", "", stated).strip()
    mine, theirs = letters(read), letters(stated)
    nothing = len(theirs) < 8 or len(stated.split()) < 2 or is_no_title(stated) or is_called_journal(stated)
    if nothing or theirs not in printed:
        return read
    if mine == theirs:
        return stated if read.isupper() else read
    return read if theirs in mine else stated


def _agreed(read: tuple[str, ...], stated: Sequence[str]) -> tuple[str, ...]:
    """The authors by layout and by properties: where the properties name several that are printed, they are all."""
    people = [name for name in stated if is_person(name)]
    return unique(people) if len(people) > 1 else read or unique(stated)


# --- judgments ------------------------------------------------------------------------------------------------------
def _court(blocks: Sequence[Block]) -> str | None:
    """The court that a judgment's first page names; None for what is no judgment."""
    first = [line for b in blocks for line in b.lines if line.page == blocks[0].lines[0].page][:_CAPTION_LINES]
    texts = [line.text.strip() for line in first]
    parties = sum(bool(_PARTY.search(text)) for text in texts)
    for i, text in enumerate(texts):
        if _COURT.fullmatch(text) and parties > (not text.isupper()):
            below = texts[i + 1] if i + 1 < len(texts) and _DISTRICT.fullmatch(texts[i + 1]) else ""
            return " ".join(w if w in _SMALL else w.capitalize() for w in f"{text} {below}".lower().split())
    return None


def _judges(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The judge who is named with his or her office beside the caption or under the text."""
    lines = [line.text.strip() for b in blocks for line in b.lines]
    for i, line in enumerate(lines):
        named = _JUDGE.fullmatch(line)
        if named is not None and is_person(named["name"]):
            return (named["name"],)
        if i and _OFFICE.fullmatch(line) and is_person(lines[i - 1]):
            return (lines[i - 1],)
    return ()


# --- people and places ----------------------------------------------------------------------------------------------
def _front(
    zone: Sequence[Block], blocks: Sequence[Block], common: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names: list[str] = []
    places: list[str] = []
    look: tuple[float, bool] | None = None
    before = set(map(id, zone))
    for block in (b for b in blocks if b.lines):
        listed = block.kind == "contents" or section_kind(block.text) == "contents"
        if block.first.page > _FRONT_PAGES or section_kind(block.text) == "acknowledgement" or (listed and names):
            break
        if block.kind == "author" or (id(block) in before and block.kind in _MAY_NAME):
            found, told = _people_and_places(block, common)
            for name, size, bold in found:
                look = look or (size, bold)
                if size > 0.96 * look[0] and bold >= look[1]:  # what is smaller or lighter goes with names
                    names.append(name)
            places += told if names else ()
    return unique(names), tuple(dict.fromkeys(places))


def _zone(blocks: Sequence[Block]) -> list[Block]:
    """The blocks before the body: up to the abstract or the first paragraph of running text."""
    zone: list[Block] = []
    first = next((i for i, b in enumerate(blocks[:_NOTICES]) if b.kind == "author"), 0)
    for i, block in enumerate(blocks):
        notice = i < first and block.kind == "paragraph" and len(block.lines) <= _NOTICES
        if block.lines and not notice and (block.first.page > _FRONT_PAGES or _opens_body(block)):
            break
        if block.lines and block.kind not in ("title", "contents"):
            zone.append(block)
    return zone


def _opens_body(block: Block) -> bool:
    if block.kind in ("abstract", "list_item", "quote") or (block.kind == "heading" and section_kind(block.text)):
        return True
    return block.kind in ("paragraph", "heading") and len(block.lines) > 2 and is_prose(block.text)


def _bylines(blocks: Sequence[Block], common: Collection[str]) -> tuple[str, ...]:
    """The names in the author blocks at the paper's end."""
    last = max((b.first.page for b in blocks if b.lines), default=1)
    ends = (b for b in blocks if b.lines and b.first.page >= last - 2)
    ends = (b for b in ends if b.kind == "author" or (b.kind == "table" and is_authors_title(b.first.text)))
    return unique(name for b in ends for name, *_ in _people_and_places(b, common)[0])


def _people_and_places(block: Block, common: Collection[str]) -> tuple[list[tuple[str, float, bool]], list[str]]:
    """The names of a block, each with its size and whether it is bold, and the places."""
    names: list[tuple[str, float, bool]] = []
    places: list[str] = []
    marked = any(MARK in _MARKS.sub(MARK, _ADDRESS.sub("", _raised_text([line]))) for line in block.lines)
    funded = False
    going_on = False  # whether the next line may go on with a place
    for lines in _whole_lines(block.lines, common):
        plain = _raised_text(lines)
        if _OTHERS.match(plain):
            break
        addressed = _ADDRESS.search(plain) is not None
        text = _MARKS.sub(MARK, _DATE.sub(GAP, _ADDRESS.sub(" ", plain)))
        if is_licence(plain) or _CREDIT.search(plain):
            continue
        if addressed and len(re.findall(r"[^\W\d_]+", text)) <= 3:
            going_on = False
            continue
        found = [] if going_on and marked and MARK not in text else leading_names(text, common)[0]
        if plain.isupper():  # a word of a headline is more often one
            found = [n for n in found if not any(w.lower() in common for w in n.split() if len(w) > 3)]
        names += [(name, lines[0].size, lines[0].bold > 0.5) for name in found]
        funded = funded and not found
        if found or funded:
            places += _IN_BRACKETS.findall(plain) if found else ()
            going_on = False
            continue
        for i, part in enumerate(re.split(rf"[{BREAKS}]+|;", plain)):
            funded = funded or "funded by" in part.lower()
            part = _CUT.sub("", _ADDRESS.sub(" ", part)).strip(" .:|\u00b7")
            begun = (bool(i) and MARK in plain) or bool(re.match(r"\s*[\d*]", part))
            part = part.lstrip("0123456789*., ")
            if not part or _NO_PLACE.search(part) or is_date_line(part) or is_licence(part):
                going_on = going_on and not part
            elif going_on and not begun and not i and places:
                places[-1] += f" {part}"
            elif not part[0].isupper() or ": " in part or is_no_title(part):
                going_on = False
            elif _INSTITUTION.search(part) or (begun and marked and not is_contact(part)):
                places.append(part)
                going_on = True
    return names, [" ".join(place.split()).strip(" ,") for place in places if len(place) < 300]


def _whole_lines(lines: Sequence[Line], common: Collection[str]) -> Iterable[list[Line]]:
    """The lines with those of a list of names that goes on put together."""
    together: list[Line] = []
    for line in lines:
        if together and not _goes_on(together, line, common):
            yield together
            together = []
        together.append(line)
    if together:
        yield together


def _goes_on(before: list[Line], line: Line, common: Collection[str]) -> bool:
    text, after = " ".join(map(marked_text, before)), marked_text(line)
    names, cut = leading_names(text, common)
    if not names and not cut:
        return False
    if text.count("(") > text.count(")"):
        return True
    if re.search(rf"(?:[,;&{BREAKS}]|\band)\s*$", text) and names:
        return bool(leading_names(f"{text} {after}", common)[0][len(names) :])
    more = leading_names(f"{text} {after}", common)[0]
    alone = leading_names(after, common)[0]
    return len(more) > len(names) + len(alone) and bool(cut or re.match(r"[^\W\d_][\w.'\u2019-]*\s*[,;]", after))


def marked_text(line: Line) -> str:
    """The line's text with `MARK` for a note's mark and `GAP` where a gap parts columns."""
    return _MARKS.sub(MARK, _raised_text([line]))


def _raised_text(lines: Sequence[Line]) -> str:
    text = ""
    for line in lines:
        last = None
        text += " " if text else ""
        for run in line.runs:
            gap = run.x0 - last.x1 if last is not None else 0.0
            last = run
            if is_raised_mark(run, line, text):
                text += MARK
            else:
                text += (GAP if gap > 1.2 * line.size else " " if run.space or gap > 0.2 * line.size else "") + run.text
        if len(text) > _LONGEST:
            break
    return text[:_LONGEST]


# --- the lines round the title --------------------------------------------------------------------------------------
def _around(blocks: Iterable[Block], most: int = 2) -> Iterator[str]:
    """The short blocks that are no body, and the lines of which each may say something else."""
    for block in blocks:
        if block.kind not in _BODY - {"heading"} or len(block.lines) <= most:
            yield block.text
            if len(block.lines) > 1:
                yield from (line.text for line in block.lines)


def _parts(zone: Sequence[Block], blocks: Sequence[Block], margins: Sequence[Line]) -> Iterator[list[str]]:
    """What may print the paper's DOI, by its lines: boxes are often about another paper."""
    later = (b for b in blocks if b.lines and b.first.page <= 2 and b.kind in ("footnote", "furniture", "author"))
    for block in (*zone, *later):
        if block.kind != "caption":
            yield [line.text for line in block.lines]
    yield from ([line.text] for line in margins)


def _subtitle(blocks: Sequence[Block], body: float) -> str:
    """What stands right under the title in large print and is neither names nor places nor a date."""
    title = next((i for i, b in enumerate(blocks) if b.kind == "title" and b.lines), None)
    under = next((b for b in blocks[title + 1 :] if b.lines), None) if title is not None else None
    if title is None or under is None or under.first.page != blocks[title].last.page or len(under.lines) > 3:
        return ""
    text, above = under.text, blocks[title].last
    near = 0 < under.first.base - above.base < 3.0 * above.size
    large = 1.25 * body < under.first.size < above.size and under.first.font.family == above.font.family
    told = leading_names(text)[0] or is_date_line(text) or is_licence(text) or is_contact(text) or is_prose(text)
    named = _INSTITUTION.search(text) or section_kind(text) or under.kind not in ("author", "furniture", "heading")
    return "" if told or named or not near or not large or len(text.split()) < 2 else text


def _by_shape(blocks: Sequence[Block], people: Collection[str]) -> DocumentKind | None:
    """An abstract or references beside named authors make an article, a cover and a table of contents a report."""
    pages = [b.first.page for b in blocks if b.lines]
    cover = sum(len(b.text.split()) for b in blocks if b.lines and b.first.page == pages[0]) < _COVER_WORDS
    contents = any(b.kind == "contents" or section_kind(b.text) == "contents" for b in blocks if b.lines)
    if cover and contents and pages[-1] <= _REPORT_PAGES:
        return "report"
    return "article" if any(map(is_person, people)) and {b.kind for b in blocks} & {"abstract", "reference"} else None
