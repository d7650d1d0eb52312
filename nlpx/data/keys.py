"""Membership of strings in a large set, by their hashes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np

PENDING = 1 << 16


def key(text: str) -> int:
    """64 bits of BLAKE2b: two of a million strings collide with a probability of 3e-8."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


class KeySet:
    """A set of strings held as sorted 64-bit hashes, in memory or mapped from a file.

    Args:
        hashes: sorted, each once, (n,) uint64.
    """

    def __init__(self, hashes: np.ndarray) -> None:
        self._hashes = hashes

    @classmethod
    def of(cls, texts: Iterable[str]) -> KeySet:
        builder = KeySetBuilder()
        for text in texts:
            builder.add(text)
        return builder.build()

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        value = np.uint64(key(text))
        position = int(np.searchsorted(self._hashes, value))
        return position < len(self._hashes) and bool(self._hashes[position] == value)

    def __len__(self) -> int:
        return len(self._hashes)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, self._hashes, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> KeySet:
        return cls(np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)))


class KeySetBuilder:
    """Collects a set of strings in 8 bytes each."""

    def __init__(self) -> None:
        self._sorted = np.zeros(0, np.uint64)
        self._pending = array("Q")

    def add(self, text: str) -> None:
        self._pending.append(key(text))
        # Merging only what has doubled keeps the whole at n log n.
        if len(self._pending) >= max(PENDING, len(self._sorted)):
            self._merge()

    def build(self) -> KeySet:
        self._merge()
        return KeySet(self._sorted)

    def _merge(self) -> None:
        pending = np.frombuffer(self._pending, np.uint64) if self._pending else np.zeros(0, np.uint64)
        self._sorted = np.unique(np.concatenate([self._sorted, pending]))
        self._pending = array("Q")
