"""Cross entropy over real positions."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


class CrossEntropy:
    """Sum over real positions of -sum_k q_k log p_k, with q = (1 - e) * one-hot(target) + e / U.

    Args:
        label_smoothing: e, 0 <= e < 1.

    Source: Szegedy et al. 2016, arXiv 1512.00567.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def __call__(
        self, head: keras.layers.Layer, logits: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of real positions, float32 scalars; 0 and 0 for a batch of empty rows.

        Args:
            head: the head that gave the logits.
            logits: (B, T, U) float32.
            targets: (B, T) int32.
            mask: (B, T) bool.
        """
        real = ops.cast(mask, "float32")
        total = ops.sum(head.nll(logits, targets, mask))
        if self.label_smoothing:
            uniform = -ops.mean(ops.log_softmax(logits), -1)
            total = (1 - self.label_smoothing) * total + self.label_smoothing * ops.sum(uniform * real)
        return total, ops.sum(real)
