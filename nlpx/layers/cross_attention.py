"""Multi-head attention of a decoder on an encoder."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import HIDDEN
from nlpx.layers.taps import tap


@keras.saving.register_keras_serializable(package="nlpx")
class CrossAttention(keras.layers.Layer):
    """Multi-head attention without biases and without an output projection.

        head_i = softmax(q W_i (k U_i)^T / sqrt(head_dim)) k V_i,   y = [head_1; ...; head_n]

    q (B, S, D), k (B, T, E), mask (B, T) -> (B, S, heads * head_dim). The projections of k are computed once,
    by `memory`; scores and weights are float32. The weights (B, heads, S, T) are the tap NAME/weights.

    Source: Vaswani et al. 2017, arXiv 1706.03762; kexue.fm archives 4765 and 5861.
    """

    def __init__(self, heads: int, head_dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.head_dim = head_dim
        self.query, self.key, self.value = (
            keras.layers.Dense(heads * head_dim, use_bias=False, dtype=self.dtype_policy, name=name)
            for name in ("query", "key", "value")
        )

    def build(self, queries_shape: tuple[int | None, ...], encoded_shape: tuple[int | None, ...]) -> None:
        self.query.build(queries_shape)
        self.key.build(encoded_shape)
        self.value.build(encoded_shape)
        self.built = True

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None

    @property
    def width(self) -> int:
        """Width of y."""
        return self.heads * self.head_dim

    def memory(self, encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys (B, n, T, head_dim) and values (B, n, T, head_dim) of an encoded text (B, T, E)."""
        return self._split(self.key(encoded), encoded), self._split(self.value(encoded), encoded)

    def attend(self, queries: tf.Tensor, memory: tuple[tf.Tensor, tf.Tensor], mask: tf.Tensor) -> tf.Tensor:
        """y (B, S, heads * head_dim) for queries (B, S, D)."""
        keys, values = memory
        scores = tf.matmul(self._split(self.query(queries), queries), keys, transpose_b=True)
        scores = tf.cast(scores, tf.float32) / self.head_dim**0.5
        allowed = tf.expand_dims(tf.expand_dims(mask, 1), 1)
        weights = tap(f"{self.name}/weights", tf.nn.softmax(tf.where(allowed, scores, HIDDEN)))
        heads = tf.matmul(tf.cast(weights, values.dtype), values)
        shape = tf.shape(queries)
        return tf.reshape(tf.transpose(heads, (0, 2, 1, 3)), (shape[0], shape[1], self.heads * self.head_dim))

    def call(self, queries: tf.Tensor, encoded: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        return self.attend(queries, self.memory(encoded), mask)

    def _split(self, x: tf.Tensor, projected: tf.Tensor) -> tf.Tensor:
        # The shape of x itself would be that of a matrix, where a graph is exported.
        shape = tf.shape(projected)
        return tf.transpose(tf.reshape(x, (shape[0], shape[1], self.heads, self.head_dim)), (0, 2, 1, 3))
