"""Rows of corpora."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from nlpx.core.lazy import np


class CorpusRow(ABC):
    """What all rows have.

    Attributes:
        where: `path:line`, or the path of a file that holds one row.
        group: name of the part of the split that the row is also reported with.
    """

    __slots__ = ()

    where: str
    group: str

    @property
    @abstractmethod
    def texts(self) -> tuple[str, ...]:
        """The texts of the row, the one that is given first; none of a picture."""

    @property
    @abstractmethod
    def line(self) -> str:
        """The row as a line of its corpus; equal for equal rows."""


@dataclass(frozen=True, slots=True)
class Pair(CorpusRow):
    """Two texts that belong together.

    Attributes:
        first: the text that is given.
        second: the text that answers it.
    """

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
class Sentence(CorpusRow):
    """A sentence in words.

    Attributes:
        words: its words; joined, they are the text.
    """

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
class Verse(CorpusRow):
    """Lines of equal length, one behind the other.

    Attributes:
        text: the characters of all lines; the marks between them are dropped where the lines are regular.
    """

    where: str
    text: str
    group: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def line(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Question(CorpusRow):
    """A sentence of a group of sentences that mean the same.

    Attributes:
        group_id: what the corpus calls its group of synonyms.
        text: the sentence.
    """

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
class ScoredPair(CorpusRow):
    """Two sentences and how alike they are.

    Attributes:
        first, second: the sentences.
        score: how alike they are, on the scale of the corpus; more is more alike.
    """

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
class Picture(CorpusRow):
    """A picture and what it shows.

    Attributes:
        name: the path as the corpus names it, the same on every machine.
        label: its class.
        pixels: (H, W, 3) uint8, where there is no file.
    """

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


@dataclass(frozen=True, slots=True)
class Article(CorpusRow):
    """An article and its headline.

    Attributes:
        title: the headline.
        content: the article.
    """

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


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


Row = Pair | Sentence | Verse | Question | ScoredPair | Picture | Article
