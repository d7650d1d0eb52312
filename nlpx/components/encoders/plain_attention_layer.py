"""Layer of the encoder plain_attention."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.attention import Restriction, attention_mask, waves
from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import HIDDEN, SequenceLayer, apply_mask
from nlpx.layers.taps import tap


@keras.saving.register_keras_serializable(package="nlpx")
class PlainSelfAttention(SequenceLayer):
    """concat over heads of softmax(Q K^T / sqrt(key_size)) V, with the options of `PlainAttention`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, heads * size); 0 outside the mask.
    """

    def __init__(
        self,
        heads: int,
        size: int,
        key_size: int | None,
        positions: bool,
        dropout: Rate,
        causal: bool,
        restriction: Restriction | None,
        neighbors: int | None,
        rate: int | None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.positions = positions
        self.reach = (causal, restriction, neighbors, rate)
        self.sizes = (key_size or size, key_size or size, size)
        self.projections = [
            keras.layers.Dense(heads * width, use_bias=False, dtype=self.dtype_policy, name=name)
            for name, width in zip(("query", "key", "value"), self.sizes, strict=True)
        ]
        self.drop = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for projection in self.projections:
            projection.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        if self.positions:
            x = x + ops.cast(waves(tf.shape(x)[1], x.shape[-1]), x.dtype)
        x = apply_mask(x, mask)
        query, key, value = (
            self._by_head(projection(x), width, x)
            for projection, width in zip(self.projections, self.sizes, strict=True)
        )
        scores = ops.cast(ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))), "float32")
        scores = scores / self.sizes[0] ** 0.5
        allowed = attention_mask(tf.shape(x)[1], mask, *self.reach)
        if allowed is not None:
            scores = ops.where(ops.expand_dims(allowed, 1), scores, HIDDEN)
        weights = tap(f"{self.name}/weights", ops.softmax(scores))
        seen = ops.matmul(ops.cast(weights, value.dtype), value)
        y = ops.reshape(ops.transpose(seen, (0, 2, 1, 3)), (*ops.shape(x)[:2], self.heads * self.sizes[2]))
        return apply_mask(self.drop(y, training=training), mask)

    def _by_head(self, projected: tf.Tensor, width: int, x: tf.Tensor) -> tf.Tensor:
        """(B, T, heads * width), of x (B, T, D) -> (B, heads, T, width)."""
        # The shape of what a layer projects would be that of a matrix, where a graph is exported.
        shape = (*ops.shape(x)[:2], self.heads, width)
        return ops.transpose(ops.reshape(projected, shape), (0, 2, 1, 3))
