"""Convolutions with max pooling that read an image, and hidden layers above them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.networks.base import Network, Shape
from nlpx.core.options import PositiveInt, Rate

POOL = 2


class MaxPoolConv(Network):
    """Convolutions with max pooling, followed by hidden dense layers.

    x <- dropout(max_2x2(a(conv(x)))) for each convolution, h <- dropout(a(W h + b)) for each hidden layer

    Options:
        filters: channels of every convolution.
        kernel_size: size of the convolutions.
        padding: valid reads no pixels outside the image, so the map shrinks; same keeps its size.
        batch_norm: normalize the channels after every convolution, and the units of every hidden layer.
        dropout: dropout rate after every pooling.
        units: widths of the hidden layers; may be empty.
        hidden_dropout: dropout rate after every hidden layer.
    Shapes: (B, S, S, C) -> (B, *outputs).
    Data: images.
    Relations: most weights are those of the first hidden layer. Max pooling keeps strokes that a mean would
        blur; its gradient under `train.xla` is not deterministic. The defaults are those of the archive:
        8,514,678 weights for 48 x 48 pixels and 3,062 classes.
    Reference: kexue.fm archive 3831; batch_norm: Ioffe and Szegedy 2015, arXiv 1502.03167.
    Example:
        task: ocr
        model:
          network: {type: max_pool_conv, filters: [32, 64], padding: same, units: [256]}
    """

    type: Literal["max_pool_conv"] = "max_pool_conv"
    filters: Annotated[list[PositiveInt], Field(min_length=1)] = [64, 64]
    kernel_size: PositiveInt = 4
    padding: Literal["valid", "same"] = "valid"
    batch_norm: bool = False
    dropout: Rate = 0.25
    units: list[PositiveInt] = [1024]
    hidden_dropout: Rate = 0.5

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        if len(inputs) != 3:
            raise ValueError("convolutions read images, not points; use the network dense")
        edge = min(inputs[:2])
        for _ in self.filters:
            edge = (edge if self.padding == "same" else edge - self.kernel_size + 1) // POOL
        if edge < 1:
            raise ValueError(
                f"{len(self.filters)} convolutions with pooling leave nothing of an image of "
                f"{min(inputs[:2])} pixels; remove some, or set padding: same"
            )
