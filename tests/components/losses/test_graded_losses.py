"""Losses of classes that fade where the target is probable: the tables of the articles, Keras, and sums by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.losses.base import Loss
from nlpx.components.losses.binary_cross_entropy import BinaryCrossEntropy
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.losses.focal import Focal
from nlpx.components.losses.hard_truncated import HardTruncated
from nlpx.components.losses.soft_truncated import SoftTruncated

COLUMNS: list[Loss] = [
    CrossEntropy(),
    SoftTruncated(sharpness=1),
    Focal(gamma=1),
    SoftTruncated(sharpness=2),
    Focal(gamma=2),
    HardTruncated(threshold=0.5),
]
TABLE = {
    -2: (2.126928, 1.873392, 1.873392, 2.0886726, 1.6500782, 2.126928),
    0: (0.693147, 0.3465736, 0.3465736, 0.3465736, 0.1732868, 0.3465736),
    2: (0.126928, 0.0151302, 0.0151302, 0.00228295, 0.00180356, 0.0),
}
"""By the logit x of a row of the class 1: what the columns are."""
BINARY = [*COLUMNS, HardTruncated(), BinaryCrossEntropy(), BinaryCrossEntropy(label_smoothing=0.2)]


def of_logit(loss: Loss, x: float, target: int = 1) -> float:
    """The loss of one row of two classes."""
    return float(loss(two_classes(np.array([x], np.float32), np.array([target])), 0)["loss"].sum)


def two_classes(x: np.ndarray | tf.Tensor, target: np.ndarray) -> dict[str, tf.Tensor]:
    x = tf.constant(x)
    return {
        "logits": tf.stack([tf.zeros_like(x), x], -1),
        "logit": x,
        "target": tf.constant(target, tf.int32),
        "mask": tf.ones(x.shape, tf.bool),
    }


@pytest.mark.parametrize("x", TABLE)
@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=[repr(loss) for loss in COLUMNS])
def test_f6_values_of_the_article(x: int, column: int) -> None:
    expected = TABLE[x][column]
    digits = len(str(expected).lstrip("0.-").replace(".", "")) or 6
    for found in (of_logit(COLUMNS[column], x), of_logit(COLUMNS[column], -x, 0)):
        assert found == pytest.approx(expected, rel=1.01 * 10 ** (1 - digits), abs=1e-9)


@pytest.mark.parametrize(
    ("target", "probability", "factor"),
    [(1, 0.61, 0), (1, 0.59, 1), (0, 0.39, 0), (0, 0.41, 1), (1, 0.6, 0.5)],
)
def test_factors_of_the_article(target: int, probability: float, factor: float) -> None:
    x = math.log(probability / (1 - probability))
    expected = -factor * math.log(probability if target else 1 - probability)
    assert of_logit(HardTruncated(threshold=0.6), x, target) == pytest.approx(expected, rel=1e-5)


def test_a_threshold_of_1_is_cross_entropy_and_no_gradient_flows_through_the_factor() -> None:
    for x_i, target_i in zip((-50.0, -1.0, 0.3, 0.5, 4.0, 50.0), (1, 1, 1, 0, 1, 0), strict=True):
        expected = of_logit(CrossEntropy(), x_i, target_i)
        assert of_logit(HardTruncated(threshold=1), x_i, target_i) == pytest.approx(
            expected, rel=3e-7, abs=1e-7
        )
    logit = tf.Variable([0.3, 0.5])
    with tf.GradientTape() as tape:
        found = HardTruncated()({**two_classes([0.0, 0.0], np.array([1, 1])), "logits": pair(logit)}, 0)
        total = found["loss"].sum
    p = 1 / (1 + math.exp(-0.3))
    np.testing.assert_allclose(tape.gradient(total, logit), [p - 1, 0], rtol=1e-5)


def pair(x: tf.Variable) -> tf.Tensor:
    return tf.stack([tf.zeros_like(x), x], -1)


@pytest.mark.parametrize("loss", BINARY, ids=[repr(loss) for loss in BINARY])
@pytest.mark.parametrize("target", [0, 1])
def test_value_and_gradient_at_large_logits(loss: Loss, target: int) -> None:
    for x in (-50.0, 50.0):
        logit = tf.constant([x])
        with tf.GradientTape() as tape:
            tape.watch(logit)
            values = two_classes([x], np.array([target]))
            found = loss({**values, "logit": logit, "logits": pair(logit)}, 0)["loss"].sum
        slope = float(tape.gradient(found, logit)[0])
        smoothing = getattr(loss, "label_smoothing", 0.0) / 2
        right = (x > 0) == (target == 1)
        sign = 1 if target else -1
        expected = smoothing * 50 if right else (1 - smoothing) * 50
        assert float(found) == pytest.approx(expected, abs=1e-5)
        assert slope == pytest.approx(sign * (smoothing if right else smoothing - 1), abs=1e-5)


@given(st.integers(2, 6), st.sampled_from([0.1, 1.0, 5.0]), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_more_classes_by_hand(classes: int, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, target = rng.normal(size=(3, 4, classes)) * scale, rng.integers(0, classes, (3, 4))
    mask = rng.random((3, 4)) < 0.7
    values = {"logits": logits.astype(np.float32), "target": target, "mask": mask}

    def softmax(x: np.ndarray) -> np.ndarray:
        powers = np.exp(x - x.max(-1, keepdims=True))
        return np.take_along_axis(powers / powers.sum(-1, keepdims=True), target[..., None], -1)[..., 0]

    p = softmax(logits)
    factors = {
        SoftTruncated(sharpness=1.5): softmax(-1.5 * logits),
        Focal(gamma=0.5): (1 - p) ** 0.5,
        HardTruncated(threshold=0.4): p < 0.4,
    }
    for loss, factor in factors.items():
        total, weight, _ = loss(values, 0)["loss"]
        assert float(total) == pytest.approx((factor * -np.log(p))[mask].sum(), rel=1e-4, abs=1e-5)
        assert weight == mask.sum()


@given(st.floats(0, 0.9), st.floats(0, 4), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_two_classes_are_those_of_keras(label_smoothing: float, gamma: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, target = rng.normal(size=7).astype(np.float32) * 3, rng.integers(0, 2, 7)
    for loss, oracle in (
        (
            BinaryCrossEntropy(label_smoothing=label_smoothing),
            keras.losses.BinaryCrossentropy(True, label_smoothing, reduction=None),
        ),
        (
            Focal(gamma=gamma),
            keras.losses.BinaryFocalCrossentropy(gamma=gamma, from_logits=True, reduction=None),
        ),
    ):
        expected = np.asarray(oracle(target[:, None].astype(np.float32), x[:, None])).sum()
        assert float(loss(two_classes(x, target), 0)["loss"].sum) == pytest.approx(
            expected, rel=1e-4, abs=1e-5
        )
