"""Block of a transformer."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt, Rate


class SelfAttention(Encoder):
    """Block of a transformer: every position looks at all others; then two dense layers work on it.

    h = x + attention(norm(x));  y = h + W_2 gelu(W_1 norm(h))

    Options:
        heads: each sees its own part of the width, which they must divide.
        expansion: width of the layer between the dense ones, as a multiple of the input's.
        dropout: share of both outputs, and of the attention, that is dropped in training.
        positions: add sines and cosines of the place to the input; the first block needs it to see order.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are not looked at.
    Data: any sequence; time and memory grow with the square of its length.
    Relations: a learning rate that warms up helps: optimizer.schedule.warmup_steps.
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
            # Keras adds the biases of such heads along positions where there are as many of these.
            raise ValueError(f"{self.heads} heads see one number each of the input, which is {inputs} wide")
        return inputs
