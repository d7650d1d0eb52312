"""Example of the task title."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.rouge import characters, subsequence_f1
from nlpx.tasks.example import TaskExample

SHOWN = 60
"""Number of characters of an article that are displayed."""


@dataclass(frozen=True, slots=True)
class TitleExample(TaskExample):
    """An article with reference and predicted headline; `nll` in nats and `characters` include the end."""

    article: str
    reference: str
    answer: str
    finished: bool
    nll: float
    characters: int

    source_text = property(attrgetter("article"))
    reference_text = property(attrgetter("reference"))
    predicted_text = property(attrgetter("answer"))

    severity_is: ClassVar[str] = "1 - ROUGE-L"

    @property
    def severity(self) -> float:
        return 1 - subsequence_f1(characters(self.answer), characters(self.reference))

    def describe(self) -> str:
        beginning = self.article[:SHOWN] + ("…" if len(self.article) > SHOWN else "")
        return f"{beginning} → {self.answer}  (reference {self.reference})"
