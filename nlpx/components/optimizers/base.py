"""Base class of optimizers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Self

from nlpx.components.schedules.base import Schedule
from nlpx.components.schedules.constant import Constant
from nlpx.core.component import Component
from nlpx.core.lazy import keras, ops, tf
from nlpx.core.options import PositiveFloat

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Trick


class Optimizer(Component):
    """Base class of optimizers: the options of the class in keras.optimizers named by `keras_class`.

    A class of another module is `MODULE:CLASS`.

    Options:
        learning_rate: peak learning rate.
        schedule: learning rate schedule.
    """

    kind: ClassVar[str] = "optimizer"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "learning_rate", "schedule"})
    keras_class: ClassVar[str]
    excludes: ClassVar[Mapping[str, str]] = {}
    """The tricks, `trick/NAME`, that it cannot be combined with, and the reason."""
    whole_batch: ClassVar[bool] = False
    """Whether it needs all rows of an update at once, which excludes accumulation."""
    whole_model: ClassVar[bool] = False
    """Whether it needs all variables at once, so that it cannot have a group of them."""

    learning_rate: PositiveFloat = 1e-3
    schedule: Schedule = Constant()

    @property
    def members(self) -> Sequence[Optimizer]:
        """The optimizers among which it distributes the variables."""
        return [self]

    def fresh(self) -> Self:
        """A copy with a state of its own, for a phase in a stage of training."""
        return self.model_copy(update={"schedule": self.schedule.fresh()})

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        """What it does besides the updates of `optimizer`, made by `build`; acts after all other tricks."""
        return self.schedule.tricks()

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

        module, _, name = self.keras_class.rpartition(":")
        make = getattr(import_module(module) if module else keras.optimizers, name)
        made: keras.optimizers.Optimizer = make(learning_rate=current, **self.options())
        return made
