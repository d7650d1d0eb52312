"""Base classes of data sources."""

from __future__ import annotations

import hashlib
import heapq
from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, PrivateAttr

from nlpx.core.component import Component
from nlpx.core.options import NonNegativeInt
from nlpx.core.paths import is_folder
from nlpx.core.suggest import did_you_mean
from nlpx.data.files import filled_lines, fingerprint, printable
from nlpx.data.formats.columns import header, quoted
from nlpx.data.formats.look import Look, recognized
from nlpx.data.formats.texts import COLUMNS
from nlpx.data.keys import key
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.data.records import BadRow, Record

SPLITS = ("train", "valid", "test")
CorpusPath = Annotated[str, Field(min_length=1)]
"""A file, relative to `data.root` unless absolute; can be compressed."""


class Source(Component):
    """Base class of data sources, which yield the records of a split one at a time, including bad rows.

    Findings while reading are stored in private attributes; `open` makes a copy without findings.
    `holdout` training records are held out for validation if there is no file for it.
    """

    kind: ClassVar[str] = "source"
    record: ClassVar[str] = ""
    """The kind of its records."""
    version: ClassVar[int] = 1
    """Version; increase it when the same bytes and options give different records."""
    file_options: ClassVar[tuple[str, ...]] = SPLITS
    """The options that are paths relative to `data.root`."""
    reads_folders: ClassVar[bool] = False
    """Whether a split may be a folder."""
    holds_out: ClassVar[str] = "`holdout: N`"
    """How to hold out training records, for messages."""

    holdout: NonNegativeInt = 0

    _root: Path = PrivateAttr(Path())

    def open(self, root: Path, sample: str = "") -> Self:
        """A new reader with these options; `sample` is the default sample, which is that of the task."""
        reader = self.model_construct(self.model_fields_set, **dict(self))
        reader._root = root
        return reader

    def files(self) -> dict[str, list[str]]:
        """By option, the files that it names, as written."""
        named = ((name, getattr(self, name, None)) for name in self.file_options)
        return {name: [value] if isinstance(value, str) else value for name, value in named if value}

    @property
    def record_kind(self) -> str:
        """The kind of its records; empty if it depends on the task."""
        return self.record

    @property
    def divides_train(self) -> bool:
        """Whether training records are held out for validation."""
        return self.holdout > 0 and "valid" not in self.files()

    def splits(self) -> tuple[str, ...]:
        """The available splits; all of them if the source has no files."""
        files = self.files()
        held_out = ["valid"] if self.divides_train else []
        return tuple(split for split in SPLITS if "train" not in files or split in [*files, *held_out])

    def cache_key(self) -> object:
        """A string that changes whenever the same bytes would give different records."""
        options = self.model_dump(mode="json", exclude=set(self.file_options))
        return type(self).__module__, type(self).__qualname__, self.version, options

    @abstractmethod
    def rows(self, split: str) -> Iterator[Record | BadRow]:
        """The records of a split in the order of the file; raises UsageError if there is no such split."""

    @abstractmethod
    def fingerprint(self, split: str) -> str:
        """SHA-256 of the bytes of a split."""

    def looks_like(self, split: str) -> str:
        """The probable format of a split in which nearly all rows are bad, with advice; empty if unknown."""
        return ""

    def warnings(self, split: str | None = None) -> list[str]:
        """Warnings about rows that can be read but are probably wrong, of one split or all."""
        return []

    def blank_lines(self) -> dict[str, int]:
        """Number of blank lines skipped so far, by file."""
        return {}

    def expect(self, split: str) -> None:
        """Raise UsageError if there is no such split."""
        splits = self.splits()
        if split in splits:
            return
        has = f"there is no split {split!r} in this source; it has {', '.join(splits)}"
        if split in SPLITS:
            raise UsageError(f"{has}. Set its file, or data.source.holdout for the validation split.")
        raise UsageError(f"{has}; {did_you_mean(split, splits) or 'choose one of these.'}")


