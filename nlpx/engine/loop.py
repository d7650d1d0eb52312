"""The loop, as a generator of events.

    while updates remain:
        make the batches of update (epoch, index)
        let every phase change its variables                -> StepDone, or StepFailed and nothing more
        every log_every updates, and at the end             -> LossLogged
        every epoch or evaluate_every updates, and at the end
            put in the evaluation weights, evaluate, take them out, rank
                                                            -> EvaluationBegan, Evaluated
        at the end of an epoch                              -> EpochEnded
        after an evaluation, and every checkpoint.every updates
                                                            -> CheckpointDue
    at the end                                              -> Stopped

What is due depends on the state alone, and the state is complete before every event: it may be saved at any
of them, and a loop that starts from what was saved yields exactly the events that were still to come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from nlpx.engine.events import (
    CheckpointDue,
    EpochBegan,
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    LossLogged,
    StepDone,
    StepFailed,
    Stopped,
)
from nlpx.engine.learner import Evaluation
from nlpx.engine.order import Rounds
from nlpx.engine.state import Progress, State
from nlpx.engine.step import TrainStep
from nlpx.engine.stopping import Monitor
from nlpx.engine.sums import Sums
from nlpx.errors import DataError
from nlpx.specs.experiment import Experiment
from nlpx.specs.stages import Stage


@dataclass(frozen=True)
class Timetable:
    """When things are due, in updates.

    Attributes:
        total: updates of the whole training, or of the stage.
        ends: what `total` comes from, `epochs` or `steps`.
        updates_per_epoch: updates of one epoch.
        log_every: between two records of the loss.
        evaluate_every: between two evaluations; None evaluates at the end of every epoch.
        checkpoint_every: between two checkpoints, beside those after evaluations.
    """

    total: int
    ends: str
    updates_per_epoch: int
    log_every: int
    evaluate_every: int | None
    checkpoint_every: int | None

    @classmethod
    def of(cls, experiment: Experiment, updates_per_epoch: int, stage: Stage | None = None) -> Timetable:
        """The timetable that a config asks for: of the whole training, or of one of its stages.

        Raises:
            DataError: there is nothing to train on.
        """
        if not updates_per_epoch:
            raise DataError(
                "there are no training rows: all are bad, too long or beyond data.limit. "
                "Look at them with: nlpx data stats CONFIG"
            )
        train, every = experiment.train, experiment.train.evaluate_every
        length = train if stage is None else stage
        return cls(
            total=length.steps or (length.epochs or 0) * updates_per_epoch,
            ends="steps" if length.steps else "epochs",
            updates_per_epoch=updates_per_epoch,
            log_every=train.log_every,
            evaluate_every=None if every == "epoch" else every,
            checkpoint_every=experiment.checkpoint.every,
        )

    def over(self, progress: Progress) -> bool:
        return progress.step - progress.stage_began >= self.total

    def logs(self, progress: Progress) -> bool:
        updates = progress.interval.updates
        return updates >= self.log_every or (updates > 0 and self.over(progress))

    def evaluates(self, progress: Progress) -> bool:
        if not progress.step or progress.evaluated == progress.step:
            return False
        if self.evaluate_every is None:
            return progress.index == self.updates_per_epoch
        return progress.step % self.evaluate_every == 0

    def saves(self, progress: Progress) -> bool:
        if progress.saved == progress.step:
            return False
        every = self.checkpoint_every
        return progress.evaluated == progress.step or bool(
            every and progress.step and progress.step % every == 0
        )


def steps(
    state: State,
    step: TrainStep,
    rounds: Rounds,
    evaluate: Callable[[], Evaluation],
    monitor: Monitor,
    timetable: Timetable,
    stop_requested: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, None]:
    """Train from where `state` stands to the end, of the whole training or of the stage that it is in.

    The module's text tells the order of events.

    Args:
        state: changed in place.
        step: makes the updates.
        rounds: the batches they are made from.
        evaluate: called with the evaluation weights in the model.
        monitor: ranks evaluations and stops early.
        timetable: when what is due.
        stop_requested: asked before every update; True ends the training with an evaluation.

    Raises:
        ConfigError: an evaluation did not give the monitored number.
    """
    progress = state.progress
    began = False
    while True:
        if timetable.logs(progress):
            yield log(progress, step)
        ending = _ending(progress, monitor, timetable, stop_requested)
        if timetable.evaluates(progress) or (ending and progress.evaluated != progress.step):
            yield EvaluationBegan(progress.step, progress.epoch)
            with step.evaluating():
                evaluation = evaluate()
            yield _judge(progress, monitor, evaluation)
            ending = _ending(progress, monitor, timetable, stop_requested)
        if progress.index == timetable.updates_per_epoch:
            began = False
            yield end_epoch(progress)
            continue  # who heard of it may ask to stop
        if timetable.saves(progress):
            progress.saved = progress.step
            yield CheckpointDue(progress.step, progress.epoch)
        if ending:
            yield Stopped(progress.step, progress.epoch, ending, progress.skipped)
            return
        if not began:
            began = True
            yield EpochBegan(progress.step, progress.epoch, progress.index)
        event = _update(progress, step, rounds)
        yield event
        if isinstance(event, StepFailed):
            return


def _ending(
    progress: Progress, monitor: Monitor, timetable: Timetable, stop_requested: Callable[[], bool]
) -> str:
    """Why training ends here; empty if it does not."""
    if timetable.over(progress):
        return timetable.ends
    if monitor.exhausted(progress):
        return "early_stopping"
    return "callback" if stop_requested() else ""


def _update(progress: Progress, step: TrainStep, rounds: Rounds) -> StepDone | StepFailed:
    started = time.perf_counter()
    epoch, index = progress.epoch, progress.index
    batches = rounds.update(epoch, index)
    result = step(batches, progress.step)
    sums = result.sums
    if result.updates[-1].failed:
        failed = len(result.updates) - 1
        return StepFailed(
            progress.step,
            epoch,
            index=index,
            losses=result.updates[-1].losses,
            gradient_norm=result.updates[-1].gradient_norm,
            learning_rate=sums.learning_rate,
            batches=batches[failed],
            items=rounds.rows(epoch, index)[failed],
        )
    progress.step += 1
    progress.index += 1
    progress.skipped += sums.skipped
    progress.interval.add(sums)
    progress.epoch_sums.add(sums)
    return StepDone(
        progress.step,
        epoch,
        loss=sums.loss,
        weight=result.weight,
        learning_rate=sums.learning_rate,
        gradient_norm=sums.gradient_norm,
        seconds=time.perf_counter() - started,
        terms=sums.term_means(),
    )


def log(progress: Progress, step: TrainStep) -> LossLogged:
    """The means since they were last logged; begins new ones."""
    sums, progress.interval = progress.interval, Sums()
    return LossLogged(
        progress.step,
        progress.epoch,
        loss=sums.loss,
        learning_rate=sums.learning_rate,
        gradient_norm=sums.gradient_norm,
        skipped=sums.skipped if step.scaled else None,
        terms=sums.term_means(),
        phases=sums.by_phase(),
    )


def _judge(progress: Progress, monitor: Monitor, evaluation: Evaluation) -> Evaluated:
    progress.evaluated = progress.step
    progress.metrics = {
        name if name.startswith("valid/") else f"valid/{name}": float(value)
        for name, value in evaluation.metrics.items()
    }
    improved = monitor.judge(progress)
    return Evaluated(
        progress.step, progress.epoch, metrics=progress.metrics, samples=evaluation.samples, improved=improved
    )


def end_epoch(progress: Progress) -> EpochEnded:
    """Go on to the next epoch."""
    sums, progress.epoch_sums = progress.epoch_sums, Sums()
    ended = progress.epoch
    progress.epoch, progress.index = ended + 1, 0
    metrics = progress.metrics if progress.evaluated == progress.step else {}
    return EpochEnded(
        progress.step, ended, loss=sums.loss, metrics=metrics, updates=sums.updates, skipped=sums.skipped
    )
