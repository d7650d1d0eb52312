"""What a training run is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.components.metrics.base import Direction
from nlpx.components.observers.base import Listener
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.engine.learner import Batches, Evaluation, Learner
from nlpx.specs.sections import CheckpointSection, TrainSection

Optimizers = Optimizer | Mapping[str, Optimizer]
"""One for every phase, or one for each by its name."""


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        learner: what is trained.
        batches: the data in order.
        evaluate: called with the evaluation weights in the model; must not change any variable.
        directory: the run directory.
        train: length, stages and updates.
        optimizer: where a stage has no other.
        tricks: copied for every stage and phase.
        checkpoint: what is monitored, and which checkpoints are kept.
        directions: by metric, without `valid/`: whether smaller or larger is better.
        unit: what the loss is averaged over.
        observers: watch, in addition to the files of the run.
        seed: of all random numbers.
        resume: continue from the last checkpoint that is whole, or from the start if there is none.
    """

    learner: Learner
    batches: Batches
    evaluate: Callable[[], Evaluation]
    directory: Path
    train: TrainSection
    optimizer: Optimizers
    tricks: Sequence[Trick]
    checkpoint: CheckpointSection
    directions: Mapping[str, Direction]
    unit: str = "rows"
    seed: int = 0
    observers: Sequence[Listener] = ()
    resume: bool = False
