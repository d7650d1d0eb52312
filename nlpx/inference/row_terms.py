"""Metrics that are functions of sums over rows, for rows that are drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.resampled import Resampled
from nlpx.specs.predictor import Example

MOST_TERMS = 400
"""Terms of a metric, such as classes, above which it has no interval."""


class RowTerms(Resampled):
    """The terms of a metric for every row, from whose sums its values follow.

    Args:
        metric: a metric.
        names: of its terms.
        table: (rows, 2 terms), sparse: of hundreds of classes, a row has two.
    """

    def __init__(self, metric: Metric, names: Sequence[str], table: Any) -> None:
        self._metric = metric
        self._names = names
        self._table = table

    @classmethod
    def read(cls, metric: Metric, examples: Sequence[Example]) -> RowTerms:
        """Those of examples.

        Raises:
            AttributeError: the examples lack a value that the metric reads.
        """
        from scipy.sparse import csr_array

        fresh = metric.fresh()
        places: dict[str, int] = {}
        rows, columns, values = list[int](), list[int](), list[float]()
        for row, example in enumerate(examples):
            for name, pair in fresh.terms(example).items():
                place = 2 * places.setdefault(name, len(places))
                rows += (row, row)
                columns += (place, place + 1)
                values += pair
        entries = np.array(values, np.float64), (np.array(rows, int), np.array(columns, int))
        return cls(fresh, list(places), csr_array(entries, shape=(len(examples), 2 * len(places))))

    def of(self, rows: np.ndarray) -> RowTerms:
        """The same of some rows, by their places."""
        return RowTerms(self._metric, self._names, self._table[rows])

    @property
    def usable(self) -> bool:
        """Whether the metric has an interval."""
        return 0 < len(self._names) <= MOST_TERMS

    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        sums = (self._table.T @ counts.T).T
        found: dict[str, np.ndarray] = {}
        for draw, line in enumerate(sums.tolist()):
            terms = dict(zip(self._names, zip(line[::2], line[1::2], strict=True), strict=True))
            for name, value in self._metric.of_sums(terms).items():
                found.setdefault(name, np.full(len(counts), np.nan))[draw] = value
        return found
