"""Gradient descent."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import Rate


class SGD(Optimizer):
    """Gradient descent with optional momentum: v = momentum * v - learning_rate * g; w = w + v.

    Options:
        momentum: decay of the velocity.
        nesterov: use Nesterov momentum.
    Shapes: as the weights.
    Data: any.
    Relations: one learning rate for all weights, 10 to 1000 times that of adam. With a schedule often the
        best for images, slow for embeddings. One more number per weight with momentum.
    Reference: Sutskever et al. 2013; keras.optimizers.SGD.
    Example:
        optimizer: {type: sgd, learning_rate: 0.1, momentum: 0.9}
    """

    keras_class: ClassVar[str] = "SGD"

    type: Literal["sgd"] = "sgd"
    momentum: Rate = 0.0
    nesterov: bool = False
