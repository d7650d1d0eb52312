"""Squared errors of states against NumPy."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from nlpx.components.losses.squared_error import SquaredError
from tests.components.losses.harness import random_values


def test_it_is_the_mean_over_observed_values() -> None:
    values = random_values(SquaredError(), "rows")
    state, seen, used = (np.array(values[name]) for name in ("state", "observed_state", "observed"))
    (term,) = SquaredError()(values, 0).values()
    np.testing.assert_allclose(term.sum / term.weight, np.mean((state - seen)[used != 0] ** 2), rtol=1e-5)


def test_what_was_not_observed_may_be_anything() -> None:
    state = tf.constant([[1.0, np.nan], [np.inf, 3.0]])
    values = {
        "mask": tf.constant([True, True]),
        "state": state,
        "observed_state": tf.constant([[2.0, 0.0], [0.0, 5.0]]),
        "observed": tf.constant([[True, False], [False, True]]),
    }
    with tf.GradientTape() as tape:
        tape.watch(state)
        (term,) = SquaredError()(values, 0).values()
    assert (float(term.sum), float(term.weight)) == (5.0, 2.0)
    np.testing.assert_array_equal(tape.gradient(term.sum, state), [[-2, 0], [0, -4]])
