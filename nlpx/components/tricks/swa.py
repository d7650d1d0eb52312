"""Stochastic weight averaging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.tricks.base import Trick, value_of
from nlpx.components.tricks.moment import Moment, Updates, updates_until
from nlpx.core.lazy import keras, np, tf


class SWA(Trick):
    """Evaluate and predict with the mean of the weights at regular updates from a moment on.

    Options:
        start: the first weights that count are those after this: a number of updates, or `N epochs`.
        every: number of updates between two weights that count.
    Shapes: as the weights.
    Data: any.
    Relations: moments are counted from the start of training or of the stage; before, evaluation uses the raw
        weights. Best with a learning rate that stays high in the end, as with the schedule constant. All
        floating-point weights are averaged, including the statistics of normalization layers, which are not
        computed again. Training continues with the raw weights. Costs a copy of the weights.
    Reference: Izmailov et al. 2018, arXiv 1803.05407.
    Example:
        tricks:
          - {type: swa, start: 3 epochs, every: 10}
    """

    excludes: ClassVar = {
        "trick/swa": "evaluation can use only one average",
        "trick/ema": "evaluation can use only one average",
    }
    precedes: ClassVar = {"trick/spectral_norm": "the average is divided by its norm, not the reverse"}
    type: Literal["swa"] = "swa"
    start: Moment = 0
    every: Updates = 1

    _averages: list[Any] = PrivateAttr(default_factory=list)
    _counts: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._averages = [
            keras.Variable(np.zeros(weight.shape, np.float32), trainable=False, name=f"swa_{i}")
            for i, weight in enumerate(weights)
        ]
        names = ("swa_updates", "swa_counted")
        self._counts = [keras.Variable(0, dtype="int32", trainable=False, name=name) for name in names]

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._averages, *self._counts]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        updates, counted = self._counts
        updates.assign_add(1)
        late = updates.value - max(1, updates_until(self.start, self.course.updates_per_epoch))

        def count() -> tf.Tensor:
            counted.assign_add(1)
            for average, weight in zip(self._averages, weights, strict=True):
                share = 1.0 / tf.cast(counted.value, tf.float32)
                average.assign_add((tf.cast(weight.value, tf.float32) - average.value) * share)
            return tf.constant(True)

        tf.cond((late >= 0) & (late % self.every == 0), count, lambda: tf.constant(False))

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        if not int(value_of(self._counts[1])):
            return values
        return [
            value_of(average).astype(value.dtype)
            for average, value in zip(self._averages, values, strict=True)
        ]
