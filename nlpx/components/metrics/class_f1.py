"""F1 of classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values


class ClassF1(Metric):
    """Mean over classes of F1 = 2 P R / (P + R), where P and R are precision and recall of a class.

    An evaluation writes eval/SPLIT.classes.tsv with precision, recall and F1 of every class.

    Options: none.
    Shapes: one value per split, 0 to 1.
    Data: records with a class. A class that is neither in the split nor predicted is ignored.
    Relations: all classes have the same weight; class_accuracy counts records.
    Reference: macro-averaged F1: Lewis et al. 1996.
    Example:
        metrics: [class_f1]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "predicted_class"})
    directions: ClassVar[Directions] = {"macro_f1": "max"}

    type: Literal["class_f1"] = "class_f1"

    _pairs: Counter[tuple[str, str]] = Counter()

    def terms(self, example: Values) -> Terms:
        reference, predicted = example.reference_class, example.predicted_class
        if reference == predicted:
            return {reference: (2, 2)}
        return {reference: (0, 1), predicted: (0, 1)}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        scores = list(super().of_sums(dict(sorted(sums.items()))).values())
        return {"macro_f1": sum(scores) / len(scores)} if scores else {}

    def update(self, example: Values) -> None:
        super().update(example)
        self._pairs[example.reference_class, example.predicted_class] += 1

    def table(self) -> dict[str, tuple[float, float, float, int]]:
        """By class: precision, recall, F1, and the number of its records."""
        references: Counter[str] = Counter()
        predictions: Counter[str] = Counter()
        for (reference, predicted), count in self._pairs.items():
            references[reference] += count
            predictions[predicted] += count
        found = {}
        for label in sorted(references | predictions):
            right = self._pairs[label, label]
            precision = right / predictions[label] if predictions[label] else 0.0
            recall = right / references[label] if references[label] else 0.0
            f1 = 2 * right / (predictions[label] + references[label])
            found[label] = precision, recall, f1, references[label]
        return found

    def files(self) -> Mapping[str, str]:
        rows = ["class\tprecision\trecall\tf1\trecords"]
        rows += [
            "\t".join([label, *(f"{x:.4f}" for x in row[:3]), str(row[3])])
            for label, row in self.table().items()
        ]
        return {"classes.tsv": "\n".join(rows) + "\n"}
