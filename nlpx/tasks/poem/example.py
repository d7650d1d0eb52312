"""Example of the task poem."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.example import Bounds, Familiarity
from nlpx.tasks.example import TaskExample
from nlpx.text.verse import written_out


@dataclass(frozen=True, slots=True)
class VerseExample(TaskExample):
    """A verse with its reconstruction and likelihood bounds, and a generated verse.

    Attributes:
        text: the verse without punctuation.
        answer: its reconstruction, with the same length.
        elbo: likelihood bounds; the mean is not written to the predictions file.
        composed: the lines of a generated verse.
    """

    unwritten: ClassVar[frozenset[str]] = frozenset({"mean"})

    text: str
    answer: str
    elbo: Bounds
    composed: tuple[str, ...]
    familiarity: Familiarity

    source_text = property(attrgetter("text"))
    generated = property(attrgetter("composed"))

    severity_is: ClassVar[str] = "negative elbo in nats"

    @property
    def severity(self) -> float:
        return self.elbo.nelbo

    def describe(self) -> str:
        return f"{written_out(self.text)} → {written_out(self.answer)}"
