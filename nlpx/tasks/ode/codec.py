"""Codec of observations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nlpx.core.suggest import one_of
from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.items import Field
from nlpx.data.observations import Observation
from nlpx.tasks.ode.quantity import LARGEST

MOST_STEPS = 100_000
"""Limit of the length of a solution."""


@dataclass(frozen=True)
class ObservationCodec(Codec[Observation]):
    """An observation as a place on the grid of the solver, values, and which of them there are.

    Attributes:
        variables: those of the equations.
        start, step, steps: the grid.
    """

    variables: tuple[str, ...]
    start: float
    step: float
    steps: int

    @property
    def fields(self) -> Mapping[str, Field]:
        width = (len(self.variables),)
        return {
            "place": Field("float32", sequence=None),
            "observed_state": Field("float32", width, sequence=None),
            "observed": Field("bool", width, sequence=None),
        }

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {}

    def check(self, row: Observation) -> str | None:
        for name in row.names:
            if name not in self.variables:
                return f"no equation has the variable {name:.40}; expected {one_of(self.variables)}"
        if row.time < self.start:
            return f"t = {row.time:g} is before model.start, {self.start:g}"
        place = self.place(row.time)
        if place > self.steps:
            end = self.start + self.steps * self.step
            advice = (
                "model.step to a larger one"
                if place > MOST_STEPS
                else f"model.steps to {math.ceil(place)} or more"
            )
            return f"t = {row.time:g} is after the last step, {end:g}; set {advice}"
        large = next((value for value in row.values if value is not None and abs(value) > LARGEST), None)
        return None if large is None else f"the value {large:g} is too large"

    def count(self, row: Observation) -> Mapping[str, Iterable[str]]:
        return {}

    def encode(self, row: Observation, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        values = self.observed(row)
        return [
            {
                "place": np.array(self.place(row.time), np.float32),
                "observed_state": np.array([value or 0.0 for value in values], np.float32),
                "observed": np.array([value is not None for value in values]),
            }
        ]

    def keys(self, row: Observation) -> Iterable[str]:
        return (row.line,)

    def observed(self, row: Observation) -> tuple[float | None, ...]:
        """The values of a row in the order of the variables; None where there is none."""
        by_name = dict(zip(row.names, row.values, strict=True))
        return tuple(by_name.get(name) for name in self.variables)

    def place(self, time: float) -> float:
        """Steps from the start to a time, or infinity; rounding errors of whole numbers are removed."""
        steps = (time - self.start) / self.step
        if math.isinf(steps):
            return steps
        return float(round(steps)) if abs(steps - round(steps)) < 1e-6 else steps
