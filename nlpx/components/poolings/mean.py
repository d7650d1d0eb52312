"""Mean pooling."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling


class Mean(Pooling):
    """Mean over real positions.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: any sequence.
    Relations: without encoder blocks, this is a bag of characters and n-grams.
    Reference: Iyyer et al. 2015 (deep averaging networks).
    Example:
        model:
          pooling: [mean, max]
    """

    type: Literal["mean"] = "mean"
