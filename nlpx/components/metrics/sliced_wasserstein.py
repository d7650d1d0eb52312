"""Distance of two distributions by their projections."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.resampled import RowValues, influenced
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeInt, PositiveInt


class SlicedWasserstein(Metric):
    """Sliced Wasserstein distance of real and generated vectors: the mean over directions in one dimension.

    mean over unit vectors u of W1(<u, real>, <u, generated>),  W1(a, b) = mean |sort(a) - sort(b)|

    Options:
        projections: number of random directions.
        seed: seed of the directions.
    Shapes: one vector (D,) of each kind per example.
    Data: any vectors; it is in their unit, and lower for fewer samples only by noise.
    Relations: sensitive to every difference of the distributions; mode_coverage says what is missing.
    Reference: Bonneel et al. 2015, Sliced and Radon Wasserstein barycenters of measures.
    Example:
        metrics: [sliced_wasserstein]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"real_vector", "generated_vector"})
    directions: ClassVar[Directions] = {"sliced_wasserstein": "min"}

    type: Literal["sliced_wasserstein"] = "sliced_wasserstein"
    projections: PositiveInt = 200
    seed: NonNegativeInt = 0

    _pairs: list[tuple[Any, Any]] = []

    def update(self, example: Any) -> None:
        self._pairs.append((example.real_vector, example.generated_vector))

    def result(self) -> dict[str, float]:
        if not self._pairs:
            return {}
        projected = np.sort(self._projected(), axis=0)
        return {"sliced_wasserstein": float(np.abs(projected[:, 0] - projected[:, 1]).mean())}

    def resampled(self) -> RowValues | None:
        """The influence of rows: drawn rows are fewer different ones, so that their distances are too large.

        The derivative of W1 = int |F - G| by the weight of a point x of F is the integral of sign(F - G)
        from x, up to a constant.
        """
        if not self._pairs:
            return None
        influence = np.zeros(len(self._pairs))
        for real, generated in self._projected().transpose(2, 1, 0):
            places = np.concatenate([real, generated])
            order = np.argsort(places, kind="stable")
            ahead = np.where(order < len(real), 1, -1).cumsum()[:-1]  # F - G after each point but the last
            steps = np.sign(ahead) * np.diff(places[order])
            slopes = np.empty(len(places))
            slopes[order] = np.append(steps[::-1].cumsum()[::-1], 0)
            influence += slopes[: len(real)] - slopes[len(real) :]
        value = self.result()["sliced_wasserstein"]
        return RowValues({"sliced_wasserstein": influenced(value, influence / self.projections)})

    def _projected(self) -> np.ndarray:
        """(rows, 2, projections)"""
        both = np.array(self._pairs, np.float64)
        units = np.random.default_rng(self.seed).normal(size=(both.shape[-1], self.projections))
        projected: np.ndarray = both @ (units / np.linalg.norm(units, axis=0))
        return projected
