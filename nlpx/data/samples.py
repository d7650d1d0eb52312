"""Built-in sample datasets.

A sample is a module in the folder `sample` of a task. It has the name of the module, which defines `SAMPLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nlpx.data.records import Record

TASKS = Path(__file__).parents[1] / "tasks"


class SampleRow(NamedTuple):
    """A row of a sample.

    Attributes:
        group: name of its subset: `generated`, `written` (by hand), or others.
        parts: its texts in the order of the fields of the record.
    """

    group: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A small built-in dataset, which is not suitable for measuring quality.

    Attributes:
        record: the kind of its records.
        rows: returns the rows of train, valid or test, which are deterministic.
        make: makes a record from its position and a row.
    """

    record: str
    rows: Callable[[str], Sequence[SampleRow]]
    make: Callable[[str, SampleRow], Record]


@cache
def names() -> Mapping[str, str]:
    """The modules of samples by name. Rows are generated on demand."""
    paths = {path.stem: path for path in TASKS.glob("*/sample/[!_]*.py")}
    return {name: f"nlpx.tasks.{paths[name].parts[-3]}.sample.{name}" for name in sorted(paths)}


def find(name: str) -> Sample:
    """The sample with a name."""
    sample = import_module(names()[name]).SAMPLE
    if not isinstance(sample, Sample):
        raise TypeError(f"{names()[name]}.SAMPLE is not a sample")
    return sample
