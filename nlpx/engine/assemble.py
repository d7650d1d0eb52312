"""From the specs of a config to the parts of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import keras

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.build import build
from nlpx.engine.learning_rate import build_optimizer
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.observers.base import Observer
from nlpx.engine.problem import Problem
from nlpx.engine.step import TrainStep
from nlpx.errors import ConfigError
from nlpx.specs.experiment import Experiment
from nlpx.specs.observers import ObserverSpec

Direction = Literal["min", "max"]


def build_step(
    experiment: Experiment,
    problem: Problem,
    total_updates: int,
    optimizer: Optimizer | None = None,
    fixed: Sequence[keras.Variable] = (),
) -> TrainStep:
    """The training step that a config describes, with a fresh optimizer and fresh tricks.

    Args:
        experiment: the config.
        problem: model and loss.
        total_updates: how many updates the step will make.
        optimizer: instead of that of the config.
        fixed: weights that nothing changes.
    """
    scale = LossScale() if experiment.train.precision == "mixed_float16" else None
    left_out = None if scale is None else scale.skipped
    return TrainStep(
        problem,
        build_optimizer(optimizer or experiment.optimizer, total_updates, left_out),
        [trick.model_copy() for trick in experiment.tricks],
        accumulation=experiment.train.accumulation,
        xla=experiment.train.xla,
        loss_scale=scale,
        fixed=fixed,
    )


def direction_of(experiment: Experiment, directions: Mapping[str, Direction]) -> Direction:
    """Whether the monitored number should become small or large.

    Raises:
        ConfigError: neither the config nor the metrics say.
    """
    section = experiment.checkpoint
    direction = section.mode or directions.get(section.monitor.removeprefix("valid/"))
    if direction is None:
        raise ConfigError(
            f"checkpoint.monitor: no metric gives {section.monitor!r}; expected one of "
            f"{', '.join(f'valid/{name}' for name in sorted(directions))}. "
            "Add its metric to `metrics`, or set checkpoint.mode to min or max."
        )
    return direction


def build_observers(specs: Sequence[ObserverSpec]) -> list[Observer]:
    """The observers of a config, in order.

    Raises:
        TypeError: one of them is not an observer.
    """
    built = []
    for spec in specs:
        made = build(spec)
        if not isinstance(made, Observer):
            raise TypeError(f"{spec.implementation} is not a {Observer.__module__}.Observer")
        built.append(made)
    return built
