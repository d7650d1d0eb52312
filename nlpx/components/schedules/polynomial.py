"""Polynomial decay."""

from __future__ import annotations

from typing import Literal

from nlpx.components.schedules.falling import Falling
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat


class Polynomial(Falling):
    """Linear warm-up, then decay from the peak to `final` * peak along a power of the rest of the run.

    share = final + (1 - final) * (1 - s / decay_steps)^power

    Options:
        power: 1 is linear; larger values fall fast and end slowly, smaller ones the other way round.
    Shapes: step -> learning rate.
    Data: any.
    Relations: for what a line does not fit; 2 is close to cosine at the end, but has no plateau at the peak.
        Without `decay_steps`, the length of the run must be known (train.epochs or train.steps).
    Reference: keras.optimizers.schedules.PolynomialDecay.
    Example:
        optimizer: {type: sgd, learning_rate: 0.1, schedule: {type: polynomial, power: 2}}
    """

    type: Literal["polynomial"] = "polynomial"
    power: PositiveFloat = 2.0

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return ops.power(1 - share, self.power)
