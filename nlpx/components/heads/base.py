"""What a head is."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split


class Head(Split):
    """The base of every head.

    The layer is given the options, a `name`, the number of answers as `units`, and what the model adds. It is
    called as layer(x, mask=mask) with x (B, T, D), mask (B, T) bool, and gives (B, T, units) float32 under
    every policy. It has the methods nll(outputs, targets, mask) -> (B,) in nats, and
    decoding_scores(outputs) -> (B, T, units).
    """

    kind: ClassVar[str] = "head"
