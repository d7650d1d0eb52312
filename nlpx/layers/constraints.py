"""Constraints of Keras, which change a weight after each update; the gradient does not see them."""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import ops

from nlpx.layers.spectral_norm import spectral_norm


@keras.saving.register_keras_serializable(package="nlpx")
class SpectralConstraint(keras.constraints.Constraint):
    """W <- W / sigma(W): a kernel as a matrix (..., outputs), a table, or a vector of factors.

    sigma is computed by power iteration in each call, from the same random vector. See
    `nlpx.layers.spectral_norm` for the division in the forward pass, whose gradient is right.

    Args:
        iterations: steps of the power iteration.

    Source: kexue.fm archives 6051 and 6311, from a vector of ones, which may be orthogonal to what is sought.
    """

    def __init__(self, iterations: int = 5) -> None:
        self.iterations = iterations

    def __call__(self, w: keras.KerasTensor) -> keras.KerasTensor:
        weight = ops.cast(w, "float32")
        start = np.random.default_rng(0).standard_normal(math.prod(weight.shape[:-1])).astype(np.float32)
        norm, _ = spectral_norm(weight, ops.convert_to_tensor(start), self.iterations)
        return ops.cast(weight / norm, w.dtype)

    def get_config(self) -> dict[str, object]:
        return {"iterations": self.iterations}


@keras.saving.register_keras_serializable(package="nlpx")
class ClipConstraint(keras.constraints.Constraint):
    """w <- min(max(w, -limit), limit).

    Source: Arjovsky et al. 2017, arXiv 1701.07875; kexue.fm archive 6051.
    """

    def __init__(self, limit: float = 0.01) -> None:
        self.limit = limit

    def __call__(self, w: keras.KerasTensor) -> keras.KerasTensor:
        return ops.clip(w, -self.limit, self.limit)

    def get_config(self) -> dict[str, object]:
        return {"limit": self.limit}
