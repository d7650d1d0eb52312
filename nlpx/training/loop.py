"""The loop, as a generator of events.

for every epoch, from where the state stands:
    for every update of the epoch:
        step                                  -> StepDone
        every log_every updates               -> LossLogged
        every evaluate_every updates          -> Evaluated, CheckpointDue
        every checkpoint.every updates        -> CheckpointDue
    at the end of the epoch                   -> EpochEnded (and Evaluated, CheckpointDue)
at the end of the training                    -> Evaluated and CheckpointDue if not just done, Stopped
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras

from nlpx.errors import Diverged
from nlpx.specs.sections import CheckpointSection, TrainSection
from nlpx.training.best import Monitor
from nlpx.training.events import (
    CheckpointDue,
    EpochBegan,
    EpochEnded,
    Evaluated,
    Event,
    LossLogged,
    StepDone,
    Stopped,
)
from nlpx.training.problem import Batch, Batches, Evaluation
from nlpx.training.state import Progress, Variables
from nlpx.training.step import TrainStep


@dataclass(frozen=True)
class Loop:
    """Everything the loop needs; `steps` runs it."""

    model: keras.Model
    train: TrainSection
    checkpoint: CheckpointSection
    step: TrainStep
    variables: Variables
    batches: Batches
    monitor: Monitor
    evaluate: Callable[[], Evaluation]
    diverged: Callable[[int, list[Batch]], str]
    """Saves the batches of a step whose loss is not finite; returns where they lie."""

    @property
    def total_steps(self) -> int:
        """Updates of the whole training."""
        every_epoch = self.train.epochs * self.batches.updates_per_epoch
        return min(every_epoch, self.train.steps or every_epoch)

    def steps(self, progress: Progress) -> Iterator[Event]:
        """Train from where `progress` stands to the end; `progress` is kept up to date before every event.

        Raises:
            Diverged: the loss is NaN or infinite.
        """
        while progress.step < self.total_steps and not self._over(progress):
            yield EpochBegan(progress.step, progress.epoch)
            yield from self._epoch(progress)
        if progress.evaluated != progress.step:
            yield from self._evaluation(progress)
        yield Stopped(progress.step, progress.epoch, self._reason(progress))

    def _epoch(self, progress: Progress) -> Iterator[Event]:
        length = self.batches.updates_per_epoch
        while progress.index < length:
            yield self._step(progress)
            ended = progress.index == length
            if progress.step % self.train.log_every == 0:
                yield self._logged(progress)
            if ended:
                progress.epoch, progress.index = progress.epoch + 1, 0
                yield EpochEnded(progress.step, progress.epoch - 1)
            every = self.train.evaluate_every
            if ended if every == "epoch" else progress.step % every == 0:
                yield from self._evaluation(progress)
            elif self.checkpoint.every and progress.step % self.checkpoint.every == 0:
                yield CheckpointDue(progress.step, progress.epoch)
            if ended or progress.step >= self.total_steps or self._over(progress):
                return

    def _step(self, progress: Progress) -> StepDone:
        batches = list(self.batches.update(progress.epoch, progress.index))
        total, weight = self.step(batches)
        progress.step += 1
        progress.index += 1
        if not math.isfinite(total):
            where = self.diverged(progress.step, batches)
            raise Diverged(
                f"the loss of step {progress.step} is {total} (learning rate {self.step.learning_rate:g}). "
                f"The batch is saved in {where}; earlier checkpoints are untouched. Try a lower learning rate, "
                "a warm-up, or the trick clip_gradients."
            )
        progress.logged_sum += total
        progress.logged_weight += weight
        rows = sum(len(batch["mask"]) if "mask" in batch else 0 for batch in batches)
        return StepDone(progress.step, progress.epoch, total / weight if weight else 0.0, rows)

    def _logged(self, progress: Progress) -> LossLogged:
        loss = progress.logged_sum / max(progress.logged_weight, 1e-9)
        progress.logged_sum = progress.logged_weight = 0.0
        return LossLogged(progress.step, progress.epoch, loss, self.step.learning_rate)

    def _evaluation(self, progress: Progress) -> Iterator[Event]:
        before = self.variables.swap_in()
        try:
            result = self.evaluate()
        finally:
            self.variables.swap_out(before)
        improved = self.monitor.judge(progress, result.metrics)
        progress.evaluated, progress.metrics = progress.step, result.metrics
        yield Evaluated(progress.step, progress.epoch, result.metrics, result.samples, improved)
        yield CheckpointDue(progress.step, progress.epoch)

    def _over(self, progress: Progress) -> bool:
        return self.monitor.exhausted(progress) or bool(getattr(self.model, "stop_training", False))

    def _reason(self, progress: Progress) -> str:
        if progress.step >= self.total_steps:
            return "steps" if progress.step == self.train.steps else "epochs"
        return "early_stopping" if self.monitor.exhausted(progress) else "callback"
