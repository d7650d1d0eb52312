"""An image with its class."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.example import Heads
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class PictureExample(TaskExample):
    """A picture with its class and what both heads of a model say of it.

    Attributes:
        picture: the path of its file.
        reference: its class.
        answer: the most probable class of the blend.
        main: that of the main head.
        aux: that of the auxiliary head.
        probability: of `answer`.
        rank: place of `reference` among the classes by falling probability, from 1; equals share the last.
        nll: -log p(reference) of the blend in nats.
        alpha: share of the main head in the blend.
        characters: how many answers `nll` sums over: always one.
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
        return f"{self.picture} → {found}  (reference {self.reference}, place {self.rank})"
