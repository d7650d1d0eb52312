"""A verse with what an autoencoder makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.example import Bounds, Familiarity
from nlpx.tasks.example import TaskExample
from nlpx.text.verse import written_out


@dataclass(frozen=True, slots=True)
class VerseExample(TaskExample):
    """A verse with what a variational autoencoder makes of it, and a verse that it generated.

    Attributes:
        text: the verse, without marks.
        answer: its reconstruction; as many characters.
        elbo: how well the model explains it; the mean is not part of the predictions file.
        composed: the lines of a generated verse.
        familiarity: how near that verse is to the training records.
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
