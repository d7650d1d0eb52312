"""The margin loss of capsules, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from nlpx.components.losses.capsule_margin import CapsuleMargin

LENGTHS = np.array([[0.95, 0.05, 0.3], [0.5, 0.1, 1.0], [0.2, 0.2, 0.2]], np.float32)
TARGETS = np.array([0, 2, 1])


@pytest.mark.parametrize("others", [0.25, 0.5])
def test_by_hand(others: float) -> None:
    mask = np.array([True, True, False])
    values = {"capsule_length": LENGTHS, "target": TARGETS, "mask": mask}
    total, count, _ = CapsuleMargin(others=others)(values, 0)["loss"]
    assert float(total) == pytest.approx(others * 0.2**2 + others * 0.4**2, rel=1e-5)
    assert float(count) == 2


def test_gradients_vanish_within_the_margins() -> None:
    lengths = tf.constant(LENGTHS)
    with tf.GradientTape() as tape:
        tape.watch(lengths)
        values = {"capsule_length": lengths, "target": TARGETS, "mask": np.ones(3, bool)}
        total = CapsuleMargin()(values, 0)["loss"].sum
    expected = [[0, 0, 0.2], [0.4, 0, 0], [0.1, -1.4, 0.1]]
    np.testing.assert_allclose(tape.gradient(total, lengths), expected, atol=1e-6)


def test_margins_must_not_cross() -> None:
    with pytest.raises(ValidationError, match="negative is less than positive"):
        CapsuleMargin(positive=0.1, negative=0.1)
