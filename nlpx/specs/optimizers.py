"""Optimizers: how gradients change weights. All come from Keras."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nlpx.specs.base import ComponentOf, NonNegativeFloat, PositiveFloat, Rate, Spec
from nlpx.specs.schedules import Constant, Schedule


class OptimizerSpec(Spec):
    """The base of every optimizer."""

    kind: ClassVar[str] = "optimizer"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "learning_rate", "schedule"})

    learning_rate: PositiveFloat = 1e-3
    schedule: Schedule = Constant()


Optimizer = Annotated[OptimizerSpec, ComponentOf("optimizer")]


class Adam(OptimizerSpec):
    """Adam: steps of the size learning_rate * mean(g) / (sqrt(mean(g^2)) + epsilon), with bias correction.

    Options:
        learning_rate: peak rate.
        schedule: how the rate changes with the step.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the denominator.
    Shapes: as the weights.
    Data: any.
    Relations: one dense update a step: a large embedding table makes it slow.
    Reference: Kingma and Ba 2015, arXiv 1412.6980; keras.optimizers.Adam.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3}
    """

    implementation: ClassVar[str] = "keras.optimizers:Adam"

    type: Literal["adam"] = "adam"
    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: PositiveFloat = 1e-7


class AdamW(OptimizerSpec):
    """Adam with decoupled weight decay: weights also shrink by learning_rate * weight_decay each step.

    Options:
        learning_rate: peak rate.
        schedule: how the rate changes with the step.
        weight_decay: share of the weights removed a step, times the rate.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the denominator.
    Shapes: as the weights.
    Data: any.
    Relations: none.
    Reference: Loshchilov and Hutter 2019, arXiv 1711.05101; keras.optimizers.AdamW.
    Example:
        optimizer: {type: adamw, learning_rate: 1e-3, weight_decay: 0.01}
    """

    implementation: ClassVar[str] = "keras.optimizers:AdamW"

    type: Literal["adamw"] = "adamw"
    weight_decay: NonNegativeFloat = 0.004
    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: PositiveFloat = 1e-7


class SGD(OptimizerSpec):
    """Gradient descent with optional momentum: v = momentum * v - learning_rate * g; w = w + v.

    Options:
        learning_rate: peak rate.
        schedule: how the rate changes with the step.
        momentum: decay of the velocity.
        nesterov: look ahead along the velocity.
    Shapes: as the weights.
    Data: any.
    Relations: none.
    Reference: Sutskever et al. 2013; keras.optimizers.SGD.
    Example:
        optimizer: {type: sgd, learning_rate: 0.1, momentum: 0.9}
    """

    implementation: ClassVar[str] = "keras.optimizers:SGD"

    type: Literal["sgd"] = "sgd"
    momentum: Rate = 0.0
    nesterov: bool = False
