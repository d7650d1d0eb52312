"""Pointer networks, without and with coverage."""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from nlpx.layers.masking import HIDDEN


class Pointed(NamedTuple):
    """The output of a pointer at S positions.

    Attributes:
        log_weights: log of the copy distribution over the positions of the text, (B, S, T) float32.
        gate: logit of not copying, (B, S) float32.
        covered: with coverage, the cumulative distribution, one (B, S, T) float32; otherwise empty.
        overlap: with coverage, the probability of copying positions again, (B, S) float32.
    """

    log_weights: tf.Tensor
    gate: tf.Tensor
    covered: tuple[tf.Tensor, ...] = ()
    overlap: tf.Tensor | None = None


@keras.saving.register_keras_serializable(package="nlpx")
class Pointer(keras.layers.Layer):
    """Copy distribution and gate: log a_st = log softmax_t(q_s W . k_t U / sqrt(d)), gate g_s.

        p(v | s) = sigmoid(g_s) p_vocabulary(v | s) + sigmoid(-g_s) sum_{t: x_t = v} a_st

    q (B, S, D), k (B, T, E), mask (B, T) -> `Pointed` with log a and g; the mixture is up to the caller, who
    knows x.

    Source: Gu et al. 2016, arXiv 1603.06393; See et al. 2017, arXiv 1704.04368.
    """

    def __init__(self, dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.dim = dim
        self.query, self.key = (
            keras.layers.Dense(dim, use_bias=False, dtype=self.dtype_policy, name=name)
            for name in ("query", "key")
        )
        self.gate = keras.layers.Dense(1, dtype=self.dtype_policy, name="gate")

    def build(self, queries_shape: tuple[int | None, ...], encoded_shape: tuple[int | None, ...]) -> None:
        self.query.build(queries_shape)
        self.gate.build(queries_shape)
        self.key.build(encoded_shape)
        self.built = True

    def uncovered(self, rows: tf.Tensor, hypotheses: int, length: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The coverage before the first step."""
        return ()

    def whole(self, queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor) -> Pointed:
        """All steps of a text, queries (B, S, D), for keys (B, T, dim) that are projected already."""
        return self.step(queries, keys, mask, ())

    def step(
        self, queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor, covered: tuple[tf.Tensor, ...]
    ) -> Pointed:
        """The next step of each of K hypotheses, queries (B, K, D), which have covered that."""
        products = self._products(queries, keys)
        log_weights = tf.nn.log_softmax(tf.where(tf.expand_dims(mask, 1), products, HIDDEN))
        return Pointed(log_weights, self._gates(queries))

    def call(self, queries: tf.Tensor, encoded: tf.Tensor, mask: tf.Tensor) -> Pointed:
        return self.whole(queries, self.key(encoded), mask)

    def _products(self, queries: tf.Tensor, keys: tf.Tensor) -> tf.Tensor:
        products = tf.matmul(self.query(queries), keys, transpose_b=True)
        return tf.cast(products, tf.float32) / self.dim**0.5

    def _gates(self, queries: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.gate(queries)[..., 0], tf.float32)


@keras.saving.register_keras_serializable(package="nlpx")
class CoveredPointer(Pointer):
    """A pointer with coverage, which is added along a vector w to the keys of positions.

        c_st = sum_{r < s} a_rt,   log a_s = log softmax_t(q_s W . (k_t U + c_st w) / sqrt(d)),
        overlap_s = sum_t min(a_st, c_st)

    As q_s W . (k_t U + c_st w) = q_s W . k_t U + c_st (q_s W . w) and no query depends on c, the products of
    all steps are made at once; only a softmax of (B, T) numbers waits for the one before. w is 0 at first,
    which makes it a `Pointer`.

    Source: See et al. 2017, arXiv 1704.04368, with a scaled product where that has additive attention.
    """

    def build(self, queries_shape: tuple[int | None, ...], encoded_shape: tuple[int | None, ...]) -> None:
        self.growth = self.add_weight((self.dim,), initializer="zeros", name="growth")
        super().build(queries_shape, encoded_shape)

    def uncovered(self, rows: tf.Tensor, hypotheses: int, length: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (tf.zeros((rows, hypotheses, length)),)

    def whole(self, queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor) -> Pointed:
        products, slopes = self._products(queries, keys), self._slopes(queries)

        def advance(before: tuple[tf.Tensor, ...], now: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, ...]:
            return _advance(now[0], now[1], mask, before[1])

        nothing = tf.zeros_like(products[:, 0])
        log_weights, covered, overlap = tf.scan(
            advance,
            (tf.transpose(products, (1, 0, 2)), tf.transpose(slopes)),
            (nothing, nothing, nothing[:, 0]),
        )
        log_weights, covered = (tf.transpose(part, (1, 0, 2)) for part in (log_weights, covered))
        return Pointed(log_weights, self._gates(queries), (covered,), tf.transpose(overlap))

    def step(
        self, queries: tf.Tensor, keys: tf.Tensor, mask: tf.Tensor, covered: tuple[tf.Tensor, ...]
    ) -> Pointed:
        products, slopes = self._products(queries, keys), self._slopes(queries)
        log_weights, after, overlap = _advance(products, slopes, tf.expand_dims(mask, 1), covered[0])
        return Pointed(log_weights, self._gates(queries), (after,), overlap)

    def _slopes(self, queries: tf.Tensor) -> tf.Tensor:
        """q_s W . w / sqrt(d), (B, S) float32."""
        projected = self.query(queries)
        slopes = tf.linalg.matvec(projected, tf.cast(self.growth, projected.dtype))
        return tf.cast(slopes, tf.float32) / self.dim**0.5


def _advance(
    products: tf.Tensor, slopes: tf.Tensor, mask: tf.Tensor, covered: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """log a, c after the step, and the overlap, from (..., T) products and the previous coverage."""
    log_weights = tf.nn.log_softmax(tf.where(mask, products + tf.expand_dims(slopes, -1) * covered, HIDDEN))
    weights = tf.exp(log_weights)
    return log_weights, covered + weights, tf.reduce_sum(tf.minimum(weights, covered), -1)
