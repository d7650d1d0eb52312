"""Base class of schedules that consist of pieces."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from nlpx.components.schedules.base import Schedule
from nlpx.core.options import NonNegativeFloat, NonNegativeInt

Share = Annotated[float, Field(gt=0, le=1)]


class Piecewise(Schedule):
    """Base class of schedules with a list of boundaries and a list of values.

    Options:
        boundaries: increasing numbers of updates from the beginning of the run, or shares of the run, between
            0 and 1, with a decimal point; 1.0 is its last update.
        values: rates relative to the peak.
    """

    more_values: ClassVar[int]
    """How many more values than boundaries there are."""

    boundaries: Annotated[list[NonNegativeInt | Share], Field(min_length=1)]
    values: Annotated[list[NonNegativeFloat], Field(min_length=1)]

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        numbers, values = self.boundaries, self.values
        if len(values) != len(numbers) + self.more_values:
            wanted = f"{len(numbers)} boundaries need {len(numbers) + self.more_values} values"
            raise ValueError(f"{wanted}, and there are {len(values)}")
        if len(set(map(type, numbers))) > 1:
            raise ValueError("some boundaries are numbers of updates and some are shares of the run")
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            raise ValueError("the boundaries do not increase")
        return self

    @property
    def range(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    def updates(self, total: int | None) -> list[float]:
        """The boundaries in updates after the warm-up."""
        numbers: list[float] = list(self.boundaries)
        if isinstance(self.boundaries[0], float):
            if total is None:
                raise ValueError("boundaries in updates are required if the length of the run is not known")
            numbers = [share * (total - 1) for share in numbers]
        return [number - self.warmup_steps for number in numbers]
