"""How often the class is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Direction, Metric
from nlpx.components.metrics.example import Heads, Values

TOP = 5


class ClassAccuracy(Metric):
    """Share of records whose class is found: by the prediction, by each head, among the best five.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: records with a class.
    Relations: where two heads share in the prediction, the share of the main one stands beside the number.
        What is chosen on valid flatters accuracy on valid, so compare main_accuracy there. A task whose model
        has one head gives accuracy and top_5_accuracy alone.
    Reference: none.
    Example:
        metrics: [class_accuracy]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "predicted_class", "reference_rank"})
    directions: ClassVar[Mapping[str, Direction]] = {
        "accuracy": "max",
        "main_accuracy": "max",
        "aux_accuracy": "max",
        "top_5_accuracy": "max",
    }

    type: Literal["class_accuracy"] = "class_accuracy"

    _share: float | None = None

    def terms(self, example: Values) -> Mapping[str, tuple[float, float]]:
        reference = example.reference_class
        heads: Heads | None = getattr(example, "head_classes", None)
        if heads is None:
            each = {}
        else:
            self._share = heads.share
            each = {
                "main_accuracy": (heads.main == reference, 1),
                "aux_accuracy": (heads.auxiliary == reference, 1),
            }
        return {
            "accuracy": (example.predicted_class == reference, 1),
            **each,
            "top_5_accuracy": (example.reference_rank <= TOP, 1),
        }

    @property
    def signature(self) -> str:
        return "" if self._share is None else f"blend with alpha {self._share:.2f}"
