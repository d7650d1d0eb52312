"""Read UTF-16 as UTF-8, so that all that reads lines finds their ends, also after half of a character."""

from __future__ import annotations

import codecs
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

from nlpx.data.formats.character_sets import Encoding

if TYPE_CHECKING:
    from io import BufferedReader

    from _typeshed import WriteableBuffer

CHUNK = 1 << 16
CUT = b"\xff"
"""Stands for half of a unit at the end of a stream, which has an odd number of bytes."""


class Utf16Stream(RawIOBase):
    """A stream of UTF-16 as UTF-8, in bounded memory.

    Halves of characters become bytes that UTF-8 does not allow, so that only their line is wrong.

    Args:
        stream: bytes of UTF-16.
        encoding: utf-16-le or utf-16-be.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        # What a terminal or a pipe has is read at once, and not only when a chunk is full.
        self._read = cast("BufferedReader", stream).read1
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._out = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._out and not self._ended:
            raw = self._read(CHUNK)
            self._ended = not raw
            self._out = memoryview(self._converted(raw))
        target = memoryview(buffer)
        count = min(len(target), len(self._out))
        target[:count] = self._out[:count]
        self._out = self._out[count:]
        return count

    def _converted(self, raw: bytes) -> bytes:
        try:
            return self._decoder.decode(raw, self._ended).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # at the end alone
            return CUT


def what_is_wrong(line: bytes) -> str:
    """Why a line of such a stream is no text, and what is expected."""
    if b"\0" in line:
        return "this line contains a zero character. Remove it."
    text = line.decode("utf-8", "replace" if line.endswith(CUT) else "surrogatepass")
    at = next((at for at, character in enumerate(text, 1) if "\ud800" <= character <= "\udfff"), len(text))
    return f"character {at} of this line is half of a character. Expected UTF-16."
