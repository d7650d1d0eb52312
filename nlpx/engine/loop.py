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
    Stages begin and end with StageBegan and StageEnded.

What is due depends on the state alone, and the state is complete before every event: it may be saved at any
of them, and a loop that starts from what was saved yields exactly the events that were still to come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from nlpx.components.observers.events import (
    CheckpointDue,
    EpochBegan,
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    LossLogged,
    StageEnded,
    StepDone,
    Stopped,
)
from nlpx.engine.divergence import StepFailed
from nlpx.engine.learner import Evaluation
from nlpx.engine.stages import StagePlan, Stages
from nlpx.engine.state import Progress
from nlpx.engine.step import TrainStep
from nlpx.engine.stopping import Monitor
from nlpx.engine.sums import Sums


def steps(
    stages: Stages,
    evaluate: Callable[[], Evaluation],
    monitor: Monitor,
    stop_requested: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, None]:
    """Train from where the current stage stands to the end of the last one.

    The module's text tells the order of events. Before every event the state is complete, or `stages.fresh`.

    Args:
        stages: with a current one.
        evaluate: called with the evaluation weights in the model.
        monitor: ranks evaluations; stops a stage early.
        stop_requested: asked before every update; True ends the training with an evaluation.

    Raises:
        ConfigError: an evaluation did not give the monitored number.
    """
    while True:
        if stages.staged:
            yield stages.began
        reason = yield from _stage(stages, evaluate, monitor, stop_requested)
        if not reason:
            return
        plan, progress = stages.plan, stages.state.progress
        if reason == "callback" or plan is stages.plans[-1]:
            yield Stopped(progress.step, progress.epoch, reason, progress.skipped)
            return
        yield StageEnded(progress.step, progress.epoch, plan.number, reason)
        cut = end_epoch(progress) if progress.index else None
        stages.advance()
        if cut is not None:
            yield cut


def _stage(
    stages: Stages,
    evaluate: Callable[[], Evaluation],
    monitor: Monitor,
    stop_requested: Callable[[], bool],
) -> Generator[Event, None, str]:
    """The events of the current stage; returns why it ended, or nothing where an update failed."""
    plan, step, progress = stages.plan, stages.step, stages.state.progress
    began = False
    while True:
        if plan.logs(progress):
            yield log(progress, step)
        ending = _ending(progress, monitor, plan, stop_requested)
        if plan.evaluates(progress) or (ending and progress.evaluated != progress.step):
            yield EvaluationBegan(progress.step, progress.epoch)
            with step.evaluating():
                evaluation = evaluate()
            judged = _judge(progress, monitor, evaluation)
            step.evaluated(monitor.cost(progress))
            yield judged
            ending = _ending(progress, monitor, plan, stop_requested)
        if progress.index == plan.updates_per_epoch:
            began = False
            yield end_epoch(progress)
            continue  # who heard of it may ask to stop
        if plan.saves(progress):
            progress.saved = progress.step
            yield CheckpointDue(progress.step, progress.epoch)
        if ending:
            return ending
        if not began:
            began = True
            yield EpochBegan(progress.step, progress.epoch, progress.index)
        event = _update(stages)
        yield event
        if isinstance(event, StepFailed):
            return ""


def _ending(progress: Progress, monitor: Monitor, plan: StagePlan, stop_requested: Callable[[], bool]) -> str:
    """Why the stage ends here; empty if it does not."""
    if plan.over(progress):
        return plan.ends
    if monitor.exhausted(progress):
        return "early_stopping"
    return "callback" if stop_requested() else ""


def _update(stages: Stages) -> StepDone | StepFailed:
    started = time.perf_counter()
    progress = stages.state.progress
    epoch, index = progress.epoch, progress.index
    batches = stages.batches(epoch, index, progress.step)
    results = stages.step(batches, progress.step)
    last = len(results) - 1
    if results[last].failed:
        items = stages.rounds.rows(epoch, index)[last]
        return StepFailed(progress.step, epoch, index, results[last], batches[last], items)
    sums = Sums(updates=1, skipped=int(not any(result.finite for result in results)))
    for result in results:
        sums.add(result.sums)
    progress.step += 1
    progress.index += 1
    progress.skipped += sums.skipped
    progress.interval.add(sums)
    progress.epoch_sums.add(sums)
    return StepDone(
        progress.step,
        epoch,
        loss=sums.loss,
        weight=sums.weight,
        learning_rate=sums.learning_rate,
        gradient_norm=sums.gradient_norm,
        seconds=time.perf_counter() - started,
        terms=sums.term_means(),
    )


def log(progress: Progress, step: TrainStep, partial: bool = False) -> LossLogged:
    """The means since they were last logged; begins new ones. `partial`: as the run is interrupted."""
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
        partial=partial,
    )


def _judge(progress: Progress, monitor: Monitor, evaluation: Evaluation) -> Evaluated:
    progress.evaluated = progress.step
    progress.metrics = {
        name if name.startswith("valid/") else f"valid/{name}": float(value)
        for name, value in evaluation.metrics.items()
    }
    improved = monitor.judge(progress)
    found = progress.metrics, evaluation.samples, improved, evaluation.files
    return Evaluated(progress.step, progress.epoch, *found)


def end_epoch(progress: Progress) -> EpochEnded:
    """Start the next epoch."""
    sums, progress.epoch_sums = progress.epoch_sums, Sums()
    ended = progress.epoch
    progress.epoch, progress.index = ended + 1, 0
    metrics = progress.metrics if progress.evaluated == progress.step else {}
    return EpochEnded(progress.step, ended, sums.loss, metrics, sums.updates, sums.skipped)
