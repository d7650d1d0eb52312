"""Example of the task sentiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class SentimentExample(TaskExample):
    """A text with its class and the predicted probabilities.

    Attributes:
        text: the text.
        reference: the reference class.
        prediction: the predicted class.
        probabilities: the probability of each class of the training split.
        nll: -log p(reference) in nats.
        rank: rank of `reference` by descending probability, from 1; tied classes share the lowest rank.
        characters: always 1, the number of classes that `nll` sums over.
    """

    text: str
    reference: str
    prediction: str
    probabilities: Mapping[str, float]
    nll: float
    rank: int
    characters: int = 1

    reference_class = property(attrgetter("reference"))
    predicted_class = property(attrgetter("prediction"))
    reference_rank = property(attrgetter("rank"))
    class_probabilities = property(attrgetter("probabilities"))

    severity_is: ClassVar[str] = "nll"

    @property
    def severity(self) -> float:
        return self.nll

    def describe(self) -> str:
        found = f"{self.prediction} {self.probabilities[self.prediction]:.0%}"
        return f"{self.text} → {found}  (reference {self.reference})"
