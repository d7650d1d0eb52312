"""An exported variational autoencoder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs

MEASURED = ("mean", "kl", "cross_entropy", "log_weight", "best")
"""The outputs of the graph `measure`, in this order."""


class ExportedAutoencoder:
    """The inference methods of `AutoencoderLearner`.

    Args:
        graphs: `means`, a batch -> (B, L); `log_probs`, `z` (N, L) -> (N, T, V); `measure`, a batch with
            `noise` (B, K, L) -> the values of `measure`. All floating-point arrays are float32.
        constants: none.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._means, self._log_probs, self._measure = (
            graphs[name] for name in ("means", "log_probs", "measure")
        )

    def means(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """The means (B, L) float32 of q(z | x)."""
        return self._means(batch)[0]

    def log_probs(self, z: np.ndarray) -> np.ndarray:
        """log p(x_t | z) for latent vectors (N, L): (N, T, V) float32."""
        return self._log_probs({"z": np.asarray(z, np.float32)})[0]

    def measure(self, batch: Mapping[str, np.ndarray], noise: np.ndarray) -> dict[str, np.ndarray]:
        """Values of each row for evaluation, as `AutoencoderLearner.measure`."""
        found = self._measure({**batch, "noise": np.asarray(noise, np.float32)})
        return dict(zip(MEASURED, found, strict=True))
