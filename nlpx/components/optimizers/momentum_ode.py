"""Momentum as a damped oscillator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.own_trick import OwnTrick
from nlpx.components.tricks.base import Pair, Trick
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat


class MomentumODE(Optimizer):
    """Leapfrog steps of the equation w'' + damping w' = -dL/dw, with the learning rate h as the time step.

    v = beta v - alpha g;  w = w + v
    beta = (1 - damping h / 2) / (1 + damping h / 2);  alpha = h^2 / (1 + damping h / 2)

    Options:
        damping: friction; 0 never comes to rest, large values make it gradient descent.
    Shapes: as the weights.
    Data: any.
    Relations: sgd with the learning rate alpha and the momentum beta; where a schedule changes h, both change
        such that the trajectory stays the same. As alpha is about h^2, use a learning rate of about the root
        of that of sgd. One more number per weight.
    Reference: kexue.fm archive 5655.
    Example:
        optimizer: {type: momentum_ode, learning_rate: 0.1, damping: 1}
    """

    keras_class: ClassVar[str] = "SGD"
    whole_model: ClassVar[bool] = True
    structural: ClassVar[frozenset[str]] = Optimizer.structural | {"damping"}

    type: Literal["momentum_ode"] = "momentum_ode"
    damping: NonNegativeFloat = 1.0

    def coefficients(self, rate: float | tf.Tensor) -> tuple[float | tf.Tensor, float | tf.Tensor]:
        """beta and alpha for a learning rate."""
        friction = self.damping * rate / 2
        return (1 - friction) / (1 + friction), rate**2 / (1 + friction)

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        return [*super().tricks(optimizer), _Velocities.of(self, optimizer)]


class _Velocities(OwnTrick):
    """Replaces gradients by -w', with which gradient descent makes the step h w'."""

    type: Literal["momentum_ode"] = "momentum_ode"
    _velocities: dict[int, Any] = PrivateAttr(default_factory=dict)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._velocities = {
            id(weight): keras.Variable(tf.zeros(weight.shape), trainable=False, name="velocity")
            for weight in weights
            if weight.trainable
        }

    @property
    def variables(self) -> list[keras.Variable]:
        return list(self._velocities.values())

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        rate = tf.cast(self._optimizer.learning_rate, tf.float32)
        beta, alpha = self._options.coefficients(rate)

        def step(gradient: tf.Tensor | None, variable: keras.Variable) -> tf.Tensor | None:
            if gradient is None:
                return None
            # v / h, which does not change where a schedule changes h.
            velocity = self._velocities[id(variable)]
            velocity.assign(beta * velocity.value - alpha / rate * gradient)
            return -velocity.value

        return [(step(gradient, variable), variable) for gradient, variable in pairs]
