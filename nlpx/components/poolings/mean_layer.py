"""The layer that takes the mean."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.components.poolings.base_layer import PoolingLayer
from nlpx.layers.masking import masked_mean


@keras.saving.register_keras_serializable(package="nlpx")
class MeanPooling(PoolingLayer):
    """Mean of x over real positions.

    (B, T, D) floating, mask (B, T) bool -> (B, D); 0 for an empty row.
    """

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return masked_mean(x, mask)
