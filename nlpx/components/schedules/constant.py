"""Constant learning rate."""

from __future__ import annotations

from typing import Literal

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops, tf


class Constant(Schedule):
    """A constant learning rate after a linear warm-up: rate(s) = peak * min(1, (s + 1) / (warmup_steps + 1)).

    Options: none of its own.
    Shapes: step -> learning rate.
    Data: any.
    Relations: the default of every optimizer.
    Reference: Goyal et al. 2017, arXiv 1706.02677 (gradual warm-up).
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: constant, warmup_steps: 500}}
    """

    type: Literal["constant"] = "constant"

    @property
    def range(self) -> tuple[float, float]:
        return 1.0, 1.0

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        return ops.ones_like(step)
