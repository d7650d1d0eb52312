"""Gated convolution."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import NonNegativeFloat, PositiveInt, Rate


class GatedConv(Encoder):
    """Gated convolution block: a convolution proposes, a gate decides how much of it replaces the input.

    [g, v] = conv(x);  highway: y = x * sigmoid(g) + v * sigmoid(-g);  residual_glu: y = x + v * sigmoid(g)

    Options:
        filters: output width; both gates add the input, so it must be that of the input, which empty takes.
        kernel_size: positions a convolution sees.
        dilation_rate: distance between these positions.
        gate: highway (the original couplet model) or residual_glu (the original poem model).
        dropout: share of the candidate v that is dropped in training.
        normalize: layer normalization of the input of the convolution.
        gate_noise: e in a gate multiplied by 1 + U(-e, e) in training (the DGCNN regulariser).
        use_bias: add a bias to the convolution; the original poem model has none.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are seen as 0.
    Data: any sequence; six blocks of kernel 3 see 13 positions.
    Relations: with a centre tap moved by the identity matrix, highway equals residual_glu up to the gate's
        sign.
    Reference: kexue.fm archives 6270 and 5409; Dauphin et al. 2017, arXiv 1612.08083.
    Example:
        model:
          encoder:
            - {type: gated_conv, kernel_size: 3, repeat: 6}
    """

    type: Literal["gated_conv"] = "gated_conv"
    filters: PositiveInt | None = None
    kernel_size: PositiveInt = 3
    dilation_rate: PositiveInt = 1
    gate: Literal["highway", "residual_glu"] = "highway"
    dropout: Rate = 0.0
    normalize: bool = False
    gate_noise: NonNegativeFloat = 0.0
    use_bias: bool = True

    def width(self, inputs: int) -> int:
        if self.filters not in (None, inputs):
            raise ValueError(f"a gate adds the input, which is {inputs} wide, to {self.filters} filters")
        return inputs
