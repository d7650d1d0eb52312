"""Diversity of predictions."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import added, ngrams


class Distinct(Metric):
    """Diversity of predictions: number of distinct character n-grams divided by all n-grams, n = 1 and 2.

    Options: none.
    Shapes: two values per split, 0 to 1.
    Data: any text. The values decrease with the size of the split, so only compare results on the same split.
    Relations: keeps the distinct n-grams in memory.
    Reference: Li et al. 2016, arXiv 1510.03055.
    Example:
        metrics: [distinct]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"predicted_text"})
    directions: ClassVar[Directions] = {"distinct_1": "max", "distinct_2": "max"}

    of_split: ClassVar[frozenset[str]] = frozenset({"distinct_1", "distinct_2"})

    type: Literal["distinct"] = "distinct"

    _seen: set[str] = set()

    def terms(self, example: Values) -> Terms:
        return {f"distinct_{n}": added(self._seen, ngrams(example.predicted_text, n)) for n in (1, 2)}
