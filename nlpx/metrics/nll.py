"""Negative log-likelihood and perplexity."""

from __future__ import annotations

import math

from nlpx.metrics.base import Metric
from nlpx.metrics.examples import CoupletExample, PictureExample, SegmentationExample, TitleExample

LARGEST_EXPONENT = 709.0
"""exp of more overflows a float64."""


class NLL(Metric[CoupletExample | PictureExample | SegmentationExample | TitleExample]):
    """nll = sum -log p(reference) / number of characters (of pictures), in nats; perplexity = exp(nll)."""

    def __init__(self) -> None:
        self._nll = 0.0
        self._characters = 0

    def update(self, example: CoupletExample | PictureExample | SegmentationExample | TitleExample) -> None:
        self._nll += example.nll
        self._characters += example.characters

    def result(self) -> dict[str, float]:
        if not self._characters:
            return {}
        nll = self._nll / self._characters
        return {"nll": nll, "perplexity": math.inf if nll > LARGEST_EXPONENT else math.exp(nll)}
