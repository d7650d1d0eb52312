"""Calibration of probabilities."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.core.options import PositiveInt

COUNT = "count"


class Calibration(Metric):
    """Expected calibration error: difference of the highest probability and accuracy, by bins of the former.

    calibration_error = sum over bins b of |accuracy in b - mean probability in b| * (records in b) / records

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

    def terms(self, example: Values) -> Terms:
        label, probability = max(example.class_probabilities.items(), key=lambda item: item[1])
        place = min(int(probability * self.bins), self.bins - 1)
        return {str(place): (label == example.reference_class, probability), COUNT: (1, 0)}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        count, _ = sums.get(COUNT, (0, 0))
        gaps = (abs(right - total) for place, (right, total) in sums.items() if place != COUNT)
        return {"calibration_error": sum(gaps) / count} if count else {}
