"""Exponential moving average of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.tricks.base import Trick, value_of
from nlpx.components.varying import Scheduled, Varying, now, peak
from nlpx.core.lazy import keras, np, tf
from nlpx.core.options import Rate


class EMA(Trick):
    """Evaluate and predict with an exponential moving average of the weights.

    m_t = momentum * m_(t-1) + (1 - momentum) * w_t;  the average used is m_t / (1 - momentum^t)

    Options:
        momentum: decay of the average per update.
        initial: zero starts from m_0 = 0 and divides as above; weights starts from m_0 = w_0 and uses m_t.
        warmup: use at most (1 + t) / (10 + t) as momentum, t updates made before; with `initial: zero`, the
            average is divided by 1 - the product of those used.
    Shapes: as the weights.
    Data: any.
    Relations: helps where the loss oscillates at the end, and lets the learning rate stay high; with a
        momentum that is too large for the length of training, the average lags behind. Updated once per
        optimizer update, not per micro-batch; training continues with the raw weights. All floating-point
        weights are averaged, including statistics of normalization layers. Costs a copy of the weights.
    Reference: Polyak and Juditsky 1992; kexue.fm archive 6575, with m_0 = w_0; bias correction as in
        arXiv 1412.6980.
    Example:
        tricks:
          - {type: ema, momentum: 0.999}
    """

    excludes: ClassVar = {"trick/ema": "evaluation can use only one average"}
    precedes: ClassVar = {"trick/spectral_norm": "the average is divided by its norm, not the reverse"}
    type: Literal["ema"] = "ema"
    momentum: Varying[Rate] = 0.999
    initial: Literal["zero", "weights"] = "zero"
    warmup: bool = False

    _averages: list[Any] = PrivateAttr(default_factory=list)
    _updates: list[Any] = PrivateAttr(default_factory=list)
    _left: list[Any] = PrivateAttr(default_factory=list)
    """The product of all momenta, where they vary: the share of the initial 0."""

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._averages = [
            keras.Variable(
                np.zeros(weight.shape, np.float32)
                if self.initial == "zero"
                else value_of(weight).astype(np.float32),
                trainable=False,
                name=f"ema_{i}",
            )
            for i, weight in enumerate(weights)
        ]
        self._updates = [keras.Variable(0, dtype="int32", trainable=False, name="ema_updates")]
        varies = isinstance(self.momentum, Scheduled)
        self._left = [keras.Variable(1.0, trainable=False, name="ema_left")] if varies else []

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._averages, *self._updates, *self._left]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        # Adding a fraction of the difference keeps a constant weight exactly unchanged; the sum of two
        # products would not, as momentum is rounded to float32.
        share: float | tf.Tensor = 1 - now(self.momentum)
        if self.warmup:
            made = tf.cast(self._updates[0].value, tf.float32)
            share = tf.maximum(share, 9 / (10 + made))
        for average, weight in zip(self._averages, weights, strict=True):
            average.assign_add((tf.cast(weight.value, tf.float32) - average.value) * share)
        for left in self._left:
            left.assign(left.value * (1 - share))
        for updates in self._updates:
            updates.assign_add(1)

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        updates = int(value_of(self._updates[0]))
        if not updates:
            return values
        seen = 1.0
        if self.initial == "zero":
            seen -= float(value_of(self._left[0])) if self._left else self._remaining(updates)
        return [
            (value_of(average) / seen).astype(value.dtype)
            for average, value in zip(self._averages, values, strict=True)
        ]

    def _remaining(self, updates: int) -> float:
        """The product of the momenta of some updates."""
        if not self.warmup:
            return peak(self.momentum) ** updates
        made = np.arange(updates)
        return float(np.prod(np.minimum(peak(self.momentum), (1 + made) / (10 + made))))
