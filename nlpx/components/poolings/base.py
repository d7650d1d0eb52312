"""Base class of poolings."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split


class Pooling(Split):
    """Base class of poolings. The results of several poolings are concatenated.

    The layer is constructed with the options and a `name` and called as layer(x, mask=mask) with x (B, T, D),
    mask (B, T) bool or None; it returns (B, D'). Padding must not change results; an empty row gives 0.
    """

    kind: ClassVar[str] = "pooling"
