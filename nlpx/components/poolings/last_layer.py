"""Layer of pooling by the last position."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import PoolingLayer


@keras.saving.register_keras_serializable(package="nlpx")
class LastPooling(PoolingLayer):
    """x at the last real position."""

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        if mask is None:
            return x[:, -1]
        # The last real position is the one that is real while the next one is not; this avoids a gather.
        real = ops.cast(mask, x.dtype)
        following = ops.pad(real[:, 1:], [[0, 0], [0, 1]])
        return ops.sum(x * ops.expand_dims(real * (1 - following), 2), 1)
