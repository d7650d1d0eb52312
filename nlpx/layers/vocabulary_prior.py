"""A bias for the tokens of the input."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="nlpx")
class VocabularyPrior(keras.layers.Layer):
    """y_v = exp(a_v) [v occurs in the input] + b_v, with a = b = 0 at first.

    Distinct token ids (B, P) int32, mask (B, P) bool -> (B, 1, V). The multi-hot vector is scattered from the
    ids, so no tensor of size B * T * V is created.

    Source: kexue.fm archive 5861 (ScaleShift).
    """

    def __init__(self, vocabulary_size: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size

    def build(self, input_shape: object) -> None:
        self.log_scale = self.add_weight((self.vocabulary_size,), initializer="zeros", name="log_scale")
        self.shift = self.add_weight((self.vocabulary_size,), initializer="zeros", name="shift")
        self.built = True

    def call(self, ids: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        rows = tf.shape(ids)[0]
        row = tf.broadcast_to(tf.range(rows)[:, None], tf.shape(ids))
        # Padding has the id 0 several times, which must add up also where a graph is exported.
        nothing = tf.zeros((rows, self.vocabulary_size), self.compute_dtype)
        found = tf.tensor_scatter_nd_add(nothing, tf.stack([row, ids], -1), tf.cast(mask, self.compute_dtype))
        return (ops.exp(self.log_scale) * found + self.shift)[:, None, :]
