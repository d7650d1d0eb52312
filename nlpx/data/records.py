"""Records: the rows of a corpus, by kind."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from nlpx.data.images import need_pillow, write_image
from nlpx.errors import DataError
from nlpx.text.verse import written_out

if TYPE_CHECKING:
    import numpy as np

QUATRAIN = 20
"""Fewest characters of a verse of four lines."""


class Record(ABC):
    """One row of a corpus. A kind of records is a frozen dataclass derived from this, in any module.

    Attributes:
        where: `path:line`, or the path of a file that holds one record.
        group: name of the subset of its split that the record is also reported with.
    """

    __slots__ = ()

    kind: ClassVar[str]
    """What sources and tasks call it."""
    source: ClassVar[str]
    """The type of the source that reads what `write` wrote."""
    suffix: ClassVar[str] = ".tsv"
    """How the names of its files end; empty for a folder."""

    where: str
    group: str

    @property
    @abstractmethod
    def texts(self) -> tuple[str, ...]:
        """The texts of the record, the one that is given first; none of an image."""

    @property
    @abstractmethod
    def line(self) -> str:
        """The record as a line of its corpus; equal for equal records."""

    @property
    def file_line(self) -> str:
        """The record as a line that its source reads."""
        return self.line

    def reader(self) -> str:
        """The type of the source that reads it from a file, with the options that this takes."""
        return self.source

    def expect_writable(self, path: Path) -> None:
        """Raise EnvironmentProblem where a package is missing that writes such records."""
        return

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        """Write a file, or a folder, from which the source reads equal records; how many there are."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            return sum(1 for record in records if file.write(f"{record.file_line}\n"))


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """Two texts that belong together.

    Attributes:
        first: the text that is given.
        second: the text that answers it.
    """

    kind: ClassVar[str] = "pair"
    source: ClassVar[str] = "pairs"

    where: str
    first: str
    second: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return self.first, self.second

    @property
    def line(self) -> str:
        return f"{self.first}\t{self.second}"


@dataclass(frozen=True, slots=True)
class Sentence(Record):
    """A sentence in words.

    Attributes:
        words: its words; joined, they are the text.
    """

    kind: ClassVar[str] = "sentence"
    source: ClassVar[str] = "segmented_text"
    suffix: ClassVar[str] = ".txt"

    where: str
    words: tuple[str, ...]
    group: str = ""

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def line(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Verse(Record):
    """Lines of equal length, one after the other.

    Attributes:
        text: the characters of all lines; the marks between them are dropped where the lines are regular.
    """

    kind: ClassVar[str] = "verse"
    source: ClassVar[str] = "poems"

    where: str
    text: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def line(self) -> str:
        return self.text

    @property
    def file_line(self) -> str:
        return f"\t\t\t{written_out(self.text)}"  # form, title and author are not known

    def reader(self) -> str:
        return f"{self.source}, unit: quatrain" if len(self.text) >= QUATRAIN else self.source


@dataclass(frozen=True, slots=True)
class Question(Record):
    """A sentence of a group of sentences that mean the same.

    Attributes:
        group_id: what the corpus calls its group of synonyms.
        text: the sentence.
    """

    kind: ClassVar[str] = "question"
    source: ClassVar[str] = "groups"

    where: str
    group_id: str
    text: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def line(self) -> str:
        return f"{self.group_id}\t{self.text}"


@dataclass(frozen=True, slots=True)
class ScoredPair(Record):
    """Two sentences and how alike they are.

    Attributes:
        first, second: the sentences.
        score: how alike they are, on the scale of the corpus; more is more alike.
    """

    kind: ClassVar[str] = "scored_pair"
    source: ClassVar[str] = "scored_pairs"

    where: str
    first: str
    second: str
    score: float
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return self.first, self.second

    @property
    def line(self) -> str:
        return f"{self.first}\t{self.second}\t{self.score:.9g}"


@dataclass(frozen=True, slots=True)
class LabelledImage(Record):
    """An image and what it shows.

    Attributes:
        name: the path as the corpus names it, the same on every machine.
        label: its class.
        pixels: (H, W, 3) uint8, where there is no file.
    """

    kind: ClassVar[str] = "image"
    source: ClassVar[str] = "folders"
    suffix: ClassVar[str] = ""

    where: str
    name: str
    label: str
    group: str = ""
    pixels: np.ndarray | None = field(default=None, compare=False, repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        return ()

    @property
    def line(self) -> str:
        return f"{self.name}\t{self.label}"

    def expect_writable(self, path: Path) -> None:
        if self.pixels is not None:
            need_pillow(path)

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        number = 0
        for number, record in enumerate(records, start=1):
            record._write(path, f"{number:06d}")
        return number

    def _write(self, folder: Path, name: str) -> None:
        if self.label in (".", "..") or "/" in self.label or "\0" in self.label:
            raise DataError(
                f"{self.where}: the class {self.label!r} cannot be the name of a folder. Rename it."
            )
        path = folder / self.label / f"{name}{Path(self.where).suffix if self.pixels is None else '.png'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.pixels is None:
            shutil.copyfile(self.where, path)
        else:
            write_image(path, self.pixels)


@dataclass(frozen=True, slots=True)
class Article(Record):
    """An article and its headline.

    Attributes:
        title: the headline.
        content: the article.
    """

    kind: ClassVar[str] = "article"
    source: ClassVar[str] = "articles"
    suffix: ClassVar[str] = ".jsonl"

    where: str
    title: str
    content: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return self.content, self.title

    @property
    def line(self) -> str:
        return f"{self.title}\t{self.content}"

    @property
    def file_line(self) -> str:
        group = {"kind": self.group} if self.group else {}
        return json.dumps({"title": self.title, "content": self.content, **group}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"
