"""Sharpness-aware minimization against its closed form for a quadratic loss."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.sam import SAM

CURVATURE = np.array([1.0, 3.0, 0.5], np.float32)
START = np.array([0.3, -0.2, 1.0], np.float32)


def gradients(scale: float = 1.0, rho: float = 0.1) -> tuple[list[np.ndarray | None], list[keras.Variable]]:
    """Of a quadratic loss with two terms behind the trick, and the variables, of which the second one is unused."""
    variables = [keras.Variable(START), keras.Variable([5.0]), keras.Variable([[2.0, -1.0]])]

    def objective(batch: Mapping[str, tf.Tensor]) -> Mapping[str, Term]:
        one, _, other = (variable.value for variable in variables)
        first = 0.5 * tf.reduce_sum(CURVATURE * tf.square(one))
        second = tf.reduce_sum(tf.square(tf.gather(other, [0, 0])))
        three, two = tf.constant(3.0), tf.constant(2.0)
        return {"one": Term(3 * scale * first, three), "other": Term(2 * scale * second, two, 0.25)}

    with tf.GradientTape() as tape:
        terms = SAM(rho=rho).objective(objective, variables)({})
        loss = terms["one"].sum / 3 + 0.25 * terms["other"].sum / 2
    found = tape.gradient(loss, [variable.value for variable in variables])
    return [None if g is None else tf.convert_to_tensor(g).numpy() for g in found], variables


@pytest.mark.parametrize("scale", [1.0, 1e-12])
def test_a_quadratic_loss(scale: float) -> None:
    """g = A w: the gradient is A (w + rho A w / |A w|), whatever the scale of the loss."""
    found, variables = gradients(scale)
    slopes = [CURVATURE * START, np.array([[2.0, -1.0]])]
    norm = np.sqrt(sum(float((slope**2).sum()) for slope in slopes))
    expected = [CURVATURE * (START + 0.1 * slopes[0] / norm), [[2.0, -1.0]] + 0.1 * slopes[1] / norm]
    np.testing.assert_allclose(found[0], scale * expected[0], rtol=1e-5)  # type: ignore[arg-type]
    np.testing.assert_allclose(found[2], scale * expected[1], rtol=1e-5)  # type: ignore[arg-type]
    assert found[1] is None
    for variable, value in zip(variables, [START, [5.0], [[2.0, -1.0]]], strict=True):
        np.testing.assert_array_equal(value_of(variable), np.array(value, np.float32))


@pytest.mark.parametrize("scale", [0.0, np.inf])
def test_weights_do_not_move_along_gradients_that_are_zero_or_not_finite(scale: float) -> None:
    _, variables = gradients(scale)
    np.testing.assert_array_equal(value_of(variables[0]), START)
