"""Transformer block."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.encoders.attending import Attending
from nlpx.core.options import PositiveInt, Rate


class Transformer(Attending):
    """Transformer block: self-attention followed by two dense layers.

    pre: h = x + attention(norm(x)), y = h + W_2 a(W_1 norm(h))
    post: h = norm(x + attention(x)), y = norm(h + W_2 a(W_1 h))

    Options:
        heads: number of attention heads, which must divide the width.
        expansion: width of the hidden dense layer as a multiple of the width of the input.
        activation: activation function a.
        norm: layer normalization before each part (pre), or after each residual (post), as in the original.
        dropout: dropout rate of both outputs and of the attention weights.
        positions: add sinusoidal position embeddings to the input; needed in the first block to encode order.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are not attended to.
    Data: any sequence; time and memory grow with the square of its length, with a restriction, too.
    Relations: use a warm-up of the learning rate: optimizer.schedule.warmup_steps; post diverges without it
        sooner than pre. With norm: pre, write layer_norm after the last block. On small corpora,
        convolutions and recurrent layers often reach more in less time. plain_attention is attention alone.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; pre: Xiong et al. 2020, arXiv 2002.04745; kexue.fm
        archive 4765.
    Example:
        model:
          encoder:
            - {type: transformer, heads: 4, positions: true}
            - {type: transformer, heads: 4}
    """

    aliases: ClassVar[tuple[str, ...]] = ("self_attention",)

    type: Literal["transformer"] = "transformer"
    heads: PositiveInt = 4
    expansion: PositiveInt = 4
    activation: Literal["gelu", "relu", "silu"] = "gelu"
    norm: Literal["pre", "post"] = "pre"
    dropout: Rate = 0.0
    positions: bool = False

    def width(self, inputs: int) -> int:
        if inputs % self.heads:
            raise ValueError(f"{self.heads} heads do not divide the input, which is {inputs} wide")
        if inputs == self.heads > 1:
            # Keras would broadcast the biases of such heads along positions if their numbers are equal.
            raise ValueError(f"{self.heads} heads see one number each of the input, which is {inputs} wide")
        return inputs
