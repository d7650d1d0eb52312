"""Records: the rows of a corpus, by kind."""

from __future__ import annotations

import json
import shutil
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


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a corpus. A kind of records is a frozen dataclass derived from this, in any module.

    Attributes:
        where: `path:line`, or the path of a file that holds one record.
        group: name of the subset of its split that the record is also reported with.
    """

    kind: ClassVar[str]
    """What sources and tasks call it."""
    parts: ClassVar[tuple[str, ...]]
    """The fields that are the columns of a line."""
    read: ClassVar[tuple[str, ...]] = ()
    """The fields that are texts, the one that is given first; none of an image."""
    source: ClassVar[str]
    """The type of the source that reads what `write` wrote."""
    suffix: ClassVar[str] = ".tsv"
    """How the names of its files end; empty for a folder."""

    where: str
    group: str = field(default="", kw_only=True)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the record, the one that is given first."""
        return tuple([getattr(self, name) for name in self.read])

    @property
    def line(self) -> str:
        """The record as a line of its corpus; equal for equal records."""
        return "\t".join([getattr(self, name) for name in self.parts])

    @property
    def file_line(self) -> str:
        """The record as a line that its source reads."""
        return self.line

    def reader(self) -> str:
        """The type of the source that reads it from a file, with the options that this takes."""
        return self.source

    def expect_writable(self, path: Path) -> None:
        """Raise EnvironmentProblem where a package is missing that writes such records."""

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        """Write a file, or a folder, from which the source reads equal records; how many there are."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            return sum(1 for record in records if file.write(f"{record.file_line}\n"))


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """Two texts that belong together: the text that is given, and the one that belongs to it."""

    kind: ClassVar[str] = "pair"
    parts: ClassVar[tuple[str, ...]] = ("first", "second")
    read: ClassVar[tuple[str, ...]] = parts
    source: ClassVar[str] = "pairs"

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Sentence(Record):
    """A sentence in words; joined, they are the text."""

    kind: ClassVar[str] = "sentence"
    read: ClassVar[tuple[str, ...]] = ("text",)
    source: ClassVar[str] = "segmented_text"
    suffix: ClassVar[str] = ".txt"

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def line(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Verse(Record):
    """Lines of verse, one after the other; the marks between them are dropped where they are equally long."""

    kind: ClassVar[str] = "verse"
    parts: ClassVar[tuple[str, ...]] = ("text",)
    read: ClassVar[tuple[str, ...]] = parts
    source: ClassVar[str] = "poems"

    text: str

    @property
    def file_line(self) -> str:
        return f"\t\t\t{written_out(self.text)}"  # form, title and author are not known

    def reader(self) -> str:
        return f"{self.source}, unit: quatrain" if len(self.text) >= QUATRAIN else self.source


@dataclass(frozen=True, slots=True)
class Question(Record):
    """A sentence, and what the corpus calls its group of sentences that mean the same."""

    kind: ClassVar[str] = "question"
    parts: ClassVar[tuple[str, ...]] = ("group_id", "text")
    read: ClassVar[tuple[str, ...]] = ("text",)
    source: ClassVar[str] = "groups"

    group_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ScoredPair(Record):
    """Two sentences and how alike they are, on the scale of the corpus; more is more alike."""

    kind: ClassVar[str] = "scored_pair"
    read: ClassVar[tuple[str, ...]] = ("first", "second")
    source: ClassVar[str] = "scored_pairs"

    first: str
    second: str
    score: float

    @property
    def line(self) -> str:
        return f"{self.first}\t{self.second}\t{self.score:.9g}"


@dataclass(frozen=True, slots=True)
class LabelledImage(Record):
    """An image and its class.

    Attributes:
        name: the path as the corpus names it, the same on every machine.
        label: its class.
        pixels: (H, W, 3) uint8, where there is no file.
    """

    kind: ClassVar[str] = "image"
    parts: ClassVar[tuple[str, ...]] = ("name", "label")
    source: ClassVar[str] = "folders"
    suffix: ClassVar[str] = ""

    name: str
    label: str
    pixels: np.ndarray | None = field(default=None, compare=False, repr=False)

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
    """An article and its headline."""

    kind: ClassVar[str] = "article"
    parts: ClassVar[tuple[str, ...]] = ("title", "content")
    read: ClassVar[tuple[str, ...]] = ("content", "title")
    source: ClassVar[str] = "articles"
    suffix: ClassVar[str] = ".jsonl"

    title: str
    content: str

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
