"""What a piece of text looks like: a heading, a run-in heading, front matter, a reference, the rest of a paragraph.

Functions on strings alone, so that every reader can use them: a PDF reader beside its fonts, the others by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, Literal


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SectionKind = Literal["abstract", "keywords", "references", "acknowledgement", "contents", "notes"]

_ROMAN: Final = r"(?:[IVX]{1,5}|[ivx]{1,5})"
_NUMBER: Final = re.compile(
    rf"""\s*(?:
        (?P<label>(?:Appendix|Chapter|Part|Section|Annex)\s+(?:\d{{1,3}}|[A-Z]|{_ROMAN})(?:\.\d{{1,2}}){{0,4}})
            (?:\s*[.:)—–-]|(?=\s|$))
      | (?P<roman>{_ROMAN}(?:\.\d{{1,2}}){{0,3}}|[A-H](?:\.\d{{1,2}}){{0,3}})(?P<stop>[.)])
      | (?P<arabic>§?\d{{1,3}}(?:\.\d{{1,3}}){{0,5}})(?:[.):]|(?=\s))
      | \(?(?P<letter>[a-zA-Z]|\d{{1,2}}|{_ROMAN})\)
    )(?:\s+|$)""",
    re.VERBOSE,
)

_KIND_WORDS: Final[dict[SectionKind, str]] = {
    "abstract": r"(?:structured\s+|author\s+)?abstract|summary\s+abstract|executive\s+summary",
    "keywords": (
        r"key\s?-?\s?words?(?:\s+and\s+phrases)?|index\s+terms"
        r"|jel(?:\s+classification)?(?:\s+codes?)?|subject\s+(?:terms|headings)"
    ),
    "references": (
        r"(?:list\s+of\s+|cited\s+|selected\s+)?(?:references?|bibliography|literature)(?:\s+(?:cited|list))?"
        r"|works\s+cited|literature\s+cited|references\s+and\s+notes|sources\s+cited"
    ),
    "acknowledgement": r"acknowled?ge?ments?|acknowledgments?|thanks",
    "notes": r"(?:foot|end)?notes?",
    "contents": r"(?:table\s+of\s+)?contents|list\s+of\s+(?:figures|tables|abbreviations)",
}
_KINDS: Final = {
    kind: re.compile(rf"\s*(?:{words})\s*(?:[.:—–-]\s*)?", re.IGNORECASE) for kind, words in _KIND_WORDS.items()
}

_WORK: Final = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b|\bn\.\s?d\.|\b(?:forthcoming|in press)\b|\bdoi\b|https?:", re.I)
_ENTRY_NUMBER: Final = re.compile(r"(?:\[\d{1,4}\]|\d{1,4}[.)]?)\s+\S")
_FAR_APART: Final = 400  # characters; lists of works have 50 to 160 for each year, number and address in them


def lists_works(texts: Iterable[str]) -> bool:
    """Whether the paragraphs below a heading such as "References" are a list of works, not a section about them."""
    told = letters = 0
    for text in texts:
        told += len(_WORK.findall(text)) + (_ENTRY_NUMBER.match(text) is not None)
        letters += len(text)
    return told * _FAR_APART >= letters


def heading_number(title: str) -> tuple[str | None, str]:
    """A heading's number as printed without its closing stop, and the rest: "2.1. Policy" gives ("2.1", "Policy").

    A single capital or Roman numeral counts only with a stop or bracket ("A. Scope"), since "A new start" and "I saw"
    are words; a bare year or a number with a unit ("3 million people") is no number of a heading.
    """
    match = _NUMBER.match(title)
    if not match:
        return None, title.strip()
    number = next(g for g in (match["label"], match["roman"], match["arabic"], match["letter"]) if g)
    rest = title[match.end() :].strip()
    if match["arabic"] and "." not in number and rest[:1].islower() and not match[0].rstrip().endswith((".", ")", ":")):
        return None, title.strip()
    return number, rest


def number_level(number: str, *, lettered_below: bool = False) -> int:
    """The depth of "2.1" is 2; `lettered_below` puts "A" one below numerals, as in documents that use both."""
    number = re.sub(r"^(?:Appendix|Chapter|Part|Section|Annex)\s+", "", number)
    below = lettered_below and re.fullmatch(r"[A-HJ-UWYZ]|[a-z]", number)
    return 1 + number.count(".") + bool(below)


def section_kind(title: str) -> SectionKind | None:
    """Whether a heading opens a part that isn't the paper's body (or is its abstract), from its words alone."""
    _, rest = heading_number(title)
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(rest)), None)


# --- headings -------------------------------------------------------------------------------------------------------

# Verb forms that a heading hardly has outside a question.
_FINITE: Final = words("""
    am is are was were be been being has have had do does did can could may might must shall should will would ought
    isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't can't cannot couldn't won't wouldn't
    shouldn't said says say became become becomes began begin begins came come comes went goes gave gives got gets
    made makes took takes saw sees found finds knew knows thought thinks told tells felt feels left kept keeps held
    holds brought brings led stood stands lost grew grows rose rises fell falls wrote writes spoke ran meant means
    seems seemed appears appeared remains remained shows showed shown suggests suggested argues argued claims claimed
    concludes concluded includes included contains contained involves involved requires required provides provided
    allows allowed enables enabled helps helped ensures ensured creates created reduces reduced improves improved
    prevents prevented promotes promoted strengthens strengthened depends depended consists belongs leads exists
    existed occurs occurred happens happened follows refers refered considers considered describes described explains
    explained discusses discussed examines examined explores explored presents presented proposes proposed aims
    affects affected causes caused continues continued offers offered serves served receives received reflects
    reflected represents represented reveals revealed indicates indicated demonstrates demonstrated implies implied
    poses posed faces faced deploys deployed expects expected believes believed wants wanted tries tried applies
    applied arises arose adopts adopted agreed agrees accounts determines determined relies relied varies varied
    let lets""")

# Pronouns, conjunctions and adverbs that say: this is a sentence.
_CLAUSE_WORDS: Final = words("""
    i we he she they it you there this these those that who which whom whereas although because however therefore
    moreover furthermore thus hence nevertheless nonetheless meanwhile firstly secondly thirdly finally additionally""")

_DETERMINERS: Final = words("the a an its their his her our my your some any many most several each every")

# Words after which a determiner may stand in a phrase without a verb.
_LINKERS: Final = words("""
    of in on at by for from with without within to into onto upon over under between among across against through
    throughout during before after since until toward towards about around beyond behind beside besides despite
    and or but nor vs versus as than via per like unlike near not both either all as using including when while
    where why how what whether regarding concerning following""")

# Words that a title in capitals may leave small.
SMALL_WORDS: Final = words(
    "a an the and or but nor of in on at by for from with to into as vs via per up off out over than is its it"
)

_WORD: Final = re.compile(r"[^\W\d_][\w'’-]*")
_RUN_IN_END: Final = re.compile(r"(?<![A-Z])(?<!\bvs)(?<!\bSt)[.?:—](?=\s+[\"“‘'(\[]?[A-Z0-9])")
_CITES: Final = re.compile(r"\[\d|\(\D{0,60}\b(?:1[89]|20)\d\d[a-z]?\)|https?://|\bet al\b|@")
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’»)\]\d]{0,4}$")
_USUAL: Final = re.compile(
    r"(?i)introduction|background|objectives?|aims?|purpose|methods?|methodology|materials and methods|design|setting"
    r"|participants|data(?: sources?)?|results?|findings|discussion|conclusions?|interpretation|limitations?"
    r"|recommendations?|implications|future work|context|measures|procedure|analysis|funding|summary|significance"
    r"|motivation|rationale"
)
LONGEST_HEADING: Final = 24  # words; no heading is longer
_LONGEST_RUN_IN: Final = 16


def is_verbless(text: str) -> bool:
    """Whether a text has the shape of a title and not of a sentence.

    Without a tagger this goes by structure: no plain verb form, no pronoun that opens a clause, and no determiner where
    only a verb could stand before it ("deploys the majority").
    """
    found = list(islice(_WORD.finditer(text), 2 * LONGEST_HEADING))
    lower = [match.group().lower() for match in found]
    if not 0 < len(found) < 2 * LONGEST_HEADING or any(w in _FINITE or w in _CLAUSE_WORDS for w in lower):
        return False
    if re.match(r"(?:\w+ly|In|On|At|By|As|For|With|During|After|Before|Since|Despite|Under)\b[^,:]{0,80},\s", text):
        return False
    for i, word in enumerate(lower[1:], 1):
        previous = lower[i - 1]
        if word in _DETERMINERS and not (i > 1 and lower[i - 2] == "to"):
            gap = text[: found[i].start()].rstrip()
            if gap[-1:] not in ',:;—–-(/&"“‘' and previous not in _LINKERS and not previous.endswith("ing"):
                return False
    return True


def is_title_case(text: str) -> bool:
    """Whether nearly all words that a title capitalises are capitalised, and at least two of them are there."""
    words = [w for w in _WORD.findall(text) if w.lower() not in SMALL_WORDS]
    capital = sum(w[0].isupper() for w in words)
    return len(words) >= 2 and words[0][0].isupper() and capital >= 0.8 * len(words)


def is_capitals(text: str) -> bool:
    """Whether all its letters are capitals, in at least one word of four or two words."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 4 and all(not c.islower() for c in letters)


