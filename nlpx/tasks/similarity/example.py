"""Example of sentences in groups."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample
from nlpx.text.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class QuestionExample(TaskExample):
    """A sentence with its nearest neighbour.

    Attributes:
        point: its vector; not written to the predictions file.
        nearest: the most similar other sentence among the records predicted with it; empty if there are no
            others.
        right: whether `nearest` is in the same group.
        lead: similarity of the best sentence of its group minus that of the best other sentence; 0 if
            there is none.
    """

    unwritten: ClassVar[frozenset[str]] = frozenset({"point"})

    text: str
    group_id: str
    point: Points
    nearest: str = ""
    score: float = 0.0
    right: bool = False
    lead: float = 0.0

    ranking = property(attrgetter("point", "group_id"))

    severity_is: ClassVar[str] = "lead of another group"

    @property
    def severity(self) -> float:
        return -self.lead

    def describe(self) -> str:
        verdict = "same group" if self.right else "another group"
        found = f"{self.nearest} {self.score:.2f}"
        return f"{self.text} → {found}  ({verdict}; lead {self.lead:+.2f})"
