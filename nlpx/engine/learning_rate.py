"""The learning rate of every update, as Keras's optimizers ask for it."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.schedules.base import Schedule


@keras.saving.register_keras_serializable(package="nlpx")
class ScheduledRate(keras.optimizers.schedules.LearningRateSchedule):
    """rate(s) = peak * share(s + left out) of a schedule.

    An optimizer does not count updates that are left out for an overflow. The schedule counts them too, so
    that it ends with the run.

    Args:
        schedule: the share of the peak.
        peak: the highest rate.
        total: updates of the whole run; None where that is not known.
        left_out: how many updates were left out so far, where some may be.

    Raises:
        ValueError: the schedule needs a length that is not known.
    """

    def __init__(
        self, schedule: Schedule, peak: float, total: int | None, left_out: keras.Variable | None = None
    ) -> None:
        self.schedule = schedule
        self.peak = peak
        self.total = total
        self.left_out = left_out
        self(0)

    def __call__(self, step: int | tf.Tensor) -> tf.Tensor:
        if self.left_out is not None:
            step = ops.cast(step, "int32") + ops.convert_to_tensor(self.left_out)
        return self.peak * self.schedule.share(ops.cast(step, "float32"), self.total)

    def get_config(self) -> dict[str, object]:
        return {"schedule": self.schedule.model_dump(), "peak": self.peak, "total": self.total}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> ScheduledRate:
        return cls(**{**config, "schedule": Schedule.model_validate(config["schedule"])})  # type: ignore[arg-type]


def build_optimizer(
    optimizer: Optimizer, total_updates: int | None, left_out: keras.Variable | None = None
) -> keras.optimizers.Optimizer:
    """An optimizer with its schedule.

    Args:
        optimizer: the section `optimizer`.
        total_updates: the length of the run, where known.
        left_out: how many updates were left out so far, where some may be.
    """
    rate = ScheduledRate(optimizer.schedule, optimizer.learning_rate, total_updates, left_out)
    return optimizer.build(rate)
