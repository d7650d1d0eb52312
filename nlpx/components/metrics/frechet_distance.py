"""Distance of two distributions by their means and covariances."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.resampled import RowValues, influenced
from nlpx.core.lazy import np

SMALLEST = 1e-12
"""Variance, relative to the largest one, that is none."""


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
        means, (first, second) = self._moments()
        root = _powers(first, 0.5)
        # C_1 C_2 has the eigenvalues of the symmetric R C_2 R, where R^2 = C_1.
        common = np.linalg.eigvalsh(root @ second @ root)
        trace = np.trace(first) + np.trace(second) - 2 * np.sqrt(np.maximum(common, 0)).sum()
        return {"frechet_distance": float(((means[0] - means[1]) ** 2).sum() + max(trace, 0.0))}

    def resampled(self) -> RowValues | None:
        """The influence of rows: drawn rows are fewer different ones, so that their distances are too large.

        The derivative of the traces by C_1 is I - T, where T = C_2^(1/2) (C_2^(1/2) C_1 C_2^(1/2))^(-1/2)
        C_2^(1/2) transports the first distribution to the second one (Bhatia, Jain and Lim 2019).
        """
        if len(self._pairs) < 2:
            return None
        both = np.array(self._pairs, np.float64)
        means, moments = self._moments()
        influence = np.zeros(len(both))
        for side, sign in ((0, 1), (1, -1)):
            own, other = moments[side], moments[1 - side]
            root = _powers(other, 0.5)
            slope = np.eye(len(own)) - root @ _powers(root @ own @ root, -0.5) @ root
            centred = both[:, side] - means[side]
            influence += 2 * sign * centred @ (means[0] - means[1])
            influence += ((centred @ slope) * centred).sum(1)
        value = self.result()["frechet_distance"]
        return RowValues({"frechet_distance": influenced(value, influence)})

    def _moments(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """The means (2, D), and both covariances (D, D)."""
        both = np.array(self._pairs, np.float64)
        return both.mean(0), [np.atleast_2d(np.cov(both[:, i], rowvar=False)) for i in (0, 1)]


def _powers(matrix: np.ndarray, exponent: float) -> np.ndarray:
    """A power of a symmetric positive semidefinite matrix; of directions without variance, 0."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > SMALLEST * max(float(values[-1]), 0.0)
    powers = np.where(kept, np.where(kept, values, 1) ** exponent, 0)
    made: np.ndarray = vectors * powers @ vectors.T
    return made
