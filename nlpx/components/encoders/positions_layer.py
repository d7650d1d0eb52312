"""Layer of vectors of positions."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.attention import waves
from nlpx.layers.masking import SequenceLayer, apply_mask

LONGEST = 512
"""Rows of a learned table by default."""


@keras.saving.register_keras_serializable(package="nlpx")
class PositionVectors(SequenceLayer):
    """y_t = x_t + p_t, or [x_t; p_t], with the options of `Positions`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, D or D + size); 0 outside the mask.
    """

    def __init__(
        self,
        form: Literal["sin_cos", "learned"],
        merge: Literal["add", "concat"],
        size: int | None,
        max_length: int | None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.learned = form == "learned"
        self.concat = merge == "concat"
        self.size = size
        self.rows = max_length or LONGEST

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.vector_width = self.size or int(input_shape[-1] or 0)
        if self.learned:
            self.table = self.add_weight((self.rows, self.vector_width), initializer="zeros", name="table")
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        length = tf.shape(x)[1]
        if self.learned:
            vectors = ops.take(self.table, tf.minimum(tf.range(length), self.rows - 1), axis=0)
        else:
            vectors = waves(length, self.vector_width)
        vectors = ops.cast(vectors, x.dtype)[None]
        if not self.concat:
            return apply_mask(x + vectors, mask)
        vectors = tf.broadcast_to(vectors, (tf.shape(x)[0], length, self.vector_width))
        return apply_mask(ops.concatenate([x, vectors], -1), mask)
