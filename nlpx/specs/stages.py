"""Stages of training, with their lengths, trainable parts and optimizers."""

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
    """A stage of training, which starts with the weights of the previous stage.

    Options:
        epochs: number of epochs.
        steps: number of optimizer updates; a stage has either this or `epochs`.
        trainable_from: train only the first part of the model whose name contains this and the parts after
            it.
        frozen: freeze the parts of the model whose names contain one of these.
        optimizer: optimizer of the stage; default: that of the experiment.
    """

    epochs: PositiveInt | None = None
    steps: PositiveInt | None = None
    trainable_from: PartName | None = None
    frozen: list[PartName] = []
    optimizer: Optimizer | None = None

    def updates(self, updates_per_epoch: int) -> int:
        """Number of updates of the stage, unless it is stopped early."""
        return self.steps or (self.epochs or 0) * updates_per_epoch

    def numbered_epochs(self, updates_per_epoch: int) -> int:
        """Number of epochs of the stage; the last one may be incomplete."""
        return -(-self.updates(updates_per_epoch) // updates_per_epoch)


StageT = TypeVar("StageT", bound=Stage)


def first_epochs(stages: Sequence[Stage], updates_per_epoch: int) -> list[int]:
    """The number of the first epoch of each stage, and of the epoch after the last stage."""
    lengths = (stage.numbered_epochs(updates_per_epoch) for stage in stages)
    return list(accumulate(lengths, initial=0))


def stage_at(stages: Sequence[StageT], updates_per_epoch: int, epoch: int) -> StageT:
    """The stage of an epoch, by which the batches of a task know the options of its stages.

    A stage starts with a new epoch, and epochs skipped by early stopping keep their numbers, so the result
    does not depend on the course of training.

    Args:
        stages: `train.stages`.
        updates_per_epoch: number of updates of an epoch, the same in every stage.
        epoch: number of the epoch, counted from 0 over all stages.

    Raises:
        IndexError: no stage has an epoch with this number.
    """
    begins = first_epochs(stages, updates_per_epoch)
    if not 0 <= epoch < begins[-1]:
        raise IndexError(f"there is no epoch {epoch}: the stages have {begins[-1]}")
    return stages[bisect_right(begins, epoch) - 1]
