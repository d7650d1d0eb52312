"""What computes the values of metrics that are no function of sums over rows, when rows are drawn again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlpx.core.lazy import np


class Resampled(ABC):
    """The values of a metric for rows that are drawn with replacement.

    Attributes:
        units: for every row, the number of the unit that is drawn as a whole; None if each row is a unit.
    """

    units: np.ndarray | None = None

    @abstractmethod
    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """The values of drawn rows, (draws,) float64 each; NaN where one is undefined.

        Args:
            counts: (draws, rows), how often each row was drawn.
        """


@dataclass(frozen=True)
class RowValues(Resampled):
    """Values that are means over rows: of what each row contributes, with everything else as it is.

    For a value that changes when rows are merely repeated, such as a number of different n-grams, drawing
    rows would say nothing. A row then contributes the value plus its influence on it (`influenced`), and the
    interval is that of the jackknife or the delta method.

    Attributes:
        by_name: (rows,) float64; NaN for rows that a value does not depend on.
        units: as in `Resampled`.
    """

    by_name: Mapping[str, np.ndarray]
    units: np.ndarray | None = None

    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        found = {}
        for name, column in self.by_name.items():
            known = np.isfinite(column)
            total = counts @ known
            with np.errstate(invalid="ignore"):
                found[name] = counts @ np.where(known, column, 0) / np.where(total > 0, total, np.nan)
        return found

    def of(self, chosen: np.ndarray) -> RowValues:
        """The same of some rows, (rows,) bool."""
        units = None if self.units is None else self.units[chosen]
        return RowValues({name: column[chosen] for name, column in self.by_name.items()}, units)


def influenced(value: float, influence: np.ndarray) -> np.ndarray:
    """What rows contribute to a value of all rows, whose mean is the value.

    Args:
        influence: (rows,), by how much the value grows per weight of a row, up to a constant.
    """
    return value + influence - influence.mean()


def jackknife(value: float, without: Sequence[float] | np.ndarray) -> np.ndarray:
    """What rows contribute to a value, by leaving each of them out.

    Args:
        without: (rows,), the value of all other rows.

    Source: Efron and Stein 1981, The jackknife estimate of variance.
    """
    left = np.asarray(without, np.float64)
    return influenced(value, -(len(left) - 1) * left)


def tied(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order that sorts numbers, and where in it each run of equal ones begins."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
