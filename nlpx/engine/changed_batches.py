"""Batches as tricks change them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.components.tricks.base import Trick
from nlpx.engine.learner import Batch, Batches


class ChangedBatches:
    """The same batches after the method `data` of every trick, in the order given.

    Args:
        batches: the original ones.
        seed: that of the experiment.
    """

    def __init__(self, batches: Batches, tricks: Sequence[Trick], seed: int) -> None:
        self._batches = batches
        self._tricks = tricks
        self._seed = seed

    @property
    def updates_per_epoch(self) -> int:
        return self._batches.updates_per_epoch

    def update(self, epoch: int, index: int) -> list[Batch]:
        batches = self._batches.update(epoch, index)
        changed = []
        for batch, listed in zip(batches, self._batches.rows(epoch, index), strict=True):
            rows = np.zeros(len(next(iter(batch.values()))), np.int64)
            rows[: len(listed)] = listed
            for trick in self._tricks:
                batch = trick.data(batch, rows, epoch, self._seed)
            changed.append(batch)
        return changed

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        return self._batches.rows(epoch, index)
