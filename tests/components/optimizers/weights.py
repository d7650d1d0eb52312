"""A learner whose objective is a function of a few weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import value_of
from nlpx.engine.update import Update

BATCH = {"unused": np.zeros(1, np.float32)}


class Weights(keras.Model):
    """Weights with initial values, and names such as `w0/kernel`."""

    def __init__(self, start: Sequence[np.ndarray | float]) -> None:
        super().__init__(name="weights")
        self.parts = [keras.layers.Layer(name=f"w{i}") for i in range(len(start))]
        for part, value in zip(self.parts, start, strict=True):
            array = np.asarray(value, np.float32)
            part.kernel = part.add_weight(shape=array.shape, name="kernel")
            part.kernel.assign(array)
            part.built = True
        self.built = True


class WeightLearner:
    """Minimizes a function of the weights."""

    objectives: Sequence[Loss] = ()

    def __init__(self, loss: Callable[..., tf.Tensor], *start: np.ndarray | float) -> None:
        self.model = Weights(start)
        self._loss = loss

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        value = self._loss(*(variable.value for variable in self.model.trainable_variables))
        # A mean of two rows.
        return {"loss": Term(2 * value, tf.constant(2.0))}


def update_of(learner: WeightLearner, options: Optimizer, total: int | None = None) -> Update:
    """What the engine makes of an optimizer."""
    options = options.fresh()
    optimizer = options.build(total)
    return Update(learner, optimizer, options.tricks(optimizer))


def trajectory(
    options: Optimizer, loss: Callable[..., tf.Tensor], start: np.ndarray | float, steps: int
) -> np.ndarray:
    """The first weight after each step."""
    learner = WeightLearner(loss, start)
    update = update_of(learner, options, steps)
    values = []
    for step in range(steps):
        update([BATCH], step)
        values.append(value_of(learner.model.trainable_variables[0]))
    return np.array(values)
