"""Example of scored pairs."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class PairExample(TaskExample):
    """A pair of sentences with reference and predicted score.

    Attributes:
        score: similarity according to the corpus.
        answer: predicted similarity: the cosine with the lexical part.
        off: predicted rank minus reference rank as a fraction of all records predicted with it, -1 to 1.
    """

    first: str
    second: str
    score: float
    answer: float
    off: float = 0.0

    predicted_score = property(attrgetter("answer"))

    severity_is: ClassVar[str] = "difference of ranks as a fraction"
    relative: ClassVar[frozenset[str]] = frozenset({"off"})

    @property
    def severity(self) -> float:
        return abs(self.off)

    def describe(self) -> str:
        asked = f"{self.first} | {self.second}"
        place = f"{abs(self.off):.0%} too {'high' if self.off > 0 else 'low'} among all pairs"
        return f"{asked} → {self.answer:.2f}  (score {self.score:g}; {place})"
