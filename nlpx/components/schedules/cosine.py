"""Cosine decay."""

from __future__ import annotations

import math
from typing import Literal

from nlpx.components.schedules.falling import Falling
from nlpx.core.lazy import ops, tf


class Cosine(Falling):
    """Linear warm-up, then cosine decay from the peak to `final` * peak at the last step of the run.

    Options: none of its own.
    Shapes: step -> learning rate.
    Data: any.
    Relations: without `decay_steps`, the length of the run must be known (train.epochs or train.steps).
    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: cosine, final: 0.01}}
    """

    type: Literal["cosine"] = "cosine"

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return (1 + ops.cos(math.pi * share)) / 2
