"""Batches of rows of similar length, in an order that is a pure function of (seed, epoch, index)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nlpx.data.encoding import EncodedItems


def choose_boundaries(lengths: np.ndarray, at_most: int = 8) -> list[int]:
    """Upper ends of at most `at_most` length buckets with the least padding in total.

    Exact dynamic programming over the distinct lengths l_1 < ... < l_n with counts c_i: the cost of a bucket from
    l_i to l_j is sum_k c_k * (l_j - l_k); cost[j] with b buckets = min over i of cost[i] with b - 1, plus that.

    Args:
        lengths: of all rows, (n,) integers.
        at_most: number of buckets.
    """
    values, counts = np.unique(lengths, return_counts=True)
    values = values.astype(np.int64)
    below = np.concatenate([[0], np.cumsum(counts)])
    weighted = np.concatenate([[0], np.cumsum(counts * values)])
    n = len(values)
    # cost[i, j]: padding of one bucket that holds the distinct lengths i .. j
    first, last = np.triu_indices(n)
    cost = np.full((n, n), np.inf)
    cost[first, last] = values[last] * (below[last + 1] - below[first]) - (weighted[last + 1] - weighted[first])
    best = cost[0].copy()
    splits: list[np.ndarray] = []
    for _ in range(min(at_most, n) - 1):
        # candidates[i, j]: the last bucket begins at the distinct length i
        candidates = np.vstack([np.full(n, np.inf), best[:-1, None] + cost[1:]])
        candidates[0] = best
        splits.append(candidates.argmin(0))
        best = candidates.min(0)
    ends, end = [], n - 1
    for split in reversed(splits):
        if split[end]:
            ends.append(end)
            end = int(split[end]) - 1
    return [int(values[i]) for i in sorted([*ends, end])]


class BatchPlan:
    """Which rows make which batch.

    In every epoch each row occurs once. Rows are shuffled inside their bucket, cut into batches, and the batches of
    all buckets are shuffled; the last batch of a bucket may be smaller.

    Args:
        lengths: of all rows, (n,) integers.
        batch_size: rows of a batch.
        boundaries: upper ends of the buckets, ascending; the last one at least the greatest length.
        seed: of the order.
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, boundaries: Sequence[int], seed: int) -> None:
        if len(lengths) and max(boundaries, default=0) < lengths.max():
            raise ValueError(f"the last bucket ends at {max(boundaries, default=0)}, below {lengths.max()}")
        self._boundaries = list(boundaries)
        self._bucket = np.searchsorted(boundaries, lengths).astype(np.int16)
        self._batch_size = batch_size
        self._seed = seed
        sizes = np.bincount(self._bucket, minlength=len(boundaries))
        self._batches = [-(-int(size) // batch_size) for size in sizes]
        self._epoch = -1
        self._rows: list[tuple[np.ndarray, int]] = []

    @property
    def batches_per_epoch(self) -> int:
        """Batches of an epoch, the same for every epoch."""
        return sum(self._batches)

    def rows(self, epoch: int, index: int) -> tuple[np.ndarray, int]:
        """The rows of a batch, and the length that they are padded to."""
        if epoch != self._epoch:
            self._rows, self._epoch = self._order(epoch), epoch
        return self._rows[index]

    def _order(self, epoch: int) -> list[tuple[np.ndarray, int]]:
        rng = np.random.default_rng([self._seed, epoch])
        rows = rng.permutation(len(self._bucket))
        rows = rows[np.argsort(self._bucket[rows], kind="stable")]
        starts = np.searchsorted(self._bucket[rows], np.arange(len(self._boundaries) + 1))
        batches = [
            (rows[start : min(start + self._batch_size, stop)], length)
            for begin, stop, length in zip(starts, starts[1:], self._boundaries, strict=False)
            for start in range(begin, stop, self._batch_size)
        ]
        return [batches[i] for i in rng.permutation(len(batches))]


def collate(
    items: EncodedItems, rows: np.ndarray, length: int, batch_size: int
) -> Mapping[str, np.ndarray]:
    """One batch: every feature (batch_size, length) int32 with 0 beyond the end, and `mask`, bool.

    Rows that are missing for a whole batch are empty, so that all batches of a bucket have one shape.
    """
    lengths = items.lengths[rows]
    mask = np.zeros((batch_size, length), bool)
    mask[: len(rows)] = np.arange(length) < lengths[:, None]
    positions = (items.offsets[rows][:, None] + np.arange(length))[mask[: len(rows)]]
    batch = {"mask": mask}
    for name, values in items.features.items():
        batch[name] = np.zeros((batch_size, length), np.int32)
        batch[name][mask] = values[positions]
    return batch
