"""Self-attention without the other parts of a transformer block."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.attending import Attending
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate


class PlainAttention(Attending):
    """Self-attention without biases, output projection, residual connection or dense layers.

    y = concat over heads h of softmax((x Q_h) (x K_h)^T / sqrt(key_size)) x V_h

    Options:
        heads: number of heads.
        size: width of the values of a head.
        key_size: width of the queries and keys of a head; default: size.
        positions: add sines and cosines of the position to the input; without them, order has no effect.
        dropout: proportion of the output that is dropped during training.
        repeat: number of layers in sequence, each with its own weights.
    Shapes: (B, T, D) -> (B, T, heads * size); positions outside the mask give 0 and are ignored.
    Data: any sequence; time and memory grow with the square of its length, with a restriction, too.
    Relations: the attention of transformer, as in the original text classifier; alone, it labels positions
        poorly: combine it with convolutions or recurrent layers. A restriction is a prior, and saves no time.
        encoder/positions has other vectors of positions. Unlike in the original code, weights are not uniform
        without `causal`, padding has none, and a position that a rule allows twice counts once.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; kexue.fm archive 4765; sparse: Child et al. 2019,
        arXiv 1904.10509.
    Example:
        model:
          encoder:
            - {type: plain_attention, heads: 8, size: 16, positions: true}
            - {type: plain_attention, heads: 8, size: 16, restriction: sparse, rate: 4}
    """

    type: Literal["plain_attention"] = "plain_attention"
    heads: PositiveInt = 8
    size: PositiveInt = 16
    key_size: PositiveInt | None = None
    positions: bool = False
    dropout: Varying[Rate] = 0.0

    def width(self, inputs: int) -> int:
        return self.heads * self.size
