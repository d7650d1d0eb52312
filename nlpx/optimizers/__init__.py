"""Optimizers (Keras's own), schedules of the learning rate, and tricks."""

from __future__ import annotations

import keras

from nlpx.registry import build
from nlpx.specs.optimizers import OptimizerSpec


def build_optimizer(spec: OptimizerSpec, total_updates: int | None) -> keras.optimizers.Optimizer:
    """The optimizer of a spec with its schedule; `total_updates` is the length of the run, where known.

    Raises:
        TypeError: the implementation of the spec is not a Keras optimizer.
    """
    schedule = build(spec.schedule, peak=spec.learning_rate, total_updates=total_updates)
    optimizer = build(spec, learning_rate=schedule)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(f"{spec.implementation} is not a keras.optimizers.Optimizer")
    return optimizer
