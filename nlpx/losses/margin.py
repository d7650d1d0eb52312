"""Softmax losses over cosines with class vectors, with a margin for the right class.

    L = -log( e^(s psi(c_t)) / (e^(s psi(c_t)) + sum_(i != t) e^(s c_i)) ),  psi(c) <= c

The cosine of the right class is replaced before the softmax. To compute the softmax of everything and take
e^(s c_t) out again, as is seen elsewhere, loses all digits in float32 and gives negative or infinite losses.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import tensorflow as tf
from keras import ops

NEARLY_ONE = 1 - 1e-6
"""Greatest cosine whose sine has a finite slope in float32."""


class MarginSoftmax(ABC):
    """Sum over sentences of the cross entropy of scaled cosines after a margin.

    Args:
        scale: s.

    Source: Wang et al. 2018, arXiv 1801.05599; kexue.fm archive 5743.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale

    @abstractmethod
    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        """What the cosine with the right class is replaced by, never more than it; any shape."""

    def __call__(
        self, cosines: tf.Tensor, classes: tf.Tensor, real: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of sentences, float32 scalars; 0 and 0 for a batch of empty rows.

        Args:
            cosines: (B, C) float32.
            classes: (B,) int32.
            real: (B,) bool; False for rows that are missing for a whole batch.
        """
        right = ops.one_hot(classes, cosines.shape[-1], dtype="bool")
        logits = self.scale * ops.where(right, self.psi(cosines), cosines)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
        weights = ops.cast(real, "float32")
        return ops.sum(losses * weights), ops.sum(weights)


class NormalizedSoftmax(MarginSoftmax):
    """psi(c) = c.

    Args:
        scale: s.

    Source: Wang et al. 2017, arXiv 1704.06369.
    """

    def __init__(self, scale: float = 30.0) -> None:
        super().__init__(scale)

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        return cosine


class AMSoftmax(MarginSoftmax):
    """psi(c) = c - m.

    Args:
        scale: s.
        margin: m.

    Source: Wang et al. 2018, arXiv 1801.05599; kexue.fm archive 5743.
    """

    def __init__(self, scale: float = 30.0, margin: float = 0.35) -> None:
        super().__init__(scale)
        self.margin = margin

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        return cosine - self.margin


class SimplerASoftmax(MarginSoftmax):
    """psi(c) = min(8 c^4 - 8 c^2 + 1, c), that is min(cos(4 theta), cos(theta)).

    Args:
        scale: s.

    Source: kexue.fm archive 5743.
    """

    def __init__(self, scale: float = 30.0) -> None:
        super().__init__(scale)

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        square = ops.square(cosine)
        return ops.minimum(8 * square * (square - 1) + 1, cosine)


class ArcFace(MarginSoftmax):
    """psi(c) = cos(theta + m) where theta + m <= pi, else c - m sin m, which falls on from there.

    Args:
        scale: s.
        margin: m, 0 <= m <= pi / 2.

    Source: Deng et al. 2019, arXiv 1801.07698.
    """

    def __init__(self, scale: float = 30.0, margin: float = 0.3) -> None:
        super().__init__(scale)
        self.margin = margin

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        c = ops.clip(cosine, -NEARLY_ONE, NEARLY_ONE)
        turned = cosine * math.cos(self.margin) - ops.sqrt(1 - ops.square(c)) * math.sin(self.margin)
        beyond = cosine - self.margin * math.sin(self.margin)
        return ops.where(cosine > -math.cos(self.margin), turned, beyond)
