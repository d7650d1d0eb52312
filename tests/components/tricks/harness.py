"""Updates of a few variables as the engine makes them, without a model."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.tricks.base import Course, Pair, Trick
from nlpx.core.variable_names import VariableNames


def weight(value: object, name: str = "w", trainable: bool = True) -> keras.Variable:
    """A float32 variable."""
    return keras.Variable(np.asarray(value, np.float32), name=name, trainable=trainable)


def copies(variables: Sequence[keras.Variable]) -> list[keras.Variable]:
    """Variables of the same names and values."""
    return [weight(variable.value.numpy(), variable.name) for variable in variables]


class Updates:
    """Updates of trainable variables by an optimizer with tricks.

    Args:
        weights: the variables.
        optimizer: not built yet.
        tricks: fresh ones.
        course: what tricks know of the training run.
    """

    def __init__(
        self,
        weights: Sequence[keras.Variable],
        optimizer: keras.optimizers.Optimizer,
        *tricks: Trick,
        course: Course | None = None,
    ) -> None:
        self.weights, self.tricks = weights, tricks
        for trick in tricks:
            trick.name_variables(VariableNames([], weights))
            trick.begin(course or Course())
            optimizer = trick.optimizer(optimizer)
            trick.build(weights)
        self.optimizer = optimizer
        optimizer.build([variable for variable in weights if variable.trainable])

    def __call__(self, *gradients: object) -> list[np.ndarray]:
        """One update; returns the values of the weights after it."""
        trained = [variable for variable in self.weights if variable.trainable]
        pairs: list[Pair] = [
            (None if gradient is None else tf.constant(gradient, tf.float32), variable)
            for gradient, variable in zip(gradients, trained, strict=True)
        ]
        for trick in self.tricks:
            pairs = trick.gradients(pairs)
        used = [pair for pair, own in zip(pairs, gradients, strict=True) if own is not None]
        self.optimizer.apply(*map(list, zip(*used, strict=True)))
        for trick in self.tricks:
            trick.update(self.weights)
        return [np.array(variable.value.numpy()) for variable in self.weights]

    def descend(self, steps: int) -> list[np.ndarray]:
        """Updates of f = sum of w^2 / 2, whose gradient is w."""
        values: list[np.ndarray] = []
        for _ in range(steps):
            values = self(*(v.value.numpy() for v in self.weights if v.trainable))
        return values

    def evaluated(self) -> list[np.ndarray]:
        """The weights that evaluation sees."""
        values = [np.array(variable.value.numpy()) for variable in self.weights]
        for trick in self.tricks:
            values = trick.evaluation(values)
        return values
