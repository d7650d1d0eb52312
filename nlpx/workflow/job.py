"""From an experiment to what the engine trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.specs.experiment import Experiment

if TYPE_CHECKING:
    from nlpx.components.observers.base import Listener
    from nlpx.engine.job import Job
    from nlpx.engine.learner import Batches, Evaluation, Learner


def job_of(
    experiment: Experiment,
    learner: Learner,
    batches: Batches,
    directory: Path,
    measure: Callable[[], Evaluation],
    observers: Sequence[Listener] = (),
    resume: bool = False,
) -> Job:
    """What the engine needs of an experiment."""
    from nlpx.engine.changed_batches import ChangedBatches
    from nlpx.engine.job import Job

    return Job(
        learner=learner,
        batches=ChangedBatches(batches, experiment.tricks, experiment.seed) if experiment.tricks else batches,
        evaluate=measure,
        directory=directory,
        train=experiment.train,
        optimizer=experiment.optimizer,
        tricks=experiment.tricks,
        checkpoint=experiment.checkpoint,
        directions=experiment.numbers(),
        unit=experiment.loss.unit or getattr(learner, "unit", "rows"),
        seed=experiment.seed,
        observers=[*observers, *(observer.prepare() for observer in experiment.observers)],
        resume=resume,
    )
