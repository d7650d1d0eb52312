"""Layer of the transformer block."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.attention import Restriction, attention_mask, waves
from nlpx.layers.masking import SequenceLayer, apply_mask
from nlpx.layers.taps import heard, tap


@keras.saving.register_keras_serializable(package="nlpx")
class TransformerBlock(SequenceLayer):
    """Self-attention and two dense layers, with the options of `Transformer`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask. Where they are heard, the weights
    (B, heads, T, T) are the tap NAME/weights.

    Raises:
        ValueError: the number of heads does not divide the width of the input.
    """

    def __init__(
        self,
        heads: int,
        expansion: int,
        activation: str,
        norm: Literal["pre", "post"],
        dropout: float,
        positions: bool,
        causal: bool,
        restriction: Restriction | None,
        neighbors: int | None,
        rate: int | None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.expansion = expansion
        self.activation = activation
        self.pre = norm == "pre"
        self.dropout = dropout
        self.positions = positions
        self.reach = (causal, restriction, neighbors, rate)

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
        self.widen = keras.layers.Dense(
            self.expansion * width, activation=self.activation, dtype=policy, name="widen"
        )
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
        if self.pre:
            x = x + self._attended(self.attention_norm(x), mask, training)
            return apply_mask(x + self._dense(self.dense_norm(x), training), mask)
        x = self.attention_norm(x + self._attended(x, mask, training))
        return apply_mask(self.dense_norm(x + self._dense(x, training)), mask)

    def _attended(self, x: tf.Tensor, mask: tf.Tensor | None, training: bool | None) -> tf.Tensor:
        x = apply_mask(x, mask)
        allowed = attention_mask(tf.shape(x)[1], mask, *self.reach)
        if heard(f"{self.name}/weights"):
            _, weights = self.attention(
                x, x, attention_mask=allowed, return_attention_scores=True, training=False
            )
            tap(f"{self.name}/weights", weights)
        return self.drop(self.attention(x, x, attention_mask=allowed, training=training), training=training)

    def _dense(self, x: tf.Tensor, training: bool | None) -> tf.Tensor:
        return self.drop(self.narrow(self.widen(x)), training=training)
