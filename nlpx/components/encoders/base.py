"""What an encoder is."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split
from nlpx.core.options import PositiveInt


class Encoder(Split):
    """The base of every encoder. `repeat` stacks the block, each copy with its own weights.

    The layer is given the options and a `name`. It is called as layer(x, mask=mask, training=training) with
    x (B, T, D), mask (B, T) bool or nothing, and gives (B, T, D'). Padding changes no result: what lies
    outside the mask is seen as 0, and is 0 in the output.
    """

    kind: ClassVar[str] = "encoder"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "repeat"})

    repeat: PositiveInt = 1

    def width(self, inputs: int) -> int | None:
        """Width of the block's output for an input of width `inputs`; None where it is not known.

        Raises:
            ValueError: the block cannot take an input of this width.
        """
        return None
