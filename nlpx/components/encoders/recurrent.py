"""Forward recurrent layer."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate


class Recurrent(Encoder):
    """One forward recurrent layer.

    Options:
        units: width of the state.
        cell: gru, lstm, or simple, which has no gates: y_t = tanh(y_(t-1) U + x_t W + b).
        dropout: dropout rate of the output.
    Shapes: (B, T, D) -> (B, T, units); positions outside the mask give 0.
    Data: any sequence.
    Relations: with 128 units and the pooling `last`, this is the encoder of the original similarity model.
    Reference: Cho et al. 2014; kexue.fm archive 5743.
    Example:
        model:
          encoder:
            - {type: recurrent, cell: gru, units: 128}
    """

    type: Literal["recurrent"] = "recurrent"
    units: PositiveInt = 128
    cell: Literal["gru", "lstm", "simple"] = "gru"
    dropout: Varying[Rate] = 0.0

    def width(self, inputs: int) -> int:
        return self.units
