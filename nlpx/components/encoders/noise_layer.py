"""Layer of noise in training."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import SequenceLayer, apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class NoiseBlock(SequenceLayer):
    """y = x + N(0, stddev^2) in training, y = x otherwise, with the options of `Noise`."""

    def __init__(self, stddev: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.noise = keras.layers.GaussianNoise(stddev, dtype=self.dtype_policy, name="noise")

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        return apply_mask(self.noise(x, training=training), mask)
