"""Records, the rows of a corpus."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from nlpx.core.lazy import np
from nlpx.data.images import need_pillow, write_image
from nlpx.errors import DataError
from nlpx.text.verse import written_out

QUATRAIN = 20
"""Minimum number of characters of a quatrain."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a corpus. A kind of records is a frozen dataclass derived from this class, in any module.

    Attributes:
        where: `path:line`, or the path of a file with a single record.
        group: name of the subset of its split to which the record belongs.
    """

    kind: ClassVar[str]
    """The name of the kind."""
    parts: ClassVar[tuple[str, ...]]
    """The fields that form the columns of a line."""
    read: ClassVar[tuple[str, ...]] = ()
    """The text fields, with the input first; empty for images."""
    source: ClassVar[str]
    """The type of the source that reads files written by `write`."""
    suffix: ClassVar[str] = ".tsv"
    """The suffix of its files; empty for a folder."""

    where: str
    group: str = field(default="", kw_only=True)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the record, with the input first."""
        return tuple([getattr(self, name) for name in self.read])

    @property
    def line(self) -> str:
        """The record as a line of its corpus; equal for equal records."""
        return "\t".join([getattr(self, name) for name in self.parts])

    @property
    def file_line(self) -> str:
        """The record as a line for its source."""
        return self.line

    def reader(self) -> str:
        """The type of the source that reads it from a file, with the required options."""
        return self.source

    def expect_writable(self, path: Path) -> None:
        """Raise EnvironmentProblem if a package for writing such records is missing."""

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        """Write a file or folder from which the source reads equal records; returns their number."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            return sum(1 for record in records if file.write(f"{record.file_line}\n"))


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """A pair of texts, input and target."""

    kind: ClassVar[str] = "pair"
    parts: ClassVar[tuple[str, ...]] = ("first", "second")
    read: ClassVar[tuple[str, ...]] = parts
    source: ClassVar[str] = "pairs"

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Sentence(Record):
    """A segmented sentence; the words concatenate to the text."""

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
    """The lines of a verse, concatenated without punctuation if they have equal length."""

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
    """A sentence with the name of its group of paraphrases."""

    kind: ClassVar[str] = "question"
    parts: ClassVar[tuple[str, ...]] = ("group_id", "text")
    read: ClassVar[tuple[str, ...]] = ("text",)
    source: ClassVar[str] = "groups"

    group_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ScoredPair(Record):
    """Two sentences with a similarity score on the scale of the corpus."""

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
    """An image with its class.

    Attributes:
        name: the path relative to the corpus, the same on every machine.
        pixels: (H, W, 3) uint8, if there is no file.
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
    """An article with its headline."""

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


LONGEST_REASON = 500
"""Characters: a row may have a million."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A bad row and the reason, which may quote the row, but only its beginning."""

    where: str
    reason: str

    def __post_init__(self) -> None:
        if len(self.reason) > LONGEST_REASON:
            object.__setattr__(self, "reason", f"{self.reason[:LONGEST_REASON]}...")

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def cells_of(where: str, cells: Sequence[str] | str, between: str, *names: str) -> list[str] | BadRow:
    """The stripped cells of a row, or a bad row that names the expected tabs, or the empty cell.

    Args:
        cells: the cells, or the reason why the row is bad.
        between: the expected number of tabs, for a message.
        names: the names of the cells.
    """
    if isinstance(cells, str):
        return BadRow(where, cells)
    if len(cells) != len(names):
        return BadRow(where, f"{len(cells) - 1} tabs; expected {between}")
    texts = [cell.strip() for cell in cells]
    empty = next((name for name, text in zip(names, texts, strict=True) if not text), None)
    return texts if empty is None else BadRow(where, f"the {empty} is empty")
