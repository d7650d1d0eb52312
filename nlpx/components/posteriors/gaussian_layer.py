"""Layer of the diagonal normal distribution."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="nlpx")
class GaussianPosterior(keras.layers.Layer):
    """mean = W_m h + b_m,  log_var = W_v h + b_v.

    (B, D) floating, rows (B,) bool -> mean, log_var (B, units) float32. `rows` marks the real rows.
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
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
