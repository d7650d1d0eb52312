"""Example of the task ode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class StateExample(TaskExample):
    """An observation and the solution at the same time.

    Attributes:
        place: where the observation is from.
        time: when.
        variables: names of the variables.
        reference: observed values; None where there is none.
        predicted: the solution.
    """

    place: str
    time: float
    variables: tuple[str, ...]
    reference: tuple[float | None, ...]
    predicted: tuple[float, ...]

    reference_values = property(attrgetter("reference"))
    predicted_values = property(attrgetter("predicted"))

    severity_is: ClassVar[str] = "sum of squared errors"

    @property
    def severity(self) -> float:
        return sum((x - value) * (x - value) for _, x, value in self._pairs())

    def describe(self) -> str:
        shown = ", ".join(f"{name} {x:.6g}, observed {value:.6g}" for name, x, value in self._pairs())
        return f"t = {self.time:g}: {shown}"

    def _pairs(self) -> Iterator[tuple[str, float, float]]:
        for name, x, value in zip(self.variables, self.predicted, self.reference, strict=True):
            if value is not None:
                yield name, x, value
