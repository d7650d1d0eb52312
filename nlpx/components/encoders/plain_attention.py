"""Self-attention without the other parts of a transformer block."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt, Rate


class PlainAttention(Encoder):
    """Self-attention without biases, output projection, residual connection or dense layers.

    y = concat over heads h of softmax((x Q_h) (x K_h)^T / sqrt(size)) x V_h

    Options:
        heads: number of heads.
        size: width of a head.
        positions: add sines and cosines of the position to the input; without them, order has no effect.
        dropout: proportion of the output that is dropped during training.
        repeat: number of layers in sequence, each with its own weights.
    Shapes: (B, T, D) -> (B, T, heads * size); positions outside the mask give 0 and are ignored.
    Data: any sequence; time and memory grow with the square of its length.
    Relations: the attention of self_attention, as in the original text classifier.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; kexue.fm archive 4765.
    Example:
        model:
          encoder:
            - {type: plain_attention, heads: 8, size: 16, positions: true}
    """

    type: Literal["plain_attention"] = "plain_attention"
    heads: PositiveInt = 8
    size: PositiveInt = 16
    positions: bool = False
    dropout: Rate = 0.0

    def width(self, inputs: int) -> int:
        return self.heads * self.size
