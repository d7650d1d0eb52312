"""What a trick is: something that acts on training at declared points, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from nlpx.components.losses.base import Term
from nlpx.core.component import Component
from nlpx.core.lazy import np, tf

if TYPE_CHECKING:
    import keras
    from keras.optimizers import Optimizer

    Tensors: TypeAlias = Mapping[str, tf.Tensor]
    Objective: TypeAlias = Callable[[Tensors], Mapping[str, Term]]
    """The terms of the objective over a batch."""
    Pair: TypeAlias = tuple[tf.Tensor | None, keras.Variable]
    """The gradient of a trainable variable, dense; None where no term depends on the variable."""


class Trick(Component):
    """The base of every trick; each method is a point where it may act, and does nothing here.

    Tricks are composed in the order written: what one returns is what the next one is given. Every phase of
    a learner has its own copies. What a trick keeps lives in private attributes that `build` makes anew, so
    that a copy of the options is a fresh trick. Its `variables` are saved in checkpoints and restored.
    """

    kind: ClassVar[str] = "trick"

    def build(self, weights: Sequence[keras.Variable]) -> None:
        """Create the state, once the floating-point weights that training may change are known."""

    @property
    def variables(self) -> list[keras.Variable]:
        """The state that a checkpoint must hold."""
        return []

    def optimizer(self, optimizer: Optimizer) -> Optimizer:
        """The optimizer, before it is built, or one that wraps it."""
        return optimizer

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        """The objective, or a function around it, which may evaluate it more than once. Traced.

        Gradients are those of the terms returned. Variables may be changed for an evaluation, and must have
        their values again afterwards. With accumulation the batch is a micro-batch.

        Args:
            objective: gives the terms over a batch.
            variables: those that gradients will change.
        """
        return objective

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The gradients of a whole update, transformed. Traced.

        Args:
            pairs: one for each trainable variable, always the same and in the same order, whatever the
                accumulation. A gradient that is None stays None.
        """
        return list(pairs)

    def update(self, weights: Sequence[keras.Variable]) -> None:
        """Called after the optimizer changed the weights. Traced. Updates that are left out do not count.

        Args:
            weights: those given to `build`, trainable or not.
        """

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        """The weights that evaluation and use see.

        Args:
            values: one array for each weight given to `build`.
        """
        return values


def mean_loss(terms: Mapping[str, Term]) -> tf.Tensor:
    """The total of terms over one batch: the sum of coefficient * sum / weight."""
    return tf.add_n([t.coefficient * tf.math.divide_no_nan(t.sum, t.weight) for t in terms.values()])


def value_of(variable: keras.Variable) -> np.ndarray:
    """A copy of the value of a variable."""
    return np.asarray(variable.value.numpy())
