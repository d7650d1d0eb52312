"""Records written to files that sources read: to look at, to edit, to begin a corpus with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nlpx.data.records import Record
from nlpx.errors import DataError


@dataclass(frozen=True)
class Export:
    """A split that was written.

    Attributes:
        name: of its file or folder.
        rows: how many were written.
        source: type of the source that reads it, with the options that it needs for that.
    """

    name: str
    rows: int
    source: str


def expect_writable(records: Iterable[Record], path: Path) -> None:
    """Raise EnvironmentProblem where records cannot be written below a path for want of a package."""
    first = next(iter(records), None)
    if first is not None:
        first.expect_writable(path)


def write_records(records: Iterable[Record], folder: Path, split: str) -> Export:
    """Write the records of a split into a folder that exists, so that reading them gives equal records.

    The subset that a record is also reported with (`generated`, `written`) is kept by articles only.

    Args:
        records: all of one class.
        folder: where the file, or the folder of a split of images, is made.
        split: what it is called.

    Raises:
        DataError: there is no record.
        OSError: it cannot be written.
        EnvironmentProblem: a package is missing that writes such records.
    """
    records = iter(records)
    first = next(records, None)
    if first is None:
        raise DataError(f"the split {split} has no row that can be used; `nlpx data check` says why.")
    path = folder / f"{split}{first.suffix}"
    return Export(path.name, type(first).write(path, chain([first], records)), first.reader())
