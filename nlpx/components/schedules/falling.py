"""What schedules share that fall along a curve until the run ends."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops
from nlpx.core.options import NonNegativeFloat, PositiveInt

if TYPE_CHECKING:
    import tensorflow as tf


class Falling(Schedule):
    """From the peak to `final` * peak within `decay_steps` updates, by default at the end of the run."""

    decay_steps: PositiveInt | None = None
    final: NonNegativeFloat = 0.0

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        share = ops.clip(step / self._decay_steps(total), 0.0, 1.0)
        return self.final + (1 - self.final) * self.curve(share)

    @abstractmethod
    def curve(self, share: tf.Tensor) -> tf.Tensor:
        """A curve from 1 at share 0 to 0 at share 1."""

    def _decay_steps(self, total: int | None) -> int:
        if self.decay_steps is not None:
            return self.decay_steps
        if total is None:
            raise ValueError("decay_steps is needed where the length of the run is not known")
        # Updates count from 0: the last one of the run is total - 1.
        return max(1, total - 1 - self.warmup_steps)
