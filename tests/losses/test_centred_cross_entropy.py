"""The loss of two heads and centres."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nlpx.losses.centred_cross_entropy import CentredCrossEntropy

RANDOM = np.random.default_rng(0)
MAIN, AUX = RANDOM.normal(size=(2, 7, 5)).astype(np.float32)
DISTANCES = RANDOM.random(7).astype(np.float32)
LABELS = np.array([0, 1, 4, 3, 3, 2, 0])


def keras_sum(logits: np.ndarray, smoothing: float = 0.0) -> float:
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="sum")
    return float(loss(np.eye(5, dtype=np.float32)[LABELS], logits))


@pytest.mark.parametrize(("auxiliary", "centre"), [(0.25, 0.25), (0.0, 0.0), (1.0, 0.01)])
def test_the_loss_is_the_weighted_sum_of_its_parts(auxiliary: float, centre: float) -> None:
    total, pictures = CentredCrossEntropy(auxiliary, centre)(MAIN, AUX, DISTANCES, LABELS)
    expected = keras_sum(MAIN) + auxiliary * keras_sum(AUX) + centre * float(DISTANCES.sum())
    assert float(total) == pytest.approx(expected, rel=1e-5)
    assert float(pictures) == 7


def test_smoothing_is_that_of_keras_in_both_heads() -> None:
    total, _ = CentredCrossEntropy(0.5, 0.0, label_smoothing=0.1)(MAIN, AUX, DISTANCES, LABELS)
    assert float(total) == pytest.approx(keras_sum(MAIN, 0.1) + 0.5 * keras_sum(AUX, 0.1), rel=1e-5)


def test_smoothing_of_a_known_case() -> None:
    """y = (1, 0, 0), p = (.7, .2, .1), e = .1 give .463297."""
    logits = np.log(np.array([[0.7, 0.2, 0.1]], np.float32))
    total, _ = CentredCrossEntropy(0.0, 0.0, label_smoothing=0.1)(
        logits, logits, np.zeros(1, np.float32), np.array([0])
    )
    assert float(total) == pytest.approx(0.463297, abs=1e-6)
