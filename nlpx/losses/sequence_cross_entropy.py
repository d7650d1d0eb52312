"""Cross entropy of a text that is written token by token."""

from __future__ import annotations

import tensorflow as tf


class SequenceCrossEntropy:
    """Sum over real tokens of (1 - e) * -log p(token) + e * -(1/V) sum_v log softmax(logits)_v.

    Args:
        label_smoothing: e, 0 <= e < 1.

    Source: Szegedy et al. 2016, arXiv 1512.00567.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def __call__(self, nll: tf.Tensor, logits: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of real tokens, float32 scalars; 0 and 0 for a batch of empty rows.

        Args:
            nll: -log p of the tokens, (B, S) float32.
            logits: of the vocabulary, (B, S, V) float32.
            mask: (B, S) bool.
        """
        losses = nll
        if self.label_smoothing:
            uniform = tf.reduce_logsumexp(logits, -1) - tf.reduce_mean(logits, -1)
            losses = (1 - self.label_smoothing) * nll + self.label_smoothing * uniform
        # Not a product with the mask: what stands in an empty row may be infinite.
        total = tf.reduce_sum(tf.where(mask, losses, 0.0))
        return total, tf.reduce_sum(tf.cast(mask, tf.float32))
