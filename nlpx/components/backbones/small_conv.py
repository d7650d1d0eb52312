"""A small convolutional network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.backbones.base import Backbone
from nlpx.core.options import PositiveInt, Rate


class SmallConv(Backbone):
    """A small convolutional network: stages of convolution, batch normalization, relu and pooling.

    Options:
        filters: channels of every stage; all but the last halve the image size.
        kernel_size: size of the convolutions.
        dropout: dropout rate of the channels of the last stage.
    Shapes: (B, S, S, 3) -> (B, S / 2^(n-1), S / 2^(n-1), filters[-1]).
    Data: small images; training starts from random weights.
    Relations: used for the sample dataset; photographs require a pretrained backbone.
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
