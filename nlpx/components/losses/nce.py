"""Noise-contrastive estimation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import PrivateAttr

from nlpx.components.losses.contrastive_estimation import ContrastiveEstimation
from nlpx.core.lazy import keras, np, tf


class NCE(ContrastiveEstimation):
    """Noise-contrastive estimation: learn scores and log Z by separating targets from noise.

    d_k = s_k - gamma - log(K q_k), at whose optimum p(k) = e^(s_k - gamma) and gamma = log Z

    Options: none of its own.
    Shapes: hidden (..., D), output embedding (U, D), output bias (U,), targets (...) int, mask (...) bool ->
        sum and number of positions.
    Data: one label per position, of thousands of classes; with a power above 0, their counts.
    Relations: gamma is one trainable number for all inputs, which starts at log U; scores therefore become
        nearly normalized. Needs more noise classes than sampled_softmax for the same accuracy.
    Reference: Gutmann and Hyvärinen 2010; kexue.fm archive 5617.
    Example:
        loss: {type: nce, negatives: 256, power: 1.0}
    """

    type: Literal["nce"] = "nce"

    _log_z: Any = PrivateAttr(None)

    def build(self, sizes: Mapping[str, int]) -> None:
        super().build(sizes)
        self._log_z = keras.Variable(np.log(sizes["classes"]), dtype="float32", name="log_z")

    @property
    def variables(self) -> list[keras.Variable]:
        return [*super().variables, *([] if self._log_z is None else [self._log_z])]

    def offset(self, log_noise: tf.Tensor) -> tf.Tensor:
        return log_noise + self._log_z
