"""One update of a run: a round of the learner's phases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import keras

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import value_of
from nlpx.engine.learner import Batch, Learner, phases_of
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.sums import Sums
from nlpx.engine.update import Update, UpdateResult
from nlpx.errors import ConfigError
from nlpx.specs.experiment import Experiment

Optimizers = Optimizer | Mapping[str, Optimizer]
"""One block for every phase, or one for each by its name."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one update of a run did.

    Attributes:
        updates: what each update of its phases did, in order; the last one may have failed.
        sums: what all of them add to the sums of the run.
    """

    updates: Sequence[UpdateResult]
    sums: Sums

    @property
    def weight(self) -> float:
        """What the loss sums are divided by, over all updates: characters, rows, ..."""
        return sum(next(iter(update.sums.losses.values()))[1] for update in self.updates)


class TrainStep:
    """The phases of a learner in turn, each as often as it is repeated.

    Attributes:
        learner: what is trained.
        updates: one for each phase.
        order: the updates of a round.
    """

    def __init__(self, learner: Learner, updates: Sequence[Update]) -> None:
        self.learner = learner
        self.updates = updates
        self.order = [update for update in updates for _ in range(update.phase.repeat)]

    @property
    def traces(self) -> int:
        """How many shapes of batches were compiled."""
        return sum(update.traces for update in self.updates)

    @property
    def scaled(self) -> bool:
        """Whether the loss is scaled, so that updates may be left out."""
        return any(update.loss_scale is not None for update in self.updates)

    def __call__(self, batches: Sequence[Sequence[Batch]], number: int) -> StepResult:
        """Make one update of the run; nothing follows an update that failed.

        Args:
            batches: the micro-batches of every update in `order`.
            number: updates that the run has made.
        """
        results = []
        sums = Sums()
        for update, micro_batches in zip(self.order, batches, strict=True):
            results.append(update(micro_batches, number))
            sums.add(results[-1].sums)
            if results[-1].failed:
                break
        sums.updates, sums.skipped = 1, int(not any(result.finite for result in results))
        return StepResult(results, sums)

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Within, the variables hold what evaluation and use see; after, the raw values, bit for bit."""
        raw = [(weight, value_of(weight)) for update in self.updates for weight in update.weights]
        try:
            for update in self.updates:
                values = [value_of(weight) for weight in update.weights]
                for trick in update.tricks:
                    values = trick.evaluation(values)
                for weight, value in zip(update.weights, values, strict=True):
                    weight.assign(value)
            yield
        finally:
            for weight, value in raw:
                weight.assign(value)


def build_step(
    experiment: Experiment,
    learner: Learner,
    total_updates: int,
    optimizers: Optimizers | None = None,
    fixed: Sequence[keras.Variable] = (),
) -> TrainStep:
    """The training step that a config describes, with fresh optimizers, tricks and loss scales.

    Args:
        experiment: the config.
        learner: what is trained.
        total_updates: how many updates of the run the step will make.
        optimizers: instead of those of the config.
        fixed: weights that nothing changes.

    Raises:
        ConfigError: a phase has no optimizer.
    """
    train, updates = experiment.train, []
    for phase in phases_of(learner):
        scale = LossScale() if train.precision == "mixed_float16" else None
        optimizer = _optimizer_of(optimizers or experiment.optimizer, phase.name)
        update = Update(
            learner,
            optimizer.build(total_updates * phase.repeat, None if scale is None else scale.skipped),
            [trick.model_copy() for trick in experiment.tricks],
            phase=phase,
            accumulation=train.accumulation,
            xla=train.xla,
            loss_scale=scale,
            fixed=fixed,
        )
        updates.append(update)
    return TrainStep(learner, updates)


def _optimizer_of(optimizers: Optimizers, phase: str) -> Optimizer:
    if isinstance(optimizers, Optimizer):
        return optimizers
    if phase not in optimizers:
        raise ConfigError(
            f"optimizer: there is none for the phase {phase!r}, only for {', '.join(optimizers)}. "
            "Write down one optimizer for all phases, or one for each."
        )
    return optimizers[phase]
