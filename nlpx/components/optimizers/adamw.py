"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import NonNegativeFloat, PositiveFloat, Rate


class AdamW(Optimizer):
    """Adam with decoupled weight decay: weights also shrink by learning_rate * weight_decay each step.

    Options:
        weight_decay: fraction of the weights that is subtracted per step, multiplied by the learning rate.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the denominator.
        amsgrad: divide by the root of the largest mean square so far, so that steps never become larger.
    Shapes: as the weights.
    Data: any.
    Relations: all weights shrink, also biases and factors of normalization layers; adam with the trick
        weight_decay spares them. Two more numbers per weight, three with amsgrad.
    Reference: Loshchilov and Hutter 2019, arXiv 1711.05101; keras.optimizers.AdamW.
    Example:
        optimizer: {type: adamw, learning_rate: 1e-3, weight_decay: 0.01}
    """

    keras_class: ClassVar[str] = "nlpx.layers.adam:AdamW"

    type: Literal["adamw"] = "adamw"
    weight_decay: NonNegativeFloat = 0.004
    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: bool = False
