"""Example of the task digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.example import Pair
from nlpx.components.values import UNRANKED
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class DigitExample(TaskExample):
    """An image with its class and the scores of all classes, and the scores of an image of two objects.

    Attributes:
        image: where the image is from.
        reference: its class.
        prediction: the class with the highest score.
        scores: of every class, by its name.
        rank: rank of `reference` by descending score, from 1; ties share the last rank.
        pair: what the model finds in this image above or below another one; None if there is no other one.
    """

    image: str
    reference: str
    prediction: str
    scores: Mapping[str, float]
    rank: int
    pair: Pair | None = None

    reference_class = property(attrgetter("reference"))
    predicted_class = property(attrgetter("prediction"))
    reference_rank = property(attrgetter("rank"))

    severity_is: ClassVar[str] = "score of the prediction minus score of the reference"

    @property
    def severity(self) -> float:
        return self.scores[self.prediction] - self.scores.get(self.reference, 0.0)

    def describe(self) -> str:
        found = f"{self.prediction} {self.scores[self.prediction]:.0%}"
        place = "which is no class of the model" if self.rank == UNRANKED else f"place {self.rank}"
        return f"{self.image} → {found}  (reference {self.reference}, {place})"
