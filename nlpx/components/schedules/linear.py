"""Linear decay."""

from __future__ import annotations

from typing import Literal

from nlpx.components.schedules.falling import Falling
from nlpx.core.lazy import tf


class Linear(Falling):
    """Linear warm-up, then linear decay from the peak to `final` * peak at the last step of the run.

    Options: none of its own.
    Shapes: step -> learning rate.
    Data: any.
    Relations: without `decay_steps`, the length of the run must be known (train.epochs or train.steps).
    Reference: Devlin et al. 2019, arXiv 1810.04805.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: linear, warmup_steps: 500}}
    """

    type: Literal["linear"] = "linear"

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return 1 - share
