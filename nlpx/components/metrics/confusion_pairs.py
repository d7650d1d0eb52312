"""The classes that are confused most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values


class ConfusionPairs(Metric):
    """Which classes are taken for which others, the most frequent pairs first.

    An evaluation writes eval/SPLIT.confusion_pairs.tsv with the columns reference, predicted, count and share
    of the rows of the reference.

    Options: none.
    Shapes: one value per split, the number of different pairs.
    Data: records with a class.
    Relations: for hundreds of classes, where the matrix of confusion does not fit on a page.
    Reference: none.
    Example:
        metrics: [confusion_pairs]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "predicted_class"})
    directions: ClassVar[Directions] = {"confused_pairs": "min"}

    no_interval: ClassVar[Mapping[str, str]] = {
        "confused_pairs": "drawn rows have fewer different pairs than all rows, never more"
    }

    type: Literal["confusion_pairs"] = "confusion_pairs"

    _totals: Counter[str] = Counter()
    _wrong: Counter[tuple[str, str]] = Counter()

    def update(self, example: Values) -> None:
        reference, predicted = example.reference_class, example.predicted_class
        self._totals[reference] += 1
        if predicted != reference:
            self._wrong[reference, predicted] += 1

    def result(self) -> dict[str, float]:
        return {"confused_pairs": len(self._wrong)} if self._totals else {}

    def files(self) -> Mapping[str, str]:
        """The pairs as a table."""
        ordered = sorted(self._wrong.items(), key=lambda item: (-item[1], item[0]))
        lines = [
            f"{reference}\t{predicted}\t{count}\t{count / self._totals[reference]:.4f}\n"
            for (reference, predicted), count in ordered
        ]
        return {"confusion_pairs.tsv": "reference\tpredicted\tcount\tshare\n" + "".join(lines)}
