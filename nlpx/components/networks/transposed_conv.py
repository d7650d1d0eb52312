"""A convolutional network that produces an image."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.networks.base import Network, Shape
from nlpx.core.options import PositiveInt


class TransposedConv(Network):
    """A dense layer that makes a small map, followed by transposed convolutions that double it.

    Options:
        filters: channels before every transposed convolution; the last one gives those of the image.
        kernel_size: size of the convolutions.
    Shapes: (B, *inputs) -> (B, S, S, C), where S is a multiple of 2^n for n filters.
    Data: images.
    Relations: the generator of a DCGAN without batch normalization.
    Reference: Radford et al. 2016, arXiv 1511.06434; kexue.fm archive 6387.
    Example:
        data:
          root: corpora
          source: {type: folders, train: digits/train, holdout_share: 0.1}
        model:
          generator: {type: transposed_conv, filters: [64, 32]}
    """

    type: Literal["transposed_conv"] = "transposed_conv"
    filters: Annotated[list[PositiveInt], Field(min_length=1)] = [64, 32]
    kernel_size: PositiveInt = 5

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        if len(outputs) != 3:
            raise ValueError("transposed convolutions produce images, not points; use the network dense")
        multiple = int(2 ** len(self.filters))
        if outputs[0] % multiple:
            raise ValueError(
                f"{len(self.filters)} transposed convolutions make images whose size is a multiple of "
                f"{multiple}, not {outputs[0]}"
            )
