"""A network of dense layers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.networks.base import Network
from nlpx.core.options import PositiveInt, Rate


class Dense(Network):
    """Dense layers over the flattened input.

    h_1 = a(W_1 x + b_1), ..., y = W_n h_(n-1) + b_n

    Options:
        units: widths of the hidden layers.
        dropout: dropout rate after every hidden layer.
    Shapes: (B, *inputs) -> (B, *outputs).
    Data: points; small images.
    Relations: it ignores that pixels are neighbours; see conv and transposed_conv. Dropout is for
        classifiers, and not for generators, discriminators and penalties of gradients.
    Reference: spectral_norm: Miyato et al. 2018, arXiv 1802.05957; kexue.fm archive 6051.
    Example:
        model:
          generator: {type: dense, units: [128, 128, 128]}
    """

    type: Literal["dense"] = "dense"
    units: Annotated[list[PositiveInt], Field(min_length=1)] = [128, 128, 128]
    dropout: Rate = 0.0
