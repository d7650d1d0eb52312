"""Word lists and weighted rules in plain text, with seeded random choices.

A file has sections, `[name]` on a line of its own. Every other line is one alternative of its section: words
(of a rule: symbols) separated by blanks, after `*n` where it is to be chosen n times as often. Empty lines
and lines that start with `#` are skipped.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Alternative:
    """One line of a section."""

    weight: int
    items: tuple[str, ...]


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file without comments and empty lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return (line for line in lines if line and not line.startswith("#"))


def read_sections(path: Path) -> dict[str, list[Alternative]]:
    """The sections of a file."""
    sections: dict[str, list[Alternative]] = {}
    for line in read_lines(path):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
            continue
        items = line.split()
        weight = int(items.pop(0)[1:]) if items[0].startswith("*") else 1
        section.append(Alternative(weight, tuple(items)))
    return sections


class Choice:
    """A weighted choice among alternatives."""

    def __init__(self, alternatives: Sequence[Alternative]) -> None:
        self._items = [alternative.items for alternative in alternatives]
        self._limits = list(accumulate(alternative.weight for alternative in alternatives))

    def draw(self, source: random.Random) -> tuple[str, ...]:
        """One alternative."""
        return self._items[bisect_right(self._limits, source.random() * self._limits[-1])]


def choices(sections: Mapping[str, Sequence[Alternative]]) -> dict[str, Choice]:
    """A choice for each section."""
    return {name: Choice(alternatives) for name, alternatives in sections.items()}


def pick(source: random.Random, items: Sequence[T]) -> T:
    """A random item; all are equally likely.

    Only `random()` gives the same sequence in every version of Python; `choice` does not.
    """
    return items[int(source.random() * len(items))]
