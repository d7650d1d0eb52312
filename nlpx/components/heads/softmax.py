"""One softmax a position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from nlpx.components.heads.base import Head


class Softmax(Head):
    """One softmax a position: p(y_t | x) = softmax(W h_t + b).

    Options:
        tied: use the embedding table of the input as W, if input and labels share a vocabulary.
    Shapes: (B, T, D) -> (B, T, units) float32 logits.
    Data: labels that can be chosen independently.
    Relations: needs a loss over logits, such as cross_entropy, or over sampled classes, such as
        sampled_softmax.
    Reference: tied weights: Press and Wolf 2017, arXiv 1608.05859.
    Example:
        model:
          head: {type: softmax, tied: false}
    """

    gives: ClassVar[frozenset[str]] = frozenset({"logits", "hidden", "output_embedding", "output_bias"})
    structural: ClassVar[frozenset[str]] = frozenset({"type", "tied"})

    type: Literal["softmax"] = "softmax"
    tied: bool = False

    def context(self, embedding: object, legal: Mapping[str, object]) -> dict[str, object]:
        return {"tied_to": embedding} if self.tied else {}
