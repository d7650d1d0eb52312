"""Accuracy on images of two objects."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Pair, Values
from nlpx.core.options import Rate


class PairAccuracy(Metric):
    """How often both objects of an image are found, by a model that is trained on one object per image.

    pair_accuracy: the two classes with the highest scores are those of the objects;
    sure_pair_accuracy: and both scores are above the threshold

    Options:
        threshold: of scores, from 0 to 1.
    Shapes: two values per split, 0 to 1.
    Data: images of two objects of different classes; the order of the objects does not matter.
    Relations: class_accuracy is for images of one object. If another class has the score of one of the two,
        it counts as an error.
    Reference: kexue.fm archive 5112.
    Example:
        metrics: [class_accuracy, pair_accuracy]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"pair"})
    directions: ClassVar[Directions] = {"pair_accuracy": "max", "sure_pair_accuracy": "max"}

    type: Literal["pair_accuracy"] = "pair_accuracy"
    threshold: Rate = 0.5

    def terms(self, example: Values) -> Terms:
        pair: Pair | None = example.pair
        if pair is None:
            return {}
        # A class that the model does not know has no score.
        lowest = min(pair.pair_scores.get(name, 0.0) for name in pair.pair_classes)
        others = [score for name, score in pair.pair_scores.items() if name not in pair.pair_classes]
        right = lowest > max(others, default=0.0)
        sure = right and lowest > self.threshold
        return {"pair_accuracy": (right, 1), "sure_pair_accuracy": (sure, 1)}
