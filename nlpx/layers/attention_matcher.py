"""What two texts have in common, by attention of each to the other."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.cross_attention import CrossAttention
from nlpx.layers.masking import masked_max


@keras.saving.register_keras_serializable(package="nlpx")
class AttentionMatcher(keras.layers.Layer):
    """[max_t attention(a_t; b); max_t attention(b_t; a)], maxima over real positions.

    a (B, S, D), b (B, T, E), masks (B, S) and (B, T) bool -> (B, 2 * heads * head_dim). The two attentions
    have weights of their own, without biases and output projections. An empty text gives 0.

    Source: kexue.fm archives 6919 and 4765.
    """

    def __init__(self, heads: int, head_dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.head_dim = head_dim
        self.ahead = CrossAttention(heads, head_dim, dtype=self.dtype_policy, name="ahead")
        self.back = CrossAttention(heads, head_dim, dtype=self.dtype_policy, name="back")

    def build(self, a_shape: tuple[int | None, ...], b_shape: tuple[int | None, ...]) -> None:
        self.ahead.build(a_shape, b_shape)
        self.back.build(b_shape, a_shape)
        self.built = True

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None

    def call(self, a: tf.Tensor, b: tf.Tensor, a_mask: tf.Tensor, b_mask: tf.Tensor) -> tf.Tensor:
        ahead = masked_max(self.ahead(a, b, b_mask), a_mask)
        return ops.concatenate([ahead, masked_max(self.back(b, a, a_mask), b_mask)], -1)
