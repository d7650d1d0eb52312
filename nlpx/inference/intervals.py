"""Confidence intervals of metrics, by drawing the rows of a split again and again (percentile bootstrap)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.resampled import Resampled, RowValues
from nlpx.inference.row_terms import RowTerms
from nlpx.specs.predictor import Example

DRAWS, WORK, LEAST = 1000, 1 << 25, 200
"""How often the rows are drawn, at most; drawn rows in all, above which fewer times; and the fewest times."""
AT_ONCE = 1 << 21
"""Drawn rows in memory at the same time."""
LEVEL = 95
FEWEST = 10
"""Rows, or units of rows that are drawn together, below which an interval would say nothing."""
Stored = Mapping[str, Sequence[RowValues]]
"""By subset, what an evaluation stored of metrics whose rows cannot be read again; "" is the whole split."""


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


@dataclass(frozen=True)
class _Part:
    """Values of a subset.

    Attributes:
        prefix: of the names of its values.
        rows: the places of its rows in the split.
        drawn: what computes them from these rows.
    """

    prefix: str
    rows: np.ndarray
    drawn: Resampled

    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        found = self.drawn.values(counts)
        return {f"{self.prefix}{name}": values for name, values in found.items()}

    @property
    def units(self) -> tuple[np.ndarray, int]:
        """The unit of each row, from 0, and their number."""
        units = np.arange(len(self.rows)) if self.drawn.units is None else self.drawn.units
        known, numbers = np.unique(units, return_inverse=True)
        return numbers, len(known)


def estimates(
    metrics: Sequence[Metric],
    examples: Sequence[Example],
    subsets: Mapping[str, np.ndarray] | None = None,
    draws: int = DRAWS,
    stored: Stored | None = None,
) -> dict[str, Estimate]:
    """The values of metrics with intervals: `name`, and `subset/name` for every subset.

    Left out are values for which drawing rows says nothing, and those whose rows were not written. The same
    number of rows is drawn in the same way, whatever the metrics, so that the estimates of two runs on the
    same rows can be subtracted.

    Args:
        subsets: by name, (rows,) bool.
        draws: how often the rows are drawn; less often if there are very many.
        stored: of metrics whose rows cannot be read again. A subset that is not there is that part of the
            split.
    """
    every = {"": np.ones(len(examples), bool), **(subsets or {})}
    sums = [terms for metric in metrics if (terms := _sums(metric, examples)) is not None and terms.usable]
    parts = []
    for name, chosen in every.items():
        prefix, rows = f"{name}/" if name else "", np.flatnonzero(chosen)
        own = [examples[row] for row in rows.tolist()]
        others = [drawn for metric in metrics if (drawn := _others(metric, own)) is not None]
        known = (stored or {}).get(name, ())
        parts += [
            _Part(prefix, rows, drawn) for drawn in (*(terms.of(rows) for terms in sums), *others, *known)
        ]
    if stored and "" in stored:
        parts += [
            _Part(f"{name}/", np.flatnonzero(chosen), values.of(chosen))
            for name, chosen in every.items()
            if name not in stored
            for values in stored[""]
        ]
    parts = [part for part in parts if part.units[1] >= FEWEST]
    found = dict[str, Estimate]()
    together = [part for part in parts if part.drawn.units is None]
    found |= _estimated(together, [part.rows for part in together], len(examples), draws)
    for part in parts:
        if part.drawn.units is not None:
            numbers, count = part.units
            found |= _estimated([part], [numbers], count, draws)
    return found


def _sums(metric: Metric, examples: Sequence[Example]) -> RowTerms | None:
    """The terms of a metric; None if it reads a value that predictions files lack."""
    try:
        return RowTerms.read(metric, examples)
    except AttributeError:
        return None


def _others(metric: Metric, examples: Sequence[Example]) -> Resampled | None:
    """What computes the values of a metric that are no function of sums; None as above."""
    if type(metric).resampled is Metric.resampled:
        return None
    counted = metric.fresh()
    try:
        for example in examples:
            counted.update(example)
    except AttributeError:
        return None
    return counted.resampled()


def _estimated(
    parts: Sequence[_Part], places: Iterable[np.ndarray], units: int, draws: int
) -> dict[str, Estimate]:
    """Estimates of values.

    Args:
        places: for each part, the unit of each of its rows.
        units: how many of them are drawn.
    """
    work = list(zip(parts, places, strict=True))
    values = dict[str, float]()
    for part, _ in work:
        whole = part.values(np.ones((1, len(part.rows))))
        values |= {name: float(value[0]) for name, value in whole.items() if np.isfinite(value[0])}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in values}
    for counts in _drawn(units, draws) if values else ():
        found = dict[str, np.ndarray]()
        for part, own in work:
            found |= part.values(counts[:, own])
        nothing = np.full(len(counts), np.nan)
        for name, parts_of_draws in drawn.items():
            parts_of_draws.append(found.get(name, nothing))
    return {name: Estimate.of(value, np.concatenate(drawn[name])) for name, value in values.items()}


def _drawn(rows: int, draws: int) -> Iterator[np.ndarray]:
    """How often each row is drawn, (draws, rows)."""
    random = np.random.default_rng(rows)
    draws = max(LEAST, min(draws, WORK // rows))
    at_once = max(1, AT_ONCE // rows)
    for start in range(0, draws, at_once):
        count = min(at_once, draws - start)
        places = random.integers(0, rows, (count, rows)) + rows * np.arange(count)[:, None]
        yield np.bincount(places.ravel(), minlength=count * rows).reshape(count, rows).astype(np.float64)
