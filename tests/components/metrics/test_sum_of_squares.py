"""Squared errors against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nlpx.components.metrics.sum_of_squares import SumOfSquares
from nlpx.tasks.ode.example import StateExample
from tests.components.metrics.measuring import measure


def example(reference: tuple[float | None, ...], predicted: tuple[float, ...]) -> StateExample:
    return StateExample("a:1", 0.0, ("x", "y"), reference, predicted)


def test_values() -> None:
    found = measure(SumOfSquares(), [example((1.0, None), (3.0, 9.0)), example((2.0, -1.0), (1.0, -1.5))])
    errors = np.array([2.0, -1.0, -0.5])
    assert found == pytest.approx(
        {"sse": errors @ errors, "rmse": np.sqrt(np.mean(errors**2)), "largest_error": 2.0}
    )
    assert measure(SumOfSquares(), [example((None, None), (3.0, 9.0))]) == {}


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e200])
def test_predictions_that_are_not_finite(value: float) -> None:
    found = measure(SumOfSquares(), [example((1.0, 1.0), (2.0, value))])
    assert not math.isfinite(found["sse"]) and not found["largest_error"] < 1e200
