"""The layer of a maximum entropy Markov model."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import SequenceLayer


@keras.saving.register_keras_serializable(package="nlpx")
class MEMMHead(SequenceLayer):
    """Scores e such that log P(y | x) = sum_t e_t(y_t) + sum_t g(y_t, y_t+1): no sum over paths is left.

    (B, T, D) floating -> (B, T, units) float32. The normalizer of position t depends on the tag before it, so
    it is part of the score of that tag.
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.dense = keras.layers.Dense(units, dtype=self.dtype_policy, name="emissions")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.dense.build(input_shape)
        shape, initializer = (self.units, self.units), "glorot_uniform"
        self.transitions = self.add_weight(
            shape=shape, initializer=initializer, dtype="float32", autocast=False, name="transitions"
        )
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        h = ops.cast(self.dense(x), "float32")
        # The same number for all tags of a position changes no probability; small numbers are more accurate.
        h = h - ops.stop_gradient(ops.max(h, -1, keepdims=True))
        real = ops.ones(ops.shape(h)[:2], "bool") if mask is None else ops.cast(mask, "bool")
        return h - self.normalizers(h, tf.identity(self.transitions), real)

    def normalizers(self, h: tf.Tensor, g: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
        """What the scores h (B, T, K) are reduced by, (B, T, K), for transitions (K, K) and a mask (B, T)."""
        return forward_normalizers(h, g, real)

    def nll(self, scores: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """-log P(targets | x) of every row in nats, (B,); 0 for an empty row."""
        real = ops.cast(mask, "float32")
        chosen = ops.one_hot(targets, self.units) * real[..., None]
        moves = tf.einsum("bti,ij,btj->b", chosen[:, :-1], tf.identity(self.transitions), chosen[:, 1:])
        return -ops.sum(chosen * scores, (1, 2)) - moves

    def decoding_scores(self, scores: tf.Tensor) -> tf.Tensor:
        """The scores (B, T, K) themselves; Viterbi adds the transitions."""
        return scores

    def potentials(self) -> dict[str, np.ndarray | None]:
        """Further inputs of decoding: the transitions (K, K); there are no start and stop scores."""
        return {"transitions": ops.convert_to_numpy(self.transitions), "start": None, "stop": None}

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "units": self.units}


def forward_normalizers(h: tf.Tensor, g: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    """log sum_j exp(h_t+1(j) + g(i, j)) by tag i of position t, and at the first one that of h_1 as well."""
    following = ops.logsumexp(ops.expand_dims(h[:, 1:], 2) + g, -1)
    following = ops.where(ops.expand_dims(real[:, 1:], 2), following, 0.0)
    first = ops.pad(ops.logsumexp(h[:, :1], -1, keepdims=True), [[0, 0], [0, ops.shape(h)[1] - 1], [0, 0]])
    return ops.pad(following, [[0, 0], [0, 1], [0, 0]]) + first


def backward_normalizers(h: tf.Tensor, g: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    """log sum_i exp(h_t-1(i) + g(i, j)) by tag j of position t, and at the last one that of h_n as well."""
    preceding = ops.logsumexp(ops.expand_dims(h[:, :-1], 3) + g, 2)
    last = ops.logical_and(real, ops.logical_not(ops.pad(real[:, 1:], [[0, 0], [0, 1]])))
    final = ops.where(ops.expand_dims(last, 2), ops.logsumexp(h, -1, keepdims=True), 0.0)
    return ops.where(ops.expand_dims(real, 2), ops.pad(preceding, [[0, 0], [1, 0], [0, 0]]), 0.0) + final
