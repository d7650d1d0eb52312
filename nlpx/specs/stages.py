"""Stages of a training: how long each is, which part of the model it trains, and with which optimizer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Annotated, TypeVar

from pydantic import Field

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.component import Section
from nlpx.core.options import PositiveInt

PartName = Annotated[str, Field(min_length=1)]


class Stage(Section):
    """A stage of a training: a training of its own that goes on with the weights of the stage before.

    Options:
        epochs: passes over the training rows.
        steps: optimizer updates; a stage says either this or `epochs`.
        trainable_from: only the first part of the model whose name contains this, and what follows it, is
            trained.
        frozen: parts of the model whose names contain one of these are not trained.
        optimizer: how gradients change weights; empty takes the optimizer of the experiment.
    """

    epochs: PositiveInt | None = None
    steps: PositiveInt | None = None
    trainable_from: PartName | None = None
    frozen: list[PartName] = []
    optimizer: Optimizer | None = None

    def updates(self, updates_per_epoch: int) -> int:
        """How many updates the stage makes, unless it is stopped early."""
        return self.steps or (self.epochs or 0) * updates_per_epoch

    def numbered_epochs(self, updates_per_epoch: int) -> int:
        """How many epochs are numbered in the stage; the last one may be cut short."""
        return -(-self.updates(updates_per_epoch) // updates_per_epoch)


StageT = TypeVar("StageT", bound=Stage)


def first_epochs(stages: Sequence[Stage], updates_per_epoch: int) -> list[int]:
    """The number of the first epoch of every stage, and of the one after the last stage."""
    lengths = (stage.numbered_epochs(updates_per_epoch) for stage in stages)
    return list(accumulate(lengths, initial=0))


def stage_at(stages: Sequence[StageT], updates_per_epoch: int, epoch: int) -> StageT:
    """The stage that an epoch belongs to: how the batches of a task know the options of its stages.

    A stage begins with an epoch of its own, and an epoch that early stopping leaves out keeps its number, so
    that this depends on nothing that happens in training.

    Args:
        stages: `train.stages`.
        updates_per_epoch: updates of an epoch, the same in every stage.
        epoch: counted from 0 over all stages.

    Raises:
        IndexError: no stage has an epoch of this number.
    """
    begins = first_epochs(stages, updates_per_epoch)
    if not 0 <= epoch < begins[-1]:
        raise IndexError(f"there is no epoch {epoch}: the stages have {begins[-1]}")
    return stages[bisect_right(begins, epoch) - 1]
