"""One update of a run: a round of the learner's phases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import keras

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Course, Trick, value_of
from nlpx.engine.job import Job, Optimizers
from nlpx.engine.learner import Batch, Learner, Phase
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.parts import parts_of
from nlpx.engine.update import Update, UpdateResult
from nlpx.errors import ConfigError


@dataclass(frozen=True)
class TrainStep:
    """The phases of a learner in turn, each as often as it is repeated.

    Attributes:
        learner: what is trained.
        updates: one for each phase.
    """

    learner: Learner
    updates: Sequence[Update]

    @property
    def order(self) -> list[Update]:
        """The updates of a round."""
        return [update for update in self.updates for _ in range(update.phase.repeat)]

    @property
    def total(self) -> int | None:
        """Updates of the run, if it is known."""
        return self.updates[0].total

    @property
    def traces(self) -> int:
        """How many shapes of batches were compiled."""
        return sum(update.traces for update in self.updates)

    @property
    def groups(self) -> list[str]:
        """Lines about the variables that tricks treat differently, with the phase where there are several."""
        several = len(self.updates) > 1
        return [
            f"{update.phase.name}: {line}" if several else line
            for update in self.updates
            for line in update.groups
        ]

    @property
    def scaled(self) -> bool:
        """Whether the loss is scaled, so that updates may be left out."""
        return any(update.loss_scale is not None for update in self.updates)

    def __call__(self, batches: Sequence[Sequence[Batch]], number: int) -> list[UpdateResult]:
        """Make one update of the run; nothing follows an update of a phase that failed.

        Args:
            batches: the micro-batches of every update in `order`.
            number: updates that the run has made.
        """
        results: list[UpdateResult] = []
        for update, micro_batches in zip(self.order, batches, strict=True):
            if not results or not results[-1].failed:
                results.append(update(micro_batches, number))
        return results

    def evaluated(self, cost: float) -> None:
        """Tell tricks of an evaluation; a lower cost is better."""
        for update in self.updates:
            for trick in update.tricks:
                trick.evaluated(cost)

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Within, the variables hold what evaluation and use see; after, the raw values, bit for bit."""
        seen = [update for update in self.updates if any(map(_changes_evaluation, update.tricks))]
        raw = [(weight, value_of(weight)) for update in seen for weight in update.weights]
        try:
            for update in seen:
                values = [value_of(weight) for weight in update.weights]
                for trick in update.tricks:
                    values = trick.evaluation(values)
                for weight, value in zip(update.weights, values, strict=True):
                    weight.assign(value)
            yield
        finally:
            for weight, value in raw:
                weight.assign(value)


def _changes_evaluation(trick: Trick) -> bool:
    """Whether evaluation may see other values than the variables hold."""
    return type(trick).evaluation is not Trick.evaluation


def build_step(
    job: Job,
    phases: Sequence[Phase],
    total_updates: int,
    optimizers: Optimizers,
    fixed: Sequence[keras.Variable] = (),
    run_updates: int | None = None,
    updates_per_epoch: int = 1,
) -> TrainStep:
    """A training step with fresh optimizers, tricks and loss scales.

    Args:
        job: the training run.
        phases: those of its learner.
        total_updates: how many updates of the run the step will make.
        optimizers: one, or one for each phase.
        fixed: weights that nothing changes.
        run_updates: how many updates the whole run makes; default: total_updates.
        updates_per_epoch: how many updates of the run an epoch has.

    Raises:
        ConfigError: a phase has no optimizer.
    """
    by_phase = {p.name: optimizers for p in phases} if isinstance(optimizers, Optimizer) else optimizers
    updates = []
    parts = [part.layer.variables for part in parts_of(job.learner)]
    for phase in phases:
        if phase.name not in by_phase:
            raise ConfigError(
                f"optimizer: the phase {phase.name!r} has none, only {', '.join(by_phase)}. "
                "Write down one optimizer for all phases, or one for each."
            )
        scale = LossScale() if job.train.precision == "mixed_float16" else None
        skipped = None if scale is None else scale.skipped
        options = by_phase[phase.name].fresh()
        optimizer = options.build(total_updates * phase.repeat, skipped)
        update = Update(
            job.learner,
            optimizer,
            [*(trick.model_copy() for trick in job.tricks), *options.tricks(optimizer)],
            phase=phase,
            accumulation=job.train.accumulation,
            xla=job.train.xla,
            loss_scale=scale,
            fixed=fixed,
            total=run_updates or total_updates,
            course=Course(updates_per_epoch * phase.repeat, parts, job.seed),
        )
        updates.append(update)
    return TrainStep(job.learner, updates)
