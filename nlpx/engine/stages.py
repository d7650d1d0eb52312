"""Training in stages: what each stage needs, when things are due in it, and how one follows another.

A stage begins with the raw weights and random states of the stage before, with fresh optimizers, fresh tricks
and fresh loss scales, at the start of an epoch. It ends with an evaluation and a checkpoint. A training run
without stages is one stage that trains the whole model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlpx.components.observers.events import StageBegan
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.varying import at
from nlpx.engine.job import Job, Optimizers
from nlpx.engine.learner import Batch, Rounds, names_of, phases_of
from nlpx.engine.parts import Part, freeze, frozen_parts, parts_of
from nlpx.engine.state import Arrays, Progress, State
from nlpx.engine.step import TrainStep, build_step
from nlpx.errors import CheckpointError, ConfigError, DataError
from nlpx.specs.stages import Stage, first_epochs


@dataclass(frozen=True)
class StagePlan:
    """A stage, worked out for a model and its data. What is due depends on the progress alone.

    Attributes:
        job: its sections `train` and `checkpoint` say how often things are due.
        updates_per_epoch: updates of one epoch.
        number: counted from 0.
        first_epoch: the number of its first epoch.
        stage: what the config says of it; None for the whole training run.
        frozen: the parts that it leaves as they are.
        trained: parameters that it changes.
    """

    job: Job
    updates_per_epoch: int
    number: int
    first_epoch: int
    stage: Stage | None
    frozen: Sequence[Part]
    trained: int

    @property
    def total(self) -> int:
        """Updates of the stage, unless it is stopped early."""
        length = self.stage or self.job.train
        return length.steps or (length.epochs or 0) * self.updates_per_epoch

    @property
    def ends(self) -> str:
        """What `total` comes from, `epochs` or `steps`."""
        return "steps" if (self.stage or self.job.train).steps else "epochs"

    @property
    def optimizers(self) -> Optimizers:
        """One, or one for each phase."""
        return (self.stage and self.stage.optimizer) or self.job.optimizer

    @property
    def optimizer_names(self) -> str:
        """Their types, each once."""
        found = self.optimizers
        several = [found] if isinstance(found, Optimizer) else found.values()
        return ", ".join(dict.fromkeys(optimizer.type for optimizer in several))

    def over(self, progress: Progress) -> bool:
        return progress.step - progress.stage_began >= self.total

    def logs(self, progress: Progress) -> bool:
        updates = progress.interval.updates
        return updates >= self.job.train.log_every or (updates > 0 and self.over(progress))

    def evaluates(self, progress: Progress) -> bool:
        if not progress.step or progress.evaluated == progress.step:
            return False
        every = self.job.train.evaluate_every
        if every == "epoch":
            return progress.index == self.updates_per_epoch
        return progress.step % every == 0

    def saves(self, progress: Progress) -> bool:
        if progress.saved == progress.step:
            return False
        every = self.job.checkpoint.every
        return progress.evaluated == progress.step or bool(
            every and progress.step and progress.step % every == 0
        )


class Stages:
    """The stages of a training run, one of which is current.

    Args:
        job: the training run; every layer of its learner as trainable as the model has made it.

    Attributes:
        rounds: the batches of every update of the run.
        plans: what each stage is.
        staged: whether the config speaks of stages.
        step, state: of the current stage, once there is one.

    Raises:
        ConfigError: a stage names a part that the model does not have, or nothing is left to train.
        DataError: there is nothing to train on.
    """

    step: TrainStep
    state: State

    def __init__(self, job: Job) -> None:
        stages = job.train.stages or []
        self.staged = bool(stages)
        self._job = job
        self._phases = phases_of(job.learner)
        self.rounds = Rounds(job.batches, sum(phase.repeat for phase in self._phases))
        if not self.rounds.updates_per_epoch:
            raise DataError(
                "there are no training rows: all are bad, too long or beyond data.limit. "
                "Look at them with: nlpx data stats CONFIG"
            )
        self._traces = 0
        self.plans = list(self._planned(stages))

    def _planned(self, stages: Sequence[Stage]) -> Iterator[StagePlan]:
        updates = self.rounds.updates_per_epoch
        begins = first_epochs(stages, updates)
        self._parts = parts_of(self._job.learner) if stages else []
        for number, stage in enumerate(stages or [None]):
            path = f"train.stages.{number}"
            frozen = frozen_parts(self._parts, stage, path) if stage else []
            if stage:
                freeze(self._parts, frozen)
            if not (trained := self._trained()) and stage:
                raise ConfigError(
                    f"{path}: nothing is left to train. Its trainable_from and frozen leave out every part: "
                    + ", ".join(part.name for part in self._parts if part.layer.weights)
                )
            if trained and not self._moving():
                raise ConfigError(
                    f"{f'tricks: in {path}' if stage else 'tricks'}: nothing is left to train. They keep all "
                    f"variables{' that the stage trains' if stage else ''} as they are, to the end. Let "
                    "freeze select fewer or set its `until`, and let lr_multipliers have a factor above 0."
                )
            yield StagePlan(self._job, updates, number, begins[number], stage, frozen, trained)

    def _trained(self) -> int:
        """How many parameters are trained; 0 where a phase has none."""
        phases = [{id(v): v for v in phase.variables if v.trainable} for phase in self._phases]
        variables = {key: variable for phase in phases for key, variable in phase.items()}
        return sum(math.prod(variable.shape) for variable in variables.values()) if all(phases) else 0

    def _moving(self) -> bool:
        """Whether tricks let any variable of any phase change."""
        moving = [v for phase in self._phases for v in phase.variables if v.trainable]
        names = names_of(self._job.learner)
        for trick in (trick.model_copy() for trick in self._job.tricks):
            trick.name_variables(names)
            still = set(map(id, trick.still(moving)))
            moving = [variable for variable in moving if id(variable) not in still]
        return bool(moving)

    @property
    def plan(self) -> StagePlan:
        """The current stage."""
        return self.plans[self.state.progress.stage]

    @property
    def fresh(self) -> bool:
        """Whether nothing was done in this stage, so that the checkpoint of the one before says it all."""
        progress = self.state.progress
        return progress.stage > 0 and progress.step == progress.stage_began

    @property
    def total(self) -> int:
        """The step at which training ends if no stage from the current one on is stopped early."""
        return self._total(self.state.progress)

    def _total(self, progress: Progress) -> int:
        return progress.stage_began + sum(plan.total for plan in self.plans[progress.stage :])

    def batches(self, epoch: int, index: int, number: int) -> list[Sequence[Batch]]:
        """The micro-batches of every update of a round, of which the run has made `number`.

        Tricks that change them may have options that follow a schedule.
        """
        with at(number, self.step.total):
            return self.rounds.update(epoch, index)

    @property
    def traces(self) -> int:
        """How many shapes of batches were compiled, in all stages."""
        return self._traces + self.step.traces

    @property
    def began(self) -> StageBegan:
        """What is told when the current stage begins."""
        progress, plan = self.state.progress, self.plan
        return StageBegan(
            progress.step,
            progress.epoch,
            stage=plan.number,
            stages=len(self.plans),
            updates=plan.total,
            total=self.total,
            trained=plan.trained,
            optimizer=plan.optimizer_names,
            groups=self.step.groups,
        )

    def enter(self, progress: Progress) -> None:
        """Make the stage that a progress is in the current one, with fresh optimizers and tricks."""
        plan = self.plans[progress.stage]
        if self.staged:
            freeze(self._parts, plan.frozen)
        fixed = [weight for part in plan.frozen for weight in part.layer.weights]
        total, per_epoch = self._total(progress), self.rounds.updates_per_epoch
        self.step = build_step(self._job, self._phases, plan.total, plan.optimizers, fixed, total, per_epoch)
        self.state = State(self.step, progress)

    def restore(self, arrays: Arrays, progress: Progress) -> None:
        """Go back to a saved state, in whichever stage it is.

        Raises:
            CheckpointError: it is the state of another training run.
        """
        if progress.stage >= len(self.plans):
            raise CheckpointError(
                f"the checkpoint is from stage {progress.stage + 1}, but the config has {len(self.plans)}. "
                "Continue with the config that the run was made with, or train a new run."
            )
        self.enter(progress)
        self.state.restore(arrays, progress)

    def advance(self) -> None:
        """Start the next stage, which begins with an epoch."""
        progress = self.state.progress
        progress.begin_stage(progress.stage + 1, self.plans[progress.stage + 1].first_epoch)
        self._traces += self.step.traces
        self.enter(progress)
