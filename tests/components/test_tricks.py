"""Tricks against closed forms and TensorFlow's own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.clip_gradients import ClipGradients
from nlpx.components.tricks.ema import EMA


def clip(norm: float, gradients: list[Any]) -> list[Any]:
    """What becomes of the gradients of some variables, which are not looked at."""
    variable = keras.Variable(0.0)
    return [g for g, _ in ClipGradients(norm=norm).gradients([(g, variable) for g in gradients])]


@given(norm=st.floats(0.01, 100), size=st.floats(0, 50))
def test_clipping_keeps_the_direction(norm: float, size: float) -> None:
    rng = np.random.default_rng(0)
    gradients = [tf.constant(size * rng.standard_normal(shape), tf.float32) for shape in ((3, 4), (5,))]
    clipped = clip(norm, gradients)
    expected, _ = tf.clip_by_global_norm(gradients, norm)
    for got, want in zip(clipped, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7)
    assert float(tf.linalg.global_norm(clipped)) <= norm * (1 + 1e-5)


def test_small_gradients_are_untouched() -> None:
    gradient = tf.constant([0.3, 0.4])
    np.testing.assert_array_equal(clip(0.5, [gradient])[0], gradient)


def test_a_gradient_that_is_none_stays_none() -> None:
    one, none = clip(1.0, [tf.constant([3.0, 4.0]), None])
    np.testing.assert_allclose(one, [0.6, 0.8], rtol=1e-6)
    assert none is None


def test_gradients_of_zero_stay_zero() -> None:
    np.testing.assert_array_equal(clip(1.0, [tf.zeros(3)])[0], np.zeros(3))


def descend(ema: EMA, steps: int) -> keras.Variable:
    """f = w^2 / 2 by SGD with rate 0.1 from w = 1."""
    weight = keras.Variable(1.0)
    ema.build([weight])
    for _ in range(steps):
        weight.assign(weight.value - 0.1 * weight.value)
        ema.update([weight])
    return weight


def test_fixture_of_ten_steps() -> None:
    ema = EMA(momentum=0.9)
    weight = descend(ema, 10)
    assert float(weight.value) == pytest.approx(0.3486784401, rel=1e-6)
    average = float(ema.evaluation([value_of(weight)])[0])
    # The fixture's average begins at w_0 = 1 and has no correction: 0.9^10 * w_0 + m_10 = .6973568802.
    started_at_zero = 0.6973568802 - 0.9**10 * 1.0
    assert average == pytest.approx(started_at_zero / (1 - 0.9**10), rel=1e-6)


@given(momentum=st.sampled_from([0.0, 0.5, 0.99, 0.9999]), steps=st.integers(1, 30))
def test_average_is_the_weighted_mean_of_the_weights_seen(momentum: float, steps: int) -> None:
    ema = EMA(momentum=momentum)
    descend(ema, steps)
    shares = momentum ** np.arange(steps - 1, -1, -1.0)
    expected = np.sum(shares * 0.9 ** np.arange(1, steps + 1)) / shares.sum()
    assert float(ema.evaluation([np.zeros((), np.float32)])[0]) == pytest.approx(expected, rel=2e-5)


def test_a_constant_weight_is_its_own_average_also_with_momentum_near_one() -> None:
    weight, ema = keras.Variable(np.array([0.3, -7.0], np.float32)), EMA(momentum=0.9999)
    ema.build([weight])
    for _ in range(50):
        ema.update([weight])
    np.testing.assert_allclose(ema.evaluation([value_of(weight)])[0], [0.3, -7.0], rtol=2e-6)


def test_before_the_first_update_evaluation_sees_the_weights() -> None:
    ema = EMA()
    ema.build([keras.Variable(2.0)])
    assert ema.evaluation([np.array(2.0, np.float32)]) == [2.0]
    assert len(ema.variables) == 2
