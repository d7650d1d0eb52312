"""Heun's method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from nlpx.components.losses.base import Term
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.own_trick import OwnTrick
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.core.lazy import keras, tf


class Heun(Optimizer):
    """Heun's method of second order for w' = -dL/dw: the mean of the gradients at w and after a step.

    p = w - learning_rate g(w);  w = w - learning_rate (g(w) + g(p)) / 2

    Options: none of its own.
    Shapes: as the weights.
    Data: any.
    Relations: follows the gradient flow more exactly than sgd, which is Euler's method; with the noise of
        batches this rarely helps, and it is of interest for experiments on dynamics. An update takes two
        forward and three backward passes on the same batch, and memory for a copy of the weights. It needs
        the gradient of the whole batch, and therefore excludes accumulation. Tricks that transform gradients
        see the mean. The passes have dropout of their own and update batch normalizations twice.
    Reference: kexue.fm archive 5879.
    Example:
        optimizer: {type: heun, learning_rate: 0.1}
    """

    keras_class: ClassVar[str] = "SGD"
    whole_batch: ClassVar[bool] = True
    whole_model: ClassVar[bool] = True

    type: Literal["heun"] = "heun"

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        return [*super().tricks(optimizer), _Averaged.of(self, optimizer)]


class _Averaged(OwnTrick):
    """Terms with the mean of the gradients at the weights and after a step of gradient descent."""

    type: Literal["heun"] = "heun"

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def averaged(batch: Tensors) -> Mapping[str, Term]:
            values = [variable.value for variable in variables]
            with tf.GradientTape() as tape:
                here = objective(batch)
                loss = mean_of(here)
            gradients = [None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(loss, values)]
            before = [tf.identity(value) for value in values]
            for value, gradient in zip(values, gradients, strict=True):
                if gradient is not None:
                    value.assign_sub(tf.cast(self._optimizer.learning_rate, tf.float32) * gradient)
            there = objective(batch)
            for value, old in zip(values, before, strict=True):
                value.assign(old)
            return {name: _mean(here[name], there[name]) for name in here}

        return averaged


def mean_of(terms: Mapping[str, Term]) -> tf.Tensor:
    """The objective over one batch: the sum of coefficient * sum / weight."""
    return tf.add_n([t.coefficient * tf.math.divide_no_nan(t.sum, t.weight) for t in terms.values()])


def _mean(here: Term, there: Term) -> Term:
    """The value of the first term, with the mean of the gradients of both."""
    mean = (here.sum + there.sum) / 2
    return here._replace(sum=mean + tf.stop_gradient(here.sum - mean))
