"""Layer of the normal distribution with normalized means."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.components.posteriors.gaussian_layer import GaussianPosterior

SMALLEST_VARIANCE = 1e-6
"""Keeps the logarithm of a normalized standard deviation finite near 0."""


@keras.saving.register_keras_serializable(package="nlpx")
class BatchNormPosterior(GaussianPosterior):
    """mean = g_m * BN(W_m h + b_m); with `spread`, exp(log_var / 2) = |g_s * BN(W_v h + b_v)|.

    (B, D) floating, rows (B,) bool -> mean, log_var (B, units) float32, with the options of `BatchNorm`. In
    training, the moments are computed over the real rows; otherwise moving averages are used.
    """

    def __init__(self, units: int, tau: float, spread: bool, **kwargs: object) -> None:
        super().__init__(units, **kwargs)
        self.units = units
        self.tau = tau
        self.mean_norm = _norm("mean_norm")
        self.deviation_norm = _norm("deviation_norm") if spread else None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.theta = self.add_weight(shape=(self.units,), initializer="zeros", name="theta")
        self.mean_norm.build((None, self.units))
        if self.deviation_norm is not None:
            self.deviation_norm.build((None, self.units))

    def call(
        self, h: tf.Tensor, rows: tf.Tensor | None = None, training: bool | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        mean, log_var = super().call(h)
        of_mean, of_deviation = self.scales()
        mean = of_mean * self.mean_norm(mean, training=training, mask=rows)
        if self.deviation_norm is not None:
            deviation = of_deviation * self.deviation_norm(log_var, training=training, mask=rows)
            log_var = ops.log(ops.square(deviation) + SMALLEST_VARIANCE)
        return mean, log_var

    def scales(self) -> tuple[tf.Tensor, tf.Tensor]:
        """g_m and g_s, (units,) float32 each."""
        theta = ops.cast(self.theta, "float32")
        of_mean = ops.sqrt(self.tau + (1 - self.tau) * ops.sigmoid(theta))
        return of_mean, ops.sqrt((1 - self.tau) * ops.sigmoid(-theta))


def _norm(name: str) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-8, dtype="float32", name=name
    )
