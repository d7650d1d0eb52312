"""Base class of learning rate schedules."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

from nlpx.core.component import Component
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeInt

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Trick


class Schedule(Component):
    """Base class of schedules: the learning rate relative to its peak, which is an option of the optimizer.

    Updates are counted from 0. The rate increases linearly, (s + 1) / (warmup_steps + 1), to the peak at the
    update `warmup_steps`, and then follows `decay`.

    Options:
        warmup_steps: number of updates before the peak is reached; 0 starts at the peak.
    """

    kind: ClassVar[str] = "schedule"
    computable: ClassVar[bool] = True
    """Whether the rate of an update is known before training."""

    warmup_steps: NonNegativeInt = 0

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value of `share`."""
        least, greatest = self.range
        return min(least, 1 / (self.warmup_steps + 1)), max(greatest, 1.0 if self.warmup_steps else greatest)

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest value of `decay`."""
        return 0.0, 1.0

    def fresh(self) -> Self:
        """A copy with a state of its own, if it has one."""
        return self

    def tricks(self) -> list[Trick]:
        """What observes the training run for it."""
        return []

    def share(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        """The learning rate of an update divided by the peak; `total` updates of the run, None if unknown."""
        rising = (step + 1) / (self.warmup_steps + 1)
        return ops.where(rising < 1, rising, self.decay(step - self.warmup_steps, total))

    @abstractmethod
    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        """The relative rate `step` updates after the warm-up; not used while `step` is negative."""
