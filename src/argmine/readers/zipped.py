"""Documents that are ZIP files: what they would unpack to is looked at before anything is, and nothing goes to disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

from argmine.readers import Unreadable

LARGEST: Final = 512 * 2**20  # bytes; a file that unpacks to more, pictures included, is refused
# Bytes. The same for one part that isn't a picture; a book of 1,000 pages has about 20 MiB.
LARGEST_PART: Final = 64 * 2**20
_HIGHEST_RATIO: Final = 200
_BOMB: Final = "would unpack to far more than a document holds (a ZIP bomb?); it is not opened"
BROKEN: Final = (LookupError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What damage to a package makes zipfile and those who read its parts raise, beside errors of their own code."""


class Package:
    """The parts of a document, by their names. Raises Unreadable for what is damaged or encrypted.

    `what` and `suffix` are the document's for messages ("Word document", ".docx").
    """

    def __init__(self, data: bytes, what: str, suffix: str) -> None:
        self._what, self._suffix, self._left = what, suffix, LARGEST_PART
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as why:
            raise Unreadable(f"is no {what} or is cut short ({why}); get it again") from why
        self._parts = {entry.filename: entry for entry in self._file.infolist()}
        if any(entry.flag_bits & 1 for entry in self._parts.values()):
            raise Unreadable("is encrypted; save it without a password")

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def check_main(self, name: str) -> None:
        if name not in self._parts:
            raise Unreadable(f"is a ZIP file but holds no {self._what}; save it as {self._suffix}")

    def check_whole(self, is_picture: Callable[[str], bool]) -> None:
        """Raise Unreadable where all parts unpack to more than a document's: some libraries unpack what they like."""
        parts = self._file.infolist()
        if any(map(_is_dense, parts)) or sum(e.file_size for e in parts) > LARGEST:
            raise Unreadable(_BOMB)
        if any(e.file_size > LARGEST_PART and not is_picture(e.filename) for e in parts):
            raise Unreadable(_BOMB)

    def read(self, name: str, most: int | None = None) -> bytes:
        """A part, of at most `most` bytes where that is given. All that is read together is no more than one part may
        hold. Raises Unreadable for more, for damage, and KeyError for a part that is not there."""
        entry = self._parts[name]
        self._left -= entry.file_size  # zipfile unpacks no more than the entry says
        if _is_dense(entry) or self._left < 0 or (most is not None and entry.file_size > most):
            raise Unreadable(_BOMB)
        try:
            return self._file.read(entry)
        except BROKEN as why:
            raise Unreadable(f"holds a damaged part ({name}: {why}); get it again") from why


def _is_dense(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > 2**20 and entry.file_size > _HIGHEST_RATIO * max(1, entry.compress_size)
