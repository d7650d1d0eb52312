"""Losses over pairs of sentences: cosines against the scores of a corpus."""

from __future__ import annotations

import tensorflow as tf
from keras import ops

FAR = 1e9
"""Stands for infinity where a gradient flows."""


class CoSENT:
    """log(1 + sum of e^(s (c_j - c_i)) over i, j with score_i > score_j), for every pair of a batch.

    So micro-batches of one update weigh as many pairs as they hold.

    Args:
        scale: s.

    Source: kexue.fm archive 8847.
    """

    def __init__(self, scale: float = 20.0) -> None:
        self.scale = scale

    def __call__(self, cosines: tf.Tensor, scores: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Number of pairs times the loss, and this number; 0 and 0 where there is nothing to order.

        Args:
            cosines: of pairs, (B,) float32.
            scores: (B,) float32.
            real: (B,) bool; False for rows that are missing for a whole batch.
        """
        both = ops.logical_and(real[:, None], real[None])
        ordered = ops.logical_and(both, scores[:, None] > scores[None])
        wrong = self.scale * (cosines[None] - cosines[:, None])
        terms = ops.reshape(ops.where(ordered, wrong, -FAR), [-1])
        pairs = ops.where(ops.any(ordered), ops.sum(ops.cast(real, "float32")), 0.0)
        return pairs * ops.logsumexp(ops.concatenate([ops.zeros([1]), terms])), pairs


class Cosine:
    """(c - t)^2 with t = (score - low) / (high - low), summed over pairs.

    Args:
        low: the score that becomes the cosine 0.
        high: the score that becomes the cosine 1.

    Source: Reimers and Gurevych 2019, arXiv 1908.10084.
    """

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high

    def __call__(self, cosines: tf.Tensor, scores: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of pairs, float32 scalars; the arguments are those of CoSENT."""
        weights = ops.cast(real, "float32")
        targets = (scores - self.low) / (self.high - self.low)
        return ops.sum(ops.square(cosines - targets) * weights), ops.sum(weights)


class Contrastive:
    """d^2 / 2 for pairs with score >= threshold, max(0, m - d)^2 / 2 for others, summed: d = 1 - c.

    Args:
        threshold: least score of a positive pair.
        margin: m.

    Source: Hadsell et al. 2006.
    """

    def __init__(self, threshold: float, margin: float = 0.5) -> None:
        self.threshold = threshold
        self.margin = margin

    def __call__(self, cosines: tf.Tensor, scores: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of pairs, float32 scalars; the arguments are those of CoSENT."""
        weights = ops.cast(real, "float32")
        distances = 1 - cosines
        near = ops.square(distances)
        far = ops.square(ops.relu(self.margin - distances))
        losses = ops.where(scores >= self.threshold, near, far) / 2
        return ops.sum(losses * weights), ops.sum(weights)
