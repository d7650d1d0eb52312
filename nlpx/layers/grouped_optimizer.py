"""An optimizer of groups of variables, each with an optimizer of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf


class GroupedOptimizer(keras.optimizers.Optimizer):
    """Leaves every variable to the optimizer of its group.

    Unlike keras.optimizers.MultiOptimizer, it accepts the gradients of some of the variables, and has a
    learning rate: that of the first group.

    Args:
        optimizers: one for each group.

    Attributes:
        groups: id of a variable -> number of its group; to be set before `build`.
    """

    def __init__(self, optimizers: Sequence[keras.optimizers.Optimizer]) -> None:
        super().__init__(learning_rate=0.0)
        self.optimizers = list(optimizers)
        self.groups: Mapping[int, int] = {}

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if self.built:
            return
        super().build(list(variables))
        for number, optimizer in enumerate(self.optimizers):
            optimizer.build([v for v in variables if self.groups[id(v)] == number])

    @property
    def variables(self) -> list[keras.Variable]:
        return [*super().variables, *(v for optimizer in self.optimizers for v in optimizer.variables)]

    @property
    def learning_rate(self) -> tf.Tensor:
        return self.optimizers[0].learning_rate

    def apply(
        self, grads: Sequence[tf.Tensor], trainable_variables: Sequence[keras.Variable] | None = None
    ) -> None:
        variables = self._trainable_variables if trainable_variables is None else trainable_variables
        for number, optimizer in enumerate(self.optimizers):
            pairs = [(g, v) for g, v in zip(grads, variables, strict=True) if self.groups[id(v)] == number]
            if pairs:
                optimizer.apply(*map(list, zip(*pairs, strict=True)))
        self.iterations.assign_add(1)
