"""Rows of consecutive words with their windows, in an order that depends on (seed, epoch, index) only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nlpx.data.items import MAIN, EncodedItems
from nlpx.tasks.vectors.codec import WORD

Batch = dict[str, np.ndarray]
OUTSIDE = -1
"""The text of positions that belong to none."""


@dataclass(frozen=True)
class WindowOptions:
    """How windows are drawn.

    Attributes:
        window: number of words on each side; both sides have the full width.
        shrink: whether the width of a window is drawn from 1 to `window`, so that near words count more.
        length: centres of a row.
        only_targets: whether subsampling leaves out centres only; otherwise it removes words from the text.
    """

    window: int = 5
    shrink: bool = True
    length: int = 32
    only_targets: bool = False


@dataclass(frozen=True)
class _Epoch:
    """The words of an epoch with `window` positions of padding around all, and the order of its rows."""

    number: int
    words: np.ndarray
    texts: np.ndarray
    reach: np.ndarray
    order: np.ndarray


class WindowBatches:
    """Batches of rows of `length` centres, with `window` words before and after them.

    A batch has the fields `word` and `text` (B, window + length + window), ids of words and numbers of their
    texts; `reach` (B, length), the width of the window of each centre, 0 where there is none; and `row_key`
    (B,). Windows look across the ends of rows, but not of texts.

    Args:
        items: texts of ids.
        keep: the probability of keeping an occurrence of each word, (U,).
        options: how windows are drawn.
        batch_size: rows of a batch.
        seed: seed of the order, of subsampling and of windows.
        accumulation: micro-batches of an update.
    """

    def __init__(
        self,
        items: EncodedItems,
        keep: np.ndarray,
        options: WindowOptions,
        batch_size: int,
        seed: int,
        accumulation: int = 1,
    ) -> None:
        self._words = items.arrays[WORD]
        self._lengths = items.extents[MAIN].lengths
        self._keep = keep.astype(np.float32)
        self._options = options
        self._size = batch_size
        self._seed = seed
        self._accumulation = accumulation
        expected = len(self._words)
        if not options.only_targets:
            counts = np.bincount(self._words, minlength=len(keep))
            expected = round(float(counts @ keep.astype(np.float64)))
        rows = -(-expected // options.length)
        self._updates = max(1, -(-rows // (batch_size * accumulation)))
        self._epoch: _Epoch | None = None

    @property
    def updates_per_epoch(self) -> int:
        """From the expected number of words that subsampling keeps; an epoch with a few more loses them."""
        return self._updates

    def update(self, epoch: int, index: int) -> list[Batch]:
        return [self._batch(self._at(epoch), rows) for rows in self._rows(epoch, index)]

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        window, length = self._options.window, self._options.length
        texts = self._at(epoch).texts
        return [
            [int(texts[window + row * length]) for row in rows if row >= 0]
            for rows in self._rows(epoch, index)
        ]

    def _rows(self, epoch: int, index: int) -> np.ndarray:
        """The rows of each micro-batch, -1 where none is left."""
        order, size = self._at(epoch).order, self._size * self._accumulation
        rows = order[index * size : (index + 1) * size]
        missing = np.full(size - len(rows), -1, rows.dtype)
        return np.concatenate([rows, missing]).reshape(self._accumulation, self._size)

    def _batch(self, epoch: _Epoch, rows: np.ndarray) -> Batch:
        window, length = self._options.window, self._options.length
        starts = np.maximum(rows, 0) * length
        places = starts[:, None] + np.arange(length + 2 * window)
        reach = epoch.reach[places[:, window : window + length]].astype(np.int32)
        reach[rows < 0] = 0
        return {
            "word": epoch.words[places],
            "text": epoch.texts[places],
            "reach": reach,
            "row_key": rows.astype(np.int32),
        }

    def _at(self, number: int) -> _Epoch:
        if self._epoch is None or self._epoch.number != number:
            self._epoch = self._drawn(number)
        return self._epoch

    def _drawn(self, number: int) -> _Epoch:
        options = self._options
        rng = np.random.default_rng([self._seed, number])
        words = np.asarray(self._words)
        texts = np.repeat(np.arange(len(self._lengths), dtype=np.int32), self._lengths)
        kept = rng.random(len(words), np.float32) < self._keep[words]
        if not options.only_targets:
            words, texts, kept = words[kept], texts[kept], kept[kept]
        low = 1 if options.shrink else options.window
        reach = rng.integers(low, options.window + 1, len(words), np.uint8) * kept
        rows = max(1, -(-len(words) // options.length))
        before, after = options.window, options.window + rows * options.length - len(words)

        def padded(array: np.ndarray, value: int) -> np.ndarray:
            return np.pad(array, (before, after), constant_values=value)

        order = rng.permutation(rows)
        return _Epoch(number, padded(words, 0), padded(texts, OUTSIDE), padded(reach, 0), order)


def whole_windows(ids: np.ndarray, window: int, length: int, rows: int) -> Iterator[Batch]:
    """Batches of `rows` rows with all windows of one text, at their full width.

    Args:
        ids: the words of the text, (n,).
        window, length: as in `WindowOptions`.
        rows: rows of a batch.
    """
    per_batch = rows * length
    for start in range(0, len(ids), per_batch):
        starts = start + np.arange(rows)[:, None] * length
        places = starts + np.arange(-window, length + window)
        inside = (places >= 0) & (places < len(ids))
        centres = starts + np.arange(length)
        yield {
            "word": np.where(inside, ids[np.clip(places, 0, len(ids) - 1)], 0).astype(np.int32),
            "text": np.where(inside, 0, OUTSIDE).astype(np.int32),
            "reach": np.where(centres < len(ids), window, 0).astype(np.int32),
            "row_key": np.arange(rows, dtype=np.int32),
        }
