"""Observations of a system that changes in time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from nlpx.data.records import Record

TIME = "t"
"""The name of the first column."""


@dataclass(frozen=True, slots=True)
class Observation(Record):
    """What was observed at a time.

    Attributes:
        time: when.
        names: the columns of the file.
        values: by column; None where nothing was observed.
    """

    kind: ClassVar[str] = "observation"
    source: ClassVar[str] = "observations"

    time: float
    names: tuple[str, ...]
    values: tuple[float | None, ...]

    @property
    def line(self) -> str:
        return "\t".join("" if value is None else shortest(value) for value in (self.time, *self.values))

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        number = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for number, record in enumerate(records, start=1):
                if number == 1:
                    file.write("\t".join([TIME, *record.names]) + "\n")
                file.write(f"{record.line}\n")
        return number


def shortest(value: float) -> str:
    """The shortest decimal number that is read as the same value."""
    return repr(value).removesuffix(".0")


def number(text: str) -> float | None:
    """The finite number that a text is; None if it is none."""
    try:
        value = float(text.replace("_", "no digit"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
