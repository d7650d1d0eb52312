"""Base class of encoder blocks."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split
from nlpx.core.options import PositiveInt


class Encoder(Split):
    """Base class of encoder blocks. `repeat` stacks the block; each copy has its own weights.

    The layer is constructed with the options and a `name` and called as layer(x, mask=mask,
    training=training) with x (B, T, D) and mask (B, T) bool or None; it returns (B, T, D'). Padding must not
    change results: values outside the mask are treated as 0, and are 0 in the output.

    Options:
        repeat: number of consecutive blocks, each with its own weights.
    """

    kind: ClassVar[str] = "encoder"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "repeat"})

    repeat: PositiveInt = 1

    def width(self, inputs: int) -> int | None:
        """Width of the output for inputs of this width, None if unknown; raises ValueError if refused."""
        return None
