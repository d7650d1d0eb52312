"""Confidence intervals of metrics, by drawing the rows of a split again and again (percentile bootstrap)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nlpx.components.metrics.base import Metric
from nlpx.specs.predictor import Example

DRAWS, WORK, LEAST = 1000, 1 << 25, 200
"""How often the rows are drawn, at most; drawn rows in all, above which fewer times; and the fewest times."""
AT_ONCE = 1 << 21
"""Drawn rows in memory at the same time."""
LEVEL = 95
MOST_TERMS = 400
"""Terms of a metric, such as classes, above which it has no interval."""
FEWEST = 10
"""Rows below which an interval would say nothing."""


@dataclass(frozen=True)
class Estimate:
    """A value with its interval.

    Attributes:
        value: of all rows.
        low, high: percentiles of the values of drawn rows; equal to NaN if there are none.
        draws: (draws,) float64, the values of drawn rows, the same rows for every estimate of a split.
    """

    value: float
    low: float
    high: float
    draws: np.ndarray

    @classmethod
    def of(cls, value: float, draws: np.ndarray) -> Estimate:
        """The estimate with the percentiles of these values, of which some may be undefined (NaN)."""
        defined = draws[np.isfinite(draws)]
        if not len(defined):
            return cls(value, np.nan, np.nan, draws)
        tail = (100 - LEVEL) / 2
        low, high = np.percentile(defined, [tail, 100 - tail])
        return cls(value, float(low), float(high), draws)

    def minus(self, other: Estimate) -> Estimate:
        """The difference of two values of the same rows, drawn together."""
        return Estimate.of(self.value - other.value, self.draws - other.draws)


class RowTerms:
    """The terms of a metric for every row.

    Args:
        metric: a metric; values of its terms that depend on other rows are left out.
        examples: the rows.

    Raises:
        AttributeError: the examples lack a value that it reads.
    """

    def __init__(self, metric: Metric, examples: Sequence[Example]) -> None:
        self._metric = metric.fresh()
        places: dict[str, int] = {}
        rows, columns, values = list[int](), list[int](), list[float]()
        for row, example in enumerate(examples):
            for name, pair in self._metric.terms(example).items():
                if name in metric.of_split:
                    continue
                place = 2 * places.setdefault(name, len(places))
                rows += (row, row)
                columns += (place, place + 1)
                values += pair
        self.names = list(places)
        self._shape = len(examples), 2 * len(places)
        self._entries = np.array(values, np.float64), (np.array(rows, int), np.array(columns, int))

    @cached_property
    def _table(self) -> Any:
        """(rows, 2 terms), sparse: of hundreds of classes, a row has two."""
        from scipy.sparse import csr_array

        return csr_array(self._entries, shape=self._shape)

    @property
    def usable(self) -> bool:
        """Whether the metric has an interval."""
        return 0 < len(self.names) <= MOST_TERMS

    def values(self, counts: np.ndarray) -> list[dict[str, float]]:
        """The values of the metric.

        Args:
            counts: (draws, rows), how often each row was drawn.
        """
        sums = (self._table.T @ counts.T).T
        return [
            self._metric.of_sums(dict(zip(self.names, zip(line[::2], line[1::2], strict=True), strict=True)))
            for line in sums.tolist()
        ]


def estimates(
    metrics: Sequence[Metric],
    examples: Sequence[Example],
    subsets: Mapping[str, np.ndarray] | None = None,
    draws: int = DRAWS,
) -> dict[str, Estimate]:
    """The values of metrics with intervals: `name`, and `subset/name` for every subset.

    Metrics that are no function of sums over rows are left out, and those whose values were not written.
    The same number of rows is drawn in the same way, whatever the metrics, so that the estimates of two
    runs on the same rows can be subtracted.

    Args:
        subsets: by name, (rows,) bool.
        draws: how often the rows are drawn; less often if there are very many.
    """
    every = {"": np.ones(len(examples), bool), **(subsets or {})}
    parts = [part for metric in metrics if (part := _terms(metric, examples)) is not None and part.usable]
    work = [(name, rows, part) for name, rows in every.items() for part in parts if rows.sum() >= FEWEST]
    values, drawn = dict[str, float](), dict[str, list[float]]()
    for subset, rows, part in work:
        (found,) = part.values(rows[None].astype(np.float64))
        values |= {f"{subset}/{name}".removeprefix("/"): value for name, value in found.items()}
    for counts in _drawn(len(examples), draws) if work else ():
        lines = dict[str, list[float]]()
        for subset, rows, part in work:
            for draw, found in enumerate(part.values(counts * rows)):
                for name, value in found.items():
                    full = f"{subset}/{name}".removeprefix("/")
                    lines.setdefault(full, [np.nan] * len(counts))[draw] = value
        for name in values:
            drawn.setdefault(name, []).extend(lines.get(name, [np.nan] * len(counts)))
    return {name: Estimate.of(value, np.array(drawn[name])) for name, value in values.items()}


def _terms(metric: Metric, examples: Sequence[Example]) -> RowTerms | None:
    """The terms of a metric; None if it reads a value that predictions files lack."""
    try:
        return RowTerms(metric, examples)
    except AttributeError:
        return None


def _drawn(rows: int, draws: int) -> Iterator[np.ndarray]:
    """How often each row is drawn, (draws, rows)."""
    random = np.random.default_rng(rows)
    draws = max(LEAST, min(draws, WORK // rows))
    at_once = max(1, AT_ONCE // rows)
    for start in range(0, draws, at_once):
        count = min(at_once, draws - start)
        places = random.integers(0, rows, (count, rows)) + rows * np.arange(count)[:, None]
        yield np.bincount(places.ravel(), minlength=count * rows).reshape(count, rows).astype(np.float64)
