"""Decision threshold of two classes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt

STEPS = 100


class Threshold(Decoder):
    """The most probable class; with two classes, the second one if its probability reaches a threshold.

    Options:
        threshold: the probability. Default: 0.5 during training, then the value of .01, .02, ..., .99 with
            the most correct predictions on the validation split (the nearest to 0.5 of several), which is
            stored in the run. Not used with more than two classes.
        top: number of classes in a prediction.
    Shapes: probabilities (B, U) -> classes (B,).
    Data: records with a class.
    Relations: auc and calibration do not depend on it.
    Reference: none.
    Example:
        decode: {type: threshold, top: 2}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"class_probabilities"})

    type: Literal["threshold"] = "threshold"
    threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    top: PositiveInt = 5

    def classes(self, probabilities: np.ndarray, threshold: float) -> np.ndarray:
        """The class of every row of probabilities (B, U): (B,) integers."""
        if probabilities.shape[1] == 2:
            return (probabilities[:, 1] >= threshold).astype(np.int64)
        return probabilities.argmax(1)

    def choose(self, probabilities: np.ndarray, labels: np.ndarray) -> float:
        """The threshold with the most correct predictions; of several, the nearest to 0.5, then the lower.

        Args:
            probabilities: those of records that are not in the training split, (B, U).
            labels: their classes, (B,).
        """
        steps = sorted(range(1, STEPS), key=lambda step: (abs(step - STEPS // 2), step))
        right = [int((self.classes(probabilities, step / STEPS) == labels).sum()) for step in steps]
        return steps[int(np.argmax(right))] / STEPS
