"""A rate that falls in a straight line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nlpx.components.schedules.falling import Falling

if TYPE_CHECKING:
    import tensorflow as tf


class Linear(Falling):
    """Warm-up, then a straight line from the peak down to `final` * peak at the last step of the run.

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
        decay_steps: updates after the warm-up until `final` is reached; empty means the rest of the run.
        final: share of the peak that remains.
    Shapes: step -> learning rate.
    Data: any.
    Relations: `decay_steps` empty needs a run of known length (train.epochs or train.steps).
    Reference: Devlin et al. 2019, arXiv 1810.04805.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: linear, warmup_steps: 500}}
    """

    type: Literal["linear"] = "linear"

    def curve(self, share: tf.Tensor) -> tf.Tensor:
        return 1 - share
