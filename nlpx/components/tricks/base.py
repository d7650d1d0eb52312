"""What a trick is: something that acts on training at declared points, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from nlpx.core.component import Component
from nlpx.core.lazy import np

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class Trick(Component):
    """The base of every trick; each method is a point where it may act, and does nothing here.

    What a trick keeps lives in private attributes that `build` makes anew, so that a copy of the options is a
    fresh trick. Its `variables` are saved in checkpoints and restored with the weights.
    """

    kind: ClassVar[str] = "trick"

    def build(self, weights: Sequence[keras.Variable]) -> None:
        """Create the state, once the floating-point weights that training may change are known."""

    @property
    def variables(self) -> list[keras.Variable]:
        """The state that a checkpoint must hold."""
        return []

    def gradients(self, gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        """The gradients of a whole update, transformed. Traced into the compiled step.

        Args:
            gradients: one dense tensor for each trainable weight on which the loss depends.
        """
        return gradients

    def update(self, weights: Sequence[keras.Variable]) -> None:
        """Called after the optimizer changed the weights. Traced into the compiled step.

        Args:
            weights: those given to `build`, trainable or not.
        """

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        """The weights that evaluation and use see. What one trick returns is what the next one is given.

        Args:
            values: one array for each weight given to `build`.
        """
        return values


def value_of(variable: keras.Variable) -> np.ndarray:
    """A copy of the value of a variable."""
    return np.asarray(variable.value.numpy())
