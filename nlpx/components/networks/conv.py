"""A convolutional network that reads an image."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.networks.base import Activation, Network, Shape
from nlpx.core.options import PositiveInt


class Conv(Network):
    """Convolutions that halve the image, followed by a dense layer.

    Options:
        filters: channels after every convolution.
        kernel_size: size of the convolutions.
    Shapes: (B, S, S, C) -> (B, *outputs).
    Data: images.
    Relations: the discriminator of a DCGAN without batch normalization.
    Reference: Radford et al. 2016, arXiv 1511.06434; kexue.fm archive 6387.
    Example:
        data:
          root: corpora
          source: {type: folders, train: digits/train, holdout_share: 0.1}
        model:
          discriminator: {type: conv, filters: [32, 64], spectral_norm: true}
    """

    type: Literal["conv"] = "conv"
    filters: Annotated[list[PositiveInt], Field(min_length=1)] = [32, 64]
    kernel_size: PositiveInt = 5
    activation: Activation = "leaky_relu"

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        if len(inputs) != 3:
            raise ValueError("convolutions read images, not points; use the network dense")
