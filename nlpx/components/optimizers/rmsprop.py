"""RMSprop."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import PositiveFloat, Rate


class RMSprop(Optimizer):
    """RMSprop: v = rho * v + (1 - rho) * g^2; w = w - learning_rate * g / sqrt(v + epsilon).

    Options:
        rho: decay of the mean square.
        momentum: decay of the velocity, to which the step is added; 0 has none.
        epsilon: added to the mean square, inside the root.
        centered: subtract the square of the mean gradient from the mean square: an estimate of the variance.
    Shapes: as the weights.
    Data: any.
    Relations: Adam without bias correction, if its beta_1 is 0. One more number per weight; one more each
        with momentum and centered.
    Reference: Hinton 2012, lecture 6e; kexue.fm archive 6234; keras.optimizers.RMSprop.
    Example:
        optimizer: {type: rmsprop, learning_rate: 1e-4, rho: 0.99}
    """

    keras_class: ClassVar[str] = "RMSprop"

    type: Literal["rmsprop"] = "rmsprop"
    rho: Rate = 0.9
    momentum: Rate = 0.0
    epsilon: PositiveFloat = 1e-7
    centered: bool = False
