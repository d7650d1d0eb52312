"""What an embedded sample is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row of a sample.

    Attributes:
        group: `generated`, or `written` by hand, or what else sets a part of the rows apart.
        parts: (upper line, lower line) of a pair; the words of a segmented sentence; (text,) of a verse;
            (group, sentence) of a question; (sentence, sentence, score) of a scored pair; the class of a
            picture and how it is drawn; (title, content) of an article.
    """

    group: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A small corpus that ships with nlpx: it shows that a task runs and learns; no claim rests on it.

    Attributes:
        name: what it is called.
        description: one line.
        kind: what the parts of its rows are.
        version: rises whenever a row changes.
    """

    name: str
    description: str
    kind: Literal["pairs", "segmented", "verses", "groups", "scored", "pictures", "articles"]
    version: int

    def rows(self, split: str) -> Iterator[SampleRow]:
        """The rows of a split, the same on every call and machine.

        Raises:
            ValueError: there is no such split.
        """
        if split not in SPLITS:
            raise ValueError(f"there is no split {split!r}; expected one of {', '.join(SPLITS)}")
        read: Callable[[str], Sequence[SampleRow]] = import_module(f"nlpx.data.samples.{self.name}").rows
        return iter(read(split))
