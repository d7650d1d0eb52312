"""Batches with two sentences of each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.batching import collate, longest
from nlpx.data.items import MAIN, EncodedItems
from nlpx.errors import ConfigError, DataError


class GroupBatches:
    """The order of training for losses within a batch: a pure function of (seed, epoch, index).

    Each group of at least two rows occurs once per epoch, in random order, with two random
    rows. A batch has batch_size / 2 groups; the last one may have fewer. If it would have only one,
    that group, a different one in every epoch, is skipped.

    Args:
        groups: group of each row, (n,) integers.
        boundaries: lengths to which batches are padded, ascending; the last one is the maximum.

    Raises:
        ConfigError: a batch is too small for two groups.
        DataError: there are fewer than two groups of two rows.
    """

    def __init__(
        self,
        items: EncodedItems,
        groups: np.ndarray,
        batch_size: int,
        boundaries: Sequence[int],
        seed: int,
        accumulation: int = 1,
    ) -> None:
        if batch_size < 4:
            raise ConfigError(
                f"train.batch_size: {batch_size}, but this loss compares two sentences of a group with "
                "those of other groups in the batch. Expected 4 or more; hundreds are better."
            )
        self._items = items
        self._batch_size = batch_size
        self._ends = np.asarray(boundaries)
        self._seed = seed
        self._accumulation = accumulation
        self._by_group = np.argsort(groups, kind="stable")
        _, starts, sizes = np.unique(groups[self._by_group], return_index=True, return_counts=True)
        self._starts, self._sizes = starts[sizes > 1], sizes[sizes > 1]
        if len(self._sizes) < 2:
            raise DataError(
                f"the training split has {len(self._sizes)} groups of at least two sentences; this loss "
                "needs two. Use other data, raise data.limit, or choose a loss with class vectors "
                "(nlpx list loss)."
            )
        per_batch = batch_size // 2
        # A last batch with a single group would have no negatives, so one group is skipped in that epoch.
        used = len(self._sizes) - (len(self._sizes) % per_batch == 1)
        self._bounds = [*range(0, used, per_batch), used]
        self._longest = longest(items)
        self._epoch: int | None = None

    @property
    def updates_per_epoch(self) -> int:
        return -(-(len(self._bounds) - 1) // self._accumulation)

    def update(self, epoch: int, index: int) -> list[dict[str, np.ndarray]]:
        """The micro-batches of an update, with all features (batch_size, length) and masks."""
        batches = []
        for i in self._indices(index):
            rows = self._rows(epoch, i)
            length = int(self._ends[np.searchsorted(self._ends, self._items.lengths[rows].max())])
            batches.append(collate(self._items, rows, {**self._longest, MAIN: length}, self._batch_size))
        return batches

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        """The rows of these micro-batches."""
        return [self._rows(epoch, i).tolist() for i in self._indices(index)]

    def _indices(self, index: int) -> range:
        start = index * self._accumulation
        return range(start, min(start + self._accumulation, len(self._bounds) - 1))

    def _rows(self, epoch: int, index: int) -> np.ndarray:
        """The rows of a batch; the two rows of a group are adjacent."""
        if epoch != self._epoch:
            rng = np.random.default_rng([self._seed, epoch])
            order = rng.permutation(len(self._sizes))
            first = rng.integers(self._sizes)
            second = (first + rng.integers(1, self._sizes)) % self._sizes
            pairs = self._by_group[self._starts[:, None] + np.stack([first, second], 1)]
            self._pairs, self._epoch = pairs[order], epoch
        return self._pairs[self._bounds[index] : self._bounds[index + 1]].ravel()
