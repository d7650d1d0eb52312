"""Calibration of probabilities."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.core.options import PositiveInt


class Calibration(Metric):
    """Expected calibration error: difference of the highest probability and accuracy, by bins of the former.

    calibration_error = sum over bins b of |accuracy in b - mean probability in b| * records in b / records

    Options:
        bins: number of bins of equal width between 0 and 1.
    Shapes: one value per split, 0 to 1; 0 is perfect calibration.
    Data: records with a class.
    Relations: hard_truncated, soft_truncated and focal make probabilities too low.
    Reference: Naeini et al. 2015; Guo et al. 2017, arXiv 1706.04599, with 15 bins.
    Example:
        metrics: [{type: calibration, bins: 15}]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "class_probabilities"})
    directions: ClassVar[Directions] = {"calibration_error": "min"}

    type: Literal["calibration"] = "calibration"
    bins: PositiveInt = 15

    _bins: dict[int, tuple[float, float]] = {}
    _count: int = 0

    def update(self, example: Values) -> None:
        label, probability = max(example.class_probabilities.items(), key=lambda item: item[1])
        place = min(int(probability * self.bins), self.bins - 1)
        right, total = self._bins.get(place, (0.0, 0.0))
        self._bins[place] = right + (label == example.reference_class), total + probability
        self._count += 1

    def result(self) -> dict[str, float]:
        if not self._count:
            return {}
        return {
            "calibration_error": sum(abs(right - total) for right, total in self._bins.values()) / self._count
        }
