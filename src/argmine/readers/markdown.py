"""Markdown papers, as pandoc, GitHub and note-taking tools write them. Code is left out; markup leaves its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from argmine.isolation import beat
from argmine.paper import BlockType, Role
from argmine.readers import ReadOptions, SourceFile, heuristics, metadata
from argmine.readers.raw_document import RawBlock, RawDocument, RawLine, check_blocks, check_markup

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD: Final = re.compile(r"^([A-Za-z_-]+):[ \t]*(.*)$")
_FOOTNOTE: Final = re.compile(r"^\[\^([^\]\n]{1,60})\]:[ \t]*(.*)$")
_FOOTNOTE_MARK: Final = re.compile(r"\[\^[^\]\n]{1,60}\]")
_ATTRIBUTES: Final = re.compile(r"\s?\{[^{}\n]{0,200}\}\s?$")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,2000}?-->", re.DOTALL)
# Characters. The marks in a longer one are left as they stand: to tell what they mean would take too long.
_LONGEST_PARAGRAPH: Final = 50_000
_PLACES: Final = ("affiliation", "affiliations", "institute", "institution")
_VENUES: Final = ("journal", "venue", "publication", "booktitle")
_YEAR: Final = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


def read(file: SourceFile, options: ReadOptions) -> RawDocument:
    return read_markdown(file.text())


def read_markdown(text: str) -> RawDocument:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields, text = _front_matter(text)
    text, notes = _footnotes(text)
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    parser.core.ruler.before("block", "count", _count)
    known: dict[str, Any] = {}
    blocks = _Walker(parser.parse(text, known), parser, known).walk()
    if title := next(iter(fields.get("title", ())), ""):
        blocks.insert(0, RawBlock.of("title", title))
    else:
        title = _promote_title(blocks)
    stated = fields.get("author", fields.get("authors", []))
    authors = [name for value in stated for name in heuristics.person_names(value) or [value]]
    authors += _author_lines(blocks)
    if abstract := fields.get("abstract"):
        heading = RawBlock.of("heading", "Abstract", level=1, role="abstract")
        blocks[1:1] = [heading, RawBlock.of("abstract", " ".join(abstract))]
    blocks.extend(RawBlock.of("footnote", note) for note in notes)
    year = _YEAR.search(" ".join([*fields.get("year", []), *fields.get("date", [])]))
    return RawDocument(
        blocks,
        title=title,
        subtitle=next(iter(fields.get("subtitle", ())), ""),
        authors=tuple(authors),
        affiliations=tuple(v for name in _PLACES for v in fields.get(name, ())),
        year=int(year.group()) if year else None,
        doi=metadata.find_doi(" ".join(fields.get("doi", ()))),
        venue=next((v for name in _VENUES for v in fields.get(name, ())), None),
    )


class _Counted(list[Token]):
    def append(self, token: Token) -> None:
        if len(self) % 1000 == 0:
            beat()
            check_markup(len(self))
        super().append(token)


def _count(state: StateCore) -> None:
    """A rule of the parser's: have its tokens counted while they are made, since each takes half a kilobyte."""
    state.tokens = _Counted()


def _front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    match = _FRONT_MATTER.match(text)
    fields: dict[str, list[str]] = {}
    name = ""
    for line in match.group(1).split("\n") if match else ():
        if field := _FIELD.match(line):
            name, value = field.group(1).lower(), field.group(2).strip()
            fields[name] = [] if value in ("", "|", ">", "|-", ">-") else _values(value)
        elif name and line[:1] in " \t-" and line.strip():
            value = re.sub(r"^\s*-\s*(?:\{?\s*name:\s*)?", "", line)
            value = re.sub(r"^\s*(?:name:\s*)?", "", value).strip().strip("\"'")
            if not re.match(r"\w+:\s", value):
                fields[name].append(value)
    return fields, text[match.end() :] if match else text


def _values(value: str) -> list[str]:
    if value.startswith("[") and value.endswith("]"):
        return [part.strip().strip("\"'") for part in value[1:-1].split(",") if part.strip()]
    quoted = re.fullmatch(r"([\"'])(.*)\1", value)
    return [quoted.group(2) if quoted else value]


