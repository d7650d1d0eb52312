"""Two heads and the centres of classes."""

from __future__ import annotations

import tensorflow as tf


class CentredCrossEntropy:
    """loss = mean(CE_main + auxiliary * CE_aux + centre * |f - C_y|^2).

    Args:
        auxiliary: weight of the auxiliary head's cross entropy.
        centre: weight of the squared distance.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform.
    """

    def __init__(self, auxiliary: float = 0.25, centre: float = 0.25, label_smoothing: float = 0.0) -> None:
        self.auxiliary = auxiliary
        self.centre = centre
        self.label_smoothing = label_smoothing

    def __call__(
        self, main: tf.Tensor, aux: tf.Tensor, distances: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Logits (B, U) twice, squared distances (B,), labels (B,) int -> sum and B, float32 scalars."""
        each = self.cross_entropy(main, labels)
        each += self.auxiliary * self.cross_entropy(aux, labels)
        each += self.centre * distances
        return tf.reduce_sum(each), tf.cast(tf.size(labels), tf.float32)

    def cross_entropy(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """-sum_u q(u) log p(u) under the smoothed target q, (B,) in nats."""
        log_p = tf.nn.log_softmax(logits)
        target = tf.gather(log_p, labels, axis=-1, batch_dims=1)
        uniform = tf.reduce_mean(log_p, axis=-1)
        return -((1.0 - self.label_smoothing) * target + self.label_smoothing * uniform)
