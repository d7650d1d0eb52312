"""Squared errors of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric


class SumOfSquares(Metric):
    """Sum of squared errors over all observed values, its root mean, and the largest error.

    sse = sum of (predicted - reference)^2,  rmse = sqrt(sse / number of values)

    Options: none of its own.
    Shapes: one number per variable and example, or none.
    Data: numbers in a common unit.
    Relations: `sse` is what least squares minimizes; it grows with the number of values, `rmse` does not.
    Reference: none.
    Example:
        metrics: [sum_of_squares]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_values", "predicted_values"})
    directions: ClassVar[Directions] = {"sse": "min", "rmse": "min", "largest_error": "min"}

    no_interval: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("sse", "rmse", "largest_error"),
        "the rows are places of one solution, whose errors depend on each other",
    )

    type: Literal["sum_of_squares"] = "sum_of_squares"

    _errors: list[float] = []

    def update(self, example: Any) -> None:
        pairs = zip(example.predicted_values, example.reference_values, strict=True)
        self._errors.extend(abs(predicted - value) for predicted, value in pairs if value is not None)

    def result(self) -> dict[str, float]:
        if not self._errors:
            return {}
        sse = sum(error * error for error in self._errors)
        # max() would overlook an error that is not a number.
        largest = sse if math.isnan(sse) else max(self._errors)
        return {"sse": sse, "rmse": math.sqrt(sse / len(self._errors)), "largest_error": largest}
