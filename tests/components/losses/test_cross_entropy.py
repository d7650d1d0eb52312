"""Cross entropy against Keras's, which wants one-hot targets, and against the article."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.losses.cross_entropy import CrossEntropy


@given(st.floats(0, 0.9), st.sampled_from([0.1, 1.0, 100.0]), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_equals_keras_on_real_positions(label_smoothing: float, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(3, 4, 5)) * scale).astype(np.float32)
    targets, mask = rng.integers(0, 5, (3, 4)), rng.random((3, 4)) < 0.7
    values = {"logits": logits, "target": targets, "mask": mask}
    total, weight, _ = CrossEntropy(label_smoothing=label_smoothing)(values, 0)["loss"]
    oracle = keras.losses.CategoricalCrossentropy(True, label_smoothing, reduction="none")
    expected = np.asarray(oracle(np.eye(5)[targets], logits))[mask].sum()
    assert float(total) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert weight == mask.sum()


def test_f7_value_of_the_article() -> None:
    logits = np.log([[[0.7, 0.2, 0.1]]]).astype(np.float32)
    values = {"logits": logits, "target": np.array([[0]]), "mask": np.array([[True]])}
    assert float(CrossEntropy(label_smoothing=0.1)(values, 0)["loss"].sum) == pytest.approx(
        0.463297, abs=1e-6
    )
