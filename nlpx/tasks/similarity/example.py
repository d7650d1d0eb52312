"""A sentence among others."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample
from nlpx.text.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class QuestionExample(TaskExample):
    """A sentence with its place among others.

    Attributes:
        text: the sentence.
        group_id: its group of synonyms.
        point: its vector, one point; not part of the predictions file.
        nearest: the most similar other sentence among the records that were predicted with it; empty if it is
            alone.
        score: how similar that is.
        right: whether that is of its group.
        lead: by how much the best sentence of its group is more similar than the best of all others; 0 where
            one of them is missing.
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
