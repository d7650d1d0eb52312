"""Learning-rate range test: a short training in which the rate grows, to see where the loss falls fastest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.schedules.exponential import Exponential
from nlpx.core.plot import Axis, LinePlot
from nlpx.errors import UsageError
from nlpx.workflow.trial import Trial

SMOOTHING = 0.9
DIVERGED = 4.0
"""A smoothed loss this many times the smallest one ends the test."""
FEWEST = SPAN = 10
PARTS = 4
"""Least number of spans in a test, without which every slope would be that of its middle."""


@dataclass(frozen=True)
class RangeTest:
    """The losses of a training whose learning rate grows from update to update.

    Attributes:
        rates: learning rate of each update, at least FEWEST.
        losses: mean loss of each update, before it.
        ended: why the test ended early; empty if it did not.
    """

    rates: Sequence[float]
    losses: Sequence[float]
    ended: str = ""

    @cached_property
    def smoothed(self) -> list[float]:
        """Exponential moving average of the losses, with bias correction."""
        found, average = [], 0.0
        for updates, loss in enumerate(self.losses, start=1):
            average = SMOOTHING * average + (1 - SMOOTHING) * loss
            found.append(average / (1 - SMOOTHING**updates))
        return found

    @property
    def lowest(self) -> float:
        """Rate of the smallest smoothed loss."""
        return self.rates[self._lowest]

    @property
    def steepest(self) -> float:
        """Rate at which the smoothed loss falls fastest over the logarithm of the rate."""
        # The slope over several updates: that between two is mostly noise.
        last, smoothed = self._lowest, self.smoothed
        span = min(SPAN, len(self.rates) // PARTS)
        starts = range(max(last - span, 0) + 1)
        start = min(starts, key=lambda i: smoothed[min(i + span, last)] - smoothed[i])
        return self.rates[min(start + span // 2, last)]

    @property
    def _lowest(self) -> int:
        return min(range(len(self.rates)), key=self.smoothed.__getitem__)

    def plot(self) -> LinePlot:
        """Loss over learning rate."""
        first, best = self.smoothed[0], min(self.smoothed)
        high = first + 0.5 * max(first - best, 0.05 * abs(first))
        return LinePlot(
            "learning-rate range test",
            Axis.over("learning rate", self.rates, log=True),
            Axis("loss", best - 0.1 * (high - best), high),
            {
                "loss": list(zip(self.rates, self.losses, strict=True)),
                "smoothed": list(zip(self.rates, self.smoothed, strict=True)),
            },
            {f"steepest {self.steepest:.2g}": self.steepest, f"smallest loss {self.lowest:.2g}": self.lowest},
        )


def range_test(trial: Trial, low: float, high: float, steps: int) -> RangeTest:
    """Train with rates low * (high / low)^(i / (steps - 1)), i = 0 ... steps - 1; the model is changed.

    The test of Smith 2017, arXiv 1506.01186. It ends when the loss is no longer finite, or its average is
    four times the smallest one.

    Raises:
        UsageError: training has stages, or the rates do not grow; too few updates were made.
    """
    if trial.experiment.train.stages:
        raise UsageError(
            "a range test is made with one optimizer, but the config has stages. Test a stage by its own: "
            "--set train.stages=~ --set train.epochs=1"
        )
    if not 0 < low < high or math.isinf(high / low):
        raise UsageError(
            f"the rates go from {low:g} to {high:g}. Expected two finite numbers, 0 < first < last."
        )
    if steps < FEWEST:
        raise UsageError(f"{steps} steps are too few for a range test. Expected at least {FEWEST}.")
    growing = Exponential(factor=high / low, every=steps - 1)
    changed = {"learning_rate": low, "schedule": growing}
    found = trial.experiment.optimizer
    optimizer = (
        found.model_copy(update=changed)
        if isinstance(found, Optimizer)
        else {name: one.model_copy(update=changed) for name, one in found.items()}
    )
    stages = trial.stages(trial.experiment.model_copy(update={"optimizer": optimizer}))
    from nlpx.engine.state import Progress
    from nlpx.engine.sums import Sums

    stages.enter(Progress())
    per_epoch = stages.rounds.updates_per_epoch
    rates: list[float] = []
    losses: list[float] = []
    ended = ""
    for number in range(steps):
        sums = Sums(updates=1)
        for result in stages.step(stages.batches(*divmod(number, per_epoch), number), number):
            sums.add(result.sums)
        if not math.isfinite(sums.loss):
            ended = f"the loss was {sums.loss} at step {number + 1}"
            break
        rates.append(low * (high / low) ** (number / (steps - 1)))
        losses.append(sums.loss)
        smoothed = RangeTest(rates, losses).smoothed
        if number >= FEWEST and smoothed[-1] > DIVERGED * max(min(smoothed), 0.0) > 0:
            ended = f"the loss had grown to {DIVERGED:g} times the smallest one at step {number + 1}"
            break
    if len(rates) < FEWEST:
        raise UsageError(
            f"{ended}, so that the test is too short. Take more than {steps} steps, or begin with a smaller "
            f"rate than {low:g}."
        )
    return RangeTest(rates, losses, ended)
