"""Base class of optimizers."""

from __future__ import annotations

from typing import ClassVar

from nlpx.components.schedules.base import Schedule
from nlpx.components.schedules.constant import Constant
from nlpx.core.component import Component
from nlpx.core.lazy import keras, ops, tf
from nlpx.core.options import PositiveFloat


class Optimizer(Component):
    """Base class of optimizers: the options of the class in keras.optimizers named by `keras_class`.

    Options:
        learning_rate: peak learning rate.
        schedule: learning rate schedule.
    """

    kind: ClassVar[str] = "optimizer"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "learning_rate", "schedule"})
    keras_class: ClassVar[str]

    learning_rate: PositiveFloat = 1e-3
    schedule: Schedule = Constant()

    def rate(self, step: tf.Tensor | int, total: int | None) -> tf.Tensor:
        """learning_rate * share(step); raises ValueError if the schedule needs a length and total is None."""
        return self.learning_rate * self.schedule.share(ops.cast(step, "float32"), total)

    def build(self, total: int | None, left_out: keras.Variable | None = None) -> keras.optimizers.Optimizer:
        """The Keras optimizer with its schedule.

        Args:
            left_out: number of updates that were skipped so far, if any can be. They are counted by the
                schedule, so that it ends with the run, but not by the optimizer.

        Raises:
            ValueError: the schedule requires a length that is not known.
        """
        self.rate(0, total)

        def current() -> tf.Tensor:
            step = ops.convert_to_tensor(made.iterations)
            if left_out is not None:
                step = ops.cast(step, "int32") + ops.convert_to_tensor(left_out)
            return self.rate(step, total)

        make = getattr(keras.optimizers, self.keras_class)
        made: keras.optimizers.Optimizer = make(learning_rate=current, **self.options())
        return made
