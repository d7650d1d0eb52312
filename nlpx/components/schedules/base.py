"""What a schedule is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from nlpx.core.component import Component
from nlpx.core.lazy import ops
from nlpx.core.options import NonNegativeInt

if TYPE_CHECKING:
    import tensorflow as tf


class Schedule(Component):
    """The base of every schedule: the learning rate as a share of its peak, which is the optimizer's.

    Updates count from 0. The rate rises in a straight line, (s + 1) / (warmup_steps + 1), to the peak at the
    update `warmup_steps`; from there on it is what `decay` says.
    """

    kind: ClassVar[str] = "schedule"

    warmup_steps: NonNegativeInt = 0

    def share(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        """The rate of an update divided by the peak.

        Args:
            step: the update, float32.
            total: updates of the whole run; None where that is not known.
        """
        rising = (step + 1) / (self.warmup_steps + 1)
        return ops.where(rising < 1, rising, self.decay(step - self.warmup_steps, total))

    @abstractmethod
    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        """The share so many updates after the warm-up; anything while `step` is negative."""
