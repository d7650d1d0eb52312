"""Vectors of positions."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt


class Positions(Encoder):
    """Vectors of positions, added to the input or appended to it: y_t = x_t + p_t, or y_t = [x_t; p_t].

    sin_cos: p_t = (sin(t w_0), cos(t w_0), sin(t w_1), ...), w_i = 10000^(-2i / width);  learned: p_t = P[t]

    Options:
        form: sin_cos, which works for texts of any length; learned, a table that starts as zeros.
        merge: add, or concat, which makes the output wider.
        size: width of p_t with concat; default: the width of the input.
        max_length: rows of a learned table; later positions share the last row. Default: 512.
        repeat: number of consecutive layers; more than one is not useful.
    Shapes: (B, T, D) -> (B, T, D), or (B, T, D + size); positions outside the mask give 0.
    Data: any sequence; learned needs enough texts that reach every position.
    Relations: attention ignores order without it; write it before the first block with attention.
        `positions: true` in such a block is sin_cos with add. Convolutions and recurrent layers see order.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; learned: Gehring et al. 2017, arXiv 1705.03122; kexue.fm
        archive 4765.
    Example:
        model:
          encoder:
            - {type: positions, form: learned, max_length: 64}
            - plain_attention
    """

    type: Literal["positions"] = "positions"
    form: Literal["sin_cos", "learned"] = "sin_cos"
    merge: Literal["add", "concat"] = "add"
    size: PositiveInt | None = None
    max_length: PositiveInt | None = None

    @model_validator(mode="after")
    def _options_are_used(self) -> Self:
        if self.size is not None and self.merge == "add":
            raise ValueError(
                "vectors that are added have the width of the input; remove size, or set merge: concat"
            )
        if self.max_length is not None and self.form != "learned":
            raise ValueError("sines have no max_length; remove it, or set form: learned")
        return self

    def width(self, inputs: int) -> int:
        return inputs if self.merge == "add" else inputs + (self.size or inputs)