def is_heading_like(text: str) -> bool:
    """Whether a line that stands alone could be a heading: short, capitalised, without a sentence's end or verb.

    Numbered lines may end with a stop ("2. The Evolution of Relations."); questions count while they are short.
    """
    number, rest = heading_number(text)
    words = _WORD.findall(rest)
    if not words or len(words) > LONGEST_HEADING or _CITES.search(rest) or is_front_matter(text):
        return False
    if section_kind(text) not in (None, "keywords"):
        return True
    first = next((c for c in rest if c.isalpha()), "")  # "²" counts as a word's character and is no letter
    if not first or first.islower() or rest[-1] in ",;":
        return False
    if rest[-1] == "?":
        return len(words) <= 14 and rest.count(".") == 0
    if rest[-1] in ".:" and number is None:
        return False
    if rest[-1] == "!" or _SENTENCE_END.search(rest.rstrip(".:")) or re.search(r"[.!?]\s+[A-Z]", rest[:-1]):
        return False
    return is_verbless(rest) or (is_title_case(rest) and len(words) <= 16) or is_capitals(rest)


def split_run_in(text: str) -> tuple[str, str, bool] | None:
    """A run-in heading at a paragraph's start, the rest, and whether its shape alone makes it sure; or None.

    Sure are numbered ones, title case and a section's usual words ("Limitations. We …"). Others are only verbless
    ("Strategic autonomy and demand linkage. India …"): take them where the paper has several.
    """
    number, rest = heading_number(text)
    offset = len(text) - len(rest) if number else 0
    body = text[offset:]
    match = _RUN_IN_END.search(body, 2, 240)
    while match and body[match.start()] == ":" and not is_usual(body[: match.start()]):
        match = _RUN_IN_END.search(body, match.end(), 240)
    if not match or (body[match.start()] == "—" and not is_usual(body[: match.start()])):
        return None
    title = body[: match.start()]
    words = _WORD.findall(title)
    if not words or len(words) > _LONGEST_RUN_IN or not title[:1].isupper() or _CITES.search(title):
        return None
    if re.search(r"[\"“”]", title) or (re.search(r"\d", title) and not number) or body[match.start()] == "?":
        return None
    heading, after = text[: offset + match.end()], body[match.end() :].strip()
    if not after or len(_WORD.findall(after)) < 4:
        return None
    if is_usual(title):
        return heading, after, True
    if len(words) < 2 or not is_verbless(title):
        return None
    return heading, after, bool(number) or is_title_case(title)


