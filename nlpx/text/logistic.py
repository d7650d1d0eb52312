"""Logistic regression over sparse vectors."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax

ITERATIONS = 300


class LogisticRegression:
    """p(class | x) = softmax(W x + b), minimizing the sum of -log p(class) over records plus |W|^2 / (2 C).

    Args:
        weights: W and, as its last row, b, (D + 1, U).

    Source: as in scikit-learn; the minimum is found by L-BFGS (Liu and Nocedal 1989).
    """

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights

    @classmethod
    def fit(
        cls,
        vectors: csr_matrix,
        labels: np.ndarray,
        classes: int,
        strength: float,
        start: LogisticRegression | None = None,
    ) -> LogisticRegression:
        """Minimize the objective.

        Args:
            vectors: x, (n, D).
            labels: classes of the records, (n,) integers below U.
            classes: U.
            strength: C; smaller values regularize more.
            start: initial weights, such as those for another C; default: 0.
        """
        vectors = vectors.astype(np.float64)
        across = vectors.T.tocsr()
        shape = (vectors.shape[1] + 1, classes)
        right = np.eye(classes)[labels]

        def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
            weights = flat.reshape(shape)
            scores = vectors @ weights[:-1] + weights[-1]
            residual = softmax(scores, axis=1) - right
            gradient = np.concatenate([across @ residual + weights[:-1] / strength, residual.sum(0)[None]])
            value = -(right * log_softmax(scores, axis=1)).sum() + (weights[:-1] ** 2).sum() / (2 * strength)
            return value, gradient.ravel()

        first = np.zeros(shape) if start is None else start.weights
        options = {"maxiter": ITERATIONS, "maxcor": 20, "gtol": 1e-4}
        found = minimize(objective, first.ravel(), jac=True, method="L-BFGS-B", options=options)
        return cls(found.x.reshape(shape))

    def __call__(self, vectors: csr_matrix) -> np.ndarray:
        """The probability of every class, (n, U)."""
        return softmax(vectors.astype(np.float64) @ self.weights[:-1] + self.weights[-1], axis=1)
