"""Cross entropy against Keras's, which wants one-hot targets, and against the article."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.heads.softmax_layer import SoftmaxHead
from nlpx.losses.cross_entropy import CrossEntropy


@given(st.floats(0, 0.9), st.sampled_from([0.1, 1.0, 100.0]), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_equals_keras_on_real_positions(label_smoothing: float, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(3, 4, 5)) * scale).astype(np.float32)
    targets, mask = rng.integers(0, 5, (3, 4)), rng.random((3, 4)) < 0.7
    total, weight = CrossEntropy(label_smoothing)(SoftmaxHead(5), logits, targets, mask)
    oracle = keras.losses.CategoricalCrossentropy(True, label_smoothing, reduction="none")
    expected = np.asarray(oracle(np.eye(5)[targets], logits))[mask].sum()
    assert total.dtype == weight.dtype == tf.float32
    assert float(total) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert weight == mask.sum()


def test_value_of_the_article() -> None:
    logits = np.log([[[0.7, 0.2, 0.1]]]).astype(np.float32)
    total, _ = CrossEntropy(0.1)(SoftmaxHead(3), logits, np.array([[0]]), np.array([[True]]))
    assert float(total) == pytest.approx(0.463297, abs=1e-6)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_a_batch_of_empty_rows(label_smoothing: float) -> None:
    logits = tf.constant(np.full((2, 3, 4), 1e4), tf.float32)
    loss = CrossEntropy(label_smoothing)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total, weight = loss(SoftmaxHead(4), logits, np.zeros((2, 3), int), np.zeros((2, 3), bool))
    assert total == weight == 0
    assert not tape.gradient(total, logits).numpy().any()
