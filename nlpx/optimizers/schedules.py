"""Learning rates as functions of the step, an optimizer update counted from 0."""

from __future__ import annotations

import math
from abc import abstractmethod

import keras
import tensorflow as tf
from keras import ops


class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line from peak / (w + 1) at step 0 to the peak at step w, then peak * decay(step - w).

    Args:
        peak: the highest rate.
        total_updates: updates of the whole run; None where it is not known.
        warmup_steps: w.
    """

    def __init__(self, peak: float, total_updates: int | None = None, warmup_steps: int = 0) -> None:
        self.peak = peak
        self.total_updates = total_updates
        self.warmup_steps = warmup_steps

    def __call__(self, step: int | tf.Tensor) -> tf.Tensor:
        step = ops.cast(step, "float32")
        rising = (step + 1) / (self.warmup_steps + 1)
        return self.peak * ops.where(rising < 1, rising, self.decay(step - self.warmup_steps))

    @abstractmethod
    def decay(self, step: tf.Tensor) -> tf.Tensor:
        """Share of the peak, `step` updates after the warm-up; anything while that is negative."""

    def get_config(self) -> dict[str, object]:
        return dict(vars(self))


class Ahead(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that is ahead of the steps of its optimizer: schedule(step + ahead).

    An optimizer does not count updates that are left out for an overflow; a schedule that follows all updates
    of a run ends with the run.

    Args:
        schedule: of all updates.
        ahead: how many updates were left out so far.
    """

    def __init__(
        self, schedule: keras.optimizers.schedules.LearningRateSchedule, ahead: keras.Variable
    ) -> None:
        self.schedule = schedule
        self.ahead = ahead

    def __call__(self, step: int | tf.Tensor) -> tf.Tensor:
        return self.schedule(ops.cast(step, "int32") + ops.convert_to_tensor(self.ahead))


class Constant(Warmup):
    """The peak for ever."""

    def decay(self, step: tf.Tensor) -> tf.Tensor:
        return ops.ones_like(step)


class Falling(Warmup):
    """From the peak to `final` * peak within `decay_steps`, by default at the last step of the run.

    Args:
        peak: the highest rate.
        total_updates: updates of the whole run; None where it is not known.
        warmup_steps: updates before the peak.
        decay_steps: updates from the peak to `final`.
        final: share of the peak that remains.

    Raises:
        ValueError: neither `decay_steps` nor `total_updates` is known.
    """

    def __init__(
        self,
        peak: float,
        total_updates: int | None = None,
        warmup_steps: int = 0,
        decay_steps: int | None = None,
        final: float = 0.0,
    ) -> None:
        super().__init__(peak, total_updates, warmup_steps)
        if decay_steps is None:
            if total_updates is None:
                raise ValueError("decay_steps is needed where the length of the run is not known")
            # Steps count from 0: the last one of the run is total_updates - 1.
            decay_steps = max(1, total_updates - 1 - warmup_steps)
        self.decay_steps = decay_steps
        self.final = final

    def decay(self, step: tf.Tensor) -> tf.Tensor:
        share = ops.clip(step / self.decay_steps, 0.0, 1.0)
        return self.final + (1 - self.final) * self.curve(share)

    @abstractmethod
    def curve(self, share: tf.Tensor) -> tf.Tensor:
        """A curve from 1 at share 0 to 0 at share 1."""


class Linear(Falling):
    """A straight line (Devlin et al. 2019, arXiv 1810.04805)."""

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return 1 - share


class Cosine(Falling):
    """Half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983)."""

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return (1 + ops.cos(math.pi * share)) / 2


class Exponential(Warmup):
    """factor^(step / every).

    Args:
        peak: the highest rate.
        total_updates: not used.
        warmup_steps: updates before the peak.
        factor: what the rate is multiplied with.
        every: over how many updates.
    """

    def __init__(
        self,
        peak: float,
        total_updates: int | None = None,
        warmup_steps: int = 0,
        factor: float = 0.9,
        every: int = 1000,
    ) -> None:
        super().__init__(peak, total_updates, warmup_steps)
        self.factor = factor
        self.every = every

    def decay(self, step: tf.Tensor) -> tf.Tensor:
        return ops.power(self.factor, ops.maximum(step, 0.0) / self.every)
