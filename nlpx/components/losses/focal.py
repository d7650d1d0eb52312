"""Focal loss."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.graded_loss import GradedLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat


class Focal(GradedLoss):
    """Cross entropy times a power of 1 - p(target).

    L = -(1 - p_t)^gamma log p_t

    Options:
        gamma: 0 is cross_entropy; larger values give less weight to probable targets.
    Shapes: logits (..., U), targets (...) int, mask (...) bool -> sum and number of positions.
    Data: one class per row or per position.
    Relations: classes are not weighted; with two classes, Keras's BinaryFocalCrossentropy is the same.
        Gradients flow through both factors.
    Reference: Lin et al. 2017, arXiv 1708.02002; kexue.fm archive 4733.
    Example:
        loss: {type: focal, gamma: 2}
    """

    type: Literal["focal"] = "focal"
    gamma: Varying[NonNegativeFloat] = 2.0

    def factor(self, difference: tf.Tensor, logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        return ops.exp(-now(self.gamma) * ops.softplus(difference))
