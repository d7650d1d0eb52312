"""Example of the task image_classification."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.example import Heads
from nlpx.components.values import UNRANKED
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class PictureExample(TaskExample):
    """An image with its class and the predictions of both heads.

    Attributes:
        answer: the most probable class of the combination.
        rank: rank of `reference` by descending probability, from 1; ties share the last rank.
        nll: -log p(reference) of the combination in nats.
        alpha: weight of the main head in the combination.
        characters: number of predictions over which `nll` is summed, always one.
    """

    picture: str
    reference: str
    answer: str
    main: str
    aux: str
    probability: float
    rank: int
    nll: float
    alpha: float
    characters: int = 1

    reference_class = property(attrgetter("reference"))
    predicted_class = property(attrgetter("answer"))
    reference_rank = property(attrgetter("rank"))
    head_classes = property(lambda self: Heads(self.main, self.aux, self.alpha))

    severity_is: ClassVar[str] = "nll"

    @property
    def severity(self) -> float:
        return self.nll

    def describe(self) -> str:
        found = f"{self.answer} {self.probability:.0%}"
        place = "which is no class of the model" if self.rank == UNRANKED else f"place {self.rank}"
        return f"{self.picture} → {found}  (reference {self.reference}, {place})"
