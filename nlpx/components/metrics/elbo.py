"""Bounds on the log-likelihood of a variational autoencoder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt

ACTIVE = 0.01
"""Minimum variance of the mean of an active dimension."""


class EvidenceLowerBound(Metric):
    """Likelihood bounds of a variational autoencoder in nats, reconstruction and active latent dimensions.

    nelbo = mean_k -log p(x | z_k) + KL;  iw_nll = -log mean_k (p(x, z_k) / q(z_k | x));  z_k ~ q(z | x)

    Both are means over records. In expectation, iw_nll is between -log p(x) and nelbo. reconstruction is the
    proportion of characters that are the most probable ones given the mean of the posterior; active_units is
    the number of dimensions whose mean has a variance above 0.01 over the records.

    Options:
        samples: number of latent vectors per record, which determines the time of an evaluation.
    Shapes: five values per split.
    Data: verses.
    Relations: the latent vectors of a record depend only on its text, so the same weights give the same
        values. Characters outside the vocabulary are scored as the unknown character, and never
        reconstructed.
    Reference: Burda et al. 2016, arXiv 1509.00519.
    Example:
        metrics: [{type: elbo, samples: 16}]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"elbo", "source_text"})
    likelihood: ClassVar[bool] = True
    directions: ClassVar[Directions] = {
        "nelbo": "min",
        "iw_nll": "min",
        "reconstruction": "max",
        "kl": "max",
        "active_units": "max",
    }

    no_interval: ClassVar[Mapping[str, str]] = {
        "active_units": "a number of dimensions beyond a threshold, which changes in steps of 1"
    }

    type: Literal["elbo"] = "elbo"
    samples: PositiveInt = 8

    _records: int = 0
    _centre: Any = None
    _moments: Any = 0.0

    def terms(self, example: Values) -> Terms:
        elbo = example.elbo
        return {
            "nelbo": (elbo.nelbo, 1),
            "iw_nll": (elbo.iw_nll, 1),
            "kl": (elbo.kl, 1),
            "reconstruction": (elbo.right, len(example.source_text)),
        }

    def update(self, example: Values) -> None:
        super().update(example)
        mean = np.asarray(example.elbo.mean, np.float64)
        if self._centre is None:
            # Sum distances to the first record, which is accurate even if the mean is far from 0.
            self._centre = mean
        distance = mean - self._centre
        self._moments = self._moments + np.stack([distance, distance**2])
        self._records += 1

    def result(self) -> dict[str, float]:
        if not self._records:
            return {}
        first, second = self._moments / self._records
        return {**super().result(), "active_units": float((second - first**2 > ACTIVE).sum())}


def importance_weighted(log_weights: np.ndarray) -> float:
    """-log mean(exp(log_weights)), computed relative to the largest weight."""
    top = float(log_weights.max())
    return -(top + math.log(float(np.exp(log_weights - top).mean())))
