"""The micro-batches of every update, from a batch plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.batching import BatchPlan, collate
from nlpx.data.items import MAIN, EncodedItems


class PlannedBatches:
    """Update i of an epoch takes the batches i * k to i * k + k - 1 of the plan; the last may have fewer.

    Args:
        batch_size: number of rows of the arrays; missing rows are empty, to limit the number of shapes.
        accumulation: k, number of micro-batches of an update.
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

    def update(self, epoch: int, index: int) -> list[dict[str, np.ndarray]]:
        batches: list[dict[str, np.ndarray]] = []
        for i in self._indices(index):
            rows, length = self._plan.rows(epoch, i)
            batches.append(collate(self._items, rows, self._widths[length], self._batch_size))
        return batches

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        return [[int(row) for row in self._plan.rows(epoch, i)[0]] for i in self._indices(index)]

    def _indices(self, index: int) -> range:
        start = index * self._accumulation
        return range(start, min(start + self._accumulation, self._plan.batches_per_epoch))


def _widths(ends: Sequence[int], items: EncodedItems) -> dict[int, dict[str, int]]:
    """Padded lengths of sequences by length bucket.

    The main sequence is padded to the end of the bucket, others to their maximum length in the bucket.
    """
    bucket = np.searchsorted(ends, items.lengths)
    widths: dict[int, dict[str, int]] = {end: {MAIN: end} for end in ends}
    for name, extent in items.extents.items():
        longest = np.zeros(len(ends), np.int32)
        np.maximum.at(longest, bucket, extent.lengths)
        for end, width in zip(ends, longest.tolist(), strict=True):
            widths[end].setdefault(name, width)
    return widths
