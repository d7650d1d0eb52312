"""Example of the task ocr."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.values import UNRANKED
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class GlyphExample(TaskExample):
    """An image of a character with the predicted character.

    Attributes:
        image: where the image is from.
        reference: the character.
        prediction: the most probable character.
        probability: its probability.
        rank: rank of `reference` by descending probability, from 1; ties share the last rank.
        nll: -log p(reference) in nats.
        characters: number of predictions over which `nll` is summed, always one.
    """

    image: str
    reference: str
    prediction: str
    probability: float
    rank: int
    nll: float
    characters: int = 1

    reference_class = property(attrgetter("reference"))
    predicted_class = property(attrgetter("prediction"))
    reference_rank = property(attrgetter("rank"))

    severity_is: ClassVar[str] = "nll"

    @property
    def severity(self) -> float:
        return self.nll

    def describe(self) -> str:
        place = "which is no class of the model" if self.rank == UNRANKED else f"place {self.rank}"
        found = f"{self.prediction} {self.probability:.0%}"
        return f"{self.image} → {found}  (reference {self.reference}, {place})"
