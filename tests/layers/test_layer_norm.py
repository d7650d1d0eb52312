"""Layer normalization as a block."""

from __future__ import annotations

import numpy as np

from nlpx.layers.layer_norm import LayerNormBlock
from tests.layers.harness import check_layer


def test_invariants() -> None:
    check_layer(LayerNormBlock, 5)


def test_the_formula() -> None:
    layer = LayerNormBlock(epsilon=0.5)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    mask = np.array([[True, True, False], [True, True, True]])
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 0.5)
    np.testing.assert_allclose(layer(x, mask=mask), expected * mask[..., None], atol=1e-6)
