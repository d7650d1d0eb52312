"""Distance of two distributions by their means and covariances."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.core.lazy import np


class FrechetDistance(Metric):
    """Frechet distance of two normal distributions, with the moments of real and of generated vectors.

    |m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2))

    Options: none.
    Shapes: one vector (D,) of each kind per example.
    Data: vectors, for images those of a classifier. Compare numbers only if classifier and number of samples
        are the same; use far more samples than dimensions.
    Relations: with the vectors of Inception-v3 this is FID; it does not use these.
    Reference: Heusel et al. 2017, arXiv 1706.08500.
    Example:
        metrics: [frechet_distance]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"real_vector", "generated_vector"})
    directions: ClassVar[Directions] = {"frechet_distance": "min"}

    type: Literal["frechet_distance"] = "frechet_distance"

    _pairs: list[tuple[Any, Any]] = []

    def update(self, example: Any) -> None:
        self._pairs.append((example.real_vector, example.generated_vector))

    def result(self) -> dict[str, float]:
        if len(self._pairs) < 2:
            return {}
        both = np.array(self._pairs, np.float64)
        means = both.mean(0)
        first, second = (np.atleast_2d(np.cov(both[:, i], rowvar=False)) for i in (0, 1))
        values, vectors = np.linalg.eigh(first)
        root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
        # C_1 C_2 has the eigenvalues of the symmetric R C_2 R, where R^2 = C_1.
        common = np.linalg.eigvalsh(root @ second @ root)
        trace = np.trace(first) + np.trace(second) - 2 * np.sqrt(np.maximum(common, 0)).sum()
        return {"frechet_distance": float(((means[0] - means[1]) ** 2).sum() + max(trace, 0.0))}
