"""Train a learner into a run directory: the loop, those who watch it, and its checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass

import keras
import tensorflow as tf

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import CheckpointDue, CheckpointSaved, Event, Stopped
from nlpx.components.tricks.base import value_of
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.divergence import StepFailed, diverged
from nlpx.engine.job import Job
from nlpx.engine.learner import Evaluation
from nlpx.engine.loop import log, steps
from nlpx.engine.observers.recorder import Recorder
from nlpx.engine.signals import Abandoned, StopRequest
from nlpx.engine.stages import Stages
from nlpx.engine.state import Progress, numbered
from nlpx.engine.stopping import Monitor
from nlpx.engine.update import floating
from nlpx.errors import CheckpointError, Interrupted
from nlpx.specs.sections import TrainSection


def configure(seed: int, train: TrainSection) -> None:
    """Seed everything, and set determinism and precision. To be called before the model is built.

    Determinism cannot be switched off again in the same process.
    """
    keras.utils.set_random_seed(seed)
    if train.deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(train.precision)


@dataclass(frozen=True)
class Outcome:
    """How a training run ended.

    Attributes:
        progress: where it stands.
        reason: why training, or the last of its stages, ended: `epochs`, `steps`, `early_stopping` or
            `callback`.
        traces: how many shapes of batches were compiled, in every stage again.
    """

    progress: Progress
    reason: str
    traces: int


def train(job: Job) -> Outcome:
    """Train to the end.

    Raises:
        Interrupted: a signal came; a checkpoint of the last step is saved.
        Diverged: loss or gradients are not finite; the batch is saved.
        CheckpointError: nothing that is there can be resumed.
        EnvironmentProblem: the run directory cannot be written.
        ConfigError: the monitored number is not measured.
    """
    stages = Stages(job)
    run = _Run(job, stages, Recorder(job.directory))
    damaged = run.restore()
    setting = Setting(
        directory=job.directory,
        model=job.learner.model,
        total_steps=stages.total,
        updates_per_epoch=stages.rounds.updates_per_epoch,
        monitor=job.checkpoint.monitor,
        unit=job.unit,
        step=stages.state.progress.step,
        resumed=job.resume,
        damaged=damaged,
        groups=() if stages.staged else tuple(stages.step.groups),
    )
    observers = [run.recorder, *job.observers]

    def evaluate() -> Evaluation:
        with request.abandonable():
            return job.evaluate()

    with StopRequest() as request, ExitStack() as watching:
        for observer in observers:
            observer.begin(setting)
            watching.callback(observer.end)
        events = steps(
            stages,
            evaluate,
            Monitor(job.checkpoint, job.train.early_stopping, job.directions),
            stop_requested=lambda: any(observer.stop_requested for observer in observers),
        )
        with closing(events):
            reason = _consume(events, run, observers, request)
    return Outcome(stages.state.progress, reason, stages.traces)


@dataclass(frozen=True)
class _Run:
    """A training run and where its states are kept."""

    job: Job
    stages: Stages
    recorder: Recorder

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(self.job.directory)

    def restore(self) -> tuple[str, ...]:
        """Go back to the newest checkpoint that is whole, or begin; returns what is wrong with newer ones."""
        damaged: list[str] = []
        directory, checkpoints = self.job.directory, self.checkpoints
        if self.job.resume:
            checkpoints.recover()
        elif checkpoints.steps():
            raise CheckpointError(
                f"{directory}: it has checkpoints already. Resume it with: nlpx train --resume {directory}"
            )
        for number in reversed(checkpoints.steps()):
            try:
                arrays, progress = checkpoints.load(number)
            except CheckpointError as error:
                damaged.append(str(error))
                continue
            self.stages.restore(arrays, progress)
            checkpoints.settle(progress, self.job.checkpoint.keep_last)
            break
        else:
            if damaged:
                raise CheckpointError(
                    f"{directory}: no checkpoint can be resumed:\n  " + "\n  ".join(damaged)
                )
            self.stages.enter(Progress())
        self.recorder.rewind(self.stages.state.progress.offsets)
        return tuple(damaged)

    def save(self) -> CheckpointSaved:
        state, step = self.stages.state, self.stages.step
        progress = state.progress
        progress.offsets = self.recorder.offsets()
        with step.evaluating():
            named = numbered("weights", floating(self.job.learner.model.weights))
            weights = {name: value_of(weight) for name, weight in named}
        path = self.checkpoints.save(state, weights)
        self.checkpoints.settle(progress, self.job.checkpoint.keep_last)
        return CheckpointSaved(progress.step, progress.epoch, path)


def _consume(events: Iterable[Event], run: _Run, observers: Sequence[Listener], request: StopRequest) -> str:
    """Tell observers, save what is due, stop when asked to; returns why training ended."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer.on(event)

    try:
        for event in events:
            tell(event)
            if isinstance(event, CheckpointDue):
                tell(run.save())
            elif isinstance(event, StepFailed):
                raise diverged(run.job.directory, event, run.checkpoints.steps())
            elif isinstance(event, Stopped):
                return event.reason
            if request.number is not None:
                break
    except Abandoned:
        pass
    progress, directory = run.stages.state.progress, run.job.directory
    if request.number is not None:
        if not run.stages.fresh:
            tell(run.save())
            # Readers of the records learn at which step the run stands; a resume cuts this line off again.
            if progress.interval.updates:
                tell(log(progress, run.stages.step, partial=True))
        raise Interrupted(
            request.number,
            f"stopped at step {progress.step} and saved. Resume with: nlpx train --resume {directory}",
        )
    return ""
