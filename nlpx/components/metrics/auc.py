"""Area under the ROC curve."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.core.lazy import np


class AUC(Metric):
    """Area under the ROC curve: the probability that a record of a class scores higher than another record.

    auc = mean over classes k of P(p_k(record of k) > p_k(other record)), equal probabilities count 1/2

    Options: none.
    Shapes: one value per split, 0 to 1; 0.5 is chance.
    Data: records with a class; a class of no record, or of all, is ignored.
    Relations: does not depend on a threshold. With two classes, both have the same area.
    Reference: Hanley and McNeil 1982; mean over classes, each against all others: Fawcett 2006.
    Example:
        metrics: [auc]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "class_probabilities"})
    directions: ClassVar[Directions] = {"auc": "max"}

    type: Literal["auc"] = "auc"

    _references: list[str] = []
    _probabilities: list[tuple[float, ...]] = []
    _classes: tuple[str, ...] = ()

    def update(self, example: Values) -> None:
        self._classes = tuple(example.class_probabilities)
        self._references.append(example.reference_class)
        self._probabilities.append(tuple(example.class_probabilities.values()))

    def result(self) -> dict[str, float]:
        from scipy.stats import rankdata

        references = np.array(self._references)
        areas = []
        for index, label in enumerate(self._classes):
            own = references == label
            positives, negatives = int(own.sum()), int((~own).sum())
            if positives and negatives:
                ranks = rankdata([row[index] for row in self._probabilities])
                wins = ranks[own].sum() - positives * (positives + 1) / 2
                areas.append(float(wins) / positives / negatives)
        return {"auc": sum(areas) / len(areas)} if areas else {}
