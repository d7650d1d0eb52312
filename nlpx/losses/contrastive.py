"""Losses over the sentences of one batch: those of one group belong together."""

from __future__ import annotations

import tensorflow as tf
from keras import ops

FAR = 1e9
"""Stands for infinity where a gradient flows."""


class InBatch:
    """Mean over partners p of log(1 + sum_n e^(s (c_in - c_ip))), summed over sentences i with a partner.

    Partners are the other sentences of the group of i; n are the sentences of other groups.

    Args:
        scale: s.

    Source: van den Oord et al. 2018, arXiv 1807.03748; kexue.fm archive 7427.
    """

    def __init__(self, scale: float = 20.0) -> None:
        self.scale = scale

    def __call__(self, vectors: tf.Tensor, groups: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of sentences with a partner, float32 scalars.

        Args:
            vectors: (B, D) float32 of length 1.
            groups: (B,) int32.
            real: (B,) bool; False for rows that are missing for a whole batch.
        """
        partner, other = _relations(groups, real)
        scores = self.scale * ops.matmul(vectors, ops.transpose(vectors))
        others = ops.logsumexp(ops.where(other, scores, -FAR), 1, keepdims=True)
        weights = ops.cast(partner, "float32")
        partners = ops.sum(weights, 1)
        losses = ops.sum(ops.softplus(others - scores) * weights, 1) / ops.maximum(partners, 1)
        return ops.sum(losses), ops.sum(ops.cast(partners > 0, "float32"))


class Triplet:
    """max(0, m + greatest c_in - least c_ip), summed over sentences i that have a partner.

    Partners p are the other sentences of the group of i; n are the sentences of other groups.

    Args:
        margin: m.

    Source: Hermans et al. 2017, arXiv 1703.07737.
    """

    def __init__(self, margin: float = 0.2) -> None:
        self.margin = margin

    def __call__(self, vectors: tf.Tensor, groups: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of sentences with a partner, float32 scalars.

        Args:
            vectors: (B, D) float32 of length 1.
            groups: (B,) int32.
            real: (B,) bool; False for rows that are missing for a whole batch.
        """
        partner, other = _relations(groups, real)
        cosines = ops.matmul(vectors, ops.transpose(vectors))
        farthest = ops.min(ops.where(partner, cosines, FAR), 1)
        nearest = ops.max(ops.where(other, cosines, -FAR), 1)
        has_partner = ops.any(partner, 1)
        losses = ops.relu(self.margin + nearest - farthest)
        weights = ops.cast(has_partner, "float32")
        return ops.sum(ops.where(has_partner, losses, 0.0)), ops.sum(weights)


def _relations(groups: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Who is a partner of whom, and who of another group, each (B, B) bool; missing rows are neither."""
    both = ops.logical_and(real[:, None], real[None])
    same = groups[:, None] == groups[None]
    itself = ops.eye(ops.shape(groups)[0], dtype="bool")
    partner = ops.logical_and(both, ops.logical_and(same, ops.logical_not(itself)))
    return partner, ops.logical_and(both, ops.logical_not(same))
