"""Gated convolution."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.components.varying import Varying
from nlpx.core.options import NonNegativeFloat, PositiveInt, Rate


class GatedConv(Encoder):
    """Gated convolution block: a gate determines how much of a convolution replaces the input.

    [g, v] = conv(x);  highway: y = x * sigmoid(g) + v * sigmoid(-g);  residual_glu: y = x + v * sigmoid(g)

    Options:
        filters: output width, which must equal the width of the input; default: that width.
        kernel_size: number of positions in the window of the convolution.
        dilation_rate: distance between these positions.
        gate: highway (the original couplet model) or residual_glu (the original poem model).
        dropout: dropout rate of the candidate v.
        normalize: apply layer normalization to the input of the convolution.
        gate_noise: e; in training, the gate is multiplied by 1 + U(-e, e) (as in DGCNN).
        use_bias: use a bias in the convolution; the original poem model has none.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask are treated as 0 and give 0.
    Data: any sequence; six blocks with kernel size 3 have a receptive field of 13 positions.
    Relations: if the identity matrix is added to the centre of the kernel, highway equals residual_glu up to
        the sign of the gate.
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
    dropout: Varying[Rate] = 0.0
    normalize: bool = False
    gate_noise: NonNegativeFloat = 0.0
    use_bias: bool = True

    def width(self, inputs: int) -> int:
        if self.filters not in (None, inputs):
            raise ValueError(f"a gate adds the input, which is {inputs} wide, to {self.filters} filters")
        return inputs
