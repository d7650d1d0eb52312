"""A pair of sentences with two scores."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class PairExample(TaskExample):
    """A pair of sentences with its score and what a model says.

    Attributes:
        first, second: the sentences.
        score: how alike they are, as the corpus says.
        answer: how alike they are, as the model says: the cosine, and what is added to it.
        off: by how much of all the records that were predicted with it, -1 to 1, the model ranks it too high.
    """

    first: str
    second: str
    score: float
    answer: float
    off: float = 0.0

    predicted_score = property(attrgetter("answer"))

    severity_is: ClassVar[str] = "share of the places it is off"

    @property
    def severity(self) -> float:
        return abs(self.off)

    def describe(self) -> str:
        asked = f"{self.first} | {self.second}"
        place = f"{abs(self.off):.0%} too {'high' if self.off > 0 else 'low'} among all pairs"
        return f"{asked} → {self.answer:.2f}  (score {self.score:g}; {place})"
