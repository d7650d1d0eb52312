"""The gated feature."""

from __future__ import annotations

import numpy as np

from nlpx.layers.gated_feature import GatedFeature

POINTS = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)


def test_the_gate_multiplies() -> None:
    layer = GatedFeature(4)
    layer.build((None, 3))
    w, b, v, c = (weight.numpy() for weight in layer.weights)
    expected = (POINTS @ w + b) / (1 + np.exp(-(POINTS @ v + c)))
    np.testing.assert_allclose(layer(POINTS).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert layer.count_params() == 2 * (3 * 4 + 4)
