"""Layer of the layer normalization block."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import SequenceLayer, apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class LayerNormBlock(SequenceLayer):
    """y = g * (x - mean) / sqrt(variance + epsilon) + b, with the options of `LayerNorm`."""

    def __init__(self, epsilon: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.norm = keras.layers.LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy, name="norm")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.norm.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        return apply_mask(self.norm(x), mask)
