"""A limit on what a compressed file unpacks to, because a small file can hold hours of work."""

from __future__ import annotations

from collections.abc import Callable
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.errors import DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RATIO = 250
"""Text is compressed to a third or a tenth; to less than this part only if it repeats itself all the time."""
SPARED = 1 << 26
"""Bytes that any file may unpack to."""


class CountedFile:
    """A file of which the bytes are counted that have been read."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        raw = self._file.read(size)
        self.count += len(raw)
        return raw

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


class LimitedContent(RawIOBase):
    """The content of a compressed file, up to RATIO times its size.

    Args:
        content: the content without a limit.
        packed: the number of compressed bytes that it is made of so far, or at most.
        path: the name in messages.

    Raises:
        DataError: on reading, it is larger.
    """

    def __init__(
        self, content: BufferedIOBase | RawIOBase, packed: Callable[[], int], path: Path | str
    ) -> None:
        self._content, self._packed, self._path = content, packed, path
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        count = self._content.readinto(buffer)
        self._size += count or 0
        if self._size > SPARED and self._size > RATIO * self._packed():
            raise DataError(
                f"{self._path}: this file unpacks to more than {RATIO} times its size, so it repeats the "
                "same bytes all the time. If it is meant to, unpack it, and name the file inside it."
            )
        return count

    def close(self) -> None:
        try:
            self._content.close()
        finally:
            super().close()
