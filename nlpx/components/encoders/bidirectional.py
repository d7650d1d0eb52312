"""Bidirectional recurrent layer."""

from __future__ import annotations

from typing import Literal

from nlpx.components.encoders.base import Encoder
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate


class Bidirectional(Encoder):
    """Two recurrent layers, one forward and one backward from the last real position.

    Options:
        units: width of each direction.
        cell: lstm, gru or simple, see encoder/recurrent.
        merge: how to combine the directions; concat gives width 2 * units, sum gives units.
        dropout: dropout rate of the output.
    Shapes: (B, T, D) -> (B, T, 2 * units) or (B, T, units); positions outside the mask give 0.
    Data: any sequence; padding does not affect the result.
    Relations: several times slower on a CPU than a convolution of the same width.
    Reference: Hochreiter and Schmidhuber 1997; Cho et al. 2014; kexue.fm archive 3924.
    Example:
        model:
          encoder:
            - {type: bidirectional, cell: lstm, units: 64, merge: sum}
    """

    type: Literal["bidirectional"] = "bidirectional"
    units: PositiveInt = 64
    cell: Literal["lstm", "gru", "simple"] = "lstm"
    merge: Literal["concat", "sum"] = "concat"
    dropout: Varying[Rate] = 0.0

    def width(self, inputs: int) -> int:
        return self.units * (2 if self.merge == "concat" else 1)
