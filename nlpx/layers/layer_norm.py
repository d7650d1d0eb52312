"""Layer normalization as an encoder block."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class LayerNormBlock(keras.layers.Layer):
    """y = g * (x - mean) / sqrt(variance + epsilon) + b, over the elements of every position.

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask.

    Args:
        epsilon: added to the variance.

    Source: Ba et al. 2016, arXiv 1607.06450.
    """

    def __init__(self, epsilon: float = 1e-3, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.epsilon = epsilon
        self.norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy, name="norm")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.norm.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        return apply_mask(self.norm(x), mask)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "epsilon": self.epsilon}
