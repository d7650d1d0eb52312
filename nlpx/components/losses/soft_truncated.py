"""Cross entropy that decreases smoothly for probable targets."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.graded_loss import GradedLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat


class SoftTruncated(GradedLoss):
    """Cross entropy with a smooth step instead of that of hard_truncated.

    L = -softmax(-K x)_t log softmax(x)_t; with two classes and the logit x, -sigmoid(-K x) log sigmoid(x)

    Options:
        sharpness: K; with two classes, larger values approach a step at p_t = 1/2.
    Shapes: logits (..., U), targets (...) int, mask (...) bool -> sum and number of positions.
    Data: one class per row or per position.
    Relations: with two classes, a sharpness of 1 is focal with gamma 1. Gradients flow through both factors.
        With U classes the factor is 1 / U at the beginning: raise the learning rate of sgd.
    Reference: kexue.fm archive 4733.
    Example:
        loss: {type: soft_truncated, sharpness: 2}
    """

    type: Literal["soft_truncated"] = "soft_truncated"
    sharpness: Varying[PositiveFloat] = 1.0

    def factor(self, difference: tf.Tensor, logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        opposite = ops.log_softmax(-now(self.sharpness) * logits)
        return ops.exp(ops.sum(ops.where(target, opposite, 0.0), -1))
