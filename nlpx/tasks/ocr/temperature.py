"""Probabilities that are as sure as they are right, by temperature scaling."""

from __future__ import annotations

import numpy as np

SHARPEST = 50.0
"""Largest inverse of a temperature."""
SMALLEST = 1e-38
"""Lower bound of probabilities, whose logarithms are finite."""


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """p^(1 / temperature), divided by its sum over the classes, for p (n, U)."""
    scores = _logarithms(probabilities) / temperature
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True))


def fitted_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the smallest mean of -log p(label), which is convex in its inverse.

    Args:
        probabilities: those of images that are not in the training split, (n, U).
        labels: their classes, (n,) int.

    Source: Guo et al. 2017, arXiv 1706.04599.
    """
    from scipy.optimize import minimize_scalar

    scores = _logarithms(probabilities)
    scores -= scores.max(-1, keepdims=True)
    own = scores[np.arange(len(labels)), labels]

    def nll(sharpness: float) -> float:
        return float(np.mean(np.log(np.exp(sharpness * scores).sum(-1)) - sharpness * own))

    return 1 / float(minimize_scalar(nll, bounds=(1 / SHARPEST, SHARPEST), method="bounded").x)


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), SMALLEST))
