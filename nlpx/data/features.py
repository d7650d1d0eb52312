"""Cached features of the training images for a frozen backbone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nlpx.data.cache import open_entry
from nlpx.data.items import EncodedItems

NAME = "features.f32"


def frozen_features(
    items: EncodedItems,
    batch_size: int,
    pooled: Callable[[np.ndarray], np.ndarray],
    backbone: str,
    cache: Path,
) -> np.ndarray:
    """Pooled features of all items, (n, D) float32, mapped from the cache.

    Args:
        pooled: (batch_size, S, S, 3) uint8 -> (batch_size, D) float32.
        backbone: a string that changes whenever `pooled` would give different results.

    Raises:
        EnvironmentProblem: the cache cannot be written.
    """
    images = items.arrays["image"]
    digest = hashlib.sha256(backbone.encode())
    digest.update(images.reshape(-1).data)
    entry = cache / "features" / digest.hexdigest()[:32]

    def write(folder: Path) -> None:
        with (folder / NAME).open("wb") as file:
            for start in range(0, len(images), batch_size):
                chunk = images[start : start + batch_size]
                batch = np.zeros((batch_size, *images.shape[1:]), np.uint8)
                batch[: len(chunk)] = chunk
                pooled(batch)[: len(chunk)].astype(np.float32).tofile(file)

    def read(folder: Path) -> np.ndarray:
        return np.asarray(np.memmap(folder / NAME, np.float32, "r")).reshape(len(images), -1)

    return open_entry(entry, write, read)[0]
