"""Random access to the lines of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

import numpy as np

NEWLINE = 10
BYTES_AT_ONCE = 1 << 24
DIGITS = 64
"""Number of hexadecimal digits of a SHA-256."""


class MappedLines(Sequence[str]):
    r"""The lines of a memory-mapped UTF-8 file; uses 8 bytes of memory per line.

    Only \n ends a line. Invalid UTF-8 is replaced.

    Args:
        path: the file; anything after the last \n is ignored.

    Attributes:
        sha256: SHA-256 of the lines in hexadecimal digits.
        whole: whether the lines are unchanged since `write_lines`.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        size = path.stat().st_size
        # An empty file cannot be mapped.
        self._bytes = np.asarray(np.memmap(path, np.uint8, "r")) if size else np.zeros(0, np.uint8)
        starts = [np.zeros(1, np.int64)]
        for begin in range(0, size, BYTES_AT_ONCE):
            ends = np.flatnonzero(self._bytes[begin : begin + BYTES_AT_ONCE] == NEWLINE)
            starts.append(ends + (begin + 1))
        self._starts = np.concatenate(starts)
        end = self._starts[-1]
        self.sha256 = hashlib.sha256(self._bytes[:end].data).hexdigest()
        self.whole = self._bytes[end : end + 2 * DIGITS].tobytes() == self.sha256.encode()

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._read(places, places + 1)[0]
        if places.step != 1:
            return [self[place] for place in places]
        return self._read(places.start, places.stop) if places else []

    def _read(self, start: int, stop: int) -> list[str]:
        text = self._bytes[self._starts[start] : self._starts[stop]].tobytes().decode("utf-8", "replace")
        return text.split("\n")[:-1]


def write_lines(path: Path, texts: Iterable[str]) -> None:
    """Write lines to a file, followed by their SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for text in texts:
            line = f"{text}\n".encode("utf-8", "surrogatepass")
            digest.update(line)
            file.write(line)
        file.write(digest.hexdigest().encode())
