"""The uncertainty of a mean over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev

LEVEL = 0.95


def half_width(values: Sequence[float]) -> float | None:
    """Half of the 95 % confidence interval of the mean (Student's t); None for a single value."""
    from scipy.special import stdtrit

    if len(values) < 2:
        return None
    quantile = float(stdtrit(len(values) - 1, 0.5 + LEVEL / 2))
    return quantile * stdev(values) / len(values) ** 0.5
