"""Posteriors of a variational autoencoder."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

SMALLEST_VARIANCE = 1e-6
"""Keeps the logarithm of a normalized deviation finite where it crosses 0."""


@keras.saving.register_keras_serializable(package="nlpx")
class GaussianPosterior(keras.layers.Layer):
    """mean = W_m h + b_m,  log_var = W_v h + b_v.

    (B, D) floating, rows (B,) bool -> mean, log_var (B, units) float32. `rows` says which rows are real.

    Args:
        units: width of the latent vector.

    Source: Kingma and Welling 2014, arXiv 1312.6114.
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.mean = keras.layers.Dense(units, dtype=self.dtype_policy, name="mean")
        self.log_var = keras.layers.Dense(units, dtype=self.dtype_policy, name="log_var")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.mean.build(input_shape)
        self.log_var.build(input_shape)
        self.built = True

    def call(
        self, h: tf.Tensor, rows: tf.Tensor | None = None, training: bool | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return ops.cast(self.mean(h), "float32"), ops.cast(self.log_var(h), "float32")

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        shape = (*input_shape[:-1], self.units)
        return shape, shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="nlpx")
class BatchNormPosterior(GaussianPosterior):
    """mean = g_m * BN(W_m h + b_m); with `spread`, exp(log_var / 2) = |g_s * BN(W_v h + b_v)|.

        g_m = sqrt(tau + (1 - tau) * sigmoid(theta)),  g_s = sqrt((1 - tau) * sigmoid(-theta))

    (B, D) floating, rows (B,) bool -> mean, log_var (B, units) float32. In training the moments are those of
    the real rows; their moving averages serve elsewhere.

    Args:
        units: width of the latent vector.
        tau: least mean square of the means, 0 < tau < 1.
        spread: normalize the deviations too.

    Source: kexue.fm archive 7381; Zhu et al. 2020, arXiv 2004.12585.
    """

    def __init__(self, units: int, tau: float = 0.5, spread: bool = False, **kwargs: object) -> None:
        super().__init__(units, **kwargs)
        self.tau = tau
        self.spread = spread
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

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "tau": self.tau, "spread": self.spread}


def _norm(name: str) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-8, dtype="float32", name=name
    )
