"""Decay with the inverse square root of the update."""

from __future__ import annotations

from typing import Literal

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveInt


class InverseSquareRoot(Schedule):
    """Linear warm-up, then share(s) = sqrt(t / (t + s)), with s counted from the end of the warm-up.

    Options:
        timescale: t; after 3 t updates the rate is half of its peak. Default: warmup_steps + 1, as for
            the transformer, whose rate is peak * min(n / t, sqrt(t / n)) for n = 1, 2, ...
    Shapes: step -> learning rate.
    Data: any.
    Relations: needs no length of the run: a longer run has the same rates as far as a shorter one goes. It
        never reaches 0; if the length is known, cosine or linear usually end at a better model.
    Reference: Vaswani et al. 2017, arXiv 1706.03762.
    Example:
        optimizer: {type: adam, schedule: {type: inverse_square_root, warmup_steps: 4000}}
    """

    type: Literal["inverse_square_root"] = "inverse_square_root"
    timescale: PositiveInt | None = None

    @property
    def range(self) -> tuple[float, float]:
        # A positive number, although a tiny one in an endless run.
        return 1e-30, 1.0

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        timescale = self.timescale or self.warmup_steps + 1
        return ops.sqrt(timescale / (timescale + ops.maximum(step, 0.0)))
