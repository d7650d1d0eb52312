"""Exponential moving average of the weights."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.optimizers.base import Trick, Variables, value_of


class EMA(Trick):
    """m_t = momentum * m_(t-1) + (1 - momentum) * w_t from m_0 = 0; evaluation sees m_t / (1 - momentum^t).

    The correction makes it an average of the weights seen so far, useful from the first update on. All
    floating-point weights are averaged, statistics of normalization layers too; training goes on with the
    raw ones.

    Args:
        momentum: share of the average kept at every update.

    Source: Polyak and Juditsky 1992; kexue.fm archive 6575, there from m_0 = w_0 without correction.
    """

    def __init__(self, momentum: float = 0.999) -> None:
        self.momentum = momentum
        self._averages: list[keras.Variable] = []
        self._updates: list[keras.Variable] = []

    def build(self, weights: Variables) -> None:
        self._averages = [
            keras.Variable(np.zeros(weight.shape, np.float32), trainable=False, name=f"ema_{i}")
            for i, weight in enumerate(weights)
        ]
        self._updates = [keras.Variable(0, dtype="int32", trainable=False, name="ema_updates")]

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._averages, *self._updates]

    def update(self, weights: Variables) -> None:
        # Adding a share of the difference leaves a constant weight exactly where it is; the sum of two
        # products would not, as momentum is rounded to float32.
        for average, weight in zip(self._averages, weights, strict=True):
            average.assign_add((tf.cast(weight.value, tf.float32) - average.value) * (1 - self.momentum))
        for updates in self._updates:
            updates.assign_add(1)

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        updates = int(value_of(self._updates[0]))
        if not updates:
            return values
        seen = 1 - self.momentum**updates
        return [
            (value_of(average) / seen).astype(value.dtype)
            for average, value in zip(self._averages, values, strict=True)
        ]
