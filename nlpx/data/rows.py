"""Rows of corpora."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together.

    Attributes:
        where: `path:line`.
        first: the text that is given.
        second: the text that answers it.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    first: str
    second: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the row, the one that is given first."""
        return self.first, self.second

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return f"{self.first}\t{self.second}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in words.

    Attributes:
        where: `path:line`.
        words: its words; joined, they are the text.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    words: tuple[str, ...]
    group: str = ""

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of the row."""
        return (self.text,)

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Verse:
    """Lines of equal length, one behind the other.

    Attributes:
        where: `path:line`.
        text: the characters of all lines; the marks between them are dropped where the lines are regular.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    text: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of the row."""
        return (self.text,)

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return self.text


@dataclass(frozen=True, slots=True)
class Question:
    """A sentence of a group of sentences that mean the same.

    Attributes:
        where: `path:line`.
        group_id: what the corpus calls its group of synonyms.
        text: the sentence.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    group_id: str
    text: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of the row."""
        return (self.text,)

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return f"{self.group_id}\t{self.text}"


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two sentences and how alike they are.

    Attributes:
        where: `path:line`.
        first, second: the sentences.
        score: how alike they are, on the scale of the corpus; more is more alike.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    first: str
    second: str
    score: float
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences."""
        return self.first, self.second

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return f"{self.first}\t{self.second}\t{self.score:.9g}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what it shows.

    Attributes:
        where: the path of its file.
        name: the path as the corpus names it, the same on every machine.
        label: its class.
        group: name of the part of the split that the row is also reported with.
        pixels: (H, W, 3) uint8, where there is no file.
    """

    where: str
    name: str
    label: str
    group: str = ""
    pixels: np.ndarray | None = field(default=None, compare=False, repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """None: a picture has no text."""
        return ()

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return f"{self.name}\t{self.label}"


@dataclass(frozen=True, slots=True)
class Article:
    """An article and its headline.

    Attributes:
        where: `path:line`, or the path of a file that holds one article.
        title: the headline.
        content: the article.
        group: name of the part of the split that the row is also reported with.
    """

    where: str
    title: str
    content: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the row, the one that is given first."""
        return self.content, self.title

    @property
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""
        return f"{self.title}\t{self.content}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


Row = Pair | Sentence | Verse | Question | ScoredPair | Picture | Article
