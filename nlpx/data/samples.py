"""Small corpora written for nlpx, so that every task runs on a fresh machine.

A sample is a module of the folder `sample` of a task. It is called like the module, and holds `SAMPLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from nlpx.data.records import Record

TASKS = Path(__file__).parents[1] / "tasks"


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
    make: Callable[[str, SampleRow], Record]


@cache
def names() -> Mapping[str, str]:
    """By name of a sample, its module. Rows are made when they are asked for."""
    paths = {path.stem: path for path in TASKS.glob("*/sample/[!_]*.py")}
    return {name: f"nlpx.tasks.{paths[name].parts[-3]}.sample.{name}" for name in sorted(paths)}


def find(name: str) -> Sample:
    """The sample of one of these names."""
    sample = import_module(names()[name]).SAMPLE
    if not isinstance(sample, Sample):
        raise TypeError(f"{names()[name]}.SAMPLE is no sample")
    return sample