def _footnotes(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    notes: list[list[str]] = []
    in_note = fenced = False
    for line in text.split("\n"):
        if re.match(r"\s{0,3}(?:```|~~~)", line):
            fenced = not fenced
        if not fenced and (match := _FOOTNOTE.match(line)):
            notes.append([match.group(2).strip()])
            in_note = True
        elif in_note and line.startswith(("  ", "\t")) and line.strip():
            notes[-1].append(line.strip())
        else:
            in_note = in_note and not line.strip()
            kept.append(line if fenced else _FOOTNOTE_MARK.sub("", line))
    return "\n".join(kept), [_TAG.sub("", note) for parts in notes if (note := " ".join(parts))]


class _Walker:
    """Goes over markdown-it's block tokens; what stands within lines, perhaps full of marks, is parsed one by one."""

    def __init__(self, tokens: Sequence[Token], parser: MarkdownIt, known: dict[str, Any]) -> None:
        self.tokens = tokens
        self.parser, self.known = parser, known
        self.blocks: list[RawBlock] = []
        self.quotes = self.items = 0
        self.level = 0

    def walk(self) -> list[RawBlock]:
        heading = 0
        table: RawBlock | None = None
        row: list[str] | None = None
        for token in self.tokens:
            check_blocks(len(self.blocks))
            kind = token.type
            if kind == "heading_open":
                heading = int(token.tag[1:])
            elif kind == "inline" and heading:
                self._heading(token, heading)
            elif kind == "inline" and row is not None:
                row.append(_plain(self._inside(token)))
            elif kind == "inline":
                self._paragraph(token)
            elif kind == "heading_close":
                heading = 0
            elif kind in ("blockquote_open", "blockquote_close"):
                self.quotes += token.nesting
            elif kind in ("list_item_open", "list_item_close"):
                self.items += token.nesting
            elif kind == "table_open":
                table = RawBlock("table")
            elif kind == "tr_open":
                row = []
            elif kind == "tr_close" and table is not None and row is not None:
                table.lines.append(RawLine(" | ".join(row)))
                row = None
            elif kind == "table_close" and table is not None:
                self.blocks.append(table)
                table = None
        return self.blocks

    def _inside(self, token: Token) -> list[Token]:
        """The tokens within a line of text; one for all of it where it is too long to be a paragraph."""
        beat()
        if len(token.content) > _LONGEST_PARAGRAPH:
            return [Token("text", "", 0, content=token.content)]
        children: list[Token] = []
        self.parser.inline.parse(token.content, self.parser, self.known, children)
        return children

    def _heading(self, token: Token, level: int) -> None:
        if text := _ATTRIBUTES.sub("", _plain(self._inside(token))):
            role: Role | None = "abstract" if heuristics.section_kind(text) == "abstract" else None
            self.blocks.append(RawBlock.of("heading", text, level=level, role=role))
            self.level = level

    def _paragraph(self, token: Token) -> None:
        children = self._inside(token)
        text = _plain(children)
        strong, rest = _leading_strong(children)
        kind: BlockType = "list_item" if self.items else "quote" if self.quotes else "paragraph"
        if strong and not rest and kind == "paragraph" and heuristics.is_heading_like(strong.rstrip(".:")):
            self.blocks.append(RawBlock.of("heading", strong, level=self.level + 1))
            return
        if heuristics.is_keywords(text):
            kind = "keywords"
        elif heuristics.is_caption(text) and len(text.split()) < 80:
            kind = "caption"
        elif strong and rest and not self.items and _is_run_in(strong, rest):
            self.blocks.append(RawBlock.of("heading", strong, level=self.level + 1, run_in=True))
            text = rest
        if text:
            self.blocks.append(RawBlock.of(kind, text))


def _plain(children: Iterable[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "text_special", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or child.content.lower().startswith("<br"):
            parts.append(" ")
    return " ".join("".join(parts).split())


def _leading_strong(children: Sequence[Token]) -> tuple[str, str]:
    start = [c for c in children if c.type != "text" or c.content]
    if not start or start[0].type not in ("strong_open", "em_open"):
        return "", ""
    close = start[0].type.replace("open", "close")
    end = next((i for i, c in enumerate(start) if c.type == close), 0)
    return _plain(start[: end + 1]), _plain(start[end + 1 :])


def _is_run_in(strong: str, rest: str) -> bool:
    title = strong.rstrip(" .:—–")
    ended = strong[-1:] in ".:—–?" or rest[:1] in ":—–"
    return ended and rest.strip(" :—–")[:1].isupper() and 0 < len(title.split()) <= heuristics.LONGEST_HEADING


def _promote_title(blocks: list[RawBlock]) -> str:
    """The title: a first heading that is alone on its level and above all others. It stops being a section."""
    headings = [b for b in blocks if b.type == "heading" and not b.run_in]
    if not headings or blocks[0] is not headings[0]:
        return ""
    first, *others = headings
    alone = all((other.level or 1) > (first.level or 1) for other in others)
    if not alone or heuristics.heading_number(first.text)[0] or heuristics.section_kind(first.text):
        return ""
    first.type, first.level = "title", None
    return first.text


def _author_lines(blocks: Sequence[RawBlock]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if block.type == "heading" or len(block.text.split()) > 35:
            break
        if block.type != "paragraph":
            continue
        if names := heuristics.person_names(block.text):
            block.type = "author"
            found.extend(names)
        elif heuristics.is_front_matter(block.text) or heuristics.is_affiliation(block.text):
            block.type = "furniture"
        else:
            break
    return found
