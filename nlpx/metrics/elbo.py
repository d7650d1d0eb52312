"""How well a variational autoencoder explains the rows of a split, and how much its latent vectors tell."""

from __future__ import annotations

import math

import numpy as np

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import VerseExample

ACTIVE = 0.01
"""Least variance of the mean of an active dimension."""


class EvidenceLowerBound(Metric[VerseExample]):
    """Means over rows, in nats a row; with K latent vectors z_k ~ q(z | x) of every row:

        nelbo = mean_k(-log p(x | z_k)) + KL(q(z | x) || p(z))          (an upper bound of -log p(x))
        iw_nll = -log mean_k(p(x, z_k) / q(z_k | x))                    (a tighter one, exact for K -> inf)
        reconstruction = share of positions whose character is the most probable one for the mean of q
        kl = KL(q(z | x) || p(z))
        active_units = number of dimensions whose mean varies over rows by more than 0.01

    Args:
        samples: K.

    Source: Burda, Grosse and Salakhutdinov 2016, arXiv 1509.00519 (bound and active units).
    """

    def __init__(self, samples: int = 8) -> None:
        self.samples = samples
        self._rows = 0
        self._sums = {"nelbo": 0.0, "iw_nll": 0.0, "kl": 0.0}
        self._right = self._characters = 0
        self._centre: np.ndarray | None = None
        self._first = self._second = np.zeros(())

    def update(self, example: VerseExample) -> None:
        self._rows += 1
        self._sums["nelbo"] += example.nelbo
        self._sums["iw_nll"] += example.iw_nll
        self._sums["kl"] += example.kl
        self._right += example.right
        self._characters += len(example.text)
        mean = np.asarray(example.mean, np.float64)
        if self._centre is None:
            # Sums of distances to the first row: they lose no digits where the mean is far from 0.
            self._centre = mean
        distance = mean - self._centre
        self._first = self._first + distance
        self._second = self._second + distance**2

    def result(self) -> dict[str, float]:
        if not self._rows:
            return {}
        variance = self._second / self._rows - (self._first / self._rows) ** 2
        means = ratios(**{name: (value, self._rows) for name, value in self._sums.items()})
        right = ratios(reconstruction=(self._right, self._characters))
        return {**means, **right, "active_units": float((variance > ACTIVE).sum())}


def importance_weighted(log_weights: np.ndarray) -> float:
    """-log mean(exp(log_weights)), computed from the greatest weight on."""
    top = float(log_weights.max())
    return -(top + math.log(float(np.exp(log_weights - top).mean())))
