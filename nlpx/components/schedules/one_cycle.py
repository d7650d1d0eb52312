"""One cycle of the learning rate."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, field_validator

from nlpx.components.schedules.falling import Falling
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeInt


class OneCycle(Falling):
    """Half a cosine up from `start` * peak to the peak, then half a cosine down to `final` * peak.

    Options:
        rise: share of the updates in which the rate rises.
        start: rate of the first update relative to the peak.
        warmup_steps: must be 0, because the cycle begins with a warm-up.
    Shapes: step -> learning rate.
    Data: any.
    Relations: for short runs with a peak that is several times larger than a constant rate would be, such as
        the largest one at which the loss still falls. Without `decay_steps`, the length of the run must be
        known (train.epochs or train.steps).
    Reference: Smith and Topin 2018, arXiv 1708.07120.
    Example:
        optimizer: {type: sgd, momentum: 0.9, learning_rate: 0.5, schedule: one_cycle}
    """

    type: Literal["one_cycle"] = "one_cycle"
    rise: Annotated[float, Field(gt=0, lt=1)] = 0.3
    start: Annotated[float, Field(gt=0, le=1)] = 0.04
    warmup_steps: NonNegativeInt = 0

    @field_validator("warmup_steps")
    @classmethod
    def _none(cls, steps: int) -> int:
        if steps:
            raise ValueError("one_cycle begins with a warm-up of its own, whose length is `rise`")
        return steps

    @property
    def range(self) -> tuple[float, float]:
        return min(self.final, self.start), max(self.final, 1.0)

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        share = ops.clip(step / self._decay_steps(total), 0.0, 1.0)
        up = self.start + (1 - self.start) * (1 - ops.cos(math.pi * share / self.rise)) / 2
        down = self.final + (1 - self.final) * self.curve((share - self.rise) / (1 - self.rise))
        return ops.where(share < self.rise, up, down)

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return (1 + ops.cos(math.pi * share)) / 2
