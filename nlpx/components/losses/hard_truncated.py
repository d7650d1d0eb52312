"""Cross entropy without targets that are probable enough."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.losses.graded_loss import GradedLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf


class HardTruncated(GradedLoss):
    """Cross entropy without the positions whose target has a probability above a threshold.

    L = -lambda log p_t,  lambda = 1 for p_t < m, 1/2 for p_t = m, 0 for p_t > m

    Options:
        threshold: m; 1 is cross_entropy.
    Shapes: logits (..., U), targets (...) int, mask (...) bool -> sum and number of positions.
    Data: one class per row or per position.
    Relations: no gradient flows through lambda. Positions that are left out count as 0 in the mean.
        Probabilities stay near the threshold, which the metric calibration shows.
    Reference: kexue.fm archive 4293.
    Example:
        loss: {type: hard_truncated, threshold: 0.6}
    """

    type: Literal["hard_truncated"] = "hard_truncated"
    threshold: Varying[Annotated[float, Field(gt=0, le=1)]] = 0.6

    def factor(self, difference: tf.Tensor, logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        m = now(self.threshold)
        if isinstance(m, float):
            # In double precision, so that the difference of p_t = m is the bound.
            bound: float | tf.Tensor = math.log(m) - math.log1p(-m) if m < 1 else math.inf
        else:
            bound = ops.log(m) - ops.log1p(-m)
        return ops.stop_gradient((1 + ops.sign(bound - difference)) / 2)
