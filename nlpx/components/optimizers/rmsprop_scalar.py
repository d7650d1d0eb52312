"""RMSprop with one number for all weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Pair, Trick
from nlpx.core.lazy import keras, tf
from nlpx.core.options import PositiveFloat, Rate


class RMSpropScalar(Optimizer):
    """RMSprop that divides all gradients by the same number, the root of a mean of their squared joint norm.

    v = rho v + (1 - rho) |g|^2;  w = w - learning_rate g / sqrt(v + epsilon)

    Options:
        rho: decay of the mean square; 0 gives steps of the length learning_rate.
        epsilon: added to the mean square, inside the root.
    Shapes: as the weights.
    Data: any.
    Relations: keeps the direction of the gradient, which rmsprop does not; nevertheless, rmsprop usually is
        faster, because it suits the scale of each weight. The first step is 1 / sqrt(1 - rho) times as long
        as later ones: use a warm-up. One number in total.
    Reference: kexue.fm archive 6234.
    Example:
        optimizer: {type: rmsprop_scalar, learning_rate: 0.05, rho: 0.99}
    """

    keras_class: ClassVar[str] = "SGD"
    whole_model: ClassVar[bool] = True
    structural: ClassVar[frozenset[str]] = Optimizer.structural | {"rho", "epsilon"}

    type: Literal["rmsprop_scalar"] = "rmsprop_scalar"
    rho: Rate = 0.9
    epsilon: PositiveFloat = 1e-7

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        return [*super().tricks(optimizer), _Normalized(rho=self.rho, epsilon=self.epsilon)]


class _Normalized(Trick):
    """Gradients divided by the root of a mean of their squared joint norm."""

    type: Literal["rmsprop_scalar"] = "rmsprop_scalar"
    rho: float
    epsilon: float

    _square: Any = PrivateAttr(None)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._square = keras.Variable(0.0, trainable=False, name="square")

    @property
    def variables(self) -> list[keras.Variable]:
        return [self._square]

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        norm = tf.linalg.global_norm([gradient for gradient, _ in pairs])
        square = self.rho * self._square.value + (1 - self.rho) * norm**2
        self._square.assign(square)
        factor = tf.math.rsqrt(square + self.epsilon)
        return [(None if gradient is None else gradient * factor, variable) for gradient, variable in pairs]
