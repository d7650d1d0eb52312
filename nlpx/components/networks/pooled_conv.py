"""Stacks of convolutions, pooling over the whole image, and dense layers."""

from __future__ import annotations

from typing import Literal

from nlpx.components.networks.stacks import Stacks
from nlpx.core.options import PositiveInt


class PooledConv(Stacks):
    """Stacks of convolutions, pooled over all positions, then dense layers.

    h = pool over positions of conv(... conv(x)),  y = W_n a(... a(W_1 h + b_1) ...) + b_n

    Options:
        pooling: mean or maximum over all positions.
        hidden: widths of dense layers before the last one.
    Shapes: (B, S, S, C) -> (B, *outputs); images may be higher or wider.
    Data: images.
    Relations: the mean of an image with two objects lies between those of both, so that it is recognized
        badly; the maximum keeps what is found anywhere. For one object per image both are equally good.
    Reference: global average pooling: Lin et al. 2014, arXiv 1312.4400; kexue.fm archive 5112.
    Example:
        task: digits
        model:
          network: {type: pooled_conv, filters: [[16, 16], [32, 32]], pooling: max, hidden: [64]}
    """

    type: Literal["pooled_conv"] = "pooled_conv"
    pooling: Literal["mean", "max"] = "mean"
    hidden: list[PositiveInt] = [128]
