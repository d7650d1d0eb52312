"""Poolings, row by row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.poolings.attention import Attention
from nlpx.components.poolings.base import Pooling
from nlpx.components.poolings.last import Last
from nlpx.components.poolings.max import Max
from nlpx.components.poolings.mean import Mean
from nlpx.core.build import build
from nlpx.layers.taps import recording

LENGTHS = np.array([6, 4, 1, 0])
MASK = np.arange(6) < LENGTHS[:, None]


def inputs(seed: int = 0, width: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, width, 3)).astype(np.float32) - 2


@pytest.mark.parametrize(
    ("pooling", "oracle"),
    [
        (Last(), lambda row: row[-1]),
        (Mean(), lambda row: row.mean(0)),
        (Max(), lambda row: row.max(0)),
    ],
)
def test_each_row_by_itself(pooling: Pooling, oracle: Callable[[np.ndarray], np.ndarray]) -> None:
    x = inputs()
    found = build(pooling)(x, mask=MASK).numpy()
    for row, length in enumerate(LENGTHS[:3]):
        np.testing.assert_allclose(found[row], oracle(x[row, :length]), rtol=1e-6)


def test_attention_is_a_mean_with_softmax_weights() -> None:
    layer, x = build(Attention()), inputs()
    with recording() as taps:
        found = layer(x, mask=MASK).numpy()
    w, b = (np.asarray(value) for value in (layer.hidden.kernel, layer.hidden.bias))
    for row, length in enumerate(LENGTHS[:3]):
        real = x[row, :length]
        scores = np.exp(np.tanh(real @ w + b) @ np.asarray(layer.score.kernel))
        weights = scores / scores.sum()
        np.testing.assert_allclose(found[row], (weights * real).sum(0), rtol=1e-5)
        np.testing.assert_allclose(taps[f"{layer.name}/weights"][row, :length], weights, rtol=1e-5)
    layer.score.kernel.assign(tf.zeros_like(layer.score.kernel))
    np.testing.assert_allclose(layer(x, mask=MASK), build(Mean())(x, mask=MASK), atol=1e-6)
