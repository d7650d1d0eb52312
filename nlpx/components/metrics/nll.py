"""Negative log-likelihood and perplexity."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values

LARGEST_EXPONENT = 709.0
"""Largest argument of exp that does not overflow a float64."""


class NLL(Metric):
    """Negative log-likelihood of the reference in nats per character (or image), and its exponential.

    nll = (sum of -log p(reference)) / number of characters;  perplexity = exp(nll)

    Options: none.
    Shapes: two values per split; a perplexity that overflows a float64 (nll > 709) is omitted from files.
    Data: records with a reference.
    Relations: depends on the model, but not on the decoder.
    Reference: Jelinek et al. 1977 (perplexity).
    Example:
        metrics: [nll]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"nll", "characters"})
    directions: ClassVar[Directions] = {"nll": "min", "perplexity": "min"}
    likelihood: ClassVar[bool] = True

    type: Literal["nll"] = "nll"

    def terms(self, example: Values) -> Terms:
        return {"nll": (example.nll, example.characters)}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        numbers = super().of_sums(sums)
        for nll in list(numbers.values()):
            numbers["perplexity"] = math.inf if nll > LARGEST_EXPONENT else math.exp(nll)
        return numbers
