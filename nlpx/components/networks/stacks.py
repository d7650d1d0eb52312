"""Base class of networks that begin with stacks of convolutions."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nlpx.components.networks.base import Network, Shape
from nlpx.core.options import PositiveInt

Stack = Annotated[list[PositiveInt], Field(min_length=1)]


class Stacks(Network):
    """Base class of networks that begin with stacks of convolutions, and take images of any larger size.

    Options:
        filters: channels after every convolution, as a list for each stack. Mean pooling between two stacks
            halves the image.
        kernel_size: size of the convolutions.
    """

    fixed_size: ClassVar[bool] = False

    filters: Annotated[list[Stack], Field(min_length=1)] = [[32, 32], [64, 64]]
    kernel_size: PositiveInt = 3

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        if len(inputs) != 3:
            raise ValueError("convolutions read images, not points; use the network dense")
        smallest = int(2 ** (len(self.filters) - 1))
        if min(inputs[:2]) < smallest:
            raise ValueError(f"{len(self.filters)} stacks need images of at least {smallest} pixels")
