"""Built-in sample datasets.

A sample is a module in the folder `sample` of a task. It has the name of the module, which defines `SAMPLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from nlpx.data.records import Record

T = TypeVar("T")
TASKS = Path(__file__).parents[1] / "tasks"


class SampleRow(NamedTuple):
    """A row of a sample: its subset (`generated`, `written` by hand, or others), and its texts."""

    group: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A small built-in dataset, the same on every machine, which is not suitable for measuring quality."""

    record: str
    rows: Callable[[str], Sequence[SampleRow]]
    make: Callable[[str, SampleRow], Record]


Splits = Mapping[str, Sequence[SampleRow]]


def by_split(generate: Callable[[], Splits]) -> Callable[[str], Sequence[SampleRow]]:
    """The rows of a split, given a function that generates those of all splits, called once."""
    generated = cache(generate)
    return lambda split: generated()[split]


def distinct(sizes: Mapping[str, int], draw: Callable[[], T], key: Callable[[T], str]) -> dict[str, list[T]]:
    """So many results of `draw` for each split, of which no two have the same key."""
    seen: set[str] = set()
    splits: dict[str, list[T]] = {}
    for split, size in sizes.items():
        chosen = splits[split] = []
        while len(chosen) < size:
            drawn = draw()
            if key(drawn) not in seen:
                seen.add(key(drawn))
                chosen.append(drawn)
    return splits


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
