"""Convolution."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate


class Conv(Encoder):
    """Convolution block: y = activation(conv(x)), optionally with dropout, layer normalization, a residual.

    Options:
        filters: output width.
        kernel_size: number of positions in the window of the convolution.
        dilation_rate: distance between these positions.
        activation: activation function.
        dropout: dropout rate of the output.
        residual: add the input to the output, which requires equal widths.
        normalize: apply layer normalization to the input of the convolution.
    Shapes: (B, T, D) -> (B, T, filters); positions outside the mask are treated as 0 and give 0.
    Data: any sequence.
    Relations: three blocks with 128 filters are the encoder of the original word segmenter.
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
    dropout: Varying[Rate] = 0.0
    residual: bool = False
    normalize: bool = False

    def width(self, inputs: int) -> int:
        if self.residual and self.filters != inputs:
            raise ValueError(f"a residual adds the input, which is {inputs} wide, to {self.filters} filters")
        return self.filters
