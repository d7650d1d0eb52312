"""Cross entropy of written texts, by its definition."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nlpx.losses.sequence_cross_entropy import SequenceCrossEntropy

MASK = np.array([[True, True, False], [True, False, False], [False] * 3])


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_equals_the_smoothed_target(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, 3, 5)).astype(np.float32)
    targets = rng.integers(0, 5, (3, 3))
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    q = (1 - smoothing) * np.eye(5)[targets] + smoothing / 5
    expected = -(q * log_probs).sum(-1)[MASK].sum()
    nll = -np.take_along_axis(log_probs, targets[..., None], -1)[..., 0]
    total, count = SequenceCrossEntropy(smoothing)(tf.constant(nll), tf.constant(logits), tf.constant(MASK))
    assert total.numpy() == pytest.approx(expected, rel=1e-5)
    assert count.numpy() == 3


def test_empty_rows_count_for_nothing_whatever_stands_there() -> None:
    nll, logits = tf.fill((2, 2), np.inf), tf.zeros((2, 2, 4))
    total, count = SequenceCrossEntropy(0.1)(nll, logits, tf.zeros((2, 2), tf.bool))
    assert (total.numpy(), count.numpy()) == (0, 0)
