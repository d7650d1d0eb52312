"""Features that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nlpx.data.features import NAME, frozen_features
from nlpx.data.items import EncodedItems, Field, read_items, write_items

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 5, 5, 3)).astype(np.uint8)


class Pooled:
    """Means of colours, and how often they were asked for."""

    def __init__(self) -> None:
        self.batches = 0

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        assert batch.shape == (3, 5, 5, 3)
        self.batches += 1
        return batch.mean(axis=(1, 2))


Features = Callable[..., np.ndarray]


@pytest.fixture
def items(tmp_path: Path) -> EncodedItems:
    folder = tmp_path / "items"
    folder.mkdir()
    fields = {"image": Field("uint8", (5, 5, 3), sequence=None)}
    return read_items(folder, write_items(folder, ({"image": pixels} for pixels in PIXELS), fields))


def test_they_are_those_of_every_image_and_kept(items: EncodedItems, tmp_path: Path) -> None:
    pooled = Pooled()
    for _ in range(3):
        found = frozen_features(items, 3, pooled, "backbone 1", tmp_path / "cache")
        np.testing.assert_allclose(found, PIXELS.mean(axis=(1, 2)), rtol=1e-6)
        assert found.dtype == np.float32
    assert pooled.batches == 3  # of 3, 3 and 1 images, once


def test_another_backbone_is_asked_again(items: EncodedItems, tmp_path: Path) -> None:
    pooled = Pooled()
    for backbone in ("one", "other", "one"):
        frozen_features(items, 3, pooled, backbone, tmp_path / "cache")
    assert pooled.batches == 6


def test_a_damaged_entry_is_made_again(items: EncodedItems, tmp_path: Path) -> None:
    pooled = Pooled()
    frozen_features(items, 3, pooled, "one", tmp_path / "cache")
    (path,) = (tmp_path / "cache" / "features").glob(f"*/{NAME}")
    path.write_bytes(path.read_bytes()[:-4])
    found = frozen_features(items, 3, pooled, "one", tmp_path / "cache")
    np.testing.assert_allclose(found, PIXELS.mean(axis=(1, 2)), rtol=1e-6)
    assert pooled.batches == 6
