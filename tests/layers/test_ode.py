"""Solvers as recurrent layers: the equation of the article, closed forms, orders, and SciPy."""

from __future__ import annotations

import json
from collections.abc import Mapping

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.integrate import solve_ivp

from nlpx.layers.ode import ODERNN, Method

TABLE = {10: (165, 283), 15: (197, 290), 30: (280, 276), 36: (305, 269), 40: (318, 266), 42: (324, 264)}
"""Numbers of two species by time, from (100, 150) at 0."""
TRUE = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003]
"""Growth, competition, 1 / capacity of both species."""


@keras.saving.register_keras_serializable(package="tests")
class Competition(keras.layers.Layer):
    """x_1' = r_1 x_1 (1 - x_1 / N_1) - a_1 x_1 x_2, and the same for x_2; within 1e5 of 0."""

    def build(self, input_shape: object) -> None:
        self.parameters = self.add_weight((6,), initializer="zeros", name="parameters")
        self.parameters.assign(TRUE)
        self.built = True

    def call(self, x: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        p = tf.convert_to_tensor(self.parameters)
        growth = p[:2] * x * (1 - x * p[4:]) - p[2:4] * x[:, :1] * x[:, 1:]
        return tf.clip_by_value(growth, -1e5, 1e5)


class Forced(keras.layers.Layer):
    """x' = cos(t) - 2 x."""

    def call(self, x: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        return tf.cos(t) - 2 * x


def competition(steps: int, step: float, method: Method = "euler") -> tuple[ODERNN, np.ndarray]:
    """The layer, and x at h, 2h, ... from (100, 150)."""
    layer = ODERNN(Competition(dtype="float64"), steps, step, method, dtype="float64")
    layer.build((None, 2))
    start = tf.constant([[100.0, 150.0]], tf.float64)
    return layer, tf.function(layer, autograph=False)(start)[0].numpy()


def squares(values: np.ndarray, table: Mapping[int, tuple[float, float]] = TABLE) -> float:
    """Sum of squared errors at the times of the table, for steps of 1."""
    return float(sum(((values[t - 1] - observed) ** 2).sum() for t, observed in table.items()))


def test_f12_euler_with_small_steps() -> None:
    values = competition(1000, 0.1)[1]
    expected = {
        10: (165.021, 282.862),
        15: (196.627, 289.866),
        30: (280.037, 275.521),
        36: (304.939, 269.409),
        40: (318.500, 265.926),
        42: (324.419, 264.372),
    }
    for time, pair in expected.items():
        np.testing.assert_allclose(values[10 * time - 1], pair, atol=6e-4)
        assert tuple(values[10 * time - 1].round()) == TABLE[time]


def test_f12_squared_errors_of_unit_steps() -> None:
    layer, values = competition(50, 1.0)
    assert squares(values) == pytest.approx(19.2368, abs=1e-4)
    start = tf.constant([[100.0, 150.0]], tf.float64)
    for parameters, expected in (
        ([0.1, 0.1, 1e-3, 1e-3, 1e-3, 1e-3], 915_369.64),
        ([0.0995784, 0.2796472, 9.6939e-5, 1.872847e-4, 0.00203537, 0.00300083], 0.69664),
    ):
        layer.field.parameters.assign(parameters)
        assert squares(layer(start)[0].numpy()) == pytest.approx(expected, rel=1e-3)


def test_the_gradient_passes_all_steps() -> None:
    layer, _ = competition(12, 1.0)
    start = tf.constant([[100.0, 150.0]], tf.float64)
    weights = layer.field.parameters

    def last() -> tf.Tensor:
        return tf.reduce_sum(layer(start)[:, -1])

    with tf.GradientTape() as tape:
        value = last()
    gradient = tape.gradient(value, weights.value).numpy()
    for i, size in enumerate(TRUE):
        ends = []
        for sign in (1, -1):
            weights.assign([p * (1 + sign * 1e-6 * (i == j)) for j, p in enumerate(TRUE)])
            ends.append(float(last()))
        assert (ends[0] - ends[1]) / (2e-6 * size) == pytest.approx(gradient[i], rel=1e-5)
        weights.assign(TRUE)


def test_runge_and_kutta_agree_with_scipy() -> None:
    values = competition(84, 0.5, "rk4")[1]
    r1, r2, a1, a2, n1, n2 = TRUE
    exact = solve_ivp(
        lambda t, x: [
            r1 * x[0] * (1 - x[0] * n1) - a1 * x[0] * x[1],
            r2 * x[1] * (1 - x[1] * n2) - a2 * x[0] * x[1],
        ],
        (0, 42),
        [100, 150],
        rtol=1e-10,
        atol=1e-8,
    )
    np.testing.assert_allclose(values[-1], exact.y[:, -1], rtol=1e-6)
    np.testing.assert_allclose(values[-1], [324.344, 264.390], atol=1e-3)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
def test_orders(method: Method, order: int) -> None:
    """Half the step divides the error by 2^order; the time that f sees counts."""
    exact = (2 * np.cos(1) + np.sin(1) - 2 * np.exp(-2)) / 5 + 3 * np.exp(-2)
    errors = []
    for steps in (16, 32):
        layer = ODERNN(Forced(dtype="float64"), steps, 1 / steps, method, dtype="float64")
        errors.append(abs(float(layer(tf.constant([[3.0]], tf.float64))[0, -1, 0]) - exact))
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.15)


def test_the_config_makes_the_same_layer() -> None:
    layer = ODERNN(Competition(), 5, 0.5, "heun")
    start = np.array([[100.0, 150.0], [1.0, 2.0]], np.float32)
    again = ODERNN.from_config(json.loads(json.dumps(layer.get_config())))
    np.testing.assert_array_equal(layer(start), again(start))
    assert layer.compute_output_shape((None, 2)) == (None, 5, 2)
