"""Batches of items that are not sequences, in an order that is a pure function of (seed, epoch, index)."""

from __future__ import annotations

import numpy as np

from nlpx.data.items import EncodedItems


class ShuffledBatches:
    """Every item once per epoch; the last batch is filled from the start of the order, so that all are full.

    Args:
        items: whose fields belong to no sequence.
        batch_size: items of a batch.
        seed: seed of the order.
        accumulation: micro-batches of an update.
    """

    def __init__(self, items: EncodedItems, batch_size: int, seed: int, accumulation: int = 1) -> None:
        self._items = items
        self._size = batch_size
        self._seed = seed
        self._accumulation = accumulation
        self._order: tuple[int, np.ndarray] | None = None

    @property
    def updates_per_epoch(self) -> int:
        return -(-len(self._items) // (self._size * self._accumulation))

    def update(self, epoch: int, index: int) -> list[dict[str, np.ndarray]]:
        return [
            {name: array[rows] for name, array in self._items.arrays.items()}
            for rows in self._rows(epoch, index)
        ]

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        return [rows.tolist() for rows in self._rows(epoch, index)]

    def _rows(self, epoch: int, index: int) -> np.ndarray:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(len(self._items))
        order, size = self._order[1], self._size * self._accumulation
        places = np.arange(index * size, (index + 1) * size) % len(order)
        return order[places].reshape(self._accumulation, self._size)
