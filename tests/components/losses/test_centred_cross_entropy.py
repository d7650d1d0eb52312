"""The objective of two heads and centres."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.centred_cross_entropy import CentredCrossEntropy

RANDOM = np.random.default_rng(0)
MAIN, AUX = RANDOM.normal(size=(2, 7, 5)).astype(np.float32)
FEATURE = RANDOM.normal(size=(7, 3)).astype(np.float32)
LABELS = np.array([0, 1, 4, 3, 3, 2, 0])


def objective(*, classes: int = 5, **options: float) -> CentredCrossEntropy:
    made = CentredCrossEntropy.model_validate(options)
    made.build({"classes": classes, "width": 3})
    return made


def measured(loss: CentredCrossEntropy, main: np.ndarray, aux: np.ndarray, labels: np.ndarray) -> float:
    """The objective times the number of images."""
    feature, mask = FEATURE[: len(labels)], np.ones(len(labels), bool)
    values = {"logits": main, "auxiliary_logits": aux, "feature": feature, "target": labels, "mask": mask}
    terms = loss(values, 0)
    assert {float(term.weight) for term in terms.values()} == {len(labels)}
    return sum(float(term.sum) * float(term.coefficient) for term in terms.values())


def keras_sum(logits: np.ndarray, smoothing: float = 0.0) -> float:
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="sum")
    return float(loss(np.eye(5, dtype=np.float32)[LABELS], logits))


@pytest.mark.parametrize(("auxiliary", "centre"), [(0.25, 0.25), (0.0, 0.0), (1.0, 0.01)])
def test_the_objective_is_the_weighted_sum_of_its_terms(auxiliary: float, centre: float) -> None:
    loss = objective(auxiliary=auxiliary, centre=centre)
    distances = float(((FEATURE - loss.trainable_variables[0].numpy()[LABELS]) ** 2).sum())
    expected = keras_sum(MAIN) + auxiliary * keras_sum(AUX) + centre * distances
    assert measured(loss, MAIN, AUX, LABELS) == pytest.approx(expected, rel=1e-5)


def test_smoothing_is_that_of_keras_in_both_heads() -> None:
    loss = objective(auxiliary=0.5, centre=0.0, label_smoothing=0.1)
    expected = keras_sum(MAIN, 0.1) + 0.5 * keras_sum(AUX, 0.1)
    assert measured(loss, MAIN, AUX, LABELS) == pytest.approx(expected, rel=1e-5)


def test_f7_smoothing_of_a_known_case() -> None:
    """y = (1, 0, 0), p = (.7, .2, .1), e = .1 give .463297."""
    logits = np.log(np.array([[0.7, 0.2, 0.1]], np.float32))
    loss = objective(classes=3, auxiliary=0.0, centre=0.0, label_smoothing=0.1)
    assert measured(loss, logits, logits, np.array([0])) == pytest.approx(0.463297, abs=1e-6)


def test_the_centres_alone_become_the_means_of_their_classes() -> None:
    """With the gradient 2 (C_y - f); a class without images keeps its centre."""
    loss = objective(classes=6)
    (centres,) = loss.trainable_variables
    before, optimizer = centres.numpy(), keras.optimizers.SGD(0.1)
    values = {"logits": MAIN, "auxiliary_logits": AUX, "feature": FEATURE, "target": LABELS}
    for number in range(300):
        with tf.GradientTape() as tape:
            total = loss({**values, "mask": np.ones(7, bool)}, number)["centre"].sum
        gradient = tf.convert_to_tensor(tape.gradient(total, centres.value))
        if not number:
            expected = [2 * (before[c] - FEATURE[c == LABELS]).sum(axis=0) for c in range(6)]
            np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)
        optimizer.apply([gradient], [centres])
    means = [FEATURE[c == LABELS].mean(axis=0) for c in range(5)]
    np.testing.assert_allclose(centres.numpy()[:5], means, atol=1e-5)
    assert (centres.numpy()[5] == before[5]).all()
