"""What an embedded sample is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nlpx.data.rows import Row


class SampleRow(NamedTuple):
    """One row of a sample.

    Attributes:
        group: `generated`, or `written` by hand, or what else sets a part of the rows apart.
        parts: its texts, in the order of the fields of its record.
    """

    group: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A small corpus that ships with nlpx: it shows that a task runs and learns; no claim rests on it.

    Attributes:
        record: the kind of its records.
        rows: the rows of train, valid or test, the same on every call and machine.
        make: the record of a row, and where it stands.
    """

    record: str
    rows: Callable[[str], Sequence[SampleRow]]
    make: Callable[[str, SampleRow], Row]
