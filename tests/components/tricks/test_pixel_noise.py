"""Inverted pixels: which, how many, the same in every batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.tricks.pixel_noise import PixelNoise

ROWS = np.arange(30)
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 9, 7, 3)).astype(np.uint8)


def noisy(rows: np.ndarray, rate: float = 0.3, epoch: int = 0, seed: int = 0) -> np.ndarray:
    batch = {"image": IMAGES[rows], "label": rows}
    found = PixelNoise(rate=rate).data(batch, rows, epoch, seed)
    np.testing.assert_array_equal(found["label"], rows)
    return found["image"]


@given(st.permutations(range(30)), st.integers(1, 30))
def test_a_row_loses_the_same_pixels_in_every_batch(rows: list[int], count: int) -> None:
    some = np.array(rows[:count])
    np.testing.assert_array_equal(noisy(some), noisy(ROWS)[some])


def test_pixels_are_inverted_in_all_channels() -> None:
    found = noisy(ROWS)
    changed = (found != IMAGES).any(-1)
    np.testing.assert_array_equal(found, np.where(changed[..., None], 255 - IMAGES, IMAGES))
    assert found.dtype == np.uint8
    assert changed.mean() == pytest.approx(0.3, abs=0.04)
    np.testing.assert_array_equal(noisy(ROWS, rate=0.0), IMAGES)


def test_every_seed_epoch_and_row_has_its_own() -> None:
    drawn = [noisy(ROWS, epoch=epoch, seed=seed) != IMAGES for epoch, seed in ((0, 0), (1, 0), (0, 1))]
    assert len({mask.tobytes() for masks in drawn for mask in masks}) == 90
