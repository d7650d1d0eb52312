"""What an optimizer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nlpx.components.schedules.base import Schedule
from nlpx.components.schedules.constant import Constant
from nlpx.core.component import Component
from nlpx.core.lazy import keras
from nlpx.core.options import PositiveFloat

if TYPE_CHECKING:
    from keras.optimizers import Optimizer as KerasOptimizer
    from keras.optimizers.schedules import LearningRateSchedule


class Optimizer(Component):
    """The base of every optimizer: options of the class in keras.optimizers that `keras_class` names."""

    kind: ClassVar[str] = "optimizer"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "learning_rate", "schedule"})
    keras_class: ClassVar[str]

    learning_rate: PositiveFloat = 1e-3
    schedule: Schedule = Constant()

    def build(self, rate: LearningRateSchedule | float) -> KerasOptimizer:
        """The optimizer with a learning rate in the place of `learning_rate` and `schedule`."""
        made: KerasOptimizer = getattr(keras.optimizers, self.keras_class)(
            learning_rate=rate, **self.options()
        )
        return made
