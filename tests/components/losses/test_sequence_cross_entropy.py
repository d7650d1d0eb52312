"""Cross entropy of written texts, by its definition."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.sequence_cross_entropy import SequenceCrossEntropy

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
    values = {"token_nll": nll, "token_logits": logits, "mask": MASK}
    total, count, _ = SequenceCrossEntropy(label_smoothing=smoothing)(values, 0)["loss"]
    assert float(total) == pytest.approx(expected, rel=1e-5)
    assert float(count) == 3


def test_empty_rows_count_for_nothing_whatever_stands_there() -> None:
    infinite = tf.fill((2, 2), np.inf)
    values = {"token_nll": infinite, "token_logits": tf.zeros((2, 2, 4)), "overlap": infinite}
    loss = SequenceCrossEntropy(label_smoothing=0.1, coverage=0.5)
    for term in loss({**values, "mask": tf.zeros((2, 2), tf.bool)}, 0).values():
        assert float(term.sum) == float(term.weight) == 0


def test_coverage_is_a_term_of_its_own() -> None:
    overlap = np.arange(9, dtype=np.float32).reshape(3, 3)
    values = {"token_nll": overlap + 1, "token_logits": tf.zeros((3, 3, 4)), "overlap": overlap, "mask": MASK}
    plain, covered = (SequenceCrossEntropy(coverage=weight)(values, 0) for weight in (None, 0.5))
    assert plain["loss"] == covered["cross_entropy"]
    assert [float(value) for value in covered["coverage"]] == [0 + 1 + 3, 3, 0.5]
