"""Adam."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import PositiveFloat, Rate


class Adam(Optimizer):
    """Adam: steps of the size learning_rate * mean(g) / (sqrt(mean(g^2)) + epsilon), with bias correction.

    Options:
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the denominator.
        amsgrad: divide by the root of the largest mean square so far, so that steps never become larger.
    Shapes: as the weights.
    Data: any.
    Relations: the default. Two more numbers per weight, three with amsgrad. Every update is dense, which is
        slow for a large embedding: rows that a batch does not contain move as well, but not with the trick
        lazy.
    Reference: Kingma and Ba 2015, arXiv 1412.6980; amsgrad: Reddi et al. 2018, arXiv 1904.09237;
        keras.optimizers.Adam.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3}
    """

    keras_class: ClassVar[str] = "nlpx.layers.adam:Adam"

    type: Literal["adam"] = "adam"
    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: bool = False