def is_usual(title: str) -> bool:
    """Whether a heading is one that papers commonly have: "Background", "2. Methods"."""
    return section_kind(title) is not None or bool(_USUAL.fullmatch(heading_number(title)[1]))


# --- front matter, captions, lists, references ----------------------------------------------------------------------

_FRONT: Final = re.compile(
    r"""[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}
      | ^\W*(?:e-?mails?|received|revised|accepted|published(?:\s+online)?|submitted|available\s+online|editor|doi|orcid
          |issn|isbn|copyright|citation|cite\s+(?:this|as)|correspond\w+(?:\s+author)?|keywords?\s+plus|date|version
          |running\s+(?:title|head)|how\s+to\s+cite|licen[sc]e|word\s+count)\s*[:：*]
      | ^\W*(?:received|accepted|published|submitted)\b[^.]{0,40}\b(?:1[89]|20)\d\d\b
      | ^\s*(?:©|\(c\)\s|copyright\s)
      | ^\s*(?:https?://|doi\.org/|www\.)\S+\s*$
      | ^\s*(?:vol(?:ume)?\.?\s*\d+|issn\b|isbn\b)""",
    re.IGNORECASE | re.VERBOSE,
)
is_keywords: Final = re.compile(
    r"(?i)\W*(?:key\s?-?\s?words?(?:\s+and\s+phrases)?|index\s+terms|jel\s+(?:codes?|classification))\s*[:.—–-]"
).match
_AFFILIATION: Final = re.compile(
    r"(?i)\b(?:universit\w+|institut\w*|department|dept\.|faculty|school of|college|laborator\w+|academy|hospital"
    r"|cent(?:er|re) for|ministry of|doctor of|master of|ph\.?\s?d|professor|lecturer|research fellow|postdoc\w*)\b"
)
_PERSON: Final = re.compile(
    r"(?:(?:Dr|Prof|Mr|Ms|Mrs)\.?\s+)?[^\W\d_][\w'’.-]{0,60}"
    r"(?:\s+(?:(?:van|von|de|der|den|di|da|la|le|el|al|bin|ibn|dos)\s+){0,3}"
    r"[^\W\d_][\w'’.-]{0,60}){1,4}[\s\d,*†‡§¶]*"
)
_LONGEST_NAMES: Final = 300  # characters; a longer line holds more than names
_BETWEEN_NAMES: Final = re.compile(r",\s*(?:and\s+|&\s*)?|;|\s+(?:and|&)\s+")
is_caption: Final = re.compile(
    r"(?i)\s*(?:supplementary\s+|extended\s+data\s+)?(?:fig(?:ure|\.)?s?|table|box|chart|graph|map|plate|exhibit|scheme"
    r"|panel|video|listing|algorithm|photo)\s*(?:S?\d{1,3}|[A-Z]\d{0,2}|[IVX]{1,5})(?:\.\d{1,2})?"
    r"(?:\s*[.:|—–-]\s*\S|\s*(?:[.:]\s*)?$)|\s*(?:table|figure)\s*:\s+\S"
).match
_BULLET: Final = re.compile(r"\A\s*(?:[•●▪■□◦○‣⁃·∙➢➤►✓\uf000-\uf0ff]\s*|[-–—*+o]\s+(?=\S))")
_ITEM_NUMBER: Final = re.compile(
    r"\A\s*(?:\(?(?:\d{1,2}|[ivxIVX]{1,5}|[a-zA-Z])\)|(?:\d{1,2}|[ivx]{1,5}|[a-z])\.)\s+(?=\S)"
)
has_bullet, has_item_number = _BULLET.match, _ITEM_NUMBER.match
_DANGLING: Final = (SMALL_WORDS | {"these", "this", "that", "their", "which", "who", "between", "such"}) - {"it", "is"}


