"""Area under the ROC curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.resampled import Resampled, tied
from nlpx.core.lazy import np

MOST_CLASSES = 20
"""Classes above which intervals would take minutes."""


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

    def resampled(self) -> Resampled | None:
        return (
            DrawnAreas(self._references, self._probabilities, self._classes)
            if self._references and len(self._classes) <= MOST_CLASSES
            else None
        )


class DrawnAreas(Resampled):
    """The mean area under the curves of drawn rows.

    Args:
        references: the class of every row.
        probabilities: of every class, in the order of `classes`.
        classes: names of the classes.
    """

    def __init__(
        self, references: Sequence[str], probabilities: Sequence[Sequence[float]], classes: Sequence[str]
    ) -> None:
        named = np.array(references)
        self._own = [named == label for label in classes]
        self._sorted = [tied(np.array(column)) for column in zip(*probabilities, strict=True)]

    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        areas = []
        for own, (order, starts) in zip(self._own, self._sorted, strict=True):
            drawn = counts[:, order]
            # Rows of the class and other rows, by probability; equal ones are added.
            above = np.add.reduceat(drawn * own[order], starts, axis=1)
            below = np.add.reduceat(drawn * ~own[order], starts, axis=1)
            wins = (above * (below.cumsum(1) - below / 2)).sum(1)
            pairs = above.sum(1) * below.sum(1)
            areas.append(wins / np.where(pairs > 0, pairs, np.nan))
        # A class of no drawn row, or of all, is ignored.
        known = np.isfinite(areas)
        number = known.sum(0)
        return {"auc": np.where(known, areas, 0).sum(0) / np.where(number > 0, number, np.nan)}
