"""Layer of max pooling."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import PoolingLayer, masked_max


@keras.saving.register_keras_serializable(package="nlpx")
class MaxPooling(PoolingLayer):
    """Maximum of x over real positions, channel by channel."""

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return masked_max(x, mask)
