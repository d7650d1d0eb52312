"""Both ways to add up values at positions."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.portable import portable
from nlpx.layers.sums import sums_at


@pytest.mark.parametrize("way", [nullcontext, portable])
def test_values_at_equal_positions_are_added(way: type[nullcontext[None]]) -> None:
    rng = np.random.default_rng(0)
    positions, values = rng.integers(0, 7, 50), rng.normal(size=50).astype(np.float32)
    expected = np.zeros(9, np.float32)
    np.add.at(expected, positions, values)
    with way():
        found = tf.function(sums_at)(tf.constant(positions), tf.constant(values), tf.constant(9))
    np.testing.assert_allclose(found, expected, atol=1e-6)
