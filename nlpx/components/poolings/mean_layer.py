"""Layer of mean pooling."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import PoolingLayer, masked_mean


@keras.saving.register_keras_serializable(package="nlpx")
class MeanPooling(PoolingLayer):
    """Mean of x over real positions."""

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return masked_mean(x, mask)
