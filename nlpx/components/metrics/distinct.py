"""Diversity of predictions."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import DistinctCount, ngrams
from nlpx.components.metrics.resampled import RowValues


class Distinct(Metric):
    """Diversity of predictions: number of distinct character n-grams divided by all n-grams, n = 1 and 2.

    Options: none.
    Shapes: two values per split, 0 to 1.
    Data: any text. The values decrease with the size of the split, so only compare results on the same split.
    Relations: keeps the distinct n-grams in memory. Intervals are made by leaving out rows one by one.
    Reference: Li et al. 2016, arXiv 1510.03055.
    Example:
        metrics: [distinct]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"predicted_text"})
    directions: ClassVar[Directions] = {"distinct_1": "max", "distinct_2": "max"}

    sized: ClassVar[frozenset[str]] = frozenset({"distinct_1", "distinct_2"})

    type: Literal["distinct"] = "distinct"

    _counts: dict[str, DistinctCount] = {}

    def update(self, example: Values) -> None:
        for n in (1, 2):
            counts = self._counts.setdefault(f"distinct_{n}", DistinctCount())
            counts.add(ngrams(example.predicted_text, n))

    def result(self) -> dict[str, float]:
        values = {name: counts.value for name, counts in self._counts.items()}
        return {name: value for name, value in values.items() if value is not None}

    def resampled(self) -> RowValues:
        columns = {name: counts.of_rows() for name, counts in self._counts.items()}
        return RowValues({name: column for name, column in columns.items() if len(column)})
