"""Rows of corpora."""

from __future__ import annotations

from dataclasses import dataclass


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


Row = Pair | Sentence | Article
