"""Layer normalization as a block."""

from __future__ import annotations

import numpy as np

from nlpx.components.encoders.layer_norm import LayerNorm
from nlpx.core.build import build


def test_the_formula() -> None:
    layer = build(LayerNorm(epsilon=0.5))
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    mask = np.array([[True, True, False], [True, True, True]])
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 0.5)
    np.testing.assert_allclose(layer(x, mask=mask), expected * mask[..., None], atol=1e-6)
