"""What a reader hands over, the paper's blocks in reading order, and how much a paper may hold.

A reader only says what stands where; `build.build_paper` joins lines, splits sentences, nests sections and resolves
citations for all formats. What is beyond the limits is no paper, or was made to use up time and memory: readers count
while they read, the text is counted again when it is made, and a paper.json when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from argmine.errors import ReadError

if TYPE_CHECKING:
    from argmine.paper import BlockType, DocumentKind, Paper, ReadingWarning, Reference, Role


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of print, or a whole paragraph where the format has no lines.

    `box` is (x0, y0, x1, y1) in PDF points from the page's top left; `page` counts from 1. Both are None for formats
    without pages. `marks` are the superscripts that were left out of the text, each behind so many of its characters
    without white space.
    """

    text: str
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    marks: tuple[tuple[int, str], ...] = ()


class BlockFields(TypedDict, total=False):
    level: int | None
    number: str | None
    run_in: bool
    role: Role | None
    entry: Reference | None


@dataclass(slots=True)
class RawBlock:
    """A block of the paper: its type and its lines.

    `level` is a heading's depth from 1 (None: not known, `build` works it out from number and neighbours);
    `number` its number as printed ("2.1", "IV") where the reader has it apart from the title;
    `run_in` says that the heading stands at the start of the block that follows;
    `role` is a section's role where the format states it;
    `entry` holds the parts of a reference where the format states them (its id and raw text are made by `build`).
    """

    type: BlockType
    lines: list[RawLine] = field(default_factory=list)
    level: int | None = None
    number: str | None = None
    run_in: bool = False
    role: Role | None = None
    entry: Reference | None = None

    @classmethod
    def of(cls, kind: BlockType, text: str, **fields: Unpack[BlockFields]) -> RawBlock:
        return cls(kind, [RawLine(text)], **fields)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class RawDocument:
    """All blocks in reading order, a paragraph that runs over a page as one, and what the format says of the whole.

    `authors` None says that those of the author blocks are all that is known of them.
    """

    blocks: list[RawBlock]
    title: str = ""
    subtitle: str = ""
    authors: tuple[str, ...] | None = None
    affiliations: tuple[str, ...] = ()
    year: int | None = None
    doi: str | None = None
    venue: str | None = None
    kind: DocumentKind | None = None
    language: str | None = None
    pages: int | None = None
    reader: str = ""
    warnings: list[ReadingWarning] = field(default_factory=list)
    heads: Mapping[int, Sequence[str]] = field(default_factory=dict)  # what runs over each page, by its number


# --- how much a paper may hold ---

MOST_BLOCKS: Final = 200_000  # paragraphs, headings, list items and the like; a book of 1,000 pages has some 10,000
MOST_SENTENCES: Final = 100_000  # a book of 1,000 pages has some 20,000
MOST_CHARACTERS: Final = 20_000_000  # a book of 1,000 pages has some 3,000,000
MOST_FOR_A_BYTE: Final = 100  # characters of text for each byte of the file; what packs better repeats itself
ALWAYS_FINE: Final = 1_000_000  # characters up to which the file's size doesn't matter
MOST_DEPTH: Final = 100  # sections in sections; those of papers are seldom more than 5 deep
MOST_LINES: Final = 1_000_000  # of a text file
# Elements of a web page or XML file, pieces of Markdown's markup; a book of 1,000 pages has some 100,000. A parser
# keeps half a kilobyte for each.
MOST_MARKUP: Final = 1_000_000
MOST_JSON: Final = 64 * 2**20  # bytes of a paper.json: one of 1,000 pages, with a box for each line, has some 20 MB


class TooMuch(ReadError):
    """A paper goes beyond a limit. It is raised where the file's name isn't known; `read_paper` puts it in."""

    def __init__(self, reason: str) -> None:
        super().__init__("", reason)

    def __reduce__(self) -> tuple[type[TooMuch], tuple[str]]:
        return type(self), (self.reason,)


def check_blocks(count: int) -> None:
    _check(count, MOST_BLOCKS, "blocks (paragraphs, list items), too many for a paper; split it")


def check_sentences(count: int) -> None:
    _check(count, MOST_SENTENCES, "sentences, too many for a paper; split it")


def check_characters(count: int, size: int | None = None) -> None:
    """Raise TooMuch for more characters of text than a paper has, or than a file of `size` bytes can say."""
    _check(count, MOST_CHARACTERS, "characters of text, too many for a paper; split it")
    if size is not None and count > max(ALWAYS_FINE, MOST_FOR_A_BYTE * size):
        raise TooMuch(
            f"gives more than {MOST_FOR_A_BYTE} characters of text for each byte of the file, as no paper does;"
            " get the file again or save it anew"
        )


def check_lines(count: int) -> None:
    _check(count, MOST_LINES, "lines, too many for a paper; split it or take out what is data")


def check_markup(count: int) -> None:
    _check(count, MOST_MARKUP, "elements or marks of markup, too many for a paper; save its text")


def _check(count: int, most: int, what: str) -> None:
    if count > most:
        raise TooMuch(f"holds more than {most:,} {what}")


def check_json(size: int) -> None:
    if size > MOST_JSON:
        has, may = -(-size // 2**20), MOST_JSON // 2**20
        raise TooMuch(f"is {has:,} MiB large, and a paper.json may have {may}; read the paper anew")


def check_raw(raw: RawDocument, size: int) -> None:
    check_blocks(len(raw.blocks))
    check_characters(sum(len(line.text) for block in raw.blocks for line in block.lines), size)


def check_paper(paper: Paper, size: int) -> None:
    check_blocks(len(paper.blocks))
    check_sentences(len(paper.sentences))
    check_characters(len(paper.text), size)
    check_depth(max((section.level for section in paper.sections), default=0))


def check_depth(depth: int) -> None:
    if depth > MOST_DEPTH:
        raise TooMuch(f"nests its parts more than {MOST_DEPTH} deep, as no paper does; save its text instead")


class Tally:
    """Counts what a reader has read, with the file's size in bytes where that is known."""

    def __init__(self, size: int | None = None) -> None:
        self._size, self._blocks, self._characters = size, 0, 0

    def add(self, characters: int, blocks: int = 1) -> None:
        """Raises TooMuch beyond the limits."""
        self._blocks += blocks
        self._characters += characters
        check_blocks(self._blocks)
        check_characters(self._characters, self._size)
