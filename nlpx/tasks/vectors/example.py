"""Example of the task vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from nlpx.components.metrics.analogy import Question
from nlpx.components.metrics.word_similarity import ScoredWords
from nlpx.tasks.example import TaskExample

if TYPE_CHECKING:
    from nlpx.data.word_vectors import WordVectors

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked about words: the vectors of all words, and the questions of the sample."""

    vectors: WordVectors
    pairs: Sequence[ScoredWords] = ()
    analogies: Sequence[Question] = ()


@dataclass(frozen=True, slots=True)
class WordTextExample(TaskExample):
    """A text with the likelihood of its words.

    Attributes:
        text: the words, separated by blanks.
        nll: -log p of the targets of its windows in nats.
        characters: number of targets.
        unknown: number of words without a vector.
        asked: the same in all examples of a split.
    """

    unwritten: ClassVar[frozenset[str]] = frozenset({"asked"})

    text: str
    nll: float
    characters: int
    unknown: int
    asked: Questions = field(repr=False)

    word_vectors = property(attrgetter("asked.vectors"))
    word_pairs = property(attrgetter("asked.pairs"))
    word_analogies = property(attrgetter("asked.analogies"))

    severity_is: ClassVar[str] = "nll per target"

    @property
    def severity(self) -> float:
        return self.nll / self.characters if self.characters else 0.0

    def describe(self) -> str:
        short = self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}..."
        return f"{short}  ({self.characters} targets, {self.unknown} unknown words)"
