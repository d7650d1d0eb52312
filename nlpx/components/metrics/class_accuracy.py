"""Classification accuracy."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Heads, Values

TOP = 5
OF_HEADS = ("main_accuracy", "aux_accuracy")


class ClassAccuracy(Metric):
    """Accuracy of the prediction and of each head, and top-5 accuracy.

    Options: none.
    Shapes: four values per split, 0 to 1.
    Data: records with a class.
    Relations: if a prediction combines two heads, the weight of the main head is stored with the values. It
        is chosen on the validation split, where accuracy is therefore optimistic; compare main_accuracy
        there. A model with one head only has accuracy and top_5_accuracy.
    Reference: none.
    Example:
        metrics: [class_accuracy]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "predicted_class", "reference_rank"})
    directions: ClassVar[Directions] = {
        "accuracy": "max",
        "main_accuracy": "max",
        "aux_accuracy": "max",
        "top_5_accuracy": "max",
    }

    type: Literal["class_accuracy"] = "class_accuracy"

    _share: float | None = None

    def numbers(self, given: frozenset[str] | None = None) -> Directions:
        heads = given is None or "head_classes" in given
        return {name: way for name, way in self.directions.items() if heads or name not in OF_HEADS}

    def terms(self, example: Values) -> Terms:
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
