"""The factor that keeps float16 gradients from vanishing."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.components.tricks.base import value_of

DOUBLE_AFTER = 2000


# keras.optimizers.LossScaleOptimizer divides and judges the gradients inside `apply`. Tricks transform them
# before that, must see them divided, and must not count an update that is left out; its scale is the same.
class LossScale:
    """A dynamic factor of the loss: halved when gradients overflow, doubled after 2000 updates without.

    The loss is multiplied before, the gradients are divided after differentiation; an update that overflows
    is left out. The factor is a power of two, so that it changes no digit of a gradient. Micikevicius et al.
    2018, arXiv 1710.03740.

    Attributes:
        factor: the current one.
        skipped: how many updates were left out.
    """

    def __init__(self, initial: float = 2.0**15) -> None:
        self.factor = keras.Variable(initial, dtype="float32", trainable=False, name="loss_scale")
        self._good = keras.Variable(0, dtype="int32", trainable=False, name="loss_scale_good")
        self.skipped = keras.Variable(0, dtype="int32", trainable=False, name="loss_scale_skipped")

    @property
    def variables(self) -> list[keras.Variable]:
        """The state that a checkpoint must hold."""
        return [self.factor, self._good, self.skipped]

    @property
    def exhausted(self) -> bool:
        """Whether gradients overflow although the loss is hardly scaled any more."""
        return float(value_of(self.factor)) < 1.0

    def update(self, finite: tf.Tensor) -> None:
        """Adapt the factor to whether the gradients of this update were finite, a bool scalar. Graph code."""
        good = tf.where(finite, self._good.value + 1, 0)
        doubled = good >= DOUBLE_AFTER
        self.factor.assign(
            self.factor.value * tf.where(doubled, 2.0, tf.where(finite, tf.constant(1.0), 0.5))
        )
        self._good.assign(tf.where(doubled, 0, good))
        self.skipped.assign_add(tf.where(finite, 0, 1))
