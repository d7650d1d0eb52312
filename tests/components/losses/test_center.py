"""Center loss: its gradients, and where centres go."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.sum import Sum

RANDOM = np.random.default_rng(0)
FEATURE = RANDOM.normal(size=(8, 3)).astype(np.float32)
LABELS = np.array([0, 1, 4, 3, 3, 2, 0, 1])
MASK = np.arange(8) < 7
WEIGHT = 0.2


def weighted() -> Sum:
    """Center loss alone, with the weight of the article."""
    loss = Sum.model_validate({"type": "sum", "losses": [{"weight": WEIGHT, "loss": {"type": "center"}}]})
    loss.build({"classes": 6, "width": 3})
    return loss


def measured(loss: Sum, features: tf.Tensor) -> tf.Tensor:
    """lambda * the sum over rows."""
    term = loss({"feature": features, "target": LABELS, "mask": MASK}, 0)["center"]
    assert float(term.weight) == 7
    return term.coefficient * term.sum


def test_value_and_gradients() -> None:
    """dL/dC_j = 2 lambda sum_i (C_j - x_i), dL/dx_i = 2 lambda (x_i - C_j); a row that is no row has none."""
    loss = weighted()
    (centres,) = loss.trainable_variables
    features, before = tf.constant(FEATURE), centres.numpy()
    with tf.GradientTape() as tape:
        tape.watch(features)
        total = measured(loss, features)
    of_centres, of_features = map(tf.convert_to_tensor, tape.gradient(total, [centres.value, features]))
    differences = (FEATURE - before[LABELS]) * MASK[:, None]
    np.testing.assert_allclose(total, WEIGHT * (differences**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(of_features, 2 * WEIGHT * differences, rtol=1e-5, atol=1e-7)
    expected = [-2 * WEIGHT * differences[c == LABELS].sum(0) for c in range(6)]
    np.testing.assert_allclose(of_centres, expected, rtol=1e-4, atol=1e-6)


def test_the_centres_alone_become_the_means_of_their_classes() -> None:
    """A class without rows keeps its centre."""
    loss = weighted()
    (centres,) = loss.trainable_variables
    before, optimizer = centres.numpy(), keras.optimizers.SGD(0.5)
    for _ in range(100):
        with tf.GradientTape() as tape:
            total = measured(loss, FEATURE)
        optimizer.apply([tf.convert_to_tensor(tape.gradient(total, centres.value))], [centres])
    means = [FEATURE[MASK & (c == LABELS)].mean(0) for c in range(5)]
    np.testing.assert_allclose(centres.numpy()[:5], means, atol=1e-5)
    assert (centres.numpy()[5] == before[5]).all()
