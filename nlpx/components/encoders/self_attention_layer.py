"""Layer of the transformer block."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import SequenceLayer, apply_mask

LONGEST_WAVE = 10_000.0


@keras.saving.register_keras_serializable(package="nlpx")
class SelfAttention(SequenceLayer):
    """h = x' + dropout(attention(norm(x'))),  y = h + dropout(W_2 gelu(W_1 norm(h))),  x' = x [+ waves].

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask. The options are those of the
    component. Normalization before each part: Xiong et al. 2020, arXiv 2002.04745.

    Raises:
        ValueError: the number of heads does not divide the width of the input.
    """

    def __init__(self, heads: int, expansion: int, dropout: float, positions: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.expansion = expansion
        self.dropout = dropout
        self.positions = positions

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = int(input_shape[-1] or 0)
        if width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide an input that is {width} wide")
        policy = self.dtype_policy
        self.attention_norm = keras.layers.LayerNormalization(dtype=policy, name="attention_norm")
        self.attention = keras.layers.MultiHeadAttention(
            self.heads, width // self.heads, dropout=self.dropout, dtype=policy, name="attention"
        )
        self.dense_norm = keras.layers.LayerNormalization(dtype=policy, name="dense_norm")
        self.widen = keras.layers.Dense(self.expansion * width, activation="gelu", dtype=policy, name="widen")
        self.narrow = keras.layers.Dense(width, dtype=policy, name="narrow")
        self.drop = keras.layers.Dropout(self.dropout, dtype=policy, name="dropout")
        for layer in (self.attention_norm, self.dense_norm, self.widen):
            layer.build(input_shape)
        self.attention.build(input_shape, input_shape)
        self.narrow.build((*input_shape[:-1], self.expansion * width))
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        if self.positions:
            x = x + ops.cast(waves(tf.shape(x)[1], x.shape[-1]), x.dtype)
        seen = apply_mask(self.attention_norm(x), mask)
        attended = self.attention(
            seen, seen, attention_mask=None if mask is None else mask[:, None, :], training=training
        )
        x = x + self.drop(attended, training=training)
        y = self.drop(self.narrow(self.widen(self.dense_norm(x))), training=training)
        return apply_mask(x + y, mask)


def waves(length: tf.Tensor | int, width: int) -> tf.Tensor:
    """(length, width) float32: element 2i of position t is sin(t / 10000^(2i / width)), 2i + 1 the cosine."""
    even = np.arange(width) // 2 * 2
    angles = ops.cast(tf.range(length), "float32")[:, None] / LONGEST_WAVE ** (even / width).astype(
        np.float32
    )
    return tf.where(np.arange(width) % 2 == 0, tf.sin(angles), tf.cos(angles))
