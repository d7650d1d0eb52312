"""Batches of rows of similar length, in an order that is a pure function of (seed, epoch, index)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from nlpx.data.items import MAIN, EncodedItems, Field, Item
from nlpx.errors import ConfigError


def choose_boundaries(lengths: np.ndarray, at_most: int = 8) -> list[int]:
    """Upper bounds of at most `at_most` length buckets with the minimum total padding.

    Exact dynamic programming over the distinct lengths l_1 < ... < l_n with counts c_i. A bucket of the
    lengths l_i ... l_j pads with cost(i, j) = sum_k c_k (l_j - l_k), and with b buckets for the first j
    lengths best_b(j) = min_i best_{b-1}(i - 1) + cost(i, j).

    Args:
        lengths: the length of every row, (n,) integers.
    """
    values, counts = np.unique(lengths, return_counts=True)
    values = values.astype(np.int64)
    rows = np.concatenate([[0], np.cumsum(counts)])
    characters = np.concatenate([[0], np.cumsum(counts * values)])
    n = len(values)
    best = np.concatenate([[0], np.full(n, np.iinfo(np.int64).max // 2)])  # best[j]: of the first j lengths
    starts = []  # starts[b][j]: where the last of b + 1 buckets begins
    for _ in range(min(at_most, n)):
        previous, best, start = best, best.copy(), np.zeros(n + 1, np.int64)
        for j in range(1, n + 1):
            padding = values[j - 1] * (rows[j] - rows[:j]) - (characters[j] - characters[:j])
            totals = previous[:j] + padding
            start[j] = totals.argmin()
            best[j] = totals[start[j]]
        starts.append(start)
    ends, j = [], n
    while j:
        ends.append(int(values[j - 1]))
        j = int(starts.pop()[j])
    return ends[::-1]


class BatchPlan:
    """A plan of batches.

    Each row occurs once per epoch. Rows are shuffled within their buckets and split into batches, and the
    batches of all buckets are shuffled; the last batch of a bucket may be smaller. Memory: 8 bytes per row.

    Args:
        lengths: the length of every row, (n,) integers.
        boundaries: upper bounds of the length buckets, in any order.

    Attributes:
        ends: the upper bounds of the buckets, ascending.

    Raises:
        ConfigError: a row is longer than the last bucket.
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, boundaries: Sequence[int], seed: int) -> None:
        ends = sorted(set(boundaries))
        longest = int(lengths.max(initial=0))
        if longest > max(ends, default=0):
            raise ConfigError(
                f"train.buckets: the last bucket ends at {max(ends, default=0)}, but the longest row has "
                f"{longest} characters. Add a larger bucket, or lower data.max_length."
            )
        self.ends = ends
        bucket = np.searchsorted(ends, lengths)
        self._rows = np.argsort(bucket, kind="stable").astype(np.int32)
        bounds = np.searchsorted(bucket[self._rows], np.arange(len(ends) + 1))
        self._buckets = [slice(*pair) for pair in pairwise(bounds)]
        batches = [
            (start, min(start + batch_size, rows.stop), end)
            for rows, end in zip(self._buckets, ends, strict=True)
            for start in range(rows.start, rows.stop, batch_size)
        ]
        self._batches = np.array(batches, np.int64).reshape(-1, 3)
        self._seed = seed
        self._epoch: int | None = None

    @property
    def batches_per_epoch(self) -> int:
        """Number of batches of an epoch, the same for all epochs."""
        return len(self._batches)

    def rows(self, epoch: int, index: int) -> tuple[np.ndarray, int]:
        """The rows of a batch, (at most batch_size,) int32, and the length to which they are padded."""
        if epoch != self._epoch:
            self._shuffle(epoch)
        start, stop, length = self._batches[self._batch_order[index]]
        return self._row_order[start:stop], int(length)

    def _shuffle(self, epoch: int) -> None:
        rng = np.random.default_rng([self._seed, epoch])
        self._row_order = self._rows.copy()
        for rows in self._buckets:
            rng.shuffle(self._row_order[rows])
        self._batch_order = rng.permutation(len(self._batches))
        self._epoch = epoch


def collate(
    items: EncodedItems, rows: np.ndarray, lengths: Mapping[str, int], batch_size: int
) -> dict[str, np.ndarray]:
    """One batch: fields (batch_size, length, ...) padded with 0, and the masks of the sequences.

    The mask of the main sequence is called `mask`, that of another sequence S `S.mask`. Incomplete batches
    are filled up with empty items, so that all batches of a bucket have the same shape.

    Args:
        rows: indexes of the items, (at most batch_size,) integers.
        lengths: padded length of each sequence.
    """
    count = len(rows)
    if count > batch_size:
        raise ValueError(f"{count} rows do not fit in a batch of {batch_size}")
    batch: dict[str, np.ndarray] = {}
    for sequence, extent in items.extents.items():
        own, length = extent.lengths[rows], lengths[sequence]
        if own.max(initial=0) > length:
            raise ValueError(f"rows of length {own.max()} do not fit in the length {length}")
        mask = np.zeros((batch_size, length), bool)
        mask[:count] = np.arange(length) < own[:, None]
        positions = (extent.offsets[rows][:, None] + np.arange(length))[mask[:count]]
        batch[f"{sequence}.mask" if sequence else "mask"] = mask
        for name, field in items.fields.items():
            if field.sequence == sequence:
                batch[name] = np.zeros((batch_size, length, *field.shape), field.dtype)
                batch[name][mask] = items.arrays[name][positions]
    for name, field in items.fields.items():
        if field.sequence is None:
            batch[name] = np.zeros((batch_size, *field.shape), field.dtype)
            batch[name][:count] = items.arrays[name][rows]
    return batch


def longest(items: EncodedItems) -> dict[str, int]:
    """The maximum length of each sequence; 1 if all are empty."""
    return {name: max(int(extent.lengths.max(initial=1)), 1) for name, extent in items.extents.items()}


def padded_batches(
    items: Sequence[Item],
    fields: Mapping[str, Field],
    batch_size: int,
    positions: int | None = None,
) -> Iterator[tuple[list[int], dict[str, np.ndarray]]]:
    """Batches of items of similar length in memory, short ones first: indexes and arrays.

    Items with an empty main sequence are skipped.

    Args:
        positions: maximum of rows * padded length of a batch of more than one row.
    """
    main = next((name for name in items[0] if fields[name].sequence == MAIN), None) if items else None
    if main is None:
        return
    lengths = [len(item[main]) for item in items]
    order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)
    start = 0
    while start < len(order):
        rows = order[start : start + batch_size]
        if positions is not None:
            fitting = (n for n in range(len(rows), 1, -1) if n * lengths[rows[n - 1]] <= positions)
            rows = rows[: next(fitting, 1)]
        start += len(rows)
        batch = EncodedItems.of([items[row] for row in rows], fields)
        yield rows, collate(batch, np.arange(len(rows)), longest(batch), len(rows))
