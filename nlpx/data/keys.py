"""Membership of strings in a large set, by their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def key(text: str) -> int:
    """64 bits of BLAKE2b: two of a million strings collide with a probability of 3e-8."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class KeySet:
    """A set of strings held as sorted 64-bit hashes, in memory or mapped from a file."""

    def __init__(self, hashes: np.ndarray) -> None:
        self._hashes = hashes

    @classmethod
    def of(cls, texts: Iterable[str]) -> KeySet:
        return cls(np.unique(np.fromiter(map(key, texts), np.uint64)))

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        value = np.uint64(key(text))
        position = int(np.searchsorted(self._hashes, value))
        return position < len(self._hashes) and self._hashes[position] == value

    def __len__(self) -> int:
        return len(self._hashes)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, self._hashes, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> KeySet:
        return cls(np.load(path, mmap_mode="r", allow_pickle=False))
