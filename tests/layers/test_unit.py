"""Normalization to length 1."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from nlpx.layers.unit import unit


def test_the_unit_of_zero_is_zero_with_a_finite_gradient() -> None:
    x = tf.constant([[3.0, 4.0], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = unit(x)
    np.testing.assert_allclose(y, np.array([[0.6, 0.8], [0, 0]]), rtol=1e-6)
    assert np.isfinite(tape.gradient(y, x)).all()
