"""Layer of the encoder plain_attention."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.components.encoders.self_attention_layer import waves
from nlpx.layers.masking import SequenceLayer, apply_mask

HIDDEN = -1e9
"""Added to the scores of masked positions, which are float32."""


@keras.saving.register_keras_serializable(package="nlpx")
class PlainSelfAttention(SequenceLayer):
    """concat over heads of softmax(Q K^T / sqrt(size)) V, with the options of `PlainAttention`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, heads * size); 0 outside the mask.
    """

    def __init__(self, heads: int, size: int, positions: bool, dropout: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.size = size
        self.positions = positions
        names = ("query", "key", "value")
        self.projections = [
            keras.layers.Dense(heads * size, use_bias=False, dtype=self.dtype_policy, name=name)
            for name in names
        ]
        self.drop = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for projection in self.projections:
            projection.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        if self.positions:
            x = x + ops.cast(waves(tf.shape(x)[1], x.shape[-1]), x.dtype)
        x = apply_mask(x, mask)
        query, key, value = (self._by_head(projection(x)) for projection in self.projections)
        scores = ops.cast(ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))), "float32") / self.size**0.5
        if mask is not None:
            scores = scores + ops.where(mask, 0.0, HIDDEN)[:, None, None]
        seen = ops.matmul(ops.cast(ops.softmax(scores), value.dtype), value)
        y = ops.reshape(ops.transpose(seen, (0, 2, 1, 3)), (*ops.shape(x)[:2], self.heads * self.size))
        return apply_mask(self.drop(y, training=training), mask)

    def _by_head(self, x: tf.Tensor) -> tf.Tensor:
        """(B, T, heads * size) -> (B, heads, T, size)."""
        shape = (*ops.shape(x)[:2], self.heads, self.size)
        return ops.transpose(ops.reshape(x, shape), (0, 2, 1, 3))
