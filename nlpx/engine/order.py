"""Which batches make which update, as pure functions of epoch and index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.batching import BatchPlan, collate
from nlpx.data.encoding import EncodedItems
from nlpx.engine.learner import Batch, Batches


class PlannedBatches:
    """Update i of an epoch is made of the plan's batches i * k ... i * k + k - 1; the last may have fewer.

    Args:
        plan: which rows make which batch, a pure function of epoch and index.
        items: the encoded training rows.
        batch_size: rows of every array; missing ones are empty, so that shapes are few.
        accumulation: k, micro-batches of one update.
    """

    def __init__(self, plan: BatchPlan, items: EncodedItems, batch_size: int, accumulation: int = 1) -> None:
        self._plan = plan
        self._items = items
        self._batch_size = batch_size
        self._accumulation = accumulation
        self._widths = _widths(plan.ends, items)

    @property
    def updates_per_epoch(self) -> int:
        return -(-self._plan.batches_per_epoch // self._accumulation)

    def update(self, epoch: int, index: int) -> list[Batch]:
        batches: list[Batch] = []
        for i in self._indices(index):
            rows, length = self._plan.rows(epoch, i)
            batches.append(collate(self._items, rows, length, self._batch_size, self._widths[length]))
        return batches

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        return [[int(row) for row in self._plan.rows(epoch, i)[0]] for i in self._indices(index)]

    def _indices(self, index: int) -> range:
        start = index * self._accumulation
        return range(start, min(start + self._accumulation, self._plan.batches_per_epoch))


class Rounds:
    """The batches of every update of a run, in which phases make `size` updates with batches of their own.

    The last round of an epoch takes the first batches of the epoch again where some are missing.

    Args:
        batches: those of every update of a phase.
        size: updates of a round.
    """

    def __init__(self, batches: Batches, size: int) -> None:
        self._batches = batches
        self._size = size

    @property
    def updates_per_epoch(self) -> int:
        return -(-self._batches.updates_per_epoch // self._size)

    def update(self, epoch: int, index: int) -> list[Sequence[Batch]]:
        """The micro-batches of every update of a round."""
        return [self._batches.update(epoch, i) for i in self._indices(index)]

    def rows(self, epoch: int, index: int) -> list[list[list[int]]]:
        """Which training items each of these micro-batches holds."""
        return [self._batches.rows(epoch, i) for i in self._indices(index)]

    def _indices(self, index: int) -> list[int]:
        first = index * self._size
        return [i % self._batches.updates_per_epoch for i in range(first, first + self._size)]


def _widths(ends: Sequence[int], items: EncodedItems) -> dict[int, dict[str, int]]:
    """By end of a length bucket and name of another sequence: the greatest length of that in the bucket."""
    bucket = np.searchsorted(ends, items.lengths)
    widths: dict[int, dict[str, int]] = {end: {} for end in ends}
    for name, sequence in items.others.items():
        longest = np.zeros(len(ends), np.int32)
        np.maximum.at(longest, bucket, sequence.lengths)
        for end, width in zip(ends, longest.tolist(), strict=True):
            widths[end][name] = width
    return widths