def is_front_matter(line: str) -> bool:
    return len(line) < 400 and bool(_FRONT.search(line[:300]))


def is_affiliation(line: str) -> bool:
    return len(line.split()) <= 30 and bool(_AFFILIATION.search(line)) and not _SENTENCE_END.search(line.strip())


def person_names(line: str) -> list[str]:
    """The names of a line that holds nothing but people's names."""
    if len(line) >= _LONGEST_NAMES:
        return []
    line = re.sub(r"^\s*by\s+", "", line.strip(), flags=re.IGNORECASE)
    parts = [name for p in _BETWEEN_NAMES.split(line) if (name := p.strip(" *†‡§¶0123456789"))]
    good = all(_PERSON.fullmatch(p) and p[0].isupper() and not _AFFILIATION.search(p) for p in parts)
    return parts if parts and good and line[-1:] not in ".?!:" else []


def strip_bullet(text: str) -> str:
    return _BULLET.sub("", text, count=1)


def strip_list_marker(text: str) -> str:
    return strip_bullet(text) if has_bullet(text) else _ITEM_NUMBER.sub("", text, count=1)


def continues(before: str, after: str) -> bool:
    """Whether a paragraph that was cut goes on in `after`: in lower case, or after a word that can't end a sentence."""
    before, after = before.rstrip(), after.lstrip("\"'“‘([ ")
    if not before or not after or _SENTENCE_END.search(before) or before[-1] == ":":
        return False
    if after[0].islower():
        return not has_item_number(after)
    last = _WORD.findall(before[-40:])
    return before[-1] in ",-–" or bool(last and last[-1].lower() in _DANGLING)
