"""Noise is there in training only, and has the moments that it should have."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.components.encoders.noise import Noise
from nlpx.core.build import build


def test_moments_in_training_and_nothing_otherwise() -> None:
    layer = build(Noise(stddev=1.0), name="noise")
    x = np.random.default_rng(0).normal(size=(10, 100, 100)).astype(np.float32)
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    added = np.asarray(layer(x, training=True), np.float64) - x
    # 1e5 draws: five standard errors of a mean and of a variance.
    assert added.mean() == pytest.approx(0, abs=5e5**-0.5 * 5)
    assert added.var() == pytest.approx(1, abs=5 * (2 / 1e5) ** 0.5)
    assert not np.array_equal(layer(x, training=True), layer(x, training=True))


def test_size_and_padding() -> None:
    layer = build(Noise(stddev=0.1))
    x, mask = np.zeros((50, 40, 10), np.float32), np.arange(40) < 30
    added = layer(x, mask=np.broadcast_to(mask, (50, 40)), training=True).numpy()
    assert added[:, mask].std() == pytest.approx(0.1, rel=0.03)
    assert not added[:, ~mask].any()
