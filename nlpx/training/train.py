"""Train a problem into a run directory: the loop, those who watch it, and its checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nlpx.errors import Interrupted
from nlpx.optimizers import build_optimizer
from nlpx.optimizers.base import Trick
from nlpx.registry import build
from nlpx.specs.experiment import Experiment
from nlpx.training.best import Monitor
from nlpx.training.checkpoint import Checkpoints
from nlpx.training.events import CheckpointDue, StepDone
from nlpx.training.loop import Loop
from nlpx.training.observers.base import Observer, Setting
from nlpx.training.observers.recorder import Recorder
from nlpx.training.problem import Batch, Batches, Evaluation, Problem
from nlpx.training.signals import StopRequest
from nlpx.training.state import Progress, Variables
from nlpx.training.step import TrainStep


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        experiment: its sections optimizer, tricks, train, checkpoint and observers are used.
        problem: model and loss.
        batches: the data in order.
        evaluate: called with the evaluation weights in the model.
        directory: the run directory.
        mode: whether `min` or `max` of the monitored number is better.
        observers: watch, beside those of the config.
        resume: step of the checkpoint to go on from; None starts anew.
    """

    experiment: Experiment
    problem: Problem
    batches: Batches
    evaluate: Callable[[], Evaluation]
    directory: Path
    mode: str
    observers: Sequence[Observer] = ()
    resume: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How a training ended."""

    step: int
    reason: str
    best_step: int
    metrics: dict[str, float]
    seconds: float
    traces: int


def configure(experiment: Experiment) -> None:
    """Seeds, determinism and precision; to be called before the model is built."""
    keras.utils.set_random_seed(experiment.seed)
    if experiment.train.deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(experiment.train.precision)


def build_loop(job: Job) -> Loop:
    """The loop of a job, with fresh optimizer and tricks."""
    experiment = job.experiment
    every_epoch = experiment.train.epochs * job.batches.updates_per_epoch
    total = min(every_epoch, experiment.train.steps or every_epoch)
    tricks = [trick for trick in map(build, experiment.tricks) if isinstance(trick, Trick)]
    step = TrainStep(
        job.problem, build_optimizer(experiment.optimizer, total), tricks, xla=experiment.train.xla
    )
    return Loop(
        model=job.problem.model,
        train=experiment.train,
        checkpoint=experiment.checkpoint,
        step=step,
        variables=Variables(job.problem.model, step),
        batches=job.batches,
        monitor=Monitor(experiment.checkpoint, job.mode, experiment.train.early_stopping),
        evaluate=job.evaluate,
        diverged=lambda number, batches: _save_batches(job.directory, number, batches),
    )


def train(job: Job) -> Outcome:
    """Train to the end.

    Raises:
        Interrupted: a signal came; a checkpoint of the last step is saved.
        Diverged: the loss is NaN or infinite; the batch is saved.
        CheckpointError, EnvironmentProblem: a checkpoint cannot be read or written.
    """
    started = time.monotonic()
    loop = build_loop(job)
    checkpoints = Checkpoints(job.directory)
    progress = Progress()
    if job.resume is not None:
        arrays, progress = checkpoints.load_state(job.resume)
        loop.variables.restore(arrays)
    recorder = Recorder(progress.offsets)
    observers = [recorder, *job.observers]
    reason = ""
    setting = Setting(
        job.directory,
        job.problem.model,
        loop.total_steps,
        job.batches.updates_per_epoch,
        job.experiment.checkpoint.monitor,
    )
    with StopRequest() as request:
        for observer in observers:
            observer.begin(setting, progress.step)
        try:
            for event in loop.steps(progress):
                for observer in observers:
                    observer.on(event)
                if isinstance(event, CheckpointDue):
                    _save(loop, checkpoints, progress, recorder)
                elif request.number is not None and isinstance(event, StepDone):
                    _save(loop, checkpoints, progress, recorder)
                    raise Interrupted(
                        request.number,
                        f"stopped at step {progress.step} and saved. Go on with: "
                        f"nlpx train --resume {job.directory}",
                    )
                reason = getattr(event, "reason", reason)
        finally:
            for observer in observers:
                observer.end()
    return Outcome(
        step=progress.step,
        reason=reason,
        best_step=progress.best[0][1],
        metrics=progress.metrics,
        seconds=time.monotonic() - started,
        traces=loop.step.traces,
    )


def _save(loop: Loop, checkpoints: Checkpoints, progress: Progress, recorder: Recorder) -> None:
    progress.offsets = recorder.offsets()
    checkpoints.save(loop.variables.arrays(), loop.variables.weights(), progress)
    checkpoints.point("last", progress.step)
    best = {step for _, step in progress.best}
    if progress.best:
        checkpoints.point("best", progress.best[0][1])
    last = checkpoints.steps()[-loop.checkpoint.keep_last :]
    checkpoints.prune({*best, *last, progress.step})


def _save_batches(directory: Path, step: int, batches: Sequence[Batch]) -> str:
    folder = directory / "diverged"
    folder.mkdir(exist_ok=True)
    path = folder / f"step-{step:08d}.npz"
    np.savez(
        path, **{f"{i}/{name}": values for i, batch in enumerate(batches) for name, values in batch.items()}
    )
    return str(path)