class SplitFiles(Source):
    """A source with files or folders for each split.

    Options:
        train: file.
        valid: the same for the validation split.
        test: the same for the test split; default: no test split.
    """

    line_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of a line; names that end in # are numbers."""

    train: CorpusPath
    valid: CorpusPath | None = None
    test: CorpusPath | None = None

    _blank_lines: dict[str, int] = PrivateAttr(default_factory=dict)

    def paths(self, split: str) -> list[Path]:
        """The files of a split, which are those of train if it is held out."""
        self.expect(split)
        files = self.files()
        return [self._root / name for name in files.get(split) or files["train"]]

    def paths_of(self, split: str | None) -> list[list[Path]]:
        """The files of a split, or of all splits."""
        return [self.paths(name) for name in self.splits() if split in (None, name)]

    def fingerprint(self, split: str) -> str:
        hashes = list(map(fingerprint, self.paths(split)))
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    def looks_like(self, split: str) -> str:
        paths = self.paths(split)
        return recognized(self.look(paths[0]), COLUMNS) if len(paths) == 1 else ""

    def warnings(self, split: str | None = None) -> list[str]:
        # Lines in folders and in parallel files have no columns.
        found = self.paths_of(split) if self.line_columns else []
        lone = dict.fromkeys(paths[0] for paths in found if len(paths) == 1 and not is_folder(paths[0]))
        looks = list(map(self.look, lone))
        return list(filter(None, (recognized(look, [quoted]) or header(look) for look in looks)))

    def look(self, path: Path) -> Look:
        """The beginning of a file, to recognize its format."""
        return Look(path, self.line_columns)

    def blank_lines(self) -> dict[str, int]:
        return dict(self._blank_lines)

    def lines(self, paths: list[Path]) -> Iterator[tuple[str, str]]:
        """Positions and texts of the lines of files; blank lines are counted and skipped."""
        for path in paths:
            yield from filled_lines(path, self.blank_counter(path))

    def blank_counter(self, path: Path) -> Callable[[], None]:
        """A function to call at every blank line; a file may be read several times."""
        name, count = printable(path), 0

        def on_blank() -> None:
            nonlocal count
            count += 1
            self._blank_lines[name] = max(count, self._blank_lines.get(name, 0))

        return on_blank


class FileSource(SplitFiles):
    """A source with a file or folder for each split; `valid` may be held out from `train`.

    Rows whose lines have the smallest hashes are held out, so the order of the file does not matter,
    and equal rows are held out together, except for the last of them.

    Options:
        train: file.
        valid: the same for the validation split; default: hold out `holdout` rows of train.
        test: the same for the test split; default: no test split.
        holdout: number of training rows to hold out for validation if `valid` is not set.
    """

    _held_out: dict[int, Record] | None = PrivateAttr(None)
    _no_holdout: DataError | None = PrivateAttr(None)

    @abstractmethod
    def read(self, paths: list[Path]) -> Iterator[Record | BadRow]:
        """The rows of the files of one split."""

    def rows(self, split: str) -> Iterator[Record | BadRow]:
        paths = self.paths(split)
        if not self.divides_train or split == "test":
            return self.read(paths)
        return self._held_out_rows() if split == "valid" else self._not_held_out()

    def _held_out_rows(self) -> Iterator[Record]:
        held_out = self._hold_out()
        if self._no_holdout:
            raise self._no_holdout
        return iter(held_out.values())

    def _not_held_out(self) -> Iterator[Record | BadRow]:
        """The training rows that are not held out. If none can be held out, an error is raised at the end."""
        held_out = self._hold_out()
        for index, row in enumerate(self.read(self.paths("train"))):
            if index not in held_out:
                yield row
        if self._no_holdout:
            raise self._no_holdout

    def _hold_out(self) -> dict[int, Record]:
        """The held-out rows by their position in train, in order; empty if no training rows would be left."""
        if self._held_out is None:
            paths = self.paths("train")
            self._held_out = {}
            try:
                held_out, good = self.choose(paths, self.holdout)
            except DataError as error:
                self._no_holdout = error
                return self._held_out
            if not good:
                self._no_holdout = DataError(f"{paths[0]}: no row can be used, so none can be held out.")
            elif len(held_out) >= good:
                self._no_holdout = DataError(
                    f"{paths[0]}: data.source.holdout takes {self.holdout} of {good} rows and leaves none "
                    "to train on. Lower it."
                )
            else:
                self._held_out = held_out
        return self._held_out

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Record], int]:
        """The rows to hold out by their position, in order, and the number of good rows.

        Args:
            count: number of rows to hold out; there may be fewer.

        Raises:
            DataError: no suitable rows exist.
        """
        from nlpx.data.records import BadRow

        good = 0
        smallest: list[tuple[int, int, Record]] = []
        for index, row in enumerate(self.read(paths)):
            if isinstance(row, BadRow):
                continue
            good += 1
            candidate = (-key(row.line), -index, row)  # heapq keeps the smallest on top, here the worst
            if len(smallest) < count:
                heapq.heappush(smallest, candidate)
            elif candidate[:2] > smallest[0][:2]:
                heapq.heapreplace(smallest, candidate)
        return {-index: row for _, index, row in sorted(smallest, key=lambda c: -c[1])}, good
