"""What a source is."""

from __future__ import annotations

import hashlib
import heapq
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from nlpx.data.files import fingerprint
from nlpx.data.keys import key
from nlpx.data.rows import BadRow, Row
from nlpx.errors import DataError

SPLITS = ("train", "valid", "test")


class Source(ABC):
    """Yields the rows of a split, one at a time, the bad ones too."""

    @abstractmethod
    def splits(self) -> tuple[str, ...]:
        """The splits there are."""

    @abstractmethod
    def rows(self, split: str) -> Iterator[Row | BadRow]:
        """The rows of a split in the order of the file; raises DataError if there is no such split."""

    @abstractmethod
    def fingerprint(self, split: str) -> str:
        """sha256 of the bytes that the split is read from."""

    def settings(self) -> str:
        """A text that changes whenever the same bytes would give other rows."""
        return type(self).__qualname__

    def missing(self, split: str) -> DataError:
        """The error for a split that the source does not have."""
        return DataError(
            f"there is no split {split!r} in this source; it has {', '.join(self.splits())}. "
            "Give its file, or data.source.holdout for the split valid."
        )


class FileSource(Source):
    """A source with files for its splits; `valid` may be rows held out of `train`.

    The rows held out are those whose line has the smallest hash. So the order of the file does not matter,
    and equal rows are held out together, but for the last of them.

    Args:
        files: by split, the files of the split; none where the split does not exist.
        root: folder that they are relative to.
        holdout: rows taken out of train as valid, where valid has no file.
    """

    def __init__(self, files: dict[str, list[str]], root: Path, holdout: int) -> None:
        self._files = {split: [root / name for name in names] for split, names in files.items() if names}
        self._holdout = 0 if "valid" in self._files else holdout
        self._held_out: dict[int, Row] | None = None

    def splits(self) -> tuple[str, ...]:
        return tuple(s for s in SPLITS if s in self._files or (s == "valid" and self._holdout))

    def rows(self, split: str) -> Iterator[Row | BadRow]:
        if split not in self.splits():
            raise self.missing(split)
        if self._holdout and split == "valid":
            return iter(self._hold_out().values())
        if self._holdout and split == "train":
            held_out = self._hold_out()
            return (row for i, row in enumerate(self.read(self._files["train"])) if i not in held_out)
        return self.read(self._files[split])

    def fingerprint(self, split: str) -> str:
        if split not in self.splits():
            raise self.missing(split)
        hashes = [fingerprint(path) for path in self._files.get(split) or self._files["train"]]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    def settings(self) -> str:
        return f"{super().settings()} holdout={self._holdout}"

    @abstractmethod
    def read(self, paths: list[Path]) -> Iterator[Row | BadRow]:
        """The rows of the files of one split."""

    def _hold_out(self) -> dict[int, Row]:
        """The rows held out by their position in train, in this order."""
        if self._held_out is None:
            paths = self._files["train"]
            self._held_out, good = self.choose(paths, self._holdout)
            if len(self._held_out) >= good:
                raise DataError(
                    f"{paths[0]}: data.source.holdout takes {self._holdout} of {good} rows and leaves none "
                    "to train on. Lower it."
                )
        return self._held_out

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Row], int]:
        """The rows to hold out by their position, in this order, and the number of good rows.

        Args:
            paths: the files of train.
            count: how many rows are asked for; there may be fewer.
        """
        good = 0
        smallest: list[tuple[int, int, Row]] = []
        for index, row in enumerate(self.read(paths)):
            if isinstance(row, BadRow):
                continue
            good += 1
            candidate = (-key(row.line), -index, row)  # heapq keeps the smallest on top: here the worst
            if len(smallest) < count:
                heapq.heappush(smallest, candidate)
            elif candidate[:2] > smallest[0][:2]:
                heapq.heapreplace(smallest, candidate)
        return {-index: row for _, index, row in sorted(smallest, key=lambda c: -c[1])}, good


class SplitFileSource(FileSource):
    """A source with one file, or folder, for each split.

    Args:
        train, valid, test: files; None where there is no such split.
        holdout: rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    def __init__(
        self,
        train: str,
        valid: str | None = None,
        test: str | None = None,
        holdout: int = 0,
        *,
        root: Path,
        task: str = "",
    ) -> None:
        files = {"train": train, "valid": valid, "test": test}
        super().__init__({split: [name] for split, name in files.items() if name}, root, holdout)
