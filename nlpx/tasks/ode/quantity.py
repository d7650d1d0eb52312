"""Numbers of a system of equations that are learned or fixed, with their ranges and units."""

from __future__ import annotations

import math
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from nlpx.core.component import Section
from nlpx.core.options import PositiveFloat

LARGEST = 1e30
"""Numbers are computed in float32, which ends at 3e38."""
Finite = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class Quantity(Section):
    """A parameter or an initial value. Training changes theta, a number without bounds:

    value = unit * theta;  low + exp(theta);  high - exp(theta);  low + (high - low) / (1 + exp(-theta))

    Options:
        initial: the value before training.
        low: lower bound, which is never reached; with 0, the value is positive and theta its logarithm.
        high: upper bound, which is never reached.
        unit: size of the value, where it has no bounds; a step of the optimizer is in this unit.
        learned: whether training changes it.
    """

    initial: Finite
    low: Finite | None = None
    high: Finite | None = None
    unit: PositiveFloat = 1.0
    learned: bool = True

    @model_validator(mode="after")
    def _is_inside(self) -> Self:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low < self.initial < high:
            raise ValueError(f"initial is {self.initial:g}, which is not between {low:g} and {high:g}")
        if self.bounded and self.unit != 1.0:
            raise ValueError("a quantity with a bound has no unit, because its steps are relative already")
        if abs(self.theta) > LARGEST:
            raise ValueError(f"{self.initial:g} is too large in units of {self.unit:g}")
        return self

    @property
    def bounded(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def theta(self) -> float:
        """The number that training begins with."""
        if self.low is not None and self.high is not None:
            return math.log(self.initial - self.low) - math.log(self.high - self.initial)
        if self.low is not None:
            return math.log(self.initial - self.low)
        return math.log(self.high - self.initial) if self.high is not None else self.initial / self.unit

    def value(self, theta: Any, exp: Any) -> Any:
        """The value of a number, an array or a tensor.

        Args:
            theta: what training has made of `theta`.
            exp: the exponential function for it.
        """
        if self.low is not None and self.high is not None:
            return self.low + (self.high - self.low) / (1 + exp(-theta))
        if self.low is not None:
            return self.low + exp(theta)
        return self.high - exp(theta) if self.high is not None else self.unit * theta
