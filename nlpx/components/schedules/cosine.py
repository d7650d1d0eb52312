"""A rate that falls along half a cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from nlpx.components.schedules.falling import Falling
from nlpx.core.lazy import ops

if TYPE_CHECKING:
    import tensorflow as tf


class Cosine(Falling):
    """Warm-up, then half a cosine from the peak down to `final` * peak at the last step of the run.

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
        decay_steps: updates after the warm-up until `final` is reached; empty means the rest of the run.
        final: share of the peak that remains.
    Shapes: step -> learning rate.
    Data: any.
    Relations: `decay_steps` empty needs a run of known length (train.epochs or train.steps).
    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: cosine, final: 0.01}}
    """

    type: Literal["cosine"] = "cosine"

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return (1 + ops.cos(math.pi * share)) / 2
