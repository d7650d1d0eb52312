"""Layer normalization."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveFloat


class LayerNorm(Encoder):
    """Layer normalization of every position: y = g * (x - mean) / sqrt(variance + epsilon) + b.

    Options:
        epsilon: added to the variance.
        repeat: number of consecutive layers; more than one is not useful.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0.
    Data: any sequence.
    Relations: use it before recurrent layers; convolutions have the option `normalize`.
    Reference: Ba et al. 2016, arXiv 1607.06450.
    Example:
        model:
          encoder:
            - layer_norm
            - {type: bidirectional, units: 64}
    """

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: PositiveFloat = 1e-3

    def width(self, inputs: int) -> int:
        return inputs
