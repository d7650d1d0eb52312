"""Training in stages: what each stage needs, and how one follows another.

A stage begins with the raw weights and random states of the stage before, with fresh optimizers, fresh tricks
and fresh loss scales, at the start of an epoch. It ends with an evaluation and a checkpoint. A training run
without stages is one stage that trains the whole model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from nlpx.components.optimizers.base import Optimizer
from nlpx.engine.events import Event, StageBegan, StageEnded, Stopped
from nlpx.engine.learner import Batches, Evaluation, Learner, phases_of
from nlpx.engine.loop import Timetable, end_epoch, steps
from nlpx.engine.order import Rounds
from nlpx.engine.parts import Part, freeze, frozen_parts, parts_of, weights_of
from nlpx.engine.state import Arrays, Progress, State
from nlpx.engine.step import Optimizers, TrainStep, build_step
from nlpx.engine.stopping import Monitor
from nlpx.errors import CheckpointError, ConfigError
from nlpx.specs.experiment import Experiment
from nlpx.specs.stages import first_epochs


@dataclass(frozen=True)
class StagePlan:
    """A stage, worked out for a model and its data.

    Attributes:
        number: counted from 0.
        timetable: when what is due in it.
        optimizers: one, or one for each phase.
        first_epoch: the number of its first epoch.
        frozen: the parts that it leaves as they are.
        trained: parameters that it changes.
    """

    number: int
    timetable: Timetable
    optimizers: Optimizers
    first_epoch: int
    frozen: Sequence[Part]
    trained: int

    @property
    def optimizer_names(self) -> str:
        """The types of its optimizers, each once."""
        found = self.optimizers
        several = [found] if isinstance(found, Optimizer) else found.values()
        return ", ".join(dict.fromkeys(optimizer.type for optimizer in several))


class Stages:
    """The stages of a training run, one of which is current.

    Args:
        experiment: the config.
        learner: what is trained; every layer as trainable as the model has made it.
        batches: what updates of phases are made from.

    Attributes:
        rounds: the batches of every update of the run.
        plans: what each stage is.
        staged: whether the config speaks of stages.
        step, state: of the current stage, once there is one.

    Raises:
        ConfigError: a stage names a part that the model does not have, or leaves nothing to train.
        DataError: there is nothing to train on.
    """

    step: TrainStep
    state: State

    def __init__(self, experiment: Experiment, learner: Learner, batches: Batches) -> None:
        self.staged = experiment.train.stages is not None
        self.rounds = Rounds(batches, sum(phase.repeat for phase in phases_of(learner)))
        self._experiment = experiment
        self._learner = learner
        self._parts = parts_of(learner) if self.staged else []
        self._traces = 0
        self.plans = list(self._planned(self.rounds.updates_per_epoch))

    def _planned(self, updates_per_epoch: int) -> Iterator[StagePlan]:
        whole = Timetable.of(self._experiment, updates_per_epoch)
        optimizers, stages = self._experiment.optimizer, self._experiment.train.stages
        if stages is None:
            yield StagePlan(0, whole, optimizers, 0, (), self._trained())
            return
        begins = first_epochs(stages, updates_per_epoch)
        for number, stage in enumerate(stages):
            path = f"train.stages.{number}"
            frozen = frozen_parts(self._parts, stage, path)
            freeze(self._parts, frozen)
            if not (trained := self._trained()):
                raise ConfigError(
                    f"{path}: nothing is left to train. Its trainable_from and frozen leave out every part: "
                    + ", ".join(part.name for part in self._parts if part.layer.weights)
                )
            timetable = Timetable.of(self._experiment, updates_per_epoch, stage)
            yield StagePlan(number, timetable, stage.optimizer or optimizers, begins[number], frozen, trained)

    def _trained(self) -> int:
        """How many parameters are trained; 0 where a phase has none."""
        phases = [{id(v): v for v in phase.variables if v.trainable} for phase in phases_of(self._learner)]
        variables = {key: variable for phase in phases for key, variable in phase.items()}
        return sum(math.prod(variable.shape) for variable in variables.values()) if all(phases) else 0

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
        progress = self.state.progress
        return progress.stage_began + sum(plan.timetable.total for plan in self.plans[progress.stage :])

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
            updates=plan.timetable.total,
            total=self.total,
            trained=plan.trained,
            optimizer=plan.optimizer_names,
        )

    def enter(self, progress: Progress) -> None:
        """Make the stage that a progress is in the current one, with fresh optimizers and tricks."""
        plan = self.plans[progress.stage]
        if self.staged:
            freeze(self._parts, plan.frozen)
        self.step = build_step(
            self._experiment, self._learner, plan.timetable.total, plan.optimizers, weights_of(plan.frozen)
        )
        self.state = State(self.step, progress)

    def restore(self, arrays: Arrays, progress: Progress) -> None:
        """Go back to a saved state, in whichever stage it is.

        Raises:
            CheckpointError: it is the state of another training.
        """
        if progress.stage >= len(self.plans):
            raise CheckpointError(
                f"the checkpoint is from stage {progress.stage + 1}, but the config has {len(self.plans)}. "
                "Go on with the config that the run was made with, or train a new run."
            )
        self.enter(progress)
        self.state.restore(arrays, progress)

    def advance(self) -> Event | None:
        """Go on to the next stage; returns what is to be told of an epoch that is cut short by that."""
        progress = self.state.progress
        cut = end_epoch(progress) if progress.index else None
        number = progress.stage + 1
        progress.begin_stage(number, self.plans[number].first_epoch)
        self._traces += self.step.traces
        self.enter(progress)
        return cut


def all_steps(
    stages: Stages,
    evaluate: Callable[[], Evaluation],
    monitor: Monitor,
    stop_requested: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, None]:
    """Train from where the current stage stands to the end of the last one: the events of all of them.

    Before every event the state is complete, or `stages.fresh`.

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
        plan, stopped = stages.plan, None
        with closing(
            steps(stages.state, stages.step, stages.rounds, evaluate, monitor, plan.timetable, stop_requested)
        ) as events:
            for event in events:
                if isinstance(event, Stopped):
                    stopped = event
                else:
                    yield event
        if stopped is None:
            return
        if stopped.reason == "callback" or plan is stages.plans[-1]:
            yield stopped
            return
        yield StageEnded(stopped.step, stopped.epoch, plan.number, stopped.reason)
        cut = stages.advance()
        if cut is not None:
            yield cut
