"""Maximum over positions."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling


class Max(Pooling):
    """The greatest value of every channel over real positions.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: any sequence.
    Relations: keeps the one strong feature that a mean dilutes; best beside it.
    Reference: Collobert et al. 2011; Conneau et al. 2017, arXiv 1705.02364.
    Example:
        model:
          pooling: [max]
    """

    type: Literal["max"] = "max"
