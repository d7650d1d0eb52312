"""Distance of two distributions by their projections."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
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
        both = np.array(self._pairs, np.float64)
        units = np.random.default_rng(self.seed).normal(size=(both.shape[-1], self.projections))
        projected = np.sort(both @ (units / np.linalg.norm(units, axis=0)), axis=0)
        return {"sliced_wasserstein": float(np.abs(projected[:, 0] - projected[:, 1]).mean())}
