"""Convolution."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt, Rate


class Conv(Encoder):
    """Convolution block: y = activation(conv(x)), optionally with dropout, layer normalization, a residual.

    Options:
        filters: output width.
        kernel_size: positions a convolution sees.
        dilation_rate: distance between these positions.
        activation: function applied to the convolution's output.
        dropout: share of the output that is dropped in training.
        residual: add the input to the output; both then need the same width.
        normalize: layer normalization of the input of the convolution.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, filters); positions outside the mask give 0 and are seen as 0.
    Data: any sequence.
    Relations: three of 128 filters are the encoder of the original segmenter.
    Reference: kexue.fm archive 5542.
    Example:
        model:
          encoder:
            - {type: conv, filters: 128, kernel_size: 3, repeat: 3}
    """

    type: Literal["conv"] = "conv"
    filters: PositiveInt = 128
    kernel_size: PositiveInt = 3
    dilation_rate: PositiveInt = 1
    activation: Literal["relu", "gelu", "silu", "tanh", "linear"] = "relu"
    dropout: Rate = 0.0
    residual: bool = False
    normalize: bool = False

    def width(self, inputs: int) -> int:
        if self.residual and self.filters != inputs:
            raise ValueError(f"a residual adds the input, which is {inputs} wide, to {self.filters} filters")
        return self.filters
