"""Pooling by the last position."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling


class Last(Pooling):
    """The vector of the last real position.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: output of a recurrent layer, whose last state depends on the whole sequence.
    Relations: the pooling of the original model.
    Reference: kexue.fm archive 5743.
    Example:
        model:
          pooling: [last]
    """

    type: Literal["last"] = "last"
