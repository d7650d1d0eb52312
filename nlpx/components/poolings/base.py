"""What a pooling is."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split


class Pooling(Split):
    """The base of every pooling. Several poolings of one sequence stand side by side in the result.

    The layer is given the options and a `name`. It is called as layer(x, mask=mask) with x (B, T, D),
    mask (B, T) bool or nothing, and gives (B, D'). Padding changes no result; an empty row gives 0.
    """

    kind: ClassVar[str] = "pooling"
