"""Optimizers (Keras's own), schedules of the learning rate, and tricks."""

from __future__ import annotations

import keras

from nlpx.optimizers.schedules import Ahead
from nlpx.registry import build
from nlpx.specs.optimizers import OptimizerSpec


def build_optimizer(
    spec: OptimizerSpec, total_updates: int | None, left_out: keras.Variable | None = None
) -> keras.optimizers.Optimizer:
    """The optimizer of a spec with its schedule.

    Args:
        spec: the section `optimizer`.
        total_updates: the length of the run, where known.
        left_out: how many updates were left out so far, where some may be: the schedule counts them too.

    Raises:
        TypeError: the implementation of the spec is not a Keras optimizer.
    """
    schedule = build(spec.schedule, peak=spec.learning_rate, total_updates=total_updates)
    if left_out is not None:
        schedule = Ahead(schedule, left_out)
    optimizer = build(spec, learning_rate=schedule)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(f"{spec.implementation} is not a keras.optimizers.Optimizer")
    return optimizer
