"""Large sets of strings, represented by hashes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from pathlib import Path

from nlpx.core.lazy import np

AT_ONCE = 1 << 16
PARTS = 16
CHECKED_AT_ONCE = 1 << 20


def key(text: str) -> int:
    """64 bits of BLAKE2b; the probability of a collision among a million strings is 3e-8."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


class KeySet:
    """A set of strings as sorted distinct 64-bit hashes, (n,) uint64, in memory or mapped from a file."""

    def __init__(self, hashes: np.ndarray) -> None:
        self._hashes = hashes

    @classmethod
    def of(cls, texts: Iterable[str]) -> KeySet:
        return cls(np.unique(np.fromiter(map(key, texts), np.uint64)))

    @classmethod
    def load(cls, path: Path) -> KeySet:
        """Map a file written by `save` or a KeyWriter; raises OSError or ValueError."""
        size = path.stat().st_size
        if not size:
            return cls.of(())
        if size % 8:
            raise ValueError(f"{size} bytes is not a multiple of 8")
        hashes = np.asarray(np.memmap(path, np.uint64, "r"))
        for start in range(0, len(hashes) - 1, CHECKED_AT_ONCE):
            part = hashes[start : start + CHECKED_AT_ONCE + 1]
            if not (part[:-1] < part[1:]).all():
                raise ValueError("its keys are not sorted")
        return cls(hashes)

    def save(self, path: Path) -> None:
        """Write a file for `load`."""
        self._hashes.tofile(path)

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        value = np.uint64(key(text))
        position = int(np.searchsorted(self._hashes, value))
        return position < len(self._hashes) and bool(self._hashes[position] == value)

    def __len__(self) -> int:
        return len(self._hashes)


class KeyWriter:
    """Writes the file of a set that does not fit in memory.

    Hashes are distributed to files by their highest bits; the files are sorted and concatenated.

    Args:
        path: the file; temporary files in the same folder need 8 bytes per text.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts = [path.with_name(f"{path.name}.{part}") for part in range(PARTS)]
        self._pending = array("Q")

    def add(self, text: str) -> None:
        self._pending.append(key(text))
        if len(self._pending) == AT_ONCE:
            self._spill()

    def finish(self) -> KeySet:
        """Write the sorted hashes of all texts without duplicates, and map the file."""
        self._spill()
        with self._path.open("wb") as file:
            for part in self._parts:
                np.unique(np.fromfile(part, np.uint64)).tofile(file)
                part.unlink()
        return KeySet.load(self._path)

    def _spill(self) -> None:
        hashes = np.sort(np.fromiter(self._pending, np.uint64))
        edges = np.arange(1, PARTS, dtype=np.uint64) * np.uint64(2**64 // PARTS)
        for part, values in zip(self._parts, np.split(hashes, np.searchsorted(hashes, edges)), strict=True):
            with part.open("ab") as file:
                values.tofile(file)
        self._pending = array("Q")
