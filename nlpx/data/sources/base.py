"""What a source is."""

from __future__ import annotations

import hashlib
import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from nlpx.core.suggest import did_you_mean
from nlpx.data.files import filled_lines, fingerprint, printable
from nlpx.data.headings import header
from nlpx.data.keys import key
from nlpx.data.looks_like import looks_like, quoted_cells
from nlpx.data.rows import BadRow, Row
from nlpx.errors import DataError, UsageError

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

    def looks_like(self, split: str) -> str:
        """What a split looks like of which nearly all rows are bad, and what to do; empty if unknown."""
        return ""

    def warnings(self, split: str | None = None) -> list[str]:
        """What is probably wrong with rows that can be read all the same, of one split or of all."""
        return []

    def blank_lines(self) -> dict[str, int]:
        """By file, the blank lines that readings so far have passed over."""
        return {}

    def missing(self, split: str) -> UsageError:
        """The error for a split that the source does not have."""
        has = f"there is no split {split!r} in this source; it has {', '.join(self.splits())}"
        if split in SPLITS:
            return UsageError(f"{has}. Give its file, or data.source.holdout for the split valid.")
        return UsageError(f"{has}; {did_you_mean(split, self.splits()) or 'choose one of these.'}")


class FileSource(Source):
    """A source with files for its splits; `valid` may be rows held out of `train`.

    The rows held out are those whose line has the smallest hash. So the order of the file does not matter,
    and equal rows are held out together, but for the last of them.

    Args:
        files: by split, the files of the split; none where the split does not exist.
        root: folder that they are relative to.
        holdout: rows taken out of train as valid, where valid has no file.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    """What a line holds, between tabs; a name that ends in # is that of a number."""

    def __init__(self, files: dict[str, list[str]], root: Path, holdout: int) -> None:
        self._files = {split: [root / name for name in names] for split, names in files.items() if names}
        self._holdout = 0 if "valid" in self._files else holdout
        self._held_out: dict[int, Row] | None = None
        self._no_holdout: DataError | None = None
        self._blank_lines: dict[str, int] = {}

    def splits(self) -> tuple[str, ...]:
        return tuple(s for s in SPLITS if s in self._files or (s == "valid" and self._holdout))

    def rows(self, split: str) -> Iterator[Row | BadRow]:
        if split not in self.splits():
            raise self.missing(split)
        if self._holdout and split == "valid":
            held_out = self._hold_out()
            if self._no_holdout:
                raise self._no_holdout
            return iter(held_out.values())
        return self._not_held_out() if self._holdout and split == "train" else self.read(self._files[split])

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

    def looks_like(self, split: str) -> str:
        paths = self._files.get(split) or self._files["train"]
        return looks_like(paths[0], self.columns) if len(paths) == 1 else ""

    def warnings(self, split: str | None = None) -> list[str]:
        lone = dict.fromkeys(paths[0] for paths in self.paths(split) if len(paths) == 1)
        lone = {path: None for path in lone if self.columns and not path.is_dir()}
        found = {path: header(path) for path in lone}
        quoted = filter(None, (quoted_cells(path, self.columns) for path in lone))
        return [
            *quoted,
            *(
                f"{path}:1: this line looks like a header, but every line is a row: {line}. Delete it: "
                "`tail -n +2 OLD > NEW`."
                for path, line in found.items()
                if line
            ),
        ]

    def paths(self, split: str | None = None) -> list[list[Path]]:
        """The files that a split is read from, or those of every split."""
        if split is None:
            return list(self._files.values())
        return [self._files.get(split) or self._files["train"]]

    def blank_lines(self) -> dict[str, int]:
        return dict(self._blank_lines)

    def lines(self, path: Path) -> Iterator[tuple[str, str]]:
        """Where each line of a file stands and its text; blank ones are counted and passed over."""
        return filled_lines(path, self.blank_counter(path))

    def blank_counter(self, path: Path) -> Callable[[], None]:
        """To be called at every blank line of one reading of a file, which may be read several times."""
        name, count = printable(path), 0

        def on_blank() -> None:
            nonlocal count
            count += 1
            self._blank_lines[name] = max(count, self._blank_lines.get(name, 0))

        return on_blank

    def _not_held_out(self) -> Iterator[Row | BadRow]:
        """The rows of train without those of valid. Where none can be held out, an error follows the rows."""
        held_out = self._hold_out()
        for index, row in enumerate(self.read(self._files["train"])):
            if index not in held_out:
                yield row
        if self._no_holdout:
            raise self._no_holdout

    def _hold_out(self) -> dict[int, Row]:
        """The rows held out by their position in train, in this order; none where the rest would be empty."""
        if self._held_out is None:
            paths = self._files["train"]
            self._held_out = {}
            try:
                held_out, good = self.choose(paths, self._holdout)
            except DataError as error:
                self._no_holdout = error
                return self._held_out
            if not good:
                self._no_holdout = DataError(f"{paths[0]}: no row can be used, so none can be held out.")
            elif len(held_out) >= good:
                self._no_holdout = DataError(
                    f"{paths[0]}: data.source.holdout takes {self._holdout} of {good} rows and leaves none "
                    "to train on. Lower it."
                )
            else:
                self._held_out = held_out
        return self._held_out

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Row], int]:
        """The rows to hold out by their position, in this order, and the number of good rows.

        Args:
            paths: the files of train.
            count: how many rows are asked for; there may be fewer.

        Raises:
            DataError: no choice of rows will do.
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
