"""Base class of schedules that decay until the end of the run."""

from __future__ import annotations

from abc import abstractmethod

from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, PositiveInt


class Falling(Schedule):
    """Decay from the peak to `final` * peak within `decay_steps` updates; default: at the end of the run.

    Options:
        decay_steps: number of updates after the warm-up until `final` is reached; default: the rest of the
            run.
        final: final rate relative to the peak.
    """

    decay_steps: PositiveInt | None = None
    final: NonNegativeFloat = 0.0

    @property
    def range(self) -> tuple[float, float]:
        return min(self.final, 1.0), max(self.final, 1.0)

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        share = ops.clip(step / self._decay_steps(total), 0.0, 1.0)
        return self.final + (1 - self.final) * self.curve(share)

    @abstractmethod
    def curve(self, share: tf.Tensor) -> tf.Tensor:
        """A curve from 1 at 0 to 0 at 1."""

    def _decay_steps(self, total: int | None) -> int:
        if self.decay_steps is not None:
            return self.decay_steps
        if total is None:
            raise ValueError("decay_steps is required if the length of the run is not known")
        # Updates are counted from 0, so the last one of the run is total - 1.
        return max(1, total - 1 - self.warmup_steps)
