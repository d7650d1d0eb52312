"""The options of a custom encoder block. This file must not import TensorFlow."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt


class SqueezeExcite(Encoder):
    """Scale every channel by a gate that sees the whole sentence: y = x * sigmoid(V relu(U mean(x))).

    Options:
        reduction: the gate's hidden layer is this many times narrower than x.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, D); the mean is over positions inside the mask, those outside give 0.
    Data: any sequence.
    Relations: follows a convolution, whose channels it weighs.
    Reference: Hu et al. 2018, arXiv 1709.01507.
    Example:
        include: [squeeze.py]
        model:
          encoder:
            - {type: gated_conv, repeat: 6}
            - {type: squeeze_excite, reduction: 4}
    """

    type: Literal["squeeze_excite"] = "squeeze_excite"
    reduction: PositiveInt = 4

    def width(self, inputs: int) -> int:
        return inputs
