"""Base class of tricks that change how the optimizer updates single variables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from nlpx.components.tricks.base import Trick
from nlpx.core.lazy import keras, tf


class PerVariable(Trick):
    """Base class of tricks around the update of each variable.

    All that an optimizer does with a variable passes through `around`: its weight decay, and its step, which
    changes the variable and the optimizer's state for it. Several such tricks are nested: the last one in the
    list is the outermost.
    """

    @abstractmethod
    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        """Change a variable, or leave it. Traced.

        Args:
            variable: what would be changed; `key_of` finds it again.
            rate: the learning rate.
            change: makes the change with a learning rate.
        """

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        for single in singles(optimizer):
            self._wrap(single)
        return optimizer

    def _wrap(self, optimizer: keras.optimizers.Optimizer) -> None:
        step, decay = optimizer.update_step, optimizer._apply_weight_decay

        def update_step(gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
            self.around(variable, learning_rate, lambda rate: step(gradient, variable, rate))

        def apply_weight_decay(variables: Sequence[keras.Variable]) -> None:
            for variable in variables if decays(optimizer) else ():

                def decayed(rate: tf.Tensor, variable: keras.Variable = variable) -> None:
                    with at_rate(optimizer, rate):
                        decay([variable])

                self.around(variable.value, optimizer.learning_rate, decayed)

        optimizer.update_step = update_step
        optimizer._apply_weight_decay = apply_weight_decay


def singles(optimizer: keras.optimizers.Optimizer) -> Sequence[keras.optimizers.Optimizer]:
    """The optimizers that an optimizer distributes variables among, or the optimizer alone."""
    return getattr(optimizer, "optimizers", None) or [optimizer]


def decays(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer has a weight decay."""
    return any(getattr(optimizer, name, None) for name in DECAYS)


DECAYS = ("weight_decay", "adam_weight_decay")
"""Attributes of optimizers of Keras that hold a weight decay; muon has both."""


def key_of(variable: keras.Variable | tf.Variable) -> str:
    """What identifies a variable, whether that of Keras or its content is given."""
    content = variable.value if isinstance(variable, keras.Variable) else variable
    return str(content._unique_id)


@contextmanager
def at_rate(optimizer: keras.optimizers.Optimizer, rate: tf.Tensor) -> Iterator[None]:
    """Within, an optimizer has another learning rate, which is what Keras's weight decay reads."""
    own = optimizer._learning_rate
    optimizer._learning_rate = lambda: rate
    try:
        yield
    finally:
        optimizer._learning_rate = own
