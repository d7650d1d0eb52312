"""Batches of items that are not in a corpus on disk: texts to answer, rows to measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nlpx.data.prepared import sequence_of

Item = Mapping[str, np.ndarray]


def padded_batches(
    items: Sequence[Item], batch_size: int
) -> Iterator[tuple[list[int], dict[str, np.ndarray]]]:
    """Batches of items of similar length, short ones first: which items, and their arrays.

    The arrays are those of `nlpx.data.batching.collate`: every sequence as long as its longest in the batch,
    with a mask of its own. Items whose main sequence is empty are left out.

    Args:
        items: features by name, 1-D int32; those of one sequence are equally long.
        batch_size: most items of a batch.
    """
    main = next((name for name in items[0] if not sequence_of(name)), None) if items else None
    if main is None:
        return
    lengths = [len(item[main]) for item in items]
    order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield rows, padded([items[row] for row in rows])


def padded(items: Sequence[Item]) -> dict[str, np.ndarray]:
    """One batch: every feature (B, its longest) int32 with 0 beyond the end, and the masks of sequences."""
    batch: dict[str, np.ndarray] = {}
    for name in items[0]:
        lengths = np.array([len(item[name]) for item in items])
        mask = np.arange(max(int(lengths.max()), 1)) < lengths[:, None]
        values = np.zeros(mask.shape, np.int32)
        values[mask] = np.concatenate([item[name] for item in items])
        batch[name] = values
        sequence = sequence_of(name)
        batch[f"{sequence}.mask" if sequence else "mask"] = mask
    return batch
