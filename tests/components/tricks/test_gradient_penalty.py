"""The penalty on input gradients against closed forms and finite differences."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.gradient_penalty import GradientPenalty
from tests.components.tricks.tapped import Evaluated, example, objective_of, part, tapped, vectors

Numbers = Callable[[], float]


def test_a_quadratic_loss() -> None:
    """|x|^2 / 2 has the slope x: penalty |x|^2 / 2, whose gradient is x."""
    x = vectors(3, 2, 4)
    objective = objective_of(lambda e: 0.5 * tf.reduce_sum(tf.square(e), (1, 2)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        terms = GradientPenalty(epsilon=0.3).objective(objective, [])({"vectors": x})
        total = tf.add_n([term.coefficient * term.sum for term in terms.values()])
    assert float(terms["gradient_penalty"].sum) == pytest.approx(float(terms["plain_loss"].sum), rel=1e-6)
    assert (float(terms["gradient_penalty"].weight), terms["gradient_penalty"].coefficient) == (3.0, 0.3)
    np.testing.assert_allclose(tape.gradient(total, x), 1.3 * x.numpy(), rtol=1e-5)


def test_finite_differences() -> None:
    """Of the loss of one row by its vectors, which are rows of the table here, and of the penalty by a weight."""
    learner = tapped()
    row = part(example(1), slice(0, 1))
    row["char"], row["second"] = np.array([[1, 2]], np.int32), np.array([[3]], np.int32)
    row["char.mask"], row["second.mask"] = np.ones((1, 2), bool), np.ones((1, 1), bool)
    evaluated = Evaluated(learner, GradientPenalty(epsilon=1.0))
    (table, kernel), step = (learner.model.embedding.embeddings, learner.model.head.kernel), 1e-2

    def moved(variable: keras.Variable, place: tuple[int, int], change: float, function: Numbers) -> float:
        value = value_of(variable)
        other = value.copy()
        other[place] += change
        variable.assign(other)
        found = function()
        variable.assign(value)
        return found

    def slope(variable: keras.Variable, place: tuple[int, int], function: Numbers) -> float:
        ahead, behind = (moved(variable, place, change, function) for change in (step, -step))
        return (ahead - behind) / (2 * step)

    tensors = {name: tf.constant(array) for name, array in row.items()}
    loss = tf.function(lambda: learner.losses(tensors, 0, training=True)["loss"].sum, autograph=False)
    plain: Numbers = lambda: float(loss())  # noqa: E731
    penalized: Numbers = lambda: sum(term[0] for term in evaluated(row)[0].values())  # noqa: E731
    slopes = [slope(table, (i, j), plain) for i in range(1, 4) for j in range(4)]
    terms, gradients = evaluated(row)
    assert terms["gradient_penalty"][0] == pytest.approx(0.5 * np.sum(np.square(slopes)), rel=2e-3)
    by_kernel = gradients[[variable is kernel for variable in evaluated.variables].index(True)]
    assert by_kernel is not None
    assert by_kernel[1, 2] == pytest.approx(slope(kernel, (1, 2), penalized), rel=2e-3, abs=1e-4)
