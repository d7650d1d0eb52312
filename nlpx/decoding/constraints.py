"""What an answer may not hold: banned tokens, an early end, n-grams that it holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Constraints:
    """Probability 0 for what may not come next.

    Attributes:
        end: token that ends an answer.
        banned: tokens that never come.
        min_length: tokens before the end.
        block_ngrams: n; no n-gram of tokens comes twice in an answer. 0 blocks nothing.
    """

    end: int
    banned: Sequence[int] = ()
    min_length: int = 0
    block_ngrams: int = 0

    def apply(self, log_probs: tf.Tensor, tokens: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
        """log p of the next token with -inf for what may not come.

        Args:
            log_probs: (B, K, V) float32.
            tokens: the hypotheses, (B, K, L) int32; those from `time` on have no meaning.
            time: how many tokens they have, scalar int32.
        """
        ids = tf.range(tf.shape(log_probs)[-1])
        never = (ids == self.end) & (time < self.min_length)
        for token in self.banned:
            never |= ids == token
        allowed = tf.where(never, -float("inf"), log_probs)
        if not self.block_ngrams:
            return allowed
        return tf.where(self._repeats(tokens, time, tf.shape(log_probs)), -float("inf"), allowed)

    def _repeats(self, tokens: tf.Tensor, time: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
        """Which tokens would complete an n-gram that is there already, (B, K, V) bool."""
        n, length = self.block_ngrams, tokens.shape[-1]
        windows = length - n + 1
        if windows < 1:
            return tf.zeros(shape, tf.bool)
        # Window i holds the tokens i ... i + n - 1; it repeats if its first n - 1 are the last n - 1 written.
        same = (tf.range(windows) + n - 1 < time) & tf.ones(tf.shape(tokens[..., :windows]), tf.bool)
        for j in range(n - 1):
            last = tf.gather(tokens, tf.maximum(time - n + 1 + j, 0), axis=-1)[..., None]
            same &= tokens[..., j : j + windows] == last
        rows = tf.range(shape[0] * shape[1])[:, None] * shape[2]
        completing = tokens[..., n - 1 :]
        # A negative segment takes no part: what follows an end need not be in the vocabulary.
        repeated = tf.where(same & (completing < shape[2]), completing, -shape[0] * shape[1] * shape[2])
        segments = rows + tf.reshape(repeated, (shape[0] * shape[1], windows))
        counts = tf.math.unsorted_segment_sum(
            tf.ones_like(segments, tf.int32), segments, tf.reduce_prod(shape)
        )
        return tf.reshape(counts, shape) > 0
