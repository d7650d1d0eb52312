"""Layer of attention pooling."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import HIDDEN, PoolingLayer, apply_mask
from nlpx.layers.taps import tap


@keras.saving.register_keras_serializable(package="nlpx")
class AttentionPooling(PoolingLayer):
    """y = sum_t a_t x_t with a = softmax over real positions of v . tanh(W x_t + b), in float32.

    The weights a (B, T, 1) are the tap NAME/weights.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = input_shape[-1]
        self.hidden = keras.layers.Dense(width, activation="tanh", dtype=self.dtype_policy, name="hidden")
        self.score = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy, name="score")
        self.hidden.build(input_shape)
        self.score.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        x = apply_mask(x, mask)  # the padding may contain NaN, which even a weight of 0 would propagate
        scores = ops.cast(self.score(self.hidden(x)), "float32")
        if mask is not None:
            scores = ops.where(ops.expand_dims(mask, 2), scores, HIDDEN)
        # A sum of thousands of small terms is inaccurate in float16.
        weights = tap(f"{self.name}/weights", ops.softmax(scores, 1))
        return ops.cast(ops.sum(ops.cast(x, "float32") * weights, 1), x.dtype)
