"""A small convolutional network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.backbones.base import Backbone
from nlpx.core.options import PositiveInt, Rate


class SmallConv(Backbone):
    """A small convolutional network: stages of convolution, batch normalization, relu and pooling.

    Options:
        filters: channels of every stage; each but the last halves the edge.
        kernel_size: edge of the convolutions.
        dropout: share of the last stage's channels that training drops.
        trainable: learn its weights; if not, its batch normalizations keep their statistics, too.
    Shapes: (B, S, S, 3) -> (B, S / 2^(n-1), S / 2^(n-1), filters[-1]).
    Data: small images; it starts from random weights.
    Relations: for the sample; photographs want a backbone that was trained on many.
    Reference: batch normalization: Ioffe and Szegedy 2015, arXiv 1502.03167.
    Example:
        model:
          backbone: {type: small_conv, filters: [16, 32, 64]}
    """

    type: Literal["small_conv"] = "small_conv"
    filters: Annotated[list[PositiveInt], Field(min_length=1)] = [16, 32, 64]
    kernel_size: PositiveInt = 3
    dropout: Rate = 0.0

    @property
    def smallest(self) -> int:
        return int(2 ** (len(self.filters) - 1))
