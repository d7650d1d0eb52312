"""Virtual adversarial directions against the Hessian of the divergence, and with dropout."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import rel_entr, softmax

from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.virtual_adversarial import VirtualAdversarial
from nlpx.core.variable_names import VariableNames
from nlpx.layers.taps import tap
from tests.components.tricks.tapped import Evaluated, example, tapped, vectors

MATRIX = vectors(6, 4, seed=3).numpy()


def test_the_worst_direction_of_a_linear_model() -> None:
    """It is the first eigenvector of W (diag p - p p') W', up to its sign."""
    x = vectors(3, 2, 3)
    trick = VirtualAdversarial(epsilon=0.02, xi=0.01, iterations=30, weight=2.0)
    trick.name_variables(VariableNames([]))
    trick.build([])
    batch = {"target": tf.zeros(3, tf.int32), "mask": tf.constant([True, True, False])}

    def objective(batch: object) -> object:
        logits = tf.matmul(tf.reshape(tap("embedding", x), (3, 6)), MATRIX)
        return CrossEntropy()({**batch, "logits": logits}, 0)  # type: ignore[dict-item]

    term = trick.objective(objective, [])(batch)["virtual_adversarial"]  # type: ignore[arg-type]
    expected = 0.0
    for row in x.numpy().reshape(3, 6)[:2].astype(np.float64):
        p = softmax(row @ MATRIX)
        direction = np.linalg.eigh(MATRIX @ (np.diag(p) - np.outer(p, p)) @ MATRIX.T)[1][:, -1]
        changed = [softmax((row + sign * 0.02 * direction) @ MATRIX) for sign in (1, -1)]
        expected += np.mean([rel_entr(p, q).sum() for q in changed])
    assert [float(number) for number in term] == pytest.approx([expected, 2.0, 2.0], rel=0.05)


def test_all_passes_have_the_same_dropout() -> None:
    """The divergence is that of the move alone, and the seeds of the model go on as after one pass."""
    batch = example(4)
    learner, plain = tapped(0.5), tapped(0.5)
    found = Evaluated(learner, VirtualAdversarial(epsilon=1e-6))(batch)[0]
    alone = plain.losses({name: tf.constant(array) for name, array in batch.items()}, 0, training=True)
    assert found["virtual_adversarial"][0] == pytest.approx(0.0, abs=1e-6)
    assert found["plain_loss"][0] == float(alone["loss"].sum)
    for one, other in zip(learner.model.variables, plain.model.variables, strict=True):
        np.testing.assert_array_equal(value_of(one), value_of(other))


def test_directions_are_drawn_from_saved_numbers() -> None:
    """After each step others, which the same state gives again."""
    trick = VirtualAdversarial(epsilon=1.0)
    evaluated, batch = Evaluated(tapped(), trick), example(4)
    (state,) = trick.variables
    before = value_of(state)
    one, two = (evaluated(batch)[0]["virtual_adversarial"][0] for _ in range(2))
    assert one != two
    state.assign(before)
    assert evaluated(batch)[0]["virtual_adversarial"][0] == one
