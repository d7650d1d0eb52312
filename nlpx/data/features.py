"""What a backbone that does not learn makes of the training images: computed once, kept in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nlpx.data.cache import damage, remove_entry, write_entry
from nlpx.data.images import unpack
from nlpx.data.prepared import EncodedItems

NAME = "features.f32"


def frozen_features(
    items: EncodedItems,
    size: int,
    batch_size: int,
    pooled: Callable[[np.ndarray], np.ndarray],
    backbone: str,
    cache: Path,
) -> np.ndarray:
    """Pooled features of all items, (n, D) float32, mapped from the cache.

    Args:
        items: with the sequence `image`, whose `pixels` are packed images.
        size: edge of the images.
        batch_size: images of one batch.
        pooled: (batch_size, size, size, 3) uint8 -> (batch_size, D) float32.
        backbone: a text that changes whenever `pooled` would give something else.
        cache: folder of the cache.

    Raises:
        EnvironmentProblem: the cache cannot be written.
    """
    images = items.others["picture"]
    digest = hashlib.sha256(backbone.encode())
    digest.update(images.features["picture.pixels"].data)
    entry = cache / "features" / digest.hexdigest()[:32]
    if entry.is_dir() and damage(entry) is None:
        return _read(entry, len(items))
    remove_entry(entry)

    def write(folder: Path) -> np.ndarray:
        with (folder / NAME).open("wb") as file:
            for start in range(0, len(items), batch_size):
                stop = min(start + batch_size, len(items))
                batch = np.zeros((batch_size, size, size, 3), np.uint8)
                for row, item in enumerate(range(start, stop)):
                    begin = int(images.offsets[item])
                    end = begin + int(images.lengths[item])
                    batch[row] = unpack(images.features["picture.pixels"][begin:end], size)
                pooled(batch)[: stop - start].astype(np.float32).tofile(file)
        return _read(folder, len(items))

    return write_entry(entry, write)


def _read(folder: Path, rows: int) -> np.ndarray:
    return np.asarray(np.memmap(folder / NAME, np.float32, "r")).reshape(rows, -1)
