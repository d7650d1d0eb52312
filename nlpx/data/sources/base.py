"""What a source is."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nlpx.data.files import fingerprint
from nlpx.data.rows import BadRow, Row
from nlpx.errors import DataError

SPLITS = ("train", "valid", "test")
HOLDOUT_SEED = 20160101


class Source(ABC):
    """Yields the rows of a split, one at a time, the bad ones too."""

    @abstractmethod
    def splits(self) -> tuple[str, ...]:
        """The splits there are."""

    @abstractmethod
    def rows(self, split: str) -> Iterator[Row | BadRow]:
        """The rows of a split in the order of the file."""

    @abstractmethod
    def fingerprint(self, split: str) -> str:
        """sha256 of what the split is read from."""


class FileSource(Source):
    """A source with files for its splits; `valid` may be rows held out of `train`.

    Args:
        files: by split, the files of the split; none where the split does not exist.
        root: folder that they are relative to.
        holdout: rows taken out of train as valid, where valid has no file.
    """

    def __init__(self, files: dict[str, list[str]], root: Path, holdout: int) -> None:
        self._files = {split: [root / name for name in names] for split, names in files.items() if names}
        self._holdout = 0 if "valid" in self._files else holdout
        self._held_out: frozenset[int] | None = None

    def splits(self) -> tuple[str, ...]:
        return tuple(s for s in SPLITS if s in self._files or (s == "valid" and self._holdout))

    def rows(self, split: str) -> Iterator[Row | BadRow]:
        if split in self._files and not (split == "train" and self._holdout):
            return self.read(self._files[split])
        if split not in self.splits():
            raise DataError(f"there is no split {split!r} in this source; it has {', '.join(self.splits())}.")
        held_out = self._choose()
        rows = enumerate(self.read(self._files["train"]))
        return (row for index, row in rows if (index in held_out) == (split == "valid"))

    def fingerprint(self, split: str) -> str:
        paths = self._files.get(split) or self._files["train"]
        digest = hashlib.sha256("".join(map(fingerprint, paths)).encode())
        digest.update(f"{split} {self._holdout}".encode())
        return digest.hexdigest()

    @abstractmethod
    def read(self, paths: list[Path]) -> Iterator[Row | BadRow]:
        """The rows of the files of one split."""

    def _choose(self) -> frozenset[int]:
        """Positions of the rows held out: a fixed random choice for a file of this many rows."""
        if self._held_out is None:
            count = sum(1 for _ in self.read(self._files["train"]))
            if count <= self._holdout:
                raise DataError(
                    f"{self._files['train'][0]}: holdout takes {self._holdout} of {count} rows and leaves none to "
                    "train on. Lower data.source.holdout."
                )
            chosen = np.random.default_rng(HOLDOUT_SEED).choice(count, self._holdout, replace=False)
            self._held_out = frozenset(chosen.tolist())
        return self._held_out
