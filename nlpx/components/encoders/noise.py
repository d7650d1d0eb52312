"""Noise in training."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveFloat


class Noise(Encoder):
    """Gaussian noise that is added to every element in training only: y = x + N(0, stddev^2).

    Options:
        stddev: standard deviation of the noise, in the units of the input.
        repeat: number of consecutive layers, whose variances add up.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0.
    Data: any sequence.
    Relations: a regularizer, as dropout is; costs next to nothing. Fresh embeddings are about 0.05 in size,
        so a stddev of 1 drowns them: write layer_norm before it, or choose a smaller one.
    Reference: kexue.fm archive 5765; Bishop 1995 (training with noise is Tikhonov regularization).
    Example:
        model:
          encoder:
            - {type: noise, stddev: 0.02}
            - conv
    """

    type: Literal["noise"] = "noise"
    stddev: PositiveFloat = 1.0

    def width(self, inputs: int) -> int:
        return inputs
