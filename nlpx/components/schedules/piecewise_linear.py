"""Piecewise linear learning rate."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

from nlpx.components.schedules.piecewise import Piecewise
from nlpx.core.lazy import ops, tf


class PiecewiseLinear(Piecewise):
    """Linear warm-up, then lines between the points (boundaries[i], values[i] * peak), constant outside.

    Options: none of its own.
    Shapes: step -> learning rate.
    Data: any.
    Relations: for any shape, such as a trapezoid or an option that rises in the middle of the run. There are
        as many values as boundaries. With one line down to the end of the run, it is linear.
    Reference: kexue.fm archive 5879.
    Example:
        optimizer: {type: adam, schedule: {type: piecewise_linear, boundaries: [0.5, 1.0], values: [1, 0]}}
    """

    more_values: ClassVar[int] = 0

    type: Literal["piecewise_linear"] = "piecewise_linear"

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        points = list(zip(self.updates(total), self.values, strict=True))
        rate = self.values[0] * ops.ones_like(step)
        for (begin, first), (end, last) in pairwise(points):
            share = ops.clip((step - begin) / (end - begin), 0.0, 1.0)
            rate = ops.where(step >= begin, first + (last - first) * share, rate)
        return rate
