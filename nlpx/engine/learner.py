"""What the engine asks of those who use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.core.phase import Phase as Phase
from nlpx.core.variable_names import VariableNames

Batch = Mapping[str, np.ndarray]


class Learner(Protocol):
    """A model and its objectives.

    Every random number of the model must come from a `keras.random.SeedGenerator` that one of its layers
    owns: that is what a checkpoint can restore. A learner may have more attributes:

        phases: a sequence of `Phase`, which take turns in the order given; one of everything by default.
        parts: the layers that stages freeze and train, from the input to the output, with different names,
            where `nlpx.engine.parts` would not find them.
        fold: a function without arguments, called when weights were loaded for predictions, which may compute
            what depends on them alone; training calls it only when it has ended.
    """

    @property
    def model(self) -> keras.layers.Layer: ...

    @property
    def objectives(self) -> Sequence[Loss]:
        """Those whose variables are trained and saved with the model."""
        ...

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        """The terms of the objective over a batch, by name; always the same names.

        Terms with the same tensor as weight share their gradients: with accumulation, every further weight
        costs another backward pass.

        Args:
            batch: fields by name.
            step: updates that the run has made, int32 scalar.
            training: whether dropout and the like are active.
        """
        ...


def phases_of(learner: Learner) -> Sequence[Phase]:
    """The phases of a learner: by default one, of all variables and all terms."""
    own: Sequence[Phase] = getattr(learner, "phases", ())
    return own or [Phase("main", [*learner.model.variables, *objective_variables(learner)])]


def objective_variables(learner: Learner) -> list[keras.Variable]:
    """The variables of the objectives, which are no part of the model."""
    return [variable for objective in learner.objectives for variable in objective.variables]


def names_of(learner: Learner) -> VariableNames:
    """The names of all variables of a learner."""
    objectives = learner.objectives
    layers = [layer for objective in objectives for layer in objective.layers]
    return VariableNames([learner.model], [*layers, *objective_variables(learner)])


class Batches(Protocol):
    """The order of the data: a pure function of epoch and index."""

    @property
    def updates_per_epoch(self) -> int: ...

    def update(self, epoch: int, index: int) -> Sequence[Batch]:
        """The micro-batches of one update, one or more; few shapes in all, as each is compiled once."""
        ...

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        """Which training items each of these micro-batches holds; what a person needs to find bad data."""
        ...


class Rounds:
    """The batches of every update of a run, in which phases make `size` updates with batches of their own.

    The last round of an epoch takes the first batches of the epoch again where some are missing.

    Args:
        batches: those of every update of a phase.
        size: updates of a round.
    """

    def __init__(self, batches: Batches, size: int) -> None:
        self._batches = batches
        self._size = size

    @property
    def updates_per_epoch(self) -> int:
        return -(-self._batches.updates_per_epoch // self._size)

    def update(self, epoch: int, index: int) -> list[Sequence[Batch]]:
        """The micro-batches of every update of a round."""
        return [self._batches.update(epoch, i) for i in self._indices(index)]

    def rows(self, epoch: int, index: int) -> list[list[list[int]]]:
        """Which training items each of these micro-batches holds."""
        return [self._batches.rows(epoch, i) for i in self._indices(index)]

    def _indices(self, index: int) -> list[int]:
        first = index * self._size
        return [i % self._batches.updates_per_epoch for i in range(first, first + self._size)]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found: numbers by name, predictions for the samples of the config, files by name."""

    metrics: Mapping[str, float]
    samples: Sequence[Mapping[str, object]] = field(default_factory=list)
    files: Mapping[str, bytes] = field(default_factory=dict)
