"""Cosine decay with restarts."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, PositiveInt


class CosineRestarts(Schedule):
    """Linear warm-up, then cosine decay again and again: period i has first_steps * longer^i updates.

    share = final + (1 - final) * lower^i * (1 + cos(pi * p)) / 2 in period i, with p from 0 to 1

    Options:
        first_steps: number of updates of the first period.
        longer: factor of the length of each further period.
        lower: factor of the peak of each further period.
        final: rate at the end of a period relative to the peak.
    Shapes: step -> learning rate.
    Data: any.
    Relations: models at the ends of periods are good and differ, so they can be averaged; use evaluate_every
        and checkpoint.every to keep them. A run should end with a period: after k of them, the number of
        updates is first_steps * (longer^k - 1) / (longer - 1). Needs no length of the run.
    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983 (SGDR);
        keras.optimizers.schedules.CosineDecayRestarts.
    Example:
        optimizer: {type: sgd, learning_rate: 0.1, schedule: {type: cosine_restarts, first_steps: 1000}}
    """

    type: Literal["cosine_restarts"] = "cosine_restarts"
    first_steps: PositiveInt = 1000
    longer: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 2.0
    lower: Annotated[float, Field(gt=0, le=1)] = 1.0
    final: NonNegativeFloat = 0.0

    @property
    def range(self) -> tuple[float, float]:
        return min(self.final, 1.0), max(self.final, 1.0)

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        elapsed = ops.maximum(step, 0.0) / self.first_steps  # in first periods
        period = ops.floor(self._period(elapsed))
        # The logarithm is not exact, so that at a restart its floor may be the period before.
        period = ops.where(elapsed >= self._begin(period + 1), period + 1, period)
        period = ops.where(elapsed < self._begin(period), period - 1, period)
        share = (elapsed - self._begin(period)) / ops.power(self.longer, period)
        curve = ops.power(self.lower, period) * (1 + ops.cos(math.pi * share)) / 2
        return self.final + (1 - self.final) * curve

    def _period(self, elapsed: tf.Tensor) -> tf.Tensor:
        if self.longer == 1:
            return elapsed
        return ops.log1p(elapsed * (self.longer - 1)) / math.log(self.longer)

    def _begin(self, period: tf.Tensor) -> tf.Tensor:
        """When a period begins, in first periods."""
        if self.longer == 1:
            return period
        return (ops.power(self.longer, period) - 1) / (self.longer - 1)
