"""Max pooling."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling


class Max(Pooling):
    """Maximum of every channel over real positions.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: any sequence.
    Relations: keeps single strong features that a mean dilutes; works best in combination with it.
    Reference: Collobert et al. 2011; Conneau et al. 2017, arXiv 1705.02364.
    Example:
        model:
          pooling: [max]
    """

    type: Literal["max"] = "max"
