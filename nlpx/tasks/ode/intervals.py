"""Least squares in theta: residuals, their derivatives, and intervals of the quantities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlpx.data.observations import Observation
from nlpx.tasks.ode.codec import ObservationCodec
from nlpx.tasks.ode.system import System

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Fit:
    """Errors of a system on observations.

    Attributes:
        system: the equations.
        codec: knows their variables and times.
        rows: the observations.
    """

    system: System
    codec: ObservationCodec
    rows: Sequence[Observation]

    @cached_property
    def places(self) -> np.ndarray:
        """(N,)"""
        return np.array([self.codec.place(row.time) for row in self.rows])

    @cached_property
    def observed(self) -> np.ndarray:
        """(N, D), with NaN where there is none."""
        return np.array([self.codec.observed(row) for row in self.rows], np.float64)

    @property
    def _used(self) -> np.ndarray:
        return ~np.isnan(self.observed)

    def residuals(self, numbers: Mapping[str, float]) -> np.ndarray:
        """Solution - observation for every observed value, (M,)."""
        return (self.system.solve(numbers, self.places) - self.observed)[self._used]

    def jacobian(self, numbers: Mapping[str, float]) -> np.ndarray:
        """Their derivatives by theta, (M, P)."""
        return self.system.jacobian(numbers, self.places)[self._used]

    def intervals(self, numbers: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """95 % intervals of the learned quantities around a minimum, by Gauss and Newton.

        theta +- t * sqrt(diagonal of SSE / (M - P) * (J^T J)^-1), with the quantile of Student's t with M - P
        degrees of freedom; the ends become values of the quantity, so they keep its bounds. An interval is
        (-inf, inf) in theta if there are not more observations than quantities, or J has not full rank.
        """
        from scipy.stats import t

        residuals, jacobian = self.residuals(numbers), self.jacobian(numbers)
        free = len(residuals) - len(self.system.learned)
        half = np.full(len(self.system.learned), math.inf)
        if free > 0 and np.isfinite(jacobian).all() and np.isfinite(residuals).all():
            # Columns of length 1: quantities may have very different sizes.
            scale = np.linalg.norm(jacobian, axis=0)
            scale[scale == 0] = 1.0
            _, values, ways = np.linalg.svd(jacobian / scale, full_matrices=False)
            if values[-1] > 1e-10 * values[0]:
                variance = (residuals @ residuals) / free * ((ways.T / values) ** 2).sum(1) / scale**2
                half = t.ppf((1 + CONFIDENCE) / 2, free) * np.sqrt(variance)
        found = {}
        for name, width in zip(self.system.learned, half.tolist(), strict=True):
            quantity, theta = self.system.quantities[name], numbers[name]
            ends = sorted(float(quantity.value(theta + way * width, _exp)) for way in (-1, 1))
            found[name] = ends[0], ends[1]
        return found


def _exp(x: float) -> float:
    """exp without an error for large numbers."""
    with np.errstate(over="ignore"):
        return float(np.exp(x))
