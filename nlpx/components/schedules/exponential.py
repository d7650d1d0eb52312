"""Exponential decay."""

from __future__ import annotations

import math
from typing import Literal

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, PositiveInt


class Exponential(Schedule):
    """Linear warm-up, then rate(s) = peak * factor^(s / every), with s counted from the end of the warm-up.

    Options:
        factor: factor by which the rate is multiplied.
        every: number of updates over which it is multiplied once.
    Shapes: step -> learning rate.
    Data: any.
    Relations: none.
    Reference: the keras documentation of ExponentialDecay.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: exponential, factor: 0.9, every: 1000}}
    """

    type: Literal["exponential"] = "exponential"
    factor: NonNegativeFloat = 0.9
    every: PositiveInt = 1000

    @property
    def range(self) -> tuple[float, float]:
        # A positive factor never reaches 0.
        return (1e-30 if self.factor else 0.0, 1.0) if self.factor <= 1 else (1.0, math.inf)

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        return ops.power(self.factor, ops.maximum(step, 0.0) / self.every)
