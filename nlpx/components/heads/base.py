"""What a head is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from nlpx.core.component import Split


class Head(Split):
    """The base of every head.

    The layer is given the options, a `name`, the number of labels as `units`, and what `context` adds. It is
    called as layer(x, mask=mask) with x (B, T, D), mask (B, T) bool, and gives (B, T, units) float32 under
    every policy. It has the methods nll(outputs, targets, mask) -> (B,) in nats, and
    decoding_scores(outputs) -> (B, T, units). What nll gives is the value in `gives` named `*_nll`.
    If there are transitions, the method potentials gives further arguments of the decoder viterbi.
    """

    kind: ClassVar[str] = "head"

    def context(self, embedding: object, legal: Mapping[str, object]) -> dict[str, object]:
        """Arguments of the layer in addition to the options, `name` and `units`.

        Args:
            embedding: of the characters that the model reads.
            legal: which labels may follow which, as the arguments of `CRF` whose names end in `_mask`;
                empty where all may.
        """
        return {}
