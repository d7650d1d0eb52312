"""Transformer block."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt, Rate


class SelfAttention(Encoder):
    """Transformer block: self-attention followed by two dense layers.

    h = x + attention(norm(x));  y = h + W_2 gelu(W_1 norm(h))

    Options:
        heads: number of attention heads, which must divide the width.
        expansion: width of the hidden dense layer as a multiple of the width of the input.
        dropout: dropout rate of both outputs and of the attention weights.
        positions: add sinusoidal position embeddings to the input; needed in the first block to encode order.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are not attended to.
    Data: any sequence; time and memory grow with the square of its length.
    Relations: use a warm-up of the learning rate: optimizer.schedule.warmup_steps.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; kexue.fm archive 4765.
    Example:
        model:
          encoder:
            - {type: self_attention, heads: 4, positions: true}
            - {type: self_attention, heads: 4}
    """

    type: Literal["self_attention"] = "self_attention"
    heads: PositiveInt = 4
    expansion: PositiveInt = 4
    dropout: Rate = 0.0
    positions: bool = False

    def width(self, inputs: int) -> int:
        if inputs % self.heads:
            raise ValueError(f"{self.heads} heads do not divide the input, which is {inputs} wide")
        if inputs == self.heads > 1:
            # Keras would broadcast the biases of such heads along positions if their numbers are equal.
            raise ValueError(f"{self.heads} heads see one number each of the input, which is {inputs} wide")
        return inputs
